"""Distances of the Minkowski family, added up feature by feature in their order: the same bits wherever they are taken.

The distance of order p is (sum_j |x_j - y_j|^p)^(1/p): 1 is Manhattan, 2 Euclid, infinity Chebyshev. Searches compare
the reduced distance, which is the sum before the root (the largest gap for infinity): it has the same order and costs
no root.
"""

import math
from typing import Any

import numpy as np

from diorama._kernel import exact_kernel, exact_kernel_step
from diorama._typing import Array

ROW = 64  # elementary operations that a pair of rows costs at least, when work is estimated


@exact_kernel_step
def added(total: float, gap: float, p: float) -> float:
    """A reduced distance with one more feature's gap, which is not negative."""
    if p == 2.0:
        return total + gap * gap
    if p == 1.0:
        return total + gap
    if p == math.inf:
        return total if total > gap else gap
    power: float = gap**p
    return total + power


@exact_kernel_step
def reduced_distance(X: Array, i: int, Y: Array, k: int, p: float) -> float:
    """The reduced distance of order `p` between row `i` of X and row `k` of Y, both (any, n_features)."""
    # rows by number: cutting a row out of a table costs more than its few features
    total = 0.0
    if p == 2.0:
        for j in range(X.shape[1]):
            gap = X[i, j] - Y[k, j]
            total += gap * gap
    else:
        for j in range(X.shape[1]):
            total = added(total, abs(X[i, j] - Y[k, j]), p)
    return total


@exact_kernel_step
def measure_columns(X: Array, i: int, columns: Array, start: int, stop: int, p: float, measured: Array) -> None:
    """The reduced distances from row `i` of X to columns `start` to `stop` of `columns` (n_features, n).

    They are added up like any other, several at a time; `measured` has room for them all.
    """
    # without a sign: only then the compiler knows that no number is negative, and makes vectors of the loops
    first, count = np.uint64(start), np.uint64(stop - start)
    for k in range(count):
        measured[k] = 0.0
    for j in range(len(columns)):
        x = X[i, j]
        if p == 2.0:
            for k in range(count):
                gap = columns[j, first + k] - x
                measured[k] += gap * gap
        else:
            for k in range(count):
                measured[k] = added(measured[k], abs(columns[j, first + k] - x), p)


def distances(reduced: Any, p: float) -> Array:
    """Distances of order `p` from reduced ones."""
    values = np.asarray(reduced, dtype=float)
    if p == 2:
        return np.asarray(np.sqrt(values))
    return values if p in (1, math.inf) else np.asarray(values ** (1.0 / p))


def reduced_radius(radius: float, p: float) -> float:
    """The largest reduced distance whose root is at most `radius`: rounding puts nobody on the wrong side.

    >>> reduced_radius(3.0, 2.0) >= 9.0
    True
    """
    if p in (1, math.inf):
        return radius
    with np.errstate(over="ignore"):
        limit = float(np.float64(radius) ** p)
    if not math.isfinite(limit):
        return limit
    while limit > 0 and float(distances(limit, p)) > radius:
        limit = math.nextafter(limit, 0.0)
    while float(distances(math.nextafter(limit, math.inf), p)) <= radius:
        limit = math.nextafter(limit, math.inf)
    return limit


@exact_kernel
def measure_pairs(X: Array, at: Array, Y: Array, rows: Array, p: float, measured: Array) -> None:
    """The reduced distance between row `at[i]` of X and row `rows[i]` of Y, for each i."""
    for i in range(len(at)):
        measured[i] = reduced_distance(X, at[i], Y, rows[i], p)
