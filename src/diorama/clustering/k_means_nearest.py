"""Squared distances of rows to the nearest of a growing set of centres: what k-means++ draws from.

A new centre cannot help a row whose own centre is nearer than half way to the new one, so most rows are left out once
a few centres stand [Raff 2021]_.

Rows are drawn along an order of their own, by where they lie and not by where they stand in the table: the same rows
in another order, or twice instead of with weight two, start from the same places.

References
----------
.. [Raff 2021] E. Raff, "Exact acceleration of k-means++ and k-means||", IJCAI 2021.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering.k_means_kernels import N_SHELVES, adopt_block, try_block


class Nearest(ABC):
    """Squared distances of all rows to the nearest of the centres so far; before the first, all alike."""

    def __init__(self, X: Any, weights: Array, closest: Array) -> None:
        n, n_features = X.shape
        self.X, self.weights, self.closest = X, weights, closest
        # any direction along which different rows come to lie at different places
        along = X @ np.cos(np.arange(1.0, n_features + 1.0)).astype(X.dtype)
        self.order = np.argsort(along)
        # the order cut into shelves, so that a draw looks along one shelf and not along all rows
        self.edges = np.arange(N_SHELVES + 1) * n // N_SHELVES
        self.shelf = np.empty(n, np.uint8)
        self.shelf[self.order] = np.repeat(np.arange(N_SHELVES, dtype=np.uint8), np.diff(self.edges))
        self.masses = np.bincount(self.shelf, weights, N_SHELVES)

    @property
    def potential(self) -> float:
        """Weighted sum of the squared distances."""
        return float(self.masses.sum())

    def draw(self, values: Array) -> Array:
        """Rows at which the running sum of weight x squared distance, along their order, passes each of `values`."""
        upto = np.cumsum(self.masses)
        return np.array([self._passed(upto, float(value)) for value in values])

    def _passed(self, upto: Array, value: float) -> int:
        filled = np.flatnonzero(self.masses)
        # rounding may put a value behind the last row, or every row may lie on a centre already
        last = int(filled[-1]) if filled.size else 0
        shelf = min(int(np.searchsorted(upto, value, side="right")), last)
        rows = self.order[self.edges[shelf] : max(self.edges[shelf + 1], self.edges[shelf] + 1)]
        along = np.cumsum(self.weights[rows] * self.closest[rows], dtype=np.float64)
        passed = np.searchsorted(along, value - (upto[shelf] - self.masses[shelf]), side="right")
        return int(rows[min(int(passed), len(rows) - 1)])

    @abstractmethod
    def attempt(self, tries: Array) -> Array:
        """What the potential would be with each of these rows as one more centre."""

    @abstractmethod
    def adopt(self, attempt: int) -> None:
        """Keep one of the rows last tried as a centre."""


class DenseNearest(Nearest):
    """Kept block by block, as the kernels fill them."""

    def __init__(self, X: Array, weights: Array, blocks: list[tuple[int, int]]) -> None:
        super().__init__(X, weights, np.ones(len(X), X.dtype))
        self.blocks = blocks
        self.near = np.zeros(len(X), np.int32)
        self.centers: list[Array] = []
        self.trials: list[Array] = []
        self.tried = X[:0]

    def attempt(self, tries: Array) -> Array:
        self.tried = self.X[tries]
        if not self.centers:
            self.closest.fill(np.inf)
        reach = self._reach()
        self.trials = [np.empty((len(tries), b - a), self.X.dtype) for a, b in self.blocks]
        sums = _parallel.run(
            try_block,
            [
                (self.X[a:b], self.weights[a:b], self.tried, reach, self.closest[a:b], self.near[a:b], trial)
                for (a, b), trial in zip(self.blocks, self.trials, strict=True)
            ],
            work=float(self.tried.size) * len(self.X),
        )
        total: Array = np.sum(sums, axis=0)
        return total

    def _reach(self) -> Array:
        """A quarter of the squared distances from the centres so far to the tries: (n_centers, n_trials)."""
        if not self.centers:
            return np.zeros((1, len(self.tried)), self.X.dtype)
        apart = np.array(self.centers)[:, None, :] - self.tried[None, :, :]
        quarters: Array = np.einsum("ctf,ctf->ct", apart, apart) / 4
        return quarters

    def adopt(self, attempt: int) -> None:
        center = len(self.centers)
        masses = _parallel.run(
            adopt_block,
            [
                (trial[attempt], self.weights[a:b], self.shelf[a:b], center, self.closest[a:b], self.near[a:b])
                for (a, b), trial in zip(self.blocks, self.trials, strict=True)
            ],
            work=float(len(self.X)),
        )
        self.masses = np.sum(masses, axis=0)
        self.centers.append(self.tried[attempt])


class SparseNearest(Nearest):
    """Whole columns of distances at once, from sparse products."""

    def __init__(self, X: Any, weights: Array, norms: Array) -> None:
        super().__init__(X, weights, np.ones(X.shape[0]))
        self.norms = norms
        self.trials = np.full((1, X.shape[0]), np.inf)
        self.fresh = True

    def attempt(self, tries: Array) -> Array:
        products: Any = self.X[tries] @ self.X.T
        distances = np.maximum(self.norms[tries][:, None] - 2.0 * products.toarray() + self.norms, 0.0)
        self.trials = distances if self.fresh else np.minimum(distances, self.closest)
        total: Array = self.trials @ self.weights
        return total

    def adopt(self, attempt: int) -> None:
        self.fresh = False
        self.closest = self.trials[attempt]
        self.masses = np.bincount(self.shelf, self.weights * self.closest, N_SHELVES)
