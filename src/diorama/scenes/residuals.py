"""The residuals of a least-squares fit as a moving picture: against predictions, against pure noise, against leverage.

After three looks at all of them, the rows that move the predictions most are pointed at one by one, in all panels.
"""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.linear._inference import State, looks, noise_quantiles, pull, studentize
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import axis
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

WIDTH, HEIGHT = 190, 300
# rows drawn in each panel
MOST_ROWS = 600
# a residual of pure noise is seldom further out than this
FAR = 3.0
# a row that pulls this many times as much as the average one is called far out
PULLS = 2.0


def residuals_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded inference."""
    chosen, sample = _drawn(state, recorded)
    states: list[State] = [moment.state for moment in recorded.moments]
    frames = []
    for s in states:
        told = _narration(s, recorded)
        data = {"pointed": _points(s, np.array([s.row]) if s.row >= 0 else np.array([], dtype=int))}
        at = s.row if s.row >= 0 else int(np.nanargmax(np.nan_to_num(s.cooks_distance)))
        values = {
            "residual": number(s.residuals[at]),
            "leverage": number(s.leverage[at]),
            "student": number(s.studentized[at]),
        }
        alt = f"Residuals against predictions, against noise and against leverage. {told}"
        frames.append(Frame(data, told, alt, s.stage, values))
    return Scene(
        title="Residuals",
        spec={
            "description": "Residuals against predictions, against what noise would be, and against leverage.",
            "hconcat": _panels(state),
        },
        frames=tuple(frames),
        data={
            "points": _points(state, chosen),
            "zero": {"y": [0.0]},
            "noise": _diagonal(state),
            "average": {"x": [float(np.mean(state.leverage))]},
        },
        code=marked_source(pull, studentize, noise_quantiles, looks),
        formulas={
            "": r"e_i = y_i - \hat y_i = \slot{residual}, \quad h_i = \frac{\partial \hat y_i}{\partial y_i} = "
            r"\slot{leverage}, \quad t_i = \frac{e_i}{s_{(i)}\sqrt{1 - h_i}} = \slot{student}"
        },
        caption=sample,
    )


def _drawn(state: State, recorded: RecordedFit) -> tuple[Array, str]:
    """Rows that are drawn: a fair sample, and those that are pointed at."""
    chosen, sample = sample_rows(len(state.fitted), MOST_ROWS)
    pointed = [moment.state.row for moment in recorded.moments if moment.state.row >= 0]
    return np.union1d(chosen, np.array(pointed, dtype=int)), sample


def _points(s: State, rows: Array) -> Columns:
    return {
        "row": rows + 1,
        "fitted": s.fitted[rows],
        "residual": s.residuals[rows],
        "quantile": s.quantiles[rows],
        "student": s.studentized[rows],
        "leverage": s.leverage[rows],
    }


def _diagonal(s: State) -> Columns:
    ends = padded_range(s.quantiles)
    return {"quantile": ends, "student": ends}


def _narration(s: State, recorded: RecordedFit) -> str:
    far = int((np.abs(s.studentized) > FAR).sum())
    if s.stage == "residuals":
        return (
            f"Left, {len(s.residuals)} residuals around zero, the largest {number(np.abs(s.residuals).max())}: a bend "
            "says that the plane misses something, a fan that the noise grows."
        )
    if s.stage == "quantiles":
        beyond = f"{far} of them {'is' if far == 1 else 'are'}" if far else "none is"
        return (
            f"In the middle each residual stands over what noise of a bell's shape would be; {beyond} beyond "
            f"{number(FAR)} deviations, and a tail that leaves the diagonal is too heavy."
        )
    if s.stage == "leverage":
        mean = float(np.mean(s.leverage))
        out = int((s.leverage > PULLS * mean).sum())
        return (
            f"Right, how far each row pulls its own prediction: {number(mean)} on average, and {out or 'no'} "
            f"{'row' if out == 1 else 'rows'} more than twice that."
        )
    target = float(np.asarray(recorded.fit.y)[s.row])
    return (
        f"Row {s.row + 1}: target {number(target)}, prediction {number(s.fitted[s.row])}, off by "
        f"{_deviations(s.studentized[s.row])}, leverage {number(s.leverage[s.row])}; {_verdict(s)}."
    )


def _deviations(student: float) -> str:
    return f"{number(student)} deviations" if np.isfinite(student) else "nothing, for it decides alone"


def _verdict(s: State) -> str:
    cook = float(s.cooks_distance[s.row])
    if not np.isfinite(cook):
        return "without it, its coefficient would be unknown"
    if cook > 1:
        return f"without it the fit would be another one (Cook's distance {number(cook)})"
    return f"without it the predictions would move by a Cook's distance of {number(cook)}"


def _panels(s: State) -> list[dict[str, Any]]:
    students = padded_range(np.append(s.studentized[np.isfinite(s.studentized)], [-FAR, FAR]))
    fitted = axis("fitted", "prediction", padded_range(s.fitted))
    residual = axis("residual", "residual", padded_range(np.append(s.residuals, 0.0), 0.1))
    quantile = axis("quantile", "residual expected of noise", padded_range(s.quantiles))
    student = axis("student", "studentised residual", students)
    leverage = axis("leverage", "leverage", padded_range(np.append(s.leverage, 0.0)))
    for channel in (fitted, quantile, leverage):
        channel["axis"]["tickCount"] = 4
    zero = _rule("zero", {"y": {**residual, "field": "y"}})
    far = _rule("zero", {"y": {**student, "field": "y"}})
    noise = {
        "data": {"name": "noise"},
        "mark": {"type": "line", "color": NEUTRAL, "strokeDash": [5, 4], "clip": True},
        "encoding": {"x": quantile, "y": student},
    }
    average = _rule("average", {"x": {**leverage, "field": "x"}})
    return [
        _panel(fitted, residual, [zero]),
        _panel(quantile, student, [noise]),
        _panel(leverage, student, [far, average]),
    ]


def _rule(data: str, encoding: dict[str, Any]) -> dict[str, Any]:
    mark = {"type": "rule", "color": NEUTRAL, "strokeDash": [4, 3]}
    return {"data": {"name": data}, "mark": mark, "encoding": encoding}


def _panel(x: dict[str, Any], y: dict[str, Any], ground: list[dict[str, Any]]) -> dict[str, Any]:
    tooltip = [
        {"field": "row", "type": "quantitative"},
        *(
            {"field": field, "type": "quantitative", "format": ".3~g"}
            for field in ("fitted", "residual", "student", "leverage")
        ),
    ]
    dot = {"type": "point", "filled": True, "clip": True}
    encoding = {"x": x, "y": y, "tooltip": tooltip}
    points = {"data": {"name": "points"}, "mark": {**dot, "color": CLASS_COLORS[0], "size": 26, "opacity": 0.65}}
    pointed = {"data": {"name": "pointed"}, "mark": {**dot, "color": ACCENT, "size": 140, "opacity": 1}}
    layers = [{**layer, "encoding": encoding} for layer in (points, pointed)]
    return {"width": WIDTH, "height": HEIGHT, "layer": [*ground, *layers]}
