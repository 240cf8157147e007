"""Least squares with a penalty that has corners: coordinate by coordinate, on a working set that doubles.

Minimises, for one target and columns measured from their means,

    1/2 sum_i w_i (y_i - x_i . coef)^2 + l1 sum_j |coef_j| + l2 / 2 sum_j coef_j^2.

Each coordinate in turn goes to its best value, which the soft threshold knows [1]_. That soon finds which coefficients
are zero and the signs of the others; with those, what is left is a system of equations, and a leap towards its solution
goes as far as the signs hold (where they are many, a guess of where the passes lead does instead). On wide tables only
the columns that pull hardest take part; those that pull too hard from outside join, until the duality gap says that no
answer whatever can be better by more than the tolerance [2]_.

.. [1] Friedman, Hastie, Höfling, Tibshirani (2007). Pathwise coordinate optimization. Annals of Applied Statistics
   1(2).
.. [2] Massias, Gramfort, Salmon (2018). Celer: a fast solver for the Lasso with dual extrapolation. ICML.
.. [3] Bertrand, Massias (2021). Anderson acceleration of coordinate descent. AISTATS.
"""

from typing import NamedTuple

import numpy as np
from scipy.linalg import lapack

from diorama._kernel import kernel, kernel_step
from diorama._typing import Array
from diorama.linear._tables import Part, Table, TallTable, WideTable

# sweeps between two guesses
_SWEEPS = 5
# with more coefficients than this that are not zero, a system of equations costs more than many sweeps
_LEAPS = 200
# the first working set on wide tables, at least
_FIRST = 100


class State(NamedTuple):
    """Where the descent stands."""

    coef: Array  # (n_features,)
    columns: Array  # (n_working,) indices of the columns that take part next
    sweeps: int  # passes over the working set so far
    cost: float  # the objective, divided by the total weight
    gap: float  # at most so far above its least value, divided likewise


class Penalized(NamedTuple):
    """One target's problem."""

    table: Table
    target: int
    l1: float
    l2: float
    positive: bool

    @property
    def cross(self) -> Array:
        """(n_features,) products of the columns and the target."""
        products: Array = self.table.cross[:, self.target]
        return products

    @property
    def square(self) -> float:
        """Sum of the squared target."""
        return float(self.table.square[self.target])


def penalized(table: Table, target: int, alpha: float, l1_ratio: float, positive: bool) -> Penalized:
    """The problem of one `target`: alpha times the total weight, shared between both penalties."""
    strength = alpha * table.total
    return Penalized(table, target, strength * l1_ratio, strength * (1 - l1_ratio), positive)


def begin(problem: Penalized, coef: Array) -> State:
    """The state at `coef` (n_features,), with its first working set."""
    coef = np.where(problem.table.curvature > 0, coef, 0.0)
    return _looked_at(problem, coef, np.flatnonzero(coef), 0)


def step(problem: Penalized, tol: float, max_sweeps: int, state: State) -> State:
    """Solve on the working set about as well as the whole is to be solved, then see which columns must join."""
    columns, sweeps = state.columns, state.sweeps
    part, cross = problem.table.part(columns), problem.cross[columns]
    coef = state.coef[columns]
    left = part.left(problem.target, coef)
    whole = len(columns) == len(state.coef)
    # what the working set leaves out is worth no more digits than this
    enough = tol if whole else max(0.3 * tol, 0.01 * state.gap)
    while sweeps < max_sweeps:
        coefs, lefts = swept(problem, part, columns, coef, left, min(_SWEEPS, max_sweeps - sweeps))  #: sweep
        sweeps += len(coefs) - 1
        if np.count_nonzero(coefs[-1]) <= _LEAPS:
            coef, left = leap(problem, part, coefs[-1], lefts[-1])  #: leap
        else:
            coef, left = guess(problem, part, cross, coefs, lefts)  #: guess
        if bounds(problem, coef, part.pull(left), cross)[1] <= enough:
            break
    everywhere = np.zeros_like(state.coef)
    everywhere[columns] = coef
    return _looked_at(problem, everywhere, columns, sweeps)  #: gap


def swept(
    problem: Penalized, part: Part, columns: Array, coef: Array, left: Array, n_sweeps: int
) -> tuple[list[Array], list[Array]]:
    """Coefficients, and what they leave, before and after each of a few passes over the coordinates."""
    go = sweep if isinstance(problem.table, TallTable) else sweep_rows
    curvature = problem.table.curvature[columns]
    coefs, lefts = [coef], [left]
    for _ in range(n_sweeps):
        coef, left = coef.copy(), left.copy()
        go(part.rows, curvature, left, coef, problem.l1, problem.l2, problem.positive)
        coefs.append(coef)
        lefts.append(left)
    return coefs, lefts


def leap(problem: Penalized, part: Part, coef: Array, left: Array) -> tuple[Array, Array]:
    """Towards the best coefficients of these signs, up to where the first of them would change its sign."""
    support = np.flatnonzero(coef)
    bent = part.gram(support)
    if problem.l2 > 0:
        bent.flat[:: len(bent) + 1] += problem.l2
    there = coef[support]
    pull = part.pull(left)[support] - problem.l2 * there - problem.l1 * np.sign(there)
    _, way, failed = lapack.dposv(bent, pull, lower=1, overwrite_a=1) if len(support) else (bent, pull, 1)
    if failed or not np.isfinite(way).all():
        return coef, left
    landing = there + way
    crossed = landing * there < 0
    leapt = coef.copy()
    if crossed.any():
        # the share of the way after which each sign would change
        shares = np.where(crossed, -there, np.inf) / np.where(crossed, way, 1.0)
        landing = np.where(shares == shares.min(), 0.0, there + shares.min() * way)
    leapt[support] = landing
    return leapt, part.left(problem.target, leapt)


def guess(problem: Penalized, part: Part, cross: Array, coefs: list[Array], lefts: list[Array]) -> tuple[Array, Array]:
    """Where the passes seem to lead: the mixture of where they were in which their moves cancel best [3]_.

    It is taken when the objective is lower there.
    """
    moves = np.diff(np.array(coefs), axis=0)
    try:
        shares = np.linalg.solve(moves @ moves.T, np.ones(len(moves)))
    except np.linalg.LinAlgError:
        return coefs[-1], lefts[-1]
    if not np.isfinite(shares).all() or shares.sum() == 0:
        return coefs[-1], lefts[-1]
    shares /= shares.sum()
    coef, left = shares @ np.array(coefs[1:]), shares @ np.array(lefts[1:])
    before = bounds(problem, coefs[-1], part.pull(lefts[-1]), cross)[0]
    after = bounds(problem, coef, part.pull(left), cross)[0]
    allowed = not problem.positive or bool((coef >= 0).all())
    return (coef, left) if allowed and after < before else (coefs[-1], lefts[-1])


def descended(problem: Penalized, state: State, tol: float, max_sweeps: int) -> State:
    """The whole descent, as a piece of something larger that shows its own states."""
    while state.gap > tol and state.sweeps < max_sweeps:
        state = step(problem, tol, max_sweeps, state)
    return state


def _looked_at(problem: Penalized, coef: Array, columns: Array, sweeps: int) -> State:
    slope = problem.table.slope(problem.target, coef)
    cost, gap = bounds(problem, coef, slope, problem.cross)
    return State(coef, working_set(problem, coef, slope, columns), sweeps, cost, gap)


def working_set(problem: Penalized, coef: Array, slope: Array, columns: Array) -> Array:
    """All columns of a tall table; of a wide one those in use, then as many again that pull hardest from outside."""
    if not isinstance(problem.table, WideTable) or len(coef) <= _FIRST:
        return np.arange(len(coef))
    pull = slope - problem.l2 * coef
    pull = pull if problem.positive else np.abs(pull)
    pull[columns] = -np.inf
    outside = np.flatnonzero(pull > problem.l1)
    room = max(_FIRST, 2 * int((coef != 0).sum())) - len(columns)
    joining = outside[np.argsort(-pull[outside], kind="stable")[: max(room, _FIRST // 2)]]
    return np.concatenate([columns, np.sort(joining)])


def bounds(problem: Penalized, coef: Array, slope: Array, cross: Array) -> tuple[float, float]:
    """The objective at `coef` and how far it is from its least value at most, both divided by the total weight.

    With an L1 penalty the residual, shrunk until no column pulls harder than it, is a point of the dual problem.
    Without, the L2 penalty bends the objective by at least l2 everywhere.
    """
    l1, l2, total = problem.l1, problem.l2, problem.table.total
    with_y = problem.square - float(cross @ coef)
    augmented = max(with_y - float(slope @ coef), 0.0) + l2 * float(coef @ coef)
    cost = 0.5 * augmented + l1 * float(np.abs(coef).sum())
    pull = slope - l2 * coef
    if l1 > 0:
        hardest = float(max(pull.max(initial=0.0), 0.0) if problem.positive else np.abs(pull).max(initial=0.0))
        shrink = min(1.0, l1 / hardest) if hardest > 0 else 1.0
        gap = cost - shrink * with_y + 0.5 * shrink**2 * augmented
    else:
        if problem.positive:
            pull = np.maximum(pull, -l2 * coef)
        gap = 0.5 * float(pull @ pull) / l2 if l2 > 0 else np.inf
    return cost / total, max(gap, 0.0) / total


@kernel_step
def best(pull: float, curvature: float, l1: float, l2: float, positive: bool) -> float:
    """The best value of one coordinate on which its column pulls so hard when it is 0."""
    if pull > l1:
        return (pull - l1) / (curvature + l2)
    if pull < -l1 and not positive:
        return (pull + l1) / (curvature + l2)
    return 0.0


@kernel
def sweep(gram: Array, curvature: Array, slope: Array, coef: Array, l1: float, l2: float, positive: bool) -> None:
    """Send each coordinate in turn to its best value, by the products of columns; writes `slope` and `coef`."""
    for j in range(coef.size):
        if curvature[j] > 0.0:
            value = best(slope[j] + curvature[j] * coef[j], curvature[j], l1, l2, positive)
            change = value - coef[j]
            if change != 0.0:
                coef[j] = value
                for i in range(coef.size):
                    slope[i] -= change * gram[j, i]


@kernel
def sweep_rows(rows: Array, curvature: Array, left: Array, coef: Array, l1: float, l2: float, positive: bool) -> None:
    """The same by the columns themselves, each a row of `rows`; writes the residual `left` and `coef`."""
    for j in range(coef.size):
        if curvature[j] > 0.0:
            slope = 0.0
            for i in range(left.size):
                slope += rows[j, i] * left[i]
            value = best(slope + curvature[j] * coef[j], curvature[j], l1, l2, positive)
            change = value - coef[j]
            if change != 0.0:
                coef[j] = value
                for i in range(left.size):
                    left[i] -= change * rows[j, i]
