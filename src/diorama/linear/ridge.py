"""Ridge regression: least squares that pays for the squares of its weights, found exactly.

Minimises sum_i w_i (y_i - x_i . coef - intercept)^2 + alpha ||coef||^2 [1]_. A picture shows the same solution for
penalties from far too strong down to the one asked for.

.. [1] Hoerl, Kennard (1970). Ridge regression: biased estimation for nonorthogonal problems. Technometrics 12(1).
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext
from functools import partial
from numbers import Integral, Real
from typing import Any, Self

import numpy as np
from sklearn.base import MultiOutputMixin, RegressorMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, show
from diorama._parallel import blas_threads
from diorama._quick_checks import QuickChecks, validated, validated_with_target
from diorama._typing import Array
from diorama.linear._least_squares import is_sparse, refuse_too_large
from diorama.linear._moments import Moments, moments
from diorama.linear._ridge import solve_positive_ridge, solve_ridge
from diorama.linear.elastic_net import checked_weight, refuse_infinite
from diorama.linear.paths import PathState

# multiplications from which on the linear algebra library's own threads pay
_WORTH_THREADS = 4e9
_SPARSE = ["csr", "csc", "coo"]
# penalties that a picture passes through
_SHOWN = 40


def stages(solve: Callable[[Array], Array], alpha: Array, m: Moments) -> Iterator[PathState]:
    """Solutions for penalties that come down from a strong one to `alpha` (n_targets,)."""
    lengths = (m.rows**2).sum() if isinstance(m.rows, np.ndarray) else m.total if m.gram is None else np.trace(m.gram)
    strongest = max(10.0 * float(lengths), 100.0 * float(alpha.max()), 1e-3)
    weakest = max(float(alpha.max()), 1e-6 * strongest)
    for strength in np.geomspace(strongest, weakest, _SHOWN)[:-1]:
        coef = solve(np.full_like(alpha, strength))  #: solve
        yield PathState(float(strength), coef.T)
    yield PathState(float(alpha.max()), solve(alpha).T)


class Ridge(MultiOutputMixin, RegressorMixin, QuickChecks):
    r"""Linear regression with an L2 penalty, exact.

    Minimises :math:`\sum_i w_i (y_i - x_i^T \beta - \beta_0)^2 + \alpha \lVert\beta\rVert_2^2`, where :math:`\beta` is
    `coef_`, :math:`\beta_0` is `intercept_`, :math:`w_i` is `sample_weight` and :math:`\alpha` is `alpha`.

    Parameters
    ----------
    alpha : float or array of shape (n_targets,), default=1.0
        Strength of the penalty, for all targets or for each.
    fit_intercept : bool, default=True
    copy_X, max_iter, tol, solver, random_state
        Kept for scikit-learn's sake: `X` is never written, and the solution is exact, found in the way that the data's
        shape asks for.
    positive : bool, default=False
        Whether to allow no coefficient below zero.

    Attributes
    ----------
    coef_ : array of shape (n_features,) or (n_targets, n_features)
    intercept_ : float or array of shape (n_targets,)
    n_iter_ : int
        1: the solution is found in one step.

    Raises
    ------
    ValueError
        When the data are not finite numbers, of different lengths, or `alpha` has neither one entry nor one a target.

    Examples
    --------
    >>> from diorama.linear import Ridge
    >>> model = Ridge(alpha=2.0).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> round(float(model.coef_[0]), 6), round(float(model.intercept_), 6)
    (1.0, 2.0)
    """

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="left"), np.ndarray],
        "fit_intercept": ["boolean"],
        "copy_X": ["boolean"],
        "max_iter": [Interval(Integral, 1, None, closed="left"), None],
        "tol": [Interval(Real, 0, None, closed="left")],
        "solver": [StrOptions({"auto", "svd", "cholesky", "lsqr", "sparse_cg", "sag", "saga", "lbfgs"})],
        "positive": ["boolean"],
        "random_state": ["random_state"],
    }

    coef_: Array
    intercept_: Any
    n_iter_: int

    def __init__(
        self,
        alpha: Any = 1.0,
        *,
        fit_intercept: bool = True,
        copy_X: bool = True,
        max_iter: int | None = None,
        tol: float = 1e-4,
        solver: str = "auto",
        positive: bool = False,
        random_state: Any = None,
    ) -> None:
        self.alpha = alpha
        self.fit_intercept = fit_intercept
        self.copy_X = copy_X
        self.max_iter = max_iter
        self.tol = tol
        self.solver = solver
        self.positive = positive
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the plane for `X` (n_samples, n_features) and `y` (n_samples,) or (n_samples, n_targets)."""
        self._validate_params()
        numbers = [np.float64, np.float32]
        # dense numbers are looked over for NaN by the pass that sums them
        X, y = validated_with_target(
            self,
            X,
            y,
            accept_sparse=_SPARSE,
            dtype=numbers,
            y_numeric=True,
            multi_output=True,
            ensure_all_finite=is_sparse(X),
        )
        weight = checked_weight(sample_weight, X)
        targets = y.reshape(len(y), -1).astype(np.float64, copy=False)
        alpha = self._alphas(targets.shape[1])
        small = X.shape[0] * X.shape[1] * min(X.shape) < _WORTH_THREADS
        with blas_threads(1) if small else nullcontext():
            with np.errstate(over="ignore", invalid="ignore"):
                m = moments(X, targets, weight, self.fit_intercept)
            refuse_infinite(X, targets, m.cross, m.square, m.mean_x if m.gram is None else m.gram)
            if m.gram is None:
                refuse_too_large(X)
            solve = partial(self._solve, X, targets, weight, m)
            coef = solve(alpha)
            show(lambda: stages(solve, alpha, m), total=_SHOWN, fit=Fit(self, X, y))
        intercept = m.mean_y - m.mean_x @ coef
        flat = y.ndim == 1
        self.coef_ = (coef[:, 0] if flat else coef.T).astype(X.dtype)
        self.intercept_ = (intercept[0] if flat else intercept).astype(X.dtype)
        self.n_iter_ = 1
        return self

    def predict(self, X: Any) -> Array:
        """Heights of the plane over `X` (n_samples, n_features): (n_samples,) or (n_samples, n_targets)."""
        check_is_fitted(self)
        X = validated(self, X, accept_sparse=_SPARSE, dtype=[np.float64, np.float32], reset=False)
        heights: Array = X @ self.coef_.T + self.intercept_
        return heights

    def _alphas(self, n_targets: int) -> Array:
        alpha = np.asarray(self.alpha, dtype=np.float64).ravel()
        if len(alpha) not in (1, n_targets) or not (alpha >= 0).all():
            raise ValueError(
                f"alpha must be one number or {n_targets}, one for each target, none below 0; it has {len(alpha)}."
            )
        return np.broadcast_to(alpha, (n_targets,)).copy()

    def _solve(self, X: Any, y: Array, weight: Array | None, m: Moments, alpha: Array) -> Array:
        """Coefficients (n_features, n_targets); targets with one penalty share one factor."""
        coef = np.empty_like(m.cross)
        for strength in np.unique(alpha):
            which = np.flatnonzero(alpha == strength)
            some = m._replace(mean_y=m.mean_y[which], cross=m.cross[:, which], square=m.square[which])
            if self.positive:
                coef[:, which] = solve_positive_ridge(X, y[:, which], weight, some, float(strength))
            else:
                coef[:, which] = solve_ridge(X, y[:, which], weight, some, float(strength))
        return coef

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        return tags
