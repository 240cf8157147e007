"""How far the cost of a descent lies above its least value, at most: told from its slope and curvature at one place.

A quadratic cost with curvature H and slope g lies g . H^-1 g / 2 above its least value. A logistic cost is not
quadratic, but its curvature changes no faster than in proportion to itself: along a step that moves no row's sum (of
several classes, no difference of two sums) by more than t, it falls to e^(-t) of what it was at the least. A step v
moves a row's sum by |v|_H |x|_(H^-1) at most. With s the largest |x|_(H^-1) and m = |g|_(H^-1), the cost then lies at
most

    ((1 - s m) log(1 - s m) + s m) / s^2

above its least value, as long as s m < 1 [1]_. Nearer to the bottom that becomes m^2 / 2, as for a quadratic. Costs are
never below zero: where nothing better is known, the cost itself is the bound.

.. [1] Bach (2010). Self-concordant analysis for logistic regression. Electronic Journal of Statistics 4.
"""

import math
from itertools import combinations
from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cholesky, eigh, solve_triangular

from diorama._parallel import blocks
from diorama._typing import Array
from diorama.linear._rows import filled

# up to so many weights the curvature is worth its table
_MOST = 500
# multiplications that the lengths of all rows may take, and rows that are filled in at a time
_WORK, _ROWS = 2e9, 4096


def quadratic_excess(cost: float, gradient: Array, hessian: Array) -> float:
    """For a quadratic cost with this slope (p,) and curvature (p, p)."""
    curvature, axes = eigh(hessian.astype(float))
    floor = len(curvature) * np.finfo(float).eps * float(curvature[-1])
    if not (floor > 0 and np.isfinite(gradient).all()):
        return cost
    along = axes.T @ gradient.astype(float)
    return min(cost, 0.5 * float((along**2 / np.maximum(curvature, floor)).sum()))


def logistic_excess(cost: float, gradient: Array, hessian: Array, rows: Any) -> float:
    """For a mean cross-entropy over `rows` (n, p), its slope (n_outputs, p) and its curvature (n_outputs p, ...)."""
    n_outputs, p = gradient.shape
    pairs = list(combinations(range(n_outputs), 2))
    if not np.isfinite(gradient).all() or rows.shape[0] * p**2 * max(1, len(pairs)) > _WORK:
        return cost
    matrix = hessian.astype(float)
    if n_outputs > 1:
        # adding the same to all sums changes nothing: those directions get a curvature of their own
        matrix += np.kron(np.full((n_outputs, n_outputs), 1 / n_outputs), np.trace(matrix) / len(matrix) * np.eye(p))
    try:
        triangle = cholesky(matrix, lower=True)
    except LinAlgError:
        return cost
    towards = solve_triangular(triangle, np.eye(len(matrix)), lower=True)
    size = float(np.linalg.norm(towards @ gradient.ravel().astype(float)))
    # (n_outputs, n_outputs p, p): what each output's sum has to do with the lengths
    parts = np.stack(np.split(towards, n_outputs, axis=1))
    ways = [parts[k] - parts[other] for k, other in pairs] or [parts[0]]
    longest = math.sqrt(max(_largest_length(way, rows) for way in ways))
    return min(cost, _above(size, longest))


def worth(n_rows: int, n_weights: int) -> bool:
    """Whether a bound better than the cost is within reach, and its table of curvatures small enough."""
    return n_weights <= min(n_rows, _MOST)


def _largest_length(way: Array, rows: Any) -> float:
    """The largest squared length of way @ x over the rows x."""
    product = way.T @ way
    largest = 0.0
    for first, last in blocks(rows.shape[0], _ROWS):
        some = filled(rows[first:last]).astype(float)
        largest = max(largest, float(np.einsum("ij,ij->i", some @ product, some).max()))
    return largest


def _above(size: float, longest: float) -> float:
    reach = size * longest
    if not reach < 1:
        return math.inf
    # for small numbers the sum is all rounding, and its series begins like this
    if reach < 1e-4:
        return size**2 / 2 * (1 + reach)
    return ((1 - reach) * math.log1p(-reach) + reach) / longest**2
