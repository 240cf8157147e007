"""What both kinds of CART share: rows made ready, rules read from the parameters, and what a grown tree can tell."""

from math import ceil
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Bunch, Tags, check_random_state
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils.validation import check_is_fitted

from diorama._categories import Categories, checked_table
from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.trees.growing import grow
from diorama.trees.growth import Growth, growth, splits_shown
from diorama.trees.nominal import n_words
from diorama.trees.presort import MAX_ROWS, columns_of, presort
from diorama.trees.pruning import pruned, pruning_path
from diorama.trees.tables import ALL_NUMBERS, PURE, AllNumbers, Root, Rules, SomeNominal
from diorama.trees.tree import Tree

NO_LIMIT = np.iinfo(np.int32).max
ACCEPTED: dict[str, Any] = {
    "accept_sparse": ["csr", "csc"],
    "dtype": [np.float64, np.float32],
    "ensure_all_finite": "allow-nan",
}


class Rows(NamedTuple):
    """The training rows that weigh something, sorted by every feature."""

    columns: Array  # (n_features, n_rows)
    order: Array  # (n_features, n_rows), see presort
    target: Array  # (n_rows,) what was given for them
    weights: Array  # (n_rows,) or empty when all weigh 1
    total_weight: float
    n_samples: int  # rows given, with those of no weight
    kinds: AllNumbers | SomeNominal  # which columns are categories


def sorted_rows(X: Any, target: Array, weight: Array | None, n_categories: Array | None = None) -> Rows:
    """Rows of X (n_samples, n_features) with their `target` and `weight` (n_samples,), ready to grow a tree from.

    `n_categories` (n_features,) is 0 for a column of numbers.
    """
    n_samples = X.shape[0]
    if sp.issparse(X):
        X = X.toarray()
    if weight is not None:
        if not weight.sum() > 0:
            raise ValueError("every row has the weight 0: give at least one row a positive sample_weight.")
        if not weight.all():
            X, target, weight = X[weight > 0], target[weight > 0], weight[weight > 0]
    if len(X) >= MAX_ROWS:
        raise ValueError(f"X has {len(X):,} rows; a tree is grown on fewer than {MAX_ROWS:,}: fit it on a sample.")
    columns = columns_of(X)
    total = float(len(X) if weight is None else weight.sum())
    kinds: AllNumbers | SomeNominal = ALL_NUMBERS
    if n_categories is not None and n_categories.any():
        kinds = SomeNominal(n_words(int(n_categories.max())), n_categories)
    return Rows(columns, presort(columns), target, np.empty(0) if weight is None else weight, total, n_samples, kinds)


class CART(BaseEstimator):
    """A binary tree, grown by exact search and pruned by cost-complexity."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
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
        "ccp_alpha": [Interval(Real, 0.0, None, closed="left")],
        "categorical_features": ["array-like", StrOptions({"from_dtype"}), None],
    }

    max_depth: int | None
    min_samples_split: int | float
    min_samples_leaf: int | float
    min_weight_fraction_leaf: float
    max_features: int | float | str | None
    random_state: Any
    max_leaf_nodes: int | None
    min_impurity_decrease: float
    ccp_alpha: float
    categorical_features: Any
    n_features_in_: int
    categories_: Categories
    max_features_: int
    tree_: Tree

    def _grow(self, table: Any, rules: Rules, root: Root, state: type[Growth], X: Any, y: Array) -> None:
        """Grow, prune and show the tree; y as the user gave it."""
        seed = check_random_state(self.random_state).randint(NO_LIMIT)
        tree = grow(table, rules, root, seed)
        if self.max_leaf_nodes is not None:
            tree = tree.keeping(tree.best_first(self.max_leaf_nodes - 1))
        self.tree_ = pruned(tree, self.ccp_alpha) if self.ccp_alpha > 0 else tree
        n_states = len(splits_shown(self.tree_.n_leaves - 1))
        show(lambda: (state(*grown) for grown in growth(self.tree_)), total=n_states - 1, fit=Fit(self, X, y))

    def _rules(self, rows: Rows, criterion: int = 0, pure: float = PURE) -> Rules:
        n_samples, n_features = rows.n_samples, rows.columns.shape[0]
        self.max_features_ = _n_features_drawn(self.max_features, n_features)
        return Rules(
            criterion=criterion,
            max_depth=NO_LIMIT if self.max_depth is None else int(self.max_depth),
            min_samples_split=max(2, _n_rows(self.min_samples_split, n_samples)),
            min_samples_leaf=_n_rows(self.min_samples_leaf, n_samples),
            min_weight_leaf=float(self.min_weight_fraction_leaf * rows.total_weight),
            min_impurity_decrease=float(self.min_impurity_decrease),
            max_features=self.max_features_,
            pure=pure,
        )

    def _leaves(self, X: Any) -> Array:
        X = self._checked(X)
        return self.tree_.apply(X)

    def _checked(self, X: Any) -> Array:
        check_is_fitted(self)
        X = checked_table(self, X, reset=False, **ACCEPTED)
        return np.ascontiguousarray(X.toarray() if sp.issparse(X) else X)

    def apply(self, X: Any) -> Array:
        """(n_samples,) the row of `tree_` that is each row's leaf."""
        return self._leaves(X)

    def decision_path(self, X: Any) -> sp.csr_matrix:
        """(n_samples, n_nodes) sparse: 1 where a row passes through a node."""
        X = self._checked(X)
        return self.tree_.decision_path(X)

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
        tags.input_tags.categorical = True
        return tags


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
