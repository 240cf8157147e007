"""The inner loops of k-means: serial over a block of rows, so that blocks may run on as many threads as there are.

Rows and centres come "lifted", so that one matrix product takes all distances: a row as (x, 1), a centre as
(-c, |c|^2 / 2), both less the same origin. Their product |c|^2 / 2 - x.c is half the squared distance, less |x|^2 / 2,
which is the same for every centre.
"""

import numpy as np

from diorama._kernel import kernel, kernel_step
from diorama._typing import Array


def lifted_centers(centers: Array) -> Array:
    """(-c, |c|^2 / 2) for each centre c: (n_clusters, n_features + 1)."""
    halves: Array = np.einsum("jf,jf->j", centers, centers) / 2
    return np.concatenate([-centers, halves[:, None]], axis=1)


@kernel_step
def _squared_distance(rows: Array, i: int, centers: Array, j: int) -> float:
    """Between row i and centre j, difference by difference: 0 where they are equal."""
    total: float = rows.dtype.type(0)
    for f in range(rows.shape[1] - 1):
        difference = rows[i, f] + centers[j, f]
        total += difference * difference
    return total


@kernel_step
def _nearest_two(products: Array, nearest: Array) -> None:
    """Put each row's least product into products[0] and its second into products[1]; `nearest` is whose the least is.

    Selections instead of branches, over rows in the innermost loop: it runs in vector instructions.
    """
    for i in range(nearest.shape[0]):
        one, other = products[0, i], products[1, i]
        nearest[i] = 1 if other < one else 0
        products[0, i] = other if other < one else one
        products[1, i] = one if other < one else other
    for j in range(2, products.shape[0]):
        for i in range(nearest.shape[0]):
            one, least, second, label = products[j, i], products[0, i], products[1, i], nearest[i]
            products[1, i] = least if one < least else (one if one < second else second)
            nearest[i] = j if one < least else label
            products[0, i] = one if one < least else least


@kernel_step
def _count(tally: Array, rows: Array, i: int, weight: float, label: int, sign: float) -> None:
    """Add row i to its cluster (sign 1), or take it out (sign -1)."""
    width = rows.shape[1]
    for f in range(width):
        tally[label, f] += sign * weight * rows[i, f]
    if weight > 0:
        tally[label, width] += sign


@kernel
def settle(
    rows: Array,
    centers: Array,
    products: Array,
    weights: Array,
    before: Array,
    travel: Array,
    labels: Array,
    slack: Array,
    tally: Array,
) -> float:
    """Put rows with their nearest centre; returns by how much that lowers the weighted sum of squared distances.

    `products` (at least 2 rows, n_samples) are centers @ rows.T, and are written over; `before` are the labels so far
    (-1: none). Writes labels and slack, and adds to `tally` (n_clusters, n_features + 2) what the clusters gain:
    weighted sums of rows, weights, numbers of rows that weigh.
    """
    last = rows.shape[1] - 1
    doubt = 64 * (np.nextafter(products.dtype.type(1), products.dtype.type(2)) - 1)
    gain = 0.0
    _nearest_two(products, labels)
    for i in range(rows.shape[0]):
        old, new = before[i], labels[i]
        norm = 0.0
        for f in range(last):
            norm += rows[i, f] * rows[i, f]
        # |x|^2 + |c|^2 - 2 x.c is off by a few units in the last place of its terms: the lead is taken at its least
        error = doubt * (norm + 2 * centers[new, last])
        lead = np.sqrt(max(norm + 2 * products[1, i] - error, 0.0)) - np.sqrt(
            max(norm + 2 * products[0, i], 0.0) + error
        )
        closest = _squared_distance(rows, i, centers, new)
        if lead <= 0:
            # too near to call: where the row stands in the table must not decide it
            for j in range(travel.shape[0]):
                distance = _squared_distance(rows, i, centers, j)
                if distance < closest or (distance == closest and j < new):
                    new, closest = j, distance
        if old != new:
            if old < 0:
                gain -= weights[i] * closest
                _count(tally, rows, i, weights[i], new, 1.0)
            else:
                distance = _squared_distance(rows, i, centers, old)
                if distance <= closest:
                    new, lead = old, 0.0
                else:
                    _count(tally, rows, i, weights[i], old, -1.0)
                    _count(tally, rows, i, weights[i], new, 1.0)
                    gain += weights[i] * (distance - closest)
        labels[i] = new
        slack[i] = (lead + travel[new]) * (1 - 2e-7)  # rounding to single precision must not lengthen it
    return gain


@kernel
def adopt_block(rows: Array, centers: Array, reach: Array, closest: Array, near: Array) -> None:
    """Let rows go over to the last of `centers` where it is nearer than their own, number `near`, at `closest`.

    A row nearer than reach[near] to its own cannot be nearer to the new one.
    """
    new = centers.shape[0] - 1
    for i in range(rows.shape[0]):
        if closest[i] > reach[near[i]]:
            distance = _squared_distance(rows, i, centers, new)
            if distance < closest[i]:
                closest[i] = distance
                near[i] = new


@kernel
def settle_few(rows: Array, centers: Array, weights: Array, before: Array, labels: Array, tally: Array) -> float:
    """Put rows with their nearest centre, all distances anew; returns the weighted sum of their squares.

    `before` are the labels so far (-1: none): a row goes over only to what is nearer. Writes labels, and adds to
    `tally` (n_clusters, n_features + 2) weighted sums of rows, weights, numbers of rows that weigh.
    """
    total = 0.0
    for i in range(rows.shape[0]):
        label = max(before[i], 0)
        closest = _squared_distance(rows, i, centers, label)
        for j in range(centers.shape[0]):
            distance = _squared_distance(rows, i, centers, j)
            if distance < closest:
                label, closest = j, distance
        _count(tally, rows, i, weights[i], label, 1.0)
        labels[i] = label
        total += weights[i] * closest
    return total


@kernel
def choose_few(
    rows: Array, weights: Array, chances: Array, chosen: Array, closest: Array, best: Array, tried: Array
) -> None:
    """Draw rows far from one another, one for each row of `chances` (n_clusters, n_trials), in [0, 1).

    Writes into `chosen` the best of each row's draws; there is one draw for the first. `closest` (n_samples,) are ones,
    `best` and `tried` are room for as many.
    """
    n, last = rows.shape[0], rows.shape[1] - 1
    for c in range(chances.shape[0]):
        potential = 0.0
        for i in range(n):
            potential += weights[i] * closest[i]
        least = np.inf
        for t in range(chances.shape[1] if c > 0 else 1):
            left, row = chances[c, t] * potential, 0
            for i in range(n):
                mass = weights[i] * closest[i]
                if mass > 0:
                    row = i
                    left -= mass
                    if left < 0:
                        break
            total = 0.0
            for i in range(n):
                distance = 0.0
                for f in range(last):
                    difference = rows[i, f] - rows[row, f]
                    distance += difference * difference
                tried[i] = min(distance, closest[i]) if c > 0 else distance
                total += weights[i] * tried[i]
            if t == 0 or total < least:
                least, chosen[c] = total, row
                best, tried = tried, best
        closest, best = best, closest
