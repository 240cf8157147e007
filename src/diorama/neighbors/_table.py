"""Nearest rows by measuring every pair: for sparse rows, for distances given, and for any way to measure.

The table of distances is made for a block of queries at a time, and of each row the smallest are kept.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from diorama._k_smallest import offer, put_in_order
from diorama._kernel import exact_kernel
from diorama._minkowski import added, distances, reduced_distance
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.neighbors._ragged import Ragged

CELLS_AT_ONCE = 2_000_000
CELL = 16  # elementary operations that a cell costs at least


class TableIndex(NamedTuple):
    """Rows, and how the distances to them are taken."""

    points: Any  # (n, n_features) dense or CSR; unused for given distances
    metric: str | Callable[..., float]  # "minkowski", "precomputed", or a name or function for pairwise_distances
    p: float
    options: dict[str, Any]  # what else the metric takes

    def nearest(self, queries: Any, k: int) -> tuple[Array, Array]:
        """Distances (m, k) and row numbers (m, k) of each query's `k` nearest rows, nearest first."""
        m, n = queries.shape[0], self.points.shape[0]
        found = np.full((m, k), np.inf), np.full((m, k), n)

        def keep(low: int, high: int) -> None:
            keep_smallest(self.table(queries[low:high]), found[0][low:high], found[1][low:high])

        run(keep, self._blocks(m), work=float(CELL) * m * n)
        return found

    def within(self, queries: Any, radius: float) -> Ragged:
        """The rows at most `radius` away from each query."""

        def look(low: int, high: int) -> tuple[Array, Array, Array]:
            table = self.table(queries[low:high])
            at, rows = np.nonzero(table <= radius)
            return np.bincount(at, minlength=high - low), rows, table[at, rows]

        m = queries.shape[0]
        return Ragged.joined(run(look, self._blocks(m), work=float(CELL) * m * self.points.shape[0]))

    def table(self, queries: Any) -> Array:
        """(m, n) distances from every query to every row."""
        if self.metric == "precomputed":
            return np.ascontiguousarray(queries, dtype=np.float64)
        # what a Minkowski distance takes besides its order is not ours to add up
        if self.metric != "minkowski" or self.options:
            from sklearn.metrics import pairwise_distances  # only where it is wanted: it loads for a while

            found = pairwise_distances(queries, self.points, metric=self.metric, **self.options)
            return np.ascontiguousarray(found, dtype=np.float64)
        table = np.empty((queries.shape[0], self.points.shape[0]))
        if sparse.issparse(self.points) or sparse.issparse(queries):
            measure_sparse(*_parts(queries), *_parts(self.points), float(self.p), table)
        else:
            measure(np.ascontiguousarray(queries, dtype=np.float64), self.points, float(self.p), table)
        return distances(table, self.p)

    def _blocks(self, m: int) -> list[tuple[int, int]]:
        return blocks(m, max(1, min(256, CELLS_AT_ONCE // self.points.shape[0])))


def _parts(rows: Any) -> tuple[Array, Array, Array]:
    """Numbers, columns and starts of a table's rows, the columns rising within each."""
    table = sparse.csr_array(rows, dtype=np.float64, copy=True)
    table.sum_duplicates()
    # whether columns are numbered in 32 or 64 bits, the kernel is one
    return table.data, table.indices.astype(np.int64), table.indptr.astype(np.int64)


@exact_kernel
def keep_smallest(table: Array, kept: Array, indices: Array) -> None:
    """The smallest of each row of `table` (m, n) into `kept` (m, k) and `indices` (m, k), smallest first."""
    for i in range(len(table)):
        for j in range(table.shape[1]):
            offer(kept, indices, i, table[i, j], j)  #: measure
        put_in_order(kept, indices, i)


@exact_kernel
def measure(queries: Array, points: Array, p: float, table: Array) -> None:
    """Reduced distances of order `p` from every query to every point."""
    for i in range(len(queries)):
        for k in range(len(points)):
            table[i, k] = reduced_distance(queries, i, points, k, p)


@exact_kernel
def measure_sparse(
    x: Array, x_columns: Array, x_starts: Array, y: Array, y_columns: Array, y_starts: Array, p: float, table: Array
) -> None:
    """The same between sparse rows: both are walked in the order of their columns, and only what stands is added."""
    for i in range(len(x_starts) - 1):
        for k in range(len(y_starts) - 1):
            a, b = x_starts[i], y_starts[k]
            total = 0.0
            while a < x_starts[i + 1] or b < y_starts[k + 1]:
                in_x = b == y_starts[k + 1] or (a < x_starts[i + 1] and x_columns[a] <= y_columns[b])
                in_y = a == x_starts[i + 1] or (b < y_starts[k + 1] and y_columns[b] <= x_columns[a])
                gap = (x[a] if in_x else 0.0) - (y[b] if in_y else 0.0)
                a += in_x
                b += in_y
                total = added(total, abs(gap), p)
            table[i, k] = total
