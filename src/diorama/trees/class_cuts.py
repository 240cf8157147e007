"""Weigh the cuts of classes by impurity.

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

import numpy as np

from diorama._kernel import exact_kernel_step
from diorama._typing import Array
from diorama.trees.presort import GREATER, ROW
from diorama.trees.tables import GINI, IMPURITY, NOWHERE, WEIGHT, Nodes, Root, Rules, Split, Table, allowed, is_left

# what sums over the rows of a node can be wrong by, as a share of its weight
ROUNDING = 1e-12


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
def margin(table: Table, counts: Array) -> float:
    """By how much a cut must be worth more than one found before, so that rounding chooses none.

    Rows of different weights are added up in different orders along different features; without weights all are whole
    numbers, and nothing is rounded.
    """
    total = 0.0
    if len(table.weights):
        for count in counts:
            total += count
    return ROUNDING * total


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
    order, labels, weights, x_log2_x = table.order[feature], table.labels, table.weights, table.x_log2_x
    left, right = sides[0], sides[1]
    left_terms, right_terms, left_weight, right_weight = 0.0, 0.0, 0.0, 0.0
    for label in range(len(counts)):
        left[label], right[label] = 0.0, counts[label]
        right_terms += term(counts[label], rules, x_log2_x)
        right_weight += counts[label]
    best, best_place, indistinct = -np.inf, NOWHERE, margin(table, counts)
    n_missing_left = end - stop if missing_left else 0
    n_places = stop - start + (1 if stop < end and not missing_left else 0)
    for step in range(-n_missing_left, n_places):
        place = start + step if step >= 0 else end + step
        n_left = step + n_missing_left
        new_value = step > 0 and order[place] >= GREATER
        if new_value and allowed(n_left, end - start - n_left, left_weight, right_weight, rules):
            worth = worth_of(left_terms, left_weight, right_terms, right_weight, rules, x_log2_x)  #: weigh
            if worth > best + indistinct:
                best, best_place = worth, place  #: keep
        row = order[place] & ROW
        label, weight = labels[row], weights[row] if len(weights) else 1.0
        left_terms += add(left, label, weight, rules, x_log2_x)  #: move
        right_terms += add(right, label, -weight, rules, x_log2_x)
        left_weight += weight
        right_weight -= weight
    return best, best_place


@exact_kernel_step
def add(child: Array, label: int, weight: float, rules: Rules, x_log2_x: Array) -> float:
    """Put `weight` on a class of a child; by how much that changes the child's sum of terms."""
    before = child[label]
    after = before + weight
    child[label] = after
    return term(after, rules, x_log2_x) - term(before, rules, x_log2_x)


@exact_kernel_step
def fill_children(
    table: Table,
    rules: Rules,
    nodes: Nodes,
    child: int,
    start: int,
    stop: int,
    end: int,
    split: Split,
    goes_left: Array,
) -> int:
    """Count the classes of the two children and mark the rows that go left; how many do."""
    _, feature, place, missing_left = split
    order, labels, weights = table.order[feature], table.labels, table.weights
    counts, real = nodes.counts, nodes.real
    for label in range(counts.shape[1]):
        counts[child, label] = counts[child + 1, label] = 0.0
    n_left = 0
    for i in range(start, end):
        row = order[i] & ROW
        left = is_left(i, place, stop, missing_left)
        goes_left[row] = left
        n_left += left
        counts[child if left else child + 1, labels[row]] += weights[row] if len(weights) else 1.0
    for side in range(child, child + 2):
        total = 0.0
        for label in range(counts.shape[1]):
            total += counts[side, label]
        real[side, WEIGHT] = total
        real[side, IMPURITY] = impurity(counts[side], total, rules)
    return n_left


def root_of(table: Table, rules: Rules, n_classes: int) -> Root:
    """All rows together."""
    weights = table.weights if len(table.weights) else None
    counts = np.bincount(table.labels, weights=weights, minlength=n_classes).astype(float)
    return Root(counts, table.total_weight, impurity(counts, table.total_weight, rules))


def sides_room(n_classes: int) -> Array:
    """Room for the weight of each class on both sides of a cut, far from what other threads write all the time."""
    return np.empty((2, max(n_classes, 16)))
