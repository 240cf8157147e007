"""One tree of gradient boosting: the leaf that gains most is split, until there are leaves enough.

A histogram holds, for each bin of each feature, the sums over a node's rows. When a node is split, the rows of the
smaller child are counted and the larger child's sums are the difference; both are exact, because gradients are whole
numbers here: multiples of a unit so small that rounding is below what could matter. So the order of adding is nothing
to the result, nor is the number of threads.

Features lie in groups of eight: a row's eight bins are one piece of memory, and eight histograms fit the nearest cache.
"""

import numpy as np

from diorama._kernel import exact_kernel, exact_kernel_step
from diorama._typing import Array
from diorama.ensembles._gradient_cut import (
    ALL,
    BINS,
    CATEGORY,
    COUNT,
    COUNT_BITS,
    CUT,
    DEPTH,
    FEATURE,
    GAIN,
    GRADIENT_UNIT,
    HESSIAN_UNIT,
    LEFT,
    LEFT_G,
    LEFT_H,
    LOWER,
    MAX_DEPTH,
    MIN_ROWS,
    MISSING_BIN,
    MISSING_LEFT,
    PENALTY,
    START,
    STOP,
    UPPER,
    G,
    H,
    find_cut,
    in_order,
    value_of,
)
from diorama.ensembles._pairs import add_pair

NOBODY = -1


@exact_kernel
def grow_leaves(
    codes: Array,
    gradients: Array,
    rows: Array,
    spare: Array,
    n_bins: Array,
    kinds: Array,
    directions: Array,
    rules: Array,
    histograms: Array,
    holders: Array,
    whole: Array,
    real: Array,
    sets: Array,
    order: Array,
    max_splits: int,
) -> int:
    """Grow the tree below node 0, which is there; how many nodes there are then.

    codes (n_groups, n_samples, 8); gradients (n_samples, 2), see `COUNT_BITS`; rows (n_samples,) are rearranged so that
    each leaf has a stretch. holders (n_slots,) NOBODY, room for the node whose sums are in each of `histograms`: the
    leaves that may be split. whole, real, sets: room for the nodes; spare (n_samples + 1,), order (2, 256): to work in.
    """
    count(codes, gradients, rows, whole[0, START], whole[0, STOP], histograms, 0)
    find_cut(histograms, 0, n_bins, kinds, directions, rules, whole, real, 0, order)
    holders[0] = 0
    n_nodes = 1
    for _ in range(max_splits):
        slot = next_leaf(holders, whole, real, rules[ALL] != 0.0)
        if slot == NOBODY:
            break
        node, left, right = holders[slot], n_nodes, n_nodes + 1
        n_nodes += 2
        nominal = kinds[whole[node, FEATURE]] == CATEGORY
        choose_sides(histograms, slot, n_bins, nominal, rules, whole, sets, node, order)
        middle = part(codes, nominal, rows, spare, whole, sets, node)
        make_children(whole, real, node, left, middle, directions[whole[node, FEATURE]], rules)
        holders[slot] = NOBODY
        small, large = (left, right) if 2 * middle <= whole[node, START] + whole[node, STOP] else (right, left)
        splittable = 2 * rules[MIN_ROWS]
        most = max(whole[left, H] & COUNT, whole[right, H] & COUNT)
        if most < splittable or whole[left, DEPTH] >= rules[MAX_DEPTH]:
            continue
        other = 0 if slot > 0 else 1
        while holders[other] != NOBODY or other == slot:
            other += 1
        count(codes, gradients, rows, whole[small, START], whole[small, STOP], histograms, other)
        for k in range(histograms.shape[1]):
            histograms[slot, k] -= histograms[other, k]
        for side in range(2):
            child, place = (small, other) if side == 0 else (large, slot)
            if whole[child, H] & COUNT >= splittable:
                find_cut(histograms, place, n_bins, kinds, directions, rules, whole, real, child, order)
                if real[child, GAIN] > 0.0:
                    holders[place] = child
    return n_nodes


@exact_kernel_step
def count(codes: Array, gradients: Array, rows: Array, start: int, stop: int, histograms: Array, slot: int) -> None:
    """Sum the gradients of some rows by group, feature and bin."""
    for k in range(histograms.shape[1]):
        histograms[slot, k] = 0
    for group in range(codes.shape[0]):
        first = 2048 * (slot * codes.shape[0] + group)  # pairs before this group's
        for i in range(start, stop):
            row = np.int64(rows[i])
            for j in range(8):
                add_pair(histograms, first + 256 * j + np.int64(codes[group, row, j]), gradients, row)


@exact_kernel_step
def next_leaf(holders: Array, whole: Array, real: Array, all_: bool) -> int:
    """Where the leaf waits that gains most; when all are split anyway, that of fewest rows, so that few wait."""
    chosen, most = NOBODY, -np.inf
    for slot in range(len(holders)):
        node = holders[slot]
        if node == NOBODY or real[node, GAIN] <= 0.0:
            continue
        urgency = float(whole[node, START] - whole[node, STOP]) if all_ else real[node, GAIN]
        # of equals, the one made first
        if urgency > most or (urgency == most and node < holders[chosen]):
            chosen, most = slot, urgency
    return chosen


@exact_kernel_step
def choose_sides(
    histograms: Array,
    slot: int,
    n_bins: Array,
    nominal: bool,
    rules: Array,
    whole: Array,
    sets: Array,
    node: int,
    order: Array,
) -> None:
    """Settle where what the node has not seen goes: with most rows. Categories that go left become bits of `sets`."""
    feature = whole[node, FEATURE]
    most_left = 2 * (whole[node, LEFT_H] & COUNT) > (whole[node, H] & COUNT)
    if not nominal:
        if histograms[slot, BINS * feature + 2 * MISSING_BIN + 1] == 0:
            whole[node, MISSING_LEFT] = most_left
        return
    n = in_order(histograms[slot], feature, n_bins[feature], rules[GRADIENT_UNIT], rules[HESSIAN_UNIT], order)
    for k in range(4):
        sets[node, k] = ~np.uint64(0) if most_left else np.uint64(0)
    for place in range(n):
        category = np.int64(order[0, place])
        bit = np.uint64(1) << np.uint64(category & 63)
        if place <= whole[node, CUT]:
            sets[node, category >> 6] |= bit
        else:
            sets[node, category >> 6] &= ~bit


@exact_kernel_step
def part(codes: Array, nominal: bool, rows: Array, spare: Array, whole: Array, sets: Array, node: int) -> int:
    """Bring the rows that go left before the others, both in the order they had; where the others start."""
    feature, cut, missing_left = whole[node, FEATURE], whole[node, CUT], whole[node, MISSING_LEFT]
    group, j, start, stop = feature >> 3, feature & 7, whole[node, START], whole[node, STOP]
    n_left, n_right = start, start
    for i in range(start, stop):
        row = rows[i]
        code = np.int64(codes[group, row, j])
        if nominal:
            goes_left = np.int64((sets[node, code >> 6] >> np.uint64(code & 63)) & np.uint64(1))
        else:
            goes_left = np.int64(code <= cut) | (np.int64(code == MISSING_BIN) & missing_left)
        # both places are written and one is kept: where a row goes cannot be foreseen
        rows[n_left], spare[n_right] = row, row
        n_left += goes_left
        n_right += 1 - goes_left
    for i in range(start, n_right):
        rows[n_left + i - start] = spare[i]
    return int(n_left)


@exact_kernel_step
def make_children(whole: Array, real: Array, node: int, left: int, middle: int, direction: int, rules: Array) -> None:
    """Give the two children their rows, sums and bounds."""
    whole[node, LEFT] = left
    g, h = whole[node, LEFT_G], whole[node, LEFT_H]
    for child in range(left, left + 2):
        is_left = child == left
        whole[child, START] = whole[node, START] if is_left else middle
        whole[child, STOP] = middle if is_left else whole[node, STOP]
        whole[child, DEPTH], whole[child, LEFT] = whole[node, DEPTH] + 1, 0
        whole[child, G] = g if is_left else whole[node, G] - g
        whole[child, H] = h if is_left else whole[node, H] - h
        real[child, GAIN], real[child, LOWER], real[child, UPPER] = 0.0, real[node, LOWER], real[node, UPPER]
    if direction != 0:
        between = 0.0
        for child in range(left, left + 2):
            g, h = whole[child, G] * rules[GRADIENT_UNIT], (whole[child, H] >> COUNT_BITS) * rules[HESSIAN_UNIT]
            between += value_of(g, h, real[node, LOWER], real[node, UPPER], rules[PENALTY]) / 2
        low = left if direction > 0 else left + 1  # the child that must say less
        real[low, UPPER], real[2 * left + 1 - low, LOWER] = between, between
