"""Linear regression: the plane with the least sum of squared residuals, found exactly.

Minimises sum_i w_i (y_i - x_i . coef - intercept)^2. The best plane passes through the mean of the data; with all
measured from there, the derivative is zero where gram @ coef = cross (the normal equations) [1]_. The matrix is
factorised as L L^T, and the first k rows of L already hold the best plane for the first k features: that is the order
in which a picture shows the fit.

.. [1] Legendre (1805). Nouvelles méthodes pour la détermination des orbites des comètes, appendix.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from itertools import chain
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils import assert_all_finite
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, show
from diorama._parallel import blas_threads
from diorama._quick_checks import QuickChecks, validated, validated_weight, validated_with_target
from diorama._typing import Array
from diorama.linear._inference import Inference, infer, looks, n_looks, refuse_other_rows
from diorama.linear._least_squares import (
    Directions,
    Factor,
    factorise,
    is_sparse,
    nested,
    refine,
    refuse_too_large,
    shortest,
    solve_directions,
    solve_factor,
    solve_positive,
    solve_sparse,
    trusted,
)
from diorama.linear._moments import Moments, moments

# multiplications in a factorisation from which on it is left to all threads
_WORTH_THREADS = 4e9


class State(NamedTuple):
    """One stage of the exact solution."""

    stage: str  # "mean", "features", "directions" or "solution"
    used: int  # how many features (or directions) the plane leans on
    coef: Array  # (n_targets, n_features) slopes
    intercept: Array  # (n_targets,) height at the origin
    cost: float  # weighted mean of the squared residuals, over all targets


class Problem(NamedTuple):
    """The data as the solution needs them."""

    X: Any  # (n_samples, n_features) dense or sparse
    y: Array  # (n_samples, n_targets) in double precision
    weight: Array | None  # (n_samples,) or None for all alike
    moments: Moments


class Solution(NamedTuple):
    """Where one way of solving ended, and what it passed through."""

    coef: Array  # (n_features, n_targets)
    rank: int = 0
    total: int = 2  # number of states
    stages: Callable[[], Iterator[State]] = lambda: iter(())  # those between the first and the last


def start(m: Moments) -> State:
    """The level plane through the mean: what to predict when no feature is looked at."""
    level = np.zeros_like(m.cross.T)  #: mean
    return State("mean", 0, level, m.mean_y, cost(m, level.T))


def stages(factor: Factor, m: Moments) -> Iterator[State]:
    """The best plane on the first 1, 2, ... features: leading corners of the factor."""
    for used, coef in enumerate(nested(factor, m), start=1):  #: features
        yield plane("features", used, coef, m)


def directions_taken(directions: Directions, m: Moments) -> Iterator[State]:
    """The best plane on the strongest 1, 2, ... directions in which the features vary together."""
    for used in range(1, len(directions.coefs) + 1):
        coef = shortest(directions, used)  #: directions
        yield plane("directions", used, coef, m)


def plane(stage: str, used: int, coef: Array, m: Moments) -> State:
    """The plane with these slopes (n_features, n_targets) that passes through the mean."""
    intercept = m.mean_y - m.mean_x @ coef  #: solution
    return State(stage, used, coef.T, intercept, cost(m, coef))


def cost(m: Moments, coef: Array) -> float:
    """Mean squared residual of a plane through the mean, from the sums alone."""
    squares = m.square - 2 * (coef * m.cross).sum(axis=0) + (coef * m.gram_times(coef)).sum(axis=0)
    return float(np.maximum(squares, 0).mean() / m.total)


class LinearRegression(MultiOutputMixin, RegressorMixin, QuickChecks):
    r"""Ordinary least squares, exact: one pass over the data and a Cholesky factorisation.

    Minimises :math:`\sum_i w_i (y_i - x_i^T \beta - \beta_0)^2`, where :math:`\beta` is `coef_`, :math:`\beta_0` is
    `intercept_` and :math:`w_i` is `sample_weight`. When columns repeat each other or outnumber the rows, the answer
    is the shortest of the many that fit equally well, found by a singular value decomposition.

    Parameters
    ----------
    fit_intercept : bool, default=True
        Whether the plane may pass the origin by; False forces it through.
    copy_X : bool, default=True
        Kept for scikit-learn's sake: `X` is never written here.
    tol : float, default=1e-6
        Directions in which the features (centred, of unit length) vary less than `tol` times the most count as absent.
        On sparse data whose columns nearly repeat, the tolerance of LSQR.
    n_jobs : int, default=None
        Kept for scikit-learn's sake: the number of threads is DIORAMA_NUM_THREADS or the cores at hand.
    positive : bool, default=False
        Whether to allow no coefficient below zero. Dense data only.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_targets, n_features)
    intercept_ : float or array of shape (n_targets,)
    rank_ : int
        Number of directions in which the features vary. Dense data without `positive` only.
    singular_ : array of shape (min(n_samples, n_features),)
        Singular values of the centred, weighted table, largest first. Dense data without `positive` only.

    Raises
    ------
    ValueError
        When the data are not numbers, not finite, of different lengths, or all weights are zero.

    Examples
    --------
    >>> from diorama.linear import LinearRegression
    >>> model = LinearRegression().fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> round(float(model.coef_[0]), 6), round(float(model.intercept_), 6)
    (2.0, 1.0)
    """

    _parameter_constraints = {
        "fit_intercept": ["boolean"],
        "copy_X": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "n_jobs": [None, Integral],
        "positive": ["boolean"],
    }

    coef_: Array
    intercept_: Any

    def __init__(
        self,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        tol: float = 1e-6,
        n_jobs: int | None = None,
        positive: bool = False,
    ) -> None:
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.tol = tol
        self.n_jobs = n_jobs
        self.positive = positive

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the plane for `X` (n_samples, n_features) and `y` (n_samples,) or (n_samples, n_targets)."""
        self._validate_params()
        X, y = self._validated(X, y)
        problem = self._problem(X, y, sample_weight)
        # a small problem shared out over threads of the linear algebra library waits more than it works
        small = X.shape[0] * X.shape[1] * min(X.shape) < _WORTH_THREADS
        with blas_threads(1) if small else nullcontext():
            solution = self._solve(problem)
        m = problem.moments
        last = plane("solution", X.shape[1], solution.coef, m)
        show(lambda: chain([start(m)], solution.stages(), [last]), total=solution.total, fit=Fit(self, X, y))
        flat = y.ndim == 1
        self.coef_ = (last.coef[0] if flat else last.coef).astype(X.dtype)
        intercept = last.intercept.astype(X.dtype) if self.fit_intercept else np.zeros_like(last.intercept, X.dtype)
        self.intercept_ = intercept[0] if flat else intercept
        # of rows and columns, the products of whichever are fewer: their eigenvalues are the same
        self._gram = None if self.positive or is_sparse(X) else (m.rows @ m.rows.T if m.gram is None else m.gram)
        if self._gram is not None:
            self.rank_ = solution.rank
        return self

    @property
    def singular_(self) -> Array:
        """Singular values of the centred, weighted table; worked out when asked for, which can cost more than the fit.

        Those below 1e-8 times the largest are lost in rounding, and may come out as 0.
        """
        check_is_fitted(self)
        if self._gram is None:
            raise AttributeError("singular_ is known only of dense data fitted without positive=True.")
        values = np.linalg.eigvalsh(self._gram)[::-1]
        return np.sqrt(np.maximum(values, 0)).astype(self.coef_.dtype)

    def predict(self, X: Any) -> Array:
        """Heights of the plane over `X` (n_samples, n_features): (n_samples,) or (n_samples, n_targets)."""
        check_is_fitted(self)
        X = validated(self, X, accept_sparse=["csr", "csc", "coo"], dtype=[np.float64, np.float32], reset=False)
        heights: Array = X @ self.coef_.T + self.intercept_
        return heights

    def inference(self, X: Any, y: Any, sample_weight: Any = None, *, level: float = 0.95) -> Inference:
        """What the fit on these rows says of itself: standard errors, t, p, intervals, R2, F, AIC, BIC, leverage...

        Parameters
        ----------
        X, y, sample_weight
            The rows that the model was fitted on: dense, and one target. Weights are above 0, and stand for how sure a
            row is: the variance of its noise is sigma squared over its weight.
        level : float, default=0.95
            The share of all samples whose confidence interval holds the true coefficient.

        Returns
        -------
        Inference
            A frozen record that prints as a table. Its recording shows the residuals.

        Raises
        ------
        ValueError
            For other rows than those of `fit`, no more rows than coefficients, columns that repeat each other, several
            targets, weights of 0, a model with ``positive=True``, or a level that does not lie between 0 and 1.
        TypeError
            For a sparse `X`.

        Examples
        --------
        >>> from diorama.linear import LinearRegression
        >>> X, y = [[0.0], [1.0], [2.0], [3.0]], [1.0, 2.9, 5.2, 6.9]
        >>> found = LinearRegression().fit(X, y).inference(X, y)
        >>> found.coef.round(3), found.standard_errors.round(3), round(found.r2, 4)
        (array([1., 2.]), array([0.145, 0.077]), 0.997)
        """
        check_is_fitted(self)
        X, y, weight = self._rows_of_fit(X, y, sample_weight, level)
        names = getattr(self, "feature_names_in_", [f"feature {j + 1}" for j in range(X.shape[1])])
        found = infer(X, y, weight, names=names, intercept=self.fit_intercept, level=level, tol=self.tol)
        refuse_other_rows(found, np.ravel(X @ self.coef_.T + self.intercept_))
        show(lambda: looks(found), total=n_looks(found), fit=Fit(self, X, y))
        return found

    def _rows_of_fit(self, X: Any, y: Any, sample_weight: Any, level: float) -> tuple[Array, Array, Array | None]:
        if self.positive:
            raise ValueError("a coefficient held at zero has no standard error; fit without positive=True.")
        if not 0 < level < 1:
            raise ValueError(f"level must lie between 0 and 1; got {level!r}.")
        X, y = validated_with_target(self, X, y, dtype=[np.float64], y_numeric=True, multi_output=True, reset=False)
        if y.size != len(y):
            raise ValueError(f"inference takes one target at a time; y has {y.shape[1]} columns.")
        if sample_weight is None:
            return X, np.asarray(y, dtype=np.float64).ravel(), None
        weight = validated_weight(sample_weight, X)
        if not (weight > 0).all():
            raise ValueError(
                f"sample_weight: inference takes weights above 0; {int((weight <= 0).sum())} rows have none. "
                "Leave those rows out."
            )
        return X, np.asarray(y, dtype=np.float64).ravel(), weight

    def _validated(self, X: Any, y: Any) -> tuple[Any, Array]:
        # dense numbers are looked over for NaN by the pass that sums them; see _problem
        X, y = validated_with_target(
            self,
            X,
            y,
            accept_sparse=False if self.positive else ["csr", "csc", "coo"],
            dtype=[np.float64, np.float32],
            y_numeric=True,
            multi_output=True,
            ensure_all_finite=is_sparse(X),
        )
        return X, y

    def _problem(self, X: Any, y: Array, sample_weight: Any) -> Problem:
        weight = None
        if sample_weight is not None:
            weight = validated_weight(sample_weight, X)
        targets = y.reshape(len(y), -1).astype(np.float64, copy=False)
        with np.errstate(over="ignore", invalid="ignore"):
            m = moments(X, targets, weight, self.fit_intercept)
        if not all(np.isfinite(sums).all() for sums in (m.cross, m.square, m.mean_x if m.gram is None else m.gram)):
            assert_all_finite(y, input_name="y")
            if not is_sparse(X):
                assert_all_finite(X, input_name="X", estimator_name=type(self).__name__)
            raise ValueError("the squares of X or y are too large for a float; divide the columns by a large number.")
        if m.gram is None:
            refuse_too_large(X)
        return Problem(X, targets, weight, m)

    def _solve(self, problem: Problem) -> Solution:
        X, y, weight, m = problem
        factor = factorise(m)
        if self.positive:
            return Solution(solve_positive(X, y, weight, m, factor))
        if trusted(factor, m):
            coef = refine(X, y, weight, m, factor, solve_factor(factor, m.cross))
            rank = len(factor.kept)
            return Solution(coef, rank, rank + 2, partial(stages, factor, m))
        if is_sparse(X):
            return Solution(solve_sparse(X, y, weight, m, self.tol))
        directions = solve_directions(X, y, weight, m, self.tol)
        rank = len(directions.coefs)
        coef = shortest(directions, rank)
        return Solution(coef, rank, rank + 2, partial(directions_taken, directions, m))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = not self.positive
        return tags
