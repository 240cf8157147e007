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
    n = len(X)
    # the farthest pair stays the farthest when all distances are squared, so the roots can wait
    squared = linkage == "ward" or (linkage == "complete" and metric in EUCLID)
    table = distance_table(X, "sqeuclidean" if squared else metric)
    np.fill_diagonal(table, np.inf)
    merges = np.empty((n - 1, 3))
    counts = np.arange(n), np.zeros(n, np.intp)
    kernels.chain(table.reshape(-1), np.ones(n), np.zeros(n), *counts, METHODS[linkage], merges)
    if squared:
        np.sqrt(np.maximum(merges[:, 2], 0), out=merges[:, 2])
    return merges


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
    jobs = [
        (points, weights, method, first, last, near, whose, np.empty(n))
        for first, last in _parallel.blocks(n, max(_ROWS_AT_ONCE, -(-n // 32)))
    ]
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


def distance_table(X: Array, metric: Any) -> Array:
    """(n, n) distances between all rows, double precision, never the caller's own array."""
    n = len(X)
    if metric == "precomputed":
        return np.array(X, dtype=np.float64, order="C")
    if metric == "cosine":
        X = _directions(X)
        metric = "half square"
    squared = metric in ("sqeuclidean", "half square")
    if not (squared or metric in EUCLID or metric in CITY):
        from sklearn.metrics import pairwise_distances

        return np.array(pairwise_distances(X, metric=metric), dtype=np.float64, order="C")
    points, table = np.array((X - X.mean(axis=0)).T, order="C"), np.empty((n, n))

    settings = points, 1 if metric in CITY else 2, metric in EUCLID
    jobs = [(*settings, first, last, table) for first, last in _parallel.blocks(n, _ROWS_AT_ONCE)]
    _parallel.run(kernels.fill_rows, jobs, work=n * n * X.shape[1])
    if metric == "half square":
        table /= 2
    return table
