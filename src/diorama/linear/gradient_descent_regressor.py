"""Linear regression by gradient descent: the same plane as least squares, reached step by step down the cost.

Minimises the mean squared error (1/n) sum_i (y_i - x_i . coef - intercept)^2, or half of it, by moving the weights
against the gradient of that cost, over all rows at once, a few, or one.
"""

from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit
from diorama._kernel import kernel
from diorama._parallel import blocks, run
from diorama._quick_checks import validated, validated_with_target
from diorama._typing import Array
from diorama.linear._descent_bound import quadratic_excess, worth
from diorama.linear._rows import filled, scaled, table_rows
from diorama.linear._sparse_epochs import sparse_squared_error_epoch
from diorama.linear.descent import DescentState, GradientDescentModel

# the cost of a row as a share of its squared error
SHARES = {"mse": 1.0, "half_mse": 0.5}
# rows that are condensed in one piece: with a few dozen columns they fit the cache
PIECE = 4096


class State(DescentState):
    """The weights (n_features,), and last the bias if there is one, after so many steps."""

    __slots__ = ()


def cost_and_gradient(rows: Any, targets: Array, weights: Array, share: float, total: float) -> tuple[float, Array]:
    """share * mean squared error, and its slope by each weight."""
    errors = rows @ weights - targets  #: errors
    cost = share * float(errors @ errors) / total  #: cost
    gradient = (2 * share / total) * (errors @ rows)  #: gradient
    return cost, gradient


class SquaredError(NamedTuple):
    """The cost over all rows, with a few rows that stand for them all (see `condense`)."""

    rows: Any  # (n, n_columns) dense or sparse
    targets: Array  # (n,)
    row_weights: Array  # (n,)
    share: float  # 1 for the mean squared error, 1/2 for half of it
    total: float  # sum of the row weights
    few_rows: Any  # (m, n_columns)
    few_targets: Array  # (m,)

    @property
    def bend(self) -> float:
        return 2 * self.share

    def value(self, x: Array) -> float:
        return self.value_and_gradient(x)[0]

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        return cost_and_gradient(self.few_rows, self.few_targets, x, self.share, self.total)

    def hessian(self, x: Array) -> Array:
        # the same everywhere: the cost is quadratic
        curvature: Array = (self.bend / self.total) * filled(self.few_rows.T @ self.few_rows)
        return curvature

    def excess(self, x: Array, cost: float, gradient: Array) -> float:
        return quadratic_excess(cost, gradient, self.hessian(x)) if worth(self.rows.shape[0], len(x)) else cost

    def batch_gradient(self, weights: Array, batch: Array) -> Array:
        rows = self.rows[batch]
        errors = self.row_weights[batch] * (rows @ weights - self.targets[batch])
        gradient: Array = (self.bend * self.rows.shape[0] / (self.total * len(batch))) * (errors @ rows)
        return gradient

    def epoch(self, weights: Array, order: Array, batch_size: int, rate: float) -> Array:
        factor = weights.dtype.type(rate * self.bend * self.rows.shape[0] / self.total)
        batches = self.targets, self.row_weights, order, min(batch_size, len(order)), factor, weights
        if sp.issparse(self.rows):
            return sparse_squared_error_epoch(self.rows.data, self.rows.indices, self.rows.indptr, *batches)
        return squared_error_epoch(self.rows, *batches)


def condense(rows: Any, targets: Array) -> tuple[Array, Array]:
    """Few rows with the same sum of squared errors for any weights.

    With [rows, targets] = Q R, the errors are Q R (w, -1), and Q changes no length: the triangle R, which has a row for
    each column, stands for all rows. It is taken piece by piece, then of the pieces' triangles.
    """
    n, columns = rows.shape
    pieces = [(rows[first:last], targets[first:last]) for first, last in blocks(n, max(PIECE, 2 * columns + 2))]
    triangles = run(_triangle, pieces, work=float(n) * (columns + 1) ** 2)
    triangle = triangles[0]
    if len(triangles) > 1:
        all_of_them = np.concatenate(triangles)
        triangle = _triangle(all_of_them[:, :-1], all_of_them[:, -1])
    return np.ascontiguousarray(triangle[:, :-1]), np.ascontiguousarray(triangle[:, -1])


def _triangle(rows: Any, targets: Array) -> Array:
    return np.asarray(np.linalg.qr(np.column_stack([filled(rows), targets]), mode="r"))


class GradientDescentRegressor(RegressorMixin, GradientDescentModel):
    r"""Linear regression trained by batch, mini-batch or stochastic gradient descent.

    .. math:: J(w, b) = \frac{1}{n}\sum_i (w^T x_i + b - y_i)^2, \qquad
              (w, b) \leftarrow (w, b) - \alpha \nabla J(w, b)

    Here :math:`w` is `coef_`, :math:`b` is `intercept_` and :math:`\alpha` is `learning_rate_`. It begins at zero.

    Parameters
    ----------
    learning_rate : float or "auto", default="auto"
        :math:`\alpha`. "auto" takes half of the largest rate that is safe for these data.
    max_iter : int, default=1000
        Passes over the data at most. With the whole batch each of them is one update.
    batch_size : int, default=None
        Rows for each update: None for all of them, 1 for stochastic gradient descent, between for mini-batches.
    optimizer : str or Method, default="gradient-descent"
        How to step: a name of `diorama.optimization.METHODS`, or an object such as ``Adam(learning_rate=0.01)``, which
        brings its own rate, so that `learning_rate` is not looked at. Of those by name the ones whose steps are in
        proportion to the slope (plain descent, momentum, Nesterov) take half of the largest safe rate when it is
        "auto", the others their usual one. Conjugate gradients, BFGS, L-BFGS and Newton find the length of each step
        themselves, from the cost over all rows: they take no `batch_size`.
    tol : float, default=1e-6
        Training ends when `n_iter_no_change` passes in a row each lowered the best cost by less than this share of
        it, and, over all rows, changed it by less. None goes on for `max_iter` passes.
    n_iter_no_change : int, default=5
    cost : {"mse", "half_mse"}, default="mse"
        The mean squared error, or half of it, whose gradient has no factor 2.
    fit_intercept : bool, default=True
        Whether the plane may pass the origin by.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights that the last one left.
    random_state : int, RandomState or None, default=None
        Of the order in which mini-batches take the rows.

    Attributes
    ----------
    coef_ : array of shape (n_features,)
    intercept_ : float
    cost_history_ : array of shape (n_iter_ + 1,)
        The cost over all rows at the start and after each pass. `partial_fit` adds the cost on the rows it was given.
    gap_ : float
        How far the cost over all rows lies above its least value, at most. Where nothing better is known (many
        columns, weights that no finite number is best for, `tol=None`, `partial_fit`) it is the cost itself.
    converged_ : bool
        Whether the cost settled, as `tol` asks, before `max_iter` passes; never with `tol=None`, nor for `partial_fit`.
    n_iter_ : int
    learning_rate_ : float
        The rate that was used, the first of a schedule; NaN when the optimizer has none.
    optimizer_ : Method
        The method that was used.
    largest_safe_rate_ : float
        2/L, where L bounds the curvature of the cost (for small batches that of each batch).

    Raises
    ------
    ValueError
        When the data are not numbers, not finite, of different lengths, or all weights are zero.
    Warns
    -----
    DivergenceWarning
        When the cost ended above its start. The model then has the best weights that were seen.
    ConvergenceWarning
        When `max_iter` came before `tol`.

    References
    ----------
    Bottou, Curtis, Nocedal (2018), "Optimization methods for large-scale machine learning", SIAM Review 60(2).

    Examples
    --------
    >>> from diorama.linear import GradientDescentRegressor
    >>> model = GradientDescentRegressor(tol=1e-12).fit([[0.0], [1.0], [2.0]], [1.0, 3.0, 5.0])
    >>> print(model.coef_.round(3), round(model.intercept_, 3))
    [2.] 1.0
    """

    _parameter_constraints = {**GradientDescentModel._parameter_constraints, "cost": [StrOptions(set(SHARES))]}

    def __init__(
        self,
        *,
        learning_rate: float | str = "auto",
        max_iter: int = 1000,
        batch_size: int | None = None,
        optimizer: Any = "gradient-descent",
        tol: float | None = 1e-6,
        n_iter_no_change: int = 5,
        cost: str = "mse",
        fit_intercept: bool = True,
        warm_start: bool = False,
        random_state: Any = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.optimizer = optimizer
        self.tol = tol
        self.n_iter_no_change = n_iter_no_change
        self.cost = cost
        self.fit_intercept = fit_intercept
        self.warm_start = warm_start
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on `X` (n_samples, n_features), which may be sparse, and `y` (n_samples,)."""
        self._validate_params()
        X, y = self._validated(X, y, reset=True)
        cost = self._cost(X, y, sample_weight, self.max_iter)
        go_on = self.warm_start and hasattr(self, "coef_")
        start = self._weights() if go_on else np.zeros(cost.rows.shape[1], dtype=X.dtype)
        return self._keep(self._train(cost, State, start, Fit(self, X, y)))

    def partial_fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """One pass over these rows from where the model stands: one update, or one for each mini-batch.

        `learning_rate="auto"` is worked out anew from the rows of each call.
        """
        self._validate_params()
        first = not hasattr(self, "coef_")
        X, y = self._validated(X, y, reset=first)
        cost = self._cost(X, y, sample_weight, 1)
        start = np.zeros(cost.rows.shape[1], dtype=X.dtype) if first else self._weights().astype(X.dtype)
        return self._keep(self._train_once(cost, State, start, Fit(self, X, y)))

    def predict(self, X: Any) -> Array:
        """Heights of the plane over `X` (n_samples, n_features): (n_samples,)."""
        check_is_fitted(self, "coef_")
        X = validated(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        heights: Array = X @ self.coef_ + self.coef_.dtype.type(self.intercept_)
        return heights

    def _validated(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Array]:
        kinds = [np.float64, np.float32]
        X, y = validated_with_target(
            self, X, y, accept_sparse="csr", dtype=kinds, y_numeric=True, order="C", reset=reset
        )
        return X, y.astype(X.dtype, copy=False)

    def _cost(self, X: Any, y: Array, sample_weight: Any, max_iter: int) -> SquaredError:
        row_weights = self._row_weights(X, sample_weight)
        rows = table_rows(X, self.fit_intercept)
        n, columns = rows.shape
        few_rows, few_targets = rows, y
        if sample_weight is not None:
            few_rows, few_targets = scaled(rows, np.sqrt(row_weights)), y * np.sqrt(row_weights)
        # condensing costs as much as half as many steps on filled rows as there are columns
        if n > 2 * columns and max_iter * float(rows.size) > float(n) * columns**2:
            few_rows, few_targets = condense(few_rows, few_targets)
        total = float(row_weights.sum(dtype=float))
        return SquaredError(rows, y, row_weights, SHARES[self.cost], total, few_rows, few_targets)

    def _weights(self) -> Array:
        return np.append(self.coef_, self.coef_.dtype.type(self.intercept_)) if self.fit_intercept else self.coef_

    def _keep(self, weights: Array) -> Self:
        n_features = self.n_features_in_
        self.coef_ = weights[:n_features].copy()
        self.intercept_ = float(weights[n_features]) if self.fit_intercept else 0.0
        return self


@kernel
def squared_error_epoch(
    rows: Array, targets: Array, row_weights: Array, order: Array, batch_size: int, factor: Any, weights: Array
) -> Array:
    """The weights after one plain step for each batch of rows in this order; `factor` is the rate times 2 * share."""
    weights = weights.copy()
    gradient = np.zeros_like(weights)
    columns = rows.shape[1]
    for first in range(0, len(order), batch_size):
        last = min(first + batch_size, len(order))
        gradient[:] = 0
        for i in order[first:last]:
            error = -targets[i]
            for j in range(columns):
                error += rows[i, j] * weights[j]
            error *= row_weights[i]
            for j in range(columns):
                gradient[j] += error * rows[i, j]
        scale = factor / weights.dtype.type(last - first)
        for j in range(columns):
            weights[j] -= scale * gradient[j]
    return weights
