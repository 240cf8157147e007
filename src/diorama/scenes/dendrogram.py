"""Where the merges of a tree stand in a dendrogram: its last ones, each a bracket over the two that it joins."""

from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array


class Dendrogram(NamedTuple):
    """The brackets of the last merges of a tree, in their order."""

    first: int  # number of the first merge that has a bracket; those before are inside the leaves
    x: Array  # (n_brackets, 4) left foot, left corner, right corner, right foot; in rows from the left
    y: Array  # (n_brackets, 4) their heights


def dendrogram(tree: Array, n_brackets: int) -> Dendrogram:
    """Brackets of the last `n_brackets` merges of `tree`, each leaf as wide as it has rows."""
    n = len(tree) + 1
    first = max(0, n - 1 - n_brackets)
    sizes = np.concatenate([np.ones(n), tree[:, 3]])
    starts = np.zeros(2 * n - 1)
    for merge in range(n - 2, first - 1, -1):
        a, b = tree[merge, :2].astype(int)
        starts[a] = starts[n + merge]
        starts[b] = starts[a] + sizes[a]
    middles, heights = starts + sizes / 2, np.concatenate([np.zeros(n), tree[:, 2]])
    x, y = np.empty((n - 1 - first, 4)), np.empty((n - 1 - first, 4))
    for merge in range(first, n - 1):
        a, b = tree[merge, :2].astype(int)
        place, height = merge - first, tree[merge, 2]
        x[place] = middles[a], middles[a], middles[b], middles[b]
        y[place] = heights[a], height, height, heights[b]
        middles[n + merge] = (middles[a] + middles[b]) / 2
    return Dendrogram(first, x, y)


def members(tree: Array, n_brackets: int, points: Array) -> Array:
    """(n_brackets, 2, 2) the means on the plane of the two clusters that each of the last merges joins."""
    n = len(tree) + 1
    sums = np.concatenate([points, np.zeros((n - 1, 2))])
    sizes = np.concatenate([np.ones(n), tree[:, 3]])
    pairs = tree[:, :2].astype(int)
    for merge, (a, b) in enumerate(pairs):
        sums[n + merge] = sums[a] + sums[b]
    means: Any = sums / sizes[:, None]
    found: Array = means[pairs[max(0, n - 1 - n_brackets) :]]
    return found
