"""How a tree grew, from what its kernel returned: the split with the largest decrease first."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from diorama.trees.tree import Tree

# splits shown one by one; what comes after them is shown in one go, for no picture holds more
SPLITS_SHOWN = 20


class Growth(NamedTuple):
    """The tree after its first splits, the one with the largest decrease always made first."""

    tree: Tree  # as far as it has grown
    node: int  # the node of `tree` that was split last; -1 at the start
    n_splits: int  # made so far
    n_splits_in_all: int


def splits_shown(n_splits: int) -> list[int]:
    """After how many splits a state is shown."""
    return sorted({*range(min(n_splits, SPLITS_SHOWN) + 1), n_splits})


def growth(tree: Tree) -> Iterator[Growth]:
    """The states that a tree passed through, from its root alone to all of it."""
    order = tree.best_first()
    for n_splits in splits_shown(len(order)):
        made = order[:n_splits]
        node = int(np.searchsorted(tree.rows_kept(made), made[-1])) if n_splits else -1
        yield Growth(tree.keeping(made), node, n_splits, len(order))
