r"""AdaBoost for classes: SAMME.

With the weights w_i of the rows, a member h that errs on the share e = sum_i w_i [h(x_i) != y_i] of the weight, K
classes and the learning rate eta, a round is

    voice      a = eta (log((1 - e) / e) + log(K - 1))
    weights    w_i <- w_i exp(a [h(x_i) != y_i]), then divided by their sum

and the ensemble predicts the class with the loudest members. A member must be better than guessing, e < 1 - 1 / K, or
the rounds are over. For two classes this is Freund and Schapire's AdaBoost; it lowers the mean of an exponential loss,
step by step [1]_.

.. [1] J. Zhu, H. Zou, S. Rosset, T. Hastie, "Multi-class AdaBoost", Statistics and Its Interface 2 (2009), 349-360.
"""

from collections.abc import Callable, Iterator
from functools import partial
from typing import Any, ClassVar

import numpy as np
from scipy.special import softmax
from sklearn import config_context
from sklearn.base import ClassifierMixin
from sklearn.metrics import accuracy_score
from sklearn.utils.multiclass import check_classification_targets

from diorama._typing import Array
from diorama.ensembles._members import takes_weights
from diorama.ensembles._weak_learners import Learner, chosen, learner_of
from diorama.ensembles.adaboost import AdaBoost, State, lightened
from diorama.trees import CARTClassifier

# a voice as faint as this comes of adding up in another order
ROUNDING = 1e-12


def step(learn: Learner, seeds: Array, n_classes: int, learning_rate: float, state: State) -> State:
    """Play one round. Raises ValueError when the first member is no better than guessing."""
    member, wrong = learn(state.weights, int(seeds[len(state.members)]))  #: fit
    missed = wrong.astype(float)
    error = float(np.average(missed, weights=state.weights))  #: judge
    if error >= 1 - 1 / n_classes - ROUNDING:
        if not state.members:
            raise ValueError(
                f"the first {type(member).__name__} is no better than guessing: {error:.0%} of the weight is wrong. "
                "Boost a stronger estimator."
            )
        return state._replace(over=True)
    voice = 1.0 if error <= 0 else learning_rate * (np.log((1 - error) / error) + np.log(n_classes - 1))  #: voice
    # what is right made lighter comes to the same as what is wrong made heavier, and cannot overflow
    weights = state.weights * np.exp(voice * (missed - 1)) if error > 0 else state.weights  #: reweigh
    return State(
        weights=lightened(weights / weights.sum()),
        missed=missed,
        members=(*state.members, member),
        voices=(*state.voices, float(voice)),
        errors=(*state.errors, error),
        over=error <= 0,
    )


class AdaBoostClassifier(ClassifierMixin, AdaBoost):
    """Weak classifiers in a row, each fitted to what those before it got wrong.

    ====================  ================================================================================
    symbol                argument
    ====================  ================================================================================
    eta                   learning_rate: how loud a member may become in a round
    h                     estimator: what is fitted in each round
    ====================  ================================================================================

    Parameters
    ----------
    estimator : classifier that takes sample_weight, default=CARTClassifier(max_depth=1)
        Any of scikit-learn's kind.
    n_estimators : int, default=50
        Rounds, at most.
    learning_rate : float > 0, default=1.0
    random_state : int, RandomState instance or None, default=None
        Seeds members that choose at random.

    Attributes
    ----------
    estimators_ : list of the fitted members
    estimator_weights_, estimator_errors_ : (n_estimators,) voices and weighted errors; 0 and 1 for rounds not played
    classes_ : (n_classes,) labels in the order of `predict_proba`'s columns
    feature_importances_ : (n_features,) where members have them
    estimator_, n_classes_, n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    Rounds end early when a member makes no error, or is no better than guessing. Trees of ours are grown on columns
    that are sorted once for all rounds, and are the trees that their own `fit` would grow.

    Raises
    ------
    ValueError
        When y is no classification target, the estimator takes no sample_weight, or its first copy is no better than
        guessing.

    Examples
    --------
    >>> from diorama.ensembles import AdaBoostClassifier
    >>> X, y = [[1.0], [2.0], [3.0], [4.0], [5.0]], ["out", "in", "in", "in", "out"]
    >>> AdaBoostClassifier(n_estimators=5).fit(X, y).predict([[1.2], [3.1], [4.9]])
    array(['out', 'in', 'out'], dtype='<U3')
    """

    def __init__(
        self,
        estimator: Any = None,
        *,
        n_estimators: int = 50,
        learning_rate: float = 1.0,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.learning_rate = learning_rate
        self.random_state = random_state

    _parameter_constraints: ClassVar[dict[str, Any]] = AdaBoost._parameter_constraints

    def _prototype(self) -> Any:
        return CARTClassifier(max_depth=1) if self.estimator is None else self.estimator

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "AdaBoostClassifier":
        """Boost on X (n_samples, n_features) and labels y (n_samples,)."""
        self._validate_params()
        if not takes_weights(self._prototype()):
            raise ValueError(f"{type(self._prototype()).__name__} takes no sample_weight; boosting needs it.")
        X, y = self._checked(X, y)
        check_classification_targets(y)
        self.classes_ = np.unique(y)
        self.n_classes_ = len(self.classes_)
        self._boost(X, y, sample_weight)
        return self

    def _step(self, X: Any, y: Array, weights: Array, seeds: Array) -> Callable[[State], State]:
        learn = learner_of(self._prototype(), X, y, self.classes_, weights)
        return partial(step, learn, seeds, max(self.n_classes_, 2), self.learning_rate)

    def _staged_sums(self, X: Any) -> Iterator[Array]:
        """(n_samples, n_classes) for each stage, of the voices so far: for a class, and spread evenly against it."""
        X = self._asked(X)
        heard, total = np.zeros((X.shape[0], self.n_classes_)), 0.0
        every = np.arange(X.shape[0])
        others = max(self.n_classes_ - 1, 1)
        for member, voice in zip(self.estimators_, self.estimator_weights_, strict=False):
            with config_context(assume_finite=True):
                said = chosen(member, X, self.classes_)
            heard[every, said] += voice
            total += voice
            yield (heard - (total - heard) / others) / total

    def _decided(self, sums: Array) -> Array:
        if self.n_classes_ == 2:
            decided: Array = sums[:, 1] - sums[:, 0]
            return decided
        return np.zeros((len(sums), 1)) if self.n_classes_ == 1 else sums

    def _probable(self, sums: Array) -> Array:
        shares: Array = softmax(sums / max(self.n_classes_ - 1, 1), axis=1)
        return shares

    def _predicted(self, sums: Array) -> Array:
        likeliest = sums[:, 1] > sums[:, 0] if self.n_classes_ == 2 else sums.argmax(axis=1)
        predicted: Array = self.classes_.take(likeliest, axis=0)
        return predicted

    def _last_sums(self, X: Any) -> Array:
        *_, last = self._staged_sums(X)
        return last

    def decision_function(self, X: Any) -> Array:
        """(n_samples,) above 0 for the second of two classes; (n_samples, n_classes) of more, the largest wins."""
        return self._decided(self._last_sums(X))

    def staged_decision_function(self, X: Any) -> Iterator[Array]:
        """`decision_function` of the first member, the first two, the first three ..."""
        for sums in self._staged_sums(X):
            yield self._decided(sums)

    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) softmax of the voices, each divided by n_classes - 1."""
        return self._probable(self._last_sums(X))

    def staged_predict_proba(self, X: Any) -> Iterator[Array]:
        """`predict_proba` of the first member, the first two, the first three ..."""
        for sums in self._staged_sums(X):
            yield self._probable(sums)

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of `predict_proba`."""
        return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """(n_samples,) the class with the loudest members; of equals, the first in `classes_`."""
        return self._predicted(self._last_sums(X))

    def staged_predict(self, X: Any) -> Iterator[Array]:
        """`predict` of the first member, the first two, the first three ..."""
        for sums in self._staged_sums(X):
            yield self._predicted(sums)

    @staticmethod
    def _score_of(y: Any, predicted: Array, sample_weight: Any) -> float:
        return float(accuracy_score(y, predicted, sample_weight=sample_weight))
