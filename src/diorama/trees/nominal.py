"""Questions about categories: put them in an order in which the best set stands first, then cut it like numbers.

Of m categories there are 2^(m-1) - 1 ways to part them in two. Sorted by the mean of what is predicted, in the node,
one of the m - 1 cuts between neighbours is the best of all, for two classes and for squared errors [1]_ [2]_. With more
classes each one's share gives an order, and the best cut of all orders is taken; for absolute errors the order of the
means serves, too. There the best set may be missed.

References
----------
.. [1] Fisher, W. D. (1958). On grouping for maximum homogeneity. Journal of the American Statistical Association 53.
.. [2] Breiman, L., Friedman, J. H., Olshen, R. A., Stone, C. J. (1984). Classification and Regression Trees,
   section 4.2.
"""

from typing import Any

import numpy as np

from diorama._kernel import exact_kernel, exact_kernel_choice, exact_kernel_step
from diorama._typing import Array
from diorama.trees.presort import GREATER, ROW
from diorama.trees.tables import (
    THRESHOLD,
    AbsoluteTable,
    AllNumbers,
    Nodes,
    SomeNominal,
    SquaredTable,
    Table,
)

BITS = 64  # categories in a word of a set


def n_words(n_categories: int) -> int:
    """Words that a set of so many categories takes."""
    return -(-n_categories // BITS)


@exact_kernel_step
def class_or_not(table: Table, row: int, label: int) -> float:
    """Sorted by the mean of this, categories stand by the share of one class."""
    return 1.0 if table.labels[row] == label else 0.0


@exact_kernel_step
def number_itself(table: Any, row: int, label: int) -> float:
    return float(table.y[row])


said = exact_kernel_choice({Table: class_or_not, SquaredTable: number_itself, AbsoluteTable: number_itself})


@exact_kernel_step
def one_a_class(table: Table, counts: Array) -> int:
    """Two classes give one order: by the share of either."""
    return len(counts) if len(counts) > 2 else 1


@exact_kernel_step
def just_one(table: Any, counts: Array) -> int:
    return 1


orders_of_table = exact_kernel_choice({Table: one_a_class, SquaredTable: just_one, AbsoluteTable: just_one})


@exact_kernel_step
def one_order(kinds: AllNumbers, table: Any, feature: int, counts: Array) -> int:
    """Numbers have the order that they are sorted in."""
    return 1


@exact_kernel_step
def some_orders(kinds: SomeNominal, table: Any, feature: int, counts: Array) -> int:
    """In how many orders the values of a feature are tried."""
    return orders_of_table(table, counts) if kinds.n_categories[feature] > 0 else 1


@exact_kernel_step
def leave(kinds: AllNumbers, table: Any, feature: int, label: int, start: int, stop: int, end: int) -> None:
    """Numbers stay as they are sorted."""


@exact_kernel_step
def arrange(kinds: SomeNominal, table: Any, feature: int, label: int, start: int, stop: int, end: int) -> None:
    """Sort a node's rows order[feature, start:stop] by their categories, those by the mean of what `said` says.

    From `stop` to `end` the value is missing. A feature of numbers stays as it is.
    """
    n_categories = kinds.n_categories[feature]
    if n_categories == 0:
        return
    order, values = table.order[feature], table.columns[feature]
    sums, weights = np.zeros(n_categories), np.zeros(n_categories)
    places = np.zeros(n_categories, np.int64)
    for i in range(start, stop):
        row = order[i] & ROW
        category, weight = np.int64(values[row]), table.weights[row] if len(table.weights) else 1.0
        sums[category] += weight * said(table, row, label)
        weights[category] += weight
        places[category] += 1
    means = np.full(n_categories, np.inf)
    for k in range(n_categories):
        if places[k] > 0:
            means[k] = sums[k] / weights[k]
    place, by_mean = 0, np.argsort(means, kind="mergesort")
    for k in range(n_categories):
        places[by_mean[k]], place = place, place + places[by_mean[k]]
    fresh, sorted_rows = np.ones(n_categories, np.bool_), np.empty(stop - start, np.uint32)
    for i in range(start, stop):
        row = order[i] & ROW
        category = np.int64(values[row])
        sorted_rows[places[category]] = row | GREATER if fresh[category] else row
        places[category] += 1
        fresh[category] = False
    for i in range(start, stop):
        order[i] = sorted_rows[i - start]
    if stop < end:
        order[stop] |= GREATER


@exact_kernel_step
def forget(
    kinds: AllNumbers, table: Any, nodes: Nodes, node: int, feature: int, start: int, place: int, stop: int
) -> None:
    """A threshold says all."""


@exact_kernel_step
def remember(
    kinds: SomeNominal, table: Any, nodes: Nodes, node: int, feature: int, start: int, place: int, stop: int
) -> None:
    """Note which categories go left: those before `place`, and those that the node lacks if most rows go left."""
    if kinds.n_categories[feature] == 0:
        return
    nodes.real[node, THRESHOLD] = np.nan
    words = nodes.sets[node]
    for word in range(len(words)):
        words[word] = np.uint64(0)
    most_left = 2 * (min(place, stop) - start) > stop - start
    if most_left:
        for k in range(kinds.n_categories[feature]):
            words[k >> 6] |= np.uint64(1) << np.uint64(k & 63)
    values, order = table.columns[feature], table.order[feature]
    for i in range(start, stop):
        category = np.int64(values[order[i] & ROW])
        bit = np.uint64(1) << np.uint64(category & 63)
        if i < place:
            words[category >> 6] |= bit
        else:
            words[category >> 6] &= ~bit


n_orders = exact_kernel_choice({AllNumbers: one_order, SomeNominal: some_orders})
put_in_order = exact_kernel_choice({AllNumbers: leave, SomeNominal: arrange})
note_set = exact_kernel_choice({AllNumbers: forget, SomeNominal: remember})


@exact_kernel
def walk_sets(
    X: Array,
    left: Array,
    right: Array,
    feature: Array,
    threshold: Array,
    missing_go_to_left: Array,
    sets: Array,
    leaves: Array,
) -> None:
    """Follow the questions from the root, row by row; a node of no threshold asks whether a category is in its set."""
    for i in range(X.shape[0]):
        node = 0
        while feature[node] >= 0:
            x, limit = X[i, feature[node]], threshold[node]
            # beyond every set there is nothing to look up
            if np.isnan(x) or (np.isnan(limit) and not 0 <= x < BITS * sets.shape[1]):
                yes = missing_go_to_left[node]
            elif np.isnan(limit):
                category = np.int64(x)
                yes = (sets[node, category >> 6] >> np.uint64(category & 63)) & np.uint64(1) == np.uint64(1)
            else:
                yes = x <= limit
            node = left[node] if yes else right[node]
        leaves[i] = node
