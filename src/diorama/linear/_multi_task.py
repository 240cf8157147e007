"""Several targets that share their columns: coordinate descent in which a column is used for all of them or for none.

Minimises, for columns as they are,

    1/2 ||Y - X W||^2 + l1 sum_j ||w_j|| + l2 / 2 ||W||^2,

w_j being the weights of column j, one for each target. The soft threshold acts on the length of w_j [1]_. As with one
target only the columns that pull hardest take part on wide tables, and a duality gap says when to stop.

.. [1] Yuan, Lin (2006). Model selection and estimation in regression with grouped variables. Journal of the Royal
   Statistical Society B 68(1).
"""

from typing import NamedTuple

import numpy as np

from diorama._kernel import kernel
from diorama._typing import Array
from diorama.linear._tables import Table, TallTable

# sweeps between two looks at the gap
_SWEEPS = 5
# the first working set on wide tables, at least
_FIRST = 100


class Shared(NamedTuple):
    """Where the descent ended."""

    coef: Array  # (n_targets, n_features)
    sweeps: int  # passes over the columns that took part
    gap: float  # at most so far above the least value of the objective, both divided by the number of rows


def shared(table: Table, coef: Array, alpha: float, l1_ratio: float, tol: float, max_sweeps: int) -> Shared:
    """From `coef` (n_targets, n_features) until the gap is at most `tol` or the sweeps are used up."""
    l1, l2 = alpha * l1_ratio * table.total, alpha * (1 - l1_ratio) * table.total
    coef = np.where(table.curvature > 0, coef, 0.0)
    columns, sweeps = np.flatnonzero(coef.any(axis=0)), 0
    while True:
        slope = np.stack([table.slope(target, weights) for target, weights in enumerate(coef)])
        gap = _gap(table, coef, slope, table.cross.T, l1, l2)
        if gap <= tol or sweeps >= max_sweeps:
            return Shared(coef, sweeps, gap)
        columns = _working(table, coef, slope, columns, l1, l2)
        enough = tol if len(columns) == coef.shape[1] else max(0.3 * tol, 0.01 * gap)
        coef, sweeps = _descended(table, coef, columns, l1, l2, enough, sweeps, max_sweeps)


def _descended(
    table: Table, coef: Array, columns: Array, l1: float, l2: float, enough: float, sweeps: int, max_sweeps: int
) -> tuple[Array, int]:
    """The weights of the working set, solved about as well as is wanted of all, and the passes up to here."""
    part, cross = table.part(columns), table.cross[columns].T
    some = coef[:, columns].copy()
    left = np.stack([part.left(target, weights) for target, weights in enumerate(some)])
    go = sweep_groups if isinstance(table, TallTable) else sweep_group_rows
    while sweeps < max_sweeps:
        turns = min(_SWEEPS, max_sweeps - sweeps)
        go(part.rows, table.curvature[columns], left, some, l1, l2, turns)
        sweeps += turns
        pulls = np.stack([part.pull(each) for each in left])
        if _gap(table, some, pulls, cross, l1, l2) <= enough:
            break
    everywhere = np.zeros_like(coef)
    everywhere[:, columns] = some
    return everywhere, sweeps


def _working(table: Table, coef: Array, slope: Array, columns: Array, l1: float, l2: float) -> Array:
    """All columns of a tall table; of a wide one those in use, then as many again that pull hardest from outside."""
    n_features = coef.shape[1]
    if isinstance(table, TallTable) or n_features <= _FIRST:
        return np.arange(n_features)
    pull = np.linalg.norm(slope - l2 * coef, axis=0)
    pull[columns] = -np.inf
    outside = np.flatnonzero(pull > l1)
    room = max(_FIRST, 2 * int(coef.any(axis=0).sum())) - len(columns)
    joining = outside[np.argsort(-pull[outside], kind="stable")[: max(room, _FIRST // 2)]]
    return np.concatenate([columns, np.sort(joining)])


def _gap(table: Table, coef: Array, slope: Array, cross: Array, l1: float, l2: float) -> float:
    """How far the objective is from its least value at most, over the number of rows; rows of all are the targets."""
    with_y = float(table.square.sum()) - float(np.vdot(cross, coef))
    squares = float(np.vdot(coef, coef))
    augmented = max(with_y - float(np.vdot(slope, coef)), 0.0) + l2 * squares
    pull = slope - l2 * coef
    if l1 == 0:
        return 0.5 * float(np.vdot(pull, pull)) / l2 / table.total if l2 > 0 else np.inf
    cost = 0.5 * augmented + l1 * float(np.linalg.norm(coef, axis=0).sum())
    hardest = float(np.linalg.norm(pull, axis=0).max(initial=0.0))
    # the residual, shrunk until no column pulls harder than l1, is a point of the dual problem
    shrink = min(1.0, l1 / hardest) if hardest > 0 else 1.0
    return max(cost - shrink * with_y + 0.5 * shrink**2 * augmented, 0.0) / table.total


@kernel
def sweep_groups(gram: Array, curvature: Array, slope: Array, coef: Array, l1: float, l2: float, turns: int) -> None:
    """Send each column's weights in turn to their best values, by products of columns; writes `slope` and `coef`.

    Both are (n_targets, n_features).
    """
    n_targets, n_features = coef.shape
    for _ in range(turns):
        for j in range(n_features):
            if curvature[j] > 0.0:
                square = 0.0
                for t in range(n_targets):
                    square += (slope[t, j] + curvature[j] * coef[t, j]) ** 2
                share = max(1.0 - l1 / np.sqrt(square), 0.0) / (curvature[j] + l2) if square > 0.0 else 0.0
                for t in range(n_targets):
                    value = share * (slope[t, j] + curvature[j] * coef[t, j])
                    change = value - coef[t, j]
                    if change != 0.0:
                        coef[t, j] = value
                        for i in range(n_features):
                            slope[t, i] -= change * gram[j, i]


@kernel
def sweep_group_rows(rows: Array, curvature: Array, left: Array, coef: Array, l1: float, l2: float, turns: int) -> None:
    """The same by the columns themselves, each a row of `rows`; writes `left` (n_targets, n_samples) and `coef`."""
    n_targets, n_features = coef.shape
    pulls = np.empty(n_targets)
    for _ in range(turns):
        for j in range(n_features):
            if curvature[j] > 0.0:
                square = 0.0
                for t in range(n_targets):
                    pull = curvature[j] * coef[t, j]
                    for i in range(left.shape[1]):
                        pull += rows[j, i] * left[t, i]
                    pulls[t] = pull
                    square += pull * pull
                share = max(1.0 - l1 / np.sqrt(square), 0.0) / (curvature[j] + l2) if square > 0.0 else 0.0
                for t in range(n_targets):
                    change = share * pulls[t] - coef[t, j]
                    if change != 0.0:
                        coef[t, j] += change
                        for i in range(left.shape[1]):
                            left[t, i] -= change * rows[j, i]
