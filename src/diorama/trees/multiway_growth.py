"""How a multiway tree grew, one state a question, and then how it was cut back."""

from collections.abc import Iterator
from typing import NamedTuple

from diorama._typing import Array
from diorama.trees.growth import splits_shown
from diorama.trees.multiway import NOBODY, Tree


class MultiwayGrowth(NamedTuple):
    """The tree after its first questions, or, when it has all of them, after some of its branches are cut."""

    tree: Tree  # as it is now
    grown: Tree  # as it was before anything was cut
    node: int  # of `grown`: the node that was split, or cut, last; -1 at the start
    n_splits: int  # made so far
    n_splits_in_all: int
    n_cuts: int  # branches cut so far
    n_cuts_in_all: int


def growth(grown: Tree, cuts: list[int]) -> Iterator[MultiwayGrowth]:
    """The states that a tree passed through, from its root to all its questions, then cut by cut."""
    order = grown.asking
    for n_splits in splits_shown(len(order)):
        node = int(order[n_splits - 1]) if n_splits else NOBODY
        yield MultiwayGrowth(grown.first(n_splits), grown, node, n_splits, len(order), 0, len(cuts))
    for n_cuts in splits_shown(len(cuts))[1:]:
        tree = without(grown, cuts[:n_cuts])
        yield MultiwayGrowth(tree, grown, cuts[n_cuts - 1], len(order), len(order), n_cuts, len(cuts))


def n_states(grown: Tree, cuts: list[int]) -> int:
    """How many states `growth` tells."""
    return len(splits_shown(len(grown.asking))) + len(splits_shown(len(cuts))) - 1


def without(grown: Tree, cuts: list[int]) -> Tree:
    """The tree in which these nodes, and all below them, ask nothing."""
    asks: Array = grown.feature >= 0
    for node in cuts:
        asks[node] = False
    for node in grown.asking:  # parents come before their children
        above = int(grown.parent[node])
        asks[node] &= above == NOBODY or bool(asks[above])
    return grown.keeping(asks.nonzero()[0])
