"""What ID3 and C4.5 share: a table of categories and numbers made ready, and what a grown tree can tell."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils import Tags
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.trees.attributes import Attribute
from diorama.trees.multiway import Tree
from diorama.trees.multiway_growth import MultiwayGrowth, growth, n_states

# columns are looked at one by one, whatever they hold
ACCEPTED = {"dtype": None, "ensure_all_finite": "allow-nan"}


class Rows(NamedTuple):
    """The training rows that weigh something."""

    X: Array  # (n_rows, n_features) as the user gave them
    labels: Array  # (n_rows,) the place of each row's class
    weights: Array  # (n_rows,) float64


class MultiwayClassifier(ClassifierMixin, BaseEstimator):
    """A tree whose questions have as many answers as a column has categories."""

    attributes_: tuple[Attribute, ...]
    tree_: Tree
    classes_: Array
    n_features_in_: int

    def _rows(self, X: Any, y: Any, sample_weight: Any) -> tuple[Rows, Array, Array]:
        """The rows ready to learn from, then X and y as they were checked."""
        X, y = validate_data(self, as_table(X), y, **ACCEPTED)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        weights = np.ones(len(X))
        there = slice(None)
        if sample_weight is not None:
            weights = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
            there = weights > 0
        return Rows(X[there], labels[there], weights[there]), X, y

    def _names(self) -> list[str]:
        """Of the columns: those that X had, or numbers from 1."""
        unnamed = [f"feature {i + 1}" for i in range(self.n_features_in_)]
        return [str(name) for name in getattr(self, "feature_names_in_", unnamed)]

    def _encoded(self, X: Array) -> Array:
        """(n_samples, n_features) the codes of the values of X."""
        columns = [attribute.codes(X[:, j]) for j, attribute in enumerate(self.attributes_)]
        return np.column_stack(columns)

    def _show(self, state: type[MultiwayGrowth], grown: Tree, cuts: list[int], X: Array, y: Array) -> None:
        """Tell observers how the tree grew and was cut."""
        total = n_states(grown, cuts) - 1
        show(lambda: (state(*moment) for moment in growth(grown, cuts)), total=total, fit=Fit(self, X, y))

    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) the share of each class where each row ends; of several ends, their weighted mean."""
        check_is_fitted(self)
        X = validate_data(self, as_table(X), reset=False, **ACCEPTED)
        return self.tree_.probabilities(self._encoded(X))

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of `predict_proba`; -inf where a class has no share."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """(n_samples,) the class with the largest share; of equals, the first in `classes_`."""
        shares = self.predict_proba(X)
        predicted: Array = self.classes_[shares.argmax(axis=1)]
        return predicted

    def rules(self) -> list[str]:
        """What the tree knows, one sentence a leaf, from its first answer to its last."""
        check_is_fitted(self)
        return list(self.tree_.rules(self.attributes_, self.classes_))

    def get_depth(self) -> int:
        """Most questions on the way to a leaf."""
        check_is_fitted(self)
        return self.tree_.max_depth

    def get_n_leaves(self) -> int:
        """How many leaves there are."""
        check_is_fitted(self)
        return self.tree_.n_leaves

    @property
    def gains_(self) -> Array:
        """(n_features,) bits that each column would gain as the first question; NaN for one that cannot be asked."""
        check_is_fitted(self)
        return self.tree_.gains[0] if len(self.tree_.gains) else np.full(self.n_features_in_, np.nan)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.categorical = True
        tags.input_tags.allow_nan = True
        return tags


def as_table(X: Any) -> Any:
    """X itself, or, of nested lists, an array in which numbers stay numbers though their neighbours are words."""
    return X if hasattr(X, "dtype") or hasattr(X, "dtypes") else np.asarray(X, dtype=object)
