"""A race: the paths of several ways down over one surface, beside how high each of them still is."""

import re
from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.optimization.race import Race, State, step
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.descent_parts import Landscape, running_line, thinning
from diorama.scenes.parts import NEUTRAL, class_scales, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

# heights are drawn down to this share of the first: what is lower has arrived, as far as an eye can tell
LOWEST = 1e-8
# and as far from the first as this many times its size, above and below
REACH = 50.0
# how far beyond start and end the drawn ground reaches where a function has no domain, as a share of their distance
AIR = 0.4
WORDS = {
    "arrived": "has arrived",
    "stuck": "finds no way down any more",
    "ran away": "has run away uphill: its rate is too large here",
    "fell away": "falls without end",
}


class Course(NamedTuple):
    """What every runner did."""

    race: Race
    rounds: Array  # (n_frames,)
    places: Array  # (n_frames, n_runners, n)
    values: Array  # (n_frames, n_runners)
    states: Sequence[State]
    heights: Array  # (n_frames, n_runners) above the lowest known value, or the values themselves where none is known
    above_minimum: bool

    @classmethod
    def of(cls, recorded: RecordedFit) -> "Course":
        """The course of a recorded race."""
        race: Race = recorded.fit.subject
        states = [moment.state for moment in recorded.moments]
        values = np.array([[runner.value for runner in state.runners] for state in states])
        places = np.array([[runner.x for runner in state.runners] for state in states])
        minima = getattr(race.fun, "minima", ())
        first = float(values[0, 0])
        reach = REACH * (abs(first) + 1)
        heights = np.clip(values, first - reach, first + reach)
        if minima:
            lowest = min(float(race.fun(np.array(minimum))) for minimum in minima)
            heights = np.maximum(heights - lowest, LOWEST * max(float(heights[0, 0]) - lowest, 1e-300))
        rounds = np.array([moment.iteration for moment in recorded.moments])
        return cls(race, rounds, places, values, states, heights, bool(minima))


def race_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `race`: a surface for two numbers, and the heights of the runners for any count."""
    course = Course.of(recorded)
    names = course.race.names
    ground = _ground(course) if course.places.shape[2] == 2 else None
    panels = [_heights(course, 240 if ground else 620, legend=ground is None)]
    if ground:
        panels.insert(0, _surface(ground, names))
    # what every frame draws of the runners
    glide = ("here", "now") if ground else ("now",)
    # many rules would hide each other: shown is that of the runner named last
    code = marked_source(*course.race.methods[-1].rule, step)
    lit = running_line(code, "step")
    where = f" down {name}" if (name := getattr(course.race.fun, "name", "")) else ""
    return Scene(
        title=f"A race{where}: {', '.join(names)}",
        spec={"description": "The paths of several optimizers, and how high each of them still is.", "hconcat": panels},
        frames=tuple(_frame(course, k, ground is not None, lit) for k in range(len(course.states))),
        data={**_course(course), **(ground.still if ground else {})},
        code=code,
        formulas={"": _formula(course.race)},
        tween=glide,
        caption=_caption(recorded, ground is not None),
    )


def _frame(course: Course, k: int, drawn: bool, lit: str) -> Frame:
    names = np.array(course.race.names)
    data: dict[str, Columns] = {
        "travelled": _columns(course, slice(0, k + 1), {"height": course.heights}),
        "now": _columns(course, slice(k, k + 1), {"height": course.heights}),
    }
    if drawn:
        spots = {"x": course.places[..., 0], "y": course.places[..., 1]}
        data["paths"] = _columns(course, slice(0, k + 1), spots)
        data["here"] = _columns(course, slice(k, k + 1), spots)
    told = _narration(course, k)
    return Frame(
        data=data,
        narration=told,
        alt=f"{len(names)} paths after {course.rounds[k]} rounds. {told}",
        step=lit if k else "",
        values={"value": number(course.values[k, -1])},
    )


def _columns(course: Course, part: slice, fields: dict[str, Array]) -> Columns:
    """One row for each runner and recorded round in `part`."""
    rounds = course.rounds[part]
    n_runners = len(course.race.names)
    return {
        "step": np.repeat(rounds, n_runners),
        "runner": np.tile(np.array(course.race.names), len(rounds)),
        **{name: values[part].reshape(-1) for name, values in fields.items()},
    }


def _course(course: Course) -> dict[str, Columns]:
    return {"course": _columns(course, slice(None), {"height": course.heights})}


def _narration(course: Course, k: int) -> str:
    state, names = course.states[k], course.race.names
    if k == 0:
        return f"Start: everyone stands at the value {number(course.values[0, 0])}."
    order = np.argsort(course.values[k], kind="stable")
    told = ", ".join(f"{names[i]} at {number(course.values[k, i])}" for i in order)
    before = course.states[k - 1].rests
    news = [
        f"{name} {WORDS[rest]} after {n} {'step' if n == 1 else 'steps'}"
        for name, rest, old, n in zip(names, state.rests, before, state.n_steps, strict=True)
        if rest and not old
    ]
    ending = f" {'; '.join(news)}." if news else ""
    return f"Round {course.rounds[k]} of {course.rounds[-1]}, lowest first: {told}.{ending}"


def _formula(race: Race) -> str:
    name = re.sub(r"[^\w .-]", "", race.names[-1])
    return rf"\text{{{name}: }}" + race.methods[-1].formula + r", \qquad f = \slot{value}"


def _ground(course: Course) -> Landscape:
    fun = course.race.fun
    path = course.places[:, 0]
    arrows = np.full_like(path, np.nan)
    heights = getattr(fun, "heights", None)
    return Landscape.of(
        heights or (lambda places: np.array([float(fun(place)) for place in places])),
        _ranges(course),
        ("x", "y"),
        path,
        course.rounds,
        arrows,
        getattr(fun, "minima", ()),
        # the colours are the runners'
        NEUTRAL,
    )


def _ranges(course: Course) -> tuple[Sequence[float], Sequence[float]]:
    """The function's own domain with the start, or the paths as far as they go down."""
    domain: Any = getattr(course.race.fun, "domain", None)
    start = course.places[0, 0]
    if domain is not None:
        low, high = np.array(domain, dtype=float).T
        low, high = np.minimum(low, start), np.maximum(high, start)
        return [float(low[0]), float(high[0])], [float(low[1]), float(high[1])]
    down = course.places[course.values <= course.values[0, 0]]
    return padded_range(down[:, 0], AIR), padded_range(down[:, 1], AIR)


def _look(names: Sequence[str], legend: bool) -> tuple[dict[str, Any], dict[str, Any]]:
    """Colour and shape of the runners, which say the same."""
    color, shape = class_scales(names)
    shown: Any = {"title": None, "orient": "bottom", "columns": 2} if legend else None
    return (
        {"field": "runner", "type": "nominal", "scale": color, "legend": shown},
        {"field": "runner", "type": "nominal", "scale": shape, "legend": shown},
    )


def _surface(ground: Landscape, names: Sequence[str]) -> dict[str, Any]:
    color, shape = _look(names, legend=True)
    x, y = ground.axis("x"), ground.axis("y")
    order = {"field": "step", "type": "quantitative"}
    tooltip = [{"field": "runner"}, *({"field": name, "type": "quantitative"} for name in ("step", "x", "y"))]
    place = {"x": x, "y": y, "color": color, "tooltip": tooltip}
    dot = {"type": "point", "filled": True, "clip": True, "opacity": 1}
    layers = [
        *ground.ground(),
        {
            "data": {"name": "paths"},
            "mark": {"type": "line", "strokeWidth": 2, "opacity": 0.9, "clip": True},
            "encoding": {"x": x, "y": y, "order": order, "color": color},
        },
        {"data": {"name": "paths"}, "mark": {**dot, "size": 14}, "encoding": place},
        {"data": {"name": "here"}, "mark": {**dot, "size": 130}, "encoding": {**place, "shape": shape}},
    ]
    return {"width": 380, "height": 280, "layer": layers}


def _heights(course: Course, width: int, legend: bool) -> dict[str, Any]:
    color, shape = _look(course.race.names, legend)
    if course.above_minimum:
        low, high = padded_range(np.log(course.heights))
        title = "height above the minimum"
        scale: dict[str, Any] = {"type": "log", "domain": [float(np.exp(low)), float(np.exp(high))], "nice": False}
    else:
        title, scale = "value", {"domain": padded_range(course.heights), "zero": False, "nice": False}
    x = {
        "field": "step",
        "type": "quantitative",
        "title": "round",
        "scale": {"domain": [0, max(1, int(course.rounds[-1]))], "nice": False},
        "axis": {"tickMinStep": 1, "grid": False, "tickCount": 5},
    }
    y = {"field": "height", "type": "quantitative", "title": title, "scale": scale}
    y["axis"] = {"grid": False, "tickCount": 5, "format": ".0e"} if course.above_minimum else {"grid": False}
    tooltip = [{"field": "runner"}, *({"field": name, "type": "quantitative"} for name in ("step", "height"))]
    encoding = {"x": x, "y": y, "color": color, "tooltip": tooltip}
    dot = {"type": "point", "filled": True, "size": 100, "opacity": 1}
    layers = [
        {
            "data": {"name": "course"},
            "mark": {"type": "line", "opacity": 0.3, "strokeWidth": 1.5},
            "encoding": encoding,
        },
        {"data": {"name": "travelled"}, "mark": {"type": "line", "strokeWidth": 2.5}, "encoding": encoding},
        {"data": {"name": "now"}, "mark": dot, "encoding": {**encoding, "shape": shape}},
    ]
    return {"width": width, "height": 280, "layer": layers}


def _caption(recorded: RecordedFit, drawn: bool) -> str:
    shading = "The stronger the colour, the higher; a cross marks a minimum." if drawn else ""
    return " ".join(part for part in (shading, thinning(recorded)) if part)
