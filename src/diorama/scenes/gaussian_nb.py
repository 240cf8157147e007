"""Gaussian naive Bayes as a moving picture: one feature is heard after the other, and the boundary bends to each.

Beside the plane stand the bell curves of the feature that is heard in this frame, one for each class.
"""

from functools import partial
from typing import Any

import numpy as np
from scipy.special import softmax

from diorama._typing import Array
from diorama.bayes.gaussian_nb import State, evidence, hear
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import feature_names
from diorama.scenes.parts import class_scales, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300
CURVE_POINTS = 81
REACH = 4.0  # standard deviations of a feature to either side


def gaussian_nb_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded GaussianNB: `state` has heard all features."""
    fit = recorded.fit
    boundary, names = Boundary.of(fit), feature_names(fit)
    middle, width = np.mean(fit.X, axis=0), np.std(fit.X, axis=0)
    frames = []
    for moment in recorded.moments:
        told = _narration(moment, recorded, names)
        bells = _bells(moment.state, boundary.classes, middle, width)
        frames.append(
            Frame(
                data={**boundary.frame(partial(_shares, state=moment.state)), "bells": bells},
                narration=told,
                alt=f"Points of {len(boundary.classes)} classes over their probabilities. {told}",
                step="evidence" if moment.state.used else "hear",
                values={"used": str(moment.state.used), "all": str(len(names))},
            )
        )
    return Scene(
        title="Gaussian naive Bayes",
        spec={
            "description": "Probabilities of the classes, and the bell curves of the feature heard last.",
            "hconcat": [boundary.panel(400, HEIGHT), _bell_panel(boundary.classes)],
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=dict(boundary.still),
        code=marked_source(evidence, hear),
        formulas={
            "": r"\log P(c \mid x) = \log P(c) + \sum_{j=1}^{\slot{used}\text{ of }\slot{all}} "
            r"\log N(x_j;\, \theta_{cj}, \sigma_{cj}^2) + \text{const}"
        },
        caption=boundary.caption,
    )


def _shares(points: Array, state: State) -> Array:
    shares: Array = softmax(evidence(points, state), axis=1)
    return shares


def _narration(moment: Moment, recorded: RecordedFit, names: list[str]) -> str:
    state, classes = moment.state, recorded.fit.subject.classes_
    right = float(np.mean(classes[evidence(recorded.fit.X, state).argmax(axis=1)] == recorded.fit.y))
    if state.used == 0:
        likeliest = int(state.log_prior.argmax())
        share = float(np.exp(state.log_prior[likeliest]))
        return f"No feature is heard yet: every row is guessed to be {classes[likeliest]}, as {share:.0%} of them are."
    j = state.used - 1
    gap = np.ptp(state.mean[:, j]) / np.sqrt(state.variance[:, j].mean())
    apart = f"its farthest means stand {number(gap, 2)} standard deviations apart"
    return f"Feature {state.used} of {len(names)}, {names[j]}: {apart}; {right:.0%} of the rows are on their side now."


def _bells(state: State, classes: tuple[str, ...], middle: Array, width: Array) -> Columns:
    """Weighted bell curves of the feature heard last, the highest of them 1 high; level before any is heard."""
    x = np.linspace(-REACH, REACH, CURVE_POINTS)
    if state.used == 0:
        heights = np.repeat(np.exp(state.log_prior)[:, None], CURVE_POINTS, axis=1)
    else:
        j = state.used - 1
        spread = np.sqrt(state.variance[:, j])[:, None]
        gap = (middle[j] + x * width[j] - state.mean[:, j, None]) / spread
        heights = np.exp(state.log_prior)[:, None] * np.exp(-0.5 * gap**2) / spread
        heights /= heights.max() or 1.0
    return {
        "x": np.tile(x, len(classes)),
        "height": heights.ravel(),
        "class": [name for name in classes for _ in range(CURVE_POINTS)],
    }


def _bell_panel(classes: tuple[str, ...]) -> dict[str, Any]:
    scale = {"domain": [-REACH, REACH], "nice": False}
    x = {"field": "x", "type": "quantitative", "title": "the feature, in standard deviations", "scale": scale}
    y = {
        "field": "height",
        "type": "quantitative",
        "title": "share times bell curve",
        "stack": None,
        "scale": {"domain": [0, 1.05], "nice": False},
        "axis": {"labels": False, "ticks": False, "grid": False},
    }
    color = {"field": "class", "type": "nominal", "scale": class_scales(classes)[0], "legend": None}
    return {
        "data": {"name": "bells"},
        "width": 230,
        "height": HEIGHT,
        "mark": {"type": "area", "opacity": 0.35, "line": {"strokeWidth": 2.5}},
        "encoding": {"x": {**x, "axis": {"grid": False}}, "y": y, "color": color},
    }
