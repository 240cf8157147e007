"""How far the cost of a descent lies above its least value, at most: told from its slope and curvature at one place.

A quadratic cost with curvature H and slope g lies g . H^-1 g / 2 above its least value. A mean cross-entropy is never
less than the mean entropy of any probabilities q whose residuals q - y add up to nothing with every column [1]_. With p
the fit's own probabilities, v = H^-1 g the step to the bottom as it looks from here, and z = v x what it adds to a
row's sums,

    q_k = p_k (1 - t_k),    t_k = z_k - sum_j p_j z_j,

are such, as long as no t_k is above 1: their residuals add up to g - H v = 0. The cost is above their entropy by the
mean of sum_k p_k ((1 - t_k) log(1 - t_k) + t_k), which near the bottom is g . H^-1 g / 2, as for a quadratic.
Costs are never below zero: where nothing better is known, the cost itself is the bound.

.. [1] Boyd, Vandenberghe (2004). Convex Optimization, chapter 5.
"""

from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, eigh
from scipy.special import xlogy

from diorama._typing import Array

# up to so many weights the curvature is worth its table
_MOST = 500
# below so much the logarithm's sum is all rounding, and its series is not
_SMALL = 1e-4


def quadratic_excess(cost: float, gradient: Array, hessian: Array) -> float:
    """For a quadratic cost with this slope (p,) and curvature (p, p)."""
    curvature, axes = eigh(hessian.astype(float))
    floor = len(curvature) * np.finfo(float).eps * float(curvature[-1])
    if not (floor > 0 and np.isfinite(gradient).all()):
        return cost
    along = axes.T @ gradient.astype(float)
    return min(cost, 0.5 * float((along**2 / np.maximum(curvature, floor)).sum()))


def logistic_excess(cost: float, gradient: Array, hessian: Array, rows: Any, shares: Array, weight: Array) -> float:
    """For a mean cross-entropy over `rows` (n, p), its slope (n_outputs, p) and its curvature (n_outputs p, ...).

    The rows have the probabilities `shares` (n, n_outputs) and count as `weight` (n,) says, which adds up to 1.
    """
    n_outputs, p = gradient.shape
    if not np.isfinite(gradient).all():
        return cost
    matrix = hessian.astype(float)
    if n_outputs > 1:
        # adding the same to all sums changes nothing: those directions get a curvature of their own
        matrix += np.kron(np.full((n_outputs, n_outputs), 1 / n_outputs), np.trace(matrix) / len(matrix) * np.eye(p))
    try:
        way = cho_solve(cho_factor(matrix), gradient.ravel().astype(float)).reshape(gradient.shape)
    except LinAlgError:
        return cost
    sums = np.asarray(rows @ way.T)
    if n_outputs == 1:
        # the other class's sum is always 0
        sums, shares = np.hstack([np.zeros_like(sums), sums]), np.hstack([1 - shares, shares])
    off = sums - (shares * sums).sum(axis=1, keepdims=True)
    if not off[weight > 0].max() <= 1:
        return cost
    return min(cost, float(weight @ (shares * _bow(np.minimum(off, 1.0))).sum(axis=1)))


def worth(n_rows: int, n_weights: int) -> bool:
    """Whether a bound better than the cost is within reach, and its table of curvatures small enough."""
    return n_weights <= min(n_rows, _MOST)


def _bow(t: Array) -> Array:
    """(1 - t) log(1 - t) + t for t up to 1."""
    bow: Array = np.where(np.abs(t) < _SMALL, t**2 / 2 * (1 + t / 3), xlogy(1 - t, 1 - t) + t)
    return bow
