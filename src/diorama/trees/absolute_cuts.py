"""Weigh the cuts of numbers by absolute errors.

A node answers with the median of its rows, half of the weight on either side of it, and its impurity is their mean
distance from it. The rows of a node are linked in the order of y. Taken out one by one in the order of a feature, each
moves the median by a step or none, so that the error of all that is left costs a step, too [1]_. Taken out from the
front, what is left are the right children of all cuts; taken out from the back, the left ones.

References
----------
.. [1] Torgo, L. (1999). Inductive Learning of Tree-based Regression Models, chapter 3. University of Porto.
"""

from typing import NamedTuple

import numpy as np

from diorama._kernel import exact_kernel_step
from diorama._typing import Array
from diorama.trees.presort import GREATER, ROW
from diorama.trees.tables import IMPURITY, NOWHERE, WEIGHT, AbsoluteTable, Nodes, Root, Rules, Split, allowed, is_left


class Links(NamedTuple):
    """Room to work in, for nodes of up to n rows, which are known by their places in the order of y, from 1."""

    before: Array  # (n + 2,) int64: the place before, of those that are left
    after: Array  # (n + 2,) int64
    errors: Array  # (2, n + 1): of what is left when so many are taken out, from the back and from the front


def links_room(n_rows: int) -> Links:
    """Room for nodes of up to so many rows."""
    return Links(np.empty(n_rows + 2, np.int64), np.empty(n_rows + 2, np.int64), np.empty((2, n_rows + 1)))


@exact_kernel_step
def survey(table: AbsoluteTable, start: int, end: int) -> None:
    """Note where each row of a node stands in the order of y."""
    for i in range(start, end):
        table.place[table.by_y[0, i] & ROW] = i - start + 1


@exact_kernel_step
def weight_of(table: AbsoluteTable, row: int) -> float:
    return float(table.weights[row]) if len(table.weights) else 1.0


@exact_kernel_step
def visited(k: int, start: int, stop: int, end: int, missing_left: bool) -> int:
    """Where in the order of a feature row number k of a walk stands: missing values come last, or first."""
    if not missing_left:
        return start + k
    return stop + k if k < end - stop else start + k - (end - stop)


@exact_kernel_step
def errors_left(
    table: AbsoluteTable,
    feature: int,
    start: int,
    stop: int,
    end: int,
    missing_left: bool,
    backwards: bool,
    links: Links,
) -> None:
    """Fill `links.errors` with the absolute error around the median of what is left of a node."""
    n, by_y = end - start, table.by_y[0]
    before, after, errors = links.before, links.after, links.errors[0 if backwards else 1]
    # counted from a number in the middle, so that sums lose no digits to large numbers
    origin = table.y[by_y[start + n // 2] & ROW]
    weight, total, after[0] = 0.0, 0.0, 1
    for i in range(1, n + 1):
        row = by_y[start + i - 1] & ROW
        before[i], after[i] = i - 1, i + 1
        weight += weight_of(table, row)
        total += weight_of(table, row) * (table.y[row] - origin)
    before[n + 1] = n
    median, low_weight, low_total = 0, 0.0, 0.0  # weight and sum of all up to the median, and with it
    for taken in range(n + 1):
        if taken > 0:
            k = n - taken if backwards else taken - 1
            row = table.order[feature, visited(k, start, stop, end, missing_left)] & ROW
            place, w = table.place[row], weight_of(table, row)
            weight -= w
            total -= w * (table.y[row] - origin)
            if place <= median:
                low_weight -= w
                low_total -= w * (table.y[row] - origin)
            if place == median:
                median = before[place]
            after[before[place]] = after[place]  #: take out
            before[after[place]] = before[place]
        while after[median] <= n and (2 * low_weight < weight or median == 0):  #: median
            median = after[median]
            row = by_y[start + median - 1] & ROW
            low_weight += weight_of(table, row)
            low_total += weight_of(table, row) * (table.y[row] - origin)
        while median > 0 and before[median] > 0:
            row = by_y[start + median - 1] & ROW
            if 2 * (low_weight - weight_of(table, row)) < weight:
                break
            low_weight -= weight_of(table, row)
            low_total -= weight_of(table, row) * (table.y[row] - origin)
            median = before[median]
        if median == 0:
            errors[taken] = 0.0
            continue
        middle = table.y[by_y[start + median - 1] & ROW] - origin
        errors[taken] = middle * (2 * low_weight - weight) - 2 * low_total + total  #: error


@exact_kernel_step
def best_cut(
    table: AbsoluteTable,
    rules: Rules,
    feature: int,
    start: int,
    stop: int,
    end: int,
    missing_left: bool,
    median: Array,
    links: Links,
) -> tuple[float, int]:
    """(worth, place): the best cut of a node along one feature; the rows before `place` go left.

    The node's rows are order[feature, start:end]; from `stop` on the value is missing, and those rows go left, all of
    them, when `missing_left`. `place` is NOWHERE when no cut is allowed.
    """
    errors_left(table, feature, start, stop, end, missing_left, True, links)
    errors_left(table, feature, start, stop, end, missing_left, False, links)
    n, order = end - start, table.order[feature]
    weight = 0.0
    for i in range(start, end):
        weight += weight_of(table, order[i] & ROW)
    best, best_place, left_weight = -np.inf, NOWHERE, 0.0
    n_missing_left = end - stop if missing_left else 0
    for n_left in range(1, n):
        left_weight += weight_of(table, order[visited(n_left - 1, start, stop, end, missing_left)] & ROW)
        place = start + n_left - n_missing_left
        if place <= start or order[place] < GREATER or place > stop:
            continue
        if allowed(n_left, n - n_left, left_weight, weight - left_weight, rules):
            worth = -links.errors[0, n - n_left] - links.errors[1, n_left]  #: weigh
            if worth > best:
                best, best_place = worth, place  #: keep
    return best, best_place


@exact_kernel_step
def fill_children(
    table: AbsoluteTable,
    rules: Rules,
    nodes: Nodes,
    child: int,
    start: int,
    stop: int,
    end: int,
    split: Split,
    goes_left: Array,
) -> int:
    """Median and mean distance from it of the two children, and marks on the rows that go left; how many do."""
    _, feature, place, missing_left = split
    order, y, by_y, real = table.order[feature], table.y, table.by_y[0], nodes.real
    n_left = 0
    for side in range(child, child + 2):
        real[side, WEIGHT] = real[side, IMPURITY] = 0.0
    for i in range(start, end):
        row = order[i] & ROW
        left = is_left(i, place, stop, missing_left)
        goes_left[row] = left
        n_left += left
        real[child if left else child + 1, WEIGHT] += weight_of(table, row)
    for side in range(child, child + 2):
        weight, low = real[side, WEIGHT], 0.0
        median, found = 0.0, False
        for i in range(start, end):
            row = by_y[i] & ROW
            if goes_left[row] != (side == child):
                continue
            if found:  # half of the weight was used up exactly: the middle of the two numbers around it
                median = median / 2 + y[row] / 2
                break
            low += weight_of(table, row)
            median, found = y[row], 2 * low == weight
            if 2 * low > weight:
                break
        nodes.counts[side, 0] = median
    for i in range(start, end):
        row = order[i] & ROW
        side = child if goes_left[row] else child + 1
        real[side, IMPURITY] += weight_of(table, row) * abs(y[row] - nodes.counts[side, 0])
    for side in range(child, child + 2):
        real[side, IMPURITY] /= real[side, WEIGHT]
    return n_left


def root_of(y: Array, weights: Array) -> Root:
    """Median and mean distance from it of all rows."""
    weight = weights if len(weights) else np.ones(len(y))
    rows = np.argsort(y, kind="stable")
    low, total = np.cumsum(weight[rows]), float(weight.sum())
    first = int(np.searchsorted(2 * low, total))
    tie = first + 1 < len(y) and 2 * low[first] == total
    median = y[rows[first]] / 2 + y[rows[first + tie]] / 2
    return Root(np.array([median]), total, float(weight @ np.abs(y - median) / total))
