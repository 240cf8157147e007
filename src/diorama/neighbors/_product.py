"""Nearest rows in many dimensions: distances by matrix product, a tile at a time, and the promising ones taken exactly.

||x - q||^2 = ||q||^2 + (||x||^2 - 2 x . q): the bracket of a whole tile is one matrix product, and so fast that it
pays to take it roughly. It is taken in single precision from rows moved to their mean, which leaves a known error
(Higham 2002, section 3.1); whoever could be among the k nearest within that error is measured again in double
precision, feature by feature. What comes out has the bits of a search that measures everybody.
"""

from typing import Any, NamedTuple

import numpy as np

from diorama._k_smallest import offer, put_in_order
from diorama._kernel import exact_kernel
from diorama._minkowski import distances, measure_pairs, reduced_distance, reduced_radius
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.neighbors._ragged import Ragged

QUERIES, TILE = 256, 1_024
CHUNK = 64  # products that are turned away together, by vector instructions
HALF_UNIT = 2.0**-24  # largest relative error of one operation in single precision
PAIRS_AT_ONCE = 4_000_000


class ProductIndex(NamedTuple):
    """Rows as they are, and as factors of the product."""

    points: Array  # (n, n_features) double precision
    center: Array  # (n_features,) their mean
    scale: float  # 1 / the largest distance of a row from the mean: no factor overflows
    factors: Array  # (n, n_features + 1) single precision: -2 x and ||x||^2 of the moved rows

    @classmethod
    def build(cls, X: Any) -> "ProductIndex":
        """The index over rows X (n, n_features) of finite numbers."""
        points = np.ascontiguousarray(X, dtype=np.float64)
        center = points.mean(axis=0)
        moved = points - center
        length = float(np.sqrt(np.einsum("ij,ij->i", moved, moved).max(initial=0.0)))
        scale = 1.0 / length if 0 < length < np.inf and np.isfinite(1.0 / length) else 1.0
        moved *= scale
        square = np.einsum("ij,ij->i", moved, moved)
        return cls(points, center, scale, np.column_stack([-2 * moved, square]).astype(np.float32))

    def nearest(self, queries: Any, k: int) -> tuple[Array, Array]:
        """Distances (m, k) and row numbers (m, k) of each query's `k` nearest rows, nearest first."""
        rows = np.ascontiguousarray(queries, dtype=np.float64)
        found = np.full((len(rows), k), np.inf), np.full((len(rows), k), len(self.points))
        arguments = [(self, rows[low:high], found[0][low:high], found[1][low:high]) for low, high in _shares(len(rows))]
        run(_nearest_of_block, arguments, work=2.0 * len(rows) * self.points.size)
        return distances(found[0], 2.0), found[1]

    def within(self, queries: Any, radius: float) -> Ragged:
        """The rows at most `radius` away from each query."""
        rows = np.ascontiguousarray(queries, dtype=np.float64)
        limit = reduced_radius(radius, 2.0)
        size = max(1, min(QUERIES, PAIRS_AT_ONCE // len(self.points)))
        arguments = [(self, rows[low:high], limit) for low, high in blocks(len(rows), size)]
        parts = run(_within_of_block, arguments, work=2.0 * len(rows) * self.points.size)
        near = Ragged.joined(parts)
        return near._replace(distances=distances(near.distances, 2.0))

    def rough(self, queries: Array) -> tuple[Array, Array, Array]:
        """(m, n_features + 1) factors of the queries, and twice (m,) what to add to a limit before it meets a product.

        A reduced distance r is surely above a limit L when its product is above L scale^2 + the first of them, and
        surely below when its product is below L scale^2 + the second.
        """
        with np.errstate(over="ignore", invalid="ignore"):
            moved = (queries - self.center) * self.scale
            square = np.einsum("ij,ij->i", moved, moved)
            factors = np.column_stack([moved, np.ones(len(moved))]).astype(np.float32)
            # rows are at most 1 long here; the products, their sum and the limit are rounded
            error = 1.1 * (queries.shape[1] + 12) * HALF_UNIT * (1.0 + 2.0 * np.sqrt(square) + square)
            return factors, error - square, -error - square


def _shares(n: int) -> list[tuple[int, int]]:
    # few queries are cut finer, so that there is something to share
    return blocks(n, QUERIES if n >= 4 * QUERIES else max(16, n // 8))


def _nearest_of_block(index: ProductIndex, queries: Array, kept: Array, indices: Array) -> None:
    factors, excess, _ = index.rough(queries)
    products = np.empty((len(queries), TILE), dtype=np.float32)
    n = len(index.points)
    for start, stop in blocks(n, TILE):
        tile = products[:, : stop - start]
        with np.errstate(over="ignore", invalid="ignore"):
            np.matmul(factors, index.factors[start:stop].T, out=tile)
        sift(products, stop - start, start, index.points, queries, excess, index.scale**2, kept, indices, stop == n)


def _within_of_block(index: ProductIndex, queries: Array, limit: float) -> tuple[Array, Array, Array]:
    factors, excess, _ = index.rough(queries)
    with np.errstate(over="ignore", invalid="ignore"):
        products = factors @ index.factors.T
        promising = ~(products > (limit * index.scale**2 + excess)[:, None])
    at, rows = np.nonzero(promising)
    reduced = np.empty(len(at))
    measure_pairs(queries, at, index.points, rows, 2.0, reduced)
    near = reduced <= limit
    return np.bincount(at[near], minlength=len(queries)), rows[near], reduced[near]


@exact_kernel
def sift(
    products: Array,
    width: int,
    start: int,
    points: Array,
    queries: Array,
    excess: Array,
    scale: float,
    kept: Array,
    indices: Array,
    last: bool,
) -> None:
    """Measure what the products (m, `width`) of the rows from `start` on leave possible, and keep the nearest."""
    for i in range(len(queries)):
        limit = np.float32(kept[i, 0] * scale + excess[i])
        for low in range(0, width, CHUNK):
            high = min(low + CHUNK, width)
            refused = 0
            for j in range(low, high):
                refused += products[i, j] > limit
            if refused == high - low:
                continue  #: refuse
            for j in range(low, high):
                # so written, a product that overflowed to NaN counts as possible
                if not (products[i, j] > limit):  #: promising
                    offer(kept, indices, i, reduced_distance(queries, i, points, start + j, 2.0), start + j)  #: measure
                    limit = np.float32(kept[i, 0] * scale + excess[i])
        if last:
            put_in_order(kept, indices, i)
