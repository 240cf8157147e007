"""Solutions for a whole row of penalties, each begun where the last one ended: coefficients against the penalty.

Minimises 1/(2n) ||y - X coef||^2 + alpha rho ||coef||_1 + alpha (1 - rho)/2 ||coef||^2 for each alpha, strongest
first: there all coefficients are zero, and they come in one after the other [1]_.

.. [1] Friedman, Hastie, Tibshirani (2010). Regularization paths for generalized linear models via coordinate descent.
   Journal of Statistical Software 33(1).
"""

import warnings
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_array
from sklearn.utils._param_validation import Interval, StrOptions, validate_parameter_constraints

from diorama._iterate import Fit, show
from diorama._parallel import blas_threads
from diorama._quick_checks import validated_with_target
from diorama._typing import Array
from diorama._validation import naming
from diorama.linear._coordinate_descent import begin, descended, penalized
from diorama.linear._moments import Moments
from diorama.linear._multi_task import Shared, shared
from diorama.linear._tables import Table, TallTable, WideTable
from diorama.linear.elastic_net import ElasticNet, finite_table, given_product, refuse_infinite, unfinished

_CONSTRAINTS = {
    "l1_ratio": [Interval(Real, 0, 1, closed="both")],
    "eps": [Interval(Real, 0, 1, closed="neither")],
    "alphas": [Interval(Integral, 1, None, closed="left"), "array-like"],
    "precompute": [StrOptions({"auto"}), "boolean", "array-like"],
    "Xy": ["array-like", None],
    "copy_X": ["boolean"],
    "coef_init": ["array-like", None],
    "return_n_iter": ["boolean"],
    "positive": ["boolean"],
    "check_input": ["boolean"],
    "tol": [Interval(Real, 0, None, closed="left")],
    "max_iter": [Interval(Integral, 1, None, closed="left")],
    "random_state": ["random_state"],
    "selection": [StrOptions({"cyclic", "random"})],
}

Solve = Callable[[Array, float], Shared]


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
    return enet_path(X, y, **{"l1_ratio": 1.0, **settings})


def enet_path(
    X: Any,
    y: Any,
    *,
    l1_ratio: float = 0.5,
    eps: float = 1e-3,
    alphas: Any = 100,
    precompute: Any = "auto",
    Xy: Any = None,
    copy_X: bool = True,
    coef_init: Any = None,
    return_n_iter: bool = False,
    positive: bool = False,
    check_input: bool = True,
    tol: float = 1e-4,
    max_iter: int = 1000,
    random_state: Any = None,
    selection: str = "cyclic",
) -> tuple[Array, ...]:
    r"""Elastic-net coefficients of `X` (n_samples, n_features) for each of `alphas`, without an intercept.

    Of several targets `y` (n_samples, n_targets) a column has weights for all or for none: the L1 penalty is
    :math:`\alpha \rho \sum_j \lVert w_j \rVert`, :math:`w_j` being the weights of column j.

    Parameters
    ----------
    X : array or sparse matrix of shape (n_samples, n_features)
    y : array of shape (n_samples,) or (n_samples, n_targets)
    l1_ratio : float, default=0.5
        :math:`\rho`, share of L1 in the penalty, from 0 to 1.
    eps, alphas : float, default=1e-3; int or array, default=100
        The penalties, or how many from the weakest that leaves nothing down to `eps` times it.
    precompute : "auto", bool or array of shape (n_features, n_features), default="auto"
        Whether to work by the products of all columns; "auto" does so where they are few. Or these products, X^T X.
    Xy : array of shape (n_features,) or (n_features, n_targets), default=None
        X^T y, where it is known. With both products given, of `X` one column is read, to see that they are of it.
    coef_init : array of shape (n_features,) or (n_targets, n_features), default=None
        Where to begin; None is zero.
    return_n_iter : bool, default=False
        Whether to return the passes as well.
    positive : bool, default=False
        Whether to allow no coefficient below zero; of one target only.
    check_input : bool, default=True
        Whether to look the data over. Without, `X` and `y` must be float arrays of finite numbers.
    tol : float, default=1e-4
        Each penalty is done when its duality gap is below `tol` times the mean square of the targets.
    max_iter : int, default=1000
        Passes over the coordinates at most, for each penalty.
    copy_X, random_state, selection
        Kept for scikit-learn's sake: `X` is never written, and the coordinates take their turns in order.

    Returns
    -------
    alphas : array of shape (n_alphas,), strongest first
    coefs : array of shape (n_features, n_alphas) or (n_targets, n_features, n_alphas)
    gaps : array of shape (n_alphas,)
        How far each objective is from its least value at most.
    passes : array of shape (n_alphas,), with `return_n_iter`

    Raises
    ------
    ValueError
        When the data are not finite numbers of one length, no penalty leaves nothing (l1_ratio 0), or what is given is
        of another shape than the data ask for.

    Examples
    --------
    >>> from diorama.linear import enet_path
    >>> alphas, coefs, gaps = enet_path([[1.0], [2.0]], [1.0, 2.0], alphas=[1.0], l1_ratio=1.0)
    >>> coefs.round(3).tolist()
    [[0.6]]
    """
    given = {name: value for name, value in locals().items() if name in _CONSTRAINTS}
    validate_parameter_constraints(_CONSTRAINTS, given, caller_name="enet_path")
    subject = ElasticNet(l1_ratio=l1_ratio, fit_intercept=False, positive=positive)
    if check_input:
        kinds = [np.float64, np.float32]
        X, y = validated_with_target(
            subject, X, y, accept_sparse="csc", dtype=kinds, y_numeric=True, multi_output=True, ensure_min_samples=1
        )
    if positive and y.ndim > 1:
        raise ValueError(f"positive=True takes one target: y of shape (n_samples,), not {y.shape}.")
    targets = y.astype(np.float64).reshape(len(y), -1)
    # sums are added in one order, whatever the number of threads, and are known to be numbers before they are used
    with blas_threads(1), np.errstate(over="ignore", invalid="ignore"):
        table = _table(X, targets, precompute, given_product("Xy", Xy, (X.shape[1], targets.shape[1])))
        strengths = _strengths(table, l1_ratio, eps, alphas, positive)
        shape = (targets.shape[1], X.shape[1])
        coef = np.zeros(shape) if coef_init is None else given_product("coef_init", coef_init, shape)
        solve = _solver(table, l1_ratio, positive, tol, max_iter)
        ends: list[Shared] = []
        for alpha in strengths:
            ends.append(solve(ends[-1].coef if ends else coef, float(alpha)))  #: solve
    states = [PathState(float(a), end.coef) for a, end in zip(strengths, ends, strict=True)]
    show(lambda: states, total=len(states), fit=Fit(subject, X, y))
    coefs = np.stack([end.coef for end in ends], axis=-1).astype(X.dtype)
    gaps, passes = np.array([end.gap for end in ends]), np.array([end.sweeps for end in ends])
    found = strengths, coefs[0] if y.ndim == 1 else coefs, gaps
    return (*found, passes) if return_n_iter else found


def _solver(table: Table, l1_ratio: float, positive: bool, tol: float, max_iter: int) -> Solve:
    """What finds the solution for one penalty from that of the last."""
    bound = tol * float(table.square.sum()) / table.total

    def solve(coef: Array, alpha: float) -> Shared:
        if len(coef) > 1:
            end = shared(table, coef, alpha, l1_ratio, bound, max_iter)
        else:
            problem = penalized(table, 0, alpha, l1_ratio, positive)
            state = descended(problem, begin(problem, coef[0]), bound, max_iter)
            end = Shared(state.coef[None], state.sweeps, state.gap)
        if end.gap > bound:
            told = unfinished(end.gap, end.sweeps, bound, max_iter)
            warnings.warn(f"At alpha={alpha:.3g}: {told}", ConvergenceWarning, stacklevel=3)
        return end

    return solve


def _table(X: Any, y: Array, precompute: Any, cross: Array | None) -> Table:
    """The sums of the data, taken from what is given where it is given."""
    if isinstance(precompute, str):
        table = finite_table(X, y, None, False)
    elif isinstance(precompute, bool | np.bool_) and not precompute:
        table = WideTable(X, y, None, False)
    else:
        known = not isinstance(precompute, bool | np.bool_)
        products = precompute if known else X.astype(float).T @ X.astype(float)
        gram = given_product(
            "precompute", products.toarray() if hasattr(products, "toarray") else products, (X.shape[1],) * 2
        )
        if known:
            _refuse_another_table(X, gram)
        n_features, n_targets = X.shape[1], y.shape[1]
        cross = np.asarray(X.T @ y, dtype=float) if cross is None else cross
        nothing = np.zeros(n_features), np.zeros(n_targets)
        table = TallTable(Moments(float(len(y)), *nothing, gram, cross, (y**2).sum(axis=0)), gram)
    if cross is not None:
        table.cross = cross
    refuse_infinite(X, y, table.cross, table.square, table.curvature)
    return table


def _refuse_another_table(X: Any, gram: Array) -> None:
    """One product is worked out again: a Gram matrix of centred or scaled columns would give other coefficients."""
    column = X[:, [0]]
    own = float((column.multiply(column) if hasattr(column, "multiply") else column.astype(float) ** 2).sum())
    if not np.isclose(gram[0, 0], own, rtol=1e-4 if X.dtype == np.float32 else 1e-7):
        raise ValueError(
            f"precompute must be X.T @ X of this X, whose first entry is {own:.6g}, not {gram[0, 0]:.6g}; were the "
            "columns centred or scaled in between?"
        )


def _strengths(table: Table, l1_ratio: float, eps: float, alphas: Any, positive: bool) -> Array:
    if not isinstance(alphas, Integral):
        with naming("alphas"):
            given: Array = check_array(alphas, dtype=np.float64, ensure_2d=False, input_name="alphas")
        if given.ndim != 1 or given.min() < 0:
            raise ValueError(f"alphas must be one row of numbers from 0 upwards; got {alphas!r}.")
        return np.sort(given)[::-1]
    if l1_ratio == 0:
        raise ValueError("alphas must be given when l1_ratio is 0: no penalty without L1 makes all coefficients zero.")
    pull = table.cross[:, 0] if positive else np.linalg.norm(table.cross, axis=1)
    strongest = max(float(pull.max()) / (table.total * l1_ratio), float(np.finfo(float).resolution))
    spaced: Array = np.geomspace(strongest, strongest * eps, int(alphas))
    return spaced
