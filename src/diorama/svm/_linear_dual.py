"""Dual coordinate descent for the linear support vector machine: one row after the other pushes as hard as it should.

Minimises 1/2 ||sum_i a_i s_i x_i||^2 + 1/2 sum_i D_i a_i^2 - sum_i a_i
over 0 <= a_i <= U_i, a row at a time, exactly [1]_.
Rows that stay at a bound are left out until the others have settled (shrinking).

.. [1] Hsieh, Chang, Lin, Keerthi, Sundararajan (2008). A dual coordinate descent method for
   large-scale linear SVM. ICML.
"""

import numpy as np
import scipy.sparse as sp

from diorama._kernel import kernel
from diorama._typing import Array
from diorama.svm._linear_problem import Problem, State

# how far the rows' slopes may differ before all rows are looked at again; a tenth each time after
_LEVEL = 1.0


def dual_start(problem: Problem, n_features: int) -> State:
    """No row pushes yet."""
    n = len(problem.sign)
    weights, alpha = np.zeros(n_features + 1), np.zeros(n)
    primal = problem.primal(weights, np.zeros(n))
    return State(weights, alpha, primal, primal, (np.arange(n), np.array([np.inf, -np.inf]), _LEVEL))


def dual_step(problem: Problem, square: Array, random: np.random.Generator, state: State) -> State:
    """One sweep over the rows that are still in question; `square` is each row's curvature."""
    active, bounds, level = state.memory
    order, bounds = random.permutation(active), bounds.copy()  #: shuffle
    alpha, weights = state.alpha.copy(), state.weights.copy()
    kept = _sweep(problem, square, order, alpha, weights, bounds)  #: sweep
    gap = problem.primal(weights, problem.margins(weights)) - problem.dual(weights, alpha)  #: gap
    return State(
        weights, alpha, gap + problem.dual(weights, alpha), gap, _next(order[:kept], bounds, level, len(alpha))
    )


def curvature(problem: Problem) -> Array:
    """(n_samples,) second derivative of the dual along each row."""
    X = problem.X
    square = X.multiply(X).sum(axis=1) if sp.issparse(X) else np.einsum("ij,ij->i", X, X)
    total: Array = np.asarray(square).ravel() + problem.constant**2 + problem.softness()
    return np.maximum(total, np.finfo(float).tiny)


def _next(active: Array, bounds: Array, level: float, n: int) -> tuple[Array, Array, float]:
    """The rows of the next sweep, the slopes beyond which a row at its bound is left out, and when all come back."""
    high, low = bounds
    if high - low <= level:
        return np.arange(n), np.array([np.inf, -np.inf]), level / 10 if len(active) == n else level
    return active, np.array([high if high > 0 else np.inf, low if low < 0 else -np.inf]), level


def _sweep(problem: Problem, square: Array, order: Array, alpha: Array, weights: Array, bounds: Array) -> int:
    X, rest = problem.X, (problem.sign, problem.upper(), problem.softness(), square)
    if sp.issparse(X):
        place = (X.indptr.astype(np.int64), X.indices.astype(np.int64))
        return int(sweep_sparse((X.data, *place), rest, order, alpha, weights, bounds, problem.constant))
    return int(sweep_dense(X, rest, order, alpha, weights, bounds, problem.constant))


@kernel
def sweep_dense(
    X: Array,
    rows: tuple[Array, Array, Array, Array],
    order: Array,
    alpha: Array,
    weights: Array,
    bounds: Array,
    constant: float,
) -> int:
    """Minimise along each row of `order`; those still in question come to its front, and their number is returned.

    `rows` are sign, upper bound, softness and curvature of all rows; `bounds` holds the slopes beyond which a row at
    its bound is left out, and then the largest and the least slope seen.
    """
    sign, upper, softness, square = rows
    high, low = bounds[0], bounds[1]
    bounds[0], bounds[1] = -np.inf, np.inf
    n_features, kept = X.shape[1], 0
    for k in range(len(order)):
        i = order[k]
        total = constant * weights[n_features]
        for j in range(n_features):
            total += X[i, j] * weights[j]
        slope = sign[i] * total - 1.0 + softness[i] * alpha[i]
        felt = slope
        if alpha[i] <= 0.0:
            if slope > high:
                continue
            felt = min(slope, 0.0)
        elif alpha[i] >= upper[i]:
            if slope < low:
                continue
            felt = max(slope, 0.0)
        order[kept] = i
        kept += 1
        bounds[0], bounds[1] = max(bounds[0], felt), min(bounds[1], felt)
        if felt != 0.0:
            before = alpha[i]
            alpha[i] = min(max(before - slope / square[i], 0.0), upper[i])
            change = (alpha[i] - before) * sign[i]
            for j in range(n_features):
                weights[j] += change * X[i, j]
            weights[n_features] += change * constant
    return kept


@kernel
def sweep_sparse(
    X: tuple[Array, Array, Array],
    rows: tuple[Array, Array, Array, Array],
    order: Array,
    alpha: Array,
    weights: Array,
    bounds: Array,
    constant: float,
) -> int:
    """The same for rows of which only the entries that are not zero are kept: `X` is (entries, row starts, columns)."""
    entries, starts, columns = X
    sign, upper, softness, square = rows
    high, low = bounds[0], bounds[1]
    bounds[0], bounds[1] = -np.inf, np.inf
    last, kept = len(weights) - 1, 0
    for k in range(len(order)):
        i = order[k]
        total = constant * weights[last]
        for place in range(starts[i], starts[i + 1]):
            total += entries[place] * weights[columns[place]]
        slope = sign[i] * total - 1.0 + softness[i] * alpha[i]
        felt = slope
        if alpha[i] <= 0.0:
            if slope > high:
                continue
            felt = min(slope, 0.0)
        elif alpha[i] >= upper[i]:
            if slope < low:
                continue
            felt = max(slope, 0.0)
        order[kept] = i
        kept += 1
        bounds[0], bounds[1] = max(bounds[0], felt), min(bounds[1], felt)
        if felt != 0.0:
            before = alpha[i]
            alpha[i] = min(max(before - slope / square[i], 0.0), upper[i])
            change = (alpha[i] - before) * sign[i]
            for place in range(starts[i], starts[i + 1]):
                weights[columns[place]] += change * entries[place]
            weights[last] += change * constant
    return kept
