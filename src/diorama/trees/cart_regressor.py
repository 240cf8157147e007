"""CART for numbers: ask the question whose two answers leave the targets as close together as can be, and go on.

A node answers with the number that errs least on its rows, and its impurity i_t is what it still errs: the mean squared
distance from the mean, or the mean distance from the median. Of all questions "is x_j <= s?" it asks the one with the
largest decrease

    w_t / w (i_t - w_L / w_t i_L - w_R / w_t i_R)

so that the tree is a function of flat steps [1]_. The search is exact: every value of every feature is tried.

References
----------
.. [1] Breiman, L., Friedman, J. H., Olshen, R. A., Stone, C. J. (1984). Classification and Regression Trees, chapter 8.
"""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import _check_sample_weight, _check_y

from diorama._categories import checked_table, find_categories
from diorama._typing import Array
from diorama.trees import absolute_cuts, squared_cuts
from diorama.trees.cart import ACCEPTED, CART, Rows, sorted_rows
from diorama.trees.growth import Growth
from diorama.trees.presort import presort
from diorama.trees.tables import PURE, AbsoluteTable, SquaredTable


class State(Growth):
    """A regression tree after its first splits."""

    __slots__ = ()


class CARTRegressor(RegressorMixin, CART):
    """A binary regression tree, grown by exact search and pruned by cost-complexity.

    ====================  ================================================================================
    symbol                argument
    ====================  ================================================================================
    i_t                   criterion: "squared_error" (around the mean), "absolute_error" (around the median)
    alpha                 ccp_alpha: price of a leaf; branches that earn less are cut
    ====================  ================================================================================

    Parameters
    ----------
    criterion : {"squared_error", "absolute_error"}, default="squared_error"
        The second is not thrown by a few wild targets, and takes longer.
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
    ccp_alpha : float, default=0.0
    categorical_features : "from_dtype", mask, places, names or None, default="from_dtype"
        Columns of categories, which a node parts into two sets; by default those that a data frame calls so.

    Attributes
    ----------
    tree_ : Tree
        Parallel arrays, a row a node; `value` (n_nodes, 1) is what each node answers.
    categories_ : which columns are categories, and the numbers that stand for them in `tree_`
    n_features_in_, feature_names_in_, max_features_ : as everywhere

    Notes
    -----
    The best of all sets of categories is found for squared errors; for absolute ones, the best along the order of the
    means. A category that was never seen goes where missing values go.

    A missing value (NaN) in X is tried on both sides of each question. Sparse X is made dense. Rows of weight zero do
    not take part. Scikit-learn rounds X to float32 first; here a threshold separates any two different doubles.

    Raises
    ------
    ValueError
        When X has infinite values, y is not one finite number a row, or no row has a positive weight.

    Examples
    --------
    >>> from diorama.trees import CARTRegressor
    >>> tree = CARTRegressor(max_depth=1).fit([[1.0], [2.0], [8.0], [9.0]], [10.0, 12.0, 30.0, 34.0])
    >>> tree.predict([[3.0], [7.0]])
    array([11., 32.])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **CART._parameter_constraints,
        "criterion": [StrOptions({"squared_error", "absolute_error"})],
    }

    def __init__(
        self,
        *,
        criterion: str = "squared_error",
        max_depth: int | None = None,
        min_samples_split: int | float = 2,
        min_samples_leaf: int | float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: int | float | str | None = None,
        random_state: Any = None,
        max_leaf_nodes: int | None = None,
        min_impurity_decrease: float = 0.0,
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
        self.ccp_alpha = ccp_alpha
        self.categorical_features = categorical_features

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "CARTRegressor":
        """Grow the tree on X (n_samples, n_features), possibly with NaN, and targets y (n_samples,)."""
        self._validate_params()
        self.categories_ = find_categories(X, self.categorical_features, renumber=True)
        X, y = checked_table(self, X, y, **ACCEPTED)
        y = _check_y(y, y_numeric=True)
        weight = sample_weight
        if weight is not None:
            weight = _check_sample_weight(weight, X, dtype=np.float64, ensure_non_negative=True)
        rows = sorted_rows(X, np.asarray(y, dtype=np.float64), weight, self.categories_.n_categories)
        table: SquaredTable | AbsoluteTable
        if self.criterion == "squared_error":
            table, root = _squared_table(rows), squared_cuts.root_of(rows.target, rows.weights)
        else:
            table, root = _absolute_table(rows), absolute_cuts.root_of(rows.target, rows.weights)
        # pure is a matter of scale: metres and millimetres give the same tree
        rules = self._rules(rows, pure=PURE * root.impurity)
        self._grow(table, rules, root, State, X, y)
        return self

    def predict(self, X: Any) -> Array:
        """(n_samples,) the mean, or the median, of the training targets in each row's leaf."""
        leaves = self._leaves(X)
        predicted: Array = self.tree_.value[leaves, 0]
        return predicted


def _squared_table(rows: Rows) -> SquaredTable:
    return SquaredTable(rows.columns, rows.order, rows.target, rows.weights, rows.total_weight, rows.kinds)


def _absolute_table(rows: Rows) -> AbsoluteTable:
    by_y = presort(rows.target[None, :])
    place = np.empty(len(rows.target), np.int64)
    return AbsoluteTable(
        rows.columns, rows.order, rows.target, rows.weights, rows.total_weight, rows.kinds, by_y, place
    )
