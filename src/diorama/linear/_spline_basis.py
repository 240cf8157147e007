"""Columns whose weighted sums are splines: pieces of polynomials that meet at knots.

A spline of degree p with knots t_1 < ... < t_K is any weighted sum of 1, x, ..., x^p and of (x - t_k)^p where x >= t_k,
else 0 (for p = 0, Heaviside's step). B-splines span the same curves by bumps that are zero nearly everywhere, which
keeps the digits that those powers lose [1]_. A natural spline is cubic between the least and the greatest value, and
straight outside.

.. [1] de Boor (1978). A Practical Guide to Splines, chapters 9 and 11.
"""

from typing import NamedTuple

import numpy as np
from scipy.interpolate import BSpline

from diorama._typing import Array

DEGREES = {"step": 0, "linear": 1, "cubic": 3, "natural": 3}


class Basis(NamedTuple):
    """Which columns stand for each feature."""

    kind: str  # "step", "linear", "cubic" or "natural"
    low: Array  # (n_features,) least value of each feature
    high: Array  # (n_features,) greatest value
    knots: Array  # (n_knots in all,) places inside, feature by feature, rising
    owner: Array  # (n_knots in all,) index of the feature that each knot belongs to

    def knots_of(self, feature: int) -> Array:
        """Knots of one feature, rising."""
        knots: Array = self.knots[self.owner == feature]
        return knots


def design(basis: Basis, X: Array) -> Array:
    """Columns of all features side by side, for `X` (n_samples, n_features); each feature's add up to 1 but for one."""
    columns = [columns_of(basis, j, X[:, j]) for j in range(X.shape[1])]
    return np.concatenate(columns, axis=1)


def columns_of(basis: Basis, feature: int, x: Array) -> Array:
    """Columns of one feature at the places `x`: its bumps without the last, which the intercept stands for."""
    low, high = basis.low[feature], basis.high[feature]
    if low == high:
        return np.empty((len(x), 0))
    unit = (np.asarray(x, dtype=np.float64) - low) / (high - low)
    return bumps(basis.kind, unit, (basis.knots_of(feature) - low) / (high - low))[:, :-1]


def bumps(kind: str, x: Array, knots: Array) -> Array:
    """Bumps on [0, 1] with `knots` between, at the places `x`, (n, n_bumps): every row adds up to 1.

    Outside of [0, 1] the end pieces go on.
    """
    degree = DEGREES[kind]
    t = np.concatenate([np.zeros(degree + 1), knots, np.ones(degree + 1)])
    if kind != "natural":
        return _b_splines(x, t, degree)
    inside = np.clip(x, 0, 1)
    columns = _b_splines(inside, t, degree)
    beyond = np.flatnonzero(x != inside)
    if len(beyond):
        slope = BSpline(t, np.eye(len(t) - 4), 3).derivative()(inside[beyond])
        columns[beyond] += (x - inside)[beyond, None] * slope
    return columns @ natural(t)


def natural(t: Array) -> Array:
    """Which weights of cubic bumps leave no curvature at either end: (n_bumps, n_bumps - 2), columns that go free.

    At an end only three bumps are curved; the outermost one's weight is set so that their sum is not.
    """
    curved = BSpline(t, np.eye(len(t) - 4), 3).derivative(2)(np.array([0.0, 1.0]))
    free = np.eye(len(t) - 4)[:, 1:-1].copy()
    free[0] = -curved[0, 1:-1] / curved[0, 0]
    free[-1] = -curved[1, 1:-1] / curved[1, -1]
    return free


def _b_splines(x: Array, t: Array, degree: int) -> Array:
    columns: Array = BSpline.design_matrix(x, t, degree, extrapolate=True).toarray()
    return columns
