"""Trees of a random forest, one after the other: rows are drawn for each, and it is grown on them."""

from typing import NamedTuple

import numpy as np

from diorama._kernel import kernel, kernel_step
from diorama._typing import Array
from diorama.ensembles._histogram_tree import CRITERION, FALLS, MIN_DECREASE, SEED, SQUARED, WORK_ROWS, grow_tree
from diorama.ensembles._urn import Urn, draw_lots

# trees of few rows are grown many at a time, so that threads need not meet after each
DRAWS_TOGETHER, MOST_TOGETHER = 5_000, 25


class Plot(NamedTuple):
    """What every tree of a forest is grown on."""

    codes: Array  # (n_features, n) bins
    target: Array  # (n,) float: class number, or what is to be predicted
    weight: Array  # (n,) of each row in the trees
    urn: Urn  # what rows are drawn from, by the caller's sample weights
    n_outputs: int  # numbers that a leaf says
    bootstrap: bool  # whether each tree draws its rows, or has them all
    balanced: bool  # whether all classes among a tree's rows weigh the same


class Trees(NamedTuple):
    """Some trees, as they come out of their thread."""

    nodes: Array  # (n_nodes, 2) of all, one tree after the other
    values: Array  # (n_nodes, n_outputs)
    sizes: Array  # (n_trees,) nodes of each
    falls: Array  # (n_trees, n_features) fall of impurity that each feature has brought


def together(plot: Plot) -> int:
    """How many trees are grown at a time: it depends on the table alone."""
    return max(1, min(MOST_TOGETHER, DRAWS_TOGETHER // plot.urn.n_draws))


def plant(plot: Plot, ends: Array, rules: Array, seeds: Array) -> Trees:
    """Grow a tree of each seed; `ends` are those of the plot's urn."""
    (n_features, n), n_trees, n_outputs = plot.codes.shape, len(seeds), plot.n_outputs
    n_rows = min(n, plot.urn.n_draws) if plot.bootstrap else n
    room = 2 * n_rows * n_trees
    trees = Trees(
        np.empty((room, 2), dtype=np.int32),
        np.empty((room, n_outputs)),
        np.empty(n_trees, dtype=np.int64),
        np.empty((n_trees, n_features)),
    )
    sums, work = np.zeros((3, max(n_outputs, n_features))), np.zeros((WORK_ROWS, max(256, n_features)), dtype=np.int32)
    used, mass = np.zeros(4, dtype=np.uint64), np.zeros((256, 2 if rules[CRITERION] == SQUARED else n_outputs))
    counts, row, spare_rows = np.zeros(n, dtype=np.int64), *np.empty((2, n_rows + 1), dtype=np.int32)
    table = (plot.codes, plot.target, plot.weight, plot.urn.shares, plot.urn.order, ends)
    own = (row, np.empty((2, n_rows + 1)), spare_rows, np.empty((2, n_rows + 1)), used, mass, sums, work)
    draws = plot.urn.n_draws if plot.bootstrap else 0
    n_nodes = grow_trees(*table, draws, plot.balanced, rules.copy(), seeds, counts, *own, *trees)
    return trees._replace(nodes=trees.nodes[:n_nodes].copy(), values=trees.values[:n_nodes].copy())


@kernel
def grow_trees(
    codes: Array,
    target: Array,
    weight: Array,
    shares: Array,
    order: Array,
    ends: Array,
    n_draws: int,
    balanced: bool,
    rules: Array,
    seeds: Array,
    counts: Array,
    row: Array,
    told: Array,
    spare_rows: Array,
    spare: Array,
    used: Array,
    mass: Array,
    sums: Array,
    work: Array,
    nodes: Array,
    values: Array,
    sizes: Array,
    falls: Array,
) -> int:
    """Draw rows for each tree and grow it; how many nodes they have in all.

    counts (n,): zeros, and so again in the end; told (2, n_rows + 1): target and weight of the tree's rows. Without
    draws a tree has all rows that have a share. The others as in `plant` and `grow_tree`.
    """
    n_nodes, decrease = 0, rules[MIN_DECREASE]
    for tree in range(seeds.shape[0]):
        if n_draws > 0:
            draw_lots(ends, order, n_draws, seeds[tree], counts)  #: draw
        n = gather(order, counts, shares, target, weight, n_draws > 0, row, told)
        y, w = told[0, :n], told[1, :n]
        if balanced:
            balance(y, w, mass)
        total = 0.0
        for i in range(n):
            total += w[i]
        rules[SEED], rules[MIN_DECREASE] = seeds[tree], decrease * total
        sizes[tree] = grow_tree(  #: grow
            codes, row[:n], y, w, rules, spare_rows, spare, used, mass, sums, work, nodes[n_nodes:], values[n_nodes:]
        )
        for j in range(codes.shape[0]):
            falls[tree, j], sums[FALLS, j] = sums[FALLS, j], 0.0
        n_nodes += sizes[tree]
    return n_nodes


@kernel_step
def gather(
    order: Array, counts: Array, shares: Array, target: Array, weight: Array, drawn: bool, row: Array, told: Array
) -> int:
    """The rows of a tree, with their targets and weights; how many. The counts are zeros again."""
    n = 0
    for place in range(order.shape[0]):
        i = order[place]
        times = float(counts[i]) if drawn else shares[i]
        counts[i] = 0
        if times > 0.0:
            row[n], told[0, n], told[1, n] = i, target[i], times * weight[i]
            n += 1
    return n


@kernel_step
def balance(y: Array, w: Array, mass: Array) -> None:
    """Make all classes among these rows weigh the same, as much as before in all. `mass`, zeros, is so again."""
    total, present = 0.0, 0
    for i in range(y.shape[0]):
        mass[0, int(y[i])] += w[i]
        total += w[i]
    for k in range(mass.shape[1]):
        present += mass[0, k] > 0.0
    for i in range(y.shape[0]):
        w[i] *= total / (present * mass[0, int(y[i])])
    for k in range(mass.shape[1]):
        mass[0, k] = 0.0
