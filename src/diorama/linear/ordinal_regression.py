"""Ordinal regression: one weighted sum for all classes, and a threshold between each class and the next.

A row x belongs to class k when its hidden value x . coef + noise lies between the thresholds k - 1 and k; with logistic
noise, P(class <= k) = sigmoid(threshold_k - x . coef), and the odds move in proportion for every k at once [1]_.

Minimises sum_i -w_i log P(class_i | x_i) + alpha / 2 ||coef||^2. With a and b the distances of a row to the upper and
the lower threshold of its class, P = sigmoid(a) sigmoid(-b) (1 - exp(b - a)): two logistic losses, and a wall that
keeps the thresholds in their order. The sum is convex, and Newton's method goes down it in a few steps.

.. [1] McCullagh (1980). Regression models for ordinal data. Journal of the Royal Statistical Society B 42(2).
"""

import warnings
from functools import partial
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve
from scipy.special import expit
from sklearn.base import ClassifierMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils._param_validation import Interval
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, iterate
from diorama._parallel import blas_threads
from diorama._quick_checks import QuickChecks, validated, validated_weight, validated_with_target
from diorama._typing import Array
from diorama._validation import described, naming
from diorama.linear._least_squares import refuse_too_large

# halvings of a step before it is given up
_HALVINGS = 40
# share of a step's promised fall that it must bring
_ARMIJO = 1e-4
# added to the curvature, as a share of its largest entry, where it is singular
_RIDGE = 1e-10
# steps of Newton's method over the thresholds alone, from where a fit has left them
_POLISH = 5


class State(NamedTuple):
    """Where the descent stands."""

    coef: Array  # (n_features,)
    thresholds: Array  # (n_classes - 1,) ascending
    cost: float  # the objective, divided by the total weight
    slope: float  # largest entry of its gradient


class Problem(NamedTuple):
    """The data as Newton's method needs them."""

    X: Array  # (n_samples, n_features) in double precision
    codes: Array  # (n_samples,) class of each row, from 0
    weight: Array  # (n_samples,) in all 1
    alpha: float  # strength of the penalty, divided by the total weight
    n_classes: int


def distances(problem: Problem, coef: Array, thresholds: Array) -> tuple[Array, Array]:
    """(n_samples,) each: how far the upper and the lower threshold of its class lie above a row's weighted sum."""
    ends = np.concatenate([[-np.inf], thresholds, [np.inf]])
    value = problem.X @ coef
    return ends[problem.codes + 1] - value, ends[problem.codes] - value


def cost(problem: Problem, coef: Array, thresholds: Array) -> float:
    """Mean surprise and penalty; infinite where the thresholds are out of order."""
    if (np.diff(thresholds) <= 0).any():
        return np.inf
    a, b = distances(problem, coef, thresholds)
    surprise = np.logaddexp(0, -a) + np.logaddexp(0, b)  #: surprise
    wall = -np.log(-np.expm1(b - a))  #: wall
    return float(problem.weight @ (surprise + wall)) + 0.5 * problem.alpha * float(coef @ coef)


def slopes(problem: Problem, coef: Array, thresholds: Array) -> tuple[Array, Array]:
    """Gradient and Hessian of the cost over (coef, thresholds): one row's loss bends by a, by b and by their gap."""
    a, b = distances(problem, coef, thresholds)
    upper, lower = -problem.weight * expit(-a), problem.weight * expit(b)
    bend_a, bend_b = problem.weight * expit(a) * expit(-a), problem.weight * expit(b) * expit(-b)
    d, codes, n_classes = len(coef), problem.codes, problem.n_classes
    gradient = np.empty(d + n_classes - 1)
    gradient[:d] = problem.alpha * coef - problem.X.T @ (upper + lower)
    by_class = np.bincount(codes, upper, n_classes)[:-1] + np.bincount(codes, lower, n_classes)[1:]
    hessian = np.zeros((len(gradient), len(gradient)))
    hessian[:d, :d] = problem.X.T @ ((bend_a + bend_b)[:, None] * problem.X) + problem.alpha * np.eye(d)
    bends = np.bincount(codes, bend_a, n_classes)[:-1] + np.bincount(codes, bend_b, n_classes)[1:]
    for k in range(n_classes - 1):
        across = bend_a * (codes == k) + bend_b * (codes == k + 1)
        hessian[:d, d + k] = hessian[d + k, :d] = -(problem.X.T @ across)
    _add_walls(problem, thresholds, by_class, bends, hessian[d:, d:])
    gradient[d:] = by_class
    return gradient, hessian


def _add_walls(problem: Problem, thresholds: Array, gradient: Array, bends: Array, hessian: Array) -> None:
    """What keeps the thresholds apart, for each class between two of them."""
    gaps = np.diff(thresholds)
    mass = np.bincount(problem.codes, problem.weight, problem.n_classes)[1:-1]
    push = mass / np.expm1(gaps)
    bend = push * (1 + 1 / np.expm1(gaps))
    gradient[1:] -= push
    gradient[:-1] += push
    bends[1:] += bend
    bends[:-1] += bend
    hessian[np.diag_indices_from(hessian)] = bends
    between = np.arange(len(gaps))
    hessian[between, between + 1] = hessian[between + 1, between] = -bend


def step(problem: Problem, state: State) -> State:
    """To the minimum of the local parabola, or as much of the way as lowers the cost."""
    gradient, hessian = slopes(problem, state.coef, state.thresholds)  #: curvature
    way = -solve(hessian, gradient)  #: solve
    fall, length, d = float(gradient @ way), 1.0, len(state.coef)
    for _ in range(_HALVINGS):
        coef, thresholds = state.coef + length * way[:d], state.thresholds + length * way[d:]  #: step
        if cost(problem, coef, thresholds) <= state.cost + _ARMIJO * length * fall:
            return arrived(problem, coef, thresholds)
        length /= 2
    return state


def solve(hessian: Array, gradient: Array) -> Array:
    """hessian^-1 gradient, with just enough added where it is singular."""
    ridge = 0.0
    while True:
        try:
            lifted = hessian + ridge * np.eye(len(hessian))
            solution: Array = cho_solve(cho_factor(lifted, lower=True), gradient)
        except LinAlgError:
            ridge = max(10 * ridge, _RIDGE * float(np.diag(hessian).max()))
        else:
            return solution


def arrived(problem: Problem, coef: Array, thresholds: Array) -> State:
    """The state at these parameters."""
    gradient, _ = slopes(problem, coef, thresholds)
    return State(coef, thresholds, cost(problem, coef, thresholds), float(np.abs(gradient).max()))


def start(problem: Problem) -> State:
    """No feature is looked at: the thresholds that give each class its share."""
    shares = np.cumsum(np.bincount(problem.codes, problem.weight, problem.n_classes))[:-1]
    return arrived(problem, np.zeros(problem.X.shape[1]), np.log(shares) - np.log1p(-shares))


def proven_gap(problem: Problem, state: State) -> float:
    """How far the cost is above its least value at most.

    With the best thresholds for each coef, what is left is a function of coef that bends by alpha at least everywhere:
    where its slope is s, it is no more than |s|^2 / (2 alpha) above its bottom.
    """
    if problem.alpha == 0:
        return state.cost
    d, thresholds = len(state.coef), state.thresholds
    gradient, hessian = slopes(problem, state.coef, thresholds)
    for _ in range(_POLISH):
        moved = thresholds - solve(hessian[d:, d:], gradient[d:])
        if cost(problem, state.coef, moved) > cost(problem, state.coef, thresholds):
            break
        thresholds = moved
        gradient, hessian = slopes(problem, state.coef, thresholds)
    fall = state.cost - cost(problem, state.coef, thresholds)
    # no probability is above one, so no cost below zero
    return min(state.cost, fall + float(gradient[:d] @ gradient[:d]) / (2 * problem.alpha))


class OrdinalRegression(ClassifierMixin, QuickChecks):
    r"""Proportional-odds regression for classes that have an order, by Newton's method.

    .. math:: P(y \le k \mid x) = \frac{1}{1 + \exp(x^T \beta - \theta_k)}

    where :math:`\beta` is `coef_` and :math:`\theta` is `thresholds_`. Minimises
    :math:`-\sum_i w_i \log P(y_i \mid x_i) + \frac{\alpha}{2} \lVert\beta\rVert^2`.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength of the penalty on `coef_`; the thresholds are not charged. Without any, classes that a threshold
        separates completely have no best coefficients.
    order : sequence of labels, default=None
        The classes from the lowest to the highest; None takes them as they sort.
    max_iter : int, default=100
        Steps at most.
    tol : float, default=1e-6
        Converged when no slope of the mean objective is larger.

    Attributes
    ----------
    classes_ : array of shape (n_classes,)
        From the lowest to the highest.
    coef_ : array of shape (n_features,)
        How far one unit of each feature moves a row up.
    thresholds_ : array of shape (n_classes - 1,)
        Ascending; between each class and the next.
    gap_ : float
        How far the objective, divided by the total weight, is above its least value at most. Without a penalty nothing
        better is proven than that objective itself, which is never below zero.
    converged_ : bool
        Whether every slope came below `tol`.
    n_iter_ : int

    Raises
    ------
    ValueError
        When there is only one class, a label is not in `order`, or the data are not finite numbers.

    Examples
    --------
    >>> from diorama.linear import OrdinalRegression
    >>> X, y = [[1.0], [2.0], [3.0], [4.0], [5.0], [6.0]], ["low", "low", "middle", "low", "middle", "high"]
    >>> model = OrdinalRegression(order=["low", "middle", "high"]).fit(X, y)
    >>> print(model.predict([[0.0], [9.0]]), bool(model.coef_[0] > 0))
    ['low' 'high'] True
    """

    _parameter_constraints = {
        "alpha": [Interval(Real, 0, None, closed="left")],
        "order": ["array-like", None],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
    }

    classes_: Array
    coef_: Array
    thresholds_: Array
    gap_: float
    converged_: bool
    n_iter_: int

    def __init__(self, alpha: float = 1.0, *, order: Any = None, max_iter: int = 100, tol: float = 1e-6) -> None:
        self.alpha = alpha
        self.order = order
        self.max_iter = max_iter
        self.tol = tol

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> Self:
        """Find the weights for `X` (n_samples, n_features) and labels `y` (n_samples,)."""
        self._validate_params()
        X, y = validated_with_target(self, X, y, dtype=[np.float64, np.float32])
        refuse_too_large(X)
        weight = validated_weight(sample_weight, X)
        if not weight.all():
            X, y, weight = X[weight > 0], y[weight > 0], weight[weight > 0]
        codes = self._codes(y)
        total = float(weight.sum())
        problem = Problem(X.astype(float, copy=False), codes, weight / total, self.alpha / total, len(self.classes_))
        # small systems, whose threads would wait more than work
        with blas_threads(1):
            outcome = iterate(
                start(problem),
                partial(step, problem),
                lambda previous, state: state.slope <= self.tol or state is previous,
                max_iter=self.max_iter,
                fit=Fit(self, X, y),
            )
            state = outcome.state
            self.gap_ = proven_gap(problem, state)
        self.converged_ = bool(state.slope <= self.tol)
        if not self.converged_:
            warnings.warn(self._unfinished(state), ConvergenceWarning, stacklevel=2)
        self.coef_, self.thresholds_ = state.coef.astype(X.dtype), state.thresholds.astype(X.dtype)
        self.n_iter_ = outcome.n_iter
        return self

    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) probabilities, classes from the lowest to the highest."""
        return class_probabilities(self._values(X), self.thresholds_)

    def predict(self, X: Any) -> Array:
        """(n_samples,) the likeliest class of each row."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        predicted: Array = self.classes_[likeliest]
        return predicted

    def _values(self, X: Any) -> Array:
        check_is_fitted(self)
        X = validated(self, X, dtype=[np.float64, np.float32], reset=False)
        values: Array = X @ self.coef_
        return values

    def _codes(self, y: Array) -> Array:
        check_classification_targets(y)
        self.classes_, codes = np.unique(y, return_inverse=True)
        if len(self.classes_) < 2:
            only = self.classes_[0]
            raise ValueError(f"there must be at least two classes to tell apart; y has the one class {only!r}.")
        if self.order is None:
            return codes
        with naming("order"):
            order = np.asarray(self.order)
        if order.ndim != 1:
            raise ValueError(f"order must be one row of classes, the lowest first; got {described(order)}.")
        places = {label: place for place, label in enumerate(order.tolist())}
        strange = [label for label in self.classes_.tolist() if label not in places]
        if strange or len(places) < len(order):
            said = f"y has {strange}, which order={order.tolist()} lacks" if strange else "order names a class twice"
            raise ValueError(f"order must name every class once, from the lowest to the highest; {said}.")
        rank = np.argsort([places[label] for label in self.classes_.tolist()])
        self.classes_ = self.classes_[rank]
        return np.argsort(rank)[codes]

    def _unfinished(self, state: State) -> str:
        return (
            f"after {self.max_iter} steps the largest slope is {state.slope:.2g}, where tol asks for {self.tol:.2g}, "
            f"and the loss is at most {self.gap_:.2g} above its least value. "
            f"Raise alpha (now {self.alpha}) if a threshold separates classes completely, or max_iter, or scale X."
        )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        # classes without an order, as scikit-learn's checks have them, do not lie along one line
        tags.classifier_tags.poor_score = True
        return tags


def class_probabilities(values: Array, thresholds: Array) -> Array:
    """(n_samples, n_classes) for weighted sums `values` (n_samples,): what lies between neighbouring thresholds."""
    below = expit(thresholds[None, :] - values[:, None])
    ends = np.zeros((len(values), 1), dtype=below.dtype)
    return np.diff(np.hstack([ends, below, ends + 1]), axis=1)
