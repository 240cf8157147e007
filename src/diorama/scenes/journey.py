"""The panel beside a picture that shows how an objective went from step to step, and where the frame stands."""

from typing import Any

from diorama.scenes.parts import ACCENT, NEUTRAL

WIDTH = 170


def journey_panel(n_iter: int, field: str, title: str, *, height: int = 330, span: list[float] | None = None) -> Any:
    """A Vega-Lite panel that draws the data sets "journey" and "now", each with the columns step and `field`."""
    x = {
        "field": "step",
        "type": "quantitative",
        "title": "step",
        "axis": {"tickMinStep": 1, "format": "d"},
        "scale": {"domain": [0, max(n_iter, 1)], "nice": False},
    }
    y = {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": {"zero": False} if span is None else {"domain": span, "nice": False, "zero": False, "clamp": True},
        "axis": {"format": "~s"},
    }
    tooltip = [
        {"field": "step", "type": "quantitative"},
        {"field": field, "type": "quantitative", "format": ".5~g"},
    ]
    return {
        "width": WIDTH,
        "height": height,
        "layer": [
            {
                "data": {"name": "journey"},
                "mark": {"type": "line", "color": NEUTRAL, "point": {"color": NEUTRAL, "size": 16}},
                "encoding": {"x": x, "y": y, "tooltip": tooltip},
            },
            {
                "data": {"name": "now"},
                "mark": {"type": "point", "filled": True, "size": 130, "color": ACCENT, "opacity": 1},
                "encoding": {"x": x, "y": y, "tooltip": tooltip},
            },
        ],
    }
