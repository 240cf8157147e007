"""The whole tree of merges of agglomerative clustering, by the way that suits how clusters are measured.

single: the shortest tree through the points [Prim 1957]_, without a table of distances. ward, centroid, median: on the
clusters' middles, always the nearest two, each cluster remembering its neighbour [Müllner 2011]_. complete, average:
nearest-neighbour chains on a table of distances, updated in place [Murtagh 1983]_, which also do single and ward where
there is only a table, or where the columns are so many that a table is quicker.

References
----------
.. [Prim 1957] R. C. Prim, "Shortest connection networks and some generalizations", Bell System Technical Journal 36.
.. [Murtagh 1983] F. Murtagh, "A survey of recent advances in hierarchical clustering algorithms", The Computer
   Journal 26 (4), 1983.
.. [Müllner 2011] D. Müllner, "Modern hierarchical, agglomerative clustering algorithms", arXiv:1109.2378.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering import _linkage_kernels as kernels

METHODS = {"single": 0, "complete": 1, "average": 2, "ward": 3, "centroid": 4, "median": 5}
MIDDLES = ("ward", "centroid", "median")  # are taken between the middles of clusters: of Euclid's distances only
CITY = ("manhattan", "cityblock", "l1")
EUCLID = ("euclidean", "l2")
# more columns than these, and a table of distances is quicker than asking the points again and again
WIDE = 48
_ROWS_AT_ONCE = 64


def linkage_matrix(X: Array, linkage: str, metric: Any) -> Array:
    """The tree of merges as SciPy writes it, (n - 1, 4): two clusters, their height, how many rows the new one has.

    `X` holds rows (n, d), or for metric "precomputed" distances (n, n); numbers from n on are clusters made before.
    """
    merges = _merges(X, linkage, metric) if len(X) > 1 else np.empty((0, 3))
    if linkage not in ("centroid", "median"):
        merges = merges[np.argsort(merges[:, 2], kind="stable")]
    tree = np.empty((len(merges), 4))
    kernels.name_clusters(merges, np.arange(2 * len(X) - 1), tree)
    return tree


def way(linkage: str, metric: Any, n_features: int) -> Callable[..., None]:
    """The kernel that makes this tree."""
    if linkage == "single" and (metric == "cosine" or metric in EUCLID or metric in CITY):
        return kernels.span_points
    if linkage in MIDDLES and not (linkage == "ward" and n_features > WIDE):
        return kernels.merge_points
    return kernels.chain


def _merges(X: Array, linkage: str, metric: Any) -> Array:
    """(n - 1, 3) merges in no order: a row of each cluster, and the height."""
    chosen = way(linkage, metric, X.shape[1])
    if chosen is kernels.span_points:
        return _spanned(X, metric)
    if chosen is kernels.merge_points:
        return _merged(X, METHODS[linkage])
    return _chained(X, linkage, metric)


def _chained(X: Array, linkage: str, metric: Any) -> Array:
    n, method = len(X), METHODS[linkage]
    # the farthest pair stays the farthest when all distances are squared, so the roots can wait
    squared = linkage == "ward" or (linkage == "complete" and metric in EUCLID)
    measured = _measured(X, "sqeuclidean" if squared else metric)
    merges, rows, sizes = np.empty((n - 1, 3)), np.arange(n), np.ones(n)
    n_pairs, factor = 0, 1.0
    if measured is None:
        table = _any_table(X, metric)
    else:
        points, power, root, factor = measured
        if linkage in ("average", "complete") and len(points) <= WIDE:
            # points that are each other's nearest merge first whatever else does: more than half of the table is spared
            pairs, heights = _mutual(points, power)
            n_pairs = len(pairs)
            merges[:n_pairs] = np.column_stack([pairs, np.sqrt(heights) if root else heights])
            left = np.ones(n, bool)
            left[pairs] = False
            order = np.concatenate([pairs.ravel(), np.flatnonzero(left)])
            points = np.ascontiguousarray(points[:, order])
            rows, sizes = np.concatenate([pairs[:, 0], order[2 * n_pairs :]]), sizes[n_pairs:]
            sizes[:n_pairs] = 2.0
        table = _table(points, power, root, n_pairs, linkage == "average")
    np.fill_diagonal(table, np.inf)
    m = len(table)
    kernels.chain(table.reshape(-1), sizes, np.zeros(m), rows, np.zeros(m, np.intp), method, merges[n_pairs:])
    merges[:, 2] *= factor
    if squared:
        np.sqrt(np.maximum(merges[:, 2], 0), out=merges[:, 2])
    return merges


def _mutual(points: Array, power: int) -> tuple[Array, Array]:
    """(n_pairs, 2) columns that are each other's nearest, and (n_pairs,) how far they are."""
    n = points.shape[1]
    near, whose = np.empty(n), np.empty(n, np.intp)
    jobs = [(points, power, first, last, near, whose, np.empty(n)) for first, last in _pieces(n)]
    _parallel.run(kernels.nearest_others, jobs, work=n * points.size)
    left = np.flatnonzero((whose[whose] == np.arange(n)) & (np.arange(n) < whose))
    return np.column_stack([left, whose[left]]), near[left]


def _table(points: Array, power: int, root: bool, n_pairs: int, mean: bool) -> Array:
    """(m, m) distances of clusters, the first `n_pairs` of them of two points."""
    n = points.shape[1]
    table = np.empty((n - n_pairs, n - n_pairs))
    jobs = [
        (points, power, root, n_pairs, mean, first, last, table, np.empty((2, n)))
        for first, last in _pieces(n - n_pairs)
    ]
    _parallel.run(kernels.fill_rows, jobs, work=n * points.size)
    return table


def _pieces(n: int) -> list[tuple[int, int]]:
    return _parallel.blocks(n, max(_ROWS_AT_ONCE, -(-n // 32)))


def _spanned(X: Array, metric: Any) -> Array:
    n = len(X)
    if metric == "cosine":
        X = _directions(X)
    points = np.array((X - X.mean(axis=0)).T, order="C")
    merges = np.empty((n - 1, 3))
    power = 1 if metric in CITY else 2
    kernels.span_points(points, power, np.empty(n), np.zeros(n, np.intp), np.arange(n), np.empty(n), merges)
    if metric == "cosine":
        merges[:, 2] /= 2  # |u - v|^2 = 2 - 2 cos
    elif power == 2:
        np.sqrt(merges[:, 2], out=merges[:, 2])
    return merges


def _merged(X: Array, method: int) -> Array:
    n = len(X)
    points, weights = np.array((X - X.mean(axis=0)).T, order="C"), np.ones(n)
    near, whose = np.empty(n), np.empty(n, np.intp)
    jobs = [(points, weights, method, first, last, near, whose, np.empty(n)) for first, last in _pieces(n)]
    _parallel.run(kernels.nearest_points, jobs, work=n * n * X.shape[1])
    merges = np.empty((n - 1, 3))
    kernels.merge_points(points, weights, method, near, whose, np.arange(n), np.empty(n), merges)
    np.sqrt(merges[:, 2], out=merges[:, 2])
    return merges


def _directions(X: Array) -> Array:
    """Rows of length one; a row of zeros has no direction."""
    lengths = np.linalg.norm(X, axis=1, keepdims=True)
    if not lengths.all():
        raise ValueError(
            f"Cosine affinity cannot be used when X contains zero vectors: row {int(np.argmin(lengths))} is all zeros."
        )
    return np.asarray(X / lengths)


def _measured(X: Array, metric: Any) -> tuple[Array, int, bool, float] | None:
    """Points (d, n) whose sums of |difference|^power, or their `root`, times a factor are the distances of rows."""
    if metric == "cosine":
        return np.array(_directions(X).T, order="C"), 2, False, 0.5  # |u - v|^2 = 2 - 2 cos
    if metric in CITY or metric in EUCLID or metric == "sqeuclidean":
        return np.array((X - X.mean(axis=0)).T, order="C"), 1 if metric in CITY else 2, metric in EUCLID, 1.0
    return None


def _any_table(X: Array, metric: Any) -> Array:
    """(n, n) distances between all rows, double precision, never the caller's own array."""
    if metric == "precomputed":
        return np.array(X, dtype=np.float64, order="C")
    from sklearn.metrics import pairwise_distances

    return np.array(pairwise_distances(X, metric=metric), dtype=np.float64, order="C")
