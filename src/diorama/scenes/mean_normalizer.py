"""Mean normalisation as a moving picture: rows slide to the origin, and the cost's long valley becomes round.

How the cost of a linear model rises around its floor depends on the columns alone, not on the target: by
z^T M z for a step z in the weights, with M the mean of the products of the columns. So it can be drawn here.
"""

from itertools import pairwise
from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.linear.mean_normalizer import State, stages
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import axis, feature_names, rows_of
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300
# frames from one stage to the next
BETWEEN = 5
# points of a line of equal cost, and the lines: shares of the longest half axis
AROUND = 72
LINES = (1.0, 0.8, 0.6, 0.4, 0.2)
# steps of the walk that is drawn, and the share of the way that counts as arrived
STEPS = 12
ARRIVED = 0.01

_UNITS = "On the left, 1 stands for the largest number of the frame; in the last frame it is 1."


def mean_normalizer_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded MeanNormalizer: of many columns, the widest and the narrowest."""
    chosen, sample = sample_rows(recorded.fit.X.shape[0], 500)
    table = rows_of(recorded.fit.X, chosen)
    columns = _two(state, table)
    names = [feature_names(recorded.fit)[j] for j in columns] + ["the column of ones"]
    rows = table[:, columns][~np.isnan(table[:, columns]).any(axis=1)]
    states = _gliding([moment.state for moment in recorded.moments])
    frames = tuple(_frame(k, states, rows, columns, names) for k in range(len(states)))
    widest = f"Of {table.shape[1]} columns, the widest and the narrowest." if table.shape[1] > 2 else ""
    return Scene(
        title="Mean normalisation",
        spec={
            "description": "Rows of two columns, and lines of equal cost over the weights of the two.",
            "hconcat": [_rows_panel(names), _valley_panel(names)],
        },
        frames=frames,
        data={"origin": {"x": [0.0], "y": [0.0]}},
        code=marked_source(stages),
        formulas={
            "": r"z = \frac{x - \bar x}{x_{\max} - x_{\min}}, \qquad \text{length} : \text{width of the valley} = "
            r"\slot{ratio} : 1, \qquad \text{steps} \approx \slot{steps}"
        },
        tween=("rows", "lines", "walk"),
        caption=" ".join(filter(None, (_UNITS, widest, sample))),
    )


def _two(last: State, table: Array) -> list[int]:
    """The widest column and the narrowest of those that vary, in this order; or the one that there is."""
    varying = np.flatnonzero((table != table[:1]).any(axis=0) & np.isfinite(last.scale))
    order = varying[np.argsort(-last.scale[varying], kind="stable")]
    return [int(j) for j in order[[0, -1]]] if len(order) > 1 else [int(j) for j in order] or [0]


def _gliding(states: list[State]) -> list[State]:
    """The stages, and what lies between them."""
    glided = [states[0]]
    for before, after in pairwise(states):
        for share in np.linspace(0, 1, BETWEEN + 1)[1:]:
            shift = before.shift + share * (after.shift - before.shift)
            glided.append(State(after.stage, shift, before.scale * (after.scale / before.scale) ** share))
    return glided


def _frame(k: int, states: list[State], rows: Array, columns: list[int], names: list[str]) -> Frame:
    state = states[k]
    table = (rows - state.shift[columns]) / state.scale[columns]
    if len(columns) == 1:
        table = np.column_stack([table[:, 0], np.ones(len(table))])
    # a column of nothing but missing numbers leaves no row, and a bowl that is round
    curvature = table.T @ table / len(table) if len(table) else np.eye(2)
    values, vectors = np.linalg.eigh(curvature)
    floor = max(float(values[1]), 1e-300)
    values = np.maximum(values, 1e-12 * floor)
    steps = _steps(values)
    largest = float(np.abs(table).max(initial=1e-300 if len(rows) else 1.0))
    unit = 1.0 if k == len(states) - 1 else largest
    told = _narration(k, len(states), state.stage, names, unit, values, steps)
    data: dict[str, Columns] = {
        "rows": {"x": table[:, 0] / unit, "y": table[:, 1] / unit},
        "lines": _lines(values, vectors),
        "walk": _walk(values, vectors),
    }
    alt = f"Rows of two columns beside the valley of their cost. {told}"
    return Frame(data, told, alt, state.stage, {"ratio": number((values[1] / values[0]) ** 0.5), "steps": steps})


def _steps(values: Array) -> str:
    """Steps of a descent at rate 1/L until the last of the way is a hundredth: the flattest direction decides."""
    share = float(values[0] / values[1])
    return number(1.0 if share > 1 - ARRIVED else np.ceil(np.log(ARRIVED) / np.log1p(-share)))


def _narration(k: int, n: int, stage: str, names: list[str], unit: float, values: Array, steps: str) -> str:
    pair = f"{names[0]} and {names[1]}"
    ratio = number((values[1] / values[0]) ** 0.5)
    valley = f"the valley is {ratio} times as long as wide, and a descent needs about {steps} steps"
    if k == 0:
        return f"As they come, {pair} reach {number(unit)} from zero: {valley}."
    if k == n - 1:
        return f"Over its range each column lies between \N{MINUS SIGN}1 and 1: {valley}."
    if stage == "centred":
        return f"Take the means away: the rows slide to the origin, at most {number(unit)} from it; {valley}."
    return f"Divide by the ranges: the numbers shrink to {number(unit)} at most; {valley}."


def _lines(values: Array, vectors: Array) -> Columns:
    """Lines of equal cost about the floor, the outermost as large as the picture."""
    angles = np.linspace(0, 2 * np.pi, AROUND + 1)
    half_axes = np.sqrt(values[0] / values)
    circle = np.column_stack([np.cos(angles), np.sin(angles)]) * half_axes
    ring = circle @ _signed(vectors).T
    places = np.concatenate([share * ring for share in LINES])
    return {
        "x": places[:, 0],
        "y": places[:, 1],
        "ring": np.repeat(np.arange(len(LINES)), len(ring)),
        "order": np.tile(np.arange(len(ring)), len(LINES)),
    }


def _walk(values: Array, vectors: Array) -> Columns:
    """The first steps of a descent at rate 1/L, from a slope of the valley."""
    start = np.array([0.9, 0.4]) * np.sqrt(values[0] / values)
    shrink = 1 - values / values[1]
    places = start * shrink ** np.arange(STEPS + 1)[:, None] @ _signed(vectors).T
    return {"x": places[:, 0], "y": places[:, 1], "order": np.arange(STEPS + 1)}


def _signed(vectors: Array) -> Array:
    """Directions with a fixed sign, so that nothing flips from frame to frame."""
    largest = vectors[np.abs(vectors).argmax(axis=0), [0, 1]]
    signed: Array = vectors * np.where(largest < 0, -1.0, 1.0)
    return signed


def _rows_panel(names: list[str]) -> dict[str, Any]:
    x, y = axis("x", names[0], [-1.08, 1.08]), axis("y", names[1], [-1.08, 1.08])
    dot = {"type": "point", "filled": True, "color": CLASS_COLORS[0], "size": 30, "opacity": 0.7, "clip": True}
    return {
        "width": HEIGHT,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"name": "origin"},
                "mark": {"type": "rule", "color": NEUTRAL, "strokeDash": [4, 3]},
                "encoding": {"x": x},
            },
            {
                "data": {"name": "origin"},
                "mark": {"type": "rule", "color": NEUTRAL, "strokeDash": [4, 3]},
                "encoding": {"y": y},
            },
            {"data": {"name": "rows"}, "mark": dot, "encoding": {"x": x, "y": y}},
        ],
    }


def _valley_panel(names: list[str]) -> dict[str, Any]:
    second = "the bias" if names[1] == "the column of ones" else f"weight of {names[1]}"
    x, y = axis("x", f"weight of {names[0]}", [-1.08, 1.08]), axis("y", second, [-1.08, 1.08])
    order = {"field": "order", "type": "quantitative"}
    for channel in (x, y):
        channel["axis"] = {"grid": False, "labels": False, "ticks": False}
    return {
        "width": HEIGHT,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"name": "lines"},
                "mark": {"type": "line", "color": CLASS_COLORS[0], "strokeWidth": 1.2, "opacity": 0.8},
                "encoding": {"x": x, "y": y, "order": order, "detail": {"field": "ring", "type": "nominal"}},
            },
            {
                "data": {"name": "walk"},
                "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2, "point": {"color": ACCENT, "size": 26}},
                "encoding": {"x": x, "y": y, "order": order},
            },
            {
                "data": {"name": "origin"},
                "mark": {"type": "point", "shape": "cross", "filled": True, "size": 90, "color": CLASS_COLORS[2]},
                "encoding": {"x": x, "y": y},
            },
        ],
    }
