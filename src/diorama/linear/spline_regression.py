"""Spline regression: polynomials that take turns along a feature and meet at knots, fitted by least squares.

Minimises sum_i w_i (y_i - intercept - sum_j f_j(x_ij))^2, each f_j a spline with knots of its own. Given the knots a
spline is a weighted sum of known columns, so the fit is a linear regression on those [1]_. With one knot t and straight
pieces it is y = a x + b (x - t) H(x - t) + c, H being Heaviside's step; with level pieces, a staircase.

.. [1] Hastie, Tibshirani, Friedman (2009). The Elements of Statistical Learning, 2nd edition, chapter 5.2.
"""

from collections.abc import Iterator
from numbers import Integral
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, show
from diorama._parallel import blas_threads
from diorama._quick_checks import QuickChecks, validated, validated_with_target
from diorama._typing import Array
from diorama._validation import real_array
from diorama.linear._least_squares import solve_dense
from diorama.linear._moments import moments
from diorama.linear._spline_basis import DEGREES, Basis, columns_of, design
from diorama.linear.elastic_net import checked_weight, refuse_infinite
from diorama.linear.linear_regression import cost

# directions of the columns weaker than this share of the strongest count as absent: knots with no rows between them
_ABSENT = 1e-8


class State(NamedTuple):
    """The best curve with some of the knots."""

    stage: str  # "mean", "knots" or "solution"
    basis: Basis  # which columns; without knots of any feature, one polynomial each
    coef: Array  # (n_columns,) their weights
    intercept: float
    cost: float  # weighted mean of the squared residuals


def predict(state: State, X: Array) -> Array:
    """Heights (n_samples,) of the curve over `X` (n_samples, n_features)."""
    heights: Array = design(state.basis, X) @ state.coef + state.intercept
    return heights


def fit_curve(stage: str, basis: Basis, X: Array, y: Array, weight: Array | None) -> State:
    """The curve with the least sum of squares among all that `basis` can draw."""
    columns = design(basis, X)  #: columns
    targets = y[:, None]
    with np.errstate(over="ignore", invalid="ignore"):
        m = moments(columns, targets, weight, True)
    refuse_infinite(columns, targets, m.cross, m.square)
    coef = solve_dense(columns, targets, weight, m, _ABSENT)  #: solve
    intercept = m.mean_y - m.mean_x @ coef
    return State(stage, basis, coef[:, 0], float(intercept[0]), cost(m, coef))


def stages(last: State, X: Array, y: Array, weight: Array | None) -> Iterator[State]:
    """The mean, then the best curves with 0, 1, 2, ... knots a feature, up to the one with all."""
    basis = last.basis
    level = float(np.average(y, weights=weight))
    nothing = basis._replace(high=basis.low, knots=basis.knots[:0], owner=basis.owner[:0])
    yield State("mean", nothing, np.empty(0), level, float(np.average((y - level) ** 2, weights=weight)))  #: mean
    order = joining(basis)
    for used in range(order.max(initial=0)):
        some = order <= used
        fewer = basis._replace(knots=basis.knots[some], owner=basis.owner[some])  #: knots
        yield fit_curve("knots", fewer, X, y, weight)
    yield last


def joining(basis: Basis) -> Array:
    """At which turn (1, 2, ...) each knot joins: the middle one of its feature first, then those between."""
    turn = np.empty(len(basis.knots), dtype=np.int64)
    for feature in range(len(basis.low)):
        mine = np.flatnonzero(basis.owner == feature)
        gaps = [(0, len(mine))]
        for at, (start, stop) in enumerate(gaps, start=1):
            middle = (start + stop) // 2
            if start < stop:
                turn[mine[middle]] = at
                gaps += [(start, middle), (middle + 1, stop)]
        turn[mine] = np.argsort(np.argsort(turn[mine])) + 1
    return turn


class SplineRegression(RegressorMixin, QuickChecks):
    r"""Least squares with a spline of every feature: level, straight or cubic pieces that meet at knots.

    Minimises :math:`\sum_i w_i (y_i - \beta_0 - \sum_j f_j(x_{ij}))^2`, where :math:`\beta_0` is `intercept_`,
    :math:`w_i` is `sample_weight` and :math:`f_j` is a sum of columns weighted by `weights_`. Features add up; for a
    curve of two together, give their product as a feature.

    Parameters
    ----------
    kind : {"cubic", "linear", "natural", "step"}, default="cubic"
        Pieces: cubic ones that agree in height, slope and curvature; straight ones that agree in height; cubic ones
        that go on straight outside the data; level ones.
    n_knots : int, default=5
        Knots inside the range of each feature, unless `knots` gives places.
    knots : {"quantile", "uniform"} or array of shape (n_knots,) or (n_knots, n_features), default="quantile"
        Where: as many rows between one and the next, as much room, or places of your own for all features or for each.
        Equal ones count once, and those that are not inside the range of the data are left out.

    Attributes
    ----------
    knots_ : list of n_features arrays
        The knots of each feature, rising.
    weights_ : array of shape (n_columns,)
        Weights of the columns that `basis` gives.
    intercept_ : float

    Raises
    ------
    ValueError
        When the data are not finite numbers, of different lengths, all weights are zero, or `knots` has another number
        of columns than `X`.

    Examples
    --------
    >>> import numpy as np
    >>> from diorama.linear import SplineRegression
    >>> x = np.linspace(-1, 1, 9)
    >>> model = SplineRegression("linear", knots=[0.0]).fit(x[:, None], np.abs(x))
    >>> model.predict([[-0.3], [0.6]]).round(6).tolist()
    [0.3, 0.6]
    """

    _parameter_constraints = {
        "kind": [StrOptions(set(DEGREES))],
        "n_knots": [Interval(Integral, 0, None, closed="left")],
        "knots": [StrOptions({"quantile", "uniform"}), "array-like"],
    }

    knots_: list[Array]
    weights_: Array
    intercept_: Any

    def __init__(self, kind: str = "cubic", *, n_knots: int = 5, knots: Any = "quantile") -> None:
        self.kind = kind
        self.n_knots = n_knots
        self.knots = knots

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the curves for `X` (n_samples, n_features) and `y` (n_samples,)."""
        self._validate_params()
        X, y = validated_with_target(self, X, y, dtype=[np.float64, np.float32], y_numeric=True)
        weight = checked_weight(sample_weight, X)
        table, targets = X.astype(np.float64, copy=False), y.astype(np.float64, copy=False)
        basis = self._basis(table, weight)
        # sums are added in one order, whatever the number of threads
        with blas_threads(1):
            last = fit_curve("solution", basis, table, targets, weight)
            total = 2 + int(joining(basis).max(initial=0))
            show(lambda: stages(last, table, targets, weight), total=total, fit=Fit(self, X, y))
        self._fitted = basis
        self.knots_ = [basis.knots_of(j) for j in range(X.shape[1])]
        self.weights_ = last.coef.astype(X.dtype)
        self.intercept_ = X.dtype.type(last.intercept)
        return self

    def predict(self, X: Any) -> Array:
        """Heights (n_samples,) of the curve over `X` (n_samples, n_features); outside the data the end pieces go on."""
        columns = self.basis(X)
        heights: Array = columns @ self.weights_ + self.intercept_
        return heights

    def basis(self, X: Any) -> Array:
        """The columns that `weights_` weighs, for `X` (n_samples, n_features): (n_samples, n_columns)."""
        check_is_fitted(self)
        X = validated(self, X, dtype=[np.float64, np.float32], reset=False)
        columns: Array = design(self._fitted, X).astype(X.dtype, copy=False)
        return columns

    def contributions(self, X: Any) -> Array:
        """What each feature adds to the prediction for `X`: (n_samples, n_features); `intercept_` is the rest."""
        check_is_fitted(self)
        X = validated(self, X, dtype=[np.float64, np.float32], reset=False)
        parts: Array = np.empty_like(X)
        start = 0
        for feature in range(X.shape[1]):
            columns = columns_of(self._fitted, feature, X[:, feature])
            stop = start + columns.shape[1]
            parts[:, feature] = columns @ self.weights_[start:stop]
            start = stop
        return parts

    def _basis(self, X: Array, weight: Array | None) -> Basis:
        present = slice(None) if weight is None else weight > 0
        rows, weight = X[present], None if weight is None else weight[present]
        low, high = rows.min(axis=0), rows.max(axis=0)
        places = self._places(rows, weight)
        inside = [np.unique(t[(t > a) & (t < b)]) for t, a, b in zip(places, low, high, strict=True)]
        owner = np.repeat(np.arange(X.shape[1]), [len(t) for t in inside])
        return Basis(self.kind, low, high, np.concatenate(inside), owner)

    def _places(self, X: Array, weight: Array | None) -> Array:
        """Where the knots of each feature are to be, (n_features, n_knots)."""
        if not isinstance(self.knots, str):
            return self._given(X.shape[1])
        share = np.arange(1, self.n_knots + 1) / (self.n_knots + 1)
        if self.knots == "uniform":
            low, high = X.min(axis=0)[:, None], X.max(axis=0)[:, None]
            return np.asarray(low + (high - low) * share)
        # a weight of two must be a row twice: so each knot is the value of a row, and none is between two
        places: Array = np.quantile(X, share, axis=0, weights=weight, method="inverted_cdf")
        return places.reshape(self.n_knots, X.shape[1]).T

    def _given(self, n_features: int) -> Array:
        places = real_array("knots", self.knots).astype(np.float64)
        if places.ndim == 1:
            places = np.repeat(places[:, None], n_features, axis=1)
        if places.ndim != 2 or places.shape[1] != n_features or not np.isfinite(places).all():
            raise ValueError(
                f"knots must be finite numbers of shape (n_knots,) or (n_knots, {n_features}), a column for each "
                f"feature of X; got shape {np.shape(self.knots)}."
            )
        return places.T
