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

from collections.abc import Iterator
from math import ceil
from numbers import Integral, Real
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, ClassifierMixin, clone
from sklearn.utils import Bunch, Tags, check_random_state, compute_sample_weight
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.trees.growing import grow
from diorama.trees.presort import MAX_ROWS, columns_of, presort
from diorama.trees.pruning import pruned, pruning_path
from diorama.trees.splitting import CRITERIA, ENTROPY, Rules, Table
from diorama.trees.tree import Tree

NO_LIMIT = np.iinfo(np.int32).max
# splits shown one by one; what comes after them is shown in one go, for no picture holds more
SPLITS_SHOWN = 20


class State(NamedTuple):
    """The tree after its first splits, the one with the largest decrease always made first."""

    tree: Tree  # as far as it has grown
    node: int  # the node of `tree` that was split last; -1 at the start
    n_splits: int  # made so far
    n_splits_in_all: int


def splits_shown(n_splits: int) -> list[int]:
    """After how many splits a state is shown."""
    return sorted({*range(min(n_splits, SPLITS_SHOWN) + 1), n_splits})


def growth(tree: Tree) -> Iterator[State]:
    """The states that a tree passed through, from its root alone to all of it."""
    order = tree.best_first()
    for n_splits in splits_shown(len(order)):
        made = order[:n_splits]
        node = int(np.searchsorted(tree.rows_kept(made), made[-1])) if n_splits else -1
        yield State(tree.keeping(made), node, n_splits, len(order))


class CARTClassifier(ClassifierMixin, BaseEstimator):
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

    Attributes
    ----------
    tree_ : Tree
        Parallel arrays, a row a node.
    classes_ : (n_classes,) labels in the order of `predict_proba`'s columns
    n_classes_, n_features_in_, feature_names_in_, max_features_ : as everywhere

    Notes
    -----
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

    _parameter_constraints = {
        "criterion": [StrOptions(set(CRITERIA))],
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "min_samples_split": [
            Interval(Integral, 2, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="right"),
        ],
        "min_samples_leaf": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="neither"),
        ],
        "min_weight_fraction_leaf": [Interval(Real, 0.0, 0.5, closed="both")],
        "max_features": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="right"),
            StrOptions({"sqrt", "log2"}),
            None,
        ],
        "random_state": ["random_state"],
        "max_leaf_nodes": [Interval(Integral, 2, None, closed="left"), None],
        "min_impurity_decrease": [Interval(Real, 0.0, None, closed="left")],
        "class_weight": [dict, list, StrOptions({"balanced"}), None],
        "ccp_alpha": [Interval(Real, 0.0, None, closed="left")],
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

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "CARTClassifier":
        """Grow the tree on X (n_samples, n_features), possibly with NaN, and labels y (n_samples,)."""
        self._validate_params()
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse=["csr", "csc"],
            dtype=[np.float64, np.float32],
            ensure_all_finite="allow-nan",
        )
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.n_classes_ = len(self.classes_)
        weight = self._weights(X, y, sample_weight)
        rules = self._rules(X, weight)
        table = _table(X, labels, weight, rules)
        seed = check_random_state(self.random_state).randint(NO_LIMIT)
        tree = grow(table, rules, self.n_classes_, seed)
        if self.max_leaf_nodes is not None:
            tree = tree.keeping(tree.best_first(self.max_leaf_nodes - 1))
        self.tree_ = pruned(tree, self.ccp_alpha) if self.ccp_alpha > 0 else tree
        n_states = len(splits_shown(self.tree_.n_leaves - 1))
        show(lambda: growth(self.tree_), total=n_states - 1, fit=Fit(self, X, y))
        return self

    def _weights(self, X: Any, y: Array, sample_weight: Any) -> Array | None:
        """(n_samples,) the weight of each row, or None when all weigh 1."""
        if sample_weight is None and self.class_weight is None:
            return None
        weight: Array = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if self.class_weight is not None:
            weight = weight * compute_sample_weight(self.class_weight, y)
        if not weight.sum() > 0:
            raise ValueError("every row has the weight 0: give at least one row a positive sample_weight.")
        return weight

    def _rules(self, X: Any, weight: Array | None) -> Rules:
        n_samples, n_features = X.shape
        self.max_features_ = _n_features_drawn(self.max_features, n_features)
        total = n_samples if weight is None else weight.sum()
        return Rules(
            criterion=CRITERIA[self.criterion],
            max_depth=NO_LIMIT if self.max_depth is None else int(self.max_depth),
            min_samples_split=max(2, _n_rows(self.min_samples_split, n_samples)),
            min_samples_leaf=_n_rows(self.min_samples_leaf, n_samples),
            min_weight_leaf=float(self.min_weight_fraction_leaf * total),
            min_impurity_decrease=float(self.min_impurity_decrease),
            max_features=self.max_features_,
        )

    def _leaves(self, X: Any) -> Array:
        X = self._checked(X)
        return self.tree_.apply(X)

    def _checked(self, X: Any) -> Array:
        check_is_fitted(self)
        X = validate_data(
            self,
            X,
            reset=False,
            accept_sparse=["csr", "csc"],
            dtype=[np.float64, np.float32],
            ensure_all_finite="allow-nan",
        )
        return np.ascontiguousarray(X.toarray() if sp.issparse(X) else X)

    def apply(self, X: Any) -> Array:
        """(n_samples,) the row of `tree_` that is each row's leaf."""
        return self._leaves(X)

    def decision_path(self, X: Any) -> sp.csr_matrix:
        """(n_samples, n_nodes) sparse: 1 where a row passes through a node."""
        X = self._checked(X)
        return self.tree_.decision_path(X)

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

    def get_depth(self) -> int:
        """Most questions on the way to a leaf."""
        check_is_fitted(self)
        return self.tree_.max_depth

    def get_n_leaves(self) -> int:
        """How many leaves there are."""
        check_is_fitted(self)
        return self.tree_.n_leaves

    @property
    def feature_importances_(self) -> Array:
        """(n_features,) share of the impurity's decrease that is owed to each feature.

        Features with many different values are flattered; `sklearn.inspection.permutation_importance` is fairer.
        """
        check_is_fitted(self)
        return self.tree_.feature_importances(self.n_features_in_)

    def cost_complexity_pruning_path(self, X: Any, y: Any, sample_weight: Any = None) -> Bunch:
        """`ccp_alphas` at which pruning makes its next cut, and `impurities` of the tree after each."""
        grown = clone(self).set_params(ccp_alpha=0.0).fit(X, y, sample_weight)
        alphas, risks = pruning_path(grown.tree_)
        return Bunch(ccp_alphas=alphas, impurities=risks)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags


def _table(X: Any, labels: Array, weight: Array | None, rules: Rules) -> Table:
    """The training rows that weigh something, sorted by every feature."""
    if sp.issparse(X):
        X = X.toarray()
    if weight is not None and not weight.all():
        X, labels, weight = X[weight > 0], labels[weight > 0], weight[weight > 0]
    if len(X) >= MAX_ROWS:
        raise ValueError(f"X has {len(X):,} rows; a tree is grown on fewer than {MAX_ROWS:,}: fit it on a sample.")
    columns = columns_of(X)
    counts = np.arange(len(X) + 1.0 if rules.criterion == ENTROPY and weight is None else 0)
    return Table(
        columns=columns,
        order=presort(columns),
        labels=labels.astype(np.uint8 if labels.max() < 256 else np.uint32),
        weights=np.empty(0) if weight is None else weight,
        x_log2_x=counts * np.log2(np.maximum(counts, 1)),
        total_weight=float(len(X) if weight is None else weight.sum()),
    )


def _n_rows(limit: int | float, n_samples: int) -> int:
    """A number of rows, given as it is or as a share of all."""
    return int(limit) if isinstance(limit, int | np.integer) else ceil(limit * n_samples)


def _n_features_drawn(max_features: int | float | str | None, n_features: int) -> int:
    """How many features a node looks at."""
    if max_features is None:
        return n_features
    if isinstance(max_features, str):
        return max(1, int({"sqrt": np.sqrt, "log2": np.log2}[max_features](n_features)))
    if isinstance(max_features, int | np.integer):
        return min(int(max_features), n_features)
    return max(1, int(max_features * n_features))
