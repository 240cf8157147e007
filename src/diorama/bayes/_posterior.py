"""What every naive Bayes shares: from the log of prior times likelihood to probabilities and a class."""

from abc import abstractmethod
from typing import Any

import numpy as np
from scipy.special import logsumexp
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets, unique_labels
from sklearn.utils.validation import check_is_fitted

from diorama._typing import Array


class NaiveBayes(ClassifierMixin, BaseEstimator):
    """Predicts the class with the largest log prior + sum over features of the log likelihood (Bayes' rule).

    The evidence, the same for each class, is divided out at the end: that is what makes probabilities of it.
    """

    classes_: Array
    class_count_: Array

    @abstractmethod
    def _joint(self, X: Any) -> Array:
        """log P(class) + log P(row | class): (n_samples, n_classes) for rows as they were given."""

    def predict_joint_log_proba(self, X: Any) -> Array:
        """Log of prior times likelihood: (n_samples, n_classes), not normalised."""
        check_is_fitted(self)
        return self._joint(X)

    def predict_log_proba(self, X: Any) -> Array:
        """Log of the classes' probabilities: (n_samples, n_classes)."""
        joint = self.predict_joint_log_proba(X)
        log: Array = joint - logsumexp(joint, axis=1, keepdims=True)
        return log

    def predict_proba(self, X: Any) -> Array:
        """The classes' probabilities: (n_samples, n_classes), rows that sum to 1."""
        return np.exp(self.predict_log_proba(X))

    def predict(self, X: Any) -> Array:
        """The likeliest class of each row: (n_samples,)."""
        joint = self.predict_joint_log_proba(X)
        winners: Array = self.classes_[joint.argmax(axis=1)]
        return winners

    def _codes(self, y: Array, classes: Any, *, batches: bool) -> Array:
        """(n_samples,) index of each label in `classes_`, which a fit takes from y and a first batch is told."""
        check_classification_targets(y)
        if not batches:
            self.classes_, codes = np.unique(y, return_inverse=True)
            return codes
        self._settle(classes)
        codes = np.searchsorted(self.classes_, y)
        known = self.classes_[np.minimum(codes, len(self.classes_) - 1)] == y
        if not np.all(known):
            strange = np.unique(np.asarray(y)[~known])
            raise ValueError(f"y has the labels {strange}, which are not among the classes {self.classes_}.")
        return codes

    def _settle(self, classes: Any) -> None:
        if not hasattr(self, "classes_"):
            if classes is None:
                raise ValueError("classes must be passed on the first call of partial_fit: all that will ever come.")
            self.classes_ = unique_labels(classes)
        elif classes is not None and not np.array_equal(self.classes_, unique_labels(classes)):
            raise ValueError(f"classes={classes!r} differs from the first call's, {self.classes_}.")


def log_priors(counts: Array) -> Array:
    """(n_classes,) log of the classes' shares; a class that never came has the share 0."""
    with np.errstate(divide="ignore"):
        shares: Array = np.log(counts) - np.log(counts.sum())
    return shares


def checked_priors(priors: Any, n_classes: int, name: str) -> Array:
    """Given priors as an array, one for each class, not negative, in all 1."""
    values = np.asarray(priors, dtype=float)
    if values.shape != (n_classes,):
        raise ValueError(
            f"{name} must have one number for each of the {n_classes} classes; its shape is {values.shape}."
        )
    if (values < 0).any() or not np.isclose(values.sum(), 1.0):
        raise ValueError(f"{name} must be probabilities, not negative and in all 1; got {values}.")
    return values
