"""Nearest rows in few dimensions: the k-d tree, with the order of the distance it is asked for."""

from typing import Any, NamedTuple

import numpy as np

from diorama._kd_tree import KDTree
from diorama._minkowski import distances, measure_pairs
from diorama._typing import Array
from diorama.neighbors._ragged import Ragged


class TreeIndex(NamedTuple):
    """A tree and the order p of its distances."""

    tree: KDTree
    p: float

    def nearest(self, queries: Any, k: int) -> tuple[Array, Array]:
        """Distances (m, k) and row numbers (m, k) of each query's `k` nearest rows, nearest first."""
        return self.tree.nearest(queries, k, self.p)

    def within(self, queries: Any, radius: float) -> Ragged:
        """The rows at most `radius` away from each query."""
        queries = np.ascontiguousarray(queries, dtype=np.float64)
        starts, rows = self.tree.within(queries, radius, self.p)
        near = Ragged(starts, rows, np.empty(len(rows)))
        order = np.lexsort((rows, near.queries))
        rows = rows[order]
        place = np.empty_like(self.tree.order)
        place[self.tree.order] = np.arange(len(place))
        reduced = np.empty(len(rows))
        measure_pairs(queries, near.queries, self.tree.points, place[rows], self.p, reduced)
        return Ragged(starts, rows, distances(reduced, self.p))
