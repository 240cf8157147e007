"""The condensed tree: of all merges only those that join two groups large enough to be called clusters.

Read downwards, from one cluster of everything: as the distance shrinks (lambda = 1 / distance grows) a cluster loses
rows, until it breaks into two or more that are large enough, which live on under new numbers. All that merge at one
height, between rows equally far apart, part at once, as the definition has it [Campello et al. 2013]_: which of them
comes first must not matter. Rows at distance 0 of one another never part.

References
----------
.. [Campello et al. 2013] R. Campello, D. Moulavi, J. Sander, "Density-based clustering based on hierarchical density
   estimates", PAKDD 2013.
"""

from typing import NamedTuple

import numpy as np

from diorama._kernel import exact_kernel
from diorama._typing import Array
from diorama.clustering._forest import find
from diorama.clustering._spanning import Edges

ROOT = 0


class CondensedTree(NamedTuple):
    """Clusters 0 (everything), 1, 2 ..., each numbered after its parent, and when every row left which of them."""

    parent: Array  # (n_clusters,) the cluster that each came from; -1 for the root
    birth: Array  # (n_clusters,) lambda at which it came to be; 0 for the root
    size: Array  # (n_clusters,) rows that it had then
    row_cluster: Array  # (n_samples,) the last cluster of each row
    row_lambda: Array  # (n_samples,) lambda at which the row left it

    @property
    def death(self) -> Array:
        """(n_clusters,) the largest lambda at which a cluster loses rows, or breaks."""
        death = np.zeros(len(self.parent))
        np.maximum.at(death, self.row_cluster, self.row_lambda)
        np.maximum.at(death, self.parent[1:], self.birth[1:])
        return death

    @property
    def stability(self) -> Array:
        """(n_clusters,) over all rows of a cluster, the sum of the lambdas for which they were in it."""
        gained = np.bincount(
            self.row_cluster, self.row_lambda - self.birth[self.row_cluster], minlength=len(self.parent)
        )
        lived = (self.birth[1:] - self.birth[self.parent[1:]]) * self.size[1:]
        stability: Array = gained + np.bincount(self.parent[1:], lived, minlength=len(self.parent))
        return stability

    @property
    def leaves(self) -> Array:
        """The clusters that never break, unless that is the root."""
        inner = np.zeros(len(self.parent), dtype=bool)
        inner[self.parent[1:]] = True
        return np.flatnonzero(~inner[1:]) + 1

    def owners(self, selected: Array) -> Array:
        """(n_clusters,) the nearest of the `selected` clusters at or above each, -1 where there is none."""
        owner = np.full(len(self.parent), -1)
        chosen = np.zeros(len(self.parent), dtype=bool)
        chosen[selected] = True
        for cluster in range(len(owner)):
            owner[cluster] = cluster if chosen[cluster] else owner[self.parent[cluster]] if cluster else -1
        return owner

    def at(self, level: float) -> Array:
        """(n_samples,) the cluster of each row at that lambda; -1 when it has left."""
        cluster = self.row_cluster.copy()
        # up from the last cluster to the one that was there then
        while (early := self.birth[cluster] > level).any():
            cluster[early] = self.parent[cluster[early]]
        gone = (cluster == self.row_cluster) & (self.row_lambda <= level) & np.isfinite(self.row_lambda)
        return np.where(gone, -1, cluster)


def single_linkage(edges: Edges) -> Array:
    """(n - 1, 4) merges as SciPy writes them: two clusters (rows, then n + number of merge), height, size."""
    n = len(edges.lengths) + 1
    merges = np.empty((n - 1, 4))
    if n > 1:
        merge(edges.rows, edges.lengths, np.arange(2 * n - 1), np.ones(2 * n - 1, dtype=np.int64), merges)
    return merges


def condense(merges: Array, ranks: Array, min_cluster_size: int) -> CondensedTree:
    """The condensed tree of merges (n - 1, 4); those of equal `ranks` (n - 1,) are one where they hang together."""
    n = len(merges) + 1
    parent, size = np.full(n, -1), np.full(n, n)
    birth = np.zeros(n)
    # of every row and every merge: the cluster it is in, and the lambda at which it fell out of it
    cluster, fell = np.zeros(2 * n - 1, dtype=np.int64), np.full(2 * n - 1, -1.0)
    top = np.arange(n - 1)
    count = 1
    if n > 1:
        large = np.zeros(n - 1, dtype=np.int64)
        count = cut_down(merges, ranks, min_cluster_size, parent, birth, size, cluster, fell, top, large)
    row_lambda = np.where(fell[:n] < 0, 0.0, fell[:n])
    return CondensedTree(
        parent[:count].copy(), birth[:count].copy(), size[:count].copy(), cluster[:n].copy(), row_lambda
    )


@exact_kernel
def merge(rows: Array, lengths: Array, parent: Array, size: Array, merges: Array) -> None:
    """Join along the edges, shortest first; `parent` and `size` (2 n - 1,) hold the trees so far."""
    n = len(rows) + 1
    for step in range(n - 1):
        a, b = find(parent, rows[step, 0]), find(parent, rows[step, 1])
        merged = n + step
        parent[a] = parent[b] = merged
        size[merged] = size[a] + size[b]
        merges[step, 0], merges[step, 1] = min(a, b), max(a, b)
        merges[step, 2], merges[step, 3] = lengths[step], size[merged]


@exact_kernel
def cut_down(
    merges: Array,
    ranks: Array,
    min_size: int,
    parent: Array,
    birth: Array,
    size: Array,
    cluster: Array,
    fell: Array,
    top: Array,
    large: Array,
) -> int:
    """Walk the merges from the last to the first and write down what becomes of each side; returns how many clusters.

    `top` (n - 1,) becomes the last of the merges of one rank that hang together, `large` how many of all their sides
    are large enough.
    """
    n = len(merges) + 1
    for step in range(n - 2, -1, -1):
        for k in range(2):
            side = int(merges[step, k])
            if side >= n and ranks[side - n] == ranks[step]:
                top[side - n] = top[step]
            elif (merges[side - n, 3] if side >= n else 1) >= min_size:
                large[top[step]] += 1
    count = 1
    for step in range(n - 2, -1, -1):
        height, here = merges[step, 2], cluster[n + step]
        level = 1.0 / height if height > 0 else np.inf
        for k in range(2):
            side = int(merges[step, k])
            cluster[side], fell[side] = here, fell[n + step]
            if fell[side] >= 0 or (side >= n and ranks[side - n] == ranks[step] and height > 0):
                continue
            rows = int(merges[side - n, 3]) if side >= n else 1
            if rows < min_size or height == 0:
                fell[side] = level  #: fall
            elif large[top[step]] > 1:
                parent[count], birth[count], size[count] = here, level, rows  #: break
                cluster[side] = count
                count += 1
    return count
