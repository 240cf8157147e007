"""Elastic net: least squares that pays for large weights, and for each weight that is not zero.

Minimises 1 / (2 sum w) sum_i w_i (y_i - x_i . coef - intercept)^2 + alpha rho ||coef||_1 + alpha (1 - rho) / 2
||coef||^2, rho being `l1_ratio` [1]_. It is the lasso for rho = 1; below, columns that say the same share the weight.

.. [1] Zou, Hastie (2005). Regularization and variable selection via the elastic net. Journal of the Royal Statistical
   Society B 67(2).
"""

import warnings
from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import assert_all_finite, check_array
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, iterate
from diorama._parallel import blas_threads
from diorama._quick_checks import QuickChecks, validated, validated_weight, validated_with_target
from diorama._typing import Array
from diorama._validation import naming
from diorama.linear._coordinate_descent import Penalized, State, begin, penalized, step
from diorama.linear._least_squares import factorise, is_sparse, solve_positive
from diorama.linear._moments import moments
from diorama.linear._ridge import solve_ridge
from diorama.linear._tables import Table, table_of

__all__ = ["ElasticNet", "State"]

_SPARSE = ["csc", "csr", "coo"]


class ElasticNet(MultiOutputMixin, RegressorMixin, QuickChecks):
    r"""Linear regression with L1 and L2 penalties, by coordinate descent down to a duality gap.

    Minimises :math:`\frac{1}{2 \sum_i w_i} \sum_i w_i (y_i - x_i^T \beta - \beta_0)^2 + \alpha \rho
    \lVert\beta\rVert_1 + \frac{\alpha (1 - \rho)}{2} \lVert\beta\rVert_2^2`, where :math:`\beta` is `coef_`,
    :math:`\beta_0` `intercept_`, :math:`w_i` `sample_weight`, :math:`\alpha` `alpha` and :math:`\rho` `l1_ratio`.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength of the penalty.
    l1_ratio : float, default=0.5
        Share of L1 in the penalty, from 0 to 1.
    fit_intercept : bool, default=True
    precompute, copy_X, random_state, selection
        Kept for scikit-learn's sake: products of columns are used where they pay, `X` is never written, and the
        coordinates take their turns in order.
    max_iter : int, default=1000
        Passes over the coordinates at most.
    tol : float, default=1e-4
        Stop when the duality gap is below `tol` times the mean square of the centred targets.
    warm_start : bool, default=False
        Whether to start from the last fit's coefficients.
    positive : bool, default=False
        Whether to allow no coefficient below zero.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_targets, n_features)
    intercept_ : float or array of shape (n_targets,)
    n_iter_ : int or list of int, one for each target
    dual_gap_ : float or array of shape (n_targets,)
        How far the objective is from its least value at most.
    converged_ : bool
        Whether that gap came below what `tol` asks for, of every target.

    Raises
    ------
    ValueError
        When the data are not finite numbers, of different lengths, or all weights are zero.

    Examples
    --------
    >>> from diorama.linear import ElasticNet
    >>> model = ElasticNet(alpha=0.1).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> round(float(model.coef_[0]), 3)
    1.791
    """

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="left")],
        "l1_ratio": [Interval(Real, 0, 1, closed="both")],
        "fit_intercept": ["boolean"],
        "precompute": ["boolean", "array-like"],
        "max_iter": [Interval(Integral, 1, None, closed="left"), None],
        "copy_X": ["boolean"],
        "tol": [Interval(Real, 0, None, closed="left")],
        "warm_start": ["boolean"],
        "positive": ["boolean"],
        "random_state": ["random_state"],
        "selection": [StrOptions({"cyclic", "random"})],
    }

    coef_: Array
    intercept_: Any
    n_iter_: Any
    dual_gap_: Any
    converged_: bool

    def __init__(
        self,
        alpha: float = 1.0,
        *,
        l1_ratio: float = 0.5,
        fit_intercept: bool = True,
        precompute: Any = False,
        max_iter: int = 1000,
        copy_X: bool = True,
        tol: float = 1e-4,
        warm_start: bool = False,
        positive: bool = False,
        random_state: Any = None,
        selection: str = "cyclic",
    ) -> None:
        self.alpha = alpha
        self.l1_ratio = l1_ratio
        self.fit_intercept = fit_intercept
        self.precompute = precompute
        self.max_iter = max_iter
        self.copy_X = copy_X
        self.tol = tol
        self.warm_start = warm_start
        self.positive = positive
        self.random_state = random_state
        self.selection = selection

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the weights for `X` (n_samples, n_features) and `y` (n_samples,) or (n_samples, n_targets)."""
        self._validate_params()
        # dense numbers are looked over for NaN by the pass that sums them
        X, y = validated_with_target(
            self,
            X,
            y,
            accept_sparse=_SPARSE,
            dtype=[np.float64, np.float32],
            y_numeric=True,
            multi_output=True,
            ensure_all_finite=is_sparse(X),
        )
        weight = checked_weight(sample_weight, X)
        if not isinstance(self.precompute, bool | np.bool_):
            given_product("precompute", self.precompute, (X.shape[1],) * 2)
        targets = y.reshape(len(y), -1).astype(np.float64, copy=False)
        self.converged_ = True
        # sums are added in one order, whatever the number of threads
        with blas_threads(1):
            table = finite_table(X, targets, weight, self.fit_intercept)
            ends = [
                self._solve(X, targets[:, [target]], weight, table, target, Fit(self, X, y, part(targets, target)))
                for target in range(targets.shape[1])
            ]
        coef = np.stack([end.coef for end in ends])
        intercept = table.mean_y - coef @ table.mean_x
        one = y.ndim == 1 or len(ends) == 1
        self.coef_ = (coef[0] if one else coef).astype(X.dtype)
        self.intercept_ = (intercept[0] if y.ndim == 1 else intercept).astype(X.dtype)
        self.n_iter_ = ends[0].sweeps if one else [end.sweeps for end in ends]
        self.dual_gap_ = ends[0].gap if one else np.array([end.gap for end in ends])
        return self

    def predict(self, X: Any) -> Array:
        """Weighted sums of the columns of `X` (n_samples, n_features): (n_samples,) or (n_samples, n_targets)."""
        check_is_fitted(self)
        X = validated(self, X, accept_sparse=_SPARSE, dtype=[np.float64, np.float32], reset=False)
        heights: Array = X @ self.coef_.T + self.intercept_
        return heights

    @property
    def sparse_coef_(self) -> Any:
        """`coef_` as a sparse matrix (n_targets, n_features)."""
        from scipy.sparse import csr_matrix

        return csr_matrix(self.coef_)

    def _solve(self, X: Any, y: Array, weight: Array | None, table: Table, target: int, fit: Fit) -> State:
        problem = penalized(table, target, self.alpha, self.l1_ratio, self.positive)
        first = begin(problem, self._first(len(table.mean_x), target))
        if problem.l1 == 0 and (problem.l2 == 0 or not self.positive):
            return self._without_corners(X, y, weight, problem, first, fit)
        tol, max_iter = self.tol * problem.square / table.total, self.max_iter or 1000
        end = descend(problem, first, tol, max_iter, fit)
        if end.gap > tol:
            self.converged_ = False
            warnings.warn(unfinished(end.gap, end.sweeps, tol, max_iter), ConvergenceWarning, stacklevel=3)
        return end

    def _without_corners(
        self, X: Any, y: Array, weight: Array | None, problem: Penalized, first: State, fit: Fit
    ) -> State:
        """Where the penalty is smooth or absent, the exact solution in one step."""

        def solve(state: State) -> State:
            m = moments(X, y, weight, self.fit_intercept)
            if problem.positive:
                coef = solve_positive(X, y, weight, m, factorise(m))
            else:
                coef = solve_ridge(X, y, weight, m, problem.l2)
            exact = begin(problem, coef[:, 0])
            return exact._replace(sweeps=1, gap=exact.gap if problem.l2 > 0 else 0.0)

        return iterate(first, solve, lambda previous, state: True, max_iter=1, fit=fit).state

    def _first(self, n_features: int, target: int) -> Array:
        if not self.warm_start or not hasattr(self, "coef_"):
            return np.zeros(n_features)
        last = np.atleast_2d(self.coef_)
        fits = last.shape[1] == n_features and target < len(last)
        return last[target].astype(np.float64) if fits else np.zeros(n_features)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags


def descend(problem: Penalized, first: State, tol: float, max_sweeps: int, fit: Fit) -> State:
    """Coordinate descent from `first` until the gap is at most `tol` or the sweeps are used up."""
    advance = partial(step, problem, tol, max_sweeps)

    def done(previous: State, state: State) -> bool:
        still = state.sweeps >= max_sweeps
        return still or state.gap <= tol

    # a warm start may be there already
    steps = max_sweeps if first.gap > tol else 0
    return iterate(first, advance, done, max_iter=steps, fit=fit).state


def unfinished(gap: float, sweeps: int, tol: float, max_iter: int) -> str:
    """What to say of a fit that ran out of passes."""
    return (
        f"The objective may still be {gap:.3g} above its least value after {sweeps} passes, where tol asks "
        f"for {tol:.3g}. Raise max_iter (now {max_iter}) or alpha, or bring the columns to one scale."
    )


def part(targets: Array, target: int) -> str:
    """Which of several targets is fitted."""
    return f"target {target + 1} of {targets.shape[1]}" if targets.shape[1] > 1 else ""


def checked_weight(sample_weight: Any, X: Any) -> Array | None:
    """Weights (n_samples,), or None for all alike."""
    if sample_weight is None:
        return None
    return validated_weight(sample_weight, X)


def given_product(name: str, value: Any, shape: tuple[int, int]) -> Any:
    """(shape) finite numbers, where they are given."""
    if value is None:
        return None
    with naming(name):
        value = check_array(value, dtype=np.float64, ensure_2d=False, input_name=name)
    # one target may come without its axis
    if value.size != shape[0] * shape[1] or value.shape not in (shape, tuple(k for k in shape if k != 1) or (1,)):
        raise ValueError(f"{name} must be of shape {shape}; got {value.shape}.")
    return value.reshape(shape)


def finite_table(X: Any, y: Array, weight: Array | None, centre: bool) -> Table:
    """The sums of a table, once they are known to be numbers."""
    with np.errstate(over="ignore", invalid="ignore"):
        table = table_of(X, y, weight, centre)
    refuse_infinite(X, y, table.cross, table.square, table.curvature)
    return table


def refuse_infinite(X: Any, y: Array, *sums: Array) -> None:
    """ValueError, with where, when sums over the rows show that not all numbers are finite."""
    if all(np.isfinite(each).all() for each in sums):
        return
    assert_all_finite(y, input_name="y")
    if not is_sparse(X):
        assert_all_finite(X, input_name="X")
    raise ValueError("the squares of X or y are too large for a float; divide the columns by a large number.")
