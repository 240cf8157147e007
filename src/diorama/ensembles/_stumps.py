"""Trees of one question, grown again and again on the same rows with other weights.

What a round needs is the cut of largest worth, as class_cuts weighs it; nothing else of a tree's growth repeats. For a
gini cut the worth is a fraction, and two fractions are compared without dividing: only a cut that may be the best of
its feature yet is divided and weighed in earnest.
"""

from typing import Any

import numpy as np

from diorama._kernel import exact_kernel
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.trees import CARTClassifier
from diorama.trees.cart import Rows
from diorama.trees.cart_classifier import table_of
from diorama.trees.class_cuts import margin, root_of, sides_room
from diorama.trees.growing import grow_once
from diorama.trees.presort import GREATER, ROW
from diorama.trees.tables import GINI, NOWHERE, Rules, Split, Table

# cuts weighed by one job
CUTS_PER_JOB = 100_000
# a bar this little lower stops no cut that division would have let pass
SLACK = 1 - 1e-15


def one_question(prototype: CARTClassifier, table: Array) -> bool:
    """Whether `prototype` grows stumps that are found here, on rows of `table` (n, n_features)."""
    usual = prototype.criterion == "gini" and prototype.max_features is None and prototype.ccp_alpha == 0
    return bool(prototype.max_depth == 1 and usual and not np.isnan(table).any())


def labels_along(rows: Rows) -> Array:
    """(n_features, n_rows) classes in the order of each feature: read in one sweep, round after round."""
    labels: Array = rows.target.astype(np.uint8 if rows.target.max() < 256 else np.uint32)
    along: Array = labels[rows.order & ROW]
    return along


def grow_stump(member: CARTClassifier, rows: Rows, labels: Array) -> None:
    """Give `member` the tree that it would grow on `rows` of these weights; `labels` are those along the features."""
    rules = member._rules(rows, GINI)
    table = table_of(rows, rules)
    root = root_of(table, rules, member.n_classes_)
    member.tree_ = grow_once(table, rules, root, 0, lambda: best_cut_of_all(table, rules, root.counts, labels))


def best_cut_of_all(table: Table, rules: Rules, counts: Array, labels: Array) -> Split:
    """(worth, feature, place, missing_left) of the best cut; of equals, the first feature's."""
    n_features, n_rows = table.order.shape
    indistinct = margin(table, counts)
    limits = np.array([rules.min_samples_leaf, rules.min_weight_leaf, indistinct], dtype=float)
    worths, places = np.empty(n_features), np.empty(n_features, dtype=np.int64)
    given: tuple[Any, ...] = (table.order, labels, table.weights, counts)
    jobs = [
        (*given, sides_room(len(counts))[0], first, last, limits, worths, places)
        for first, last in blocks(n_features, max(1, CUTS_PER_JOB // n_rows))
    ]
    run(weigh_cuts, jobs, work=4.0 * n_features * n_rows)
    best, best_feature = -np.inf, NOWHERE
    for feature, worth in enumerate(worths.tolist()):
        if worth > best + indistinct:
            best, best_feature = worth, feature
    return best, best_feature, int(places[best_feature]), False


@exact_kernel
def weigh_cuts(
    order: Array,
    labels: Array,
    weights: Array,
    counts: Array,
    left: Array,
    first: int,
    last: int,
    limits: Array,
    worths: Array,
    places: Array,
) -> None:
    """Fill `worths` and `places` with the best cut of each feature from `first` up to `last`, by gini.

    `left` is room for the weight of each class on the left; `limits` are the least rows and weight of a side, and by
    how much a cut must be worth more than one before.
    """
    n, n_classes = order.shape[1], len(counts)
    min_rows, min_weight, indistinct = limits[0], limits[1], limits[2]
    total, all_terms = 0.0, 0.0
    for label in range(n_classes):
        total += counts[label]
        all_terms += counts[label] * counts[label]
    for feature in range(first, last):
        left_terms, right_terms, left_weight = 0.0, all_terms, 0.0
        for label in range(n_classes):
            left[label] = 0.0
        best, best_place, bar = -np.inf, NOWHERE, -np.inf
        for i in range(n):
            here = order[feature, i]
            if here >= GREATER:
                right_weight = total - left_weight
                above, below = left_terms * right_weight + right_terms * left_weight, left_weight * right_weight
                if above > bar * below:
                    enough = left_weight >= min_weight and right_weight >= min_weight
                    worth = above / below
                    if enough and i >= min_rows and n - i >= min_rows and worth > best + indistinct:
                        best, best_place = worth, i
                        bar = (best + indistinct) * SLACK
            weight, label = weights[here & ROW], labels[feature, i]
            before = left[label]
            left_terms += weight * (2.0 * before + weight)
            right_terms += weight * (weight - 2.0 * (counts[label] - before))
            left[label] = before + weight
            left_weight += weight
        worths[feature], places[feature] = best, best_place
