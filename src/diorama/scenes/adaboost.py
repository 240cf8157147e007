"""Boosting as a moving picture: rows swell where the newest member is wrong; beside it, what all say together."""

from typing import Any

import numpy as np
from scipy.special import softmax

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.ensembles import adaboost_classifier, adaboost_regressor
from diorama.ensembles._weak_learners import chosen
from diorama.ensembles.adaboost import State
from diorama.recording.recorder import RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import Agreement, FittedCurve
from diorama.scenes.numeric import drawn, drawn_rows, nameless
from diorama.scenes.parts import number, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

WIDTH, HEIGHT = 330, 300
NEWEST = " newest"
# a row of the mean weight is drawn so large, and none larger than so many times that
AREA, LARGEST = 40, 14
CAPTION = "The larger a point, the more its row weighs in the next round."
FORMULAS = {
    "classes": r"a = \eta \left( \log \frac{1 - e}{e} + \log(K - 1) \right) \qquad e = \slot{error}"
    r" \quad a = \slot{voice}",
    "numbers": r"a = \eta \log \frac{1 - L}{L} \qquad L = \slot{error} \quad a = \slot{voice}",
}


def adaboost_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of recorded boosting."""
    rows, fit = drawn_rows(recorded.fit.X.shape[0]), drawn(recorded.fit)
    of_classes = hasattr(fit.subject, "classes_")
    picture = _Classes(fit, state) if of_classes else _Numbers(fit, state)
    with nameless():
        frames = [_frame(picture, moment.state, rows) for moment in recorded.moments]
    played = adaboost_classifier.step if of_classes else adaboost_regressor.step
    shown = (played,) if of_classes else (played, adaboost_regressor.losses, adaboost_regressor.weighted_median)
    return Scene(
        title="AdaBoost",
        spec={
            "description": "Rows as large as they weigh, the newest member, and all members together.",
            "hconcat": picture.panels(),
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=picture.still,
        code=marked_source(*shown),
        formulas={"": FORMULAS["classes" if of_classes else "numbers"]},
        tween=(picture.points + NEWEST,),
        caption=" ".join(filter(None, (picture.caption, CAPTION))),
    )


def _frame(picture: "_Classes | _Numbers", now: State, rows: Array) -> Frame:
    n = len(now.members)
    weights = now.weights[rows] * len(now.weights)
    heaviest = number(float(now.weights.max() * len(now.weights)))
    if n == 0:
        told = "Before the first round every row weighs the same."
        values = {"error": "\N{EM DASH}", "voice": "\N{EM DASH}"}
    else:
        error, voice = now.errors[-1], now.voices[-1]
        all_of_them = f"Together {n} {'member' if n == 1 else 'members'} {picture.says(n)}."
        told = (
            f"Round {n}: the member errs by {error:.1%} of the weight, so its voice is {number(voice)}; the heaviest "
            f"row now weighs {heaviest} times the mean. {all_of_them}"
        )
        values = {"error": number(error), "voice": number(voice)}
    return Frame(
        data=picture.frame(n, np.minimum(weights, LARGEST)),
        narration=told,
        alt=f"Left the newest member over points as large as they weigh, right all members together. {told}",
        step="reweigh" if n else "fit",
        values=values,
    )


class _Classes:
    """The newest member's choice under points of different sizes, and the probabilities of all."""

    points = "points"

    def __init__(self, fit: Fit, state: State) -> None:
        self.fit, self.state, self.boundary = fit, state, Boundary.of(fit)
        self.still, self.caption = dict(self.boundary.still), self.boundary.caption
        self._sums: dict[str, list[Array]] = {}

    def _together(self, points: Array, n: int, where: str = "places") -> Array:
        """(n_points, n_classes) probabilities of the first n members."""
        classes = self.fit.subject.classes_
        if n == 0:
            return np.full((len(points), len(classes)), 1 / len(classes))
        sums = self._sums.setdefault(where, [np.zeros((len(points), len(classes)))])
        while len(sums) <= n:
            member, voice = self.state.members[len(sums) - 1], self.state.voices[len(sums) - 1]
            sums.append(sums[-1] + voice * np.eye(len(classes))[chosen(member, points, classes)])
        others, total = max(len(classes) - 1, 1), sum(self.state.voices[:n])
        shares: Array = softmax((sums[n] - (total - sums[n]) / others) / total / others, axis=1)
        return shares

    def _newest(self, points: Array, n: int) -> Array:
        if n == 0:
            return self._together(points, 0)
        classes = self.fit.subject.classes_
        votes: Array = np.eye(len(classes))[chosen(self.state.members[n - 1], points, classes)]
        return votes

    def frame(self, n: int, weights: Array) -> dict[str, Columns]:
        newest = self.boundary.frame(lambda points: self._newest(points, n))
        together = self.boundary.frame(lambda points: self._together(points, n))
        if n == 0:
            newest, together = (_without_boundary(data) for data in (newest, together))
        points = self.still["points"]
        sized = {**points, "weight": weights[: len(points["x"])]}
        return {**{name + NEWEST: columns for name, columns in newest.items()}, "points" + NEWEST: sized, **together}

    def panels(self) -> list[dict[str, Any]]:
        newest, together = (self.boundary.panel(WIDTH, HEIGHT) for _ in range(2))
        return [{"title": "the newest member", **_sized(newest)}, {"title": "all together", **together}]

    def says(self, n: int) -> str:
        likeliest = self._together(np.asarray(self.fit.X), n, "rows").argmax(axis=1)
        right = np.mean(self.fit.subject.classes_[likeliest] == np.asarray(self.fit.y))
        return f"{'puts' if n == 1 else 'put'} {right:.0%} of the rows right"


class _Numbers:
    """The newest member's curve under points of different sizes, and the weighted median of all."""

    def __init__(self, fit: Fit, state: State) -> None:
        self.fit = fit
        kind = FittedCurve if fit.X.shape[1] == 1 else Agreement
        self.panel = kind(fit, WIDTH, HEIGHT)
        self.still, self.caption = self.panel.still, self.panel.caption
        self.flat = float(np.mean(np.asarray(fit.y, dtype=float)))
        self.voices = np.array(state.voices)
        # of many features, the dots that swell are the predictions themselves
        self.points = "points" if "points" in self.still else "predictions"
        self.at_places, self.at_rows = (_asked(state, X) for X in (self.panel.places, np.asarray(fit.X)))

    def frame(self, n: int, weights: Array) -> dict[str, Columns]:
        flat = np.full(len(self.panel.places), self.flat)
        newest = self.panel.frame_of(self.at_places[n - 1] if n else flat)
        together = self.panel.frame_of(self._median(self.at_places, n) if n else flat)
        named = {name + NEWEST: columns for name, columns in newest.items()}
        points = self.still.get("points", newest.get("predictions", {}))
        # the panel shows a sample of its own when rows are many: the same draw of as many
        shown, _ = sample_rows(len(weights), len(points["x"]))
        return {**named, self.points + NEWEST: {**points, "weight": weights[shown]}, **together}

    def _median(self, said: Array, n: int) -> Array:
        return adaboost_regressor.weighted_median(said[:n], self.voices[:n])

    def panels(self) -> list[dict[str, Any]]:
        newest, together = self.panel.panel(), self.panel.panel()
        return [{"title": "the newest member", **_sized(newest)}, {"title": "the weighted median", **together}]

    def says(self, n: int) -> str:
        errors = self._median(self.at_rows, n) - np.asarray(self.fit.y, dtype=float)
        return f"{'errs' if n == 1 else 'err'} by {number(float(np.mean(errors**2)))} (mean square)"


def _asked(state: State, X: Array) -> Array:
    """(n_members, n) what members predict."""
    with nameless():
        return np.array([member.predict(X) for member in state.members])


def _sized(panel: dict[str, Any]) -> dict[str, Any]:
    """The panel with data of its own, and points whose area is their weight."""
    for layer in panel["layer"]:
        name = layer["data"]["name"]
        if name == "diagonal":
            continue
        layer["data"] = {"name": name + NEWEST}
        if layer["mark"]["type"] == "point":
            scale = {"domain": [0, LARGEST], "range": [0, AREA * LARGEST], "zero": True}
            size = {"field": "weight", "type": "quantitative", "scale": scale, "legend": None}
            layer["mark"] = {key: value for key, value in layer["mark"].items() if key != "size"}
            layer["encoding"] = {**layer["encoding"], "size": size}
    return panel


def _without_boundary(data: dict[str, Columns]) -> dict[str, Columns]:
    """Where nothing is decided, nothing parts the classes."""
    return {**data, "boundary": {name: [] for name in data["boundary"]}}
