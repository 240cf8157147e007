"""Strips under a curve that get finer, beside the error for every number of them."""

import math
from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.mathematics.integrate import Area, State, left, midpoint, simpson, trapezoid
from diorama.recording.recorder import RecordedFit
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

_CODE = {"left": left, "midpoint": midpoint, "trapezoid": trapezoid, "simpson": simpson, "adaptive": midpoint}
_TOPS = {"left": "rectangles", "midpoint": "rectangles", "trapezoid": "trapezoids", "simpson": "parabolas"}
_LOWEST = 1e-16


def integral_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `integrate`."""
    area: Area = recorded.fit.subject
    states: list[State] = [moment.state for moment in recorded.moments]
    rule = "midpoint" if area.method == "adaptive" else area.method
    counts = np.array([len(found.tops) for found in states])
    errors = np.maximum(np.nan_to_num([found.error for found in states], nan=1.0), _LOWEST)
    curve = area.curve[np.isfinite(area.curve).all(axis=1)]
    tops = np.concatenate([found.tops.ravel() for found in states])
    heights = np.concatenate([curve[:, 1], tops[np.isfinite(tops)], [0.0]])
    x_range, y_range = padded_range(curve[:, 0], 0.03), padded_range(heights)
    a, b = area.limits
    return Scene(
        title=f"The integral from {number(a)} to {number(b)}",
        spec={
            "description": "Strips under a curve, and how far off the sum of their areas is.",
            "hconcat": [_strip_panel(x_range, y_range), _error_panel(counts, errors)],
        },
        frames=tuple(_frame(area, found, k, rule, errors) for k, found in enumerate(states)),
        data={"curve": {"x": curve[:, 0], "y": curve[:, 1]}, "errors": {"n": counts, "error": errors}},
        code=marked_source(_CODE[area.method]),
        formulas={"": r"\int_a^b f(x)\,dx \approx \slot{value}, \qquad n = \slot{n}"},
        caption=_caption(area),
    )


def _frame(area: Area, found: State, k: int, rule: str, errors: Array) -> Frame:
    n = len(found.tops)
    told = (
        f"{n} {'strip' if n == 1 else _TOPS[rule]}: the area is {number(found.value, 7)}, off by {number(found.error)}."
    )
    widths = np.repeat(np.arange(n), 3)
    edges = np.column_stack([found.edges[:-1], (found.edges[:-1] + found.edges[1:]) / 2, found.edges[1:]])
    return Frame(
        data={
            "strips": {"x": edges.ravel(), "y": found.tops.ravel(), "strip": widths},
            "cuts": {"x": found.edges[:-1], "y": found.tops[:, 0]},
            "now": {"n": [n], "error": errors[[k]]},
        },
        narration=told,
        alt=f"The area under a curve, filled by {told}",
        step=rule,
        values={"value": number(found.value, 7), "n": str(n)},
    )


def _caption(area: Area) -> str:
    estimate = f"The answer is {number(area.value, 8)}, with an estimated error of {number(area.error)}."
    notes = [estimate]
    if area.method == "adaptive":
        notes.append("The adaptive rule is drawn as midpoint strips of one width.")
    if not all(map(math.isfinite, area.limits)):
        notes.append("Only a part of the infinite way is drawn, so the strips miss the tail.")
    return " ".join(notes)


def _strip_panel(x_range: list[float], y_range: list[float]) -> dict[str, Any]:
    x = {"field": "x", "type": "quantitative", "scale": {"domain": x_range, "nice": False, "zero": False}}
    y: dict[str, Any] = {"field": "y", "type": "quantitative", "title": "f(x)", "stack": None}
    y["scale"] = {"domain": y_range, "nice": False}
    detail = {"field": "strip", "type": "nominal"}
    fill = {"type": "area", "color": ACCENT, "opacity": 0.3, "line": False}
    return {
        "width": 360,
        "height": 290,
        "layer": [
            {"data": {"name": "strips"}, "mark": fill, "encoding": {"x": x, "y": y, "detail": detail}},
            {
                "data": {"name": "strips"},
                "mark": {"type": "line", "color": ACCENT, "strokeWidth": 1.2},
                "encoding": {"x": x, "y": y, "detail": detail},
            },
            {
                "data": {"name": "cuts"},
                "mark": {"type": "rule", "color": ACCENT, "strokeWidth": 0.7, "opacity": 0.7},
                "encoding": {"x": x, "y": y, "y2": {"datum": 0}},
            },
            {
                "data": {"name": "curve"},
                "mark": {"type": "line", "color": CLASS_COLORS[0], "strokeWidth": 2.5},
                "encoding": {"x": x, "y": y},
            },
        ],
    }


def _error_panel(counts: Array, errors: Array) -> dict[str, Any]:
    def axis(field: str, values: Array, title: str, style: str) -> dict[str, Any]:
        low, high = padded_range(np.log10(values), 0.05)
        return {
            "field": field,
            "type": "quantitative",
            "title": title,
            "scale": {"type": "log", "domain": [10**low, 10**high], "nice": False},
            "axis": {"format": style, "tickCount": 5, "grid": False},
        }

    place: dict[str, Any] = {
        "x": axis("n", counts, "strips", "~s"),
        "y": axis("error", errors, "error of the area", ".0e"),
    }
    place["tooltip"] = [{"field": name, "type": "quantitative"} for name in ("n", "error")]
    return {
        "width": 220,
        "height": 290,
        "layer": [
            {"data": {"name": "errors"}, "mark": {"type": "line", "color": NEUTRAL, "point": True}, "encoding": place},
            {
                "data": {"name": "now"},
                "mark": {"type": "point", "filled": True, "color": ACCENT, "size": 130, "opacity": 1},
                "encoding": place,
            },
        ],
    }
