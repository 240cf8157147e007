"""The inner loops of k-means: serial over a block of rows, so that blocks may run on as many threads as there are.

Distances to all centres are a matrix product. It is taken tile by tile: 128 rows lie transposed in the first cache, so
that the innermost loop runs over rows, two centres and four features at a time, in vector instructions, and the
search for the nearest centre follows while the products are still there. Most rows never get that far: a row whose
nearest centre leads by more than the centres have travelled since keeps its centre [Hamerly 2010]_.

References
----------
.. [Hamerly 2010] G. Hamerly, "Making k-means even faster", SIAM International Conference on Data Mining, 2010.
"""

from typing import Any, NamedTuple

import numpy as np

from diorama._kernel import kernel, kernel_step
from diorama._typing import Array

TILE = 128
# distance between a tile's features: eight more than its rows, or all would compete for the same few lines of cache
STRIDE = TILE + 8
N_SHELVES = 256  # parts into which k-means++ sorts the rows


class Scratch(NamedTuple):
    """Where a block works. Made outside of the kernels, for which each array of their own is long to compile."""

    tile: Array  # (n_features padded x STRIDE,) rows, transposed
    norms: Array  # (TILE,) |x|^2
    best: Array  # (TILE,)
    second: Array  # (TILE,)
    nearest: Array  # (TILE,)
    waiting: Array  # (TILE,) rows whose nearest centre must be looked for

    @classmethod
    def of(cls, n_padded: int, dtype: Any) -> "Scratch":
        """For rows of so many features, filled up to a multiple of four."""
        return cls(
            tile=np.zeros(n_padded * STRIDE, dtype),
            norms=np.empty(TILE, dtype),
            best=np.empty(TILE, dtype),
            second=np.empty(TILE, dtype),
            nearest=np.empty(TILE, np.int32),
            waiting=np.empty(TILE, np.int64),
        )


@kernel_step
def _nearest_two(scratch: Scratch, padded: Array, halves: Array) -> None:
    """For each row of a tile: its nearest centre, and |c|^2 / 2 - x.c for the nearest two.

    `tile` holds feature f of row b at [f * STRIDE + b]; `padded` (even number of centres, features a multiple of four)
    is filled up with zeros, `halves` with infinity, so that what was added is never the nearest.
    """
    tile, _, best, second, labels, _ = scratch
    # made here, where it is plain that it overlaps with nothing else: the loops below become vector instructions
    products = np.empty(2 * TILE, tile.dtype)
    for b in range(TILE):
        best[b] = np.inf
        second[b] = np.inf
        labels[b] = 0
    for j in range(0, padded.shape[0], 2):
        for b in range(TILE):
            products[b] = halves[j]
            products[TILE + b] = halves[j + 1]
        for f in range(0, padded.shape[1], 4):
            p0, p1, p2, p3 = padded[j, f], padded[j, f + 1], padded[j, f + 2], padded[j, f + 3]
            q0, q1, q2, q3 = padded[j + 1, f], padded[j + 1, f + 1], padded[j + 1, f + 2], padded[j + 1, f + 3]
            x = tile[f * STRIDE : (f + 4) * STRIDE]
            for b in range(TILE):
                x0, x1, x2, x3 = x[b], x[STRIDE + b], x[2 * STRIDE + b], x[3 * STRIDE + b]
                products[b] -= x0 * p0 + x1 * p1 + x2 * p2 + x3 * p3
                products[TILE + b] -= x0 * q0 + x1 * q1 + x2 * q2 + x3 * q3
        # selections instead of branches: this loop, too, runs in vector instructions
        for b in range(TILE):
            one, other = products[b], products[TILE + b]
            low, next_low, label = best[b], second[b], labels[b]
            next_low = low if one < low else (one if one < next_low else next_low)
            label = j if one < low else label
            low = one if one < low else low
            next_low = low if other < low else (other if other < next_low else next_low)
            label = j + 1 if other < low else label
            low = other if other < low else low
            best[b], second[b], labels[b] = low, next_low, label


@kernel_step
def _squared_distance(x: Array, origin: Array, center: Array) -> float:
    total = 0.0
    for f in range(x.shape[0]):
        difference = x[f] - origin[f] - center[f]
        total += difference * difference
    return total


@kernel_step
def _count(tally: Array, x: Array, origin: Array, weight: float, label: int, sign: float) -> None:
    """Add a row to its cluster (sign 1), or take it out (sign -1)."""
    n_features = x.shape[0]
    signed = sign * weight
    for f in range(n_features):
        tally[label, f] += signed * (x[f] - origin[f])
    tally[label, n_features] += signed
    if weight > 0:
        tally[label, n_features + 1] += sign


@kernel_step
def _settle_tile(
    rows: tuple[Array, Array, Array],
    centers: tuple[Array, Array],
    travel: Array,
    n_waiting: int,
    scratch: Scratch,
    before: Array,
    labels: Array,
    slack: Array,
    tally: Array,
) -> float:
    """Find the nearest centre of the rows that wait; returns by how much that lowers the sum of squared distances."""
    X, weights, origin = rows
    padded, halves = centers
    tile, norms, best, second, nearest, waiting = scratch
    n_features = X.shape[1]
    for b in range(n_waiting):
        norm = X.dtype.type(0)
        for f in range(n_features):
            value = X[waiting[b], f] - origin[f]
            tile[f * STRIDE + b] = value
            norm += value * value
        norms[b] = norm
    _nearest_two(scratch, padded, halves)
    doubt = 16 * np.finfo(X.dtype).eps
    gain = 0.0
    for b in range(n_waiting):
        i, old, new = waiting[b], before[waiting[b]], nearest[b]
        # |x|^2 + |c|^2 - 2 x.c is off by a few units in the last place of its terms: the lead is taken at its least
        error = doubt * (norms[b] + 2 * halves[new])
        lead = np.sqrt(max(norms[b] + 2 * second[b] - error, 0.0)) - np.sqrt(max(norms[b] + 2 * best[b], 0.0) + error)
        closest = _squared_distance(X[i], origin, padded[new])
        if old >= 0 and old != new:
            distance = _squared_distance(X[i], origin, padded[old])
            if distance <= closest:
                new, closest, lead = old, distance, 0.0
            else:
                _count(tally, X[i], origin, weights[i], old, -1.0)
                gain += weights[i] * (distance - closest)
        if old < 0:
            gain -= weights[i] * closest
        if old != new:
            _count(tally, X[i], origin, weights[i], new, 1.0)
        labels[i] = new
        slack[i] = (lead + travel[new]) * (1 - 2e-7)  # rounding to single precision must not lengthen it
    return gain


@kernel
def assign_block(
    rows: tuple[Array, Array, Array],
    centers: tuple[Array, Array],
    travel: Array,
    before: Array,
    slack_before: Array,
    labels: Array,
    slack: Array,
    scratch: Scratch,
    tally: Array,
) -> float:
    """Put each row of a block with its nearest centre.

    rows = (X, weights, origin) and centers = (padded, halves) less the same origin; `before` are the labels so far (-1:
    none). Writes labels and slack, and adds to `tally` (n_clusters, n_features + 2) what the clusters gain: weighted
    sums of rows, weights, numbers of rows that weigh. Returns by how much the sum of squared distances fell.
    """
    waiting = scratch.waiting
    n_waiting, gain = 0, 0.0
    last = before.shape[0] - 1
    for i in range(before.shape[0]):
        label = before[i]
        if label >= 0 and slack_before[i] > travel[label]:
            labels[i] = label
            slack[i] = slack_before[i]
        else:
            waiting[n_waiting] = i
            n_waiting += 1
        if n_waiting == TILE or (i == last and n_waiting > 0):
            gain += _settle_tile(rows, centers, travel, n_waiting, scratch, before, labels, slack, tally)
            n_waiting = 0
    return gain


@kernel
def own_distances_block(rows: tuple[Array, Array, Array], centers: Array, labels: Array, out: Array) -> float:
    """Squared distance of each row to the centre it belongs to, into `out`; returns their weighted sum."""
    X, weights, origin = rows
    total = 0.0
    for i in range(X.shape[0]):
        distance = _squared_distance(X[i], origin, centers[labels[i]])
        out[i] = distance
        total += weights[i] * distance
    return total


@kernel_step
def _squared_gap(x: Array, y: Array) -> float:
    total = 0.0
    for f in range(x.shape[0]):
        difference = x[f] - y[f]
        total += difference * difference
    return total


@kernel
def try_block(X: Array, weights: Array, tries: Array, reach: Array, closest: Array, near: Array, gains: Array) -> None:
    """Add to `gains` by how much each of a few new centres would lower the weighted sum of the rows' `closest`.

    `tries` (n_trials, n_features); `reach` (n_centers, n_trials + 1): a row nearer than that to its own centre, number
    `near`, cannot be nearer to the new one; in the last column the least of them.
    """
    n_trials = tries.shape[0]
    for i in range(X.shape[0]):
        if closest[i] > reach[near[i], n_trials]:
            for t in range(n_trials):
                if closest[i] > reach[near[i], t]:
                    gains[t] += weights[i] * max(closest[i] - _squared_gap(X[i], tries[t]), 0.0)


@kernel
def adopt_block(
    X: Array,
    weights: Array,
    shelf: Array,
    tried: Array,
    center: int,
    reach: Array,
    closest: Array,
    near: Array,
    masses: Array,
) -> None:
    """Make `tried` centre number `center`; adds to `masses` the weighted sum of `closest` on each shelf."""
    for i in range(X.shape[0]):
        if closest[i] > reach[near[i]]:
            distance = _squared_gap(X[i], tried)
            if distance < closest[i]:
                closest[i] = distance
                near[i] = center
        masses[shelf[i]] += weights[i] * closest[i]
