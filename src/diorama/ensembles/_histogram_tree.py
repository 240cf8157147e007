"""One tree of a random forest, grown to the end on binned rows: few features are tried at each node, the best cut kept.

For each feature that is tried, a node's rows become entries in the order of their bins, and one pass over the entries
weighs every cut. A node of many rows counts them bin by bin, and its entries are the bins' counts; a node of few sorts
its rows, which then are the entries themselves, so that its cost follows its rows and not the number of bins.
"""

from math import log

import numpy as np

from diorama._kernel import kernel, kernel_step
from diorama._typing import Array
from diorama.ensembles._histogram_walk import FEATURE_SHIFT, LEFT, MISSING_LEFT_BIT, QUESTION

GINI, ENTROPY, SQUARED = 0, 1, 2
# what a tree is told, place by place in `rules`; the decrease of impurity is multiplied by the weight of all rows
CRITERION, MAX_DEPTH, MIN_SPLIT, MIN_LEAF, MIN_LEAF_WEIGHT, MIN_DECREASE, MAX_FEATURES, SEED, N_RULES = range(9)
# a node of fewer rows sorts them
FEW_ROWS = 48
# rows of `work`
FEATURES, KEYS, STACK_START, STACK_STOP, STACK_NODE, STACK_DEPTH, STACK_SEED, SWAPS, WORK_ROWS = range(9)
# columns of an entry: bin, class (0 for numbers), rows, weight, sum of weight times target
CODE, CLASS, COUNT, WEIGHT, SUM, ENTRY = range(6)


@kernel
def grow_tree(
    codes: Array,
    row: Array,
    y: Array,
    w: Array,
    rules: Array,
    entries: Array,
    sums: Array,
    work: Array,
    nodes: Array,
    values: Array,
) -> int:
    """Grow one tree and return its number of nodes.

    codes (n_features, n) bins; row, y, w (n_rows,) the rows drawn with target (or class) and weight, rearranged on the
    way; entries (2, 256 n_classes, 5), of which the second half is zeros, and so again in the end; sums
    (3, max(n_classes, n_features)), whose last row, zeros, becomes the fall of impurity that each feature has
    brought; work (8, at least 256 and n_features); nodes and values (2 n_rows, ..) are written.
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
            if stop - start < FEW_ROWS:
                n = sort_rows(codes[feature], row, y, w, start, stop, entries[0], work[KEYS])
            else:
                n = count_rows(codes[feature], row, y, w, start, stop, entries, values.shape[1])
            if entries[0, 0, CODE] == entries[0, n - 1, CODE]:
                continue
            tried += 1
            now, cut, missing_left = best_cut_of(entries[0], n, values[node], weight, stop - start, sums, best, rules)
            if cut >= 0:
                best, best_feature, best_cut, best_missing_left = now, feature, cut, missing_left
        for j in range(drawn - 1, -1, -1):  # every node draws from the features in the same order
            other = work[SWAPS, j]
            feature = work[FEATURES, j]
            work[FEATURES, j] = work[FEATURES, other]
            work[FEATURES, other] = feature
        if best_feature < 0 or best - own < rules[MIN_DECREASE]:
            continue
        sums[2, best_feature] += best - own
        middle = part(codes[best_feature], row, y, w, start, stop, best_cut, best_missing_left)
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
    value[:] = 0.0
    weight, mixed = 0.0, False
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
def sort_rows(column: Array, row: Array, y: Array, w: Array, start: int, stop: int, entries: Array, keys: Array) -> int:
    """The few rows of a node as entries, in the order of their bins; how many they are."""
    n = stop - start
    for i in range(n):
        keys[i] = column[row[start + i]] * 64 + i
    for i in range(n):
        # its place is how many come before it: no branch, and many comparisons at once
        place, key = 0, keys[i]
        for j in range(n):
            place += 1 if keys[j] < key else 0
        entries[place, CODE] = key >> 6
        entries[place, CLASS] = y[start + i]
        entries[place, COUNT] = 1.0
        entries[place, WEIGHT] = w[start + i]
        entries[place, SUM] = w[start + i] * y[start + i]
    return n


@kernel_step
def count_rows(
    column: Array, row: Array, y: Array, w: Array, start: int, stop: int, entries: Array, n_classes: int
) -> int:
    """The many rows of a node counted by bin and class, and the counts as entries; how many there are."""
    counts = entries[1]
    for i in range(start, stop):
        at = column[row[i]] * n_classes
        if n_classes > 1:
            at += int(y[i])
        counts[at, COUNT] += 1.0
        counts[at, WEIGHT] += w[i]
        counts[at, SUM] += w[i] * y[i]
    n = 0
    for at in range(256 * n_classes):
        if counts[at, COUNT] > 0.0:
            entries[0, n, CODE] = at // n_classes
            entries[0, n, CLASS] = at % n_classes
            for k in range(COUNT, ENTRY):
                entries[0, n, k] = counts[at, k]
                counts[at, k] = 0.0
            n += 1
    return n


@kernel_step
def best_cut_of(
    entries: Array, n: int, value: Array, weight: float, n_rows: int, sums: Array, best: float, rules: Array
) -> tuple[float, int, int]:
    """(worth, last bin that says yes, whether missing values say yes too) of the best cut above `best`, or cut -1."""
    found, found_missing_left = -1, 0
    squared, entropy = rules[CRITERION] == SQUARED, rules[CRITERION] == ENTROPY
    n_values = n
    while n_values > 0 and entries[n_values - 1, CODE] == 255.0:
        n_values -= 1
    here, there = sums[0], sums[1]
    # with missing values, each cut is weighed with them on the right and then with them on the left
    for missing_left in range(2 if n_values < n else 1):
        for k in range(value.shape[0]):
            here[k], there[k] = 0.0, value[k] * weight
        left, right, count = 0.0, weight, 0.0
        worth_here, worth_there = 0.0, 0.0
        for k in range(value.shape[0]):
            worth_there += power(there[k], entropy)
        # all values against the missing ones is a cut too, and is weighed once
        last = n_values - 1 if missing_left else n - 1
        for p in range(-(n - n_values) if missing_left else 0, min(n_values, last)):
            at = p if p >= 0 else n + p
            k = 0 if squared else int(entries[at, CLASS])
            moved = entries[at, SUM] if squared else entries[at, WEIGHT]
            worth_here += power(here[k] + moved, entropy) - power(here[k], entropy)
            worth_there += power(there[k] - moved, entropy) - power(there[k], entropy)
            here[k] += moved
            there[k] -= moved
            left += entries[at, WEIGHT]
            right -= entries[at, WEIGHT]
            count += entries[at, COUNT]
            if p < 0 or entries[p, CODE] == entries[p + 1, CODE]:
                continue
            if min(count, n_rows - count) < rules[MIN_LEAF] or min(left, right) < rules[MIN_LEAF_WEIGHT]:
                continue
            if entropy:
                now = worth_here - power(left, True) + worth_there - power(right, True)
            else:
                now = (worth_here * right + worth_there * left) / max(left * right, 1e-300)
            # equally good but for rounding: the first one found stays
            if now > best + 1e-11 * abs(best):
                best, found_missing_left = now, missing_left
                # halfway to the next bin in use
                found = (int(entries[p, CODE]) + int(entries[p + 1, CODE]) - 1) // 2 if p + 1 < n_values else 254
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
def part(column: Array, row: Array, y: Array, w: Array, start: int, stop: int, cut: int, missing_left: int) -> int:
    """Bring the rows that say yes to the front; where the others start."""
    last = stop - 1
    i = start
    while i <= last:
        code = column[row[i]]
        if code <= cut or (code == 255 and missing_left):
            i += 1
        else:
            row[i], row[last] = row[last], row[i]
            y[i], y[last] = y[last], y[i]
            w[i], w[last] = w[last], w[i]
            last -= 1
    return i
