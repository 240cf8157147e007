"""The order in which OPTICS walks through the rows: always on to the row easiest to reach from where it has been.

A row that is core offers to each other row within `max_eps` the larger of its core distance and the distance between
them. Of all rows on offer the walk takes the cheapest (the smaller number among equals); with none on offer it starts
again at the smallest number left. Where a row has few others within `max_eps`, those are listed by a k-d tree, and who
is on offer waits in a heap; elsewhere each step takes the distances to all rows, one vector.
"""

from typing import NamedTuple

import numpy as np

from diorama._kernel import exact_kernel, exact_kernel_step
from diorama._minkowski import added
from diorama._typing import Array


class Walk(NamedTuple):
    """Where the walk went and what each step cost."""

    ordering: Array  # (n,) row numbers in the order of the walk
    reachability: Array  # (n,) by row: what the step to it cost; infinity where the walk started anew
    predecessor: Array  # (n,) by row: from where it was reached; -1 where the walk started anew


def walk_everywhere(X: Array, core: Array, limit: float, p: float) -> Walk:
    """The walk over rows X (n, n_features); core distances and `limit` are reduced, and so is the reachability."""
    walk = _nowhere(len(core))
    columns = np.ascontiguousarray(X.T, dtype=np.float64)
    walk_columns(columns, core, limit, float(p), np.empty(len(core)), *walk)
    return walk


def walk_table(table: Array, core: Array, limit: float) -> Walk:
    """The walk where the distances stand in a table (n, n)."""
    walk = _nowhere(len(core))
    walk_rows(table, core, limit, *walk)
    return walk


def walk_near(starts: Array, near: Array, apart: Array, core: Array) -> Walk:
    """The walk where row i is within reach of near[starts[i]:starts[i + 1]], so far `apart`."""
    walk = _nowhere(len(core))
    n = len(core)
    walk_lists(starts, near, apart, core, np.empty(n, dtype=np.int64), np.full(n, -1), *walk)
    return walk


def _nowhere(n: int) -> Walk:
    return Walk(np.zeros(n, dtype=np.int64), np.full(n, np.inf), np.full(n, -1))


@exact_kernel_step
def offer(
    apart: Array, here: int, core: Array, limit: float, waiting: Array, reachability: Array, predecessor: Array
) -> int:
    """Lower what each row that waits would cost to what it costs from `here`; returns the one to take next."""
    offers = core[here] <= limit and core[here] < np.inf
    best = -1
    for i in range(len(core)):
        if not waiting[i]:
            continue
        if offers and apart[i] <= limit:
            cost = max(apart[i], core[here])
            if cost < reachability[i]:
                reachability[i], predecessor[i] = cost, here  #: offer
        if best < 0 or reachability[i] < reachability[best]:
            best = i  #: take
    return best


@exact_kernel
def walk_columns(
    columns: Array,
    core: Array,
    limit: float,
    p: float,
    apart: Array,
    ordering: Array,
    reachability: Array,
    predecessor: Array,
) -> None:
    """The walk over rows given feature by feature, with all distances from each."""
    n, here = len(core), 0
    waiting = np.ones(n, dtype=np.bool_)
    for step in range(n):
        ordering[step], waiting[here] = here, False
        for i in range(n):
            apart[i] = 0.0
        for j in range(len(columns)):
            x = columns[j, here]
            if p == 2.0:
                for i in range(n):
                    gap = columns[j, i] - x
                    apart[i] += gap * gap
            else:
                for i in range(n):
                    apart[i] = added(apart[i], abs(columns[j, i] - x), p)
        here = offer(apart, here, core, limit, waiting, reachability, predecessor)


@exact_kernel
def walk_rows(
    table: Array, core: Array, limit: float, ordering: Array, reachability: Array, predecessor: Array
) -> None:
    """The walk over the rows of a table of distances."""
    n, here = len(core), 0
    waiting = np.ones(n, dtype=np.bool_)
    for step in range(n):
        ordering[step], waiting[here] = here, False
        here = offer(table[here], here, core, limit, waiting, reachability, predecessor)


@exact_kernel
def walk_lists(
    starts: Array,
    near: Array,
    apart: Array,
    core: Array,
    heap: Array,
    place: Array,
    ordering: Array,
    reachability: Array,
    predecessor: Array,
) -> None:
    """The walk over lists of who is near: `heap` holds the rows on offer, `place` where each is in it, -2 when done."""
    size, first, done = 0, 0, -2
    for step in range(len(core)):
        if size > 0:
            here = heap[0]
            size -= 1
            if size > 0:
                heap[0] = heap[size]
                place[heap[0]] = 0
                sink(heap, place, reachability, size)
        else:
            while place[first] == done:
                first += 1
            here = first
        place[here], ordering[step] = done, here  #: take
        if core[here] == np.inf:
            continue
        for at in range(starts[here], starts[here + 1]):
            row, cost = near[at], max(apart[at], core[here])  #: offer
            if place[row] == done or cost >= reachability[row]:
                continue
            reachability[row], predecessor[row] = cost, here
            if place[row] < 0:
                place[row], heap[size] = size, row
                size += 1
            rise(heap, place, reachability, place[row])


@exact_kernel_step
def before(a: int, b: int, reachability: Array) -> bool:
    """Whether row `a` is taken before row `b`."""
    return bool(reachability[a] < reachability[b] or (reachability[a] == reachability[b] and a < b))


@exact_kernel_step
def rise(heap: Array, place: Array, reachability: Array, at: int) -> None:
    """Let the row at a place of the heap rise above all that come after it."""
    row = heap[at]
    while at > 0 and before(row, heap[(at - 1) // 2], reachability):
        heap[at] = heap[(at - 1) // 2]
        place[heap[at]] = at
        at = (at - 1) // 2
    heap[at], place[row] = row, at


@exact_kernel_step
def sink(heap: Array, place: Array, reachability: Array, size: int) -> None:
    """Let the row on top of the heap sink below all that come before it."""
    row, at = heap[0], 0
    while 2 * at + 1 < size:
        child = 2 * at + 1
        if child + 1 < size and before(heap[child + 1], heap[child], reachability):
            child += 1
        if before(row, heap[child], reachability):
            break
        heap[at] = heap[child]
        place[heap[at]] = at
        at = child
    heap[at], place[row] = row, at
