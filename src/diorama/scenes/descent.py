"""Descent on a function: the path over its surface, beside the value at every step."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from diorama._differences import largest_curvature
from diorama._typing import Array
from diorama.optimization.minimization import Problem, State, step
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.descent_parts import Curve, Landscape, change, runaway, running_line, spoken, steepness, thinning
from diorama.scenes.parts import number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

# how far beyond start and best point the drawn ground reaches, as a share of their distance
AIR = 0.4


def descent_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `minimize`: a surface for two numbers, the curve of values for any other count."""
    problem: Problem = recorded.fit.subject
    moments = recorded.moments
    curve = Curve.of(moments, "value")
    ground = _landscape(problem, moments) if state.x.size == 2 else None
    panels = [*([ground.panel()] if ground else []), curve.panel() if ground else curve.panel(width=620)]
    ending = _ending(problem, moments)
    name = getattr(problem.fun, "name", "a function")
    last = len(moments) - 1
    code = marked_source(*problem.optimizer.rule, step)
    lit = running_line(code, "move")
    return Scene(
        title=f"{_capital(spoken(problem.optimizer))}: {name}",
        spec={"description": "The path taken down the function, and its value at every step.", "hconcat": panels},
        frames=tuple(
            _frame(moments, k, curve, ground, lit if k else "", ending if k == last else "")
            for k in range(len(moments))
        ),
        data={**curve.still, **(ground.still if ground else {})},
        code=code,
        formulas={"": _formula(problem)},
        tween=("now", "here") if ground else ("now",),
        caption=_caption(recorded, ground),
    )


def _frame(moments: Sequence[Moment], k: int, curve: Curve, ground: Landscape | None, lit: str, ending: str) -> Frame:
    iteration, state = moments[k]
    slope = steepness(state.gradient)
    if k == 0:
        told = f"Start: at {_place(state.x)} the value is {number(state.value, 4)} and the slope {number(slope)}."
    else:
        told = f"Step {iteration} of {moments[-1].iteration}: at {_place(state.x)} the value "
        told += f"{change(moments[k - 1], moments[k])}; the slope is {number(slope)}."
    narration = told + ending
    return Frame(
        data={**curve.frame(k), **(ground.frame(k) if ground else {})},
        narration=narration,
        alt=f"The path after {iteration} steps. {narration}",
        step=lit,
        values={"x": _place(state.x), "slope": _place(state.gradient), "value": number(state.value, 4)},
    )


def _formula(problem: Problem) -> str:
    return problem.optimizer.formula + r", \qquad x = \slot{x},\; \nabla f = \slot{slope},\; f = \slot{value}"


def _capital(words: str) -> str:
    return words[0].upper() + words[1:]


def _place(x: Array) -> str:
    """A point in words: up to three of its numbers."""
    shown = ", ".join(number(value) for value in x[:3])
    return f"({shown}, …)" if x.size > 3 else f"({shown})"


def _landscape(problem: Problem, moments: Sequence[Moment]) -> Landscape:
    path = np.array([moment.state.x for moment in moments])
    ranges = _ranges(problem, path, np.array([moment.state.value for moment in moments]))
    rate = problem.optimizer.plain_rate
    with np.errstate(over="ignore", invalid="ignore"):
        arrows = np.array([m.state.x - (np.nan if rate is None else rate) * m.state.gradient for m in moments])
    heights = getattr(problem.fun, "heights", None)
    return Landscape.of(
        heights or (lambda places: np.array([float(problem.fun(place)) for place in places])),
        ranges,
        ("x", "y"),
        path,
        np.array([moment.iteration for moment in moments]),
        arrows,
        getattr(problem.fun, "minima", ()),
    )


def _ranges(problem: Problem, path: Array, values: Array) -> tuple[Sequence[float], Sequence[float]]:
    """The ground to draw: the function's own domain with the start, or the path as far as it goes down."""
    domain: Any = getattr(problem.fun, "domain", None)
    if domain is not None:
        low, high = np.array(domain, dtype=float).T
        low, high = np.minimum(low, path[0]), np.maximum(high, path[0])
        return [float(low[0]), float(high[0])], [float(low[1]), float(high[1])]
    down = path[values <= values[0]]
    return padded_range(down[:, 0], AIR), padded_range(down[:, 1], AIR)


def _ending(problem: Problem, moments: Sequence[Moment]) -> str:
    values = np.array([moment.state.value for moment in moments], dtype=float)
    if np.isfinite(values[-1]) and values[-1] <= values[0]:
        return ""
    best = moments[int(np.nanargmin(values))].state
    curvature = largest_curvature(problem.gradient, best.x)
    return runaway(values, problem.optimizer.plain_rate, 2 / curvature if curvature > 0 else np.nan).replace(
        "The cost", "The value"
    )


def _caption(recorded: RecordedFit, ground: Landscape | None) -> str:
    arrow = (
        "" if recorded.fit.subject.optimizer.plain_rate is None else "; the dashed line is where the next step leads"
    )
    shading = f"The stronger the colour, the higher{arrow}." if ground else ""
    return " ".join(part for part in (shading, thinning(recorded)) if part)
