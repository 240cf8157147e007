"""Stacking as a moving picture: below, one model after the other; above, the table that the final model reads."""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.ensembles._members import opinion, vote
from diorama.ensembles.stacking import Stack, State, column_of, first_floor, out_of_fold, side_by_side
from diorama.recording.recorder import RecordedFit
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import Agreement, FittedCurve
from diorama.scenes.numeric import drawn, drawn_rows, nameless
from diorama.scenes.parts import number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

WIDTH, HEIGHT = 330, 300
UP = " upstairs"
FORMULAS = {
    "": r"z_{im} = f_m^{(-k(i))}(x_i) \qquad \hat{y}(x) = g\left(f_1(x), \ldots, f_M(x)\right) \qquad"
    r" \text{score: } \slot{score}",
}


def stacking_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded stack."""
    n_rows = recorded.fit.X.shape[0]
    fit, columns = drawn(recorded.fit), _dense(state.stack.columns)[drawn_rows(n_rows)]
    kind = _Classes if hasattr(fit.subject, "classes_") else _Numbers
    picture = kind(fit, state.stack, columns)
    with nameless():
        frames = _frames(picture, recorded)
    return _scene(picture, frames)


def _frames(picture: "_Classes | _Numbers", recorded: RecordedFit) -> list[Frame]:
    frames = []
    for moment in recorded.moments:
        now: State = moment.state
        told, score = _told(picture, now)
        frames.append(
            Frame(
                data=picture.frame(now),
                narration=told,
                alt=f"Left what a model says, right the out-of-fold predictions of {now.n_members}. {told}",
                step="columns" if now.finished else "fold",
                values={"score": score},
            )
        )
    return frames


def _scene(picture: "_Classes | _Numbers", frames: list[Frame]) -> Scene:
    return Scene(
        title="Stacking",
        spec={
            "description": "Models by themselves, their predictions of rows not seen, and the model that reads these.",
            "hconcat": picture.panels(),
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=picture.still,
        code=marked_source(out_of_fold, column_of, side_by_side),
        formulas=FORMULAS,
        tween=picture.tween,
        caption=picture.caption,
    )


def _told(picture: "_Classes | _Numbers", now: State) -> tuple[str, str]:
    """The sentence of a frame, and its score."""
    if now.finished:
        said, score = picture.says(None)
        return f"The final model reads the columns of all {now.n_members} and {said}.", score
    name, (said, score) = now.stack.names[now.n_members - 1], picture.says(now.n_members - 1)
    return f"{name} ({now.n_members} of {len(now.stack.names)}): of rows that it was not fitted to it {said}.", score


class _Floor(NamedTuple):
    """Whom the plane of the second floor is drawn for."""

    classes_: Array
    feature_names_in_: list[str]


class _Classes:
    """Below the plane of the features, above the plane of the members' probabilities."""

    def __init__(self, fit: Fit, stack: Stack, columns: Array) -> None:
        self.fit, self.stack, self.columns = fit, stack, columns
        self.below = Boundary.of(fit)
        names = [str(name) for name in fit.subject.get_feature_names_out()]
        titles = [name.partition("_")[2] or name for name in names]
        self.above = Boundary.of(Fit(_Floor(fit.subject.classes_, titles), columns, fit.y))
        self.points = self.above.still["points"]
        self.still = dict(self.below.still)
        upstairs = f"Upstairs: {self.above.caption}" if self.above.caption else ""
        self.caption = " ".join(filter(None, (self.below.caption, upstairs)))
        self.tween = ("points" + UP,)

    def frame(self, now: State) -> dict[str, Columns]:
        below = self.below.frame(lambda points: self._first(now, points))
        above = {**self._floor(now.finished), "points": self._points(now)}
        return {**below, **{name + UP: columns for name, columns in above.items()}}

    def _first(self, now: State, points: Array) -> Array:
        """What is said on the first floor: by one member, or by the whole stack."""
        stack, member = self.stack, now.n_members - 1
        if now.finished:
            passed = points if self.columns.shape[1] > sum(stack.widths) else None
            return self._second(side_by_side(first_floor(stack.members, stack.methods, stack.labels, points), passed))
        if stack.methods[member] == "predict_proba":
            return np.asarray(stack.members[member].predict_proba(points))
        said = first_floor([stack.members[member]], [stack.methods[member]], stack.labels, points)
        return np.eye(len(self.fit.subject.classes_))[_chosen(said[0], stack.methods[member])]

    def _second(self, columns: Array) -> Array:
        return opinion(self.stack.final, columns, len(self.fit.subject.classes_))

    def _floor(self, finished: bool) -> dict[str, Columns]:
        if finished:
            return self.above.frame(self._second)
        n = len(self.fit.subject.classes_)
        nothing = self.above.frame(lambda points: np.full((len(points), n), 1 / n))
        return {**nothing, "boundary": {name: [] for name in nothing["boundary"]}}

    def _points(self, now: State) -> Columns:
        """Where rows stand: in the middle along every column that is not there yet."""
        filled = sum(self.stack.widths) if now.finished else sum(self.stack.widths[: now.n_members])
        known = self.columns.copy()
        known[:, filled : sum(self.stack.widths)] = self.columns[:, filled : sum(self.stack.widths)].mean(axis=0)
        places = self.above.plane.project(known)[: len(self.points["x"])]
        moved = {"x": places[:, 0]} if self.above.one_feature else {"x": places[:, 0], "y": places[:, 1]}
        return {**self.points, **moved}

    def panels(self) -> list[dict[str, Any]]:
        below, above = self.below.panel(WIDTH, HEIGHT), self.above.panel(WIDTH, HEIGHT)
        for layer in above["layer"]:
            layer["data"] = {"name": layer["data"]["name"] + UP}
        return [{"title": "what is said of a point", **below}, {"title": "out-of-fold predictions", **above}]

    def says(self, member: int | None) -> tuple[str, str]:
        """How many of the drawn rows are put right, by a member out of fold or by the stack."""
        labels = np.asarray(self.fit.y)
        if member is None:
            chosen = vote(self.stack.final, self.columns, len(self.fit.subject.classes_)).argmax(axis=1)
        else:
            start = sum(self.stack.widths[:member])
            own = self.columns[:, start : start + self.stack.widths[member]]
            chosen = _chosen(own, self.stack.methods[member])
        right = float(np.mean(self.fit.subject.classes_[chosen] == labels))
        return f"puts {right:.0%} right", number(right)


class _Numbers:
    """Below the curve, or predictions by targets; above the out-of-fold predictions by the targets."""

    def __init__(self, fit: Fit, stack: Stack, columns: Array) -> None:
        self.fit, self.stack, self.columns = fit, stack, columns
        kind = FittedCurve if fit.X.shape[1] == 1 else Agreement
        self.below = kind(fit, WIDTH, HEIGHT)
        # asked of all drawn rows, as their columns are
        self.above = Agreement(fit._replace(X=columns), WIDTH, HEIGHT)
        self.still = {**self.below.still, **{name + UP: columns for name, columns in self.above.still.items()}}
        self.caption, self.tween = self.below.caption, ("predictions" + UP,)

    def frame(self, now: State) -> dict[str, Columns]:
        member = None if now.finished else now.n_members - 1
        places = self.below.places
        said = (
            self.fit.subject.predict(places) if now.finished else self.stack.members[now.n_members - 1].predict(places)
        )
        below = self.below.frame_of(np.asarray(said, dtype=float).ravel())
        above = self.above.frame_of(self._column(member, self.above.places))
        return {**below, **{name + UP: columns for name, columns in above.items()}}

    def _column(self, member: int | None, columns: Array) -> Array:
        said: Array = columns[:, member] if member is not None else self.stack.final.predict(columns)
        return said

    def panels(self) -> list[dict[str, Any]]:
        below, above = self.below.panel(), self.above.panel()
        for layer in above["layer"]:
            layer["data"] = {"name": layer["data"]["name"] + UP}
        return [{"title": "what is predicted", **below}, {"title": "out of fold", **above}]

    def says(self, member: int | None) -> tuple[str, str]:
        """By how much the drawn rows' targets are missed, by a member out of fold or by the stack."""
        errors = self._column(member, self.columns) - np.asarray(self.fit.y, dtype=float)
        error = number(float(np.mean(errors**2)))
        return f"errs by {error} (mean square)", error


def _chosen(columns: Array, method: str) -> Array:
    """(n,) the class that one member's columns speak for."""
    if columns.shape[1] > 1:
        likeliest: Array = columns.argmax(axis=1)
        return likeliest
    if method == "predict":
        return columns[:, 0].astype(np.int64)
    return (columns[:, 0] > (0.5 if method == "predict_proba" else 0.0)).astype(np.int64)


def _dense(columns: Any) -> Array:
    return np.asarray(columns.toarray() if sp.issparse(columns) else columns, dtype=float)
