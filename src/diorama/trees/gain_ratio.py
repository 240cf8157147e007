"""The gain ratio: what an answer is worth in bits, for each bit that it takes to give the answer.

Rows whose value of A is missing are not asked. With F the share of the others, S_v their parts and H the entropy,

    Gain(S, A)  = F (H(S_known) - sum_v |S_v| / |S_known| H(S_v))
    Split(S, A) = -sum_v |S_v| / |S| log2(|S_v| / |S|)          the missing rows being one more part
    Ratio(S, A) = Gain(S, A) / Split(S, A)

A number is asked about by the threshold with the largest gain; since N different values offer N - 1 of them, and the
best of many looks good by chance, log2(N - 1) / |S| bits are taken off [2]_. A question with little gain can have a
large ratio, so only those compete that gain at least as much as the average one [1]_.

References
----------
.. [1] Quinlan, J. R. (1993). C4.5: Programs for Machine Learning, chapters 2 and 3.
.. [2] Quinlan, J. R. (1996). Improved use of continuous attributes in C4.5. Journal of Artificial Intelligence
   Research 4, 77-90.
"""

from collections.abc import Mapping
from math import log2
from typing import NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.trees.entropy import ROUNDING, information
from diorama.trees.multiway import ABOVE, AT_MOST

# of a numeric question each side needs this share of what a class has on average, though no more than so many rows
SIDE_SHARE, SIDE_MOST = 0.1, 25.0
SIDES = np.array([AT_MOST, ABOVE])


class Table(NamedTuple):
    """What a tree is grown from."""

    codes: Array  # (n_rows, n_features) column by column: categories as codes, numbers as they are, NaN for missing
    nominal: Array  # (n_features,) whether a column is categories
    labels: Array  # (n_rows,)
    n_classes: int
    min_samples_leaf: float  # the weight that at least two answers must have
    mdl_correction: bool  # whether thresholds pay for their number


class Answers(NamedTuple):
    """How one attribute would part some rows."""

    counts: Array  # (n_answers, n_classes) weight of each class, of the rows whose value is known
    branches: Array  # (n_answers,) the code of each answer
    threshold: float  # NaN for categories
    price: float  # bits taken off the gain


class Question(NamedTuple):
    """What every attribute would be worth at a node."""

    gains: Array  # (n_features,) bits; NaN for one that cannot be asked
    ratios: Array  # (n_features,) gain ratio of those with at least the average gain, else NaN
    answers: Mapping[int, Answers]  # of the features that can be asked


def weigh(table: Table, rows: Array, weights: Array) -> Question:
    """What each attribute would be worth as the question about these rows, of which parts of this weight are here."""
    total, labels = weights.sum(), table.labels[rows]
    answers: dict[int, Answers] = {}
    gains, splits = np.full((2, len(table.nominal)), np.nan)
    for feature in range(len(gains)):
        found = _answers(table, feature, rows, labels, weights, total)
        if found is not None:
            answers[feature] = found
            gains[feature] = gain(found.counts, total) - found.price  #: gain
            splits[feature] = split_information(found.counts, total)
    worth_it = gains > ROUNDING
    average = gains[worth_it].mean() if worth_it.any() else np.inf
    ratios = np.where(gains >= average - ROUNDING, gains / splits, np.nan)  #: ratio
    return Question(gains, ratios, answers)


def gain(counts: Array, total: float) -> float:
    """Bits a row that an answer with these class weights (n_answers, n_classes) saves, of rows that weigh `total`."""
    before, after = information(counts.sum(axis=0)), information(counts).sum()
    return float(before - after) / total


def split_information(counts: Array, total: float) -> float:
    """Bits that the answer itself takes; rows without one are a part of their own."""
    size = counts.sum(axis=1)
    missing = max(total - size.sum(), 0.0)
    return float(information(np.append(size, missing))) / total


def _answers(table: Table, feature: int, rows: Array, labels: Array, weights: Array, total: float) -> Answers | None:
    """How an attribute parts the rows, at its best threshold if it has one; None when it may not be asked."""
    values = table.codes[rows, feature]
    known = ~np.isnan(values)
    if not known.all():
        values, labels, weights = values[known], labels[known], weights[known]
    if table.nominal[feature]:
        return _by_category(table, values, labels, weights)
    return _by_threshold(table, values, labels, weights, total)


def _by_category(table: Table, values: Array, labels: Array, weights: Array) -> Answers | None:
    """The rows of each category."""
    branches, places = np.unique(values, return_inverse=True)
    cells = np.bincount(places * table.n_classes + labels, weights, len(branches) * table.n_classes)
    counts = cells.reshape(-1, table.n_classes)
    enough = counts.sum(axis=1) >= table.min_samples_leaf - ROUNDING
    return Answers(counts, branches, np.nan, 0.0) if np.count_nonzero(enough) > 1 else None


def _by_threshold(table: Table, values: Array, labels: Array, weights: Array, total: float) -> Answers | None:
    """The rows on both sides of the threshold that gains most."""
    order = np.argsort(values)
    values, n_rows = values[order], len(order)
    ends = np.flatnonzero(values[1:] > values[:-1])  # the last of each run of equal values
    n_cuts = len(ends)
    if not n_cuts:
        return None
    below = np.zeros((table.n_classes, n_rows))
    below[labels[order], np.arange(n_rows)] = weights[order]
    np.cumsum(below, axis=1, out=below)
    whole = below[:, -1:]
    size, known = np.cumsum(weights[order])[ends], whole.sum()
    least = max(min(SIDE_SHARE * known / table.n_classes, SIDE_MOST), table.min_samples_leaf) - ROUNDING
    allowed = slice(*np.searchsorted(size, [least, known - least]))
    ends = _between_classes(labels[order], ends, allowed)
    if not len(ends):
        return None
    left = below[:, ends]
    right = np.maximum(whole - left, 0.0)
    bits = information(left, axis=0) + information(right, axis=0)
    best = int(np.flatnonzero(bits <= bits.min() + ROUNDING * known)[0])
    low, high = values[ends[best]], values[ends[best] + 1]
    middle = low / 2 + high / 2  # the sum of halves cannot overflow
    price = log2(n_cuts) / total if table.mdl_correction else 0.0
    return Answers(np.stack([left[:, best], right[:, best]]), SIDES, float(middle if middle < high else low), price)


def _between_classes(labels: Array, ends: Array, allowed: slice) -> Array:
    """Those of the `allowed` cuts that can be best: the first, the last, and where the class changes [1]_.

    Between two neighbouring values whose rows are all of one class, moving the cut to one side or the other is better.

    References
    ----------
    .. [1] Fayyad, U. M., Irani, K. B. (1992). On the handling of continuous-valued attributes in decision tree
       generation. Machine Learning 8, 87-102.
    """
    changes = np.concatenate([[0], np.cumsum(labels[1:] != labels[:-1])])
    bounds = np.concatenate([[-1], ends, [len(labels) - 1]])
    mixed = changes[bounds[2:]] > changes[bounds[:-2] + 1]
    mixed[allowed][:1] = mixed[allowed][-1:] = True
    kept: Array = ends[allowed][mixed[allowed]]
    return kept
