"""Grow a tree: split a node, part its rows in every feature's order, go on with the children.

Every node owns the stretch [start, end) of the order of each feature. A split parts those stretches, keeping the order,
so that its children own two stretches side by side and nothing is ever sorted again. Wide nodes are split with the
features shared out over threads; once nodes are small, each subtree is grown by one kernel, subtrees over threads. What
a node becomes depends on its rows and its place in the tree alone, never on who grew it.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from diorama._kernel import exact_kernel, exact_kernel_choice, exact_kernel_step, small
from diorama._parallel import run
from diorama._scramble import scramble
from diorama._typing import Array
from diorama.trees import absolute_cuts, class_cuts, squared_cuts
from diorama.trees.nominal import note_set
from diorama.trees.presort import FEW, GREATER, ROW
from diorama.trees.splitting import best_split, candidates, first_missing, margin, threshold_between
from diorama.trees.tables import (
    DEPTH,
    END,
    FEATURE,
    IMPURITY,
    LEFT,
    MAY_SPLIT,
    MISSING_LEFT,
    NOWHERE,
    PURE,
    SEED,
    START,
    THRESHOLD,
    WEIGHT,
    AbsoluteTable,
    Nodes,
    Root,
    Rules,
    Split,
    SquaredTable,
    Table,
    room_for,
)
from diorama.trees.tree import NO_CHILD, Tree

WIDE = 300_000  # rows x features of a node that is worth sharing out
NOT_NEW, ONE = np.uint32(0), np.uint32(1)
THE_TARGETS = np.zeros(1, np.int64)  # there is one order of them

fill_children = exact_kernel_choice(
    {
        Table: class_cuts.fill_children,
        SquaredTable: squared_cuts.fill_children,
        AbsoluteTable: absolute_cuts.fill_children,
    }
)


@exact_kernel_step
def make_node(nodes: Nodes, node: int, start: int, end: int, depth: int, seed: int, rules: Rules) -> None:
    """Fill in a node whose weight and impurity are there, as a leaf; MAY_SPLIT says whether the rules let it ask."""
    whole, real = nodes.whole[node], nodes.real[node]
    whole[START] = start
    whole[END] = end
    whole[DEPTH] = depth
    whole[SEED] = seed
    whole[LEFT] = NO_CHILD
    whole[FEATURE] = NOWHERE
    whole[MISSING_LEFT] = 0
    real[THRESHOLD] = np.nan
    n_rows = end - start
    enough_rows = n_rows >= rules.min_samples_split and n_rows >= 2 * rules.min_samples_leaf
    enough_weight = real[WEIGHT] >= 2 * rules.min_weight_leaf
    whole[MAY_SPLIT] = depth < rules.max_depth and enough_rows and enough_weight and real[IMPURITY] > rules.pure


@exact_kernel_step
def divide(table: Any, rules: Rules, nodes: Nodes, node: int, child: int, split: Split, goes_left: Array) -> bool:
    """Make the two children of a node, numbers `child` and `child + 1`, and mark the rows that go left.

    False, and the node stays a leaf, when no cut was allowed or it lowers the impurity by too little.
    """
    _, feature, place, missing_left = split
    if feature == NOWHERE:
        return False
    start, end = nodes.whole[node, START], nodes.whole[node, END]
    values, order = table.columns[feature], table.order[feature]
    stop = first_missing(values, order, start, end)
    n_left = fill_children(table, rules, nodes, child, start, stop, end, split, goes_left)
    middle, depth, seed = start + n_left, nodes.whole[node, DEPTH] + 1, nodes.whole[node, SEED]
    risk = nodes.real[node, WEIGHT] * nodes.real[node, IMPURITY]
    for side in range(child, child + 2):
        first, last = (start, middle) if side == child else (middle, end)
        make_node(nodes, side, first, last, depth, scramble(seed + side - child), rules)
        risk -= nodes.real[side, WEIGHT] * nodes.real[side, IMPURITY]
    if risk / table.total_weight + PURE < rules.min_impurity_decrease:
        return False
    nodes.whole[node, LEFT], nodes.whole[node, FEATURE] = child, feature
    nodes.real[node, THRESHOLD] = threshold_between(values, order, place)
    note_set(table.kinds, table, nodes, node, feature, start, place, stop)
    # where a value is missing later on and none was here, it goes the way that most rows went
    nodes.whole[node, MISSING_LEFT] = missing_left if stop < end else n_left > end - middle
    return True


@exact_kernel_step
def part(orders: Array, features: Array, n_features: int, start: int, end: int, goes_left: Array, spare: Array) -> None:
    """Bring the rows that go left before the others in the order of each feature, both sides in the order they had.

    `spare` (end - start + 1,) is room for the others.
    """
    for k in range(n_features):
        order = orders[features[k]]
        n_left, n_right = start, 0
        left_new, right_new = NOT_NEW, NOT_NEW
        for i in range(start, end):
            row, new = order[i] & ROW, order[i] & GREATER
            left = np.uint32(goes_left[row])
            left_new |= new
            right_new |= new
            # both places are written and one is kept: where a row goes cannot be foreseen, and a wrong guess costs more
            order[n_left], spare[n_right] = row | left_new, row | right_new
            n_left += goes_left[row]
            n_right += 1 - goes_left[row]
            # all bits of the one that was kept go back to zero
            left_new &= left - ONE
            right_new &= ~(left - ONE)
        for i in range(n_right):
            order[n_left + i] = spare[i]


@exact_kernel_step
def part_sorted_targets(table: Any, start: int, end: int, goes_left: Array, spare: Array) -> None:
    """Part the order of the targets, where there is one."""
    part(table.by_y, THE_TARGETS, 1, start, end, goes_left, spare)


@exact_kernel_step
def part_nothing(table: Any, start: int, end: int, goes_left: Array, spare: Array) -> None:
    """For targets in no order."""


part_targets = exact_kernel_choice(
    {Table: part_nothing, SquaredTable: part_nothing, AbsoluteTable: part_sorted_targets}
)


@exact_kernel
def grow_subtree(
    table: Any,
    rules: Rules,
    nodes: Nodes,
    goes_left: Array,
    features: Array,
    room: Any,
    spare: Array,
    waiting: Array,
) -> int:
    """Grow the whole tree below node 0 into `nodes`, which has room for it; how many nodes there are.

    Room to work in, for n rows: `features` (2, n_features), `room` of the table's kind, `spare` and `waiting` (n + 1,).
    """
    waiting[0] = 0
    n_waiting, n_nodes = 1, 1
    while n_waiting > 0:
        n_waiting -= 1
        node = waiting[n_waiting]
        if not nodes.whole[node, MAY_SPLIT]:
            continue
        start, end = nodes.whole[node, START], nodes.whole[node, END]
        n_looked_at, n_varying = candidates(table, rules, start, end, nodes.whole[node, SEED], features)
        split = best_split(table, rules, features[0], n_looked_at, start, end, nodes.counts[node], room)
        if not divide(table, rules, nodes, node, n_nodes, split, goes_left):
            continue
        if nodes.whole[n_nodes, MAY_SPLIT] or nodes.whole[n_nodes + 1, MAY_SPLIT]:
            part(table.order, features[1], n_varying, start, end, goes_left, spare)
            part_targets(table, start, end, goes_left, spare)
            # the left child is taken first: its rows are still in the cache
            waiting[n_waiting] = n_nodes + 1
            waiting[n_waiting + 1] = n_nodes
            n_waiting += 2
        n_nodes += 2
    return n_nodes


# what grow_subtree does with a node, one step a kernel; compiled when the first wide node needs them
candidates_kernel, best_split_kernel = exact_kernel(candidates), exact_kernel(best_split)
divide_kernel, part_kernel = exact_kernel(divide), exact_kernel(part)


def features_room(n_features: int) -> Array:
    """Room for the features that a node looks at and those that vary."""
    return np.empty((2, n_features), np.int64)


def cuts_room(table: Any, n_classes: int, n_rows: int) -> Any:
    """Room to weigh the cuts of nodes of up to `n_rows` rows."""
    return absolute_cuts.links_room(n_rows) if isinstance(table, AbsoluteTable) else class_cuts.sides_room(n_classes)


def spare_room(n_rows: int) -> Array:
    """Room for the rows that go right."""
    return np.empty(n_rows + 1, np.uint32)


def subtree(table: Any, rules: Rules, nodes: Nodes, root: int, goes_left: Array) -> Nodes:
    """The whole tree below node `root` of `nodes`, which is number 0 of what is returned."""
    levels = min(rules.max_depth - int(nodes.whole[root, DEPTH]), 60)
    # each leaf has a row at least; one question more may be tried, and given up
    capacity = min(2 * _n_rows(nodes, root) - 1, 2 ** (levels + 1) - 1) + 2
    # most of it is never written, and takes no memory until it is
    grown = Nodes(*(columns[root : root + 1] for columns in nodes)).resized(1, capacity)
    n_rows, (n_features, _) = _n_rows(nodes, root), table.order.shape
    room = (
        features_room(n_features),
        cuts_room(table, nodes.counts.shape[1], n_rows),
        spare_room(n_rows),
        np.empty(n_rows + 1, np.int64),
    )
    work = (table, rules, grown, goes_left, *room)
    n_nodes = small(grow_subtree, *work) if n_rows * n_features <= FEW else grow_subtree(*work)
    return grown.resized(n_nodes, n_nodes)


def grow(table: Any, rules: Rules, root: Root, seed: int) -> Tree:
    """The tree that follows the `rules`, over all rows of `table`, whose order it rearranges."""
    n_features, n_samples = table.order.shape
    nodes = room_for(2, len(root.counts), table.kinds.n_words)
    nodes.counts[0], nodes.real[0, WEIGHT], nodes.real[0, IMPURITY] = root
    make_node(nodes, 0, 0, n_samples, 0, seed, rules)
    goes_left = np.empty(n_samples, dtype=np.bool_)
    n_nodes, waiting, small = 1, [0], []
    while waiting:
        node = waiting.pop()
        if _n_rows(nodes, node) * n_features < WIDE:
            small.append(node)
        elif nodes.whole[node, MAY_SPLIT]:
            if n_nodes + 2 > len(nodes.whole):
                nodes = nodes.resized(n_nodes, 2 * n_nodes + 2)
            if _split_wide(table, rules, nodes, node, n_nodes, goes_left):
                waiting += [n_nodes + 1, n_nodes]
                n_nodes += 2
    small.sort(key=lambda node: -_n_rows(nodes, node))  # the longest first, so that no thread ends late
    work = 10.0 * n_features * sum(_n_rows(nodes, node) for node in small)
    subtrees = run(subtree, [(table, rules, nodes, node, goes_left) for node in small], work=work)
    tree = _numbered(_joined(nodes, n_nodes, small, subtrees))
    return _in_shares(tree) if isinstance(table, Table) else tree


def grow_once(table: Any, rules: Rules, root: Root, seed: int, best: Callable[[], Split]) -> Tree:
    """The tree of one question at most; `best` finds the cut, and is asked only where the rules let the root ask.

    The order of the rows stays as it was.
    """
    nodes = room_for(3, len(root.counts), table.kinds.n_words)
    nodes.counts[0], nodes.real[0, WEIGHT], nodes.real[0, IMPURITY] = root
    make_node(nodes, 0, 0, table.order.shape[1], 0, seed, rules)
    goes_left = np.empty(table.order.shape[1], dtype=np.bool_)
    asks = nodes.whole[0, MAY_SPLIT] and divide_kernel(table, rules, nodes, 0, 1, best(), goes_left)
    return _in_shares(_numbered(nodes if asks else nodes.resized(1, 1)))


def _in_shares(tree: Tree) -> Tree:
    """Weights of the classes, to shares."""
    return tree._replace(value=tree.value / tree.weighted_n_node_samples[:, None])


def _n_rows(nodes: Nodes, node: int) -> int:
    return int(nodes.whole[node, END] - nodes.whole[node, START])


def _split_wide(table: Any, rules: Rules, nodes: Nodes, node: int, child: int, goes_left: Array) -> bool:
    """Split one node with its features shared out over threads."""
    start, end = int(nodes.whole[node, START]), int(nodes.whole[node, END])
    features = features_room(len(table.order))
    n_looked_at, n_varying = candidates_kernel(table, rules, start, end, nodes.whole[node, SEED], features)
    counts, work = nodes.counts[node], 5.0 * (end - start)
    jobs = [
        (table, rules, features[0, i:], 1, start, end, counts, cuts_room(table, len(counts), end - start))
        for i in range(n_looked_at)
    ]
    found = run(best_split_kernel, jobs, work=work * len(jobs))
    split, indistinct = (-np.inf, NOWHERE, NOWHERE, False), margin(table, counts)
    for other in found:
        if other[0] > split[0] + indistinct:
            split = other
    if not divide_kernel(table, rules, nodes, node, child, split, goes_left):
        return False
    if nodes.whole[child, MAY_SPLIT] or nodes.whole[child + 1, MAY_SPLIT]:
        stretches = [
            (table.order, features[1, i:], 1, start, end, goes_left, spare_room(end - start)) for i in range(n_varying)
        ]
        if isinstance(table, AbsoluteTable):
            stretches.append((table.by_y, THE_TARGETS, 1, start, end, goes_left, spare_room(end - start)))
        run(part_kernel, stretches, work=work * len(stretches))
    return True


def _joined(nodes: Nodes, n_nodes: int, roots: list[int], subtrees: list[Nodes]) -> Nodes:
    """All nodes in one table: those of `nodes`, then each subtree's but for its root, which takes its old place."""
    pieces = [nodes.resized(n_nodes, n_nodes)]
    for root, grown in zip(roots, subtrees, strict=True):
        grown.whole[:, LEFT] += np.where(grown.whole[:, LEFT] == NO_CHILD, 0, n_nodes - 1)
        for columns, grown_columns in zip(pieces[0], grown, strict=True):
            columns[root] = grown_columns[0]
        pieces.append(Nodes(*(columns[1:] for columns in grown)))
        n_nodes += len(grown.whole) - 1
    return Nodes(*(np.concatenate(columns) for columns in zip(*pieces, strict=True)))


def _numbered(nodes: Nodes) -> Tree:
    """The tree with its nodes numbered depth first, the left branch before the right."""
    rows = depth_first(nodes.whole[:, LEFT])
    number = np.empty(len(rows) + 1, dtype=np.int64)
    number[rows] = np.arange(len(rows))
    number[-1] = NO_CHILD  # what NO_CHILD, used as a place, finds
    whole, real = nodes.whole[rows], nodes.real[rows]
    left = whole[:, LEFT]
    return Tree(
        children_left=number[left],
        children_right=number[np.where(left == NO_CHILD, NO_CHILD, left + 1)],
        feature=whole[:, FEATURE].copy(),
        threshold=real[:, THRESHOLD].copy(),
        missing_go_to_left=whole[:, MISSING_LEFT] == 1,
        impurity=real[:, IMPURITY].copy(),
        n_node_samples=whole[:, END] - whole[:, START],
        weighted_n_node_samples=real[:, WEIGHT].copy(),
        value=nodes.counts[rows],
        depth=whole[:, DEPTH].copy(),
        sets=nodes.sets[rows],
    )


def depth_first(left: Array) -> list[int]:
    """The nodes in depth-first order, given where the two children of each stand side by side."""
    children, rows, waiting = left.tolist(), [], [0]
    while waiting:
        node = waiting.pop()
        rows.append(node)
        if children[node] != NO_CHILD:
            waiting += (children[node] + 1, children[node])
    return rows
