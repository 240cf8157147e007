"""Logistic regression by gradient descent: probabilities from weighted sums, improved step by step.

Minimises the mean of -log p(class of the row). With two classes p is the sigmoid of one weighted sum, with more the
softmax of one sum for each class. The cost is computed from the sums themselves, so a sure and wrong prediction costs
much and never infinity.
"""

from collections.abc import Callable
from numbers import Real
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from scipy.special import expit
from sklearn.base import ClassifierMixin
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit
from diorama._kernel import kernel
from diorama._quick_checks import validated, validated_with_target
from diorama._typing import Array
from diorama.linear._descent_bound import logistic_excess, worth
from diorama.linear._rows import filled, scaled, table_rows
from diorama.linear._sparse_epochs import sparse_cross_entropy_epoch
from diorama.linear.descent import DescentState, GradientDescentModel


class State(DescentState):
    """The weights (1 or n_classes, n_features), and last the bias if there is one, after so many steps."""

    __slots__ = ()


def sigmoid(sums: Array) -> Array:
    """1 / (1 + e^-z), in a form that does not overflow."""
    shares: Array = expit(sums)
    return shares


def softmax(sums: Array) -> Array:
    """e^z over the sum of all e^z, row by row; taking the largest z off first changes nothing and cannot overflow."""
    powers = np.exp(sums - sums.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def binary_cost_and_gradient(
    rows: Any, targets: Array, row_weights: Array | None, weights: Array, total: float
) -> tuple[float, Array]:
    """Cross-entropy of two classes, and its slope by each weight. `targets` (n,) are 0 or 1."""
    sums = rows @ weights[0]  #: sums
    # -log p of the row's class is log(1 + e^z) - y z, which logaddexp computes without overflow
    losses = np.logaddexp(0, sums) - targets * sums  #: cost
    errors = sigmoid(sums) - targets  #: errors
    if row_weights is not None:
        losses, errors = row_weights * losses, row_weights * errors
    gradient = (errors @ rows) / total  #: gradient
    return float(losses.sum()) / total, gradient[None, :]


def softmax_cost_and_gradient(
    rows: Any, targets: Array, row_weights: Array | None, weights: Array, total: float
) -> tuple[float, Array]:
    """Cross-entropy of several classes, and its slope by each weight. `targets` (n,) are numbers of classes."""
    sums = rows @ weights.T  #: sums
    sums -= sums.max(axis=1, keepdims=True)
    powers = np.exp(sums)
    norms = powers.sum(axis=1)
    own = np.arange(len(targets)), targets
    losses = np.log(norms) - sums[own]  #: cost
    errors = powers / norms[:, None]  #: errors
    errors[own] -= 1
    if row_weights is not None:
        losses, errors = row_weights * losses, row_weights[:, None] * errors
    gradient = (errors.T @ rows) / total  #: gradient
    return float(losses.sum()) / total, gradient


def cross_entropy_curvature(rows: Any, shares: Array, row_weights: Array) -> Array:
    """Hessian of the cross-entropy, a block of columns x columns for each pair of outputs.

    `shares` (n, n_outputs) are the probabilities: p_k (1 - p_k) curves an output by itself, -p_k p_l a pair of them.
    """
    blocks = [
        [
            filled(scaled(rows, row_weights * one * ((own == other) - two)).T @ rows)  #: curvature
            for other, two in enumerate(shares.T)
        ]
        for own, one in enumerate(shares.T)
    ]
    return np.block(blocks)


class CrossEntropy(NamedTuple):
    """The cost over all rows."""

    rows: Any  # (n, n_columns) dense or sparse
    targets: Array  # (n,) 0 or 1 as numbers of the rows' type for two classes, else codes of the classes
    row_weights: Array  # (n,)
    n_outputs: int  # 1 for two classes, else one for each
    weighted: bool  # whether the row weights differ from 1
    total: float  # sum of the row weights

    @property
    def bend(self) -> float:
        # p(1 - p) <= 1/4; the Hessian of log-sum-exp is at most 1/2 (Böhning 1992, "Multinomial logistic regression
        # algorithm", Annals of the Institute of Statistical Mathematics 44(1))
        return 0.25 if self.n_outputs == 1 else 0.5

    def value(self, x: Array) -> float:
        return self.value_and_gradient(x)[0]

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        row_weights = self.row_weights if self.weighted else None
        return self._formula(self.rows, self.targets, row_weights, x, self.total)

    def hessian(self, x: Array) -> Array:
        return cross_entropy_curvature(self.rows, self._shares(x), self.row_weights / self.total)

    def _shares(self, x: Array) -> Array:
        sums = self.rows @ x.T
        return sigmoid(sums) if self.n_outputs == 1 else softmax(sums)

    def excess(self, x: Array, cost: float, gradient: Array) -> float:
        if not worth(self.rows.shape[0], x.size):
            return cost
        weight = self.row_weights.astype(float) / self.total
        return logistic_excess(cost, gradient, self.hessian(x), self.rows, self._shares(x).astype(float), weight)

    def batch_gradient(self, weights: Array, batch: Array) -> Array:
        # the mean over the batch, each row as often as it counts in the whole
        total = self.total * len(batch) / self.rows.shape[0]
        return self._formula(self.rows[batch], self.targets[batch], self.row_weights[batch], weights, total)[1]

    def epoch(self, weights: Array, order: Array, batch_size: int, rate: float) -> Array:
        factor = weights.dtype.type(rate * self.rows.shape[0] / self.total)
        batches = self.targets, self.row_weights, order, min(batch_size, len(order)), factor, weights
        if sp.issparse(self.rows):
            return sparse_cross_entropy_epoch(self.rows.data, self.rows.indices, self.rows.indptr, *batches)
        return cross_entropy_epoch(self.rows, *batches)

    @property
    def _formula(self) -> Callable[..., tuple[float, Array]]:
        return binary_cost_and_gradient if self.n_outputs == 1 else softmax_cost_and_gradient


class GradientDescentClassifier(ClassifierMixin, GradientDescentModel):
    r"""Logistic regression trained by batch, mini-batch or stochastic gradient descent.

    .. math:: J(w, b) = -\frac{1}{n}\sum_i \log p_{y_i}(x_i), \qquad (w, b) \leftarrow (w, b) - \alpha \nabla J(w, b)

    With two classes :math:`p_1(x) = 1 / (1 + e^{-(w^T x + b)})`, with more :math:`p_k(x) \propto e^{w_k^T x + b_k}`.
    Here :math:`w` is `coef_`, :math:`b` is `intercept_` and :math:`\alpha` is `learning_rate_`. It begins at zero.

    Parameters
    ----------
    learning_rate : float or "auto", default="auto"
        :math:`\alpha`. "auto" takes half of the largest rate that is sure to be safe for these data.
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
    tol : float, default=1e-4
        Training ends when `n_iter_no_change` passes in a row each lowered the best cost by less than this share of
        it, and, over all rows, changed it by less. None goes on for `max_iter` passes.
    n_iter_no_change : int, default=5
    threshold : float, default=0.5
        With two classes, the probability of the second from which on it is predicted.
    fit_intercept : bool, default=True
        Whether there is a bias.
    warm_start : bool, default=False
        Whether `fit` goes on from the weights that the last one left.
    random_state : int, RandomState or None, default=None
        Of the order in which mini-batches take the rows.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
    coef_ : array of shape (1, n_features) for two classes, else (n_classes, n_features)
    intercept_ : array of shape (1,) or (n_classes,)
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
        2/L, where L bounds the curvature of the cost (for small batches that of each batch). Above it descent may
        still work, as the cost is flatter than the bound in most places.

    Raises
    ------
    ValueError
        When the data are not numbers, not finite, of different lengths, of one class only, or all weights are zero.
    Warns
    -----
    DivergenceWarning
        When the cost ended above its start. The model then has the best weights that were seen.
    ConvergenceWarning
        When `max_iter` came before `tol`.

    References
    ----------
    Cox (1958), "The regression analysis of binary sequences", Journal of the Royal Statistical Society B 20(2).

    Examples
    --------
    >>> from diorama.linear import GradientDescentClassifier
    >>> lengths, names = [[1.0], [2.0], [3.0], [4.0]], ["short", "long", "short", "long"]
    >>> model = GradientDescentClassifier().fit(lengths, names)
    >>> print(model.predict([[0.5], [4.5]]))
    ['short' 'long']
    """

    _parameter_constraints = {
        **GradientDescentModel._parameter_constraints,
        "threshold": [Interval(Real, 0, 1, closed="neither")],
    }

    classes_: Array

    def __init__(
        self,
        *,
        learning_rate: float | str = "auto",
        max_iter: int = 1000,
        batch_size: int | None = None,
        optimizer: Any = "gradient-descent",
        tol: float | None = 1e-4,
        n_iter_no_change: int = 5,
        threshold: float = 0.5,
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
        self.threshold = threshold
        self.fit_intercept = fit_intercept
        self.warm_start = warm_start
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Train on `X` (n_samples, n_features), which may be sparse, and the labels `y` (n_samples,)."""
        self._validate_params()
        X, y = self._validated(X, y, reset=True)
        classes = np.unique(y)
        go_on = self.warm_start and hasattr(self, "coef_") and np.array_equal(classes, self.classes_)
        self._take_classes(classes)
        cost = self._cost(X, y, sample_weight)
        start = self._weights() if go_on else np.zeros((cost.n_outputs, cost.rows.shape[1]), dtype=X.dtype)
        return self._keep(self._train(cost, State, start, Fit(self, X, y)))

    def partial_fit(self, X: Any, y: Any, classes: Any = None, sample_weight: Any = None) -> Self:
        """One pass over these rows from where the model stands: one update, or one for each mini-batch.

        The first call needs all `classes` that will come. `learning_rate="auto"` is worked out anew from the rows of
        each call.
        """
        self._validate_params()
        first = not hasattr(self, "coef_")
        if first and classes is None:
            raise ValueError("classes must be passed on the first call to partial_fit: all labels that will come.")
        if not first and classes is not None and not np.array_equal(np.unique(classes), self.classes_):
            raise ValueError(f"classes={classes!r} are not those of the first call to partial_fit: {self.classes_!r}.")
        X, y = self._validated(X, y, reset=first)
        if first:
            self._take_classes(np.unique(classes))
        cost = self._cost(X, y, sample_weight)
        start = np.zeros((cost.n_outputs, cost.rows.shape[1]), X.dtype) if first else self._weights().astype(X.dtype)
        return self._keep(self._train_once(cost, State, start, Fit(self, X, y)))

    def decision_function(self, X: Any) -> Array:
        """The weighted sums: (n_samples,) for two classes, above 0 for the second; else (n_samples, n_classes)."""
        check_is_fitted(self, "coef_")
        X = validated(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], reset=False)
        sums: Array = X @ self.coef_.T + self.intercept_
        return sums[:, 0] if len(self.coef_) == 1 else sums

    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) probabilities."""
        sums = self.decision_function(X)
        if sums.ndim == 1:
            return np.stack([sigmoid(-sums), sigmoid(sums)], axis=1)
        return softmax(sums)

    def predict(self, X: Any) -> Array:
        """The second of two classes where its probability reaches `threshold`; of more, the likeliest."""
        shares = self.predict_proba(X)
        codes = (shares[:, 1] >= self.threshold).astype(int) if shares.shape[1] == 2 else shares.argmax(axis=1)
        labels: Array = self.classes_[codes]
        return labels

    def _validated(self, X: Any, y: Any, *, reset: bool) -> tuple[Any, Array]:
        kinds = [np.float64, np.float32]
        X, y = validated_with_target(self, X, y, accept_sparse="csr", dtype=kinds, order="C", reset=reset)
        check_classification_targets(y)
        return X, y

    def _take_classes(self, classes: Array) -> None:
        if len(classes) < 2:
            raise ValueError(f"y has one class only, {classes[0]!r}; a classifier needs rows of at least two classes.")
        self.classes_ = classes

    def _cost(self, X: Any, y: Array, sample_weight: Any) -> CrossEntropy:
        codes = np.searchsorted(self.classes_, y)
        codes = np.minimum(codes, len(self.classes_) - 1)
        if unknown := set(y[self.classes_[codes] != y]):
            raise ValueError(f"y has labels {sorted(unknown)} that were not among the classes {list(self.classes_)}.")
        n_outputs = 1 if len(self.classes_) == 2 else len(self.classes_)
        row_weights = self._row_weights(X, sample_weight)
        targets = codes.astype(X.dtype) if n_outputs == 1 else codes
        total = float(row_weights.sum(dtype=float))
        rows = table_rows(X, self.fit_intercept)
        return CrossEntropy(rows, targets, row_weights, n_outputs, sample_weight is not None, total)

    def _weights(self) -> Array:
        return np.column_stack([self.coef_, self.intercept_]) if self.fit_intercept else self.coef_

    def _keep(self, weights: Array) -> Self:
        n_features = self.n_features_in_
        self.coef_ = weights[:, :n_features].copy()
        bias = weights[:, n_features] if self.fit_intercept else np.zeros(len(weights), dtype=weights.dtype)
        self.intercept_ = bias.copy()
        return self


@kernel
def cross_entropy_epoch(
    rows: Array, targets: Array, row_weights: Array, order: Array, batch_size: int, factor: Any, weights: Array
) -> Array:
    """The weights after one plain step for each batch of rows in this order; one output means two classes."""
    weights = weights.copy()
    gradient = np.zeros_like(weights)
    outputs, columns = weights.shape
    one, zero = weights.dtype.type(1), weights.dtype.type(0)
    errors = np.zeros(outputs, dtype=weights.dtype)
    for first in range(0, len(order), batch_size):
        last = min(first + batch_size, len(order))
        gradient[:] = 0
        for i in order[first:last]:
            highest = zero
            for k in range(outputs):
                total = zero
                for j in range(columns):
                    total += rows[i, j] * weights[k, j]
                errors[k] = total
                if k == 0 or total > highest:
                    highest = total
            if outputs == 1:
                small = np.exp(-abs(highest))
                errors[0] = (one if highest >= zero else small) / (one + small) - targets[i]
            else:
                norm = zero
                for k in range(outputs):
                    errors[k] = np.exp(errors[k] - highest)
                    norm += errors[k]
                for k in range(outputs):
                    errors[k] /= norm
                errors[int(targets[i])] -= one
            for k in range(outputs):
                error = row_weights[i] * errors[k]
                for j in range(columns):
                    gradient[k, j] += error * rows[i, j]
        scale = factor / weights.dtype.type(last - first)
        for k in range(outputs):
            for j in range(columns):
                weights[k, j] -= scale * gradient[k, j]
    return weights
