r"""AdaBoost for numbers: R2.

A round draws as many rows as there are, by their weights w_i, and fits a member h to them. With the largest error
D = max_i |h(x_i) - y_i| of all rows, the loss of a row is l_i = |h(x_i) - y_i| / D ("linear"), its square ("square") or
1 - exp(-l_i) ("exponential"). With the mean loss L = sum_i w_i l_i < 1/2 and b = L / (1 - L),

    voice      a = eta log(1 / b)
    weights    w_i <- w_i b^((1 - l_i) eta), then divided by their sum

and the ensemble predicts the weighted median of what its members predict [1]_.

.. [1] H. Drucker, "Improving regressors using boosting techniques", ICML (1997), 107-115.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import numpy as np
from sklearn import config_context
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils._param_validation import StrOptions

from diorama._typing import Array
from diorama.ensembles._members import fit_member, seeded
from diorama.ensembles._urn import Urn, draw, urn_of_table
from diorama.ensembles.adaboost import AdaBoost, State, lightened
from diorama.trees import CARTRegressor

Learner = Callable[[Array, int], tuple[Any, Array]]  # (weights, seed) -> member, |errors| on all rows


def step(learn: Learner, seeds: Array, loss: str, learning_rate: float, state: State) -> State:
    """Play one round."""
    member, errors = learn(state.weights, int(seeds[len(state.members)]))  #: fit
    missed = losses(errors, state.weights > 0, loss)  #: judge
    error = float((state.weights * missed).sum())
    if error >= 0.5:
        # the only member there is stays, without a voice
        return (
            state._replace(over=True)
            if state.members
            else _joined(state, state.weights, missed, member, 0.0, 1.0, True)
        )
    if error <= 0:
        return _joined(state, state.weights, missed, member, 1.0, 0.0, True)
    b = error / (1 - error)
    voice = learning_rate * float(np.log(1 / b))  #: voice
    weights = state.weights * b ** ((1 - missed) * learning_rate)  #: reweigh
    return _joined(state, lightened(weights / weights.sum()), missed, member, voice, error, False)


def losses(errors: Array, counts: Array, loss: str) -> Array:
    """(n,) how wrong a member is about each row, from 0 to 1; rows that do not count set no measure."""
    largest = errors[counts].max()
    missed = np.minimum(errors / largest, 1.0) if largest > 0 else np.zeros_like(errors)
    if loss == "square":
        return missed**2
    return 1 - np.exp(-missed) if loss == "exponential" else missed


def weighted_median(said: Array, voices: Array) -> Array:
    """(n,) of what members say (n_members, n): the least value up to which half of the voices lie."""
    order = np.argsort(said, axis=0, kind="stable")
    heard = np.cumsum(voices[order], axis=0)
    middle = (heard >= 0.5 * heard[-1]).argmax(axis=0)
    every = np.arange(said.shape[1])
    return np.asarray(said[order[middle, every], every])  #: median


def _joined(state: State, weights: Array, missed: Array, member: Any, voice: float, error: float, over: bool) -> State:
    return State(weights, missed, (*state.members, member), (*state.voices, voice), (*state.errors, error), over)


class AdaBoostRegressor(RegressorMixin, AdaBoost):
    """Weak regressors in a row, each fitted to a draw in which rows come the oftener the worse they were predicted.

    ====================  ================================================================================
    symbol                argument
    ====================  ================================================================================
    eta                   learning_rate: how loud a member may become in a round
    h                     estimator: what is fitted in each round
    l_i                   loss: "linear", "square" or "exponential"
    ====================  ================================================================================

    Parameters
    ----------
    estimator : regressor, default=CARTRegressor(max_depth=3)
        Any of scikit-learn's kind.
    n_estimators : int, default=50
        Rounds, at most.
    learning_rate : float > 0, default=1.0
    loss : {"linear", "square", "exponential"}, default="linear"
    random_state : int, RandomState instance or None, default=None
        Seeds the draws, and members that choose at random.

    Attributes
    ----------
    estimators_ : list of the fitted members
    estimator_weights_, estimator_errors_ : (n_estimators,) voices and mean losses; 0 and 1 for rounds not played
    feature_importances_ : (n_features,) where members have them
    estimator_, n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    Rounds end early when a member makes no error, or its mean loss is a half or more.

    Raises
    ------
    ValueError
        When y is no target of numbers, or a member refuses its rows.

    Examples
    --------
    >>> from diorama.ensembles import AdaBoostRegressor
    >>> X, y = [[1.0], [2.0], [8.0], [9.0]], [0.0, 0.0, 5.0, 5.0]
    >>> AdaBoostRegressor(random_state=0).fit(X, y).predict([[1.5], [8.5]])
    array([0., 5.])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **AdaBoost._parameter_constraints,
        "loss": [StrOptions({"linear", "square", "exponential"})],
    }

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        loss: str = "linear",
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.loss = loss
        self.random_state = random_state

    def _prototype(self) -> Any:
        return CARTRegressor(max_depth=3) if self.estimator is None else self.estimator

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "AdaBoostRegressor":
        """Boost on X (n_samples, n_features) and targets y (n_samples,)."""
        self._validate_params()
        X, y = self._checked(X, y, y_numeric=True)
        self._boost(X, y, sample_weight)
        return self

    def _step(self, X: Any, y: Array, weights: Array, seeds: Array) -> Callable[[State], State]:
        learn = partial(_learn, self._prototype(), X, y, urn_of_table(X, y, weights))
        return partial(step, learn, seeds, self.loss, self.learning_rate)

    def _said(self, X: Any) -> tuple[Array, Array]:
        """(n_members, n_samples) what members predict, and (n_members,) their voices."""
        X = self._asked(X)
        with config_context(assume_finite=True):
            said = np.array([member.predict(X) for member in self.estimators_], dtype=float)
        return said, self.estimator_weights_[: len(said)]

    def predict(self, X: Any) -> Array:
        """(n_samples,) the weighted median of the members' predictions."""
        return weighted_median(*self._said(X))

    def staged_predict(self, X: Any) -> Iterator[Array]:
        """`predict` of the first member, the first two, the first three ..."""
        said, voices = self._said(X)
        for n in range(1, len(said) + 1):
            yield weighted_median(said[:n], voices[:n])

    @staticmethod
    def _score_of(y: Any, predicted: Array, sample_weight: Any) -> float:
        return float(r2_score(y, predicted, sample_weight=sample_weight))


def _learn(prototype: Any, X: Any, y: Array, urn: Urn, weights: Array, seed: int) -> tuple[Any, Array]:
    """Fit a member to rows drawn by these weights; it, and how far it is from every target."""
    counts = draw(urn._replace(shares=weights), seed)
    # in the order of what rows hold: shuffled rows give the same member, to the last bit
    rows = np.repeat(urn.order, counts[urn.order])
    member = fit_member(seeded(prototype, seed), X[rows], y[rows], {})
    return member, np.abs(member.predict(X) - y)
