"""Voting of classifiers: the class that most of them predict, or that they hold likeliest on average."""

from collections.abc import Callable
from typing import Any, ClassVar, TypeVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.preprocessing import LabelEncoder
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, check_is_fitted

from diorama._typing import Array
from diorama.ensembles._defaults import classifiers
from diorama.ensembles._named import Named
from diorama.ensembles.voting import Poll, Voting, ask, count


def _soft(self: "VotingClassifier") -> bool:
    if self.voting == "hard":
        raise AttributeError(f"predict_proba is not available when voting={self.voting!r}; set voting='soft'.")
    return True


Method = TypeVar("Method", bound=Callable[..., Any])
_if_soft: Callable[[Method], Method] = available_if(_soft)


class VotingClassifier(ClassifierMixin, Voting):
    """Different classifiers, and the class that they choose together.

    Parameters
    ----------
    estimators : list of (str, classifier) or None, default=None
        Any of scikit-learn's kind, by name; "drop" in place of one leaves it out. None asks a logistic regression, a
        Gaussian naive Bayes and a tree of six questions.
    voting : {"hard", "soft"}, default="hard"
        Count predictions, or average probabilities.
    weights : (n_estimators,) or None, default=None
        How much each counts.
    n_jobs : int or None, default=None
        Processes that fit, as joblib counts them.
    flatten_transform : bool, default=True
        With soft voting: whether `transform` puts the probabilities of all estimators side by side.

    Attributes
    ----------
    estimators_ : list of those not dropped, fitted to classes as numbers from 0
    named_estimators_ : the same by name
    classes_, le_, n_features_in_, feature_names_in_ : as everywhere

    Raises
    ------
    ValueError
        When names are not unique, all estimators are dropped, one is no classifier or has no weights of rows where
        some are given, or `weights` do not fit.

    Examples
    --------
    >>> from diorama.ensembles import VotingClassifier
    >>> X, y = [[1.0], [2.0], [8.0], [9.0]], ["low", "low", "high", "high"]
    >>> VotingClassifier(voting="soft").fit(X, y).predict([[3.0], [7.0]])
    array(['low', 'high'], dtype='<U4')
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Voting._parameter_constraints,
        "voting": [StrOptions({"hard", "soft"})],
        "flatten_transform": ["boolean"],
    }

    def __init__(
        self,
        estimators: Named | None = None,
        *,
        voting: str = "hard",
        weights: Any = None,
        n_jobs: int | None = None,
        flatten_transform: bool = True,
    ) -> None:
        self.estimators = estimators
        self.voting = voting
        self.weights = weights
        self.n_jobs = n_jobs
        self.flatten_transform = flatten_transform

    def _default_estimators(self) -> Named:
        return classifiers()

    def fit(self, X: Any, y: Any, **fit_params: Any) -> "VotingClassifier":
        """Fit every estimator to X (n_samples, n_features) and labels y (n_samples,), with `sample_weight` if given."""
        self._validate_params()
        self._refuse_other_kinds("classifier")
        self._kept_weights()
        self._remember(X)
        y = _check_y(y, estimator=self)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.estimators_ = self._fit_members(X, labels, fit_params)
        self._show(self._own_poll, X, y)
        return self

    @property
    def le_(self) -> LabelEncoder:
        """From labels to numbers and back."""
        check_is_fitted(self)
        return LabelEncoder().fit(self.classes_)

    @property
    def _own_poll(self) -> Poll:
        return self._poll(len(self.classes_), self.voting == "hard")

    def predict(self, X: Any) -> Array:
        """(n_samples,) the class with most votes, or the likeliest; of equals, the first in `classes_`."""
        check_is_fitted(self)
        predicted: Array = self.classes_[self._counted(X).argmax(axis=1)]
        return predicted

    @_if_soft
    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) the weighted mean of the estimators' probabilities; with soft voting only."""
        return self._counted(X)

    def _counted(self, X: Any) -> Array:
        X, poll = self._asked(X), self._own_poll
        return count(ask(poll, X), poll.weights)

    def transform(self, X: Any) -> Array:
        """What each estimator says.

        With hard voting (n_samples, n_estimators) numbers of classes; with soft voting (n_samples, n_estimators *
        n_classes) probabilities, or (n_estimators, n_samples, n_classes) without `flatten_transform`.
        """
        X, poll = self._asked(X), self._own_poll
        if self.voting == "hard":
            return np.stack([member.predict(X) for member in self.estimators_], axis=1)
        said = ask(poll, X)
        return np.hstack(said) if self.flatten_transform else np.asarray(said)

    def get_feature_names_out(self, input_features: Any = None) -> Array:
        """Names of the columns of `transform`."""
        check_is_fitted(self, "n_features_in_")
        if self.voting == "soft" and not self.flatten_transform:
            raise ValueError("without flatten_transform, transform has no columns that could have names.")
        kind, names = type(self).__name__.lower(), self._own_poll.names
        if self.voting == "hard":
            return np.array([f"{kind}_{name}" for name in names], dtype=object)
        return np.array([f"{kind}_{name}{k}" for name in names for k in range(len(self.classes_))], dtype=object)
