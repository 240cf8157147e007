"""The shortest tree that spans all rows by mutual reachability: d(a, b) / alpha, or a core distance where it is larger.

Many mutual reachabilities are one and the same core distance. Among equal ones the smaller distance comes first, so
that the tree depends on the data and not on the order of the rows: a row between two clusters goes with the nearer.

In few dimensions by Boruvka's rounds: every component finds its shortest edge to another, all at once, in a k-d tree
that knows which of its nodes lie in one component and how small their core distances are [McInnes & Healy 2017]_. In
many dimensions, and by other metrics, by Prim's: one row of distances for each row that joins.

References
----------
.. [McInnes & Healy 2017] L. McInnes, J. Healy, "Accelerated hierarchical density based clustering", ICDM Workshops,
   2017.
"""

from typing import NamedTuple

import numpy as np

from diorama._kd_tree import KDTree, box_distance
from diorama._kernel import exact_kernel, exact_kernel_step
from diorama._minkowski import added, distances, measure_pairs, reduced_distance
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.clustering._forest import find, unite

LEAF_SIZE = 12
N_BLOCKS = 16  # of rows whose edges are looked for together: they depend on the data alone


class Edges(NamedTuple):
    """The n - 1 edges of a spanning tree, shortest first."""

    rows: Array  # (n - 1, 2) which two rows each joins
    lengths: Array  # (n - 1,) their mutual reachabilities
    ranks: Array  # (n - 1,) rising; the same for edges that are equally long and between equally distant rows

    @classmethod
    def sorted(cls, rows: Array, lengths: Array, apart: Array) -> "Edges":
        """From edges in any order, with the distances between their rows."""
        order = np.lexsort((apart, lengths))
        rows, lengths, apart = rows[order], lengths[order], apart[order]
        rises = (np.diff(lengths, prepend=-1.0) > 0) | (np.diff(apart, prepend=-1.0) > 0)
        return cls(rows, lengths, np.cumsum(rises))


def boruvka(X: Array, min_samples: int, alpha: float, p: float) -> Edges:
    """The edges between rows X (n, n_features)."""
    tree = KDTree.build(X, LEAF_SIZE)
    n = len(tree.points)
    rows = tree.nearest(tree.points, min_samples, p)[1]
    place = np.empty(n, dtype=np.int64)
    place[tree.order] = np.arange(n)
    near = place[rows]
    core = _core(tree.points, near, p)
    # with alpha below 1 the nearest rows need not be the shortest edges
    edges, reduced = _rounds(tree, core, near if alpha >= 1 else near[:, :0], _scale(alpha, p), float(p))
    apart = np.empty(n - 1)
    measure_pairs(tree.points, edges[:, 0].copy(), tree.points, edges[:, 1].copy(), p, apart)
    return Edges.sorted(tree.order[edges], distances(reduced, p), apart)


def _core(points: Array, near: Array, p: float) -> Array:
    """Reduced core distances from the nearest rows (n, k): many edges are as long, to the last bit."""
    core = np.empty(len(points))
    measure_pairs(points, np.arange(len(points)), points, np.ascontiguousarray(near[:, -1]), p, core)
    return core


def _scale(alpha: float, p: float) -> float:
    """What a reduced distance is multiplied by when the distance is divided by alpha."""
    return float(alpha ** -(p if np.isfinite(p) else 1.0))


def _rounds(tree: KDTree, core: Array, near: Array, scale: float, p: float) -> tuple[Array, Array]:
    """Places (n - 1, 2) and reduced lengths (n - 1,) of the edges; `core` (n,) and `near` (n, k) are by place too."""
    n = len(core)
    parent = np.arange(n)
    found, lengths = np.empty((n - 1, 2), dtype=np.int64), np.empty(n - 1)
    count = first_edges(near, core, parent, found, lengths)
    # core distance, a length that no edge to another component is below, component
    places = np.column_stack([core, core, np.zeros(n)])
    # smallest core distance, component or -1 for several
    nodes = np.column_stack([_least(tree, core), np.zeros(len(tree.ranges))])
    bounds = np.array(blocks(n, -(-n // N_BLOCKS)))
    stack = np.empty((len(bounds), tree.levels + 2, 2))
    while count < n - 1:
        n_components = name_components(parent, tree.ranges, places, nodes)
        # shortest edge that each block knows of each component: length, distance, from, to
        best = np.full((len(bounds), n_components, 4), np.inf)
        arguments = [
            (tree.points, tree.ranges, tree.boxes, places, nodes, p, scale, bound, best[b], stack[b])
            for b, bound in enumerate(bounds)
        ]
        run(shortest_edges, arguments, work=64.0 * n)
        count = take_edges(best, parent, found, lengths, count)
    return found, lengths


def _least(tree: KDTree, values: Array) -> Array:
    """The smallest value of each node's points."""
    least = np.empty(len(tree.ranges))
    for level in range(tree.levels + 1):
        nodes = slice(2**level - 1, 2 ** (level + 1) - 1)
        least[nodes] = np.minimum.reduceat(values, tree.ranges[nodes, 0])
    return least


def prim(X: Array, near: Array, alpha: float, p: float) -> Edges:
    """The edges between rows X (n, n_features) with these nearest rows (n, min_samples), themselves among them."""
    points = np.ascontiguousarray(X, dtype=np.float64)
    n = len(points)
    rows, reduced = np.empty((n - 1, 2), dtype=np.int64), np.empty((n - 1, 2))
    core = _core(points, near, p)
    columns = np.ascontiguousarray(points.T)
    grow_tree(columns, core, _scale(alpha, p), float(p), np.empty((n, 2)), np.empty(n), rows, reduced)
    return Edges.sorted(rows, distances(reduced[:, 0], p), reduced[:, 1])


def prim_of_table(table: Array, core: Array, alpha: float) -> Edges:
    """The edges between rows whose distances are a table (n, n)."""
    n = len(core)
    rows, lengths = np.empty((n - 1, 2), dtype=np.int64), np.empty((n - 1, 2))
    grow_tree_of_table(table, core, 1.0 / alpha, np.empty((n, 2)), rows, lengths)
    return Edges.sorted(rows, lengths[:, 0].copy(), lengths[:, 1].copy())


@exact_kernel
def first_edges(near: Array, core: Array, parent: Array, found: Array, lengths: Array) -> int:
    """Edges as long as the core distance of one end, which is the shortest that can be; returns how many."""
    count = 0
    for i in range(len(core)):
        for k in range(near.shape[1]):
            j = near[i, k]
            if j == i or core[j] > core[i]:
                continue
            # the nearest of those that this row is so near to
            if find(parent, i) != find(parent, j):
                unite(parent, i, j)
                found[count, 0], found[count, 1], lengths[count] = i, j, core[i]
                count += 1
            break
    return count


@exact_kernel
def name_components(parent: Array, ranges: Array, places: Array, nodes: Array) -> int:
    """Number the components in column 2 of `places` and, where a node is in one, column 1 of `nodes`; how many."""
    count = 0
    for i in range(len(parent)):
        root = find(parent, i)
        if root == i:
            places[i, 2] = count
            count += 1
        else:
            # the root is the smallest of its set: it has its number
            places[i, 2] = places[root, 2]
    n_inner = len(ranges) // 2
    for node in range(len(ranges) - 1, -1, -1):
        if node < n_inner:
            left, right = nodes[2 * node + 1, 1], nodes[2 * node + 2, 1]
            nodes[node, 1] = left if left == right else -1.0
            continue
        nodes[node, 1] = places[ranges[node, 0], 2]
        for i in range(ranges[node, 0] + 1, ranges[node, 1]):
            if places[i, 2] != nodes[node, 1]:
                nodes[node, 1] = -1.0
    return count


@exact_kernel
def shortest_edges(
    points: Array,
    ranges: Array,
    boxes: Array,
    places: Array,
    nodes: Array,
    p: float,
    scale: float,
    block: Array,
    best: Array,
    stack: Array,
) -> None:
    """For each component the shortest edge from a place of the block to another component, into `best`."""
    n_inner = len(ranges) // 2
    for i in range(block[0], block[1]):
        mine, core = places[i, 2], places[i, 0]
        shortest = best[int(mine)]
        if places[i, 1] > shortest[0]:
            continue
        stack[0, 0], stack[0, 1] = 0.0, 0.0
        height = 1
        while height > 0:
            height -= 1
            node, apart = int(stack[height, 0]), stack[height, 1]
            length = max(apart * scale, core, nodes[node, 0])
            if nodes[node, 1] == mine or length > shortest[0] or (length == shortest[0] and apart >= shortest[1]):
                continue
            if node >= n_inner:
                for k in range(ranges[node, 0], ranges[node, 1]):
                    if places[k, 2] == mine or places[k, 0] > shortest[0]:
                        continue
                    apart = reduced_distance(points, i, points, k, p)
                    length = max(apart * scale, core, places[k, 0])
                    if length < shortest[0] or (length == shortest[0] and apart < shortest[1]):
                        shortest[0], shortest[1], shortest[2], shortest[3] = length, apart, i, k
                continue
            left = 2 * node + 1
            to_left = box_distance(points, i, boxes, left, p)
            to_right = box_distance(points, i, boxes, left + 1, p)
            first = 0 if to_left <= to_right else 1
            stack[height, 0], stack[height, 1] = left + 1 - first, to_left if first == 1 else to_right
            stack[height + 1, 0], stack[height + 1, 1] = left + first, to_right if first == 1 else to_left
            height += 2
        # whatever was found, nothing of another component is nearer: it may spare the next rounds a search
        places[i, 1] = shortest[0]


@exact_kernel
def take_edges(best: Array, parent: Array, found: Array, lengths: Array, count: int) -> int:
    """Unite along each component's shortest edge, unless that closes a circle; returns how many edges there are."""
    for component in range(best.shape[1]):
        block = 0
        for b in range(1, len(best)):
            length, least = best[b, component, 0], best[block, component, 0]
            if length < least or (length == least and best[b, component, 1] < best[block, component, 1]):
                block = b
        i, k = int(best[block, component, 2]), int(best[block, component, 3])
        if find(parent, i) != find(parent, k):
            unite(parent, i, k)
            found[count, 0], found[count, 1], lengths[count] = i, k, best[block, component, 0]
            count += 1
    return count


@exact_kernel_step
def join_next(
    reduced: Array,
    core: Array,
    scale: float,
    here: int,
    edge: Array,
    origin: Array,
    rows: Array,
    lengths: Array,
    step: int,
) -> int:
    """Let `here`, at `reduced` (n,) from all, shorten the way to those that wait, and write down who joins next.

    `edge` (n, 2) is the length and the distance of each waiting row's shortest edge to the tree, or -1; `origin` (n,)
    where it starts.
    """
    nearest = -1
    edge[here, 0] = -1.0
    for i in range(len(core)):
        if edge[i, 0] < 0:
            continue
        length = max(reduced[i] * scale, core[i], core[here])
        if length < edge[i, 0] or (length == edge[i, 0] and reduced[i] < edge[i, 1]):
            edge[i, 0], edge[i, 1], origin[i] = length, reduced[i], here
        later = nearest >= 0 and (
            edge[i, 0] > edge[nearest, 0] or (edge[i, 0] == edge[nearest, 0] and edge[i, 1] >= edge[nearest, 1])
        )
        if not later:
            nearest = i
    rows[step, 0], rows[step, 1] = origin[nearest], nearest
    lengths[step, 0], lengths[step, 1] = edge[nearest, 0], edge[nearest, 1]
    return nearest


@exact_kernel
def grow_tree(
    columns: Array, core: Array, scale: float, p: float, edge: Array, reduced: Array, rows: Array, lengths: Array
) -> None:
    """Prim's tree over rows given feature by feature: `rows` (n - 1, 2) and `lengths` (n - 1, 2) of its edges."""
    n = len(core)
    origin = np.zeros(n, dtype=np.int64)
    edge[:] = np.inf
    here = 0
    for step in range(n - 1):
        for i in range(n):
            reduced[i] = 0.0
        for j in range(len(columns)):
            x = columns[j, here]
            if p == 2.0:
                for i in range(n):
                    gap = columns[j, i] - x
                    reduced[i] += gap * gap
            else:
                for i in range(n):
                    reduced[i] = added(reduced[i], abs(columns[j, i] - x), p)
        here = join_next(reduced, core, scale, here, edge, origin, rows, lengths, step)


@exact_kernel
def grow_tree_of_table(table: Array, core: Array, scale: float, edge: Array, rows: Array, lengths: Array) -> None:
    """The same where the distances stand in a table."""
    origin = np.zeros(len(core), dtype=np.int64)
    edge[:] = np.inf
    here = 0
    for step in range(len(core) - 1):
        here = join_next(table[here], core, scale, here, edge, origin, rows, lengths, step)
