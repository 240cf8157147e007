"""Solutions for a whole row of penalties, each begun where the last one ended: coefficients against the penalty.

Minimises 1/(2n) ||y - X coef||^2 + alpha rho ||coef||_1 + alpha (1 - rho)/2 ||coef||^2 for each alpha, strongest
first: there all coefficients are zero, and they come in one after the other [1]_.

.. [1] Friedman, Hastie, Tibshirani (2010). Regularization paths for generalized linear models via coordinate descent.
   Journal of Statistical Software 33(1).
"""

import warnings
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_X_y

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.linear._coordinate_descent import begin, descended, penalized
from diorama.linear.elastic_net import ElasticNet, finite_table, unfinished


class PathState(NamedTuple):
    """The solution for one penalty."""

    alpha: float  # strength of the penalty
    coef: Array  # (n_targets, n_features)


def lasso_path(X: Any, y: Any, **settings: Any) -> tuple[Array, ...]:
    """`enet_path` with l1_ratio=1.

    Examples
    --------
    >>> from diorama.linear import lasso_path
    >>> alphas, coefs, gaps = lasso_path([[1.0], [2.0]], [1.0, 2.0], alphas=[5.0, 1.0])
    >>> coefs.round(3).tolist()
    [[0.0, 0.6]]
    """
    return enet_path(X, y, l1_ratio=1.0, **settings)


def enet_path(
    X: Any,
    y: Any,
    *,
    l1_ratio: float = 0.5,
    eps: float = 1e-3,
    alphas: Any = 100,
    coef_init: Any = None,
    return_n_iter: bool = False,
    positive: bool = False,
    tol: float = 1e-4,
    max_iter: int = 1000,
) -> tuple[Array, ...]:
    """Elastic-net coefficients of `X` (n_samples, n_features), `y` (n_samples,) for each of `alphas`, no intercept.

    `alphas` are the penalties, or how many from the weakest that leaves nothing down to `eps` times it. Returns alphas
    (n_alphas,), strongest first, coefs (n_features, n_alphas), gaps (n_alphas,), and passes with `return_n_iter`.
    Raises ValueError when the data are not finite numbers of one length, or no penalty leaves nothing (l1_ratio 0).

    Examples
    --------
    >>> from diorama.linear import enet_path
    >>> alphas, coefs, gaps = enet_path([[1.0], [2.0]], [1.0, 2.0], alphas=[1.0], l1_ratio=1.0)
    >>> coefs.round(3).tolist()
    [[0.6]]
    """
    X, y = check_X_y(X, y, accept_sparse="csc", dtype=[np.float64, np.float32], y_numeric=True)
    strengths = _strengths(X, y, l1_ratio, eps, alphas, positive)
    table = finite_table(X, y.astype(np.float64)[:, None], None, False)
    coef = np.zeros(X.shape[1]) if coef_init is None else np.array(coef_init, dtype=np.float64)
    ends = []
    for alpha in strengths:
        problem = penalized(table, 0, float(alpha), l1_ratio, positive)
        bound = tol * problem.square / table.total
        end = descended(problem, begin(problem, coef), bound, max_iter)  #: solve
        if end.gap > bound:
            warnings.warn(f"At alpha={alpha:.3g}: {unfinished(end, bound, max_iter)}", ConvergenceWarning, stacklevel=2)
        coef = end.coef
        ends.append(end)
    states = [PathState(float(a), end.coef[None]) for a, end in zip(strengths, ends, strict=True)]
    subject = ElasticNet(l1_ratio=l1_ratio, fit_intercept=False, positive=positive)
    show(lambda: states, total=len(states), fit=Fit(subject, X, y))
    coefs = np.stack([end.coef for end in ends], axis=1).astype(X.dtype)
    gaps, passes = np.array([end.gap for end in ends]), np.array([end.sweeps for end in ends])
    return (strengths, coefs, gaps, passes) if return_n_iter else (strengths, coefs, gaps)


def _strengths(X: Any, y: Array, l1_ratio: float, eps: float, alphas: Any, positive: bool) -> Array:
    if np.ndim(alphas):
        given: Array = np.sort(np.asarray(alphas, dtype=np.float64))[::-1]
        return given
    if l1_ratio == 0:
        raise ValueError("alphas must be given when l1_ratio is 0: no penalty without L1 makes all coefficients zero.")
    pull = X.T @ y
    strongest = float(pull.max() if positive else np.abs(pull).max()) / (len(y) * l1_ratio)
    strongest = max(strongest, float(np.finfo(float).resolution))
    spaced: Array = np.geomspace(strongest, strongest * eps, int(alphas))
    return spaced
