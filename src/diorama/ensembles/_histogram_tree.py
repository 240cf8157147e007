"""One tree of a random forest, grown to the end on binned rows: few features are tried at each node, the best cut kept.

For each feature that is tried, a node's rows are counted bin by bin, and a pass over the bins in use weighs every cut.
The bins in use are noted as bits of four words, so that a node of few rows costs as little as they do.
"""

from math import log
from typing import Any

import numpy as np

from diorama._bits import lowest_bit
from diorama._kernel import kernel_step
from diorama._typing import Array
from diorama.ensembles._binning import MISSING
from diorama.ensembles._histogram_walk import FEATURE_SHIFT, LEFT, MISSING_LEFT_BIT, QUESTION

GINI, ENTROPY, SQUARED = 0, 1, 2
# what a tree is told, place by place in `rules`; the decrease of impurity is multiplied by the weight of all rows
CRITERION, MAX_DEPTH, MIN_SPLIT, MIN_LEAF, MIN_LEAF_WEIGHT, MIN_DECREASE, MAX_FEATURES, SEED, N_RULES = range(9)
# rows of `work`
FEATURES, BINS, STACK_START, STACK_STOP, STACK_NODE, STACK_DEPTH, STACK_SEED, SWAPS, COUNTS, WORK_ROWS = range(10)
# a row of `sums`
HERE, ALL, FALLS = range(3)


@kernel_step
def grow_tree(
    codes: Array,
    row: Array,
    y: Array,
    w: Array,
    rules: Array,
    spare_rows: Array,
    spare: Array,
    used: Array,
    mass: Array,
    sums: Array,
    work: Array,
    nodes: Array,
    values: Array,
) -> int:
    """Grow one tree and return its number of nodes.

    codes (n_features, n) bins; row, y, w (n_rows,) the rows drawn with target (or class) and weight, rearranged on the
    way; spare_rows (n_rows + 1,) and spare (2, n_rows + 1): to work in; used (4,) and mass (256, n_classes, or 2 for
    numbers): zeros, and so again in the end; sums (3, max(n_classes, n_features)), whose last row, zeros, becomes the
    fall of impurity that each feature has brought; work (9, at least 256 and n_features), of which the last row is
    zeros; nodes and values (2 n_rows, ..) are written.
    """
    max_features, n_features = rules[MAX_FEATURES], codes.shape[0]
    for j in range(n_features):
        work[FEATURES, j] = j
    n_nodes, top = 1, 1
    work[STACK_START, 0], work[STACK_STOP, 0], work[STACK_NODE, 0], work[STACK_DEPTH, 0] = 0, row.shape[0], 0, 0
    work[STACK_SEED, 0] = rules[SEED]
    while top > 0:
        top -= 1
        start, stop = work[STACK_START, top], work[STACK_STOP, top]
        node, depth = work[STACK_NODE, top], work[STACK_DEPTH, top]
        weight, mixed = describe(y, w, start, stop, rules[CRITERION], values[node])
        nodes[node, LEFT], nodes[node, QUESTION] = 0, 0
        # a node's luck is its own, whichever is grown first
        state = np.uint64(work[STACK_SEED, top]) * np.uint64(2685821657736338717) + np.uint64(88172645463325252)
        if not mixed or depth >= rules[MAX_DEPTH] or stop - start < rules[MIN_SPLIT]:
            continue
        own = worth_of_all(values[node], weight, rules[CRITERION])
        best, best_feature, best_cut, best_missing_left = own + 1e-12 * abs(own), -1, 0, 0
        # draw features without replacement until enough had something to say, and at least one cut was found
        tried, drawn = 0, 0
        while drawn < n_features and (tried < max_features or best_feature < 0):
            state ^= state << np.uint64(13)
            state ^= state >> np.uint64(7)
            state ^= state << np.uint64(17)
            other = drawn + np.int64((state >> np.uint64(33)) % np.uint64(n_features - drawn))
            feature = work[FEATURES, other]
            work[FEATURES, other] = work[FEATURES, drawn]
            work[FEATURES, drawn] = feature
            work[SWAPS, drawn] = other
            drawn += 1
            n = count_rows(codes[feature], row, y, w, start, stop, rules[CRITERION] == SQUARED, used, mass, work)
            if n > 1:
                tried += 1
                now, cut, missing_left = best_cut_of(
                    n, mass, values[node], weight, stop - start, sums, best, rules, work
                )
                if cut >= 0:
                    best, best_feature, best_cut, best_missing_left = now, feature, cut, missing_left
            for place in range(n):
                bin_ = work[BINS, place]
                mass[bin_] = 0.0
                work[COUNTS, bin_] = 0
        for j in range(drawn - 1, -1, -1):  # every node draws from the features in the same order
            other = work[SWAPS, j]
            feature = work[FEATURES, j]
            work[FEATURES, j] = work[FEATURES, other]
            work[FEATURES, other] = feature
        if best_feature < 0 or best - own < rules[MIN_DECREASE]:
            continue
        sums[FALLS, best_feature] += best - own
        middle = part(codes[best_feature], row, y, w, spare_rows, spare, start, stop, best_cut, best_missing_left)
        nodes[node, LEFT] = n_nodes
        nodes[node, QUESTION] = (best_feature << FEATURE_SHIFT) | best_cut | (MISSING_LEFT_BIT * best_missing_left)
        # the larger side waits longer, so that never more than log2(n_rows) of them wait
        right_first = stop - middle > middle - start
        for turn in range(2):
            right = (turn == 0) == right_first
            work[STACK_START, top] = middle if right else start
            work[STACK_STOP, top] = stop if right else middle
            work[STACK_NODE, top] = n_nodes + 1 if right else n_nodes
            work[STACK_DEPTH, top] = depth + 1
            work[STACK_SEED, top] = (state >> np.uint64(33)) ^ (np.uint64(1973) if right else np.uint64(0))
            top += 1
        n_nodes += 2
    return n_nodes


@kernel_step
def describe(y: Array, w: Array, start: int, stop: int, criterion: float, value: Array) -> tuple[float, bool]:
    """A node's weight and whether its targets differ; `value` becomes what it says: the mean, or shares of classes."""
    weight, mixed = 0.0, False
    for k in range(value.shape[0]):
        value[k] = 0.0
    for i in range(start, stop):
        mixed |= y[i] != y[start]
        weight += w[i]
        if criterion == SQUARED:
            value[0] += w[i] * y[i]
        else:
            value[int(y[i])] += w[i]
    for k in range(value.shape[0]):
        value[k] /= weight
    return weight, mixed


@kernel_step
def count_rows(
    column: Array,
    row: Array,
    y: Array,
    w: Array,
    start: int,
    stop: int,
    squared: bool,
    used: Array,
    mass: Array,
    work: Array,
) -> int:
    """Add the rows of a node to the `mass` of their bins: weights by class, or weight and weight times target.

    The bins in use come into work[BINS], in ascending order, and their rows are counted in work[COUNTS]; how many bins.
    """
    counts, bins, n = work[COUNTS], work[BINS], 0
    if squared:
        for i in range(np.uint64(start), np.uint64(stop)):
            code = note(column, row, i, used, counts)
            mass[code, 0] += w[i]
            mass[code, 1] += w[i] * y[i]
    else:
        for i in range(np.uint64(start), np.uint64(stop)):
            code = note(column, row, i, used, counts)
            mass[code, np.uint32(y[i])] += w[i]
    for k in range(4):
        word = used[k]
        used[k] = 0
        while word != 0:
            bins[n] = 64 * k + lowest_bit(word)
            word &= word - np.uint64(1)
            n += 1
    return n


@kernel_step
def note(column: Array, row: Array, i: int, used: Array, counts: Array) -> Any:
    """The bin of row `i`, which is counted, and is in use from now on."""
    code = np.uint64(column[np.uint64(row[i])])
    counts[code] += 1
    used[code >> np.uint64(6)] |= np.uint64(1) << (code & np.uint64(63))
    return code


@kernel_step
def best_cut_of(
    n: int,
    mass: Array,
    value: Array,
    weight: float,
    n_rows: int,
    sums: Array,
    best: float,
    rules: Array,
    work: Array,
) -> tuple[float, int, int]:
    """(worth, last bin that says yes, whether missing values say yes too) of the best cut above `best`, or cut -1.

    It lies between two of the `n` bins in work[BINS].
    """
    found, found_missing_left = -1, 0
    squared, entropy = rules[CRITERION] == SQUARED, rules[CRITERION] == ENTROPY
    min_leaf, min_leaf_weight = int(rules[MIN_LEAF]), rules[MIN_LEAF_WEIGHT]
    bins, counts, here, all_ = work[BINS], work[COUNTS], sums[HERE], sums[ALL]
    n_classes = value.shape[0]
    worth_of_all = 0.0
    for k in range(n_classes):
        all_[k] = value[k] * weight
        worth_of_all += power(all_[k], entropy)
    has_missing = bins[n - 1] == MISSING
    n_values = n - 1 if has_missing else n
    # equally good but for rounding: the first one found stays
    bar = best + 1e-11 * abs(best)
    # with missing values, each cut is weighed with them on the right and then with them on the left
    for missing_left in range(2 if has_missing else 1):
        for k in range(n_classes):
            here[k] = 0.0
        left, count, worth_here, worth_there = 0.0, 0, 0.0, worth_of_all
        # all values against the missing ones is a cut too, and is weighed once
        last = n_values - 1 if missing_left else n - 1
        for place in range(-1 if missing_left else 0, min(n_values, last)):
            bin_ = np.uint64(bins[place] if place >= 0 else MISSING)
            count += counts[bin_]
            if squared:
                left += mass[bin_, 0]
                here[0] += mass[bin_, 1]
                worth_here, worth_there = here[0] ** 2, (all_[0] - here[0]) ** 2
            else:
                moved, gained, lost = 0.0, 0.0, 0.0
                for k in range(n_classes):
                    own, so_far = mass[bin_, k], here[k]
                    here[k] = so_far + own
                    if entropy:
                        gained += power(so_far + own, True) - power(so_far, True)
                        lost += power(all_[k] - so_far, True) - power(all_[k] - so_far - own, True)
                    else:
                        gained += own * (2 * so_far + own)
                        lost += own * (2 * (all_[k] - so_far) - own)
                    moved += own
                left += moved
                worth_here += gained
                worth_there -= lost
            right = weight - left
            if place < 0 or min(count, n_rows - count) < min_leaf or min(left, right) < min_leaf_weight:
                continue
            if entropy:
                now = worth_here - power(left, True) + worth_there - power(right, True)
                if now <= bar:
                    continue
            else:
                # few cuts are better than the best so far: only they are divided for
                both, over = worth_here * right + worth_there * left, left * right
                if both <= bar * over:
                    continue
                now = both / max(over, 1e-300)
            best, found_missing_left = now, missing_left
            bar = best + 1e-11 * abs(best)
            # halfway to the next bin in use
            found = (bins[place] + bins[place + 1] - 1) // 2 if place + 1 < n_values else MISSING - 1
    return best, found, found_missing_left


@kernel_step
def power(s: float, entropy: bool) -> float:
    """What a class of weight s adds to a side's worth: s squared, or s log2 s."""
    if entropy:
        return s * log(s) * 1.4426950408889634 if s > 0.0 else 0.0
    return s * s


@kernel_step
def worth_of_all(value: Array, weight: float, criterion: float) -> float:
    """Worth of a node: minus weight times impurity, without what is the same for all cuts.

    Gini and squared error: weight times sum_k value_k^2. Entropy: sum_k s_k log2 s_k - s log2 s.
    """
    total = 0.0
    for k in range(value.shape[0]):
        total += power(value[k], criterion == ENTROPY)
    return total * weight


@kernel_step
def part(
    column: Array,
    row: Array,
    y: Array,
    w: Array,
    spare_rows: Array,
    spare: Array,
    start: int,
    stop: int,
    cut: int,
    missing_left: int,
) -> int:
    """Bring the rows that say yes to the front; where the others start."""
    n_left, n_right, one = np.uint64(start), np.uint64(0), np.uint64(1)
    for i in range(np.uint64(start), np.uint64(stop)):
        own, target, weight = row[i], y[i], w[i]
        code = np.int64(column[np.uint64(own)])
        goes_left = np.uint64(code <= cut) | (np.uint64(code == MISSING) & np.uint64(missing_left))
        # both places are written and one is kept: where a row goes cannot be foreseen
        row[n_left], y[n_left], w[n_left] = own, target, weight
        spare_rows[n_right], spare[0, n_right], spare[1, n_right] = own, target, weight
        n_left += goes_left
        n_right += one - goes_left
    middle = int(n_left)
    for i in range(stop - middle):
        row[middle + i], y[middle + i], w[middle + i] = spare_rows[i], spare[0, i], spare[1, i]
    return middle
