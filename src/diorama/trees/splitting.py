"""Find the question that makes a node's two children purest.

Rows move from the right child to the left one by one, in the order of a feature's values; after each move between two
different values the two children are weighed. With c_k the weight of class k in a child and w its whole weight, a child
counts for

    gini       sum_k c_k^2 / w                       (its impurity is 1 - sum_k (c_k / w)^2)
    entropy    sum_k c_k log2 c_k - w log2 w         (its impurity is -sum_k (c_k / w) log2 (c_k / w))

which is w times the purity, up to a constant of the node: the best split has the greatest sum over both children.
Both are a sum of one term a class, so a move changes one term of each child and costs the same for any number of
classes.
"""

import math
from typing import Any, NamedTuple

import numpy as np

from diorama._kernel import exact_kernel_step
from diorama._typing import Array
from diorama.trees.presort import GREATER, ROW

GINI, ENTROPY = 0, 1
CRITERIA = {"gini": GINI, "entropy": ENTROPY, "log_loss": ENTROPY}
NOWHERE = -1


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


class Table(NamedTuple):
    """The training data, sorted once."""

    columns: Array  # (n_features, n_samples) float64
    order: Array  # (n_features, n_samples) uint32: rows by value, see presort; every node owns a stretch of it
    labels: Array  # (n_samples,) class of each row, from 0
    weights: Array  # (n_samples,) float64, or empty when every row weighs 1
    x_log2_x: Array  # (n_samples + 1,) of 0, 1, 2 ... rows, for entropy without weights; else empty
    total_weight: float


@exact_kernel_step
def term(x: float, rules: Rules, x_log2_x: Array) -> float:
    """What a class of weight x adds to its child."""
    if rules.criterion == GINI:
        return x * x
    if len(x_log2_x):
        return float(x_log2_x[np.int64(x)])
    return float(x * math.log2(x)) if x > 0 else 0.0


@exact_kernel_step
def worth_of(
    left_terms: float, left_weight: float, right_terms: float, right_weight: float, rules: Rules, x_log2_x: Array
) -> float:
    """What two children of these weights and these sums of terms count for, together."""
    if rules.criterion == GINI:  # the sum of two fractions, over one denominator: division is what takes longest here
        return (left_terms * right_weight + right_terms * left_weight) / (left_weight * right_weight)
    return left_terms - term(left_weight, rules, x_log2_x) + right_terms - term(right_weight, rules, x_log2_x)


@exact_kernel_step
def impurity(counts: Array, weight: float, rules: Rules) -> float:
    """Of a node with this weight of each class: 0 when it is pure."""
    total = 0.0
    for count in counts:
        share = count / weight
        if rules.criterion == GINI:
            total += share * (1.0 - share)
        elif share > 0:
            total -= share * math.log2(share)
    return total


@exact_kernel_step
def best_cut(
    table: Table,
    rules: Rules,
    feature: int,
    start: int,
    stop: int,
    end: int,
    missing_left: bool,
    counts: Array,
    sides: Array,
) -> tuple[float, int]:
    """(worth, place): the best cut of a node along one feature; the rows before `place` go left.

    The node's rows are order[feature, start:end]; from `stop` on the value is missing, and those rows go left, all of
    them, when `missing_left`. `counts` is the weight of each class in the node, and `sides` (2, n_classes) is room
    for those of the children. `place` is NOWHERE when no cut is allowed.
    """
    order, x_log2_x = table.order[feature], table.x_log2_x
    left, right = sides[0], sides[1]
    left_terms, right_terms, left_weight, right_weight = 0.0, 0.0, 0.0, 0.0
    for label in range(len(counts)):
        left[label], right[label] = 0.0, counts[label]
        right_terms += term(counts[label], rules, x_log2_x)
        right_weight += counts[label]
    best, best_place = -np.inf, NOWHERE
    n_missing_left = end - stop if missing_left else 0
    n_places = stop - start + (1 if stop < end and not missing_left else 0)
    for step in range(-n_missing_left, n_places):
        place = start + step if step >= 0 else end + step
        n_left = step + n_missing_left
        new_value = step > 0 and order[place] >= GREATER
        if new_value and allowed(n_left, end - start - n_left, left_weight, right_weight, rules):
            worth = worth_of(left_terms, left_weight, right_terms, right_weight, rules, x_log2_x)  #: weigh
            if worth > best:
                best, best_place = worth, place  #: keep
        row = order[place] & ROW
        weight = table.weights[row] if len(table.weights) else 1.0
        left_terms += add(left, table.labels[row], weight, rules, x_log2_x)  #: move
        right_terms += add(right, table.labels[row], -weight, rules, x_log2_x)
        left_weight += weight
        right_weight -= weight
    return best, best_place


@exact_kernel_step
def allowed(n_left: int, n_right: int, left_weight: float, right_weight: float, rules: Rules) -> bool:
    """Whether two children of these sizes are large enough."""
    enough_rows = n_left >= rules.min_samples_leaf and n_right >= rules.min_samples_leaf
    return enough_rows and left_weight >= rules.min_weight_leaf and right_weight >= rules.min_weight_leaf


@exact_kernel_step
def add(child: Array, label: int, weight: float, rules: Rules, x_log2_x: Array) -> float:
    """Put `weight` on a class of a child; by how much that changes the child's sum of terms."""
    before = child[label]
    after = before + weight
    child[label] = after
    return term(after, rules, x_log2_x) - term(before, rules, x_log2_x)


@exact_kernel_step
def best_split(
    table: Table, rules: Rules, features: Array, n_features: int, start: int, end: int, counts: Array, sides: Array
) -> Split:
    """(worth, feature, place, missing_left): the best cut along the first `n_features` of `features`.

    The first of equals wins.
    """
    best, best_feature, best_place, best_missing_left = -np.inf, NOWHERE, NOWHERE, False
    for i in range(n_features):
        feature = features[i]
        stop = first_missing(table.columns[feature], table.order[feature], start, end)
        for missing_left in range(2 if stop < end else 1):
            score, place = best_cut(table, rules, feature, start, stop, end, missing_left == 1, counts, sides)
            if score > best:
                best, best_feature, best_place, best_missing_left = score, feature, place, missing_left == 1
    return best, best_feature, best_place, best_missing_left


@exact_kernel_step
def first_missing(values: Array, order: Array, start: int, end: int) -> int:
    """Where the missing values of a node begin in the order of a feature: they come last."""
    if not math.isnan(values[order[end - 1] & ROW]):
        return end
    low, high = start, end - 1
    while low < high:
        middle = (low + high) // 2
        if math.isnan(values[order[middle] & ROW]):
            high = middle
        else:
            low = middle + 1
    return low


@exact_kernel_step
def varies(values: Array, order: Array, start: int, end: int) -> bool:
    """Whether a feature has two different values among a node's rows."""
    first, last = values[order[start] & ROW], values[order[end - 1] & ROW]
    return first != last and not (math.isnan(first) and math.isnan(last))


@exact_kernel_step
def threshold_between(values: Array, order: Array, place: int) -> float:
    """The middle of the two values that a cut lies between; infinity when it parts present values from missing ones."""
    low, high = values[order[place - 1] & ROW], values[order[place] & ROW]
    if math.isnan(high):
        return np.inf
    middle = low / 2 + high / 2  # the sum of halves cannot overflow
    return float(middle if low <= middle < high else low)


@exact_kernel_step
def candidates(table: Table, rules: Rules, start: int, end: int, seed: int, features: Array) -> tuple[int, int]:
    """How many features a node looks at, and how many vary in it; which, fills `features` (2, n_features).

    All that vary are looked at, or as many as `max_features`, drawn with `seed`.
    """
    n_features, n_varying = len(table.columns), 0
    looked_at, varying = features[0], features[1]
    for feature in range(n_features):
        looked_at[feature] = feature
        if varies(table.columns[feature], table.order[feature], start, end):
            varying[n_varying] = feature
            n_varying += 1
    if rules.max_features >= n_features:
        for i in range(n_varying):
            looked_at[i] = varying[i]
        return n_varying, n_varying
    n_looked_at = 0
    for i in range(n_features):
        if i >= rules.max_features and n_looked_at > 0:
            break
        seed = scramble(seed)
        j = i + seed % (n_features - i)
        feature = looked_at[j]
        looked_at[j] = looked_at[i]
        if varies(table.columns[feature], table.order[feature], start, end):
            looked_at[n_looked_at] = feature
            n_looked_at += 1
    return n_looked_at, n_varying


@exact_kernel_step
def scramble(seed: int) -> Any:
    """The next of a sequence of random whole numbers, 0 or more: SplitMix64 (Steele, Lea and Flood 2014)."""
    bits = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((bits ^ (bits >> np.uint64(31))) >> np.uint64(1))
