"""Weigh the cuts of numbers by squared errors.

A node answers with the mean of its rows, and its impurity is their variance. Let S be the sum of w_i (y_i - m) over the
rows of the left child, m the mean of the whole node. The right child has -S, so a cut lowers the sum of squares by

    S^2 / w_L + S^2 / w_R = S^2 (w_L + w_R) / (w_L w_R)

and one running sum is all that a walk along a feature needs; counted from the mean, it loses no digits to large
numbers.
"""

from typing import Any

import numpy as np

from diorama._kernel import exact_kernel_step
from diorama._typing import Array
from diorama.trees.presort import GREATER, ROW
from diorama.trees.tables import IMPURITY, NOWHERE, WEIGHT, Nodes, Root, Rules, Split, SquaredTable, allowed, is_left


@exact_kernel_step
def best_cut(
    table: SquaredTable,
    rules: Rules,
    feature: int,
    start: int,
    stop: int,
    end: int,
    missing_left: bool,
    mean: Array,
    room: Any,
) -> tuple[float, int]:
    """(worth, place): the best cut of a node along one feature; the rows before `place` go left.

    The node's rows are order[feature, start:end]; from `stop` on the value is missing, and those rows go left, all of
    them, when `missing_left`. `mean` (1,) is the node's. `place` is NOWHERE when no cut is allowed.
    """
    order = table.order[feature]
    weight = float(end - start)
    if len(table.weights):
        weight = 0.0
        for i in range(start, end):
            weight += table.weights[order[i] & ROW]
    left, left_weight = 0.0, 0.0
    # the best so far is a fraction, and one is greater when it is so multiplied out: dividing would take longer
    best, best_below, best_place = -1.0, 1.0, NOWHERE
    n_missing_left = end - stop if missing_left else 0
    n_places = stop - start + (1 if stop < end and not missing_left else 0)
    for step in range(-n_missing_left, n_places):
        place = start + step if step >= 0 else end + step
        n_left, right_weight = step + n_missing_left, weight - left_weight
        new_value = step > 0 and order[place] >= GREATER
        if new_value and allowed(n_left, end - start - n_left, left_weight, right_weight, rules):
            worth, below = left * left, left_weight * right_weight  #: weigh
            if worth * best_below > best * below:
                best, best_below, best_place = worth, below, place  #: keep
        row = order[place] & ROW
        row_weight = table.weights[row] if len(table.weights) else 1.0
        left += row_weight * (table.y[row] - mean[0])  #: move
        left_weight += row_weight
    return (best * weight / best_below if best_place != NOWHERE else -np.inf), best_place


@exact_kernel_step
def fill_children(
    table: SquaredTable,
    rules: Rules,
    nodes: Nodes,
    child: int,
    start: int,
    stop: int,
    end: int,
    split: Split,
    goes_left: Array,
) -> int:
    """Mean and variance of the two children, and marks on the rows that go left; how many do."""
    _, feature, place, missing_left = split
    order, y, mean, real = table.order[feature], table.y, nodes.counts, nodes.real
    origin_left = y[order[start if place > start else stop] & ROW]
    origin_right = y[order[place if place < stop else end - 1] & ROW]
    for side in range(child, child + 2):
        mean[side, 0] = real[side, WEIGHT] = real[side, IMPURITY] = 0.0
    n_left = 0
    for i in range(start, end):
        row = order[i] & ROW
        left = is_left(i, place, stop, missing_left)
        goes_left[row] = left
        n_left += left
        side = child if left else child + 1
        weight = table.weights[row] if len(table.weights) else 1.0
        # counted from one of the side's own rows, so that equal numbers have exactly their mean and no variance
        mean[side, 0] += weight * (y[row] - (origin_left if left else origin_right))
        real[side, WEIGHT] += weight
    mean[child, 0] = origin_left + mean[child, 0] / real[child, WEIGHT]
    mean[child + 1, 0] = origin_right + mean[child + 1, 0] / real[child + 1, WEIGHT]
    for i in range(start, end):
        row = order[i] & ROW
        side = child if goes_left[row] else child + 1
        gap = y[row] - mean[side, 0]
        real[side, IMPURITY] += (table.weights[row] if len(table.weights) else 1.0) * gap * gap
    for side in range(child, child + 2):
        real[side, IMPURITY] /= real[side, WEIGHT]
    return n_left


def root_of(y: Array, weights: Array) -> Root:
    """Mean and variance of all rows."""
    weight = weights if len(weights) else np.ones(len(y))
    total = float(weight.sum())
    mean = y[0] + weight @ (y - y[0]) / total
    return Root(np.array([mean]), total, float(weight @ (y - mean) ** 2 / total))
