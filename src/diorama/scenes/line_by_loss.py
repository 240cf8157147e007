"""A line fitted by a loss: each point as large as its say, and where its error lies on the loss."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.losses.line import LineByLoss, State, say, step
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import RESIDUALS_UP_TO, FittedLine, axis
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT, N_DRAWN = 300, 121
# the size of a point whose say is whole, and of one that has none
LARGEST, SMALLEST = 160.0, 12.0
LEGEND = {"title": None, "orient": "bottom"}


def line_by_loss_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `fit_line`."""
    subject: LineByLoss = recorded.fit.subject
    states = [moment.state for moment in recorded.moments]
    line = FittedLine(recorded.fit, 340, HEIGHT, squares=False)
    errors = np.array([s.slope * line.x + s.intercept - line.y for s in states])
    low, high = padded_range(errors)
    between = np.union1d(np.linspace(low, high, N_DRAWN), 0.0)
    cost = _costs(subject, between)
    panel = line.panel()
    panel["layer"][-1] = _points(line)
    return Scene(
        title=f"A line by {type(subject.loss).__name__}",
        spec={
            "description": "A line over points as large as their say, and their errors on the loss.",
            # a scale that both panels shared would have the end of neither
            "resolve": {"scale": {"size": "independent", "color": "independent"}},
            "hconcat": [panel, _curve([low, high], padded_range(cost))],
        },
        frames=tuple(_frame(recorded, line, subject, errors[k], k) for k in range(len(states))),
        data={"curve": {"error": between, "cost": cost}},
        code=marked_source(say, step),
        formulas={"": r"w_i = \frac{\ell'(e_i)}{e_i}, \quad \text{loss} = \slot{value}, \quad y = \slot{line}"},
        tween=line.tween,
        caption=" ".join(filter(None, (line.caption, "Points are as large as their say in the next line."))),
    )


def _costs(subject: LineByLoss, errors: Array) -> Array:
    return np.array([subject.loss([0.0], [error]) for error in errors], dtype=float)


def _frame(recorded: RecordedFit, line: FittedLine, subject: LineByLoss, errors: Array, k: int) -> Frame:
    state: State = recorded.moments[k].state
    drawn = sample_rows(len(recorded.fit.y), RESIDUALS_UP_TO)[0]
    weights, outlier = state.weights[drawn], np.where(drawn == subject.outlier, "wildest", "others")
    says: Columns = {"x": line.x, "y": line.y, "say": weights, "who": outlier}
    costs: Columns = {"error": errors, "cost": _costs(subject, errors), "say": weights, "who": outlier}
    share = state.weights[subject.outlier] / state.weights.sum()
    part = f"{100 * share:.2g}" if share > 1e-4 else "less than 0.01"
    told = f"Line {k + 1} of {len(recorded.moments)}: slope {number(state.slope)}, loss {number(state.value)}"
    told += f"; the wildest point has {part} % of the say."
    equation = f"{number(state.slope)} x {'+' if state.intercept >= 0 else '-'} {number(abs(state.intercept))}"
    values = {"value": number(state.value), "line": equation}
    data = {**line.frame(np.array([state.slope]), state.intercept), "says": says, "costs": costs}
    return Frame(data, told, f"A line over points. {told}", "line" if k else "weights", values)


def _look(legend: dict[str, Any] | None = LEGEND) -> dict[str, Any]:
    scale = {"domain": [0, 1], "range": [SMALLEST, LARGEST]}
    color = {"domain": ["others", "wildest"], "range": [CLASS_COLORS[0], CLASS_COLORS[3]]}
    return {
        "size": {"field": "say", "type": "quantitative", "scale": scale, "legend": None},
        "color": {"field": "who", "type": "nominal", "scale": color, "legend": legend},
        "tooltip": [{"field": "say", "type": "quantitative", "format": ".3~g"}],
    }


def _points(line: FittedLine) -> dict[str, Any]:
    x, y = axis("x", line.title, line.x_range), axis("y", "target", line.y_range)
    mark = {"type": "point", "filled": True, "opacity": 0.9}
    return {"data": {"name": "says"}, "mark": mark, "encoding": {"x": x, "y": y, **_look()}}


def _curve(across: list[float], up: list[float]) -> dict[str, Any]:
    x, y = axis("error", "error", across), axis("cost", "loss of the point", up)
    rule = {"type": "line", "color": NEUTRAL, "strokeWidth": 2}
    mark = {"type": "point", "filled": True, "opacity": 0.9, "stroke": ACCENT, "strokeWidth": 0.5}
    return {
        "width": 240,
        "height": HEIGHT,
        "layer": [
            {"data": {"name": "curve"}, "mark": rule, "encoding": {"x": x, "y": y}},
            {"data": {"name": "costs"}, "mark": mark, "encoding": {"x": x, "y": y, **_look(legend=None)}},
        ],
    }
