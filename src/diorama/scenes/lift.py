"""The kernel trick as a moving picture: points of a plane rise by z = x^2 + y^2 until a flat sheet parts them.

The boundary is the one that a linear support vector machine finds among the lifted points; back in the plane it is a
circle.
"""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, class_scales, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source
from diorama.svm import SVC

N_FRAMES = 24
CIRCLE = 73
# how far the eye turns around the height, and how far down it looks
TURN, TILT = 0.5, 1.1


def lifted(X: Array) -> Array:
    """(n, 3) points with their squared distance from the origin as height."""
    z = (X**2).sum(axis=1)  #: lift
    return np.column_stack([X, z])


def seen(points: Array, share: float) -> Array:
    """(n, 2) places on the screen of points (n, 3), the eye having come down from above by `share` of its way."""
    turn, tilt = TURN * share, TILT * share
    x = np.cos(turn) * points[:, 0] - np.sin(turn) * points[:, 1]
    depth = np.sin(turn) * points[:, 0] + np.cos(turn) * points[:, 1]
    return np.column_stack([x, np.cos(tilt) * depth + np.sin(tilt) * points[:, 2]])  #: look


def lift_scene(X: Array, y: Array) -> Scene:
    """The scene of points `X` (n, 2) of two classes `y` (n,) that are lifted and parted by a sheet."""
    space = lifted(X)
    machine = SVC(kernel="linear", C=100.0).fit(space, y)
    sheet = _sheet(machine.coef_[0], float(machine.intercept_[0]), float(np.abs(X).max()) * 1.1)
    circle = lifted(_circle(machine.coef_[0], float(machine.intercept_[0])))
    right = float(machine.score(space, y))
    # a moment to look at each end
    shares = np.concatenate([np.zeros(2), np.linspace(0, 1, N_FRAMES - 4), np.ones(2)])
    grids = [seen(space * [1, 1, s], s) for s in shares]
    frames = []
    for k, share in enumerate(shares):
        flat = np.array([1.0, 1.0, share])
        data = {
            "points": {"x": grids[k][:, 0], "y": grids[k][:, 1], "class": y},
            "circle": _path(seen(circle * flat, share)),
            "sheet": _path(seen(sheet * flat, share)),
        }
        told = _narration(share, right)
        alt = f"Points inside and outside a circle, seen from {'above' if share == 0 else 'the side'}. {told}"
        values = {"height": number(share * float(space[:, 2].max())), "right": f"{100 * right:.0f}"}
        step = "lift" if share < 1 else "look"
        frames.append(Frame(data=data, narration=told, alt=alt, step=step, values=values))
    bounds = np.concatenate([*grids, seen(sheet, 1.0)])
    return Scene(
        title="The lift",
        spec={
            "description": "Points of two classes rise onto a bowl; a flat sheet parts them.",
            "width": 560,
            "height": 360,
            "layer": _layers(tuple(np.unique(y).astype(str)), padded_range(bounds[:, 0]), padded_range(bounds[:, 1])),
        },
        frames=tuple(frames),
        code=marked_source(lifted, seen),
        formulas={"": r"\varphi(x, y) = (x,\; y,\; x^2 + y^2), \quad z \le \slot{height}, \quad \slot{right}\,\%"},
        tween=("points", "circle", "sheet"),
        caption="A drawing of three dimensions: the eye comes down from above while the points rise.",
    )


def _narration(share: float, right: float) -> str:
    if share == 0:
        return "Seen from above, one class sits inside the other: no straight line parts them."
    if share < 1:
        return f"Every point rises to {share:.0%} of its squared distance from the middle: the outer ones rise most."
    return f"Now a flat sheet parts them, {right:.0%} rightly; where it cuts the bowl, the plane below has its circle."


def _sheet(weights: Array, bias: float, reach: float) -> Array:
    """(5, 3) corners of the plane weights . p + bias = 0 over the square that the points fill."""
    corner = reach * np.array([[-1, -1], [1, -1], [1, 1], [-1, 1], [-1, -1]], dtype=float)
    return np.column_stack([corner, -(corner @ weights[:2] + bias) / weights[2]])


def _circle(weights: Array, bias: float) -> Array:
    """(CIRCLE, 2) points of the plane whose lift lies on the sheet."""
    centre = -weights[:2] / (2 * weights[2])
    radius = np.sqrt(max(float(centre @ centre) - bias / float(weights[2]), 0.0))
    angle = np.linspace(0, 2 * np.pi, CIRCLE)
    round_: Array = centre + radius * np.column_stack([np.cos(angle), np.sin(angle)])
    return round_


def _path(places: Array) -> Columns:
    return {"x": places[:, 0], "y": places[:, 1], "order": np.arange(len(places))}


def _layers(classes: tuple[str, ...], x_range: list[float], y_range: list[float]) -> list[dict[str, Any]]:
    def hidden(field: str, domain: list[float]) -> dict[str, Any]:
        return {"field": field, "type": "quantitative", "scale": {"domain": domain, "nice": False}, "axis": None}

    x, y = hidden("x", x_range), hidden("y", y_range)
    color, shape = class_scales(classes)
    legend = {"orient": "bottom", "title": None}
    order = {"field": "order", "type": "quantitative"}
    return [
        {
            "data": {"name": "sheet"},
            "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2, "fill": ACCENT, "fillOpacity": 0.12},
            "encoding": {"x": x, "y": y, "order": order},
        },
        {
            "data": {"name": "circle"},
            "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2.5},
            "encoding": {"x": x, "y": y, "order": order},
        },
        {
            "data": {"name": "points"},
            "mark": {"type": "point", "filled": True, "size": 44, "opacity": 0.9},
            "encoding": {
                "x": x,
                "y": y,
                "color": {"field": "class", "type": "nominal", "scale": color, "legend": legend},
                "shape": {"field": "class", "type": "nominal", "scale": shape, "legend": legend},
                "tooltip": [{"field": "class", "type": "nominal"}],
            },
        },
    ]
