"""What trees are grown from and what their splits must respect."""

from typing import NamedTuple

import numpy as np

from diorama._kernel import exact_kernel_step
from diorama._typing import Array

GINI, ENTROPY = 0, 1
CRITERIA = {"gini": GINI, "entropy": ENTROPY, "log_loss": ENTROPY}
NOWHERE = -1
PURE = float(np.finfo(np.float64).eps)

# columns of a table of nodes: whole numbers ...
START, END, DEPTH, LEFT, FEATURE, MISSING_LEFT, SEED, MAY_SPLIT = range(8)
# ... and real ones
THRESHOLD, IMPURITY, WEIGHT = range(3)

# (worth, feature, place, whether missing values go left); feature is NOWHERE when no cut is allowed
Split = tuple[float, int, int, bool]


class Rules(NamedTuple):
    """What a split must respect."""

    criterion: int  # GINI or ENTROPY
    max_depth: int
    min_samples_split: int
    min_samples_leaf: int
    min_weight_leaf: float
    min_impurity_decrease: float
    max_features: int  # features looked at in each node
    pure: float = PURE  # a node of no more impurity asks nothing


class AllNumbers(NamedTuple):
    """No column is categories."""

    n_words: int = 0


class SomeNominal(NamedTuple):
    """Some columns are categories, as numbers 0, 1, 2 ..."""

    n_words: int  # 64 categories each, of the sets that nodes ask about
    n_categories: Array  # (n_features,) int64; 0 for a column of numbers


ALL_NUMBERS = AllNumbers()


class Table(NamedTuple):
    """The training data of a classifier, sorted once."""

    columns: Array  # (n_features, n_samples) float64
    order: Array  # (n_features, n_samples) uint32: rows by value, see presort; every node owns a stretch of it
    labels: Array  # (n_samples,) class of each row, from 0
    weights: Array  # (n_samples,) float64, or empty when every row weighs 1
    x_log2_x: Array  # (n_samples + 1,) of 0, 1, 2 ... rows, for entropy without weights; else empty
    total_weight: float
    kinds: AllNumbers | SomeNominal = ALL_NUMBERS


class SquaredTable(NamedTuple):
    """The training data of a regressor that errs by squares, sorted once."""

    columns: Array  # as in Table, and so are all of the same name
    order: Array
    y: Array  # (n_samples,) float64
    weights: Array
    total_weight: float
    kinds: AllNumbers | SomeNominal = ALL_NUMBERS


class AbsoluteTable(NamedTuple):
    """The training data of a regressor that errs by distances: the targets are sorted, too."""

    columns: Array
    order: Array
    y: Array
    weights: Array
    total_weight: float
    kinds: AllNumbers | SomeNominal
    by_y: Array  # (1, n_samples) uint32: the rows by y; every node owns the same stretch of it as of `order`
    place: Array  # (n_samples,) int64: where a row stands in its node's stretch of `by_y`, from 1; see survey


class Nodes(NamedTuple):
    """Nodes in the order they were made; the two children of a node are neighbours, left first."""

    whole: Array  # (capacity, 8) int64
    real: Array  # (capacity, 3) float64
    counts: Array  # (capacity, n_classes) float64: the weight of each class; or (capacity, 1): the mean or median of y
    sets: Array  # (capacity, n_words) uint64: a bit for each category that goes left

    def resized(self, n_nodes: int, capacity: int) -> "Nodes":
        """The first `n_nodes` nodes in a table of another size."""
        others = room_for(capacity, self.counts.shape[1], self.sets.shape[1])
        for columns, copies in zip(self, others, strict=True):
            copies[:n_nodes] = columns[:n_nodes]
        return others


class Root(NamedTuple):
    """What all rows together are."""

    counts: Array  # (n_classes,) or (1,), as in Nodes
    weight: float
    impurity: float


def room_for(capacity: int, n_classes: int, n_words: int = 0) -> Nodes:
    """Empty nodes."""
    whole, real = np.empty((capacity, 8), np.int64), np.empty((capacity, 3))
    return Nodes(whole, real, np.empty((capacity, n_classes)), np.zeros((capacity, n_words), np.uint64))


@exact_kernel_step
def allowed(n_left: int, n_right: int, left_weight: float, right_weight: float, rules: Rules) -> bool:
    """Whether two children of these sizes are large enough."""
    enough_rows = n_left >= rules.min_samples_leaf and n_right >= rules.min_samples_leaf
    return enough_rows and left_weight >= rules.min_weight_leaf and right_weight >= rules.min_weight_leaf


@exact_kernel_step
def is_left(i: int, place: int, stop: int, missing_left: bool) -> bool:
    """Whether number `i` of an order goes left when it is cut at `place` and values are missing from `stop` on."""
    return i < place or (missing_left and i >= stop)
