"""Stepwise regression as a moving picture: who is in after each step, what each next move would do, the criterion."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.linear._sweep import CrossValidation, Information, sweep
from diorama.linear.stepwise_regression import Search, State
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.descent_parts import Curve
from diorama.scenes.fitted import feature_names
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300
# columns that are drawn at most: those that move first, then those whose move would do most at the start
MOST = 20
NAMES = {"aic": "AIC", "bic": "BIC", "cv": "the cross-validated mean square"}
_LIKELIHOOD = r" = n \left(\log\frac{2 \pi\, \text{RSS}}{n} + 1\right) + "
_HERE = r" = \slot{score}, \quad k = \slot{k}"
COLORS = "A bar is the move of one column: orange the best, green an addition, blue a drop."
FORMULAS = {
    "aic": r"\text{AIC}" + _LIKELIHOOD + r"2 (k + 1)" + _HERE,
    "bic": r"\text{BIC}" + _LIKELIHOOD + r"(k + 1) \log n" + _HERE,
    "cv": r"\text{CV} = \tfrac{1}{n}\textstyle\sum_i \left(y_i - \hat y_i^{(-\text{fold of } i)}\right)^2" + _HERE,
}


def stepwise_regression_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded StepwiseRegression."""
    criterion = recorded.fit.subject.criterion
    states = [moment.state for moment in recorded.moments]
    all_names = feature_names(recorded.fit)
    kept = drawn(states)
    names = [all_names[j] for j in kept]
    steps = np.array([moment.iteration for moment in recorded.moments])
    curve = Curve(steps, np.array([s.score for s in states]), _short(criterion), False)
    changes = np.array([change(s, criterion)[kept] for s in states])
    frames = []
    for k, s in enumerate(states):
        told = _narration(states, k, all_names, NAMES[criterion])
        data = {"places": _places(states[: k + 1], steps, kept, names), "moves": _moves(changes[k], s, kept, names)}
        step = {"start": "weigh", "stop": "stop"}.get(s.move, "move")
        values = {"score": number(s.score, 5), "k": str(int(s.chosen.sum()))}
        frames.append(Frame({**data, **curve.frame(k)}, told, f"Which columns are in. {told}", step, values))
    weighing = CrossValidation.after if criterion == "cv" else Information.after
    return Scene(
        title=f"Stepwise regression by {NAMES[criterion]}",
        spec={
            "description": "Columns in and out after each step, what each next move would do, and the criterion.",
            "resolve": {"scale": {"color": "independent"}},
            "hconcat": [
                _place_panel(names, steps),
                _move_panel(names, changes, criterion),
                curve.panel(130, HEIGHT),
            ],
        },
        frames=tuple(frames),
        data=curve.still,
        code=marked_source(Search.step, weighing, sweep),
        formulas={"": FORMULAS[criterion]},
        tween=("moves", "now"),
        caption=COLORS if len(kept) == len(all_names) else f"{COLORS} Drawn: {len(kept)} of {len(all_names)} columns.",
    )


def drawn(states: list[State]) -> Array:
    """Indices of the columns that are drawn, rising."""
    moved = [s.column for s in states if s.column >= 0]
    rest = np.argsort(states[0].scores, kind="stable").tolist()
    return np.sort(list(dict.fromkeys([*moved, *rest]))[:MOST])


def change(state: State, criterion: str) -> Array:
    """What each column's move would do to the criterion: its change, of an error in per cent; NaN where it may not."""
    scores = np.where(np.isfinite(state.scores), state.scores, np.nan)
    if criterion == "cv":
        return 100 * (scores / state.score - 1) if state.score > 0 else np.zeros_like(scores)
    return scores - state.score


def _short(criterion: str) -> str:
    return "mean square, rows left out" if criterion == "cv" else NAMES[criterion]


def _places(states: list[State], steps: Array, kept: Array, names: list[str]) -> Columns:
    """A cell for every column and step so far."""
    inside = np.array([s.chosen[kept] for s in states])
    return {
        "step": np.repeat(steps[: len(states)], len(kept)),
        "feature": names * len(states),
        "place": np.where(inside.ravel(), "in", "out"),
    }


def _moves(changes: Array, state: State, kept: Array, names: list[str]) -> Columns:
    """A bar for every move, the best one apart; moves that are not allowed have none."""
    best = int(np.nanargmin(changes)) if np.isfinite(changes).any() else -1
    kinds = np.where(state.chosen[kept], "drop it", "add it").astype(object)
    if best >= 0 and changes[best] < 0:
        kinds[best] = "best move"
    return {"feature": names, "change": np.nan_to_num(changes), "kind": [str(kind) for kind in kinds]}


def _narration(states: list[State], k: int, names: list[str], criterion: str) -> str:
    state = states[k]
    score, inside = number(state.score, 4), int(state.chosen.sum())
    if state.move == "start":
        who = "No column is in" if inside == 0 else f"{inside} of {len(names)} columns are in"
        return f"{who}: {criterion} is {score}, and the bars tell what each move would do to it."
    if state.move == "stop":
        return f"No allowed move lowers {criterion} from {score}: stop, with {inside} of {len(names)} columns in."
    before = states[k - 1].score
    way = "falls" if state.score < before else "rises"
    turn = "comes in" if state.move == "add" else "goes out"
    columns = "1 column" if inside == 1 else f"{inside} columns"
    return f"{names[state.column]} {turn}: {criterion} {way} from {number(before, 4)} to {score} with {columns} in."


def _feature(names: list[str]) -> dict[str, Any]:
    return {"field": "feature", "type": "nominal", "title": None, "sort": names, "scale": {"domain": names}}


def _place_panel(names: list[str], steps: Array) -> dict[str, Any]:
    ticks = {"labelAngle": 0, "labelOverlap": "greedy"}
    x = {"field": "step", "type": "ordinal", "title": "step", "axis": ticks, "scale": {"domain": steps.tolist()}}
    color = {"domain": ["in", "out"], "range": [CLASS_COLORS[0], NEUTRAL]}
    opacity = {"condition": {"test": "datum.place == 'in'", "value": 0.95}, "value": 0.12}
    return {
        "data": {"name": "places"},
        "width": 180,
        "height": HEIGHT,
        "mark": {"type": "rect", "stroke": None},
        "encoding": {
            "x": x,
            "y": {**_feature(names), "axis": {"labelLimit": 90}},
            "color": {"field": "place", "type": "nominal", "scale": color, "legend": None},
            "opacity": opacity,
            "tooltip": [{"field": f, "type": "nominal"} for f in ("feature", "step", "place")],
        },
    }


def _move_panel(names: list[str], changes: Array, criterion: str) -> dict[str, Any]:
    title = "change of the mean square, %" if criterion == "cv" else f"change of {NAMES[criterion]}"
    finite = np.append(changes[np.isfinite(changes)], 0.0)
    # moves differ by orders of magnitude: the axis is straight near 0 and logarithmic beyond
    scale = {
        "type": "symlog",
        "constant": 2,
        "domain": [1.1 * finite.min() - 0.5, 1.1 * finite.max() + 0.5],
        "nice": False,
    }
    axis = {"grid": False, "tickCount": 5, "format": "~s"}
    color = {"domain": ["best move", "add it", "drop it"], "range": [ACCENT, CLASS_COLORS[2], CLASS_COLORS[0]]}
    return {
        "data": {"name": "moves"},
        "width": 160,
        "height": HEIGHT,
        "mark": {"type": "bar"},
        "encoding": {
            "x": {"field": "change", "type": "quantitative", "title": title, "scale": scale, "axis": axis},
            "y": {**_feature(names), "axis": {"labelLimit": 70}},
            "color": {"field": "kind", "type": "nominal", "scale": color, "legend": None},
            "tooltip": [
                *({"field": f, "type": "nominal"} for f in ("feature", "kind")),
                {"field": "change", "type": "quantitative", "format": ".4~g"},
            ],
        },
    }
