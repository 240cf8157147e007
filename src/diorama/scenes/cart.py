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
from diorama.scenes.tree_layout import Box, Slice, boxes, halves, two_features
from diorama.scenes.tree_marks import BAR_HEIGHT, DECREASE, SPLITS_DRAWN, Shape, dense, risk, say, values
from diorama.scenes.tree_panels import Look, panels
from diorama.trees.cart_classifier import State
from diorama.trees.class_cuts import add, best_cut, worth_of
from diorama.trees.tree import Tree

CATEGORIES_NAMED = 6  # below the panel
SPLITS_CUT = 300  # of the plane: finer regions are not seen

IMPURITY = {
    "gini": r"i_t = \sum_k p_k (1 - p_k) = \slot{impurity}",
    "entropy": r"i_t = -\sum_k p_k \log_2 p_k = \slot{impurity}",
}


class Drawing(NamedTuple):
    """What stays the same over all frames."""

    shape: Shape
    plane: Slice
    classes: tuple[str, ...]
    criterion: str

    @property
    def cuts_plane(self) -> bool:
        """Whether the tree's regions are boxes: a set of categories has no sides."""
        return not self.shape.categories.nominal[self.plane.features[0]]

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
    X = dense(fit.X)
    shape = Shape.of(tree, fit.subject)
    nominal = shape.categories.nominal
    across, up = two_features(tree.feature_importances(X.shape[1]), nominal)
    x_range = padded_range(X[:, across])
    y_range = padded_range(X[:, up]) if up >= 0 else [0.0, 1.0]
    plane = Slice(
        (across, up), np.array([_usual(*pair) for pair in zip(X.T, nominal, strict=True)]), Box(*x_range, *y_range)
    )
    classes = tuple(str(label) for label in fit.subject.classes_)
    criterion = "gini" if fit.subject.criterion == "gini" else "entropy"
    return Drawing(shape, plane, classes, criterion)


def _look(drawing: Drawing) -> Look:
    across, up = drawing.plane.features
    name_up = drawing.shape.names[up] if up >= 0 else ""
    name = drawing.shape.names[across]
    if not drawing.cuts_plane:
        known = drawing.shape.categories.known(across)[:CATEGORIES_NAMED]
        name += ": " + ", ".join(f"{place} {category}" for place, category in enumerate(known))
    return Look(drawing.classes, drawing.criterion, name, name_up, drawing.plane.box)


def _usual(column: Array, nominal: bool) -> float:
    """The median, or the commonest category."""
    present = column[~np.isnan(column)]
    if nominal and len(present):
        return float(np.bincount(present.astype(np.int64)).argmax())
    return float(np.median(present)) if len(present) else np.nan


def _points(recorded: RecordedFit, drawing: Drawing) -> tuple[Columns, list[str]]:
    """The training rows on the plane, and what a reader must know of them."""
    X, y = dense(recorded.fit.X), np.asarray(recorded.fit.y)
    across, up = drawing.plane.features
    x = X[:, across]
    # with one feature, a row a class
    height = X[:, up] if up >= 0 else (np.searchsorted(recorded.fit.subject.classes_, y) + 0.5) / len(drawing.classes)
    if not drawing.cuts_plane:
        # spread evenly around their category and class, so that each is seen
        x, height = x + _spread(len(x), 0.618) * 0.55, height + _spread(len(x), 0.755) * 0.7 / len(drawing.classes)
    there = np.flatnonzero(~(np.isnan(x) | np.isnan(height)))
    rows, note = sample_rows(len(there), 1_000)
    rows = there[rows]
    notes = [note] if note else []
    if len(there) < len(x):
        notes.append(f"{len(x) - len(there):,} rows lack a value here and cannot be drawn.")
    return {"x": x[rows], "y": height[rows], "class": [str(label) for label in y[rows]]}, notes


def _spread(n: int, step: float) -> Array:
    """(n,) numbers from -1/2 to 1/2 that lie evenly, without chance."""
    numbers: Array = np.arange(n) * step % 1 - 0.5
    return numbers


def _notes(state: State, drawing: Drawing, notes: list[str]) -> list[str]:
    n_features, n_splits = len(drawing.shape.names), state.tree.n_leaves - 1
    shown = [drawing.shape.names[feature] for feature in drawing.plane.features if feature >= 0]
    if not drawing.cuts_plane:
        notes.insert(0, f"Sets of categories have no regions: beside the tree are the rows by their {shown[0]}.")
    elif n_features > len(shown):
        n_held = n_features - len(shown)
        held = "the other" if n_held == 1 else f"the other {n_held}"
        some = drawing.shape.categories.nominal.any()
        where = "the median, categories at the commonest" if some else "the median"
        names = f"{' and '.join(shown)}, which the tree owes most to"
        notes.insert(0, f"The plane: {names}; {held} held at {where}.")
    if n_splits > SPLITS_DRAWN:
        notes.append(f"The tree: its {SPLITS_DRAWN} splits with the largest decrease, of {n_splits:,}.")
    if n_splits > SPLITS_CUT:
        notes.append(f"The regions: those of its first {SPLITS_CUT} splits.")
    return notes


def _frame(drawing: Drawing, before: State | None, now: State) -> Frame:
    visible = drawing.shape.order[: now.n_splits]
    kept = drawing.shape.tree.rows_kept(visible)
    new = now.n_splits - (before.n_splits if before else 0)
    tree = now.tree if now.n_splits <= SPLITS_CUT else now.tree.keeping(now.tree.best_first(SPLITS_CUT))
    found = boxes(tree, drawing.plane) if drawing.cuts_plane else {}
    data = {
        **drawing.shape.marks(before, now),
        "bars": _bars(drawing, kept, set(visible.tolist())),
        "regions": _regions(drawing, tree, found),
        "focus": _focus(drawing, now, found if new == 1 else {}),
    }
    splitting = new == 1
    return Frame(
        data=data,
        narration=_narration(drawing, before, now),
        alt=_alt(drawing, now),
        step="keep" if splitting else "",
        values=values(now) if splitting else {"impurity": number(now.tree.impurity[0])},
    )


def _bars(drawing: Drawing, kept: Array, asking: set[int]) -> Columns:
    """Each node as a bar, divided by the share of each class."""
    tree, half = drawing.shape.tree, drawing.shape.half_width
    ends = np.cumsum(tree.value[kept], axis=1)
    starts = ends - tree.value[kept]
    node, label = np.nonzero(tree.value[kept] > 0)
    rows = kept[node]
    left = drawing.shape.x[rows] - half
    says = {row: f"{drawing.shape.question(row)}?" for row in asking}
    return {
        "x": left + 2 * half * starts[node, label],
        "x2": left + 2 * half * ends[node, label],
        "y": drawing.shape.y[rows] - BAR_HEIGHT / 2,
        "y2": drawing.shape.y[rows] + BAR_HEIGHT / 2,
        "class": [drawing.classes[k] for k in label],
        "share": tree.value[rows, label],
        "node": [says.get(row, f"answer: {drawing.majority(tree, row)}") for row in rows.tolist()],
        "rows": tree.n_node_samples[rows],
        "impurity": tree.impurity[rows],
    }


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


def _narration(drawing: Drawing, before: State | None, now: State) -> str:
    tree, node = now.tree, now.node
    rows = f"{tree.n_node_samples[0]:,} rows"
    if before is None and now.n_splits == 0:
        why = "" if now.n_splits_in_all else " No question is worth asking: it stays like that."
        return f"At the start one leaf holds all {rows}; its {drawing.criterion} is {number(tree.impurity[0])}.{why}"
    falls = f"{drawing.criterion} falls to {number(max(risk(tree), 0.0))}"
    if before is None or now.n_splits - before.n_splits != 1:
        first = before.n_splits + 1 if before else 1
        return f"Splits {first} to {now.n_splits:,}: with {tree.n_leaves:,} leaves the tree's {falls}."
    yes, no = (int(tree.n_node_samples[child]) for child in (tree.children_left[node], tree.children_right[node]))
    return (
        f"Split {now.n_splits} of {now.n_splits_in_all:,}: you ask {yes + no:,} rows whether "
        f"{drawing.shape.question(node, tree)}; {say(yes)} yes, {say(no)} no, and the tree's {falls}."
    )


def _alt(drawing: Drawing, now: State) -> str:
    across, up = drawing.plane.features
    plane = f"{drawing.shape.names[across]} and {drawing.shape.names[up]}" if up >= 0 else drawing.shape.names[across]
    return (
        f"A tree with {now.tree.n_leaves:,} leaves, {now.tree.max_depth} questions deep, beside the plane of {plane} "
        f"cut into its regions, coloured by class."
    )
