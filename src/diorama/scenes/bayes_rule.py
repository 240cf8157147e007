"""Bayes' rule as areas: columns as wide as the priors, filled as high as the likelihoods."""

import numpy as np

from diorama.mathematics.bayes_rule import Belief, State, update
from diorama.recording.recorder import RecordedFit
from diorama.scenes.parts import class_scales, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source


def bayes_rule_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of `bayes_rule`."""
    belief: Belief = recorded.fit.subject
    colors, _ = class_scales(belief.names)
    unit = {"domain": [0, 1], "nice": False}
    encoding = {
        "x": {
            "field": "x",
            "type": "quantitative",
            "scale": unit,
            "title": "share of all cases",
            "axis": {"format": "%"},
        },
        "x2": {"field": "x2"},
        "y": {
            "field": "y",
            "type": "quantitative",
            "scale": unit,
            "title": "how likely is what was seen",
            "axis": {"format": "%"},
        },
        "y2": {"field": "y2"},
        "color": {"field": "name", "scale": colors, "title": None},
        "tooltip": [{"field": "name"}, {"field": "area", "title": "share", "format": ".4f"}],
    }
    faint = {"type": "rect", "fillOpacity": 0.18, "stroke": "#8A8A8A"}
    return Scene(
        title="Bayes' rule",
        spec={
            "description": "A square of area 1, cut by prior and likelihood.",
            "width": 360,
            "height": 360,
            "layer": [
                {"data": {"name": "all"}, "mark": faint, "encoding": encoding},
                {"data": {"name": "seen"}, "mark": {"type": "rect", "fillOpacity": 0.75}, "encoding": encoding},
            ],
        },
        frames=tuple(_frame(belief, moment.state.stage) for moment in recorded.moments),
        code=marked_source(update),
        formulas={"posterior": r"P(H \mid E) = \frac{\slot{joint}}{\slot{evidence}} = \slot{posterior}"},
        tween=("all", "seen"),
    )


def _frame(belief: Belief, stage: str) -> Frame:
    widths = belief.posterior if stage == "posterior" else belief.prior
    heights = (
        np.zeros_like(widths)
        if stage == "prior"
        else belief.likelihood
        if stage == "likelihood"
        else np.ones_like(widths)
    )
    ends = np.cumsum(widths)
    base = {"name": list(belief.names), "x": ends - widths, "x2": ends, "y": np.zeros_like(widths)}
    data = {
        "all": {**base, "y2": np.ones_like(widths), "area": widths},
        "seen": {**base, "y2": heights, "area": widths * heights},
    }
    shares = ", ".join(f"{name} {number(share)}" for name, share in zip(belief.names, widths, strict=True))
    told = {
        "prior": f"Before anything is seen, the columns are as wide as the priors: {shares}.",
        "likelihood": f"What was seen leaves the filled part of each column: {number(belief.evidence)} of the square.",
        "posterior": f"Only the filled part is left, and is the new whole: {shares}.",
    }[stage]
    values = {
        "joint": number(belief.joint[0]),
        "evidence": number(belief.evidence),
        "posterior": number(belief.posterior[0]),
    }
    return Frame(data, told, told, "" if stage == "prior" else stage, values)
