"""A density with the area of an interval, its mean and its spread."""

import math
from typing import Any

import numpy as np

from diorama.mathematics.density import Density, DensityPicture, State
from diorama.recording.recorder import RecordedFit
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

_FORMULAS = {
    "probability": r"P(\slot{left} \le X \le \slot{right}) = \int p(x)\,dx = \slot{probability}",
    "mean": r"E[X] = \int x\, p(x)\,dx = \slot{answer}",
    "variance": r"\operatorname{Var}[X] = \int (x-E[X])^2\, p(x)\,dx = \slot{answer}",
}


def density_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded question to a `Density`."""
    picture: DensityPicture = recorded.fit.subject
    states: list[State] = [moment.state for moment in recorded.moments]
    x, y = picture.curve.T
    known = math.isfinite(picture.deviation)
    top = float(y.max())
    mean, spread = _mean(picture), picture.deviation
    return Scene(
        title=f"A density and its {picture.question}",
        spec=_spec(padded_range(x, 0.02), [0.0, top * 1.16]),
        frames=tuple(_frame(picture, found) for found in states),
        data={
            "curve": {"x": x, "y": y},
            "mean": {"x": [mean] if known else [], "label": [f"mean {number(mean)}"] if known else []},
            "spread": {
                "x": [mean - spread] if known else [],
                "x2": [mean + spread] if known else [],
                "y": [top * 1.08] if known else [],
            },
        },
        code=marked_source(Density._area),
        formulas={"": _FORMULAS[picture.question]},
        caption=_caption(picture),
    )


def _frame(picture: DensityPicture, found: State) -> Frame:
    x, y = picture.curve.T
    inside = (x >= found.left) & (x <= found.right)
    ends = np.array([found.left, found.right])
    places = np.concatenate([x[inside], ends])
    order = np.argsort(places, kind="stable")
    heights = np.concatenate([y[inside], np.interp(ends, x, y)])
    told = (
        f"Between {number(picture.interval[0])} and {number(found.right)} lies an area of "
        f"{number(found.probability, 4)}: the probability of a value there."
    )
    return Frame(
        data={"area": {"x": places[order], "y": heights[order]}},
        narration=told,
        alt=f"A density curve, partly filled. {told}",
        step="area",
        values={
            "left": number(picture.interval[0]),
            "right": number(found.right),
            "probability": number(found.probability, 4),
            "answer": number(picture.answer, 5),
        },
    )


def _mean(picture: DensityPicture) -> float:
    """The mean; what is nothing but rounding beside the spread is 0."""
    return 0.0 if abs(picture.mean) < 1e-9 * picture.deviation else picture.mean


def _caption(picture: DensityPicture) -> str:
    if not math.isfinite(picture.deviation):
        return "This density has no finite mean and variance: its tails are too heavy."
    return (
        f"The dashed line is the mean, {number(_mean(picture), 4)}; the bar reaches one standard deviation, "
        f"{number(picture.deviation, 4)}, to each side."
    )


def _spec(x_range: list[float], y_range: list[float]) -> dict[str, Any]:
    x: dict[str, Any] = {"field": "x", "type": "quantitative", "title": "x"}
    x["scale"] = {"domain": x_range, "nice": False, "zero": False}
    y = {"field": "y", "type": "quantitative", "title": "density p(x)", "scale": {"domain": y_range, "nice": False}}
    bar = {"type": "rule", "color": CLASS_COLORS[2], "strokeWidth": 3, "clip": True}
    return {
        "description": "A density curve, the area of an interval under it, its mean and its standard deviation.",
        "width": 620,
        "height": 290,
        "layer": [
            {
                "data": {"name": "area"},
                "mark": {"type": "area", "color": ACCENT, "opacity": 0.35},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"name": "curve"},
                "mark": {"type": "line", "color": CLASS_COLORS[0], "strokeWidth": 2.5},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"name": "mean"},
                "mark": {"type": "rule", "color": NEUTRAL, "strokeDash": [5, 4], "strokeWidth": 1.5},
                "encoding": {"x": x, "tooltip": [{"field": "label"}]},
            },
            {"data": {"name": "spread"}, "mark": bar, "encoding": {"x": x, "x2": {"field": "x2"}, "y": y}},
        ],
    }
