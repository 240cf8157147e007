"""A grown tree as parallel arrays: one row a node, numbered depth first with the left branch before the right.

Row 0 is the root. A leaf has -1 for its children and its feature, and NaN for its threshold.
"""

import heapq
from typing import NamedTuple

import numpy as np
import scipy.sparse as sp

from diorama._kernel import exact_kernel
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.trees.nominal import walk_sets

NO_CHILD = -1
ROWS_PER_BLOCK = 16_384


class Tree(NamedTuple):
    """n_nodes rows; `x[feature] <= threshold` goes left, NaN goes where `missing_go_to_left` says.

    An inner node whose threshold is NaN asks about a category: it goes left when it is in the node's set.
    """

    children_left: Array  # (n_nodes,) row of the child that takes "yes", or -1
    children_right: Array  # (n_nodes,) row of the child that takes "no", or -1
    feature: Array  # (n_nodes,) column that the question is about, or -1
    threshold: Array  # (n_nodes,) number that it is compared with, or NaN; infinity asks "is it there at all?"
    missing_go_to_left: Array  # (n_nodes,) bool
    impurity: Array  # (n_nodes,) of the training rows in the node
    n_node_samples: Array  # (n_nodes,) training rows that reached the node
    weighted_n_node_samples: Array  # (n_nodes,) their weight
    value: Array  # (n_nodes, n_classes) share of each class in that weight
    depth: Array  # (n_nodes,) questions asked on the way here
    sets: Array  # (n_nodes, n_words) uint64: a bit for each category that goes left; no words where all is numbers

    @property
    def node_count(self) -> int:
        return len(self.feature)

    @property
    def n_leaves(self) -> int:
        return int((self.children_left == NO_CHILD).sum())

    @property
    def max_depth(self) -> int:
        return int(self.depth.max())

    def apply(self, X: Array) -> Array:
        """(n_samples,) the leaf that each row of X ends in."""
        leaves = np.empty(len(X), dtype=np.int64)
        asks_sets = self.sets.shape[1] > 0
        sets = (self.sets,) if asks_sets else ()
        jobs = [(X[i:j], *self[:5], *sets, leaves[i:j]) for i, j in blocks(len(X), ROWS_PER_BLOCK)]
        run(walk_sets if asks_sets else walk, jobs, work=float(len(X)) * (self.max_depth + 1))
        return leaves

    def goes_left(self, node: int, value: float) -> bool:
        """Whether a row with this value goes left at an inner node."""
        if np.isnan(value):
            return bool(self.missing_go_to_left[node])
        if np.isnan(self.threshold[node]):
            return bool(value in self.categories(node))
        return bool(value <= self.threshold[node])

    def categories(self, node: int) -> Array:
        """The categories, as numbers, that go left at a node that asks about some."""
        bits = np.unpackbits(self.sets[node].astype("<u8").view(np.uint8), bitorder="little")
        return np.flatnonzero(bits)

    def decision_path(self, X: Array) -> sp.csr_matrix:
        """(n_samples, n_nodes) ones where a row passes through a node."""
        nodes, parents = self.apply(X), self.parents()
        starts = np.concatenate([[0], np.cumsum(self.depth[nodes] + 1)])
        columns = np.empty(starts[-1], dtype=np.int64)
        places = starts[1:] - 1
        while len(nodes):  # climb from all leaves at once, one question a turn
            columns[places] = nodes
            below_root = nodes > 0
            nodes, places = parents[nodes[below_root]], places[below_root] - 1
        return sp.csr_matrix((np.ones(len(columns), dtype=np.int64), columns, starts), (len(X), self.node_count))

    def parents(self) -> Array:
        """(n_nodes,) the row that each node hangs from; -1 for the root."""
        parents = np.full(self.node_count, NO_CHILD, dtype=np.int64)
        inner = np.flatnonzero(self.children_left != NO_CHILD)
        parents[self.children_left[inner]] = inner
        parents[self.children_right[inner]] = inner
        return parents

    def decreases(self) -> Array:
        """(n_nodes,) how much each split lowers the whole tree's impurity: w_t/w (i_t - w_L/w_t i_L - w_R/w_t i_R)."""
        risk = self.risks()
        inner = self.children_left != NO_CHILD
        decreases = np.zeros(self.node_count)
        below = risk[self.children_left[inner]] + risk[self.children_right[inner]]
        decreases[inner] = risk[inner] - below
        return decreases

    def risks(self) -> Array:
        """(n_nodes,) impurity of each node times its share of all the weight."""
        risks: Array = self.impurity * self.weighted_n_node_samples / self.weighted_n_node_samples[0]
        return risks

    def feature_importances(self, n_features: int) -> Array:
        """(n_features,) share of the impurity's fall that is due to splits on each feature; sums to 1, or is all 0."""
        inner = self.feature >= 0
        totals = np.bincount(self.feature[inner], weights=self.decreases()[inner], minlength=n_features)
        total = totals.sum()
        return totals / total if total > 0 else totals

    def best_first(self, n_splits: int | None = None) -> Array:
        """Inner nodes in the order of a search that always makes the open split with the largest decrease."""
        decreases = self.decreases()
        order: list[int] = []
        open_splits = [(-decreases[0], 0)] if self.feature[0] >= 0 else []
        while open_splits and (n_splits is None or len(order) < n_splits):
            node = heapq.heappop(open_splits)[1]
            order.append(node)
            for child in (int(self.children_left[node]), int(self.children_right[node])):
                if self.feature[child] >= 0:
                    heapq.heappush(open_splits, (-decreases[child], child))
        return np.array(order, dtype=np.int64)

    def branch_end(self, node: int) -> int:
        """One more than the last row of the branch at `node`, whose rows stand together, `node` first."""
        while self.children_right[node] != NO_CHILD:
            node = int(self.children_right[node])
        return node + 1

    def rows_kept(self, splits: Array) -> Array:
        """The rows that stay when only the inner nodes `splits` ask: theirs and their children's."""
        kept = np.zeros(self.node_count, dtype=bool)
        kept[0] = True
        kept[self.children_left[splits]] = True
        kept[self.children_right[splits]] = True
        return np.flatnonzero(kept)

    def keeping(self, splits: Array) -> "Tree":
        """The tree that asks at these inner nodes only; with a node, its ancestors must be among them."""
        rows = self.rows_kept(splits)
        number = np.full(self.node_count + 1, NO_CHILD)  # the last place is what NO_CHILD, used as a place, finds
        number[rows] = np.arange(len(rows))
        asks = np.isin(rows, splits)
        return Tree(*(column[rows] for column in self))._replace(
            children_left=np.where(asks, number[self.children_left[rows]], NO_CHILD),
            children_right=np.where(asks, number[self.children_right[rows]], NO_CHILD),
            feature=np.where(asks, self.feature[rows], NO_CHILD),
            threshold=np.where(asks, self.threshold[rows], np.nan),
            missing_go_to_left=self.missing_go_to_left[rows] & asks,
            sets=np.where(asks[:, None], self.sets[rows], np.uint64(0)),
        )


@exact_kernel
def walk(
    X: Array, left: Array, right: Array, feature: Array, threshold: Array, missing_go_to_left: Array, leaves: Array
) -> None:
    """Follow the questions from the root, row by row."""
    for i in range(X.shape[0]):
        node = 0
        while feature[node] >= 0:
            x = X[i, feature[node]]
            yes = missing_go_to_left[node] if np.isnan(x) else x <= threshold[node]
            node = left[node] if yes else right[node]
        leaves[i] = node
