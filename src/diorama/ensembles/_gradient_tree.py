"""One tree of gradient boosting: the leaf that gains most is split, until there are leaves enough.

A histogram holds, for each bin of each feature, the sums over a node's rows. When a node is split, the rows of the
smaller child are counted and the larger child's sums are the difference; both are exact, because gradients are whole
numbers here: multiples of a unit so small that rounding is below what could matter. So the order of adding is nothing
to the result, nor is the number of threads.

Features lie in groups of eight: a row's eight bins are one piece of memory, and eight histograms fit the nearest cache.
A group is counted, subtracted and searched by whichever thread is free.
"""

import numpy as np

from diorama._crew import (
    NO_PIECE,
    open_pieces,
    piece_done,
    take_piece,
    wait_for_all,
    wait_for_piece,
)
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
    GROUP,
    HESSIAN_UNIT,
    LEFT,
    LEFT_G,
    LEFT_H,
    LOWER,
    MAX_DEPTH,
    MIN_ROWS,
    MISSING_BIN,
    MISSING_LEFT,
    OF_CUT,
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
    n_bins: Array,
    kinds: Array,
    directions: Array,
    rules: Array,
    crew: Array,
    task: Array,
    cuts: Array,
    gains: Array,
    spare: Array,
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
    leaves that may be split. whole, real, sets: room for the nodes; task (4,), cuts (2, n_groups, OF_CUT), gains
    (2, n_groups), spare (n_samples + 1,), order (n_groups, 2, 256): to work in. Without any splits to make, it helps
    the one who makes them with the same arrays.
    """
    work = (codes, gradients, rows, n_bins, kinds, directions, rules, histograms, whole, real, order, task, cuts, gains)
    n_groups = codes.shape[0]
    if max_splits == 0:
        group = wait_for_piece(crew, n_groups)
        while group != NO_PIECE:
            learn_group(group, *work)
            piece_done(crew)
            group = wait_for_piece(crew, n_groups)
        return 0
    learn(crew, 0, 0, NOBODY, NOBODY, holders, *work)
    n_nodes = 1
    for _ in range(max_splits):
        slot = next_leaf(holders, whole, real, rules[ALL] != 0.0)
        if slot == NOBODY:
            break
        node, left, right = holders[slot], n_nodes, n_nodes + 1
        n_nodes += 2
        nominal = kinds[whole[node, FEATURE]] == CATEGORY
        choose_sides(histograms[slot], n_bins, nominal, rules, whole, sets, node, order[0])
        middle = part(codes, nominal, rows, spare, whole, sets, node)
        make_children(whole, real, node, left, middle, directions[whole[node, FEATURE]], rules)
        holders[slot] = NOBODY
        most = max(whole[left, H] & COUNT, whole[right, H] & COUNT)
        if most < 2 * rules[MIN_ROWS] or whole[left, DEPTH] >= rules[MAX_DEPTH]:
            continue
        small, large = (left, right) if 2 * middle <= whole[node, START] + whole[node, STOP] else (right, left)
        other = 0 if slot > 0 else 1
        while holders[other] != NOBODY or other == slot:
            other += 1
        learn(crew, small, other, large, slot, holders, *work)
    return n_nodes


@exact_kernel_step
def learn(
    crew: Array,
    small: int,
    small_slot: int,
    large: int,
    large_slot: int,
    holders: Array,
    codes: Array,
    gradients: Array,
    rows: Array,
    n_bins: Array,
    kinds: Array,
    directions: Array,
    rules: Array,
    histograms: Array,
    whole: Array,
    real: Array,
    order: Array,
    task: Array,
    cuts: Array,
    gains: Array,
) -> None:
    """Find the sums and the best cuts of two siblings, or of the root; they wait in their slots if they have cuts."""
    work = (codes, gradients, rows, n_bins, kinds, directions, rules, histograms, whole, real, order, task, cuts, gains)
    n_groups = codes.shape[0]
    task[0], task[1], task[2], task[3] = small, small_slot, large, large_slot
    open_pieces(crew)
    group = take_piece(crew, n_groups)
    while group != NO_PIECE:
        learn_group(group, *work)
        piece_done(crew)
        group = take_piece(crew, n_groups)
    wait_for_all(crew, n_groups)
    for side in range(2):
        child, slot = task[2 * side], task[2 * side + 1]
        if child == NOBODY:
            continue
        for group in range(n_groups):
            if gains[side, group] > real[child, GAIN]:
                real[child, GAIN] = gains[side, group]
                whole[child, :OF_CUT] = cuts[side, group]
                holders[slot] = child


@exact_kernel_step
def learn_group(
    group: int,
    codes: Array,
    gradients: Array,
    rows: Array,
    n_bins: Array,
    kinds: Array,
    directions: Array,
    rules: Array,
    histograms: Array,
    whole: Array,
    real: Array,
    order: Array,
    task: Array,
    cuts: Array,
    gains: Array,
) -> None:
    """The same for the features of one group: count the smaller sibling, and what it leaves is the larger one's."""
    small = task[0]
    sums = histograms[task[1], group]
    count(codes[group], gradients, rows, whole[small, START], whole[small, STOP], sums)
    for side in range(2):
        child = task[2 * side]
        if child == NOBODY:
            continue
        own = histograms[task[2 * side + 1], group]
        if side == 1:
            for k in range(len(own)):
                own[k] -= sums[k]
        gains[side, group] = 0.0
        if whole[child, H] & COUNT >= 2 * rules[MIN_ROWS]:
            gains[side, group] = find_cut(
                own,
                group,
                n_bins,
                kinds,
                directions,
                rules,
                whole[child],
                real[child],
                order[group],
                cuts[side, group],
            )


@exact_kernel_step
def count(codes: Array, gradients: Array, rows: Array, start: int, stop: int, sums: Array) -> None:
    """Sum the gradients of some rows by feature and bin, for the codes (n_samples, 8) of one group."""
    for k in range(len(sums)):
        sums[k] = 0
    # without a sign: nobody has to ask whether a place counts from the end
    for i in range(np.uint64(start), np.uint64(stop)):
        row = np.uint64(rows[i])
        for j in range(GROUP):
            add_pair(sums, 256 * j + np.int64(codes[row, np.uint64(j)]), gradients, np.int64(row))


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
    histogram: Array,
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
    sums, first = histogram[feature // GROUP], BINS * (feature % GROUP)
    most_left = 2 * (whole[node, LEFT_H] & COUNT) > (whole[node, H] & COUNT)
    if not nominal:
        if sums[first + 2 * MISSING_BIN + 1] == 0:
            whole[node, MISSING_LEFT] = most_left
        return
    n = in_order(sums, first, n_bins[feature], rules[GRADIENT_UNIT], rules[HESSIAN_UNIT], order)
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
    feature, cut, missing_left = whole[node, FEATURE], whole[node, CUT], np.uint64(whole[node, MISSING_LEFT])
    group, j, start, stop = codes[feature // GROUP], np.uint64(feature % GROUP), whole[node, START], whole[node, STOP]
    n_left, n_right, one = np.uint64(start), np.uint64(start), np.uint64(1)
    for i in range(np.uint64(start), np.uint64(stop)):
        row = rows[i]
        code = np.uint64(group[np.uint64(row), j])
        if nominal:
            goes_left = (sets[node, code >> np.uint64(6)] >> (code & np.uint64(63))) & one
        else:
            goes_left = np.uint64(code <= np.uint64(cut)) | (np.uint64(code == np.uint64(MISSING_BIN)) & missing_left)
        # both places are written and one is kept: where a row goes cannot be foreseen
        rows[n_left], spare[n_right] = row, row
        n_left += goes_left
        n_right += one - goes_left
    middle = int(n_left)
    for i in range(stop - middle):
        rows[middle + i] = spare[start + i]
    return middle


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
