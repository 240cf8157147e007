"""How a t-SNE map is pulled and pushed: by a tree over its points, or pair by pair."""

from typing import Any, Protocol

import numpy as np
from scipy.special import xlogy

from diorama import _parallel
from diorama._typing import Array
from diorama.decomposition._map_kernels import BITS, LEAF, TOGETHER, plant, pull, push

BLOCK, MAX_BLOCKS = 64 * TOGETHER, 16
EPS = float(np.finfo(np.float32).eps)
WORK = 300.0  # elementary operations for each point of a map


class Forces(Protocol):
    """What the descent asks of its data; a map is (n_components, n) in single precision."""

    order: Array  # (2, n) whose first row says which point stands at each place of `pushed`

    def act(self, places: Array) -> tuple[Array, Array, float]:
        """What neighbours pull (n_components, n), what all push, in `order`, and the sum of all closeness."""

    def divergence(self, places: Array) -> float:
        """KL(p || q), in nats."""


class TreeForces:
    """Pushes of far points in bulk; the work of one step grows as n log n."""

    def __init__(self, shares: Any, angle: float) -> None:
        n = shares.shape[0]
        self.angle = angle
        self.starts, self.columns = shares.indptr.astype(np.int32), shares.indices.astype(np.uint32)
        self.shares = shares.data.astype(np.float32)
        self.certain = float(np.sum(xlogy(shares.data, shares.data)))  # sum of p log p, whatever the map
        self.order, self.codes = np.empty((2, n), np.int32), np.empty((2, n), np.uint32)
        self.counts, self.sums = np.empty(256, np.int64), np.empty((2, n + 1))
        self.ordered, self.pulled, self.pushed = (np.empty((2, n), np.float32) for _ in range(3))
        # each level has at most n squares, and those that are cut have more than a leaf's points
        room = n + 4 * BITS * (n // LEAF + 1) + 8
        self.ints, self.floats = np.empty((4, room), np.int32), np.empty((4, room), np.float32)
        size = max(BLOCK, -(-n // (MAX_BLOCKS * TOGETHER)) * TOGETHER)
        self.blocks = _parallel.blocks(n, size)
        self.near = [np.empty((3, n), np.float32) for _ in self.blocks]

    def act(self, places: Array) -> tuple[Array, Array, float]:
        nodes = self._plant(places)

        def some(number: int) -> float:
            first, last = self.blocks[number]
            pull(places, self.starts, self.columns, self.shares, first, last, self.pulled)
            return self._push(nodes, number)

        numbers = [(number,) for number in range(len(self.blocks))]
        closeness = _parallel.run(some, numbers, work=WORK * places.shape[1])
        return self.pulled, self.pushed, self._told(sum(closeness))

    def divergence(self, places: Array) -> float:
        nodes = self._plant(places)
        closeness = sum(self._push(nodes, number) for number in range(len(self.blocks)))
        apart = np.repeat(places, np.diff(self.starts), axis=1) - places[:, self.columns]
        # single precision logarithms are several times as fast, and each is right to seven digits
        reach = np.log(1 + np.einsum("di,di->i", apart, apart))
        return self.certain + float(self.shares @ reach) + float(np.log(self._told(closeness)))

    def _told(self, closeness: float) -> float:
        """Each point's closeness to itself, 1, was taken off in single precision: less than this is its rounding."""
        return max(float(closeness), len(self.blocks) * EPS)

    def _plant(self, places: Array) -> int:
        return plant(places, self.order, self.codes, self.counts, self.ordered, self.sums, self.ints, self.floats)

    def _push(self, nodes: int, number: int) -> float:
        first, last = self.blocks[number]
        tree = (self.ordered, self.ints, self.floats, nodes, self.angle)
        return push(*tree, first, last, self.near[number], self.pushed)


class PairForces:
    """Every pair by itself, in double precision: exact, and the work of one step grows as n^2."""

    def __init__(self, shares: Array) -> None:
        self.shares = shares
        self.order = np.arange(len(shares), dtype=np.int32)[None]

    def act(self, places: Array) -> tuple[Array, Array, float]:
        y, closeness = places.astype(np.float64), self._closeness(places)
        pulled, pushed = _along(self.shares * closeness, y), _along(closeness * closeness, y)
        return pulled.astype(np.float32), pushed.astype(np.float32), float(closeness.sum())

    def divergence(self, places: Array) -> float:
        closeness = self._closeness(places)
        total, closeness[closeness == 0] = closeness.sum(), 1.0
        return float(np.sum(xlogy(self.shares, self.shares) - self.shares * np.log(closeness)) + np.log(total))

    def _closeness(self, places: Array) -> Array:
        apart = places[:, :, None].astype(np.float64) - places[:, None, :]
        closeness: Array = 1.0 / (1.0 + np.einsum("dij,dij->ij", apart, apart))
        np.fill_diagonal(closeness, 0.0)
        return closeness


def _along(weights: Array, y: Array) -> Array:
    """sum_j w_ij (y_i - y_j), (n_components, n)."""
    drawn: Array = weights.sum(axis=1) * y - y @ weights.T
    return drawn
