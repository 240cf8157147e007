"""The best question for one node of a boosted tree, read off its histogram.

With G and H the sums of the gradients and hessians of a node's rows, the value v that lowers the loss most, to second
order, is -G / (H + l), and it lowers it by half of

    worth(G, H) = max_v  -2 G v - (H + l) v^2  =  G^2 / (H + l)

where v stays within bounds when the prediction must not fall (or rise) with some feature. A cut is as good as its
children are worth more than the node. Cuts of numbers lie between two bins, with the missing values on either side;
categories are put in the order of -G / (H + 10) first, along which the best set of them lies in one piece [1]_.

.. [1] W. D. Fisher, "On grouping for maximum homogeneity", Journal of the American Statistical Association 53 (1958).
"""

import numpy as np

from diorama._kernel import exact_kernel_step
from diorama._typing import Array

# what a tree is told, place by place in `rules`
PENALTY, MIN_ROWS, MIN_HESSIAN, MAX_DEPTH, GRADIENT_UNIT, HESSIAN_UNIT, BOUNDED, ALL, N_RULES = range(9)
# a cut: its feature, the last bin on the left, whether missing values go left, and the sums over the rows that do
FEATURE, CUT, MISSING_LEFT, LEFT_G, LEFT_H, OF_CUT = range(6)
# whole numbers of a node, after those of its best cut ...
START, STOP, DEPTH, LEFT, G, H, WHOLE = range(OF_CUT, OF_CUT + 7)
# ... and real ones: how much its best cut is worth, and the bounds of its value
GAIN, LOWER, UPPER, REAL = range(4)
NUMBER, CATEGORY = 0, 1
MISSING_BIN = 255
BINS = 512  # numbers of a feature in a histogram: two words a bin
GROUP = 8  # features side by side
# the word beside the gradient: the hessian in the upper bits, and the number of rows in the lower ones
COUNT_BITS = 24
COUNT = (1 << COUNT_BITS) - 1
# how far rare categories are drawn towards 0 when they are put in order
SMOOTHING = 10.0


@exact_kernel_step
def value_of(g: float, h: float, lower: float, upper: float, penalty: float) -> float:
    """The value that lowers the loss most."""
    value = float(-g / (h + penalty))
    if value < lower:
        return lower
    return upper if value > upper else value


@exact_kernel_step
def worth(g: float, h: float, lower: float, upper: float, rules: Array) -> float:
    """Twice what the best value lowers the loss by."""
    penalty = rules[PENALTY]
    if rules[BOUNDED] == 0.0:
        return float(g * g / (h + penalty))
    value = value_of(g, h, lower, upper, penalty)
    return float(-value * (2.0 * g + (h + penalty) * value))


@exact_kernel_step
def find_cut(
    sums: Array,
    group: int,
    n_bins: Array,
    kinds: Array,
    directions: Array,
    rules: Array,
    node: Array,
    bounds: Array,
    order: Array,
    cut: Array,
) -> float:
    """Write the best cut of a node by a group's features into `cut`, and return what it gains.

    It gains 0 when none is allowed or worth it. sums (GROUP * BINS,): sums by feature and bin; n_bins, kinds,
    directions (n_features,): bins in use, whether they are categories, and whether the value must rise (1) or fall
    (-1) with them; node, bounds: its row of `whole` and of `real`; order (2, 256): room for the categories in order.
    """
    lower, upper, penalty = bounds[LOWER], bounds[UPPER], rules[PENALTY]
    unit_g, unit_h = rules[GRADIENT_UNIT], rules[HESSIAN_UNIT]
    n_rows, min_rows = node[H] & COUNT, np.int64(rules[MIN_ROWS])
    all_g, all_h = node[G] * unit_g, (node[H] >> COUNT_BITS) * unit_h
    own = worth(all_g, all_h, lower, upper, rules)
    min_h = rules[MIN_HESSIAN]
    bar, gain = own + 1e-10 * abs(own), 0.0
    for feature in range(GROUP * group, min(GROUP * (group + 1), n_bins.shape[0])):
        n, first = n_bins[feature], BINS * (feature - GROUP * group)
        missing = first + 2 * MISSING_BIN
        n_missing = sums[missing + 1] & COUNT
        nominal = kinds[feature] == CATEGORY
        if nominal:
            n = in_order(sums, first, n, unit_g, unit_h, order)
        either_side = n_missing > 0 and not nominal
        for missing_left in range(2 if either_side else 1):
            left_g, left_h = np.int64(0), np.int64(0)
            if missing_left:
                left_g, left_h = sums[missing], sums[missing + 1]
            # all values against the missing ones is a cut too; with nothing missing there is nothing beyond the last
            for place in range(n if either_side and not missing_left else n - 1):
                at = first + 2 * (np.int64(order[0, place]) if nominal else place)
                if sums[at + 1] == 0:
                    continue
                left_g += sums[at]
                left_h += sums[at + 1]
                n_left = left_h & COUNT
                if n_left < min_rows:
                    continue
                if n_rows - n_left < min_rows:
                    break
                gl, hl = left_g * unit_g, (left_h >> COUNT_BITS) * unit_h
                gr, hr = all_g - gl, all_h - hl
                # worth of both sides as one fraction, bounds left aside, and no division: few cuts get beyond
                pl, pr = hl + penalty, hr + penalty
                if gl * gl * pr + gr * gr * pl <= bar * (pl * pr) or hl < min_h or hr < min_h:
                    continue
                both = worth(gl, hl, lower, upper, rules) + worth(gr, hr, lower, upper, rules)
                if both <= bar or goes_wrong(gl, hl, gr, hr, lower, upper, directions[feature], penalty):
                    continue
                bar, gain = both, both - own
                cut[FEATURE], cut[CUT], cut[MISSING_LEFT] = feature, place, missing_left
                cut[LEFT_G], cut[LEFT_H] = left_g, left_h
    return gain


@exact_kernel_step
def goes_wrong(
    gl: float, hl: float, gr: float, hr: float, lower: float, upper: float, direction: int, penalty: float
) -> bool:
    """Whether the right child would say less where the value must rise, or more where it must fall."""
    if direction == 0:
        return False
    rise = value_of(gr, hr, lower, upper, penalty) - value_of(gl, hl, lower, upper, penalty)
    return bool(rise * direction < 0.0)


@exact_kernel_step
def in_order(sums: Array, first: int, n: int, unit_g: float, unit_h: float, order: Array) -> int:
    """Fill order[0] with the categories that a node has, missing values among them, by what they say; how many.

    The feature's sums begin at `first`.
    """
    n_found = 0
    for k in range(n + 1):
        bin_ = k if k < n else MISSING_BIN
        at = first + 2 * bin_
        if sums[at + 1] == 0:
            continue
        says = -sums[at] * unit_g / ((sums[at + 1] >> COUNT_BITS) * unit_h + SMOOTHING)
        place = n_found
        while place > 0 and order[1, place - 1] > says:
            order[0, place], order[1, place] = order[0, place - 1], order[1, place - 1]
            place -= 1
        order[0, place], order[1, place] = bin_, says
        n_found += 1
    return n_found
