"""Who is within reach of whom, asked of a k-d tree: how many, which core rows hang together, whom they adopt.

The tree is cut where a node is a clique (its box has no two places farther apart than the radius) or a leaf: these
are the cells. A clique that is heavy enough is all core, and its core rows are one set whatever their distances; two
cells whose core rows are one set already need no distance either. In few dimensions that settles nearly everything,
as a grid of cells with the diagonal eps does [Gan & Tao 2015]_, but the cells follow the data, in any dimension.

References
----------
.. [Gan & Tao 2015] J. Gan, Y. Tao, "DBSCAN revisited: mis-claim, un-fixability, and approximation", SIGMOD 2015.
"""

from typing import NamedTuple

import numpy as np

from diorama._kd_tree import KDTree, box_distance, farthest_distance
from diorama._kernel import exact_kernel, exact_kernel_step
from diorama._minkowski import added, reduced_distance, reduced_radius
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.clustering._forest import find, unite

LEAF_SIZE = 16
AT_ONCE = 64  # cells that a thread takes at once
MIXED, NO_CORE = -1, -2  # core places of several sets, as far as is known; none at all


class Reach(NamedTuple):
    """A tree over the rows, cut into cells for one radius. A place is a row's position in the tree."""

    tree: KDTree
    p: float
    radius: float
    cells: Array  # (n_cells,) nodes that the tree is cut at, in the order of their points
    cliques: Array  # (n_nodes,) whether no two places of a node's box are farther apart than the radius

    @classmethod
    def of(cls, X: Array, radius: float, p: float) -> "Reach":
        """The cells of rows X (n, n_features)."""
        tree = KDTree.build(X, LEAF_SIZE)
        cliques = _diagonals(tree.boxes, p) <= reduced_radius(radius, p)
        cut = cliques.copy()
        cut[len(cut) // 2 :] = True
        below = np.zeros_like(cut)
        for level in range(tree.levels):
            first = 2**level - 1
            ended = (cut | below)[first : 2 * first + 1]
            below[2 * first + 1 : 4 * first + 3] = np.repeat(ended, 2)
        cells = np.flatnonzero(cut & ~below)
        cells = cells[np.argsort(tree.ranges[cells, 0])]
        return cls(tree, float(p), float(radius), cells, cliques)

    def core(self, weights: Array, need: float) -> Array:
        """(n,) whether the rows within reach of each row weigh `need` together."""
        sums = np.concatenate([[0.0], np.cumsum(weights[self.tree.order], dtype=float)])
        core = np.zeros(len(weights), dtype=bool)
        cells, enough = self.cells, np.inf
        if weights.min() >= 0:
            # nobody can take away from what has been found: a search may end early, and heavy cliques need none
            enough = float(need)
            start, stop = self.tree.ranges[cells].T
            heavy = self.cliques[cells] & (sums[stop] - sums[start] >= need)
            for a, b in zip(start[heavy], stop[heavy], strict=True):
                core[a:b] = True
            cells = cells[~heavy]
        limits = np.array([self._limit, need, enough])
        arguments = [
            (*self._nodes, self.p, limits, cells[low:high], sums, core, self._stack())
            for low, high in blocks(len(cells), AT_ONCE)
        ]
        run(mark_core, arguments, work=self._work(len(core)))
        return self._by_row(core)

    def sets(self, core: Array) -> Array:
        """(n,) a number for each core row that it shares with all core rows it hangs together with; -1 for others."""
        at_core = core[self.tree.order]
        parent = np.where(at_core, np.arange(len(core)), -1)
        whole = np.full(len(self.tree.ranges), MIXED)
        join(
            *self._nodes,
            self.p,
            self._limit,
            self.cells,
            self.cliques,
            parent,
            whole,
            self._stack(),
        )
        return self._by_row(parent)

    def adopt(self, core: Array, labels: Array) -> Array:
        """`labels` (n,) with the smallest label of a core row within reach for every row that is not core."""
        here, nobody = labels[self.tree.order], len(labels)
        others = np.flatnonzero(~core[self.tree.order])
        here[others] = nobody
        found = here[others]
        arguments = [
            (
                *self._nodes,
                self.p,
                self._limit,
                here,
                others[low:high],
                found[low:high],
                self._stack(),
            )
            for low, high in blocks(len(others), 256)
        ]
        run(adopt, arguments, work=self._work(len(others)))
        here[others] = np.where(found == nobody, -1, found)
        return self._by_row(here)

    def around(self, rows: Array) -> Array:
        """The rows within reach of any of these."""
        places = np.isin(self.tree.order, rows)
        return np.unique(self.tree.within(self.tree.points[places], self.radius, self.p)[1])

    @property
    def _nodes(self) -> tuple[Array, Array, Array]:
        return self.tree.points, self.tree.ranges, self.tree.boxes

    @property
    def _limit(self) -> float:
        return reduced_radius(self.radius, self.p)

    def _by_row(self, values: Array) -> Array:
        by_row = np.empty_like(values)
        by_row[self.tree.order] = values
        return by_row

    def _stack(self) -> Array:
        # room for a stack of nodes
        return np.empty(self.tree.levels + 2, dtype=np.int64)

    def _work(self, n: int) -> float:
        return 64.0 * n * float(self.tree.points.shape[1])


def _diagonals(boxes: Array, p: float) -> Array:
    """Reduced length of each box's diagonal, added up like any distance."""
    sides = boxes[:, 1] - boxes[:, 0]
    total = np.zeros(len(boxes))
    with np.errstate(over="ignore"):
        for j in range(sides.shape[1]):
            total = np.maximum(total, sides[:, j]) if p == np.inf else total + sides[:, j] ** p
    return total


@exact_kernel
def mark_core(
    points: Array,
    ranges: Array,
    boxes: Array,
    p: float,
    limits: Array,
    cells: Array,
    sums: Array,
    core: Array,
    stack: Array,
) -> None:
    """Mark in `core` the places of `cells` whose reach weighs enough.

    `limits` are the reduced radius, the weight that makes a place core, and the weight at which a search may end;
    `sums` (n + 1,) the weights of all places up to each.
    """
    limit, need, enough = limits[0], limits[1], limits[2]
    n_inner = len(ranges) // 2
    for cell in cells:
        for at in range(ranges[cell, 0], ranges[cell, 1]):
            weight = 0.0
            stack[0] = 0
            height = 1
            while height > 0 and weight < enough:
                height -= 1
                node = stack[height]
                start, stop = ranges[node, 0], ranges[node, 1]
                if box_distance(points, at, boxes, node, p) > limit:
                    continue
                if farthest_distance(points, at, boxes, node, p) <= limit:
                    weight += sums[stop] - sums[start]
                elif node >= n_inner:
                    for k in range(start, stop):
                        if reduced_distance(points, at, points, k, p) <= limit:
                            weight += sums[k + 1] - sums[k]
                else:
                    # the child that the place is in is opened first: it most likely has enough
                    left = 2 * node + 1
                    in_left = at < ranges[left, 1]
                    stack[height] = left + 1 if in_left else left
                    stack[height + 1] = left if in_left else left + 1
                    height += 2
            core[at] = weight >= need


@exact_kernel
def join(
    points: Array,
    ranges: Array,
    boxes: Array,
    p: float,
    limit: float,
    cells: Array,
    cliques: Array,
    parent: Array,
    whole: Array,
    stack: Array,
) -> None:
    """Unite in `parent` (-1 for who is not core) all places within reach of one another, cell by cell with later ones.

    `whole` (n_nodes,) is a place of each node whose core places are known to be one set.
    """
    n_inner = len(ranges) // 2
    for node in range(len(ranges) - 1, -1, -1):
        settle(ranges, cliques, parent, whole, node)
    for cell in cells:
        first = ranges[cell, 0]
        stack[0] = 0
        height = 1
        while height > 0 and whole[cell] != NO_CORE:
            height -= 1
            node = stack[height]
            if ranges[node, 1] <= first or whole[node] == NO_CORE:
                continue
            for turn in range(2):
                mixed = cell if turn == 0 else node
                if whole[mixed] == MIXED:
                    settle(ranges, cliques, parent, whole, mixed)
            if whole[cell] >= 0 and whole[node] >= 0 and find(parent, whole[cell]) == find(parent, whole[node]):
                continue
            if between(boxes, cell, node, p) > limit:
                continue
            if node < n_inner and not cliques[node]:
                stack[height], stack[height + 1] = 2 * node + 2, 2 * node + 1
                height += 2
                continue
            unite_cells(points, ranges, boxes, p, limit, cell, node, cliques, parent)
    for at in range(len(parent)):
        if parent[at] >= 0:
            parent[at] = find(parent, at)


@exact_kernel_step
def settle(ranges: Array, cliques: Array, parent: Array, whole: Array, node: int) -> None:
    """Look whether the core places of a node are one set by now."""
    if node < len(ranges) // 2 and not cliques[node]:
        left, right = whole[2 * node + 1], whole[2 * node + 2]
        if left == NO_CORE or right == NO_CORE:
            whole[node] = right if left == NO_CORE else left
        elif left >= 0 and right >= 0 and find(parent, left) == find(parent, right):
            whole[node] = left
        return
    member, root = NO_CORE, NO_CORE
    for at in range(ranges[node, 0], ranges[node, 1]):
        if parent[at] < 0:
            continue
        if member == NO_CORE:
            member, root = at, find(parent, at)
        elif cliques[node]:
            root = unite(parent, root, at)
        elif find(parent, at) != root:
            member = MIXED
            break
    whole[node] = member


@exact_kernel_step
def between(boxes: Array, a: int, b: int, p: float) -> float:
    """Reduced distance between the boxes of two nodes."""
    total = 0.0
    for j in range(boxes.shape[2]):
        total = added(total, max(boxes[a, 0, j] - boxes[b, 1, j], boxes[b, 0, j] - boxes[a, 1, j], 0.0), p)
    return total


@exact_kernel_step
def unite_cells(
    points: Array,
    ranges: Array,
    boxes: Array,
    p: float,
    limit: float,
    cell: int,
    node: int,
    cliques: Array,
    parent: Array,
) -> None:
    """Unite the core places of two cells within reach of one another; of two cliques one such pair is enough."""
    enough = cliques[cell] and cliques[node]
    for at in range(ranges[cell, 0], ranges[cell, 1]):
        if parent[at] < 0 or box_distance(points, at, boxes, node, p) > limit:
            continue
        root = find(parent, at)
        for k in range(ranges[node, 0], ranges[node, 1]):
            if parent[k] >= 0 and reduced_distance(points, at, points, k, p) <= limit and find(parent, k) != root:
                root = unite(parent, root, k)
                if enough:
                    return


@exact_kernel
def adopt(
    points: Array,
    ranges: Array,
    boxes: Array,
    p: float,
    limit: float,
    labels: Array,
    others: Array,
    found: Array,
    stack: Array,
) -> None:
    """Lower `found` (m,) to the smallest of the `labels` within reach of each place of `others` (m,)."""
    n_inner = len(ranges) // 2
    for i in range(len(others)):
        at = others[i]
        stack[0] = 0
        height = 1
        while height > 0:
            height -= 1
            node = stack[height]
            if box_distance(points, at, boxes, node, p) > limit:
                continue
            if node < n_inner:
                stack[height], stack[height + 1] = 2 * node + 2, 2 * node + 1
                height += 2
                continue
            for k in range(ranges[node, 0], ranges[node, 1]):
                if labels[k] < found[i] and reduced_distance(points, at, points, k, p) <= limit:
                    found[i] = labels[k]
