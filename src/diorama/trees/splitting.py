"""Find the question that makes a node's two children purest: every feature is asked for its best cut.

What purest means, and how a cut is weighed, is the table's: see class_cuts, squared_cuts and absolute_cuts.
"""

import math
from typing import Any

import numpy as np

from diorama._kernel import exact_kernel_choice, exact_kernel_step
from diorama._scramble import scramble
from diorama._typing import Array
from diorama.trees import absolute_cuts, class_cuts, squared_cuts
from diorama.trees.nominal import n_orders, put_in_order
from diorama.trees.presort import ROW
from diorama.trees.tables import NOWHERE, AbsoluteTable, Rules, Split, SquaredTable, Table

best_cut = exact_kernel_choice(
    {Table: class_cuts.best_cut, SquaredTable: squared_cuts.best_cut, AbsoluteTable: absolute_cuts.best_cut}
)


@exact_kernel_step
def no_margin(table: Any, counts: Array) -> float:
    """Of numbers, the greatest worth wins by however little."""
    return 0.0


# by how much a cut must be worth more than another feature's before it
margin = exact_kernel_choice({Table: class_cuts.margin, SquaredTable: no_margin, AbsoluteTable: no_margin})


@exact_kernel_step
def no_survey(table: Any, start: int, end: int) -> None:
    """For targets in no order."""


survey = exact_kernel_choice({Table: no_survey, SquaredTable: no_survey, AbsoluteTable: absolute_cuts.survey})


@exact_kernel_step
def best_split(
    table: Any, rules: Rules, features: Array, n_features: int, start: int, end: int, counts: Array, room: Any
) -> Split:
    """(worth, feature, place, missing_left): the best cut along the first `n_features` of `features`.

    The first of equals wins. A feature of categories is left in the order that its cut was found in.
    """
    best, best_feature, best_place, best_missing_left = -np.inf, NOWHERE, NOWHERE, False
    best_order, best_stop = 0, end
    indistinct = margin(table, counts)
    for i in range(n_features):
        feature = features[i]
        stop = first_missing(table.columns[feature], table.order[feature], start, end)
        for which in range(n_orders(table.kinds, table, feature, counts)):
            put_in_order(table.kinds, table, feature, which, start, stop, end)
            for missing_left in range(2 if stop < end else 1):
                score, place = best_cut(table, rules, feature, start, stop, end, missing_left == 1, counts, room)
                if score > best + indistinct:
                    best, best_feature, best_place, best_missing_left = score, feature, place, missing_left == 1
                    best_order, best_stop = which, stop
    if best_feature != NOWHERE:
        put_in_order(table.kinds, table, best_feature, best_order, start, best_stop, end)
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
def candidates(table: Any, rules: Rules, start: int, end: int, seed: int, features: Array) -> tuple[int, int]:
    """How many features a node looks at, and how many vary in it; which, fills `features` (2, n_features).

    All that vary are looked at, or as many as `max_features`, drawn with `seed`.
    """
    survey(table, start, end)
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
