"""Minimal cost-complexity pruning: cut the branch whose questions earn least, again and again [1]_.

With R(t) = i_t w_t / w the risk of node t as a leaf and R(T_t) the risk of the leaves below it, the branch at t earns

    g(t) = (R(t) - R(T_t)) / (|T_t| - 1)

for each of its |T_t| leaves but one. The branch with the smallest g is the weakest link; cut it, and the links above
it only get stronger, so a heap whose stale entries are put right when they come up finds the next one.

References
----------
.. [1] Breiman, L., Friedman, J. H., Olshen, R. A., Stone, C. J. (1984). Classification and Regression Trees, chapter 3.
"""

import heapq
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.trees.tree import NO_CHILD, Tree


class Cut(NamedTuple):
    """One branch made a leaf."""

    alpha: float  # g of the branch: the price of a leaf from which on the cut pays
    node: int  # the node that becomes a leaf
    risk: float  # of the whole tree after the cut


def pruned(tree: Tree, alpha: float) -> Tree:
    """The smallest tree that minimises its risk plus `alpha` times its number of leaves."""
    asks = tree.children_left != NO_CHILD
    for cut in weakest_links(tree):
        if cut.alpha > alpha:
            break
        asks[cut.node : tree.branch_end(cut.node)] = False
    return tree.keeping(np.flatnonzero(asks))


def pruning_path(tree: Tree) -> tuple[Array, Array]:
    """(alphas, risks): the price at which each cut is made, and the tree's risk after it; first the uncut tree at 0."""
    cuts = list(weakest_links(tree))
    leaves = tree.children_left == NO_CHILD
    risk = float(tree.risks()[leaves].sum())
    return np.array([0.0, *(cut.alpha for cut in cuts)]), np.array([risk, *(cut.risk for cut in cuts)])


def weakest_links(tree: Tree) -> Iterator[Cut]:
    """The cuts in the order that pruning makes them, from the full tree down to its root."""
    risk, parents = tree.risks().tolist(), tree.parents().tolist()
    below, n_leaves = _branches(tree)

    def link(node: int) -> float:
        return float((risk[node] - below[node]) / (n_leaves[node] - 1))

    heap = [(link(node), node) for node in range(tree.node_count) if n_leaves[node] > 1]
    heapq.heapify(heap)
    is_cut = np.zeros(tree.node_count, dtype=bool)
    while heap:
        alpha, node = heapq.heappop(heap)
        if is_cut[node]:
            continue
        if link(node) > alpha:  # a cut below it made it stronger since
            heapq.heappush(heap, (link(node), node))
            continue
        is_cut[node : tree.branch_end(node)] = True
        fewer, rise = n_leaves[node] - 1, risk[node] - below[node]
        above = node
        while above != NO_CHILD:
            below[above] += rise
            n_leaves[above] -= fewer
            above = parents[above]
        yield Cut(alpha, node, below[0])


def _branches(tree: Tree) -> tuple[list[float], list[int]]:
    """For each node the risk of the leaves below it, and their number."""
    risk = tree.risks().tolist()
    n_leaves = [1] * tree.node_count
    for node in range(tree.node_count - 1, -1, -1):  # children come after their parents
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if left != NO_CHILD:
            risk[node] = risk[left] + risk[right]
            n_leaves[node] = n_leaves[left] + n_leaves[right]
    return risk, n_leaves
