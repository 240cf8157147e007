"""A tree whose nodes have as many children as their question has answers, as parallel arrays."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.trees.attributes import Attribute, between, plain
from diorama.trees.entropy import entropy

LEAF = NOBODY = -1
AT_MOST, ABOVE = 0, 1  # the branches of a question about a threshold


class Split(NamedTuple):
    """One question, and what its answers part."""

    node: int
    feature: int
    threshold: float  # NaN for a question with an answer a category
    branches: Array  # (n_children,) the code of each child's answer
    counts: Array  # (n_children, n_classes) weight of each class
    gains: Array  # (n_features,) what asking about each would gain, in bits; NaN where it cannot be asked
    worth: Array  # (n_features,) what the question was chosen by: the gain, or the gain ratio


class Tree(NamedTuple):
    """A row a node; the children of a node stand together, in the order in which nodes were split."""

    feature: Array  # (n_nodes,) what the node asks about; LEAF when it asks nothing
    threshold: Array  # (n_nodes,) of a question about a number, else NaN
    parent: Array  # (n_nodes,) the node above; NOBODY for the root
    branch: Array  # (n_nodes,) the code of the answer that leads here
    depth: Array  # (n_nodes,) questions asked on the way here
    counts: Array  # (n_nodes, n_classes) weight of each class
    gains: Array  # (n_nodes that ask, n_features) in the order of the nodes, see Split
    worth: Array  # (n_nodes that ask, n_features)

    @classmethod
    def of(cls, root: Array, splits: Sequence[Split]) -> "Tree":
        """The tree that grows from a root with these class weights by these splits, the first first."""
        sizes = [len(split.branches) for split in splits]
        n_nodes, n_features = 1 + sum(sizes), len(splits[0].gains) if splits else 0
        nodes = np.array([split.node for split in splits], dtype=np.int64)
        feature, threshold = np.full(n_nodes, LEAF), np.full(n_nodes, np.nan)
        feature[nodes] = [split.feature for split in splits]
        threshold[nodes] = [split.threshold for split in splits]
        parent = np.repeat([NOBODY, *nodes], [1, *sizes])
        depth = np.zeros(n_nodes, dtype=np.int64)
        place = 1
        for node, size in zip(nodes.tolist(), sizes, strict=True):
            depth[place : place + size] = depth[node] + 1
            place += size
        return cls(
            feature,
            threshold,
            parent,
            np.concatenate([[LEAF], *(split.branches for split in splits)]).astype(np.int64),
            depth,
            np.concatenate([root[None], *(split.counts for split in splits)]),
            np.array([split.gains for split in splits]).reshape(len(splits), n_features),
            np.array([split.worth for split in splits]).reshape(len(splits), n_features),
        )

    @property
    def node_count(self) -> int:
        return len(self.feature)

    @property
    def asking(self) -> Array:
        """The nodes that ask, in the order in which they were split."""
        return np.flatnonzero(self.feature != LEAF)

    @property
    def n_leaves(self) -> int:
        return int((self.feature == LEAF).sum())

    @property
    def max_depth(self) -> int:
        return int(self.depth.max())

    def entropies(self) -> Array:
        """(n_nodes,) bits."""
        return entropy(self.counts)

    def shares(self) -> Array:
        """(n_nodes, n_classes) the share of each class in each node."""
        shares: Array = self.counts / self.counts.sum(axis=1, keepdims=True)
        return shares

    def children(self, node: int) -> Array:
        """The nodes below one."""
        # parents stand in order
        start, end = np.searchsorted(self.parent, [node, node + 1])
        return np.arange(start, end)

    def path(self, node: int) -> list[int]:
        """The nodes from below the root to this one."""
        nodes = []
        while node > 0:
            nodes.append(node)
            node = int(self.parent[node])
        return nodes[::-1]

    def keeping(self, asking: Array) -> "Tree":
        """The tree whose questions are those of the nodes `asking` only; with a node, its ancestors must be there."""
        kept = np.zeros(self.node_count + 1, dtype=bool)  # the last place is the root's parent
        kept[asking] = True
        rows = np.flatnonzero(kept[self.parent] | (self.parent == NOBODY))
        number = np.full(self.node_count + 1, NOBODY)
        number[rows] = np.arange(len(rows))
        asks = kept[rows]
        return Tree(
            np.where(asks, self.feature[rows], LEAF),
            np.where(asks, self.threshold[rows], np.nan),
            number[self.parent[rows]],
            self.branch[rows],
            self.depth[rows],
            self.counts[rows],
            self.gains[kept[self.asking]],
            self.worth[kept[self.asking]],
        )

    def first(self, n_splits: int) -> "Tree":
        """The tree after its first splits."""
        return self.keeping(self.asking[:n_splits])

    def probabilities(self, codes: Array) -> Array:
        """(n_samples, n_classes) what the tree says of rows of codes (n_samples, n_features).

        A row whose answer leads nowhere ends where it stands. A row whose answer is missing goes down all branches, in
        parts as large as the branches' shares of the training rows [1]_.

        References
        ----------
        .. [1] Quinlan, J. R. (1993). C4.5: Programs for Machine Learning, chapter 3.
        """
        shares, weight_of = self.shares(), self.counts.sum(axis=1)
        said = np.zeros((len(codes), self.counts.shape[1]))
        row, node = np.arange(len(codes)), np.zeros(len(codes), dtype=np.int64)
        part = np.ones(len(codes))
        while len(row):
            feature = self.feature[node]
            answer = np.where(feature == LEAF, NOBODY, codes[row, feature])
            split_up = np.isnan(answer)
            child = self._next(node, answer)
            ends = ~split_up & (child == NOBODY)
            np.add.at(said, row[ends], part[ends, None] * shares[node[ends]])
            goes = ~split_up & ~ends
            which, below = self._all_below(node[split_up])
            share = weight_of[below] / np.add.reduceat(weight_of[below], _starts(which))[which] if len(below) else []
            row = np.concatenate([row[goes], row[split_up][which]])
            part = np.concatenate([part[goes], part[split_up][which] * share])
            node = np.concatenate([child[goes], below])
        return said

    def _next(self, node: Array, answer: Array) -> Array:
        """The child that each node's answer leads to; NOBODY where there is none."""
        threshold = self.threshold[node]
        code = np.where(np.isnan(threshold), np.nan_to_num(answer, nan=NOBODY), answer > threshold).astype(np.int64)
        if self.node_count == 1:
            return np.full(len(node), NOBODY)
        room = int(self.branch.max()) + 2  # so that no code, not even -1, is taken for one of another node
        keys = self.parent[1:] * room + self.branch[1:]
        wanted = node * room + code
        place = np.minimum(np.searchsorted(keys, wanted), len(keys) - 1)
        return np.where(keys[place] == wanted, place + 1, NOBODY)

    def _all_below(self, nodes: Array) -> tuple[Array, Array]:
        """(which, child): every child of every one of `nodes`, and the place of its parent among them."""
        start, end = np.searchsorted(self.parent, nodes), np.searchsorted(self.parent, nodes, side="right")
        which = np.repeat(np.arange(len(nodes)), end - start)
        return which, np.arange(len(which)) - np.repeat(np.cumsum(end - start) - (end - start) - start, end - start)

    def answer(self, node: int, attributes: Sequence[Attribute]) -> str:
        """The answer that leads to a node, in few words."""
        above, branch = int(self.parent[node]), int(self.branch[node])
        threshold = float(self.threshold[above])
        if np.isnan(threshold):
            attribute = attributes[int(self.feature[above])]
            return attribute.answer(branch)
        return f"{'>' if branch == ABOVE else LESS_EQUAL} {plain(threshold)}"

    def conditions(self, node: int, attributes: Sequence[Attribute]) -> list[str]:
        """The answers that lead to a node, as parts of a sentence; those about one number are drawn together."""
        ends: dict[int, list[float | None]] = {}
        parts: dict[int, str] = {}
        for below in self.path(node):
            above, branch = int(self.parent[below]), int(self.branch[below])
            feature, threshold = int(self.feature[above]), float(self.threshold[above])
            if np.isnan(threshold):
                parts[feature] = attributes[feature].condition(branch)
                continue
            limits = ends.setdefault(feature, [None, None])
            limits[0 if branch == ABOVE else 1] = threshold
            low, high = (None if limit is None else plain(limit) for limit in limits)
            parts[feature] = f"{attributes[feature].name} is {between(low, high)}"
        return list(parts.values())

    def rules(self, attributes: Sequence[Attribute], classes: Array) -> Iterator[str]:
        """One sentence a leaf."""
        shares = self.shares()
        for leaf in self.leaves_in_order():
            best = int(shares[leaf].argmax())
            right, all_of_them = self.counts[leaf, best], self.counts[leaf].sum()
            parts = self.conditions(leaf, attributes)
            start = f"If {' and '.join(parts)}, the" if parts else "The"
            yield f"{start} answer is {classes[best]} ({right:.4g} of {all_of_them:.4g} rows)."

    def leaves_in_order(self) -> list[int]:
        """The leaves from left to right: the children of a node one after the other, each with all below it."""
        leaves, waiting = [], [0]
        while waiting:
            node = waiting.pop()
            if self.feature[node] == LEAF:
                leaves.append(node)
            waiting += self.children(node)[::-1].tolist()
        return leaves


LESS_EQUAL = "\N{LESS-THAN OR EQUAL TO}"


def _starts(which: Array) -> Array:
    """Where each run of equal numbers begins."""
    return np.flatnonzero(np.diff(which, prepend=-1))
