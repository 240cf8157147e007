"""Who is within reach of whom by any way to measure: a block of rows of the table of distances at a time."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np

from diorama._kernel import exact_kernel
from diorama._parallel import blocks
from diorama._typing import Array
from diorama.clustering._forest import find, unite

CELLS_AT_ONCE = 4_000_000


class ReachTable(NamedTuple):
    """Rows, and a function that says of some of them who is within reach of each."""

    n: int
    near: Callable[[Any], Array]  # row numbers or a slice -> (m, n) whether each row is within reach

    @classmethod
    def of(cls, X: Any, radius: float, metric: Any, options: dict[str, Any]) -> "ReachTable":
        """The table over rows X, dense or sparse; for metric "precomputed" X (n, n) are the distances."""
        if metric == "precomputed":
            return cls(X.shape[0], _near_in_graph(X, radius) if hasattr(X, "indptr") else lambda at: X[at] <= radius)
        # imported here because only this needs it, and it takes long
        from diorama.neighbors._table import TableIndex

        index = TableIndex(X, metric, float(options.get("p", 2.0)), options if metric != "minkowski" else {})
        return cls(X.shape[0], lambda at: index.table(X[at]) <= radius)

    def core(self, weights: Array, need: float) -> Array:
        """(n,) whether the rows within reach of each row weigh `need` together."""
        return np.concatenate([self.near(rows) @ weights.astype(float) for rows in self._blocks()]) >= need

    def sets(self, core: Array) -> Array:
        """(n,) a number for each core row that it shares with all core rows it hangs together with; -1 for others."""
        parent = np.where(core, np.arange(self.n), -1)
        for rows in self._blocks():
            join(self.near(rows), rows.start, parent)
        lead(parent)
        return parent

    def adopt(self, core: Array, labels: Array) -> Array:
        """`labels` (n,) with the smallest label of a core row within reach for every row that is not core."""
        adopted = labels.copy()
        for rows in self._blocks():
            others = np.flatnonzero(~core[rows]) + rows.start
            if len(others):
                reached = np.where(self.near(others) & core, labels, self.n).min(axis=1)
                adopted[others] = np.where(reached == self.n, -1, reached)
        return adopted

    def around(self, rows: Array) -> Array:
        """The rows within reach of any of these."""
        return np.flatnonzero(self.near(rows).any(axis=0))

    def _blocks(self) -> Iterator[slice]:
        for start, stop in blocks(self.n, max(1, CELLS_AT_ONCE // self.n)):
            yield slice(start, stop)


def _near_in_graph(X: Any, radius: float) -> Callable[[Any], Array]:
    """Of a sparse table only what is stored counts as a distance; each row is within its own reach."""

    def near(at: Any) -> Array:
        part = X[at]
        rows = np.repeat(np.arange(part.shape[0]), np.diff(part.indptr))
        found = np.zeros(part.shape, dtype=bool)
        found[rows, part.indices] = part.data <= radius
        found[np.arange(part.shape[0]), np.arange(X.shape[0])[at]] = True
        return found

    return near


@exact_kernel
def join(near: Array, start: int, parent: Array) -> None:
    """Unite in `parent` (-1 for who is not core) the rows from `start` on with all rows that `near` (m, n) says."""
    for i in range(len(near)):
        if parent[start + i] < 0:
            continue
        root = find(parent, start + i)
        for j in range(near.shape[1]):
            if near[i, j] and parent[j] >= 0 and find(parent, j) != root:
                root = unite(parent, root, j)


@exact_kernel
def lead(parent: Array) -> None:
    """Lead every row of a set to its root."""
    for row in range(len(parent)):
        if parent[row] >= 0:
            parent[row] = find(parent, row)
