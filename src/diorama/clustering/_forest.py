"""Disjoint sets as a forest: every place points towards the root of its set, and sets join by pointing root at root."""

from diorama._kernel import exact_kernel_step
from diorama._typing import Array


@exact_kernel_step
def find(parent: Array, place: int) -> int:
    """The root of a place's set; on the way every second place is led nearer to it (path halving)."""
    while parent[place] != place:
        parent[place] = parent[parent[place]]
        place = parent[place]
    return place


@exact_kernel_step
def unite(parent: Array, a: int, b: int) -> int:
    """Make one set of those of `a` and `b`; the smaller root stays one, and is returned."""
    a, b = find(parent, a), find(parent, b)
    low, high = min(a, b), max(a, b)
    parent[high] = low
    return low
