"""The swaps of FasterPAM: a row takes a medoid's place as soon as that lowers the cost.

Each row knows its nearest and its second nearest medoid. What a swap of medoid i for row j changes is then a sum over
the rows that does not depend on i, and one that only i's own rows are in; so all k swaps for j are weighed in one pass
over the rows [1]_.

.. [1] E. Schubert, P. J. Rousseeuw, "Fast and eager k-medoids clustering", Information Systems 101 (2021).
"""

import numpy as np

from diorama._kernel import exact_kernel, exact_kernel_step
from diorama._typing import Array


@exact_kernel
def eager_swap(
    D: Array,
    medoids: Array,
    nearest: Array,
    near: Array,
    second: Array,
    far: Array,
    losses: Array,
    first: int,
    least: float,
) -> int:
    """Try rows `first`, `first + 1` ... as medoids, once each, and make the first swap that gains more than `least`.

    D (n, n) distances; medoids (k,) rows; nearest, second (n,) places in `medoids`; near, far (n,) the distances to
    them; losses (2, k) room. All but D change with the swap. The row that became a medoid, or -1 when none is worth it.
    """
    n, k = D.shape[0], medoids.shape[0]
    # losses[0]: what the cost rises by when a medoid leaves and its rows go to their second
    for i in range(k):
        losses[0, i] = 0.0
    for o in range(n):
        losses[0, nearest[o]] += far[o] - near[o]
    for step in range(n):
        j = (first + step) % n
        if near[j] == 0.0 and medoids[nearest[j]] == j:
            continue
        for i in range(k):
            losses[1, i] = losses[0, i]
        gained = 0.0
        for o in range(n):
            d = D[j, o]
            if d < near[o]:
                gained += near[o] - d
                losses[1, nearest[o]] += near[o] - far[o]
            elif d < far[o]:
                losses[1, nearest[o]] += d - far[o]
        place = 0
        for i in range(k):
            if losses[1, i] < losses[1, place]:
                place = i
        if gained - losses[1, place] > least:
            medoids[place] = j
            take_over(D, medoids, nearest, near, second, far, place)
            return int(j)
    return -1


@exact_kernel_step
def take_over(D: Array, medoids: Array, nearest: Array, near: Array, second: Array, far: Array, place: int) -> None:
    """The medoid at `place` is another now: rows near to either may have another nearest or second."""
    row = medoids[place]
    for o in range(D.shape[0]):
        d = D[row, o]
        if nearest[o] == place or second[o] == place:
            choose_two(D, medoids, nearest, near, second, far, o)
        elif d < near[o]:
            second[o], far[o] = nearest[o], near[o]
            nearest[o], near[o] = place, d
        elif d < far[o]:
            second[o], far[o] = place, d


@exact_kernel_step
def choose_two(D: Array, medoids: Array, nearest: Array, near: Array, second: Array, far: Array, o: int) -> None:
    """The two medoids that are nearest to row `o`; of equals, the first."""
    nearest[o], second[o] = -1, -1
    near[o], far[o] = np.inf, np.inf
    for i in range(medoids.shape[0]):
        d = D[medoids[i], o]
        if d < near[o]:
            second[o], far[o] = nearest[o], near[o]
            nearest[o], near[o] = i, d
        elif d < far[o]:
            second[o], far[o] = i, d
