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
from diorama.clustering.k_means_kernels import adopt_block, lifted_centers

AT_ONCE = 8_192  # rows tried in one go
# rows that many are judged by: so many at first, and more for each centre there is, which has its share of them
SAMPLE, SAMPLE_MORE = 2_048, 128


def direction(X: Any) -> Array:
    """Any direction along which different rows come to lie at different places: (n_features,)."""
    return np.asarray(np.cos(np.arange(1.0, X.shape[1] + 1.0)).astype(X.dtype))


class Nearest(ABC):
    """Squared distances of all rows to the nearest of the centres so far; before the first, all alike."""

    def __init__(self, X: Any, weights: Array, closest: Array, along: Array) -> None:
        self.X, self.weights, self.closest = X, weights, closest
        self.order = np.argsort(along)
        self._passed: Array | None = None

    @property
    def passed(self) -> Array:
        """Running sum of weight x squared distance, along the order."""
        if self._passed is None:
            masses = np.multiply(self.weights, self.closest, dtype=np.float64)
            self._passed = np.cumsum(masses.take(self.order))
        return self._passed

    @property
    def potential(self) -> float:
        """Weighted sum of the squared distances."""
        return float(self.passed[-1])

    def draw(self, values: Array) -> Array:
        """Rows at which the running sum passes each of `values`."""
        # rounding may put a value behind the last row that weighs; every row may lie on a centre already
        last = self.passed.searchsorted(self.potential)
        found = np.minimum(self.passed.searchsorted(values, side="right"), last)
        return np.asarray(self.order[found])

    @abstractmethod
    def attempt(self, tries: Array) -> Array:
        """By how much each of these rows would lower the potential as one more centre."""

    def adopt(self, row: int) -> None:
        """Make a row a centre."""
        self._adopt(row)
        self._passed = None

    @abstractmethod
    def _adopt(self, row: int) -> None:
        """Let rows go over to this one where it is nearer."""


def draw_far(nearest: Nearest, chances: Array) -> Array:
    """Rows drawn one after another, the best of a few draws each: see `Rows.far_apart`."""
    chosen = [int(nearest.draw(chances[0, :1] * nearest.potential)[0])]
    nearest.adopt(chosen[0])
    for tries in chances[1:]:
        rows = nearest.draw(tries * nearest.potential)
        chosen.append(int(rows[np.argmax(nearest.attempt(rows))]))
        nearest.adopt(chosen[-1])
    return np.array(chosen)


class DenseNearest(Nearest):
    """Block by block, of lifted rows."""

    def __init__(self, rows: Array, weights: Array, measures: Array, blocks: list[tuple[int, int]]) -> None:
        super().__init__(rows, weights, np.ones(len(rows), rows.dtype), measures[1])
        self.norms, self.blocks = measures[0], blocks
        self.near = np.zeros(len(rows), np.int32)
        self.centers = rows[:0]

    def attempt(self, tries: Array) -> Array:
        tried = lifted_centers(self.X[tries, :-1])
        size = SAMPLE + SAMPLE_MORE * len(self.centers)
        if len(self.X) > 2 * size and self.potential > 0:
            return self._attempt_sample(tried, size)
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
            gains += self._gained(some, tried) @ self.weights[some]
        return gains

    def _attempt_sample(self, tried: Array, size: int) -> Array:
        """The same from rows spaced evenly along the running sum, each of which stands for as much of it."""
        sample = self.draw((np.arange(size) + 0.5) * (self.potential / size))

        def gains(start: int, stop: int) -> Array:
            some = sample[start:stop]
            return np.asarray(self._gained(some, tried) @ (1 / self.closest[some]))

        work = float(tried.size) * size
        parts = _parallel.run(gains, _parallel.blocks(size, SAMPLE), work=work)
        return np.asarray(sum(parts) * (self.potential / size))

    def _gained(self, some: Array, tried: Array) -> Array:
        """By how much each of these rows would be nearer: closest - |x|^2 - (|c|^2 - 2 x.c), (n_trials, n)."""
        gained: Array = tried @ self.X.take(some, axis=0).T
        gained *= -2
        gained += self.closest[some] - self.norms[some]
        return np.maximum(gained, 0, out=gained)

    def _adopt(self, row: int) -> None:
        adopted = lifted_centers(self.X[[row], :-1])
        if len(self.centers):
            reach = self._reach(adopted)[:, 0]
        else:
            self.closest.fill(np.inf)
            reach = np.zeros(1, self.X.dtype)
        self.centers = np.concatenate([self.centers, adopted])
        _parallel.run(
            adopt_block,
            [(self.X[a:b], self.centers, reach, self.closest[a:b], self.near[a:b]) for a, b in self.blocks],
            work=float(self.X.size),
        )

    def _reach(self, tried: Array) -> Array:
        """A quarter of the squared distances from the centres so far: (n_centers, n_trials)."""
        apart = self.centers[:, None, :-1] - tried[None, :, :-1]
        return np.ascontiguousarray(np.einsum("ctf,ctf->ct", apart, apart) / 4)


class SparseNearest(Nearest):
    """Whole columns of distances at once, from sparse products."""

    def __init__(self, X: Any, weights: Array, norms: Array) -> None:
        super().__init__(X, weights, np.ones(X.shape[0]), X @ direction(X))
        self.norms = norms
        self.n_centers = 0

    def attempt(self, tries: Array) -> Array:
        gains: Array = np.maximum(self.closest - self._distances(tries), 0.0) @ self.weights
        return gains

    def _adopt(self, row: int) -> None:
        distances = self._distances(np.array([row]))[0]
        self.closest = np.minimum(self.closest, distances) if self.n_centers else distances
        self.n_centers += 1

    def _distances(self, tries: Array) -> Array:
        products: Any = self.X[tries] @ self.X.T
        distances: Array = self.norms[tries][:, None] - 2.0 * products.toarray() + self.norms
        return np.maximum(distances, 0.0)
