"""Random forest for classes: the mean of what many randomised trees hold likely."""

from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.base import ClassifierMixin
from sklearn.utils import compute_sample_weight
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from diorama._typing import Array
from diorama.ensembles._histogram_tree import ENTROPY, GINI
from diorama.ensembles._permutation import wrong_class
from diorama.ensembles.random_forest import ACCEPTED, RandomForest

CRITERIA = {"gini": GINI, "entropy": ENTROPY, "log_loss": ENTROPY}


class RandomForestClassifier(ClassifierMixin, RandomForest):
    """Many trees on rows and features drawn at random; the class that they hold likeliest on average.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees T.
    criterion : {"gini", "entropy", "log_loss"}, default="gini"
        Impurity that a question is to lower; the last two are the same.
    max_depth, min_samples_split, min_samples_leaf, min_weight_fraction_leaf, min_impurity_decrease
        Limits of each tree, as of CARTClassifier; by default trees grow until their leaves are pure.
    max_features : int, float, {"sqrt", "log2"} or None, default="sqrt"
        Features tried at each node; one that is constant there does not count.
    bootstrap : bool, default=True
        Draw as many rows as there are, with replacement, for each tree. A row's weight says how often it is drawn.
    oob_score : bool, default=False
        Judge each row by the trees that have not drawn it.
    oob_importances : bool, default=False
        Measure each feature by what shuffling it costs a tree on the rows that the tree has not drawn.
    random_state : int, RandomState instance or None, default=None
    class_weight : dict, list, "balanced", "balanced_subsample" or None, default=None
    max_samples : int, float or None, default=None
        Rows to draw for each tree.

    Attributes
    ----------
    classes_ : (n_classes,) labels in the order of `predict_proba`'s columns
    feature_importances_ : (n_features,) share of the impurity's fall that is owed to each feature, mean over trees.
        Features with many different values are flattered; `oob_importances_` flatters nothing.
    oob_importances_ : (n_features,) by permutation: how much more often a tree is wrong on rows that it has not drawn
        when the feature is shuffled among them, mean over trees; with `oob_importances=True`
    oob_score_, oob_decision_function_ : accuracy, and (n_samples, n_classes) probabilities, with `oob_score=True`
    n_nodes_ : (n_estimators,) nodes of each tree
    bins_, grove_ : where columns are cut, and all trees as flat arrays
    n_classes_, n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    Columns are cut into at most 255 bins, so thresholds are exact where a column has at most 255 different values.
    A missing value (NaN) is tried on both sides of each question. Sparse X is made dense. A tree on m different rows
    has fewer than 2 m nodes of 8 + 8 n_classes bytes: 100 trees on 20,000 rows of two classes take at most 61 MB.
    `max_leaf_nodes`, `ccp_alpha`, `warm_start`, `monotonic_cst` and `n_jobs` of scikit-learn's are not there; the
    environment variable DIORAMA_NUM_THREADS says how many threads work, and the result does not depend on it.

    Raises
    ------
    ValueError
        When X has infinite values, y is no classification target, no row has a positive weight, out-of-bag figures
        are asked for without `bootstrap`, or `max_samples` is more than the rows.

    Examples
    --------
    >>> from diorama.ensembles import RandomForestClassifier
    >>> X, y = [[1.0], [2.0], [8.0], [9.0]], ["low", "low", "high", "high"]
    >>> RandomForestClassifier(20, random_state=0).fit(X, y).predict([[3.0], [7.0]])
    array(['low', 'high'], dtype='<U4')
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **RandomForest._parameter_constraints,
        "criterion": [StrOptions(set(CRITERIA))],
        "class_weight": [dict, list, StrOptions({"balanced", "balanced_subsample"}), None],
    }

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str = "gini",
        max_depth: int | None = None,
        min_samples_split: int | float = 2,
        min_samples_leaf: int | float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: int | float | str | None = "sqrt",
        min_impurity_decrease: float = 0.0,
        bootstrap: bool = True,
        oob_score: bool = False,
        oob_importances: bool = False,
        random_state: Any = None,
        class_weight: Any = None,
        max_samples: int | float | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.oob_importances = oob_importances
        self.random_state = random_state
        self.class_weight = class_weight
        self.max_samples = max_samples

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "RandomForestClassifier":
        """Grow the trees on X (n_samples, n_features), possibly with NaN, and labels y (n_samples,)."""
        self._validate_params()
        X, y = validate_data(self, X, y, **ACCEPTED)
        check_classification_targets(y)
        dense = X.toarray() if sp.issparse(X) else X
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.n_classes_ = len(self.classes_)
        plot = self._plot(dense, labels, sample_weight, self.n_classes_)
        if self.class_weight == "balanced_subsample":
            plot = plot._replace(balanced=True)
        elif self.class_weight is not None:
            plot = plot._replace(weight=compute_sample_weight(self.class_weight, y))
        seeds = self._grow(plot, CRITERIA[self.criterion])
        if self.oob_score:
            self.oob_decision_function_ = self._out_of_bag(plot, seeds)
            judged = ~np.isnan(self.oob_decision_function_[:, 0])
            right = self.oob_decision_function_[judged].argmax(axis=1) == labels[judged]
            self.oob_score_ = float(right.mean()) if judged.any() else float("nan")
        if self.oob_importances:
            self.oob_importances_ = self._permuted(plot, seeds, wrong_class)
        self._show(dense, y)
        return self

    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) mean over the trees of the share of each class in a row's leaf."""
        return self._mean(X)

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of `predict_proba`; -inf where no tree holds a class possible."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """(n_samples,) the class with the largest mean share; of equals, the first in `classes_`."""
        likeliest = self.predict_proba(X).argmax(axis=1)
        predicted: Array = self.classes_[likeliest]
        return predicted
