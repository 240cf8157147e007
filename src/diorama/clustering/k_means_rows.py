"""The rows that k-means groups, dense or sparse: which centre each is nearest to, and what each cluster adds up to."""

from typing import Any, NamedTuple, Protocol

import numpy as np
from scipy import sparse

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering.k_means_kernels import Scratch, assign_block, own_distances_block
from diorama.clustering.k_means_nearest import DenseNearest, Nearest, SparseNearest

# blocks depend on the data alone, so that their sums come out the same on any number of threads
MAX_BLOCKS = 16
MIN_BLOCK = 2_048


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

    def own_distances(self, centers: Array, labels: Array) -> tuple[Array, float]:
        """Squared distance of each row to the centre of its cluster, and their weighted sum."""

    def take(self, index: Any) -> Array:
        """Rows at these places, dense."""

    def nearest(self) -> Nearest:
        """The rows' distances to the nearest centre there is, while k-means++ chooses them."""


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
    """C-contiguous rows of float32 or float64."""

    def __init__(self, X: Array, weights: Array, origin: Array) -> None:
        self.X, self.weights = X, weights
        self.n, self.dtype = X.shape[0], X.dtype
        self.origin = origin.astype(X.dtype)
        size = max(MIN_BLOCK, -(-self.n // MAX_BLOCKS))
        self.blocks = _parallel.blocks(self.n, size)
        self._rows = [(X[a:b], weights[a:b], self.origin) for a, b in self.blocks]

    def assign(self, centers: Array, before: Assignment) -> Assignment:
        n_clusters, n_features = centers.shape
        near_centers = _padded(centers - self.origin)
        labels, slack = np.empty_like(before.labels), np.empty_like(before.slack)
        tallies = np.zeros((len(self.blocks), *before.tally.shape))
        arguments = []
        for rows, (a, b), tally in zip(self._rows, self.blocks, tallies, strict=True):
            seen = (before.travel, before.labels[a:b], before.slack[a:b])
            scratch = Scratch.of(near_centers[0].shape[1], self.dtype)
            arguments.append((rows, near_centers, *seen, labels[a:b], slack[a:b], scratch, tally))
        gains = _parallel.run(assign_block, arguments, work=float(self.n) * n_clusters * n_features)
        tally, inertia = before.tally.copy(), before.inertia
        for added, gain in zip(tallies, gains, strict=True):
            tally += added
            inertia -= gain
        # what was added and taken away again may leave a trace of rounding; a cluster of no row weighs nothing
        tally[tally[:, -1] == 0] = 0
        return Assignment(labels, max(inertia, 0.0), tally, slack, before.travel)

    def own_distances(self, centers: Array, labels: Array) -> tuple[Array, float]:
        near_centers = np.ascontiguousarray(centers - self.origin)
        distances = np.empty(self.n)
        sums = _parallel.run(
            own_distances_block,
            [
                (rows, near_centers, labels[a:b], distances[a:b])
                for rows, (a, b) in zip(self._rows, self.blocks, strict=True)
            ],
            work=float(self.X.size),
        )
        return distances, float(sum(sums))

    def take(self, index: Any) -> Array:
        taken: Array = self.X[index]
        return taken

    def nearest(self) -> Nearest:
        return DenseNearest(self.X, self.weights, self.blocks)


def _padded(centers: Array) -> tuple[Array, Array]:
    """Centres filled up to an even number of them and a multiple of four features, and half their squared norms."""
    n_clusters, n_features = centers.shape
    padded = np.zeros((n_clusters + n_clusters % 2, n_features + -n_features % 4), centers.dtype)
    padded[:n_clusters, :n_features] = centers
    halves = np.full(padded.shape[0], np.inf, centers.dtype)
    halves[:n_clusters] = np.einsum("jf,jf->j", centers, centers) / 2
    return padded, halves


def moments(X: Array) -> tuple[Array, Array]:
    """Mean and variance of each column in one pass, in double precision."""
    n = X.shape[0]
    shift = X[0].astype(np.float64)
    arguments = [(X[a:b], shift) for a, b in _parallel.blocks(n, max(MIN_BLOCK, -(-n // MAX_BLOCKS)))]
    first, second = sum(_parallel.run(_sums, arguments, work=float(X.size))) / n
    return first + shift, np.maximum(second - first * first, 0.0)


def _sums(X: Array, shift: Array) -> Array:
    """Sums of the columns and of their squares, both less `shift`: (2, n_features)."""
    block, ones = X - shift, np.ones(len(X))
    return np.stack([ones @ block, ones @ (block * block)])


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
