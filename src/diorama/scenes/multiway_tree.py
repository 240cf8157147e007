"""A tree of many answers as marks, and beside it a bar for each attribute that could be asked about."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, NEUTRAL, class_scales, number
from diorama.scenes.tree_marks import BAR_HEIGHT, CHARACTER, TEXT_HEIGHT
from diorama.scenes.tree_panels import PLANE_WIDTH, TREE_HEIGHT, TREE_WIDTH, on, tree_panel
from diorama.trees.attributes import Attribute
from diorama.trees.multiway import LEAF, Tree
from diorama.trees.multiway_growth import MultiwayGrowth

LEAVES_DRAWN, BRANCHES_DRAWN, BARS_DRAWN = 24, 10, 11
ANSWER_AT = 0.76  # of the way along a line
SHORTEST = 3  # letters; a shorter piece of an answer says nothing
ELLIPSIS = "\N{HORIZONTAL ELLIPSIS}"


class Bar(NamedTuple):
    """One line of the panel beside the tree."""

    name: str
    value: float
    text: str
    color: str = NEUTRAL
    opacity: float = 0.55


class Bars(NamedTuple):
    """That panel in one frame."""

    heading: str
    bars: Sequence[Bar]
    largest: float  # what a bar of full length stands for


class Shape(NamedTuple):
    """The tree as it is drawn, the same in all frames."""

    tree: Tree  # all that was grown
    attributes: Sequence[Attribute]
    classes: tuple[str, ...]
    nodes: Array  # the nodes that are drawn, in order
    x: Array  # (n_nodes,) where every node stands, from 0 to 1; NaN when it is not drawn
    y: Array
    half_width: float  # of a bar

    @classmethod
    def of(cls, recorded: RecordedFit) -> "Shape":
        """As much of a recorded tree as there is room for."""
        last, subject = recorded.moments[-1].state, recorded.fit.subject
        grown = last.grown
        children = _children_drawn(grown, last.tree)
        x, n_leaves = _across(grown, children)
        drawn = np.flatnonzero(~np.isnan(x))
        y = grown.depth / max(int(grown.depth[drawn].max()), 1)
        classes = tuple(str(label) for label in subject.classes_)
        return cls(grown, subject.attributes_, classes, drawn, x, y, min(0.42 / n_leaves, 0.05))

    def note(self) -> str:
        """What of the tree is left out, as a sentence, or nothing."""
        hidden = self.tree.node_count - len(self.nodes)
        return f"Drawn: {len(self.nodes)} of the tree's {self.tree.node_count:,} nodes." if hidden else ""

    def name(self, node: int) -> str:
        """The attribute that a node asks about."""
        attribute: Attribute = self.attributes[int(self.tree.feature[node])]
        return attribute.name

    def where(self, node: int) -> str:
        """The way to a node in words."""
        return " and ".join(self.tree.conditions(node, self.attributes))

    def rows(self, node: int) -> str:
        """How many rows a node has, in words."""
        weight = float(self.tree.counts[node].sum())
        return "1 row" if weight == 1 else f"{weight:,.4g} rows" if weight < 1e4 else f"{weight:,.0f} rows"

    def makes(self, node: int) -> str:
        """How many rows of each class a node has, in words; of many classes, how many there are."""
        counts = self.tree.counts[node]
        there = np.flatnonzero(counts)
        if len(there) > 3:
            return f"{len(there)} classes"
        return ", ".join(f"{counts[k]:.4g} {self.classes[k]}" for k in there)

    def marks(self, now: MultiwayGrowth, fresh: int) -> dict[str, Columns]:
        """The data sets of the tree in one frame; the node `fresh` is framed."""
        there, asking = _visible(self, now)
        edges = _edges(self, there, asking)
        return {
            "edges": edges,
            "bars": _bars(self, there, asking),
            "answers": _answers(self, there, edges),
            "questions": _questions(self, asking),
            "fresh": _fresh(self, fresh if fresh in there else LEAF),
        }


def tree_and_bars(shape: Shape, description: str) -> dict[str, Any]:
    """The specification of the whole picture."""
    legend = {"orient": "top", "title": None, "columns": 6, "symbolOpacity": 1}
    color = {"field": "class", "type": "nominal", "scale": class_scales(shape.classes)[0], "legend": legend}
    tips = [
        {"field": "when", "title": "when"},
        {"field": "class", "title": "class"},
        {"field": "share", "type": "quantitative", "format": ".1%", "title": "its share"},
    ]
    return {
        "description": description,
        "hconcat": [tree_panel(color, "entropy", tips), _bars_panel()],
        "spacing": 24,
        "resolve": {"scale": {"color": "independent"}},
    }


def bar_marks(panel: Bars) -> dict[str, Columns]:
    """The data sets of the panel beside the tree."""
    n, bars = len(panel.bars), panel.bars
    pitch = min(0.9 / max(n, 1), 0.16)
    top = 0.1 + pitch * np.arange(n) + 0.45 * pitch
    length = np.array([max(bar.value, 0.0) for bar in bars]) / max(panel.largest, 1e-300)
    return {
        "heading": {"x": [0.0], "y": [0.03], "text": [panel.heading]},
        "lengths": {
            "x": np.zeros(n),
            "x2": np.minimum(length, 1.0) * 0.72,
            "y": top,
            "y2": top + 0.3 * pitch,
            "name": [bar.name for bar in bars],
            "text": [bar.text for bar in bars],
            "color": [bar.color for bar in bars],
            "opacity": [bar.opacity for bar in bars],
        },
        "names": {"x": np.zeros(n), "y": top, "text": [_short(bar.name, 260) for bar in bars]},
        "figures": {
            "x": np.minimum(length, 1.0) * 0.72 + 0.02,
            "y": top + 0.15 * pitch,
            "text": [bar.text for bar in bars],
        },
    }


def attribute_bars(shape: Shape, row: int, chosen: bool, heading: str, among: Array) -> Bars:
    """A bar for each attribute: what it was worth as question number `row`; the one that was chosen stands out."""
    worth = shape.tree.worth
    largest = float(np.nanmax(worth)) if worth.size and not np.isnan(worth).all() else 1.0
    if row >= len(worth):
        return Bars("", [], largest)
    asked = int(shape.tree.feature[shape.tree.asking[row]]) if chosen else LEAF
    bars = [_attribute_bar(shape, row, feature, feature == asked) for feature in among.tolist()]
    return Bars(heading, bars, largest)


def attributes_drawn(tree: Tree, n_features: int) -> Array:
    """The attributes that get a bar: all, or those that the tree owes most to, then those first worth most."""
    if not len(tree.worth):
        return np.arange(min(n_features, BARS_DRAWN))
    asked = tree.feature[tree.asking]
    bits = tree.counts[tree.asking].sum(axis=1) * tree.gains[np.arange(len(asked)), asked]
    owed = np.bincount(asked, bits, n_features)
    return np.sort(np.lexsort([-np.nan_to_num(tree.worth[0]), -owed])[:BARS_DRAWN])


def _attribute_bar(shape: Shape, row: int, feature: int, asked: bool) -> Bar:
    name = shape.attributes[feature].name
    worth, gain = float(shape.tree.worth[row, feature]), float(shape.tree.gains[row, feature])
    if np.isnan(gain):
        return Bar(name, 0.0, "nothing left to tell apart")
    if np.isnan(worth):
        return Bar(name, 0.0, f"gains only {number(gain)}")
    return Bar(name, worth, number(worth), ACCENT if asked else NEUTRAL, 1.0 if asked else 0.55)


def _bars_panel() -> dict[str, Any]:
    down = [1.0, 0.0]
    x, y = on("x"), on("y", down)
    text = {"field": "text", "type": "nominal"}
    return {
        "width": PLANE_WIDTH,
        "height": TREE_HEIGHT,
        "view": {"stroke": None},
        "layer": [
            {
                "data": {"name": "heading"},
                "mark": {"type": "text", "align": "left", "fontSize": 12, "fontWeight": "bold"},
                "encoding": {"x": x, "y": y, "text": text},
            },
            {
                "data": {"name": "lengths"},
                "mark": {"type": "rect", "cornerRadius": 1},
                "encoding": {
                    "x": x,
                    "x2": {"field": "x2"},
                    "y": y,
                    "y2": {"field": "y2"},
                    "color": {"field": "color", "type": "nominal", "scale": None, "legend": None},
                    "opacity": {"field": "opacity", "type": "quantitative", "scale": None, "legend": None},
                    "tooltip": [{"field": "name", "title": "of"}, {"field": "text", "title": "worth"}],
                },
            },
            {
                "data": {"name": "names"},
                "mark": {"type": "text", "align": "left", "baseline": "bottom", "fontSize": 11, "dy": -2},
                "encoding": {"x": x, "y": y, "text": text},
            },
            {
                "data": {"name": "figures"},
                "mark": {"type": "text", "align": "left", "baseline": "middle", "fontSize": 10, "opacity": 0.8},
                "encoding": {"x": x, "y": y, "text": text},
            },
        ],
    }


def _children_drawn(tree: Tree, final: Tree) -> dict[int, list[int]]:
    """For each node whose question is drawn, those of its children that are: the heaviest, in their order.

    The questions that stay in the end come before those that are cut.
    """
    weight = tree.counts.sum(axis=1)
    children: dict[int, list[int]] = {}
    drawn, n_leaves = {0}, 1
    stays = {node: _asks_still(final, tree, node) for node in tree.asking.tolist()}
    for node in sorted(stays, key=lambda node: (not stays[node], node)):
        below = tree.children(node)
        heaviest = np.sort(below[np.argsort(-weight[below], kind="stable")[:BRANCHES_DRAWN]]).tolist()
        if node in drawn and n_leaves + len(heaviest) - 1 <= LEAVES_DRAWN:
            children[node] = heaviest
            drawn.update(heaviest)
            n_leaves += len(heaviest) - 1
    return children


def _across(tree: Tree, children: dict[int, list[int]]) -> tuple[Array, int]:
    """(x, number of leaves drawn): leaves side by side with equal gaps, parents midway above their children."""
    x = np.full(tree.node_count, np.nan)
    order, waiting = [], [0]
    while waiting:
        node = waiting.pop()
        order.append(node)
        waiting += children.get(node, [])[::-1]
    leaves = [node for node in order if node not in children]
    x[leaves] = (np.arange(len(leaves)) + 0.5) / len(leaves)
    for node in reversed(order):
        if node in children:
            x[node] = (x[children[node][0]] + x[children[node][-1]]) / 2
    return x, len(leaves)


def _visible(shape: Shape, now: MultiwayGrowth) -> tuple[Array, Array]:
    """(there, asking): the drawn nodes that are in the tree now, and those of them whose question is drawn now."""
    asks = set(shape.tree.asking[: now.n_splits].tolist())
    if now.n_cuts:
        drawn = asks.intersection(shape.nodes.tolist())
        asks = {node for node in drawn if _asks_still(now.tree, shape.tree, node)}
    parents = shape.tree.parent[shape.nodes]
    there = np.array([n for n, p in zip(shape.nodes.tolist(), parents.tolist(), strict=True) if p in asks or n == 0])
    parents_drawn = set(shape.tree.parent[there].tolist())
    return there, np.array([node for node in there.tolist() if node in parents_drawn], dtype=np.int64)


def _asks_still(tree: Tree, grown: Tree, node: int) -> bool:
    """Whether a node of the tree as it had grown asks in what is left of it: the same answers lead there."""
    there = 0
    for below in grown.path(node):
        children = tree.children(there)
        if not len(children):
            return False
        there = int(children[tree.branch[children] == grown.branch[below]][0])
    return int(tree.feature[there]) != LEAF


def _edges(shape: Shape, there: Array, asking: Array) -> Columns:
    """A line from each node that asks to each of its children, or to the question above the child."""
    below = there[1:]
    above = shape.tree.parent[below]
    return {
        "x": shape.x[above],
        "y": shape.y[above] + BAR_HEIGHT / 2,
        "x2": shape.x[below],
        "y2": shape.y[below] - BAR_HEIGHT / 2 - TEXT_HEIGHT * np.isin(below, asking),
    }


def _bars(shape: Shape, there: Array, asking: Array) -> Columns:
    """Each node as a bar, divided by the share of each class."""
    shares = shape.tree.shares()[there]
    ends = np.cumsum(shares, axis=1)
    place, label = np.nonzero(shares > 0)
    left, width = shape.x[there][place] - shape.half_width, 2 * shape.half_width
    nodes = there[place]
    y = shape.y[nodes]
    asks, majority = set(asking.tolist()), shares.argmax(axis=1)
    says = [
        f"{shape.name(node)}?" if node in asks else f"answer: {shape.classes[best]}"
        for node, best in zip(there.tolist(), majority.tolist(), strict=True)
    ]
    ways = [shape.where(node) for node in there.tolist()]
    return {
        "x": left + width * (ends - shares)[place, label],
        "x2": left + width * ends[place, label],
        "y": y - BAR_HEIGHT / 2,
        "y2": y + BAR_HEIGHT / 2,
        "class": [shape.classes[k] for k in label],
        "share": shares[place, label],
        "node": [says[i] for i in place],
        "when": [ways[i] for i in place],
        "rows": shape.tree.counts[nodes].sum(axis=1),
        "impurity": shape.tree.entropies()[nodes],
    }


def _answers(shape: Shape, there: Array, edges: Columns) -> Columns:
    """The answer beside each line, as much of it as there is room for."""
    below = there[1:]
    x = edges["x"] + ANSWER_AT * (edges["x2"] - edges["x"])
    y = edges["y"] + ANSWER_AT * (edges["y2"] - edges["y"])
    room = _room(x, shape.tree.depth[below])
    answers = [shape.tree.answer(node, shape.attributes) for node in below.tolist()]
    return {"x": x, "y": y, "text": [_short(text, pixels) for text, pixels in zip(answers, room, strict=True)]}


def _questions(shape: Shape, asking: Array) -> Columns:
    """The attribute above each node that asks."""
    room = _room(shape.x[asking], shape.tree.depth[asking])
    texts = [_short(shape.name(node), pixels) for node, pixels in zip(asking.tolist(), room, strict=True)]
    return {"x": shape.x[asking], "y": shape.y[asking] - BAR_HEIGHT / 2, "text": texts}


def _room(x: Array, level: Array) -> Array:
    """Pixels between each text and its nearest neighbour on its level, or the edge of the panel."""
    gaps = np.abs(x[:, None] - x)
    gaps[(level[:, None] != level) | np.eye(len(x), dtype=bool)] = 1.0
    room: Array = TREE_WIDTH * np.minimum(gaps.min(axis=1, initial=1.0), 2 * np.minimum(x, 1 - x))
    return room


def _short(text: str, room: float) -> str:
    """A text, or as much of it as has room, or nothing."""
    letters = int(room / CHARACTER)
    if len(text) <= letters:
        return text
    return text[: letters - 1] + ELLIPSIS if letters > SHORTEST else ""


def _fresh(shape: Shape, node: int) -> Columns:
    """A frame around the bar of a node, or none."""
    half = shape.half_width + 0.006
    x, y = (shape.x[[node]], shape.y[[node]]) if node >= 0 else (np.empty(0), np.empty(0))
    return {"x": x - half, "x2": x + half, "y": y - BAR_HEIGHT * 0.75, "y2": y + BAR_HEIGHT * 0.75}
