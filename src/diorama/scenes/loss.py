"""A loss seen along a walk of predictions: its curve, and the tangent where we stand; for rows, both distributions."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.losses.sweep import State, Sweep
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

# half the drawn tangent, as a share of the axis
REACH = 0.16
# where a curve is drawn besides the places of the walk
N_DRAWN = 121


def loss_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `sweep`."""
    subject: Sweep = recorded.fit.subject
    states = [moment.state for moment in recorded.moments]
    rows = state.prediction.ndim == 1
    watched_class = int(np.argmax(subject.target)) if rows else 0
    places = np.array([s.prediction[watched_class] if rows else s.prediction for s in states])
    values = np.array([s.value for s in states])
    along = _direction(subject.predictions, watched_class) if rows else np.asarray(1.0)
    slopes = np.array([float(np.sum(s.slope * along)) for s in states])
    title = f"predicted for class {watched_class + 1}" if rows else "prediction"
    panels = [_curve(places, values, title), _bars(states, subject) if rows else _slopes(places, slopes, title)]
    cls = type(subject.loss)
    # what a loss does after the reduction is its own too
    own = [cls.__call__, cls.gradient] if "__call__" in vars(cls) else []
    return Scene(
        title=f"{cls.__name__} along a walk of predictions",
        spec={"description": "A loss with its tangent at a moving prediction.", "hconcat": panels},
        frames=tuple(_frame(subject, states, places, values, slopes, k) for k in range(len(states))),
        data={"curve": {"place": places, "value": values}} if rows else _curves(subject, places),
        code=marked_source(cls._parts, cls._slopes, *own),
        formulas={"": r"\ell = \slot{value}, \qquad \ell' = \slot{slope}"},
        tween=("here", "tangent", "shares") if rows else ("here", "tangent", "slope_here"),
    )


def _direction(predictions: Array, watched_class: int) -> Array:
    """How a row moves when its watched probability grows by 1, from the walk's first place to its last."""
    moved = predictions[-1] - predictions[0]
    direction: Array = moved / (moved[watched_class] or 1.0)
    return direction


def _curves(subject: Sweep, places: Array) -> dict[str, Columns]:
    """Loss and slope all along the walk; a kink is at the target, or a hinge's at 1 times its label: drawn sharp."""
    between = np.linspace(places.min(), places.max(), N_DRAWN)
    drawn = np.union1d(places, np.append(between, np.clip(subject.target, places.min(), places.max())))
    loss, target = subject.loss, subject.target[None]
    values = np.array([loss(target, place[None]) for place in drawn]).reshape(-1)
    slopes = np.array([loss.gradient(target, place[None])[0] for place in drawn])
    return {"curve": {"place": drawn, "value": values}, "slopes": {"place": drawn, "slope": slopes}}


def _frame(subject: Sweep, states: list[State], places: Array, values: Array, slopes: Array, k: int) -> Frame:
    place, value, slope = places[k], values[k], slopes[k]
    reach = REACH * (places.max() - places.min())
    ends = np.array([-reach, reach])
    data: dict[str, Columns] = {
        "here": {"place": [place], "value": [value]},
        "tangent": {"place": place + ends, "value": value + slope * ends},
    }
    if subject.target.ndim:
        data["shares"] = _shares(subject.target, states[k].prediction)
    else:
        data["slope_here"] = {"place": [place], "slope": [slope]}
    way = "up" if slope < 0 else "down"
    pull = f"a slope of {number(slope)} pulls the prediction {way}" if slope else "no slope, so nothing pulls"
    narration = f"Place {k + 1} of {len(states)}: predicting {number(place)} costs {number(value)}; {pull}."
    return Frame(data, narration, f"The loss curve with its tangent. {narration}", "slope", _numbers(value, slope))


def _numbers(value: float, slope: float) -> dict[str, str]:
    return {"value": number(value), "slope": number(slope)}


def _shares(target: Array, prediction: Array) -> Columns:
    names = np.array([f"class {i + 1}" for i in range(len(target))])
    return {
        "class": np.tile(names, 2),
        "whose": np.repeat(["true", "predicted"], len(target)),
        "share": np.concatenate([target, prediction]),
    }


def _axis(field: str, title: str, domain: list[float]) -> dict[str, Any]:
    scale = {"domain": domain, "zero": False, "nice": False}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": {"grid": False}}


def _curve(places: Array, values: Array, title: str) -> dict[str, Any]:
    x, y = _axis("place", title, padded_range(places)), _axis("value", "loss", padded_range(values))
    line = {"type": "line", "strokeWidth": 2.5, "color": CLASS_COLORS[0], "clip": True}
    dot = {"type": "point", "filled": True, "size": 130, "opacity": 1, "color": ACCENT}
    tooltip = [{"field": name, "type": "quantitative", "format": ".3~g"} for name in ("place", "value")]
    return {
        "width": 380,
        "height": 280,
        "layer": [
            {"data": {"name": "curve"}, "mark": line, "encoding": {"x": x, "y": y}},
            {"data": {"name": "tangent"}, "mark": {**line, "color": ACCENT}, "encoding": {"x": x, "y": y}},
            {"data": {"name": "here"}, "mark": dot, "encoding": {"x": x, "y": y, "tooltip": tooltip}},
        ],
    }


def _slopes(places: Array, slopes: Array, title: str) -> dict[str, Any]:
    x, y = _axis("place", title, padded_range(places)), _axis("slope", "slope", padded_range(slopes))
    order = {"field": "place", "type": "quantitative"}
    line = {"type": "line", "strokeWidth": 2, "color": NEUTRAL}
    dot = {"type": "point", "filled": True, "size": 110, "opacity": 1, "color": ACCENT}
    return {
        "width": 240,
        "height": 280,
        "layer": [
            {"data": {"name": "slopes"}, "mark": line, "encoding": {"x": x, "y": y, "order": order}},
            {"data": {"name": "slope_here"}, "mark": dot, "encoding": {"x": x, "y": y}},
        ],
    }


def _bars(states: list[State], subject: Sweep) -> dict[str, Any]:
    top = max(1.0, float(subject.target.max()), *(float(s.prediction.max()) for s in states))
    color = {"domain": ["true", "predicted"], "range": [NEUTRAL, ACCENT]}
    legend = {"title": None, "orient": "bottom"}
    return {
        "width": 240,
        "height": 250,
        "data": {"name": "shares"},
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "class", "type": "nominal", "title": None, "axis": {"labelAngle": 0}},
            "xOffset": {"field": "whose", "type": "nominal", "sort": ["true", "predicted"]},
            "y": _axis("share", "probability", [0.0, top]),
            "color": {"field": "whose", "type": "nominal", "scale": color, "legend": legend},
            "tooltip": [{"field": name} for name in ("class", "whose", "share")],
        },
    }
