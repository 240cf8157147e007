"""Arrows of a field, and drops that drift with it."""

import numpy as np

from diorama.mathematics.vector_field import State, VectorField, drift
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

WIDTH, HEIGHT = 420, 360


def vector_field_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of `vector_field`."""
    field: VectorField = recorded.fit.subject
    x = {"field": "x", "type": "quantitative", "scale": {"domain": field.x_range.tolist(), "nice": False}, "title": "x"}
    y = {"field": "y", "type": "quantitative", "scale": {"domain": field.y_range.tolist(), "nice": False}, "title": "y"}
    length = {"field": "length", "type": "quantitative", "title": "length", "scale": {"scheme": "viridis"}}
    ends = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    turned = {"angle": {"field": "angle", "type": "quantitative", "scale": None}}
    head = {"type": "point", "shape": "triangle", "filled": True, "size": 40, "opacity": 1}
    tip = {"x": {**x, "field": "x2"}, "y": {**y, "field": "y2"}}
    drop = {"type": "point", "filled": True, "size": 60, "color": ACCENT, "opacity": 0.9, "clip": True}
    return Scene(
        title="Vector field",
        spec={
            "description": "An arrow at every point, and drops that drift with the field.",
            "width": WIDTH,
            "height": HEIGHT,
            "layer": [
                {
                    "data": {"name": "arrows"},
                    "mark": {"type": "rule", "strokeWidth": 1.5, "clip": True},
                    "encoding": {"x": x, "y": y, **ends, "color": length},
                },
                {
                    "data": {"name": "arrows"},
                    "mark": {**head, "clip": True},
                    "encoding": {**tip, **turned, "color": length},
                },
                {"data": {"name": "drops"}, "mark": drop, "encoding": {"x": x, "y": y}},
            ],
        },
        frames=tuple(_frame(moment.state, recorded.n_iter) for moment in recorded.moments),
        data={"arrows": _arrows(field)},
        code=marked_source(drift),
        tween=("drops",),
        caption="Arrows are drawn to one scale: the longest fills a cell of the grid.",
    )


def _arrows(field: VectorField) -> Columns:
    kept = np.isfinite(field.lengths)
    points, arrows, lengths = field.points[kept], field.arrows[kept], field.lengths[kept]
    side = max(len(np.unique(field.points[:, 0])) - 1, 1)
    spans = np.array([np.ptp(field.x_range), np.ptp(field.y_range)])
    longest = float(lengths.max(initial=0.0)) or 1.0
    reach = points + arrows / longest * spans.min() / side * 0.9
    # the angle on paper, where the two axes may have different scales
    on_paper = arrows / spans * np.array([WIDTH, HEIGHT])
    return {
        "x": points[:, 0],
        "y": points[:, 1],
        "x2": reach[:, 0],
        "y2": reach[:, 1],
        "angle": np.degrees(np.arctan2(on_paper[:, 0], on_paper[:, 1])),
        "length": lengths,
    }


def _frame(state: State, n_steps: int) -> Frame:
    drops = state.drops
    told = "Every drop is about to follow the arrow under it."
    if state.n_steps:
        told = f"Step {state.n_steps} of {n_steps}: each drop moves along the arrow it stands on."
    lost = int(np.isnan(drops).any(axis=1).sum())
    if lost:
        told += f" {number(lost)} drops came where the field has no value."
    data = {"drops": {"x": drops[:, 0], "y": drops[:, 1]}}
    return Frame(data, told, told, "drift" if state.n_steps else "")
