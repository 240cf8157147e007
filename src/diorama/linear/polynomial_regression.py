"""Polynomial regression: least squares on powers of the features and their products, exact.

Minimises sum_i w_i (y_i - p(x_i))^2 over all polynomials p of a degree: linear regression on the monomials
x_1^a x_2^b ..., sorted by degree [1]_. Cholesky's factor of their products holds the best polynomials of all lower
degrees in its corners, and that is the order in which a picture shows the fit.

.. [1] Gergonne (1815). Application de la méthode des moindres quarrés à l'interpolation des suites. Annales de
   mathématiques pures et appliquées 6.
"""

from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils import assert_all_finite
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from diorama._iterate import Fit, show
from diorama._parallel import blas_threads
from diorama._quick_checks import QuickChecks, validated, validated_weight, validated_with_target
from diorama._typing import Array
from diorama.linear._least_squares import (
    Factor,
    factorise,
    nested,
    refine,
    shortest,
    solve_directions,
    solve_factor,
    trusted,
)
from diorama.linear._moments import Moments, moments
from diorama.linear._monomials import Expanded, Monomials

# more monomials than this would take gigabytes for their products
MOST_MONOMIALS = 20_000


class State(NamedTuple):
    """The best polynomial of one degree."""

    degree: int  # 0 is the mean
    coef: Array  # (n_targets, n_monomials); 0 for those of a higher degree
    intercept: Array  # (n_targets,)
    cost: float  # weighted mean of the squared residuals, over all targets


def polynomial(degree: int, coef: Array, m: Moments) -> State:
    """The polynomial with these coefficients (n_monomials, n_targets) that passes through the mean."""
    squares = m.square - 2 * (coef * m.cross).sum(axis=0) + (coef * m.gram_times(coef)).sum(axis=0)
    return State(degree, coef.T, m.mean_y - m.mean_x @ coef, float(np.maximum(squares, 0).mean() / m.total))


def by_degree(factor: Factor, m: Moments, degrees: Array) -> Iterator[State]:
    """The best polynomials of degree 0, 1, 2 ...: corners of one factor, as large as there are monomials so far."""
    yield polynomial(0, np.zeros_like(m.cross), m)  #: mean
    corners = list(nested(factor, m))
    for degree in range(1, int(degrees[-1]) + 1):
        n_columns = int((degrees[factor.kept] <= degree).sum())
        if n_columns:
            yield polynomial(degree, corners[n_columns - 1], m)  #: degree


class PolynomialRegression(MultiOutputMixin, RegressorMixin, QuickChecks):
    r"""Least squares on all monomials up to a degree; the expanded table is never held whole.

    Minimises :math:`\sum_i w_i \left(y_i - \beta_0 - \sum_k \beta_k \prod_j x_{ij}^{a_{kj}}\right)^2`, where
    :math:`\beta` is `coef_`, :math:`\beta_0` is `intercept_`, :math:`a` is `powers_` and :math:`w_i` is
    `sample_weight`. Where monomials repeat each other or outnumber the rows, the shortest answer is found by a
    singular value decomposition.

    X may be sparse: its rows are filled in block by block, so memory stays what a dense block takes.

    Parameters
    ----------
    degree : int, default=2
        The largest sum of exponents.
    interaction_only : bool, default=False
        Whether to leave out every monomial that has a column twice.
    fit_intercept : bool, default=True
        Whether there is a constant term.
    tol : float, default=1e-10
        Directions in which the monomials (centred, of unit length) vary less than `tol` times the most count as absent.

    Attributes
    ----------
    coef_ : array of shape (n_monomials,) or (n_targets, n_monomials)
    intercept_ : float or array of shape (n_targets,)
    powers_ : array of shape (n_monomials, n_features)
        Exponent of each column in each monomial, in scikit-learn's order.
    rank_ : int
        Number of directions in which the monomials vary.

    Raises
    ------
    ValueError
        When the data are not finite numbers, of different lengths, or there would be more than 20,000 monomials.

    Examples
    --------
    >>> from diorama.linear import PolynomialRegression
    >>> model = PolynomialRegression(degree=2).fit([[0.0], [1.0], [2.0], [3.0]], [1.0, 2.0, 5.0, 10.0])
    >>> print(model.coef_.round(6) + 0.0, round(float(model.intercept_), 6))
    [0. 1.] 1.0
    >>> print(model.monomials())
    ['x0', 'x0^2']
    """

    _parameter_constraints = {
        "degree": [Interval(Integral, 1, None, closed="left")],
        "interaction_only": ["boolean"],
        "fit_intercept": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    coef_: Array
    intercept_: Any
    powers_: Array
    rank_: int

    def __init__(
        self, degree: int = 2, *, interaction_only: bool = False, fit_intercept: bool = True, tol: float = 1e-10
    ) -> None:
        self.degree = degree
        self.interaction_only = interaction_only
        self.fit_intercept = fit_intercept
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the polynomial for `X` (n_samples, n_features) and `y` (n_samples,) or (n_samples, n_targets)."""
        self._validate_params()
        X, y = validated_with_target(
            self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32], y_numeric=True, multi_output=True
        )
        weight = None
        if sample_weight is not None:
            weight = validated_weight(sample_weight, X)
        monomials = self._monomials(X.shape[1])
        table, targets = Expanded(X, monomials), y.reshape(len(y), -1).astype(np.float64, copy=False)
        # the products are shared out by blocks of rows; what is left is small
        with blas_threads(1):
            coef, m, factor = self._solve(table, targets, weight)
        last = polynomial(self.degree, coef, m)
        show(lambda: self._states(factor, m, monomials, last), total=self.degree, fit=Fit(self, X, y))
        flat = y.ndim == 1
        self.powers_ = monomials.powers
        self.coef_ = (last.coef[0] if flat else last.coef).astype(X.dtype)
        intercept = last.intercept.astype(X.dtype) if self.fit_intercept else np.zeros_like(last.intercept, X.dtype)
        self.intercept_ = intercept[0] if flat else intercept
        return self

    def predict(self, X: Any) -> Array:
        """Heights of the polynomial over `X` (n_samples, n_features): (n_samples,) or (n_samples, n_targets)."""
        check_is_fitted(self)
        X = validated(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        table = Expanded(X, self._monomials(X.shape[1]))
        heights: Array = (table @ self.coef_.T.astype(float) + self.intercept_).astype(X.dtype)
        return heights

    def monomials(self) -> list[str]:
        """What each coefficient is multiplied with, in words: "x0^2 x1"."""
        check_is_fitted(self)
        names = [str(name) for name in _check_feature_names_in(self, None)]
        return self._monomials(self.n_features_in_).names(names)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags

    def _monomials(self, n_features: int) -> Monomials:
        n_monomials = _number_of(self.degree, n_features)
        if n_monomials > MOST_MONOMIALS and not self.interaction_only:
            raise ValueError(
                f"{n_features} columns have {n_monomials:,} monomials up to degree {self.degree}, more than "
                f"{MOST_MONOMIALS:,}: lower the degree, or use fewer columns."
            )
        return Monomials.up_to(self.degree, n_features, self.interaction_only)

    def _solve(self, table: Expanded, y: Array, weight: Array | None) -> tuple[Array, Moments, Factor]:
        with np.errstate(over="ignore", invalid="ignore"):
            m = moments(table if len(table) > table.shape[1] else np.asarray(table), y, weight, self.fit_intercept)
        if not all(np.isfinite(sums).all() for sums in (m.cross, m.square, m.mean_x if m.gram is None else m.gram)):
            assert_all_finite(y, input_name="y")
            raise ValueError(
                f"powers of X up to {self.degree} are too large for a float; bring its columns to one scale."
            )
        factor = factorise(m)
        if trusted(factor, m):
            self.rank_ = len(factor.kept)
            return refine(table, y, weight, m, factor, solve_factor(factor, m.cross)), m, factor
        directions = solve_directions(np.asarray(table), y, weight, m, self.tol)
        self.rank_ = len(directions.coefs)
        return shortest(directions, self.rank_), m, factor

    def _states(self, factor: Factor, m: Moments, monomials: Monomials, last: State) -> Iterator[State]:
        if not trusted(factor, m):
            yield polynomial(0, np.zeros_like(m.cross), m)
        else:
            yield from (state for state in by_degree(factor, m, monomials.degree) if state.degree < self.degree)
        yield last


def _number_of(degree: int, n_features: int) -> int:
    """How many monomials of degree 1 to `degree` there are."""
    number = 1
    for k in range(1, degree + 1):
        number = number * (n_features + k) // k
    return number - 1
