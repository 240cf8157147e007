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
from collections.abc import Iterator
from typing import Any

import numpy as np

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering.k_means_kernels import N_SHELVES, adopt_block, lifted_centers

AT_ONCE = 8_192  # rows tried in one go


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
        filled = np.flatnonzero(self.masses)
        # rounding may put a value behind the last row, or every row may lie on a centre already
        last = filled[-1] if filled.size else 0
        shelves = np.minimum(np.searchsorted(upto, values, side="right"), last)
        left = values - (upto - self.masses)[shelves]
        return np.array([self._passed(int(shelf), value) for shelf, value in zip(shelves, left, strict=True)])

    def _passed(self, shelf: int, value: float) -> int:
        rows = self.order[self.edges[shelf] : max(self.edges[shelf + 1], self.edges[shelf] + 1)]
        along = np.cumsum(self.weights[rows] * self.closest[rows], dtype=np.float64)
        return int(rows[min(int(along.searchsorted(value, side="right")), len(rows) - 1)])

    @abstractmethod
    def attempt(self, tries: Array) -> Array:
        """By how much each of these rows would lower the potential as one more centre."""

    @abstractmethod
    def adopt(self, row: int) -> None:
        """Make a row a centre."""


class DenseNearest(Nearest):
    """Block by block, of lifted rows."""

    def __init__(self, rows: Array, weights: Array, blocks: list[tuple[int, int]]) -> None:
        super().__init__(rows, weights, np.ones(len(rows), rows.dtype))
        self.blocks = blocks
        self.near = np.zeros(len(rows), np.int32)
        self.norms = np.einsum("if,if->i", rows[:, :-1], rows[:, :-1])
        self.centers = rows[:0]

    def attempt(self, tries: Array) -> Array:
        tried = lifted_centers(self.X[tries, :-1])
        least = self._reach(tried).min(axis=1)
        work = float(tried.size) * len(self.X)
        gains: Array = sum(
            _parallel.run(self._attempt_block, [(a, b, tried, least) for a, b in self.blocks], work=work)
        )
        return gains

    def _attempt_block(self, start: int, stop: int, tried: Array, least: Array) -> Array:
        within = np.flatnonzero(self.closest[start:stop] > least[self.near[start:stop]]) + start
        gains = np.zeros(len(tried))
        for a, b in _parallel.blocks(len(within), AT_ONCE):
            some = within[a:b]
            # closest - |x|^2 - (|c|^2 - 2 x.c): what each row would gain
            gained = tried @ self.X.take(some, axis=0).T
            gained *= -2
            gained += self.closest[some] - self.norms[some]
            gains += np.maximum(gained, 0, out=gained) @ self.weights[some]
        return gains

    def adopt(self, row: int) -> None:
        adopted = lifted_centers(self.X[[row], :-1])
        if len(self.centers):
            reach = self._reach(adopted)[:, 0]
        else:
            self.closest.fill(np.inf)
            reach = np.zeros(1, self.X.dtype)
        self.centers = np.concatenate([self.centers, adopted])
        masses = np.zeros((len(self.blocks), N_SHELVES))
        _parallel.run(
            adopt_block,
            [
                (self.X[a:b], self.weights[a:b], self.shelf[a:b], self.centers, reach, closest, near, mass)
                for ((a, b), closest, near), mass in zip(self._nearest(), masses, strict=True)
            ],
            work=float(self.X.size),
        )
        self.masses = masses.sum(axis=0)

    def _nearest(self) -> Iterator[tuple[tuple[int, int], Array, Array]]:
        for a, b in self.blocks:
            yield (a, b), self.closest[a:b], self.near[a:b]

    def _reach(self, tried: Array) -> Array:
        """A quarter of the squared distances from the centres so far: (n_centers, n_trials)."""
        apart = self.centers[:, None, :-1] - tried[None, :, :-1]
        return np.ascontiguousarray(np.einsum("ctf,ctf->ct", apart, apart) / 4)


class SparseNearest(Nearest):
    """Whole columns of distances at once, from sparse products."""

    def __init__(self, X: Any, weights: Array, norms: Array) -> None:
        super().__init__(X, weights, np.ones(X.shape[0]))
        self.norms = norms
        self.n_centers = 0

    def attempt(self, tries: Array) -> Array:
        gains: Array = np.maximum(self.closest - self._distances(tries), 0.0) @ self.weights
        return gains

    def adopt(self, row: int) -> None:
        distances = self._distances(np.array([row]))[0]
        self.closest = np.minimum(self.closest, distances) if self.n_centers else distances
        self.masses = np.bincount(self.shelf, self.weights * self.closest, N_SHELVES)
        self.n_centers += 1

    def _distances(self, tries: Array) -> Array:
        products: Any = self.X[tries] @ self.X.T
        distances: Array = self.norms[tries][:, None] - 2.0 * products.toarray() + self.norms
        return np.maximum(distances, 0.0)
