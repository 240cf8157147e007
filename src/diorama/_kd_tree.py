"""A k-d tree: rows cut in half at the median of their widest feature, again and again, each half in its tightest box.

A search opens the nearer box first and never opens one that lies farther than what is already kept (Bentley 1975;
Friedman, Bentley and Finkel 1977). All leaves are equally deep, so the nodes are plain arrays: node i has the children
2 i + 1 and 2 i + 2. Distances are added in the features' order without fast arithmetic, and so are the distances to
boxes: a box is never farther than a row in it, not even by rounding, and ties go to the smaller row number.

    tree = KDTree.build(X)
    distances, rows = tree.nearest(queries, 5)
    first, rows = tree.within(queries, 0.3)           # those of query i are rows[first[i]:first[i + 1]]
"""

from typing import Any, NamedTuple

import numpy as np

from diorama._k_smallest import offer, put_in_order
from diorama._kernel import exact_kernel, exact_kernel_step, suited
from diorama._minkowski import ROW, added, distances, measure_columns, reduced_distance, reduced_radius
from diorama._parallel import blocks, run
from diorama._typing import Array

LEAF_SIZE = 30
QUERIES = 256
# a tree of so many rows is worth growing in pieces, each below a node of these levels, one after another
PIECES_FROM, PIECE_LEVELS = 4_096, (0, 1, 3)
NO_TRAIL = np.empty(0, dtype=np.int64)


class KDTree(NamedTuple):
    """Nodes in the order of a heap, and the rows in the order of the leaves."""

    points: Array  # (n, n_features) double precision, leaf by leaf
    columns: Array  # (n_features, n) the same, feature by feature: a leaf's distances are taken by vector instructions
    order: Array  # (n,) the row number of each point
    ranges: Array  # (n_nodes, 2) [start, stop) of each node's points
    boxes: Array  # (n_nodes, 2, n_features) lowest and highest corner of each node's points

    @classmethod
    def build(cls, X: Any, leaf_size: int = LEAF_SIZE) -> "KDTree":
        """The tree over rows X (n, n_features) of finite numbers, at most `leaf_size` of them in a leaf."""
        rows = np.array(X, dtype=np.float64, order="C")
        n, n_features = rows.shape
        if n == 0:
            raise ValueError("a k-d tree needs at least one row.")
        levels = max(0, int(np.ceil(np.log2(n / leaf_size))))
        n_nodes = 2 ** (levels + 1) - 1
        order = np.arange(n)
        ranges = np.zeros((n_nodes, 2), dtype=np.int64)
        ranges[0, 1] = n
        boxes = np.empty((n_nodes, 2, n_features))
        starts = PIECE_LEVELS if n >= PIECES_FROM and levels > PIECE_LEVELS[-1] else (0,)
        work = float(n * (levels + 1) * n_features)
        for level, until in zip(starts, (*starts[1:], levels + 1), strict=True):
            roots = range(2**level - 1, 2 ** (level + 1) - 1)
            pieces = [(rows, order, ranges, boxes, root, until - level) for root in roots]
            run(suited(grow, work), pieces, work=work)
        return cls(rows, np.ascontiguousarray(rows.T), order, ranges, boxes)

    @property
    def levels(self) -> int:
        """How often the rows were halved."""
        return int(len(self.ranges) + 1).bit_length() - 2

    def nearest(self, queries: Any, k: int, p: float = 2.0) -> tuple[Array, Array]:
        """Distances of order `p` (m, k) and row numbers (m, k) of each query's `k` nearest rows, nearest first."""
        rows = np.ascontiguousarray(queries, dtype=np.float64)
        found = np.full((len(rows), k), np.inf), np.full((len(rows), k), len(self.points))
        arguments = [
            (*self[1:], rows[low:high], float(p), found[0][low:high], found[1][low:high], *self._scratch(), NO_TRAIL)
            for low, high in blocks(len(rows), QUERIES)
        ]
        run(suited(search, self._at_most(rows)), arguments, work=len(rows) * self._work(k))
        return distances(found[0], p), found[1]

    def trail(self, query: Array, k: int, p: float = 2.0) -> Array:
        """The nodes that the search for one query (n_features,) came by, in order; ~node for one left unopened."""
        rows = np.ascontiguousarray(query, dtype=np.float64)[None]
        trail = np.full(len(self.ranges), len(self.ranges))
        heap = np.full((1, k), np.inf), np.full((1, k), len(self.points))
        suited(search, self._at_most(rows))(*self[1:], rows, float(p), *heap, *self._scratch(), trail)
        passed: Array = trail[trail < len(self.ranges)]
        return passed

    def read(self, query: Array, k: int) -> int:
        """How many rows the search for one query (n_features,) measures."""
        passed = self.trail(query, k)
        leaves = self.ranges[passed[passed >= len(self.ranges) // 2]]
        return int((leaves[:, 1] - leaves[:, 0]).sum())

    def within(self, queries: Any, radius: float, p: float = 2.0) -> tuple[Array, Array]:
        """For each query the numbers of the rows at most `radius` away, as (m + 1,) starts and one long list.

        A query's rows come leaf by leaf, in no useful order.
        """
        rows = np.ascontiguousarray(queries, dtype=np.float64)
        limit = reduced_radius(radius, p)
        first = np.zeros(len(rows) + 1, dtype=np.int64)
        bounds, nodes = blocks(len(rows), QUERIES), (self.points, *self[2:])

        def gather(found: Array) -> None:
            arguments = [
                (*nodes, rows[low:high], float(p), limit, first[low + 1 : high + 1], found, self._scratch()[0])
                for low, high in bounds
            ]
            run(suited(collect, self._at_most(rows)), arguments, work=len(rows) * self._work(1))

        gather(NO_TRAIL)
        np.cumsum(first, out=first)
        total = int(first[-1])
        if total:
            # each query's place starts where the one before it ends, and moves on as it is filled
            first[1:] = first[:-1].copy()
            found = np.empty(total, dtype=np.int64)
            gather(found)
            return first, found
        return first, NO_TRAIL.copy()

    def _scratch(self) -> tuple[Array, Array]:
        """Room for the nodes that a search has yet to open, and for the distances to one leaf's points."""
        # of two halves the second is never the smaller
        return np.empty((self.levels + 2, 2)), np.empty(self.ranges[-1, 1] - self.ranges[-1, 0])

    def _at_most(self, queries: Array) -> float:
        """Elementary operations of a search that opens every box."""
        return float(queries.size * len(self.points))

    def _work(self, k: int) -> float:
        return float((ROW + self.points.shape[1]) * (self.levels + k + 16))


@exact_kernel_step
def box_distance(queries: Array, i: int, boxes: Array, node: int, p: float) -> float:
    """Reduced distance from query `i` (of (m, n_features)) to the nearest place of a node's box."""
    total = 0.0
    if p == 2.0:
        for j in range(queries.shape[1]):
            gap = max(boxes[node, 0, j] - queries[i, j], queries[i, j] - boxes[node, 1, j], 0.0)
            total += gap * gap
    else:
        for j in range(queries.shape[1]):
            gap = max(boxes[node, 0, j] - queries[i, j], queries[i, j] - boxes[node, 1, j], 0.0)
            total = added(total, gap, p)
    return total


@exact_kernel_step
def farthest_distance(queries: Array, i: int, boxes: Array, node: int, p: float) -> float:
    """Reduced distance from query `i` to the farthest corner of a node's box."""
    total = 0.0
    for j in range(queries.shape[1]):
        total = added(total, max(abs(queries[i, j] - boxes[node, 0, j]), abs(boxes[node, 1, j] - queries[i, j])), p)
    return total


@exact_kernel
def search(
    columns: Array,
    order: Array,
    ranges: Array,
    boxes: Array,
    queries: Array,
    p: float,
    kept: Array,
    indices: Array,
    stack: Array,
    away: Array,
    trail: Array,
) -> None:
    """Reduced distances `kept` (m, k) and `indices` (m, k) of each query's nearest rows; nodes passed into `trail`."""
    n_inner = len(ranges) // 2
    passed = 0
    for i in range(len(queries)):
        node, height, gap = 0, 0, 0.0
        while True:
            closed = gap > kept[i, 0]  #: leave
            if passed < len(trail):
                trail[passed] = ~node if closed else node
                passed += 1
            if node < n_inner and not closed:
                left, right = 2 * node + 1, 2 * node + 2
                to_left = box_distance(queries, i, boxes, left, p)
                to_right = box_distance(queries, i, boxes, right, p)
                # the nearer box is opened first: what it holds may close the other
                nearer = to_left <= to_right
                stack[height, 0], stack[height, 1] = (right, to_right) if nearer else (left, to_left)
                node, gap = (left, to_left) if nearer else (right, to_right)  #: open
                height += 1
                continue
            if not closed:
                start, stop = ranges[node, 0], ranges[node, 1]
                measure_columns(queries, i, columns, start, stop, p, away)  #: read
                for k in range(stop - start):
                    offer(kept, indices, i, away[k], order[start + k])
            if height == 0:
                break
            height -= 1
            node, gap = int(stack[height, 0]), stack[height, 1]
        put_in_order(kept, indices, i)


@exact_kernel
def collect(
    points: Array,
    order: Array,
    ranges: Array,
    boxes: Array,
    queries: Array,
    p: float,
    limit: float,
    place: Array,
    found: Array,
    stack: Array,
) -> None:
    """Add to `place` (m,) the number of each query's rows within `limit`; with room in `found`, write them there."""
    n_inner = len(ranges) // 2
    writes = len(found) > 0
    for i in range(len(queries)):
        stack[0, 0] = 0.0
        height = 1
        while height > 0:
            height -= 1
            node = int(stack[height, 0])
            if box_distance(queries, i, boxes, node, p) > limit:
                continue
            inside = farthest_distance(queries, i, boxes, node, p) <= limit
            if not inside and node < n_inner:
                stack[height, 0], stack[height + 1, 0] = 2 * node + 2, 2 * node + 1
                height += 2
                continue
            for at in range(ranges[node, 0], ranges[node, 1]):
                if inside or reduced_distance(queries, i, points, at, p) <= limit:
                    if writes:
                        found[place[i]] = order[at]
                    place[i] += 1


@exact_kernel
def grow(points: Array, order: Array, ranges: Array, boxes: Array, root: int, levels: int) -> None:
    """Measure `levels` levels of nodes from `root` down and halve those that are no leaves."""
    n_inner = len(ranges) // 2
    for level in range(levels):
        first = (root + 1) * 2**level - 1
        for node in range(first, first + 2**level):
            start, stop = ranges[node, 0], ranges[node, 1]
            widest = enclose(points, start, stop, boxes, node)  #: enclose
            if node < n_inner:
                middle = (start + stop) // 2
                halve(points, order, start, middle, stop - 1, widest)  #: halve
                ranges[2 * node + 1, 0], ranges[2 * node + 1, 1] = start, middle
                ranges[2 * node + 2, 0], ranges[2 * node + 2, 1] = middle, stop


@exact_kernel_step
def enclose(points: Array, start: int, stop: int, boxes: Array, node: int) -> int:
    """Write the tightest box around some points, and say which feature it is widest in."""
    widest = 0
    for j in range(points.shape[1]):
        low = high = points[start, j]
        for i in range(start + 1, stop):
            low, high = min(low, points[i, j]), max(high, points[i, j])
        boxes[node, 0, j], boxes[node, 1, j] = low, high
        if high - low > boxes[node, 1, widest] - boxes[node, 0, widest]:
            widest = j
    return widest


@exact_kernel_step
def halve(points: Array, order: Array, low: int, middle: int, high: int, feature: int) -> None:
    """Reorder points `low` to `high` so that the smallest come before place `middle` (Hoare's quickselect)."""
    while low < high:
        a, b, c = points[low, feature], points[(low + high) // 2, feature], points[high, feature]
        pivot = max(min(a, b), min(max(a, b), c))
        i, j = low, high
        while i <= j:
            while points[i, feature] < pivot:
                i += 1
            while points[j, feature] > pivot:
                j -= 1
            if i <= j:
                order[i], order[j] = order[j], order[i]
                for f in range(points.shape[1]):
                    points[i, f], points[j, f] = points[j, f], points[i, f]
                i += 1
                j -= 1
        if middle <= j:
            high = j
        elif middle >= i:
            low = i
        else:
            break
