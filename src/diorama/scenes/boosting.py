"""Gradient boosting as a moving picture: what all trees so far say, and what the newest one had to mend.

Of one feature, the curve so far beside the residuals and the tree that was grown to them; else the boundary, or
predictions beside targets, next to the loss.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.ensembles._boosting_rounds import Booster, State, Tree, grove_of, one_tree
from diorama.ensembles.gradient_boosting import raw_of
from diorama.ensembles.gradient_boosting_classifier import probabilities
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.descent_parts import Curve
from diorama.scenes.fitted import Agreement, FittedCurve
from diorama.scenes.numeric import drawn
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

WIDTH, HEIGHT = 330, 300
FORMULAS = {
    "": r"r_t(x) = r_{t-1}(x) + \eta\, t(x), \quad t(x) = -\frac{\sum g}{\sum h + \lambda} \text{ in each leaf} \qquad "
    r"t = \slot{round}, \quad \text{mean loss} = \slot{loss}, \quad \text{leaves} = \slot{leaves}"
}


def boosting_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded gradient boosting."""
    fit = drawn(recorded.fit)
    moments = recorded.moments
    if hasattr(fit.subject, "classes_"):
        picture: _Classes | _Residuals | _Numbers = _Classes(fit, moments)
    else:
        picture = (_Residuals if fit.X.shape[1] == 1 else _Numbers)(fit, moments)
    frames = []
    for k, moment in enumerate(moments):
        now = moment.state
        told = _narration(moments, k)
        newest = now.trees[-1] if now.trees else ()
        leaves = ", ".join(str(int((tree.nodes[:, 0] == 0).sum())) for tree in newest) or "1"
        values = {"round": str(len(now.trees)), "loss": number(now.cost, 4), "leaves": leaves}
        alt = f"What {len(now.trees)} trees say together. {told}"
        step = "add" if k else "start"
        frames.append(Frame(data=picture.frame(k), narration=told, alt=alt, step=step, values=values))
    return Scene(
        title="Gradient boosting",
        spec={
            "description": "What all trees so far say together, and what is left to mend.",
            "hconcat": picture.panels(),
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=picture.still,
        code=marked_source(Booster.start, Booster.step, one_tree),
        formulas=FORMULAS,
        tween=picture.tween,
        caption=picture.caption,
    )


class _Classes:
    """The boundary, beside the loss."""

    tween: tuple[str, ...] = ("now",)

    def __init__(self, fit: Fit, moments: Sequence[Moment]) -> None:
        self.moments, self.said = moments, _Said(fit)
        self.boundary, self.curve = Boundary.of(fit), Curve.of(moments, "mean log loss", "round")
        self.still = {**self.boundary.still, **self.curve.still}
        self.caption = self.boundary.caption

    def frame(self, k: int) -> dict[str, Columns]:
        raw = self.said.up_to(self.moments[k].state, self.boundary.points)
        return {**self.boundary.frame(lambda _: probabilities(raw)), **self.curve.frame(k)}

    def panels(self) -> list[dict[str, Any]]:
        return [self.boundary.panel(400, HEIGHT), self.curve.panel(220, HEIGHT)]


class _Numbers:
    """Predictions of many features beside the targets, and the loss."""

    tween: tuple[str, ...] = ("predictions", "now")

    def __init__(self, fit: Fit, moments: Sequence[Moment]) -> None:
        self.moments, self.said = moments, _Said(fit)
        self.agreement, self.curve = Agreement(fit, 360, HEIGHT), Curve.of(moments, "mean loss", "round")
        self.still = {**self.agreement.still, **self.curve.still}
        self.caption = self.agreement.caption

    def frame(self, k: int) -> dict[str, Columns]:
        heights = self.said.predicted(self.said.up_to(self.moments[k].state, self.agreement.places))
        return {**self.agreement.frame_of(heights), **self.curve.frame(k)}

    def panels(self) -> list[dict[str, Any]]:
        return [self.agreement.panel(), self.curve.panel(220, HEIGHT)]


class _Residuals:
    """One feature: the curve so far, and beside it what was left before the newest tree, with that tree."""

    tween: tuple[str, ...] = ("curve",)

    def __init__(self, fit: Fit, moments: Sequence[Moment]) -> None:
        self.moments, self.said = moments, _Said(fit)
        self.curve = FittedCurve(fit, WIDTH, HEIGHT)
        self.still, self.caption = dict(self.curve.still), self.curve.caption
        self.x = np.asarray(self.still["points"]["x"])[:, None]
        self.y = np.asarray(self.still["points"]["y"])
        # the same height for what is left as for the points, so that it is seen to shrink
        middle = sum(self.curve.y_range) / 2
        self.range = [end - middle for end in self.curve.y_range]

    def frame(self, k: int) -> dict[str, Columns]:
        now = self.moments[k].state
        places, said = self.curve.places, self.said
        low, high = self.range
        before = now._replace(trees=now.trees[:-1])
        left = self.y - said.predicted(said.up_to(before, self.x))
        jump = said.predicted(said.up_to(now, places)) - said.predicted(said.up_to(before, places))
        share = said.learning_rate if now.trees else 1.0
        return {
            **self.curve.frame_of(said.predicted(said.up_to(now, places))),
            "left": {"x": self.x[:, 0], "y": np.clip(left, low, high)},
            "tree": {"x": places[:, 0], "y": np.clip(jump / share, low, high)},
        }

    def panels(self) -> list[dict[str, Any]]:
        panel = self.curve.panel()
        points, curve = ({**layer, "encoding": {**layer["encoding"]}} for layer in panel["layer"])
        points["data"], curve["data"] = {"name": "left"}, {"name": "tree"}
        title = "what was left" + (", and the newest tree" if self.said.plain else "")
        for layer in (points, curve):
            height = dict(layer["encoding"]["y"])
            height |= {"title": "residual", "scale": {"domain": self.range, "nice": False, "zero": False}}
            layer["encoding"]["y"] = height
        # a tree is a staircase
        curve["mark"] = {**curve["mark"], "interpolate": "step"}
        return [
            {"title": "all trees so far", **panel},
            {"title": title, "width": WIDTH, "height": HEIGHT, "layer": [points, curve]},
        ]


class _Said:
    """What the trees of a state say of some places."""

    def __init__(self, fit: Fit) -> None:
        self.model = fit.subject
        self.learning_rate = float(fit.subject.learning_rate)

    @property
    def plain(self) -> bool:
        """Whether the trees add up to the prediction itself."""
        return getattr(self.model, "loss", "") not in ("poisson", "gamma")

    def up_to(self, state: State, X: Array) -> Array:
        """(n, n_outputs) raw predictions."""
        if not state.trees:
            return np.tile(self.model.baseline_, (len(X), 1))
        return raw_of(self.model.baseline_, grove_of(state.trees), self.model.bins_.codes(X))

    def predicted(self, raw: Array) -> Array:
        """(n,) predictions of a regression."""
        return raw[:, 0] if self.plain else np.exp(raw[:, 0])


def _narration(moments: Sequence[Moment], k: int) -> str:
    now = moments[k].state
    loss = number(now.cost, 4)
    if not now.trees:
        return f"Start: the best single answer for all rows; the mean loss is {loss}."
    newest: Sequence[Tree] = now.trees[-1]
    most = int(np.argmax([tree.gains.max(initial=0.0) for tree in newest]))
    if newest[most].gains.max(initial=0.0) <= 0:
        return f"Round {len(now.trees)}: no question lowers the loss any more; it stays at {loss}."
    trees = "a tree" if len(newest) == 1 else f"{len(newest)} trees, one a class,"
    told = f"Round {len(now.trees)}: {trees} grown to what is still wrong; the mean loss is {loss}"
    if now.kept_losses:
        told += f", on the rows kept aside {number(now.kept_losses[-1], 4)}"
    return told + "."
