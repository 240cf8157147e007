"""A classification tree growing question by question, beside the regions that its questions cut."""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source
from diorama.scenes.tree_layout import Box, Slice, boxes, halves, places, two_features
from diorama.scenes.tree_panels import TREE_WIDTH, Look, panels
from diorama.trees.cart_classifier import State
from diorama.trees.splitting import add, best_cut, worth_of
from diorama.trees.tree import Tree

SPLITS_DRAWN = 15  # of the tree: 31 nodes are what the panel holds
SPLITS_CUT = 300  # of the plane: finer regions are not seen
BAR_HEIGHT, TEXT_HEIGHT = 0.034, 0.055
MIN_SPREAD = 0.12  # between two children, for their answers to be legible
CHARACTER = 5.6  # pixels, of the questions

DECREASE = (
    r"\frac{w_t}{w}\left(i_t - \frac{w_L}{w_t} i_L - \frac{w_R}{w_t} i_R\right)"
    r" = \slot{share}\left(\slot{impurity} - \slot{left_share} \cdot \slot{left_impurity}"
    r" - \slot{right_share} \cdot \slot{right_impurity}\right) = \slot{decrease}"
)
IMPURITY = {
    "gini": r"i_t = \sum_k p_k (1 - p_k) = \slot{impurity}",
    "entropy": r"i_t = -\sum_k p_k \log_2 p_k = \slot{impurity}",
}


class Drawing(NamedTuple):
    """What stays the same over all frames."""

    tree: Tree  # the part of the whole tree that is drawn
    order: Array  # its inner nodes in the order they are split
    x: Array  # (n_nodes,) where its nodes stand, from 0 to 1
    y: Array
    plane: Slice
    names: Sequence[str]  # of the features
    classes: tuple[str, ...]
    criterion: str

    def question(self, node: int, tree: Tree | None = None) -> str:
        """What a node asks, in words."""
        tree = tree or self.tree
        name, threshold = self.names[tree.feature[node]], float(tree.threshold[node])
        return f"{name} known" if np.isinf(threshold) else f"{name} \N{LESS-THAN OR EQUAL TO} {number(threshold)}"

    def majority(self, tree: Tree, node: int) -> str:
        return self.classes[int(tree.value[node].argmax())]


def cart_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded CARTClassifier."""
    drawing = _drawing(state, recorded)
    points, notes = _points(recorded, drawing)
    states = [moment.state for moment in recorded.moments]
    frames = [_frame(drawing, before, now) for before, now in zip([None, *states], states, strict=False)]
    return Scene(
        title="CART",
        spec=panels(_look(drawing)),
        frames=tuple(frames),
        data={"points": points},
        code=marked_source(best_cut, add, worth_of),
        formulas={"keep": DECREASE, "": IMPURITY[drawing.criterion]},
        caption=" ".join(_notes(state, drawing, notes)),
    )


def _drawing(state: State, recorded: RecordedFit) -> Drawing:
    fit, tree = recorded.fit, state.tree
    X = _dense(fit.X)
    names = getattr(fit.subject, "feature_names_in_", [f"feature {i + 1}" for i in range(X.shape[1])])
    drawn = tree.keeping(tree.best_first(SPLITS_DRAWN))
    across, up = two_features(tree.feature_importances(X.shape[1]))
    x_range = padded_range(X[:, across])
    y_range = padded_range(X[:, up]) if up >= 0 else [0.0, 1.0]
    plane = Slice((across, up), np.array([_median(column) for column in X.T]), Box(*x_range, *y_range))
    classes = tuple(str(label) for label in fit.subject.classes_)
    criterion = "gini" if fit.subject.criterion == "gini" else "entropy"
    return Drawing(drawn, drawn.best_first(), *places(drawn), plane, [str(name) for name in names], classes, criterion)


def _look(drawing: Drawing) -> Look:
    across, up = drawing.plane.features
    name_up = drawing.names[up] if up >= 0 else ""
    return Look(drawing.classes, drawing.criterion, drawing.names[across], name_up, drawing.plane.box)


def _dense(X: Any) -> Array:
    return np.asarray(X.toarray() if hasattr(X, "toarray") else X, dtype=float)


def _median(column: Array) -> float:
    present = column[~np.isnan(column)]
    return float(np.median(present)) if len(present) else np.nan


def _points(recorded: RecordedFit, drawing: Drawing) -> tuple[Columns, list[str]]:
    """The training rows on the plane, and what a reader must know of them."""
    X, y = _dense(recorded.fit.X), np.asarray(recorded.fit.y)
    across, up = drawing.plane.features
    x = X[:, across]
    # with one feature, a row a class
    height = X[:, up] if up >= 0 else (np.searchsorted(recorded.fit.subject.classes_, y) + 0.5) / len(drawing.classes)
    there = np.flatnonzero(~(np.isnan(x) | np.isnan(height)))
    rows, note = sample_rows(len(there), 1_000)
    rows = there[rows]
    notes = [note] if note else []
    if len(there) < len(x):
        notes.append(f"{len(x) - len(there):,} rows lack a value here and cannot be drawn.")
    return {"x": x[rows], "y": height[rows], "class": [str(label) for label in y[rows]]}, notes


def _notes(state: State, drawing: Drawing, notes: list[str]) -> list[str]:
    n_features, n_splits = len(drawing.names), state.tree.n_leaves - 1
    if n_features > 2:
        across, up = (drawing.names[feature] for feature in drawing.plane.features)
        held = "the other" if n_features == 3 else f"the other {n_features - 2}"
        notes.insert(0, f"The plane: {across} and {up}, which the tree owes most to; {held} held at the median.")
    if n_splits > SPLITS_DRAWN:
        notes.append(f"The tree: its {SPLITS_DRAWN} splits with the largest decrease, of {n_splits:,}.")
    if n_splits > SPLITS_CUT:
        notes.append(f"The regions: those of its first {SPLITS_CUT} splits.")
    return notes


def _frame(drawing: Drawing, before: State | None, now: State) -> Frame:
    visible = drawing.order[: now.n_splits]
    kept = drawing.tree.rows_kept(visible)
    new = now.n_splits - (before.n_splits if before else 0)
    fresh = int(drawing.order[now.n_splits - 1]) if new == 1 and now.n_splits <= len(drawing.order) else -1
    legible = _legible(drawing, visible, fresh)
    tree = now.tree if now.n_splits <= SPLITS_CUT else now.tree.keeping(now.tree.best_first(SPLITS_CUT))
    found = boxes(tree, drawing.plane)
    data = {
        "edges": _edges(drawing, visible, legible),
        "answers": _answers(drawing, visible),
        "bars": _bars(drawing, kept, set(visible.tolist())),
        "questions": _questions(drawing, legible),
        "fresh": _fresh(drawing, fresh),
        "regions": _regions(drawing, tree, found),
        "focus": _focus(drawing, now, found if new == 1 else {}),
    }
    splitting = new == 1
    return Frame(
        data=data,
        narration=_narration(drawing, before, now),
        alt=_alt(drawing, now),
        step="keep" if splitting else "",
        values=_values(now) if splitting else {"impurity": number(now.tree.impurity[0])},
    )


def _edges(drawing: Drawing, visible: Array, legible: list[int]) -> Columns:
    """A line from each node that asks to each of its children, or to the question above the child."""
    children = np.concatenate([drawing.tree.children_left[visible], drawing.tree.children_right[visible]])
    parents = np.concatenate([visible, visible])
    return {
        "x": drawing.x[parents],
        "y": drawing.y[parents] + BAR_HEIGHT / 2,
        "x2": drawing.x[children],
        "y2": drawing.y[children] - BAR_HEIGHT / 2 - TEXT_HEIGHT * np.isin(children, legible),
    }


def _answers(drawing: Drawing, visible: Array) -> Columns:
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


def _bars(drawing: Drawing, kept: Array, asking: set[int]) -> Columns:
    """Each node as a bar, divided by the share of each class."""
    tree, half = drawing.tree, _half_width(drawing)
    ends = np.cumsum(tree.value[kept], axis=1)
    starts = ends - tree.value[kept]
    node, label = np.nonzero(tree.value[kept] > 0)
    rows = kept[node]
    left = drawing.x[rows] - half
    says = {row: f"{drawing.question(row)}?" for row in asking}
    return {
        "x": left + 2 * half * starts[node, label],
        "x2": left + 2 * half * ends[node, label],
        "y": drawing.y[rows] - BAR_HEIGHT / 2,
        "y2": drawing.y[rows] + BAR_HEIGHT / 2,
        "class": [drawing.classes[k] for k in label],
        "share": tree.value[rows, label],
        "node": [says.get(row, f"answer: {drawing.majority(tree, row)}") for row in rows.tolist()],
        "rows": tree.n_node_samples[rows],
        "impurity": tree.impurity[rows],
    }


def _half_width(drawing: Drawing) -> float:
    """Of a bar: as wide as leaves side by side allow."""
    return min(0.4 / drawing.tree.n_leaves, 0.055)


def _legible(drawing: Drawing, visible: Array, fresh: int) -> list[int]:
    """The nodes whose questions there is room for, and always the newest."""
    width = {node: len(drawing.question(node)) * CHARACTER for node in visible.tolist()}
    return [node for node in width if node == fresh or _room(drawing, node) >= width[node]]


def _questions(drawing: Drawing, nodes: list[int]) -> Columns:
    texts = [drawing.question(node) for node in nodes]
    half = np.array([len(text) for text in texts]) * CHARACTER / 2 / TREE_WIDTH
    # not beyond the edge of the panel
    x = np.minimum(np.maximum(drawing.x[nodes], half), 1 - half)
    return {"x": x, "y": drawing.y[nodes] - BAR_HEIGHT / 2, "text": texts}


def _room(drawing: Drawing, node: int) -> float:
    """Pixels between the neighbours of a node on its level."""
    level = np.sort(drawing.x[drawing.tree.depth == drawing.tree.depth[node]])
    gaps = np.abs(level[level != drawing.x[node]] - drawing.x[node])
    return float(TREE_WIDTH * (gaps.min() if len(gaps) else 1.0))


def _fresh(drawing: Drawing, node: int) -> Columns:
    """A frame around the bar that is split now."""
    half = _half_width(drawing) + 0.006
    x, y = (drawing.x[[node]], drawing.y[[node]]) if node >= 0 else (np.empty(0), np.empty(0))
    return {"x": x - half, "x2": x + half, "y": y - BAR_HEIGHT * 0.75, "y2": y + BAR_HEIGHT * 0.75}


def _regions(drawing: Drawing, tree: Tree, found: dict[int, Box]) -> Columns:
    """The boxes of the leaves, coloured by their commonest class, paler where they are mixed."""
    leaves = [node for node in found if tree.feature[node] < 0]
    return {
        **_corners([found[leaf] for leaf in leaves]),
        "class": [drawing.majority(tree, leaf) for leaf in leaves],
        "sure": tree.value[leaves].max(axis=1),
    }


def _focus(drawing: Drawing, now: State, found: dict[int, Box]) -> Columns:
    """The two halves of the region that is split now."""
    box, parts = found.get(now.node), []
    if box is not None:
        feature = int(now.tree.feature[now.node])
        if feature in drawing.plane.features:
            axis = drawing.plane.features.index(feature)
            parts = [half for half in halves(box, axis, float(now.tree.threshold[now.node])) if half is not None]
        else:
            parts = [box]
    return _corners(parts)


def _corners(found: Sequence[Box]) -> dict[str, Any]:
    corners = np.array(found, dtype=float).reshape(-1, 4).T
    return {"x": corners[0], "x2": corners[1], "y": corners[2], "y2": corners[3]}


def _values(now: State) -> dict[str, str]:
    """The numbers of the newest split."""
    tree, node = now.tree, now.node
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    weight = tree.weighted_n_node_samples
    return {
        "share": number(weight[node] / weight[0]),
        "impurity": number(tree.impurity[node]),
        "left_share": number(weight[left] / weight[node]),
        "left_impurity": number(tree.impurity[left]),
        "right_share": number(weight[right] / weight[node]),
        "right_impurity": number(tree.impurity[right]),
        "decrease": number(tree.decreases()[node]),
    }


def _risk(tree: Tree) -> float:
    return float(tree.risks()[tree.feature < 0].sum())


def _narration(drawing: Drawing, before: State | None, now: State) -> str:
    tree, node = now.tree, now.node
    rows = f"{tree.n_node_samples[0]:,} rows"
    if before is None and now.n_splits == 0:
        why = "" if now.n_splits_in_all else " No question is worth asking: it stays like that."
        return f"At the start one leaf holds all {rows}; its {drawing.criterion} is {number(tree.impurity[0])}.{why}"
    falls = f"{drawing.criterion} falls to {number(max(_risk(tree), 0.0))}"
    if before is None or now.n_splits - before.n_splits != 1:
        first = before.n_splits + 1 if before else 1
        return f"Splits {first} to {now.n_splits:,}: with {tree.n_leaves:,} leaves the tree's {falls}."
    yes, no = (int(tree.n_node_samples[child]) for child in (tree.children_left[node], tree.children_right[node]))
    return (
        f"Split {now.n_splits} of {now.n_splits_in_all:,}: you ask {yes + no:,} rows whether "
        f"{drawing.question(node, tree)}; {_say(yes)} yes, {_say(no)} no, and the tree's {falls}."
    )


def _say(rows: int) -> str:
    return "1 says" if rows == 1 else f"{rows:,} say"


def _alt(drawing: Drawing, now: State) -> str:
    across, up = drawing.plane.features
    plane = f"{drawing.names[across]} and {drawing.names[up]}" if up >= 0 else drawing.names[across]
    return (
        f"A tree with {now.tree.n_leaves:,} leaves, {now.tree.max_depth} questions deep, beside the plane of {plane} "
        f"cut into its regions, coloured by class."
    )
