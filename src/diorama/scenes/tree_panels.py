"""The two panels that show a tree: its nodes and questions, and the plane that its questions cut into regions."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from diorama.scenes.parts import ACCENT, class_scales
from diorama.scenes.tree_layout import Box

TREE_WIDTH, TREE_HEIGHT = 400, 330
PLANE_WIDTH, PLANE_HEIGHT = 270, 290
_CLASS_TIPS = (
    {"field": "class", "title": "class"},
    {"field": "share", "type": "quantitative", "format": ".1%", "title": "its share"},
)


class Look(NamedTuple):
    """What the panels need to know."""

    classes: tuple[str, ...]
    criterion: str
    across: str  # name of the feature across the plane
    up: str  # and of the one upwards; "" when there is one feature only
    view: Box  # the part of the plane that is drawn


def panels(look: Look) -> dict[str, Any]:
    """The specification of the whole picture."""
    return {
        "description": "A decision tree growing, beside the regions that its questions cut",
        "hconcat": [tree_panel(_color(look), look.criterion, _CLASS_TIPS), plane_panel(look)],
        "spacing": 28,
    }


def on(field: str, domain: list[float] | None = None, **more: Any) -> dict[str, Any]:
    """A position channel without an axis."""
    scale = {"domain": domain or [0, 1], "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "axis": None, "scale": scale, **more}


def _color(look: Look) -> dict[str, Any]:
    """The colour of a class, with one legend for both panels."""
    legend = {"orient": "top", "title": None, "columns": 6, "symbolOpacity": 1}
    return {"field": "class", "type": "nominal", "scale": class_scales(look.classes)[0], "legend": legend}


def tree_panel(color: dict[str, Any], criterion: str, tips: Sequence[dict[str, Any]]) -> dict[str, Any]:
    """Nodes as bars in `color`, which tell `tips` besides; their questions above them, lines to the answers."""
    # room above the root for its question, below the last leaves for their bars
    y_domain = [1.06, -0.1]
    box = {"x": on("x"), "x2": {"field": "x2"}, "y": on("y", y_domain), "y2": {"field": "y2"}}
    point = {"x": on("x"), "y": on("y", y_domain), "text": {"field": "text", "type": "nominal"}}
    tooltip = [
        {"field": "node", "title": "node"},
        {"field": "rows", "type": "quantitative", "format": ",", "title": "rows"},
        {"field": "impurity", "type": "quantitative", "format": ".3f", "title": criterion},
        *tips,
    ]
    return {
        "width": TREE_WIDTH,
        "height": TREE_HEIGHT,
        "view": {"stroke": None},
        "layer": [
            {"data": {"name": "edges"}, "mark": {"type": "rule", "opacity": 0.35, "strokeWidth": 1.2}, "encoding": box},
            {
                "data": {"name": "bars"},
                "mark": {"type": "rect"},
                "encoding": {
                    **box,
                    "color": color,
                    "tooltip": tooltip,
                },
            },
            {
                "data": {"name": "fresh"},
                "mark": {"type": "rect", "filled": False, "stroke": ACCENT, "strokeWidth": 2, "cornerRadius": 2},
                "encoding": box,
            },
            {
                "data": {"name": "answers"},
                "mark": {"type": "text", "fontSize": 10, "opacity": 0.75, "fontStyle": "italic", "dy": -5},
                "encoding": point,
            },
            {
                "data": {"name": "questions"},
                "mark": {"type": "text", "fontSize": 11, "baseline": "bottom", "dy": -4},
                "encoding": point,
            },
        ],
    }


def plane_panel(look: Look) -> dict[str, Any]:
    """Points over the regions of the leaves."""
    view = look.view
    x = on("x", [view.left, view.right], axis={"title": look.across, "grid": False})
    y = on("y", [view.bottom, view.top])
    if look.up:
        y["axis"] = {"title": look.up, "grid": False}
    box = {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}}
    color = _color(look)
    return {
        "width": PLANE_WIDTH,
        "height": PLANE_HEIGHT,
        "layer": [
            {
                "data": {"name": "regions"},
                "mark": {"type": "rect", "strokeWidth": 0},
                "encoding": {
                    **box,
                    "color": color,
                    "opacity": {
                        "field": "sure",
                        "type": "quantitative",
                        "scale": {"domain": [0.3, 1], "range": [0.08, 0.32], "clamp": True},
                        "legend": None,
                    },
                    "tooltip": [
                        {"field": "class", "title": "answer"},
                        {"field": "sure", "type": "quantitative", "format": ".0%", "title": "of its rows"},
                    ],
                },
            },
            {
                "data": {"name": "points"},
                "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.8},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": color,
                    "shape": {**color, "scale": class_scales(look.classes)[1]},
                },
            },
            {
                "data": {"name": "focus"},
                "mark": {"type": "rect", "filled": False, "stroke": ACCENT, "strokeWidth": 2},
                "encoding": box,
            },
        ],
    }
