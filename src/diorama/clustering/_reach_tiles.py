"""Who is within reach of whom in many dimensions: distances by matrix product, a tile of the table at a time.

Boxes keep few rows apart where there are many features, so every pair must be looked at, and a matrix product looks at
most pairs a second. The rows lie in the order of a k-d tree, and a tile is one leaf by another: leaves out of reach of
one another, rows that are core already and leaves whose core rows are one set already are never multiplied. Products
are taken in single precision with a known error; whoever is within that error of the radius is measured again.
"""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from diorama._kd_tree import KDTree
from diorama._kernel import exact_kernel, exact_kernel_step
from diorama._minkowski import reduced_distance, reduced_radius
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.clustering._forest import find, unite

LEAF_SIZE, TILE = 512, 2_048
CHUNK = 64


class ReachTiles(NamedTuple):
    """The rows leaf by leaf, and as factors of products. A place is a row's position in the tree."""

    tree: KDTree
    radius: float
    limit: float  # the largest reduced distance within the radius
    left: Array  # (n, n_features + 1) each place as the left factor of a product
    right: Array  # (n, n_features + 1) and as the right one
    above: Array  # (n,) a product of this place above this means surely out of reach
    below: Array  # (n,) and one below this means surely within

    @classmethod
    def of(cls, X: Array, radius: float) -> "ReachTiles":
        """The tiles of rows X (n, n_features)."""
        # imported here because only this needs it, and it takes long
        from diorama.neighbors._product import ProductIndex

        tree = KDTree.build(X, LEAF_SIZE)
        index = ProductIndex.build(tree.points)
        left, above, below = index.rough(tree.points)
        limit = reduced_radius(radius, 2.0)
        above, below = ((limit * index.scale**2 + error).astype(np.float32) for error in (above, below))
        return cls(tree, float(radius), limit, left, index.factors, above, below)

    def core(self, weights: Array, need: float) -> Array:
        """(n,) whether the rows within reach of each row weigh `need` together."""
        at_weights = weights[self.tree.order].astype(float)
        enough = float(need) if at_weights.min() >= 0 else np.inf
        found = np.zeros(len(weights))
        # a count needs no look at who it is
        each = np.empty(0) if (at_weights == 1).all() else at_weights
        everybody = np.ones(len(weights), dtype=bool)

        def weigh_leaf(start: int, stop: int) -> None:
            places = np.arange(start, stop)
            for others in self._near(start, everybody, TILE):
                places = places[found[places] < enough]
                if len(places) == 0:
                    break
                weigh(*self._products(places, others), places, others, self.tree.points, self.limit, each, found)

        run(weigh_leaf, self._leaves(), work=self._work(len(weights)))
        return self._by_row(found >= need)

    def sets(self, core: Array) -> Array:
        """(n,) a number for each core row that it shares with all core rows it hangs together with; -1 for others."""
        at_core = core[self.tree.order]
        parent = np.where(at_core, np.arange(len(core)), -1)
        for start, stop in self._leaves():
            places = np.flatnonzero(at_core[start:stop]) + start
            if len(places) == 0:
                continue
            for others in self._near(start, at_core, LEAF_SIZE):
                root = one_set(places, parent)
                if root < 0 or root != one_set(others, parent):
                    join(*self._products(places, others), places, others, self.tree.points, self.limit, parent)
            # who comes later need not look back
            at_core[start:stop] = False
        places = np.flatnonzero(parent >= 0)
        if len(places):
            one_set(places, parent)
        return self._by_row(parent)

    def adopt(self, core: Array, labels: Array) -> Array:
        """`labels` (n,) with the smallest label of a core row within reach for every row that is not core."""
        at_core, nobody = core[self.tree.order], len(labels)
        found = np.where(at_core, labels[self.tree.order], nobody)

        def adopt_leaf(start: int, stop: int) -> None:
            places = np.flatnonzero(~at_core[start:stop]) + start
            for others in self._near(start, at_core, TILE):
                asking = places[found[places] > found[others].min()]
                if len(asking):
                    adopt(*self._products(asking, others), asking, others, self.tree.points, self.limit, found)

        run(adopt_leaf, self._leaves(), work=self._work(int(len(core) - core.sum())))
        return self._by_row(np.where(found == nobody, -1, found))

    def around(self, rows: Array) -> Array:
        """The rows within reach of any of these."""
        places = np.isin(self.tree.order, rows)
        return np.unique(self.tree.within(self.tree.points[places], self.radius)[1])

    def _leaves(self) -> list[tuple[int, int]]:
        return [(int(a), int(b)) for a, b in self.tree.ranges[len(self.tree.ranges) // 2 :]]

    def _near(self, start: int, wanted: Array, size: int) -> Iterator[Array]:
        """The places of `wanted` (n,) in leaves within reach of that at `start`, nearest first, `size` at a time."""
        n_inner = len(self.tree.ranges) // 2
        ranges, boxes = self.tree.ranges[n_inner:], self.tree.boxes[n_inner:]
        low, high = boxes[np.searchsorted(ranges[:, 0], start)]
        gaps = np.maximum(np.maximum(boxes[:, 0] - high, low - boxes[:, 1]), 0.0)
        apart = np.einsum("lf,lf->l", gaps, gaps)
        # a sum in another order may be off by its rounding
        near = np.flatnonzero(apart * (1 - 1e-12) <= self.limit)
        near = near[np.argsort(apart[near], kind="stable")]
        # the nearest leaf by itself: it may be enough
        for group in (near[:1], *(near[1 + a : 1 + b] for a, b in blocks(len(near) - 1, size // LEAF_SIZE))):
            places = np.concatenate([np.arange(*ranges[leaf]) for leaf in group])
            places = places[wanted[places]]
            if len(places):
                yield places

    def _products(self, places: Array, others: Array) -> tuple[Array, Array, Array]:
        """Products of places and others; for each place, above which one is surely far and below which surely near."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.left[places] @ self.right[others].T, self.above[places], self.below[places]

    def _by_row(self, values: Array) -> Array:
        by_row = np.empty_like(values)
        by_row[self.tree.order] = values
        return by_row

    def _work(self, n: int) -> float:
        return float(n) * self.tree.points.size


@exact_kernel
def weigh(
    products: Array,
    above: Array,
    below: Array,
    places: Array,
    others: Array,
    points: Array,
    limit: float,
    weights: Array,
    found: Array,
) -> None:
    """Add to `found` of each of `places` (m,) the weights (all 1 if there are none) of `others` in reach."""
    for i in range(len(places)):
        far, near = 0, 0
        for j in range(products.shape[1]):
            far += products[i, j] > above[i]
            near += products[i, j] < below[i]
        if far == products.shape[1]:
            continue
        if far + near == products.shape[1] and len(weights) == 0:
            found[places[i]] += near
            continue
        for j in range(products.shape[1]):
            # so written, a product that overflowed to NaN is measured
            if products[i, j] > above[i]:
                continue
            if products[i, j] < below[i] or reduced_distance(points, places[i], points, others[j], 2.0) <= limit:
                found[places[i]] += weights[others[j]] if len(weights) else 1.0


@exact_kernel
def join(
    products: Array,
    above: Array,
    below: Array,
    places: Array,
    others: Array,
    points: Array,
    limit: float,
    parent: Array,
) -> None:
    """Unite in `parent` each of `places` (m,) with those of `others` within reach."""
    for i in range(len(places)):
        root = find(parent, places[i])
        for first in range(0, len(others), CHUNK):
            if all_far(products, i, first, above[i]):
                continue
            for j in range(first, min(first + CHUNK, len(others))):
                if products[i, j] > above[i] or find(parent, others[j]) == root:
                    continue
                if products[i, j] < below[i] or reduced_distance(points, places[i], points, others[j], 2.0) <= limit:
                    root = unite(parent, root, others[j])


@exact_kernel
def adopt(
    products: Array, above: Array, below: Array, places: Array, others: Array, points: Array, limit: float, found: Array
) -> None:
    """Lower the label in `found` of each of `places` (m,) to the smallest of those of `others` within reach."""
    for i in range(len(places)):
        for first in range(0, len(others), CHUNK):
            if all_far(products, i, first, above[i]):
                continue
            for j in range(first, min(first + CHUNK, len(others))):
                if products[i, j] > above[i] or found[others[j]] >= found[places[i]]:
                    continue
                if products[i, j] < below[i] or reduced_distance(points, places[i], points, others[j], 2.0) <= limit:
                    found[places[i]] = found[others[j]]


@exact_kernel_step
def all_far(products: Array, i: int, first: int, above: float) -> bool:
    """Whether a chunk of a row of products is turned away together, by vector instructions."""
    last = min(first + CHUNK, products.shape[1])
    far = 0
    for j in range(first, last):
        far += products[i, j] > above
    return bool(far == last - first)


@exact_kernel
def one_set(places: Array, parent: Array) -> int:
    """Lead every one of `places` (m,) to its root, which is returned if it is one for all; else -1."""
    first = find(parent, places[0])
    root = first
    for at in places:
        parent[at] = find(parent, at)
        if parent[at] != first:
            root = -1
    return root
