"""A random forest as a moving picture: what the newest tree says by itself, beside the vote of all trees so far."""

from functools import partial
from typing import Any

import numpy as np

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.ensembles._urn import draw
from diorama.ensembles.random_forest import State, mean_of, plant
from diorama.recording.recorder import RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import Agreement, FittedCurve
from diorama.scenes.numeric import drawn
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

WIDTH, HEIGHT = 330, 300
CURVE_POINTS = 161
FORMULAS = {
    "": r"\hat{p}(x) = \frac{1}{T} \sum_{t=1}^{T} p_t(x) \qquad T = \slot{trees}, "
    r"\quad \text{this tree: } \slot{alone}, \quad \text{the vote: } \slot{together}",
}


def forest_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded random forest: probabilities of classes, or predictions of numbers."""
    fit = drawn(recorded.fit)
    picture = _Classes(fit) if hasattr(fit.subject, "classes_") else _Numbers(fit)
    frames, total, counted, codes = [], None, 0, state.bins.codes(np.asarray(fit.X))
    for moment in recorded.moments:
        now = moment.state
        new = np.zeros((len(codes), now.grove.values.shape[1]))
        now.grove.only(counted, now.n_trees).add(codes, new)
        total = new if total is None else total + new
        counted = now.n_trees
        alone = picture.score(mean_of(now.grove.only(counted - 1, counted), now.bins, fit.X))
        together = picture.score(total / counted)
        data = picture.frame(now)
        told = f"Tree {counted} of {now.grove.n_trees}: alone it {picture.says(alone)}; the vote of "
        told += f"{counted} {'tree' if counted == 1 else 'trees'} {picture.says(together)}."
        values = {"trees": str(counted), "alone": number(alone), "together": number(together)}
        alt = f"Left what the newest tree says, right the vote of {counted}. {told}"
        frames.append(Frame(data=data, narration=told, alt=alt, step="grow", values=values))
    return Scene(
        title="Random forest",
        spec={
            "description": "The newest tree by itself, and the vote of all trees so far.",
            "hconcat": picture.panels(),
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=picture.still,
        code=marked_source(draw, plant),
        formulas=FORMULAS,
        caption=picture.caption,
    )


class _Classes:
    """Two panels of probabilities."""

    def __init__(self, fit: Fit) -> None:
        self.fit, self.boundary = fit, Boundary.of(fit)
        self.still, self.caption = self.boundary.still, self.boundary.caption

    def frame(self, now: State) -> dict[str, Columns]:
        newest = now.grove.only(now.n_trees - 1, now.n_trees)
        tree = self.boundary.frame(partial(mean_of, newest, now.bins))
        vote = self.boundary.frame(partial(mean_of, now.grove.only(0, now.n_trees), now.bins))
        return {**{f"{name} of tree": columns for name, columns in tree.items()}, **vote}

    def panels(self) -> list[dict[str, Any]]:
        tree, vote = (self.boundary.panel(WIDTH, HEIGHT) for _ in range(2))
        for layer in tree["layer"]:
            if layer["data"]["name"] not in self.still:
                layer["data"] = {"name": f"{layer['data']['name']} of tree"}
        return [{"title": "the newest tree", **tree}, {"title": "the vote so far", **vote}]

    def score(self, shares: Array) -> float:
        """Share of the drawn training rows that are given their own class."""
        return float(np.mean(self.fit.subject.classes_[shares.argmax(axis=1)] == np.asarray(self.fit.y)))

    def says(self, score: float) -> str:
        return f"puts {score:.0%} of the training rows right"


class _Numbers:
    """Two panels of the curve over one feature, or of predictions beside targets of many."""

    def __init__(self, fit: Fit) -> None:
        self.fit = fit
        kind = FittedCurve if fit.X.shape[1] == 1 else Agreement
        self.panel = kind(fit, WIDTH, HEIGHT)
        self.still, self.caption = self.panel.still, self.panel.caption

    def frame(self, now: State) -> dict[str, Columns]:
        newest, vote = now.grove.only(now.n_trees - 1, now.n_trees), now.grove.only(0, now.n_trees)
        places = self.panel.places
        tree = self.panel.frame_of(mean_of(newest, now.bins, places)[:, 0])
        mean = self.panel.frame_of(mean_of(vote, now.bins, places)[:, 0])
        return {**{f"{name} of tree": columns for name, columns in tree.items()}, **mean}

    def panels(self) -> list[dict[str, Any]]:
        tree, mean = self.panel.panel(), self.panel.panel()
        for layer in tree["layer"]:
            if layer["data"]["name"] not in self.still:
                layer["data"] = {"name": f"{layer['data']['name']} of tree"}
        return [{"title": "the newest tree", **tree}, {"title": "the mean so far", **mean}]

    def score(self, predicted: Array) -> float:
        """Mean squared error on the drawn training rows."""
        return float(np.mean((predicted[:, 0] - np.asarray(self.fit.y, dtype=float)) ** 2))

    def says(self, score: float) -> str:
        return f"errs by {number(score)} (mean square)"
