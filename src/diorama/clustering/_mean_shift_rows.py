"""The rows that mean shift climbs on, and how far it should see."""

import math
from typing import Any

import numpy as np
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_array

from diorama import _parallel
from diorama._kd_tree import KDTree
from diorama._minkowski import reduced_radius
from diorama._typing import Array
from diorama.clustering._mean_shift_kernels import climb

# rows that weigh less than half a rounding error of the nearest change nothing: exp(-37) is that
_NOTHING = 37.0
_PLACES = 64
_ROWS_AT_ONCE = 128


class ClimbedRows:
    """X (n_samples, n_features) in a k-d tree whose nodes know what their rows add up to."""

    def __init__(self, X: Array, bandwidth: float, kernel: str) -> None:
        self.origin: Array = X.mean(axis=0, dtype=np.float64)
        self.n, self.d = X.shape
        self._tree = KDTree.build(X - self.origin)
        running = np.zeros((self.n + 1, 1 + self.d))
        running[1:, 0] = np.arange(1, self.n + 1)
        np.cumsum(self._tree.points, axis=0, out=running[1:, 1:])
        start, stop = self._tree.ranges.T
        self._sums = running[stop] - running[start]
        flat = kernel == "flat"
        self._scale = 0.0 if flat else 0.5 / bandwidth**2
        self._limit = reduced_radius(bandwidth, 2.0) if flat else 2 * _NOTHING * bandwidth**2

    def climb(self, places: Array) -> tuple[Array, Array]:
        """Weight (m,) of the rows around each place (m, d), and their mean (m, d)."""
        found = np.empty((len(places), 1 + self.d))
        moved = np.ascontiguousarray(places - self.origin)
        tree = self._tree
        jobs = [
            (
                tree.points,
                tree.ranges,
                tree.boxes,
                self._sums,
                moved[a:b],
                self._limit,
                self._scale,
                np.empty(2 * tree.levels + 4, np.intp),
                found[a:b],
            )
            for a, b in _parallel.blocks(len(places), _PLACES)
        ]
        _parallel.run(climb, jobs, work=len(places) * math.sqrt(self.n) * 16 * self.d)
        return found[:, 0], found[:, 1:] + self.origin


def nearest_center(X: Array, centers: Array) -> tuple[Array, Array]:
    """Index of the nearest center of each row, and how far it is; ties go to the first."""
    from scipy.spatial.distance import cdist

    labels, away = np.empty(len(X), np.intp), np.empty(len(X))

    def part(first: int, last: int) -> None:
        distances = cdist(X[first:last], centers)
        labels[first:last] = distances.argmin(axis=1)
        away[first:last] = distances.min(axis=1)

    # places on a table of as many distances as fit the cache
    size = max(1, 65_536 // len(centers))
    _parallel.run(part, _parallel.blocks(len(X), size), work=X.size * len(centers))
    return labels, away


def estimate_bandwidth(
    X: Any, *, quantile: float = 0.3, n_samples: int | None = None, random_state: Any = 0, n_jobs: int | None = None
) -> float:
    """A bandwidth for mean shift: the mean distance of a row to its neighbour number `quantile` x n, itself included.

    Parameters
    ----------
    X : array (n_samples, n_features)
    quantile : float
        From 0 to 1: which share of the rows shall be within sight of a row.
    n_samples : int or None
        How many rows are drawn; None takes all, in time that grows with their square.
    random_state : int, RandomState or None
        Fixes which are drawn.
    n_jobs : int or None
        For compatibility: the number of threads changes nothing in the result.

    Raises
    ------
    ValueError
        A quantile outside [0, 1], data that are not finite.

    Examples
    --------
    >>> from diorama.clustering import estimate_bandwidth
    >>> estimate_bandwidth([[0.0], [1.0], [2.0], [10.0]], quantile=0.5)
    2.75
    """
    rows = check_array(X, dtype=np.float64, order="C")
    if not 0 <= quantile <= 1:
        raise ValueError(f"quantile is a share of the rows, from 0 to 1; got {quantile}.")
    if n_samples is not None:
        rows = rows[check_random_state(random_state).permutation(len(rows))[:n_samples]]
    neighbor = max(int(len(rows) * quantile), 1) - 1
    from scipy.spatial.distance import cdist

    def part(first: int, last: int) -> float:
        squared = cdist(rows[first:last], rows, "sqeuclidean")
        squared.partition(neighbor, axis=1)
        return float(np.sqrt(squared[:, neighbor]).sum())

    bounds = _parallel.blocks(len(rows), _ROWS_AT_ONCE)
    total = sum(_parallel.run(part, bounds, work=len(rows) ** 2 * rows.shape[1]))
    return float(total / len(rows))
