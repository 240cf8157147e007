"""Adaptive boosting: fit weak models one after the other, each time weighing more what went wrong before.

A round fits a model to the weighted rows, gives it a voice that is the louder the less it errs, and makes the rows that
it got wrong heavier for the next. What is common to classes (SAMME) and numbers (R2) is here; how an error becomes a
voice and new weights is in the files of the two [1]_.

.. [1] Y. Freund and R. E. Schapire, "A decision-theoretic generalization of on-line learning and an application to
   boosting", Journal of Computer and System Sciences 55 (1997), 119-139.
"""

from abc import ABC, abstractmethod
from collections.abc import Iterator
from functools import partial
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
from sklearn import config_context
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags, check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from diorama._iterate import iterate
from diorama._typing import Array
from diorama.ensembles._members import dense_fit

LARGEST_SEED = np.iinfo(np.int32).max
# a row never becomes so light that its logarithm is lost
LIGHTEST = np.finfo(np.float64).eps


class State(NamedTuple):
    """After some rounds."""

    weights: Array  # (n,) how much each row weighs in the round to come; the sum is 1
    missed: Array  # (n,) how wrong the newest member is about each row, from 0 to 1
    members: tuple[Any, ...]
    voices: tuple[float, ...]  # how much each member's word counts
    errors: tuple[float, ...]  # what share of the weight each got wrong
    over: bool  # no further round makes sense


class AdaBoost(BaseEstimator, ABC):
    """What both kinds share."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "learning_rate": [Interval(Real, 0.0, None, closed="neither")],
        "random_state": ["random_state"],
    }

    estimator: Any
    n_estimators: int
    learning_rate: float
    random_state: Any
    estimators_: list[Any]
    estimator_weights_: Array

    @abstractmethod
    def _prototype(self) -> Any:
        """What is boosted."""

    @abstractmethod
    def _step(self, X: Any, y: Array, weights: Array, seeds: Array) -> Any:
        """The function that plays a round: State -> State."""

    def _checked(self, X: Any, *y: Any, **given: Any) -> Any:
        """X, or X and y; missing values pass where members take them."""
        missing = get_tags(self._prototype()).input_tags.allow_nan
        accepted = {
            "accept_sparse": ["csr", "csc"],
            "dtype": None,
            "ensure_all_finite": "allow-nan" if missing else True,
        }
        return validate_data(self, X, *y, **accepted, **given)

    def _asked(self, X: Any) -> Any:
        check_is_fitted(self)
        return self._checked(X, reset=False)

    def _boost(self, X: Any, y: Array, sample_weight: Any) -> None:
        """Play the rounds."""
        weights = _check_sample_weight(sample_weight, X, dtype=np.float64, copy=True, ensure_non_negative=True)
        seeds = check_random_state(self.random_state).randint(LARGEST_SEED, size=self.n_estimators)
        step = self._step(X, y, weights, seeds)
        start = State(lightened(weights / weights.sum()), np.zeros(len(y)), (), (), (), False)
        done = partial(_over, n_estimators=self.n_estimators)
        # members are asked about rows that have been looked at already
        with config_context(assume_finite=True):
            outcome = iterate(start, step, done, max_iter=self.n_estimators, fit=dense_fit(self, X, y))
        members = outcome.state.members
        self.estimator_ = clone(self._prototype())
        self.estimators_ = list(members)
        self.estimator_weights_, self.estimator_errors_ = np.zeros(self.n_estimators), np.ones(self.n_estimators)
        self.estimator_weights_[: len(members)] = outcome.state.voices
        self.estimator_errors_[: len(members)] = outcome.state.errors

    @abstractmethod
    def staged_predict(self, X: Any) -> Iterator[Array]:
        """(n_samples,) predictions of the first member, the first two, the first three ..."""

    def staged_score(self, X: Any, y: Any, sample_weight: Any = None) -> Iterator[float]:
        """Accuracy, or R2, of the first member, the first two, the first three ..."""
        for predicted in self.staged_predict(X):
            yield self._score_of(y, predicted, sample_weight)

    @staticmethod
    @abstractmethod
    def _score_of(y: Any, predicted: Array, sample_weight: Any) -> float:
        """How good predictions are."""

    @property
    def feature_importances_(self) -> Array:
        """(n_features,) mean of the members' importances by their voices. AttributeError when they have none."""
        check_is_fitted(self)
        voices = self.estimator_weights_[: len(self.estimators_)]
        shares: Array = np.average([m.feature_importances_ for m in self.estimators_], axis=0, weights=voices)
        return shares

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        own = get_tags(self._prototype()).input_tags
        tags.input_tags.sparse, tags.input_tags.allow_nan = own.sparse, own.allow_nan
        return tags


def lightened(weights: Array) -> Array:
    """The weights, none lighter than can be told from nothing; what weighs nothing at all stays so."""
    return np.where(weights > 0, np.maximum(weights, LIGHTEST), 0.0)


def _over(previous: State, state: State, n_estimators: int) -> bool:
    return state.over or len(state.members) >= n_estimators
