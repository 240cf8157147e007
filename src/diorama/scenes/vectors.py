"""Two vectors as arrows, the shadow that one throws on the other, and the products whose sum it is."""

import numpy as np

from diorama._typing import Array
from diorama.mathematics.dot import Pair, State, multiply_and_add
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

NAMES = ("a", "b", "shadow of a on b")
_SHOWN = 200


def vectors_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a dot product."""
    pair: Pair = recorded.fit.subject
    tips, caption = _plane(pair)
    length = float(tips[1] @ tips[1])
    shadow = tips[0] @ tips[1] / length * tips[1] if length > 0 else np.zeros(2)
    ends = np.array([tips[0], tips[1], shadow])
    reach = max(float(abs(ends).max()), 1e-12) * 1.15
    around = {"domain": [-reach, reach], "nice": False}
    color = {"field": "name", "scale": {"domain": list(NAMES), "range": [*CLASS_COLORS[:2], ACCENT]}, "title": None}
    # the shadow lies on b: b stands out on both sides of it
    wide = {"condition": {"test": f"datum.name == '{NAMES[1]}'", "value": 8}, "value": 3}
    line = {
        "x": {"field": "x", "type": "quantitative", "scale": around, "title": None},
        "y": {"field": "y", "type": "quantitative", "scale": around, "title": None},
    }
    to = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    tip = {"x": {**line["x"], "field": "x2"}, "y": {**line["y"], "field": "y2"}}
    head = {"type": "point", "shape": "triangle", "filled": True, "size": 160, "opacity": 1}
    turned = {"angle": {"field": "angle", "type": "quantitative", "scale": None}}
    arrows = {
        "width": 320,
        "height": 320,
        "layer": [
            {
                "data": {"name": "drop"},
                "mark": {"type": "rule", "strokeDash": [4, 4], "color": NEUTRAL},
                "encoding": {**line, **to},
            },
            {
                "data": {"name": "arrows"},
                "mark": {"type": "rule"},
                "encoding": {**line, **to, "color": color, "strokeWidth": wide},
            },
            {"data": {"name": "arrows"}, "mark": head, "encoding": {**tip, **turned, "color": color}},
        ],
    }
    products = pair.a * pair.b
    domain = padded_range(np.array([0.0, *products, *np.cumsum(products)]))
    bars = {
        "width": 260,
        "height": 320,
        "data": {"name": "products"},
        "mark": {"type": "bar", "tooltip": True},
        "encoding": {
            "x": {
                "field": "entry",
                "type": "ordinal",
                "sort": None,
                "title": "product of entry",
                "axis": {"labelAngle": 0},
            },
            "y": {"field": "product", "type": "quantitative", "scale": {"domain": domain}, "title": "product"},
            "color": {"condition": {"test": "datum.entry == 'sum'", "value": ACCENT}, "value": CLASS_COLORS[0]},
        },
    }
    n = pair.a.size
    return Scene(
        title="Dot product",
        spec={"description": "Two vectors, a shadow, and the products that are added.", "hconcat": [arrows, bars]},
        frames=tuple(_frame(pair, moment.state, products) for moment in recorded.moments),
        data={
            "arrows": _arrows(ends),
            "drop": {"x": [tips[0, 0]], "y": [tips[0, 1]], "x2": [shadow[0]], "y2": [shadow[1]]},
        },
        code=marked_source(multiply_and_add),
        formulas={"": r"a \cdot b = \sum_i a_i b_i = \slot{total}"},
        tween=("products",),
        caption=caption + (f" Bars: the first {_SHOWN} of {n} products." if n > _SHOWN else ""),
    )


def _plane(pair: Pair) -> tuple[Array, str]:
    """Tips of both arrows on paper: as they are, or, of more or fewer entries, at their lengths and angle."""
    if pair.a.size == 2:
        return np.array([pair.a, pair.b]), ""
    long = float(np.linalg.norm(pair.b))
    along = float(pair.a @ pair.b) / long if long > 0 else 0.0
    across = np.sqrt(max(float(pair.a @ pair.a) - along**2, 0.0))
    return np.array([[along, across], [long, 0.0]]), f"{pair.a.size} entries; drawn is the plane through both vectors."


def _arrows(ends: Array) -> Columns:
    zero = np.zeros(len(ends))
    angle = np.degrees(np.arctan2(ends[:, 0], ends[:, 1]))
    return {"name": list(NAMES), "x": zero, "y": zero, "x2": ends[:, 0], "y2": ends[:, 1], "angle": angle}


def _frame(pair: Pair, state: State, products: Array) -> Frame:
    n = min(products.size, _SHOWN)
    shown = np.where(np.arange(n) < state.n_added, products[:n], 0.0)
    data = {"products": {"entry": [*map(str, range(1, n + 1)), "sum"], "product": [*shown, state.total]}}
    last = state.n_added - 1
    told = f"{pair.a.size} products are to be added; the sum is 0."
    if state.n_added:
        told = (
            f"Product {last + 1} of {pair.a.size}: {number(pair.a[last])} times {number(pair.b[last])} is "
            f"{number(products[last])}; the sum is {number(state.total)}."
        )
    if state.n_added == pair.a.size:
        told += f" {_meaning(pair, state.total)}"
    return Frame(data, told, told, "dot", {"total": number(state.total, 4)})


def _meaning(pair: Pair, total: float) -> str:
    size = float(np.linalg.norm(pair.a) * np.linalg.norm(pair.b))
    if size == 0:
        return "One of them has no length, so there is no angle."
    angle = np.degrees(np.arccos(np.clip(total / size, -1, 1)))
    return f"The angle between them is {angle:.0f} degrees."
