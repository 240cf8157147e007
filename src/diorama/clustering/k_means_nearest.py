"""Squared distances of rows to the nearest of a growing set of centres: what k-means++ draws from.

A new centre cannot help a row whose own centre is nearer than half way to the new one, so most rows are left out once
a few centres stand [Raff 2021]_.

References
----------
.. [Raff 2021] E. Raff, "Exact acceleration of k-means++ and k-means||", IJCAI 2021.
"""

from typing import Any, Protocol

import numpy as np

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering.k_means_kernels import adopt_block, find_row, try_block


class Nearest(Protocol):
    """Squared distances of all rows to the nearest of the centres so far."""

    def draw(self, values: Array) -> Array:
        """Rows at which the running sum of weight x squared distance reaches each of `values`."""

    def attempt(self, tries: Array) -> Array:
        """What the weighted sum would be with each of these rows as one more centre."""

    def adopt(self, attempt: int) -> float:
        """Keep one of the rows last tried as a centre; returns the weighted sum."""


class DenseNearest:
    """Kept block by block, as the kernels fill them."""

    def __init__(self, X: Array, weights: Array, blocks: list[tuple[int, int]]) -> None:
        self.X, self.weights, self.blocks = X, weights, blocks
        self.closest = np.full(len(X), np.inf, X.dtype)
        self.near = np.zeros(len(X), np.int32)
        self.centers: list[Array] = []
        self.trials: list[Array] = []
        self.tried = np.empty((0, X.shape[1]), X.dtype)
        self.sums: list[float] = []

    def draw(self, values: Array) -> Array:
        upto = np.cumsum(self.sums)
        found = []
        for value in values:
            block = min(int(np.searchsorted(upto, value)), len(upto) - 1)
            below = float(upto[block - 1]) if block else 0.0
            found.append(find_row(self.closest, self.weights, *self.blocks[block], below, float(value)))
        return np.array(found)

    def attempt(self, tries: Array) -> Array:
        self.tried = self.X[tries]
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

    def adopt(self, attempt: int) -> float:
        self.sums = _parallel.run(
            adopt_block,
            [
                (trial[attempt], self.weights[a:b], len(self.centers), self.closest[a:b], self.near[a:b])
                for (a, b), trial in zip(self.blocks, self.trials, strict=True)
            ],
            work=float(len(self.X)),
        )
        self.centers.append(self.tried[attempt])
        return float(sum(self.sums))


class SparseNearest:
    """Whole columns of distances at once, from sparse products."""

    def __init__(self, X: Any, weights: Array, norms: Array) -> None:
        self.X, self.weights, self.norms = X, weights, norms
        self.closest = np.full(len(norms), np.inf)
        self.trials = np.empty((0, len(norms)))

    def draw(self, values: Array) -> Array:
        found = np.searchsorted(np.cumsum(self.weights * self.closest), values)
        return np.minimum(found, len(self.closest) - 1)

    def attempt(self, tries: Array) -> Array:
        X, norms = self.X, self.norms
        products: Any = X[tries] @ X.T
        distances = norms[tries][:, None] - 2.0 * products.toarray() + norms
        self.trials = np.minimum(np.maximum(distances, 0.0), self.closest)
        total: Array = self.trials @ self.weights
        return total

    def adopt(self, attempt: int) -> float:
        self.closest = self.trials[attempt]
        return float(self.closest @ self.weights)
