"""The rows that k-means groups, dense or sparse: which centre each is nearest to, and what each cluster adds up to.

Distances to all centres are one matrix product. Most rows never need it: a row whose nearest centre leads by more than
the centres have travelled since keeps its centre [Hamerly 2010]_.

References
----------
.. [Hamerly 2010] G. Hamerly, "Making k-means even faster", SIAM International Conference on Data Mining, 2010.
"""

from functools import cached_property
from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy import sparse

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering.k_means_kernels import choose_few, lifted_centers, settle, settle_few
from diorama.clustering.k_means_nearest import DenseNearest, Nearest, SparseNearest, direction, draw_far

# blocks depend on the data alone, so that their sums come out the same on any number of threads
MAX_BLOCKS = 16
MIN_BLOCK = 2_048
FEW = 100_000  # numbers in a table, times the centres they are held against
HOT = 512  # rows gone over more than once: they stay in the cache
CELLS = 131_072  # of products looked at in one go: they stay in the cache


class Assignment(NamedTuple):
    """Rows put with their nearest centres, and what makes the next such search short."""

    labels: Array  # (n_samples,) index of each row's nearest centre
    inertia: float  # weighted sum of squared distances to those centres
    tally: Array  # (n_clusters, n_features + 2): weighted sums of rows less the origin, weights, rows that weigh
    slack: Array  # (n_samples,) lead of the nearest centre over the second when last looked at, plus its travel then
    travel: Array  # (n_clusters,) how far each centre has come, and in each step the fastest of the others with it

    @property
    def weights(self) -> Array:
        """(n_clusters,) weight of each cluster."""
        weights: Array = self.tally[:, -2]
        return weights


class Rows(Protocol):
    """What the algorithm asks of its data."""

    n: int
    origin: Array  # (n_features,) distances are taken from here, where rounding hurts least
    weights: Array  # (n_samples,)
    dtype: Any

    def assign(self, centers: Array, before: Assignment) -> Assignment:
        """Put each row with its nearest centre, given where it was before the centres moved."""

    def travelled(self, chosen: Assignment, moved: Array) -> Assignment:
        """Note how far each centre moved, where the next search wants to know."""

    def own_distances(self, centers: Array, labels: Array) -> tuple[Array, float]:
        """Squared distance of each row to the centre of its cluster, and their weighted sum."""

    def take(self, index: Any) -> Array:
        """Rows at these places, dense."""

    def nearest(self) -> Nearest:
        """The rows' distances to the nearest centre there is, while k-means++ chooses them."""

    def far_apart(self, chances: Array) -> Array:
        """Which rows k-means++ draws, given `chances` (n_clusters, n_trials) in [0, 1) for its draws."""


def unassigned(n_samples: int, n_clusters: int, n_features: int) -> Assignment:
    """No row has a cluster yet."""
    return Assignment(
        labels=np.full(n_samples, -1, np.int32),
        inertia=0.0,
        tally=np.zeros((n_clusters, n_features + 2)),
        slack=np.zeros(n_samples, np.float32),
        travel=np.zeros(n_clusters),
    )


class DenseRows:
    """C-contiguous rows of float32 or float64, kept less the origin and lifted, as the kernels take them."""

    def __init__(self, X: Array, weights: Array, origin: Array) -> None:
        self.X, self.weights = X, weights
        self.n, self.dtype = X.shape[0], X.dtype
        self.origin = origin.astype(X.dtype)
        self.blocks = _blocks(self.n)
        self.lifted = np.empty((self.n, X.shape[1] + 1), X.dtype)
        _parallel.run(self._lift, self.blocks, work=float(X.size))

    def _lift(self, start: int, stop: int) -> None:
        np.subtract(self.X[start:stop], self.origin, out=self.lifted[start:stop, :-1])
        self.lifted[start:stop, -1] = 1

    def assign(self, centers: Array, before: Assignment) -> Assignment:
        lifted = lifted_centers(centers - self.origin)
        if len(lifted) == 1:
            # one centre leads over a second that is out of reach
            far = np.append(np.zeros_like(centers[0]), np.finfo(self.dtype).max / 4)
            lifted = np.vstack([lifted, far], dtype=self.dtype)
        chosen = before._replace(labels=before.labels.copy(), slack=before.slack.copy())
        # the rows whose lead the centres may have used up; the slack has room for the rounding of what they travelled
        waiting = np.flatnonzero(before.slack <= before.travel.astype(np.float32)[before.labels])
        blocks = _blocks(len(waiting))
        tallies = np.zeros((len(blocks), *before.tally.shape))
        gains = _parallel.run(
            self._assign_block,
            [(waiting[a:b], lifted, before, chosen, tally) for (a, b), tally in zip(blocks, tallies, strict=True)],
            work=float(len(waiting)) * lifted.size,
        )
        tally, inertia = before.tally.copy(), before.inertia
        for added, gain in zip(tallies, gains, strict=True):
            tally += added
            inertia -= gain
        # what was added and taken away again may leave a trace of rounding; a cluster of no row weighs nothing
        tally[tally[:, -1] == 0] = 0
        return chosen._replace(inertia=max(inertia, 0.0), tally=tally)

    def _assign_block(
        self, waiting: Array, centers: Array, before: Assignment, chosen: Assignment, tally: Array
    ) -> float:
        """Let these rows choose."""
        size, gain = max(128, CELLS // len(centers)), 0.0
        for a, b in _parallel.blocks(len(waiting), size):
            some = waiting[a:b]
            old = before.labels[some]
            # rows that stand together need not be copied
            together = some[-1] - some[0] == len(some) - 1
            rows = self.lifted[some[0] : some[-1] + 1] if together else self.lifted.take(some, axis=0)
            labels, left = np.empty_like(old), np.empty(len(some), np.float32)
            products = centers @ rows.T
            gain += settle(rows, centers, products, self.weights[some], old, before.travel, labels, left, tally)
            chosen.labels[some], chosen.slack[some] = labels, left
        return gain

    def travelled(self, chosen: Assignment, moved: Array) -> Assignment:
        """Each centre's lead over the others can have shrunk by its own way and the longest of another."""
        second, first = np.sort(moved)[-2:] if moved.size > 1 else (moved[0], moved[0])
        longest = np.where(moved < first, first, second)
        return chosen._replace(travel=chosen.travel + (moved + longest) * (1 + 1e-6))

    def own_distances(self, centers: Array, labels: Array) -> tuple[Array, float]:
        near_centers = centers - self.origin
        distances = np.empty(self.n)

        def measure(start: int, stop: int) -> float:
            total = 0.0
            for a, b in _parallel.blocks(stop - start, MIN_BLOCK):
                piece = slice(start + a, start + b)
                apart = self.lifted[piece, :-1] - near_centers[labels[piece]]
                distances[piece] = np.einsum("if,if->i", apart, apart, dtype=np.float64)
                total += float(distances[piece] @ self.weights[piece])
            return total

        return distances, float(sum(_parallel.run(measure, self.blocks, work=float(self.X.size))))

    def take(self, index: Any) -> Array:
        taken: Array = self.X[index]
        return taken

    def nearest(self) -> Nearest:
        return DenseNearest(self.lifted, self.weights, self.measures, self.blocks)

    def far_apart(self, chances: Array) -> Array:
        return draw_far(self.nearest(), chances)

    @cached_property
    def measures(self) -> Array:
        """(2, n_samples) squared distance of each row to the origin, and where it lies along a direction."""
        measures, way = np.empty((2, self.n), self.dtype), np.append(direction(self.X), 0).astype(self.dtype)

        def measure(start: int, stop: int) -> None:
            for a, b in _parallel.blocks(stop - start, HOT):
                piece = slice(start + a, start + b)
                rows = self.lifted[piece]
                np.einsum("if,if->i", rows[:, :-1], rows[:, :-1], out=measures[0, piece])
                np.matmul(rows, way, out=measures[1, piece])

        _parallel.run(measure, self.blocks, work=float(self.X.size))
        return measures

    def variance(self) -> float:
        """Mean variance of the columns, when the origin is their mean."""
        return float(self.measures[0].sum(dtype=np.float64)) / self.X.size


class FewRows(DenseRows):
    """Rows so few that one kernel looks at them all in less time than it takes to say which may be left out."""

    def assign(self, centers: Array, before: Assignment) -> Assignment:
        labels, tally = np.empty_like(before.labels), np.zeros_like(before.tally)
        inertia = settle_few(self.lifted, self.origin - centers, self.weights, before.labels, labels, tally)
        return Assignment(labels, inertia, tally, before.slack, before.travel)

    def travelled(self, chosen: Assignment, moved: Array) -> Assignment:
        return chosen

    def far_apart(self, chances: Array) -> Array:
        order, chosen = np.argsort(self.measures[1]), np.empty(len(chances), np.intp)
        room = np.ones(self.n), np.empty(self.n), np.empty(self.n)
        choose_few(self.lifted[order], self.weights[order], chances, chosen, *room)
        return np.asarray(order[chosen])


def dense_rows(X: Array, weights: Array, n_clusters: int) -> DenseRows:
    """Rows less their mean, as suits how many there are."""
    kind = FewRows if X.size * n_clusters <= FEW else DenseRows
    return kind(X, weights, column_means(X))


def _blocks(n: int) -> list[tuple[int, int]]:
    return _parallel.blocks(n, max(MIN_BLOCK, -(-n // MAX_BLOCKS)))


def column_means(X: Array) -> Array:
    """Mean of each column, in double precision."""
    shift = X[0].astype(np.float64)
    sums = _parallel.run(_sums, [(X[a:b], shift) for a, b in _blocks(len(X))], work=float(X.size))
    return np.asarray(sum(sums) / len(X) + shift)


def _sums(X: Array, shift: Array) -> Array:
    """Sums of the columns less `shift`: (n_features,)."""
    ones = np.ones(HOT)
    parts = [ones[: b - a] @ (X[a:b] - shift) for a, b in _parallel.blocks(len(X), HOT)]
    return np.asarray(sum(parts))


class SparseRows:
    """Rows in compressed sparse form, whose products scipy takes; a block of distances at a time."""

    CELLS = 4_000_000  # of distances held at once

    def __init__(self, X: Any, weights: Array) -> None:
        self.X, self.weights = X, weights
        self.n, self.dtype = X.shape[0], X.dtype
        self.origin = np.zeros(X.shape[1], X.dtype)
        self.norms = np.asarray(X.multiply(X).sum(axis=1), dtype=np.float64).ravel()

    def assign(self, centers: Array, before: Assignment) -> Assignment:
        n_clusters = len(centers)
        labels = np.empty_like(before.labels)
        halves = np.einsum("jf,jf->j", centers, centers) / 2
        for a, b in _parallel.blocks(self.n, max(1, self.CELLS // n_clusters)):
            labels[a:b] = (halves - self.X[a:b] @ centers.T).argmin(axis=1)
        members = sparse.csr_array(
            (self.weights.astype(np.float64), (labels, np.arange(self.n))), shape=(n_clusters, self.n)
        )
        rows = np.bincount(labels[self.weights > 0], minlength=n_clusters)
        sums = np.asarray((members @ self.X).todense(), dtype=np.float64)
        tally = np.column_stack([sums, np.asarray(members.sum(axis=1)).ravel(), rows])
        return before._replace(labels=labels, tally=tally, inertia=self.own_distances(centers, labels)[1])

    def travelled(self, chosen: Assignment, moved: Array) -> Assignment:
        return chosen

    def own_distances(self, centers: Array, labels: Array) -> tuple[Array, float]:
        exact = centers.astype(np.float64)
        distances = np.empty(self.n)
        for a, b in _parallel.blocks(self.n, max(1, self.CELLS // len(centers))):
            own = labels[a:b]
            cross = (self.X[a:b] @ exact.T)[np.arange(b - a), own]
            distances[a:b] = self.norms[a:b] - 2 * cross + np.einsum("jf,jf->j", exact, exact)[own]
        # the difference of large numbers may fall below zero by their rounding
        np.maximum(distances, 0.0, out=distances)
        return distances, float(self.weights @ distances)

    def take(self, index: Any) -> Array:
        taken: Array = self.X[np.atleast_1d(index)].toarray()
        return taken

    def nearest(self) -> Nearest:
        return SparseNearest(self.X, self.weights, self.norms)

    def far_apart(self, chances: Array) -> Array:
        return draw_far(self.nearest(), chances)
