"""A penalty that grows: the solution's way over the error's contours to zero, and every weight against the strength."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.penalties.path import Path, State, settle
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, class_scales, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

# contour lines drawn, and the flattest curvature that is drawn, as a share of the steepest
N_LINES, FLATTEST = 5, 1e-3
# directions in which weights of one price are looked for
RAYS = np.column_stack([np.cos(np.linspace(0, 2 * np.pi, 41)), np.sin(np.linspace(0, 2 * np.pi, 41))])


def penalty_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `penalty_path`; the plane is drawn for two weights."""
    subject: Path = recorded.fit.subject
    states = [moment.state for moment in recorded.moments]
    weights = np.array([s.weights for s in states])
    plane = weights.shape[1] == 2
    panels = [_lines(weights, np.array([s.alpha for s in states]), 250 if plane else 620)]
    still: dict[str, Columns] = {"paths": _columns(states)}
    if plane:
        panels.insert(0, _plane(weights))
        still["contours"] = _contours(recorded.fit.X, recorded.fit.y, weights)
    penalty = subject.penalty
    return Scene(
        title=f"{type(penalty).__name__} grows",
        spec={"description": "Weights under a growing penalty.", "hconcat": panels},
        frames=tuple(_frame(subject, states, k) for k in range(len(states))),
        data=still,
        code=marked_source(settle, type(penalty)._prox),
        formulas={"": r"\alpha = \slot{alpha}, \quad \text{error} = \slot{error}, \quad \text{price} = \slot{price}"},
        caption="The closed line holds all weights that are as cheap as the solution." if plane else "",
    )


def _columns(states: list[State]) -> Columns:
    n = len(states[0].weights)
    return {
        "alpha": np.repeat([s.alpha for s in states], n),
        "weight": np.tile([f"w{i + 1}" for i in range(n)], len(states)),
        "value": np.concatenate([s.weights for s in states]),
    }


def _frame(subject: Path, states: list[State], k: int) -> Frame:
    state = states[k]
    data: dict[str, Columns] = {"now": _columns([state])}
    if len(state.weights) == 2:
        data["way"] = {
            "w1": [s.weights[0] for s in states[: k + 1]],
            "w2": [s.weights[1] for s in states[: k + 1]],
            "order": np.arange(k + 1),
        }
        data["here"] = {"w1": state.weights[:1], "w2": state.weights[1:]}
        data["cheap"] = _as_cheap(subject, state)
    gone = int((state.weights == 0).sum())
    told = f"{gone} of {state.weights.size} weights {'is' if gone == 1 else 'are'} exactly zero"
    shown = ", ".join(number(w) for w in state.weights)
    narration = f"Strength {number(state.alpha)}: the weights are {shown}; {told}."
    values = {"alpha": number(state.alpha), "error": number(state.error), "price": number(state.price)}
    return Frame(data, narration, f"Weights on their way to zero. {narration}", "shrink", values)


def _as_cheap(subject: Path, state: State) -> Columns:
    """Weights all around whose price is that of the solution."""
    penalty = subject.penalty
    goal = penalty(state.weights)
    # along a ray every penalty is linear t + square t^2: two prices tell both, and the root is where it costs the goal
    near, far = np.array([(penalty(ray), penalty(2 * ray)) for ray in RAYS]).T
    square = (far - 2 * near) / 2
    linear = near - square
    reach = 2 * goal / (linear + np.sqrt(linear**2 + 4 * np.maximum(square, 0) * goal) + 1e-300)
    edge = RAYS * reach[:, None]
    return {"w1": edge[:, 0], "w2": edge[:, 1], "order": np.arange(len(RAYS))}


def _contours(X: Array, y: Array, weights: Array) -> Columns:
    """Ellipses of equal error around the least-squares weights."""
    values, vectors = np.linalg.eigh(X.T @ X / len(X))
    axes = vectors / np.sqrt(np.maximum(values, FLATTEST * values[-1]))
    centre = np.linalg.lstsq(X, y)[0]
    reach = np.linalg.norm(np.linalg.solve(axes, centre)) or 1.0
    angle = np.linspace(0, 2 * np.pi, 73)
    circle = np.column_stack([np.cos(angle), np.sin(angle)])
    rings = np.concatenate([centre + reach * (i + 1) / N_LINES * circle @ axes.T for i in range(N_LINES)])
    line, order = np.repeat(np.arange(N_LINES), len(angle)), np.tile(np.arange(len(angle)), N_LINES)
    return {"w1": rings[:, 0], "w2": rings[:, 1], "line": line, "order": order}


def _axis(field: str, title: str, domain: list[float]) -> dict[str, Any]:
    scale = {"domain": domain, "zero": False, "nice": False}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": {"grid": False}}


def _plane(weights: Array) -> dict[str, Any]:
    reach = 1.3 * float(np.abs(weights).max()) or 1.0
    place = {"x": _axis("w1", "w1", [-reach, reach]), "y": _axis("w2", "w2", [-reach, reach])}
    ordered = {**place, "order": {"field": "order", "type": "quantitative"}}
    ring = {"type": "line", "clip": True, "color": NEUTRAL, "opacity": 0.6}
    lines = {**ordered, "detail": {"field": "line", "type": "nominal"}}
    dot = {"type": "point", "filled": True, "size": 130, "opacity": 1, "color": ACCENT}
    cheap = {"type": "line", "clip": True, "color": CLASS_COLORS[0], "strokeWidth": 2}
    way = {"type": "line", "color": ACCENT, "strokeWidth": 2, "point": {"size": 12, "color": ACCENT}}
    layers = [("contours", ring, lines), ("cheap", cheap, ordered), ("way", way, ordered)]
    layers.append(("here", dot, place))
    drawn = [{"data": {"name": name}, "mark": mark, "encoding": encoding} for name, mark, encoding in layers]
    return {"width": 300, "height": 300, "layer": drawn}


def _lines(weights: Array, alphas: Array, width: int) -> dict[str, Any]:
    color, _ = class_scales([f"w{i + 1}" for i in range(weights.shape[1])])
    encoding = {
        "x": _axis("alpha", "strength", padded_range(alphas, 0.02)),
        "y": _axis("value", "weight", padded_range(np.append(weights, 0.0))),
        "color": {"field": "weight", "type": "nominal", "scale": color, "legend": {"title": None, "orient": "bottom"}},
    }
    dot = {"type": "point", "filled": True, "size": 100, "opacity": 1}
    layers = [
        {"data": {"name": "paths"}, "mark": {"type": "line", "strokeWidth": 2}, "encoding": encoding},
        {"data": {"name": "now"}, "mark": dot, "encoding": encoding},
    ]
    return {"width": width, "height": 300, "layer": layers}
