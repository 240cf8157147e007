"""CART: ask the question that leaves both sides as pure as can be, then do the same on each side.

A node t with weight w_t and class shares p_k has the impurity i_t, either Gini's sum_k p_k (1 - p_k) or the entropy
-sum_k p_k log2 p_k. Of all questions "is x_j <= s?" the node asks the one with the largest decrease

    w_t / w (i_t - w_L / w_t i_L - w_R / w_t i_R)

and hands its rows to the two children, until a node is pure or a rule says stop [1]_. The search is exact: every value
of every feature is tried, the threshold is the middle between two neighbours.

References
----------
.. [1] Breiman, L., Friedman, J. H., Olshen, R. A., Stone, C. J. (1984). Classification and Regression Trees.
"""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.utils import compute_sample_weight
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight

from diorama._categories import checked_table, find_categories
from diorama._typing import Array
from diorama.trees.cart import ACCEPTED, CART, Rows, sorted_rows
from diorama.trees.class_cuts import root_of
from diorama.trees.growth import Growth
from diorama.trees.tables import CRITERIA, ENTROPY, Rules, Table


class State(Growth):
    """A classification tree after its first splits."""

    __slots__ = ()


class CARTClassifier(ClassifierMixin, CART):
    """A binary classification tree, grown by exact search and pruned by cost-complexity.

    ====================  ================================================================================
    symbol                argument
    ====================  ================================================================================
    i_t                   criterion: "gini", "entropy" (or "log_loss", the same thing by another name)
    alpha                 ccp_alpha: price of a leaf; branches that earn less are cut
    ====================  ================================================================================

    Parameters
    ----------
    criterion : {"gini", "entropy", "log_loss"}, default="gini"
    max_depth : int or None, default=None
        Most questions on the way to a leaf.
    min_samples_split, min_samples_leaf : int or float, default=2, 1
        Fewest rows in a node that asks, and in a leaf; a float is a share of all rows.
    min_weight_fraction_leaf : float in [0, 0.5], default=0.0
        Least share of all the weight in a leaf.
    max_features : int, float, "sqrt", "log2" or None, default=None
        Features drawn for each node; constant ones are passed over until one that varies is found.
    random_state : int, RandomState or None
        Seed of that drawing. Among equally good questions the first feature's wins, with no randomness.
    max_leaf_nodes : int or None, default=None
        Keep the splits with the largest decrease, best first.
    min_impurity_decrease : float, default=0.0
    class_weight : dict, "balanced" or None, default=None
    ccp_alpha : float, default=0.0
    categorical_features : "from_dtype", mask, places, names or None, default="from_dtype"
        Columns of categories, which a node parts into two sets; by default those that a data frame calls so.

    Attributes
    ----------
    tree_ : Tree
        Parallel arrays, a row a node.
    classes_ : (n_classes,) labels in the order of `predict_proba`'s columns
    categories_ : which columns are categories, and the numbers that stand for them in `tree_`
    n_classes_, n_features_in_, feature_names_in_, max_features_ : as everywhere

    Notes
    -----
    The best of all sets of categories is found where there are two classes; with more, the best along the order of any
    class's share. A category that was never seen goes where missing values go.

    A missing value (NaN) is tried on both sides of each question. Sparse X is made dense. Rows of weight zero do not
    take part. Scikit-learn rounds X to float32 first; here a threshold separates any two different doubles.

    Raises
    ------
    ValueError
        When X has infinite values, y is no classification target, or no row has a positive weight.

    Examples
    --------
    >>> from diorama.trees import CARTClassifier
    >>> tree = CARTClassifier().fit([[1.0], [2.0], [8.0], [9.0]], ["low", "low", "high", "high"])
    >>> tree.tree_.threshold[0]
    np.float64(5.0)
    >>> tree.predict([[3.0], [7.0]])
    array(['low', 'high'], dtype='<U4')
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **CART._parameter_constraints,
        "criterion": [StrOptions(set(CRITERIA))],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
    }

    def __init__(
        self,
        *,
        criterion: str = "gini",
        max_depth: int | None = None,
        min_samples_split: int | float = 2,
        min_samples_leaf: int | float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: int | float | str | None = None,
        random_state: Any = None,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
        class_weight: Any = None,
        ccp_alpha: float = 0.0,
        categorical_features: Any = "from_dtype",
    ) -> None:
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.random_state = random_state
        self.max_leaf_nodes = max_leaf_nodes
        self.min_impurity_decrease = min_impurity_decrease
        self.class_weight = class_weight
        self.ccp_alpha = ccp_alpha
        self.categorical_features = categorical_features

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "CARTClassifier":
        """Grow the tree on X (n_samples, n_features), possibly with NaN, and labels y (n_samples,)."""
        self._validate_params()
        self.categories_ = find_categories(X, self.categorical_features, renumber=True)
        X, y = checked_table(self, X, y, **ACCEPTED)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.n_classes_ = len(self.classes_)
        weights = self._weights(X, y, sample_weight)
        return self.grow_on(sorted_rows(X, labels, weights, self.categories_.n_categories), X, y)

    def grow_on(self, rows: Rows, X: Any, y: Any) -> "CARTClassifier":
        """Grow the tree on rows that are sorted already, whose targets are places in `classes_`.

        For an ensemble that grows many trees on the same rows and weighs them anew each time. The order of the rows
        is rearranged. X and y are what observers are told.
        """
        rules = self._rules(rows, CRITERIA[self.criterion])
        table = table_of(rows, rules)
        self._grow(table, rules, root_of(table, rules, self.n_classes_), State, X, y)
        return self

    def _weights(self, X: Any, y: Array, sample_weight: Any) -> Array | None:
        """(n_samples,) the weight of each row, or None when all weigh 1."""
        if sample_weight is None and self.class_weight is None:
            return None
        weight: Array = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if self.class_weight is not None:
            weight = weight * compute_sample_weight(self.class_weight, y)
        return weight

    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) the share of each class among the training rows of each row's leaf."""
        leaves = self._leaves(X)
        probabilities: Array = self.tree_.value[leaves]
        return probabilities

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of `predict_proba`; -inf where a leaf has none of a class."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """(n_samples,) the commonest class of each row's leaf; of equals, the first in `classes_`."""
        leaves = self._leaves(X)
        predicted: Array = self.classes_[self.tree_.value.argmax(axis=1)[leaves]]
        return predicted


def table_of(rows: Rows, rules: Rules) -> Table:
    """What the kernels read."""
    counts = np.arange(rows.columns.shape[1] + 1.0 if rules.criterion == ENTROPY and not len(rows.weights) else 0)
    return Table(
        columns=rows.columns,
        order=rows.order,
        labels=rows.target.astype(np.uint8 if rows.target.max() < 256 else np.uint32),
        weights=rows.weights,
        x_log2_x=counts * np.log2(np.maximum(counts, 1)),
        total_weight=rows.total_weight,
        kinds=rows.kinds,
    )
