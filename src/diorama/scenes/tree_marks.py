"""What the pictures of all growing trees share: places, lines, questions, and the numbers of the newest split."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from diorama._categories import Categories
from diorama._typing import Array
from diorama.scenes.columns import Columns
from diorama.scenes.parts import number
from diorama.scenes.tree_layout import places
from diorama.scenes.tree_panels import TREE_WIDTH
from diorama.trees.growth import Growth
from diorama.trees.tree import Tree

SPLITS_DRAWN = 15  # of the tree: 31 nodes are what the panel holds
BAR_HEIGHT, TEXT_HEIGHT = 0.034, 0.055
MIN_SPREAD = 0.12  # between two children, for their answers to be legible
NAMES_LISTED = 4  # of categories in a question
CHARACTER = 5.6  # pixels, of the questions

DECREASE = (
    r"\delta = i_t - \frac{w_L}{w_t} i_L - \frac{w_R}{w_t} i_R"
    r" = \slot{impurity} - \slot{left_share} \cdot \slot{left_impurity}"
    r" - \slot{right_share} \cdot \slot{right_impurity} = \slot{gain},"
    r" \quad \frac{w_t}{w} \delta = \slot{share} \cdot \slot{gain} = \slot{decrease}"
)


class Shape(NamedTuple):
    """The drawn tree, the same in all frames."""

    tree: Tree  # the part of the whole tree that is drawn
    order: Array  # its inner nodes in the order they are split
    x: Array  # (n_nodes,) where its nodes stand, from 0 to 1
    y: Array
    names: Sequence[str]  # of the features
    categories: Categories  # which of them are categories

    @classmethod
    def of(cls, tree: Tree, model: Any) -> "Shape":
        """The splits of a fitted model's tree with the largest decrease, as many as there is room for."""
        drawn = tree.keeping(tree.best_first(SPLITS_DRAWN))
        names = feature_names(model, model.n_features_in_)
        return cls(drawn, drawn.best_first(), *places(drawn), names, model.categories_)

    def question(self, node: int, tree: Tree | None = None) -> str:
        """What a node asks, in words."""
        tree = tree or self.tree
        name, threshold = self.names[tree.feature[node]], float(tree.threshold[node])
        if np.isnan(threshold):
            return f"{name} {self._membership(int(tree.feature[node]), tree.categories(node))}"
        return f"{name} known" if np.isinf(threshold) else f"{name} \N{LESS-THAN OR EQUAL TO} {number(threshold)}"

    def _membership(self, feature: int, chosen: Array) -> str:
        """That a category is one of those chosen, or, where the others are fewer, none of those."""
        known = [str(name) for name in self.categories.known(feature)]
        names = [known[place] for place in chosen]
        others = [name for name in known if name not in names]
        listed, word = (others, "is not") if 0 < len(others) < len(names) else (names, "is")
        if len(listed) > NAMES_LISTED:
            listed = [*listed[: NAMES_LISTED - 1], f"{len(listed) - NAMES_LISTED + 1} more"]
        return f"{word} {' or '.join([', '.join(listed[:-1]), listed[-1]] if len(listed) > 1 else listed)}"

    @property
    def half_width(self) -> float:
        """Of a bar: as wide as leaves side by side allow."""
        return min(0.4 / self.tree.n_leaves, 0.055)

    def newest(self, before: Growth | None, now: Growth) -> int:
        """The node that this frame splits, or -1 when it shows none or several."""
        one = before is not None and now.n_splits - before.n_splits == 1
        return int(self.order[now.n_splits - 1]) if one and now.n_splits <= len(self.order) else -1

    def marks(self, before: Growth | None, now: Growth) -> dict[str, Columns]:
        """The data sets of a frame, all but the bars."""
        visible = self.order[: now.n_splits]
        fresh = self.newest(before, now)
        legible = _legible(self, visible, fresh)
        return {
            "edges": _edges(self, visible, legible),
            "answers": _answers(self, visible),
            "questions": _questions(self, legible),
            "fresh": _fresh(self, fresh),
        }


def feature_names(model: Any, n_features: int) -> list[str]:
    """The names that a fitted model knows, or numbers from 1."""
    return [str(name) for name in getattr(model, "feature_names_in_", [f"feature {i + 1}" for i in range(n_features)])]


def dense(X: Any) -> Array:
    """Rows as an array, sparse or not."""
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=float)


def _edges(drawing: Shape, visible: Array, legible: list[int]) -> Columns:
    """A line from each node that asks to each of its children, or to the question above the child."""
    children = np.concatenate([drawing.tree.children_left[visible], drawing.tree.children_right[visible]])
    parents = np.concatenate([visible, visible])
    return {
        "x": drawing.x[parents],
        "y": drawing.y[parents] + BAR_HEIGHT / 2,
        "x2": drawing.x[children],
        "y2": drawing.y[children] - BAR_HEIGHT / 2 - TEXT_HEIGHT * np.isin(children, legible),
    }


def _answers(drawing: Shape, visible: Array) -> Columns:
    """ "yes" and "no" at the first two levels; further down it is always left and right."""
    tree, rows = drawing.tree, visible[drawing.tree.depth[visible] < 2]
    wide = np.abs(drawing.x[tree.children_right[rows]] - drawing.x[tree.children_left[rows]]) > MIN_SPREAD
    rows = rows[wide]
    children = np.concatenate([tree.children_left[rows], tree.children_right[rows]])
    parents = np.concatenate([rows, rows])
    return {
        "x": (drawing.x[parents] + drawing.x[children]) / 2,
        "y": (drawing.y[parents] + drawing.y[children]) / 2,
        "text": ["yes"] * len(rows) + ["no"] * len(rows),
    }


def _legible(drawing: Shape, visible: Array, fresh: int) -> list[int]:
    """The nodes whose questions there is room for, and always the newest."""
    width = {node: len(drawing.question(node)) * CHARACTER for node in visible.tolist()}
    return [node for node in width if node == fresh or _room(drawing, node) >= width[node]]


def _questions(drawing: Shape, nodes: list[int]) -> Columns:
    texts = [drawing.question(node) for node in nodes]
    half = np.array([len(text) for text in texts]) * CHARACTER / 2 / TREE_WIDTH
    # not beyond the edge of the panel
    x = np.minimum(np.maximum(drawing.x[nodes], half), 1 - half)
    return {"x": x, "y": drawing.y[nodes] - BAR_HEIGHT / 2, "text": texts}


def _room(drawing: Shape, node: int) -> float:
    """Pixels between the neighbours of a node on its level."""
    level = np.sort(drawing.x[drawing.tree.depth == drawing.tree.depth[node]])
    gaps = np.abs(level[level != drawing.x[node]] - drawing.x[node])
    return float(TREE_WIDTH * (gaps.min() if len(gaps) else 1.0))


def _fresh(drawing: Shape, node: int) -> Columns:
    """A frame around the bar that is split now."""
    half = drawing.half_width + 0.006
    x, y = (drawing.x[[node]], drawing.y[[node]]) if node >= 0 else (np.empty(0), np.empty(0))
    return {"x": x - half, "x2": x + half, "y": y - BAR_HEIGHT * 0.75, "y2": y + BAR_HEIGHT * 0.75}


def values(now: Growth) -> dict[str, str]:
    """The numbers of the newest split."""
    tree, node = now.tree, now.node
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    weight = tree.weighted_n_node_samples
    share, decrease = weight[node] / weight[0], tree.decreases()[node]
    return {
        "share": number(share),
        "impurity": number(tree.impurity[node]),
        "left_share": number(weight[left] / weight[node]),
        "left_impurity": number(tree.impurity[left]),
        "right_share": number(weight[right] / weight[node]),
        "right_impurity": number(tree.impurity[right]),
        "gain": number(decrease / share),
        "decrease": number(decrease),
    }


def risk(tree: Tree) -> float:
    """The impurity of the leaves, weighted."""
    return float(tree.risks()[tree.feature < 0].sum())


def say(rows: int) -> str:
    """So many rows and their verb."""
    return "1 says" if rows == 1 else f"{rows:,} say"
