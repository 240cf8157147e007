"""Support vector regression: the flattest curve in whose tube most rows lie, and a price for each row outside it.

Minimises 1/2 ||w||^2 + sum_i C_i max(0, |y_i - f(x_i)| - epsilon), where f(x) = sum_i beta_i K(x_i, x) + b: rows inside
the tube cost nothing, push nothing, and are no support vectors.
"""

from numbers import Real
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit
from diorama._quick_checks import validated_weight
from diorama._typing import Array
from diorama.svm._kernel_machine import KernelMachine
from diorama.svm._smo import State

__all__ = ["SVR", "State"]


class SVR(RegressorMixin, KernelMachine):
    r"""Support vector regression with kernels and a tube that costs nothing.

    Predicts :math:`\sum_i \beta_i K(x_i, x) + b`, where :math:`\beta` is `dual_coef_`, the :math:`x_i` are
    `support_vectors_` and :math:`b` is `intercept_`; :math:`|\beta_i| \le C_i` [1]_.

    Parameters
    ----------
    kernel, degree, gamma, coef0, shrinking, cache_size, verbose, max_iter
        As in :class:`SVC`; the whole kernel matrix is made up to 500 rows.
    tol : float, default=1e-3
        Stop when no trade between two rows gains more than this, and the duality gap proves that the objective lies
        within this share of its least value.
    C : float, default=1.0
        Price of each unit that a row lies outside the tube, and the most that a row may push.
    epsilon : float, default=0.1
        Half the height of the tube, in the units of the target.

    Attributes
    ----------
    support_ : array of shape (n_support,)
        Rows on the edge of the tube or outside it.
    support_vectors_ : array of shape (n_support, n_features)
    n_support_ : array of shape (1,)
    dual_coef_ : array of shape (1, n_support)
    coef_ : array of shape (1, n_features)
        With the linear kernel.
    intercept_ : array of shape (1,)
    duality_gap_ : float
        How far the objective lies above its least value, at most.
    n_iter_ : int
        Trades.

    Raises
    ------
    ValueError
        When the data are not finite numbers, or a precomputed matrix is not square.

    References
    ----------
    .. [1] Smola, Schölkopf (2004). A tutorial on support vector regression. Statistics and Computing 14.

    Examples
    --------
    >>> from diorama.svm import SVR
    >>> model = SVR(kernel="linear", C=10.0, epsilon=0.5).fit([[0.0], [1.0], [2.0]], [0.0, 2.0, 4.0])
    >>> print(model.coef_.round(3), model.predict([[1.0]]).round(3))
    [[1.5]] [2.]
    """

    _parameter_constraints: dict[str, Any] = {
        **KernelMachine._parameter_constraints,
        "epsilon": [Interval(Real, 0.0, None, closed="left")],
    }

    n_support_: Array
    duality_gap_: float
    n_iter_: int

    def __init__(
        self,
        *,
        kernel: Any = "rbf",
        degree: float = 3,
        gamma: float | str = "scale",
        coef0: float = 0.0,
        tol: float = 1e-3,
        C: float = 1.0,
        epsilon: float = 0.1,
        shrinking: bool = True,
        cache_size: float = 200,
        verbose: Any = False,
        max_iter: int = -1,
    ) -> None:
        self.kernel = kernel
        self.degree = degree
        self.gamma = gamma
        self.coef0 = coef0
        self.tol = tol
        self.C = C
        self.epsilon = epsilon
        self.shrinking = shrinking
        self.cache_size = cache_size
        self.verbose = verbose
        self.max_iter = max_iter

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Lay the tube along rows `X` (n_samples, n_features) and targets `y` (n_samples,)."""
        self._validate_params()
        X, y = self._validated(X, y)
        target = y.astype(np.float64)
        cost = self.C * validated_weight(sample_weight, X)
        self._settle_gamma(X, cost)
        low, high = np.append(np.zeros_like(cost), -cost), np.append(cost, np.zeros_like(cost))
        edges = np.append(target - self.epsilon, target + self.epsilon)
        state = self._trade(X, low, high, edges, Fit(self, X, y)).state
        pushes = pushes_of(state)
        support = np.flatnonzero(pushes)
        self._keep(X, support)
        self.n_support_ = np.array([len(support)], dtype=np.int32)
        self.dual_coef_ = pushes[None, support]
        self.intercept_ = np.array([state.bias])
        self.duality_gap_, self.n_iter_ = state.gap, state.trades
        return self

    def predict(self, X: Any) -> Array:
        """The middle of the tube at each row: (n_samples,)."""
        check_is_fitted(self)
        return self._sums(X)[:, 0]


def pushes_of(state: State) -> Array:
    """(n_rows,) what each row pushes the curve: up by its lower edge, down by its upper."""
    pushes: Array = state.beta.reshape(2, -1).sum(axis=0)
    return pushes
