"""A regression tree growing question by question, beside the flat steps that it answers with.

With one feature the steps are drawn over the points; with more, each row's answer against its target.
"""

from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, CLASS_COLORS, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source
from diorama.scenes.tree_marks import BAR_HEIGHT, DECREASE, SPLITS_DRAWN, Shape, dense, risk, say, values
from diorama.scenes.tree_panels import PLANE_HEIGHT, PLANE_WIDTH, on, tree_panel
from diorama.trees import absolute_cuts, squared_cuts
from diorama.trees.cart_regressor import State
from diorama.trees.tree import Tree

IMPURITY = {
    "squared_error": r"i_t = \frac{1}{w_t} \sum_i w_i (y_i - \bar y_t)^2 = \slot{impurity}",
    "absolute_error": r"i_t = \frac{1}{w_t} \sum_i w_i |y_i - \tilde y_t| = \slot{impurity}",
}
CODE = {
    "squared_error": (squared_cuts.best_cut,),
    "absolute_error": (absolute_cuts.best_cut, absolute_cuts.errors_left),
}


class Drawing(NamedTuple):
    """What stays the same over all frames."""

    shape: Shape
    X: Array  # (n_rows, n_features) of the rows drawn
    y: Array  # (n_rows,)
    criterion: str
    x_range: list[float]
    y_range: list[float]

    @property
    def steps(self) -> bool:
        """Whether the answers are steps along one feature."""
        return self.X.shape[1] == 1 and not self.shape.categories.nominal.any()

    @property
    def error(self) -> str:
        """The criterion in words."""
        return self.criterion.replace("_", " ")


def tree_regression_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded CARTRegressor."""
    drawing, notes = _drawing(state, recorded)
    states = [moment.state for moment in recorded.moments]
    frames = [_frame(drawing, before, now) for before, now in zip([None, *states], states, strict=False)]
    return Scene(
        title="CART",
        spec=_panels(drawing),
        frames=tuple(frames),
        data={"points": {"x": drawing.X[:, 0], "y": drawing.y}} if drawing.steps else {},
        code=marked_source(*CODE[drawing.criterion]),
        formulas={"keep": DECREASE, "": IMPURITY[drawing.criterion]},
        caption=" ".join(notes),
    )


def _drawing(state: State, recorded: RecordedFit) -> tuple[Drawing, list[str]]:
    fit, tree = recorded.fit, state.tree
    X, y = dense(fit.X), np.asarray(fit.y, dtype=float)
    there = np.flatnonzero(~np.isnan(X[:, 0])) if X.shape[1] == 1 else np.arange(len(X))
    rows, note = sample_rows(len(there), 1_000)
    rows, notes = there[rows], [note] if note else []
    if len(there) < len(X):
        notes.append(f"{len(X) - len(there):,} rows lack the value and cannot be drawn.")
    if tree.n_leaves - 1 > SPLITS_DRAWN:
        notes.append(f"The tree: its {SPLITS_DRAWN} splits with the largest decrease, of {tree.n_leaves - 1:,}.")
    shape = Shape.of(tree, fit.subject)
    y_range = padded_range(y)
    x_range = padded_range(X[:, 0]) if X.shape[1] == 1 else y_range
    return Drawing(shape, X[rows], y[rows], fit.subject.criterion, x_range, y_range), notes


def _panels(drawing: Drawing) -> dict[str, Any]:
    tips = [{"field": "value", "type": "quantitative", "format": ".4~g", "title": "answer"}]
    color = {
        "field": "value",
        "type": "quantitative",
        "scale": {"domain": drawing.y_range, "scheme": "viridis"},
        "legend": {"orient": "top", "title": "answer", "gradientLength": 160},
    }
    return {
        "description": "A regression tree growing, beside what it answers",
        "hconcat": [tree_panel(color, drawing.error, tips), _answers_panel(drawing)],
        "spacing": 36,
    }


def _answers_panel(drawing: Drawing) -> dict[str, Any]:
    one = drawing.steps
    across, up = (drawing.shape.names[0], "target") if one else ("target", "answer")
    x = on("x", drawing.x_range, axis={"title": across, "grid": False})
    y = on("y", drawing.y_range, axis={"title": up, "grid": False})
    points = {
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "size": 24, "opacity": 0.6, "color": CLASS_COLORS[0]},
        "encoding": {"x": x, "y": y},
    }
    line = {
        "data": {"name": "line"},
        "mark": {"type": "rule", "color": ACCENT, "strokeWidth": 2.4 if one else 1.2},
        "encoding": {"x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}},
    }
    return {"width": PLANE_WIDTH, "height": PLANE_HEIGHT, "layer": [points, line]}


def _frame(drawing: Drawing, before: State | None, now: State) -> Frame:
    data = {**drawing.shape.marks(before, now), "bars": _bars(drawing, now)}
    if drawing.steps:
        data["line"] = _steps(now.tree, drawing.x_range)
    else:
        answers = now.tree.value[now.tree.apply(np.ascontiguousarray(drawing.X)), 0]
        low, high = drawing.y_range
        data["points"] = {"x": drawing.y, "y": answers}
        data["line"] = {"x": [low], "y": [low], "x2": [high], "y2": [high]}
    splitting = before is not None and now.n_splits - before.n_splits == 1
    return Frame(
        data=data,
        narration=_narration(drawing, before, now),
        alt=_alt(drawing, now),
        step="keep" if splitting else "",
        values=values(now) if splitting else {"impurity": number(now.tree.impurity[0])},
    )


def _bars(drawing: Drawing, now: State) -> Columns:
    """Each node as a bar, coloured by what it answers."""
    shape, visible = drawing.shape, drawing.shape.order[: now.n_splits]
    rows, asking = shape.tree.rows_kept(visible), set(visible.tolist())
    answers = shape.tree.value[rows, 0]
    return {
        "x": shape.x[rows] - shape.half_width,
        "x2": shape.x[rows] + shape.half_width,
        "y": shape.y[rows] - BAR_HEIGHT / 2,
        "y2": shape.y[rows] + BAR_HEIGHT / 2,
        "value": answers,
        "node": [
            f"{shape.question(row)}?" if row in asking else f"answer: {number(answer)}"
            for row, answer in zip(rows.tolist(), answers, strict=True)
        ],
        "rows": shape.tree.n_node_samples[rows],
        "impurity": shape.tree.impurity[rows],
    }


def _steps(tree: Tree, x_range: list[float]) -> Columns:
    """The answers along one feature: flat pieces, and upright ones between them."""
    inner = (tree.feature >= 0) & np.isfinite(tree.threshold)
    cuts = np.unique(tree.threshold[inner])
    starts, ends = np.append(x_range[0], cuts), np.append(cuts, x_range[1])
    heights = tree.value[tree.apply(((starts + ends) / 2)[:, None]), 0]
    return {
        "x": np.append(starts, cuts),
        "x2": np.append(ends, cuts),
        "y": np.append(heights, heights[:-1]),
        "y2": np.append(heights, heights[1:]),
    }


def _narration(drawing: Drawing, before: State | None, now: State) -> str:
    tree, node = now.tree, now.node
    if before is None and now.n_splits == 0:
        what = "mean" if drawing.criterion == "squared_error" else "median"
        return (
            f"At the start one leaf answers all {tree.n_node_samples[0]:,} rows with their {what}, "
            f"{number(tree.value[0, 0])}; the {drawing.error} is {number(tree.impurity[0])}."
        )
    falls = f"{drawing.error} falls to {number(max(risk(tree), 0.0))}"
    if before is None or now.n_splits - before.n_splits != 1:
        first = before.n_splits + 1 if before else 1
        return f"Splits {first} to {now.n_splits:,}: with {tree.n_leaves:,} leaves the tree's {falls}."
    left, right = int(tree.children_left[node]), int(tree.children_right[node])
    return (
        f"Split {now.n_splits} of {now.n_splits_in_all:,}: {drawing.shape.question(node, tree)}? "
        f"{say(int(tree.n_node_samples[left]))} yes and get {number(tree.value[left, 0])}, "
        f"{say(int(tree.n_node_samples[right]))} no and get {number(tree.value[right, 0])}; the {falls}."
    )


def _alt(drawing: Drawing, now: State) -> str:
    one = drawing.steps
    beside = f"the steps it answers along {drawing.shape.names[0]}" if one else "each row's answer against its target"
    return f"A tree with {now.tree.n_leaves:,} leaves, {now.tree.max_depth} questions deep, beside {beside}."
