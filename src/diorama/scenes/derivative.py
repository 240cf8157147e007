"""The secant that turns into the tangent, beside the error at every step size."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.mathematics.derivative import ORDERS, Slope, State, central, forward, richardson
from diorama.recording.recorder import RecordedFit
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

_CODE = {"forward": (forward,), "central": (central,), "richardson": (central, richardson)}
_FORMULAS = {
    "forward": r"\frac{f(x+h)-f(x)}{h} = \slot{slope}, \qquad h = \slot{step}",
    "central": r"\frac{f(x+h)-f(x-h)}{2h} = \slot{slope}, \qquad h = \slot{step}",
    "richardson": r"\frac{4D(h/2)-D(h)}{3} = \slot{slope}, \qquad h = \slot{step}",
}
# an error of exactly 0 has no place on a logarithmic axis: it is drawn at the bottom
_LOWEST = 1e-16


def derivative_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `derivative`."""
    slope: Slope = recorded.fit.subject
    states: list[State] = [moment.state for moment in recorded.moments]
    steps = np.array([found.step for found in states])
    errors = np.maximum([found.error for found in states], _LOWEST)
    curve = slope.curve[np.isfinite(slope.curve).all(axis=1)]
    x_range, y_range = padded_range(curve[:, 0], 0.0), padded_range(curve[:, 1], 0.12)
    order = np.argsort(steps)
    return Scene(
        title=f"The derivative at {number(slope.x)}, {slope.method} difference",
        spec={
            "description": "A function with a line through two of its points, and the error of the line's slope.",
            "hconcat": [_curve_panel(x_range, y_range), _error_panel(steps, errors)],
        },
        frames=tuple(_frame(slope, states, k, x_range, steps, errors) for k in range(len(states))),
        data={
            "curve": {"x": curve[:, 0], "y": curve[:, 1]},
            "errors": {"step": steps[order], "error": errors[order]},
            "point": {"x": [slope.x], "y": [float(np.interp(slope.x, curve[:, 0], curve[:, 1]))]},
        },
        code=marked_source(*_CODE[slope.method]),
        formulas={"": _FORMULAS[slope.method]},
        tween=("secant", "ends"),
        caption="" if slope.exact else f"Errors are measured against Richardson's slope, {number(slope.reference, 8)}.",
    )


def _frame(slope: Slope, states: list[State], k: int, x_range: list[float], steps: Array, errors: Array) -> Frame:
    found = states[k]
    middle = found.secant.mean(axis=0)
    # the middle of two points that are one to the eye is still the point that the line goes through
    line = [middle[1] + found.slope * (x - middle[0]) for x in x_range]
    if slope.method == "forward":
        line = [found.secant[0, 1] + found.slope * (x - found.secant[0, 0]) for x in x_range]
    told = f"With h = {number(found.step)} the slope is {number(found.slope, 8)}, off by {number(found.error)}"
    if k == len(states) - 1:
        told += " (the step that was asked for)."
    else:
        told += f"; {_why(states, k, ORDERS[slope.method])}."
    return Frame(
        data={
            "secant": {"x": x_range, "y": line},
            "ends": {"x": found.secant[:, 0], "y": found.secant[:, 1]},
            "now": {"step": steps[[k]], "error": errors[[k]]},
        },
        narration=told,
        alt=f"A curve and a line through two of its points. {told}",
        step=slope.method,
        values={"slope": number(found.slope, 8), "step": number(found.step)},
    )


def _why(states: list[State], k: int, order: int) -> str:
    if k == 0:
        return "the points are far apart"
    if states[k].error <= 0:
        return "no error is left to see"
    if states[k].step > np.finfo(float).eps ** (1 / (order + 1)):
        return "the bend of the curve between the points is what is wrong"
    return "so narrow that the rounding of the values is what is wrong"


def _curve_panel(x_range: list[float], y_range: list[float]) -> dict[str, Any]:
    x = {"field": "x", "type": "quantitative", "scale": {"domain": x_range, "nice": False, "zero": False}}
    y = {"field": "y", "type": "quantitative", "scale": {"domain": y_range, "nice": False, "zero": False}}
    y["title"] = "f(x)"
    place = {"x": x, "y": y}
    dot = {"type": "point", "filled": True, "clip": True, "opacity": 1}
    return {
        "width": 330,
        "height": 290,
        "layer": [
            {"data": {"name": "curve"}, "mark": {"type": "line", "color": CLASS_COLORS[0]}, "encoding": place},
            {
                "data": {"name": "secant"},
                "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2, "clip": True},
                "encoding": place,
            },
            {"data": {"name": "ends"}, "mark": {**dot, "color": ACCENT, "size": 70}, "encoding": place},
            {"data": {"name": "point"}, "mark": {**dot, "color": CLASS_COLORS[0], "size": 40}, "encoding": place},
        ],
    }


def _error_panel(steps: Array, errors: Array) -> dict[str, Any]:
    def axis(field: str, values: Array, title: str) -> dict[str, Any]:
        low, high = padded_range(np.log10(values), 0.05)
        return {
            "field": field,
            "type": "quantitative",
            "title": title,
            "scale": {"type": "log", "domain": [10**low, 10**high], "nice": False},
            "axis": {"format": ".0e", "tickCount": 4, "grid": False, "labelOverlap": "greedy"},
        }

    place: dict[str, Any] = {"x": axis("step", steps, "step h"), "y": axis("error", errors, "error of the slope")}
    place["tooltip"] = [{"field": name, "type": "quantitative", "format": ".2e"} for name in ("step", "error")]
    return {
        "width": 250,
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
