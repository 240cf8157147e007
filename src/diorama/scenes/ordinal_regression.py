"""Ordinal regression as a moving picture: probabilities over the data, beside the one scale that orders all rows."""

from collections.abc import Sequence
from functools import partial
from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.linear.ordinal_regression import State, class_probabilities, cost, step
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.descent_parts import change, thinning
from diorama.scenes.parts import class_scales, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300
# share of a class's lane that its rows are spread over
SPREAD = 0.7


def ordinal_regression_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded OrdinalRegression."""
    fit, moments = recorded.fit, recorded.moments
    boundary, scale = Boundary.of(fit), _Scale(recorded)
    frames = []
    for k, moment in enumerate(moments):
        told = _narration(recorded, k)
        frames.append(
            Frame(
                data={**boundary.frame(partial(_shares, state=moment.state)), **scale.frame(moment.state)},
                narration=told,
                alt=f"Points of {len(boundary.classes)} ordered classes over their probabilities. {told}",
                step="step" if k else "surprise",
                values={"cost": number(moment.state.cost, 4), "slope": number(moment.state.slope)},
            )
        )
    return Scene(
        title="Ordinal regression",
        spec={
            "description": "Probabilities of the classes, and all rows on one scale with the thresholds between them.",
            "hconcat": [boundary.panel(360, HEIGHT), scale.panel()],
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=dict(boundary.still),
        code=marked_source(cost, step),
        formulas={
            "": r"P(y \le k \mid x) = \sigma(\theta_k - x^{\mathsf T} w), \quad J = \slot{cost}, \quad "
            r"\max_j \lvert \partial_j J \rvert = \slot{slope}"
        },
        tween=("rows", "thresholds"),
        caption=" ".join(filter(None, (boundary.caption, thinning(recorded)))),
    )


def _shares(points: Array, state: State) -> Array:
    return class_probabilities(points @ state.coef, state.thresholds)


class _Scale:
    """Every row at its weighted sum, in the lane of its class; a rule at each threshold."""

    def __init__(self, recorded: RecordedFit) -> None:
        fit = recorded.fit
        chosen, _ = sample_rows(len(fit.X), 600)
        self.X = np.asarray(fit.X, dtype=float)[chosen]
        self.classes = [str(label) for label in fit.subject.classes_]
        self.labels = [str(label) for label in np.asarray(fit.y)[chosen]]
        lane = {label: place for place, label in enumerate(self.classes)}
        # an even spread that is the same each time, so that rows do not hide each other
        spread = SPREAD * ((np.arange(len(chosen)) * 0.618034) % 1 - 0.5)
        self.height = np.array([lane[label] for label in self.labels]) + spread
        last = recorded.moments[-1].state
        reach = [np.concatenate([self.X @ m.state.coef, m.state.thresholds]) for m in recorded.moments]
        self.range = padded_range(np.concatenate([*reach, last.thresholds]))

    def frame(self, state: State) -> dict[str, Columns]:
        """The data sets of one frame."""
        return {
            "rows": {"value": self.X @ state.coef, "height": self.height, "class": self.labels},
            "thresholds": {"value": state.thresholds},
        }

    def panel(self) -> dict[str, Any]:
        """The Vega-Lite panel."""
        scale = {"domain": self.range, "zero": False, "nice": False}
        axis = {"grid": False, "tickCount": 5}
        x = {"field": "value", "type": "quantitative", "title": "weighted sum", "scale": scale, "axis": axis}
        y = {
            "field": "height",
            "type": "quantitative",
            "title": "class, from the lowest up",
            "scale": {"domain": [-0.5, len(self.classes) - 0.5], "nice": False},
            "axis": {"grid": False, "labels": False, "ticks": False},
        }
        color, shape = class_scales(self.classes)
        rows = {
            "data": {"name": "rows"},
            "mark": {"type": "point", "filled": True, "size": 30, "opacity": 0.8},
            "encoding": {
                "x": x,
                "y": y,
                "color": {"field": "class", "type": "nominal", "scale": color, "legend": None},
                "shape": {"field": "class", "type": "nominal", "scale": shape, "legend": None},
            },
        }
        rules = {
            "data": {"name": "thresholds"},
            "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 2},
            "encoding": {"x": x},
        }
        return {"width": 260, "height": HEIGHT, "layer": [rows, rules]}


def _narration(recorded: RecordedFit, k: int) -> str:
    moments: Sequence[Moment] = recorded.moments
    iteration, state = moments[k]
    fit = recorded.fit
    likeliest = _shares(np.asarray(fit.X, dtype=float), state).argmax(axis=1)
    right = float(np.mean(fit.subject.classes_[likeliest] == fit.y))
    if k == 0:
        return f"Start: no feature is looked at, and the thresholds give each class its share; {right:.0%} are right."
    told = f"Step {iteration} of {recorded.n_iter}: the mean surprise {change(moments[k - 1], moments[k])}"
    return f"{told}; {right:.0%} of the rows are put in their class."
