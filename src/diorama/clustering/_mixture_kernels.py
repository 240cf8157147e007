"""The two halves of expectation-maximisation over tiles of rows: distances from the bells, and moments of their shares.

A tile holds a few rows with each column together, so that every loop below runs along memory and stays in the cache.
"""

from diorama._kernel import kernel
from diorama._typing import Array

TILE = 128


@kernel
def full_heights(tiles: Array, means: Array, factors: Array, away: Array, y: Array, heights: Array) -> None:
    """Lower `heights` (t, k, tile) of components at the rows of `tiles` (t, d, tile) by |(row - mean)' P|^2 / 2.

    `factors` (k, d, d) are the upper triangular P. Overwrites `away` (d, tile) and `y` (tile,).
    """
    k, d = means.shape
    size = y.size
    for t in range(tiles.shape[0]):
        for c in range(k):
            for j in range(d):
                mean, factor = means[c, j], factors[c, j, j]
                for b in range(size):
                    away[j, b] = tiles[t, j, b] - mean
                    y[b] = factor * away[j, b]
                # four at a time: as many products for each number that is fetched and put back
                i = 0
                while i + 4 <= j:
                    f0, f1, f2, f3 = factors[c, i, j], factors[c, i + 1, j], factors[c, i + 2, j], factors[c, i + 3, j]
                    for b in range(size):
                        y[b] += f0 * away[i, b] + f1 * away[i + 1, b] + f2 * away[i + 2, b] + f3 * away[i + 3, b]
                    i += 4
                while i < j:
                    f0 = factors[c, i, j]
                    for b in range(size):
                        y[b] += f0 * away[i, b]
                    i += 1
                for b in range(size):
                    heights[t, c, b] -= 0.5 * y[b] * y[b]


@kernel
def full_moments(tiles: Array, means: Array, shares: Array, away: Array, y: Array, moments: Array) -> None:
    """Add share x (1, away)(1, away)', away = row - mean, to the lower triangles of `moments` (k, 1 + d, 1 + d).

    `shares` (t, k, tile) belong to `tiles` (t, d, tile). Overwrites `away` (d, tile) and `y` (tile,).
    """
    k, d = means.shape
    size = y.size
    for t in range(tiles.shape[0]):
        for c in range(k):
            count = 0.0
            for b in range(size):
                count += shares[t, c, b]
            moments[c, 0, 0] += count
            for i in range(d):
                mean, s0 = means[c, i], 0.0
                for b in range(size):
                    away[i, b] = tiles[t, i, b] - mean
                    y[b] = shares[t, c, b] * away[i, b]
                    s0 += y[b]
                moments[c, i + 1, 0] += s0
                j = 0
                while j + 3 <= i:
                    s0, s1, s2, s3 = 0.0, 0.0, 0.0, 0.0
                    for b in range(size):
                        s0 += y[b] * away[j, b]
                        s1 += y[b] * away[j + 1, b]
                        s2 += y[b] * away[j + 2, b]
                        s3 += y[b] * away[j + 3, b]
                    moments[c, i + 1, j + 1] += s0
                    moments[c, i + 1, j + 2] += s1
                    moments[c, i + 1, j + 3] += s2
                    moments[c, i + 1, j + 4] += s3
                    j += 4
                while j <= i:
                    s0 = 0.0
                    for b in range(size):
                        s0 += y[b] * away[j, b]
                    moments[c, i + 1, j + 1] += s0
                    j += 1


@kernel
def diagonal_heights(tiles: Array, means: Array, factors: Array, heights: Array) -> None:
    """The same for P that are diagonal, factors (k, d)."""
    k, d = means.shape
    for t in range(tiles.shape[0]):
        for c in range(k):
            for i in range(d):
                mean, factor = means[c, i], factors[c, i]
                for b in range(tiles.shape[2]):
                    scaled = factor * (tiles[t, i, b] - mean)
                    heights[t, c, b] -= 0.5 * scaled * scaled


@kernel
def diagonal_moments(tiles: Array, means: Array, shares: Array, moments: Array) -> None:
    """Add share x away and share x away^2 to `moments` (k, 1 + d, 2) from row 1 on, the shares themselves to [0, 0]."""
    k, d = means.shape
    for t in range(tiles.shape[0]):
        for c in range(k):
            count = 0.0
            for b in range(tiles.shape[2]):
                count += shares[t, c, b]
            moments[c, 0, 0] += count
            for i in range(d):
                mean, first, second = means[c, i], 0.0, 0.0
                for b in range(tiles.shape[2]):
                    away = tiles[t, i, b] - mean
                    first += shares[t, c, b] * away
                    second += shares[t, c, b] * away * away
                moments[c, i + 1, 0] += first
                moments[c, i + 1, 1] += second
