"""Trees over bins, and the way of a row through them: two small integers a node, so that whole forests stay near.

A node's `left` is where its left child stands, its right child right behind; 0 says that it is a leaf. Its `question`
packs the feature, whether it asks for a set of categories, where missing values go, and the last bin that says yes.
"""

from typing import NamedTuple

import numpy as np

from diorama._kernel import kernel, kernel_step
from diorama._parallel import blocks, run
from diorama._typing import Array

LEFT, QUESTION = 0, 1
FEATURE_SHIFT = 10
SET_BIT = 512  # the question is "is it one of these categories?"
MISSING_LEFT_BIT = 256
ROWS_PER_BLOCK = 1_024
PACK = 8  # rows that go down side by side


class Grove(NamedTuple):
    """Many trees, one after the other."""

    nodes: Array  # (n_nodes, 2) int32: left child counted from the tree's root, question
    roots: Array  # (n_trees + 1,) where each tree starts, and the end
    values: Array  # (n_nodes, n_outputs) what a leaf says
    sets: Array  # (n_nodes or 0, 4) uint64: a bit for each category that goes left

    @property
    def n_trees(self) -> int:
        return len(self.roots) - 1

    def only(self, first: int, last: int) -> "Grove":
        """The trees from number `first` up to `last`, which is not among them."""
        return self._replace(roots=self.roots[first : last + 1])

    def add(self, codes: Array, total: Array) -> None:
        """Add what each tree says of rows `codes` (n_samples, n_features) to `total` (n_samples, n_outputs)."""
        jobs = [(codes[i:j], *self, total[i:j]) for i, j in blocks(len(codes), ROWS_PER_BLOCK)]
        run(add_leaves, jobs, work=20.0 * len(codes) * self.n_trees)

    def features(self) -> Array:
        """(n_nodes,) the feature that each node asks for; -1 for leaves."""
        return np.where(self.nodes[:, LEFT] > 0, self.nodes[:, QUESTION] >> FEATURE_SHIFT, -1)


@kernel
def add_leaves(codes: Array, nodes: Array, roots: Array, values: Array, sets: Array, total: Array) -> None:
    """Tree by tree, so that a tree is read by all rows of a block while it is near."""
    n = codes.shape[0]
    at = np.empty(PACK, np.int64)
    for tree in range(roots.shape[0] - 1):
        for first in range(0, n, PACK):
            size = min(PACK, n - first)
            descend(codes, first, size, nodes, roots[tree], sets, at)
            for place in range(size):
                for k in range(total.shape[1]):
                    total[first + place, k] += values[at[place], k]


@kernel_step
def descend(codes: Array, first: int, size: int, nodes: Array, root: int, sets: Array, at: Array) -> None:
    """Write into `at` the leaves of rows `first` to `first + size`.

    All go one step down each time around, until all have arrived: the steps of different rows do not wait for each
    other, as those of one row do.
    """
    at[:size] = root
    moving = True
    while moving:
        moving = False
        for place in range(size):
            node = at[place]
            left, question = nodes[np.uint64(node), LEFT], nodes[np.uint64(node), QUESTION]
            code = np.int64(codes[np.uint64(first + place), np.uint64(question >> FEATURE_SHIFT)])
            if question & SET_BIT:
                word = sets[node, np.uint64(code >> 6)]
                right = 1 - np.int64((word >> np.uint64(code & 63)) & np.uint64(1))
            else:
                # no branch: 255 is beyond every cut, unless missing values go left
                stays = ((question & MISSING_LEFT_BIT) >> 8) & np.int64(code == 255)
                right = np.int64(code > (question & 255)) & (1 - stays)
            child = root + left + right
            at[place] = child if left > 0 else node
            moving |= left > 0
