"""Gradient boosting of classes: the trees add up to the logarithm of the odds, or to a score for each class."""

from collections.abc import Iterator
from typing import Any, ClassVar

import numpy as np
from scipy.special import expit, softmax
from sklearn.base import ClassifierMixin
from sklearn.utils import compute_sample_weight
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import check_classification_targets

from diorama._categories import find_categories
from diorama._typing import Array
from diorama.ensembles._boosting_losses import BinaryLogLoss, Loss, MultinomialLogLoss
from diorama.ensembles.gradient_boosting import GradientBoosting


class GradientBoostingClassifier(ClassifierMixin, GradientBoosting):
    """Trees that are added one by one, each to mend what is still wrong; they predict probabilities of classes.

    For two classes the sum of the trees is the logarithm of the odds; for more, each round grows a tree for each class
    and the probabilities are the softmax of the sums.

    Parameters
    ----------
    learning_rate : float, default=0.1
        How much of each tree is added.
    max_iter : int, default=100
        Most rounds, one tree each (for more than two classes: one for each class).
    max_leaf_nodes : int or None, default=31
        Leaves of a tree; the leaf that gains most is split first.
    max_depth : int or None, default=None
    min_samples_leaf : int, default=20
    l2_regularization : float, default=0.0
        Times half the squares of the leaves' values, added to the loss.
    max_bins : int, default=255
        Bins of a column; missing values have one more.
    categorical_features : "from_dtype", mask, places, names or None, default="from_dtype"
        Columns of categories (at most `max_bins` in each), which are parted into sets.
    monotonic_cst : array-like, dict or None, default=None
        For two classes: for each feature 1 when the probability of the second must not fall as it rises, -1 when it
        must not rise, else 0.
    early_stopping : "auto" or bool, default="auto"
        Stop when rows kept aside are predicted no better; "auto" does with more than 10,000 rows.
    validation_fraction : float, int or None, default=0.1
        Rows kept aside, the same share of each class; with None, the training loss decides.
    n_iter_no_change : int, default=10
        Rounds without an improvement of more than `tol` after which it stops.
    tol : float, default=1e-7
    random_state : int, RandomState instance or None, default=None
        Which rows are kept aside; nothing else is left to chance.
    class_weight : dict, "balanced" or None, default=None

    Attributes
    ----------
    classes_ : (n_classes,) labels in the order of `predict_proba`'s columns
    n_iter_ : rounds made
    train_score_, validation_score_ : (n_iter_ + 1,) minus the mean log loss before the first round and after each
    feature_importances_ : (n_features,) share of all questions' gain that is owed to each feature
    baseline_ : (1,) or (n_classes,) raw prediction before the first tree
    grove_, bins_, categories_ : the trees as flat arrays, where columns are cut, and how categories became numbers
    do_early_stopping_, n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    Parameters are those of scikit-learn's HistGradientBoostingClassifier; `scoring`, `max_features`, `interaction_cst`,
    `warm_start` and `verbose` are not there. Whole-number weights count as so many rows for `min_samples_leaf`.
    Gradients are rounded to 2^-30 of the largest, so sums are exact and neither threads nor the rows' order change the
    result. Histograms take 4 kB a feature, leaf and class: 31 leaves of 100 features, 13 MB.

    Raises
    ------
    ValueError
        When y is no classification target or has one class only, a column has too many categories, more than two
        classes are to be monotonic, or no row has a positive weight.

    Examples
    --------
    >>> import numpy as np
    >>> from diorama.ensembles import GradientBoostingClassifier
    >>> X = np.arange(100.0)[:, None]
    >>> y = np.where(abs(X[:, 0] - 50) < 20, "middle", "edge")
    >>> GradientBoostingClassifier(max_iter=20).fit(X, y).predict([[5.0], [50.0], [95.0]])
    array(['edge', 'middle', 'edge'], dtype='<U6')
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **GradientBoosting._parameter_constraints,
        "class_weight": [dict, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        *,
        learning_rate: float = 0.1,
        max_iter: int = 100,
        max_leaf_nodes: int | None = 31,
        max_depth: int | None = None,
        min_samples_leaf: int = 20,
        l2_regularization: float = 0.0,
        max_bins: int = 255,
        categorical_features: Any = "from_dtype",
        monotonic_cst: Any = None,
        early_stopping: str | bool = "auto",
        validation_fraction: float | int | None = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-7,
        random_state: Any = None,
        class_weight: Any = None,
    ) -> None:
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.max_leaf_nodes = max_leaf_nodes
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_bins = max_bins
        self.categorical_features = categorical_features
        self.monotonic_cst = monotonic_cst
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.random_state = random_state
        self.class_weight = class_weight

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "GradientBoostingClassifier":
        """Add trees for X (n_samples, n_features), possibly with NaN, and labels y (n_samples,)."""
        self._validate_params()
        self.categories_ = find_categories(X, self.categorical_features)
        X, y = self._table(X, y)
        check_classification_targets(y)
        weight = self._weights(X, sample_weight)
        if self.class_weight is not None:
            weight = weight * compute_sample_weight(self.class_weight, y)
        some = weight > 0
        self.classes_, labels = np.unique(y[some], return_inverse=True)
        if len(self.classes_) < 2:
            raise ValueError(f"y has one class only, {self.classes_[0]!r}: to learn takes two classes at least.")
        if len(self.classes_) > 2 and self.monotonic_cst is not None:
            raise ValueError(f"monotonic_cst is for two classes, and y has {len(self.classes_)}: leave it out.")
        self._boost(X[some], y[some], labels.astype(float), weight[some], self._loss())
        return self

    def _loss(self) -> Loss:
        n_classes = len(self.classes_)
        return BinaryLogLoss() if n_classes == 2 else MultinomialLogLoss(n_classes)

    def decision_function(self, X: Any) -> Array:
        """(n_samples,) logarithm of the odds of the second class, or (n_samples, n_classes) scores."""
        return _scores(self._raw(X))

    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) probabilities."""
        return probabilities(self._raw(X))

    def predict(self, X: Any) -> Array:
        """(n_samples,) the likeliest class."""
        return self._likeliest(self._raw(X))

    def staged_decision_function(self, X: Any) -> Iterator[Array]:
        """`decision_function` after each round."""
        return map(_scores, self._staged_raw(X))

    def staged_predict_proba(self, X: Any) -> Iterator[Array]:
        """Probabilities after each round."""
        return map(probabilities, self._staged_raw(X))

    def staged_predict(self, X: Any) -> Iterator[Array]:
        """Likeliest classes after each round."""
        return map(self._likeliest, self._staged_raw(X))

    def _likeliest(self, raw: Array) -> Array:
        places = (raw[:, 0] > 0).astype(int) if raw.shape[1] == 1 else raw.argmax(axis=1)
        labels: Array = self.classes_[places]
        return labels


def _scores(raw: Array) -> Array:
    return raw[:, 0] if raw.shape[1] == 1 else raw


def probabilities(raw: Array) -> Array:
    """(n_samples, n_classes) of raw predictions (n_samples, 1 or n_classes)."""
    if raw.shape[1] > 1:
        likely: Array = softmax(raw, axis=1)
        return likely
    second = expit(raw[:, 0])
    return np.stack([1 - second, second], axis=1)
