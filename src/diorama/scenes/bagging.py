"""Bagging as a moving picture: members fan out around their calm mean; beside it, error and spread taken apart."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.ensembles.bagging import State, bag, rows_for
from diorama.recording.recorder import RecordedFit
from diorama.scenes.boundary import CURVE_POINTS, HEIGHT, WIDTH, Boundary, boundary_segments
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import Agreement, FittedCurve, axis
from diorama.scenes.numeric import drawn
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number
from diorama.scenes.scene import MAX_MOVING_ROWS, Frame, Scene
from diorama.scenes.source import marked_source

PICTURE, CHART, TALL = 380, 240, 300
# lines of single members on the picture at once: the newest
LINES = 12
PARTS = ("one member, on average", "their spread", "the mean of all")
FORMULAS = {
    "": r"\underbrace{\slot{together}}_{\text{the mean}} = \underbrace{\slot{alone}}_{\text{one member}}"
    r" - \underbrace{\slot{spread}}_{\text{spread}}",
}


def bagging_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of recorded bagging."""
    fit = drawn(recorded.fit)
    picture = _Classes(fit) if hasattr(fit.subject, "classes_") else _numbers(fit)
    errors, frames, lines = _Errors(fit), [], list[Array]()
    mean, joined = np.zeros(1), 0
    for moment in recorded.moments:
        members = moment.state.members
        for number_of in range(joined, moment.state.n_members):
            said = members.says(number_of, picture.places)
            lines.append(picture.line(said))
            mean = mean + (said - mean) / (number_of + 1)
            errors.add(members.says(number_of, fit.X))
        joined = moment.state.n_members
        alone, spread, together = errors.history[-1]
        told = (
            f"{joined} members: alone they err by {number(alone)} on average, they differ by {number(spread)}, "
            f"so their mean errs by {number(together)} only."
        )
        if joined == 1:
            told = f"One member errs by {number(alone)}, and there is nobody yet who could disagree with it."
        values = {"alone": number(alone), "spread": number(spread), "together": number(together)}
        frames.append(
            Frame(
                data={**picture.frame(mean, lines[-LINES:]), "errors": errors.columns()},
                narration=told,
                alt=f"Thin lines of single members around the thick one of their mean. {told}",
                step="draw" if joined % 2 else "fit",
                values=values,
            )
        )
    return Scene(
        title="Bagging",
        spec={
            "description": "Members that saw different rows, their mean, and what its error is made of.",
            "hconcat": [picture.panel(), errors.panel(len(errors.history))],
            "resolve": {"scale": {"color": "independent", "shape": "independent"}},
        },
        frames=tuple(frames),
        data=picture.still,
        code=marked_source(rows_for, bag),
        formulas=FORMULAS,
        caption=" ".join(filter(None, (picture.caption, "Errors are mean squares on the training rows."))),
    )


class _Errors:
    """Error of a member, spread, and error of the mean, after each member."""

    def __init__(self, fit: Any) -> None:
        classes = getattr(fit.subject, "classes_", None)
        y = np.asarray(fit.y)
        self.target = y.astype(float)[:, None] if classes is None else (y[:, None] == classes).astype(float)
        self.total, self.squares = np.zeros_like(self.target), np.zeros_like(self.target)
        self.history: list[tuple[float, float, float]] = []

    def add(self, said: Array) -> None:
        n = len(self.history) + 1
        self.total, self.squares = self.total + said, self.squares + (said - self.target) ** 2
        alone, together = self.squares / n, (self.total / n - self.target) ** 2
        parts = (float(part.sum(axis=1).mean()) for part in (alone, alone - together, together))
        self.history.append((next(parts), max(next(parts), 0.0), next(parts)))

    def columns(self) -> Columns:
        n = len(self.history)
        every = np.unique(np.linspace(0, n - 1, min(n, MAX_MOVING_ROWS // 3)).astype(int))
        parts = np.array(self.history)[every]
        return {
            "members": np.tile(every + 1, 3),
            "error": parts.T.ravel(),
            "part": [part for part in PARTS for _ in every],
        }

    def panel(self, n_members: int) -> dict[str, Any]:
        highest = max(max(parts) for parts in self.history)
        x = axis("members", "members", [1, max(n_members, 2)])
        y = axis("error", "mean square", [0.0, highest * 1.08 or 1.0])
        colors = {"domain": list(PARTS), "range": [NEUTRAL, CLASS_COLORS[0], ACCENT]}
        color = {
            "field": "part",
            "type": "nominal",
            "scale": colors,
            "legend": {"orient": "bottom", "title": None, "columns": 1, "labelLimit": 0},
        }
        tooltip = [{"field": "part", "type": "nominal"}, {"field": "error", "type": "quantitative", "format": ".3g"}]
        layer = {
            "data": {"name": "errors"},
            "mark": {"type": "line", "point": {"size": 24}, "strokeWidth": 2.5},
            "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
        }
        return {"width": CHART, "height": TALL, "layer": [layer]}


class _Classes:
    """The vote's probabilities, and the boundaries of the newest members as thin lines."""

    def __init__(self, fit: Any) -> None:
        self.boundary = Boundary.of(fit)
        self.still, self.caption, self.places = self.boundary.still, self.boundary.caption, self.boundary.points

    def line(self, said: Array) -> Array:
        """What is drawn of one member."""
        if self.boundary.one_feature:
            return said[:, -1]
        return boundary_segments(self.boundary.places, said.reshape(HEIGHT + 1, WIDTH + 1, -1))

    def frame(self, mean: Array, lines: list[Array]) -> dict[str, Columns]:
        data = self.boundary.frame(lambda points: mean)
        if self.boundary.one_feature:
            x = self.boundary.points[:, 0]
            columns = {
                "x": np.tile(x, len(lines)),
                "y": np.concatenate(lines),
                "member": np.repeat(np.arange(len(lines)), CURVE_POINTS),
            }
            return {**data, "members": columns}
        segments = np.concatenate(lines[::-1])[:MAX_MOVING_ROWS]
        return {**data, "members": dict(zip(("x", "y", "x2", "y2"), segments.T, strict=True))}

    def panel(self) -> dict[str, Any]:
        panel = self.boundary.panel(PICTURE, TALL)
        mark = next(layer for layer in panel["layer"] if layer["data"]["name"] in ("curves", "boundary"))
        channels = {key: channel for key, channel in mark["encoding"].items() if key in ("x", "y", "x2", "y2")}
        layer = {"data": {"name": "members"}, "mark": {**mark["mark"], **_THIN}, "encoding": channels}
        if self.boundary.one_feature:
            layer["encoding"] = {**channels, "detail": {"field": "member"}}
        # above the surface, below everything else
        panel["layer"].insert(0 if self.boundary.one_feature else 1, layer)
        return panel


_THIN = {"strokeWidth": 1, "opacity": 0.7, "color": NEUTRAL}


class _Curves:
    """One feature: the curve of each of the newest members, and of the mean."""

    def __init__(self, fit: Any) -> None:
        self.curve = FittedCurve(fit, PICTURE, TALL)
        self.still, self.caption, self.places = self.curve.still, self.curve.caption, self.curve.places

    def line(self, said: Array) -> Array:
        """What is drawn of one member."""
        return said[:, 0]

    def frame(self, mean: Array, lines: list[Array]) -> dict[str, Columns]:
        every = [self.curve.frame_of(said)["curve"] for said in lines]
        members = {
            "x": np.concatenate([line["x"] for line in every]),
            "y": np.concatenate([line["y"] for line in every]),
            "member": np.repeat(np.arange(len(lines)), len(self.places)),
        }
        return {**self.curve.frame_of(mean[:, 0]), "members": members}

    def panel(self) -> dict[str, Any]:
        panel = self.curve.panel()
        curve = panel["layer"][1]
        layer = {
            "data": {"name": "members"},
            "mark": {**curve["mark"], **_THIN},
            "encoding": {**curve["encoding"], "detail": {"field": "member"}},
        }
        panel["layer"].insert(0, layer)
        return panel


class _Ranges:
    """Many features: what the mean predicts for each row, and from where to where its newest members go."""

    def __init__(self, fit: Any) -> None:
        self.agreement = Agreement(fit, PICTURE, TALL)
        self.still, self.places = self.agreement.still, self.agreement.places
        self.caption = f"{self.agreement.caption} A line goes from the lowest member to the highest."

    def line(self, said: Array) -> Array:
        """What is drawn of one member."""
        return said[:, 0]

    def frame(self, mean: Array, lines: list[Array]) -> dict[str, Columns]:
        predicted = self.agreement.frame_of(mean[:, 0])
        ranges = {"x": self.agreement.y, "y": np.min(lines, axis=0), "y2": np.max(lines, axis=0)}
        return {**predicted, "members": ranges}

    def panel(self) -> dict[str, Any]:
        panel = self.agreement.panel()
        dots = panel["layer"][1]
        channels = {"x": dots["encoding"]["x"], "y": dots["encoding"]["y"], "y2": {"field": "y2"}}
        layer = {"data": {"name": "members"}, "mark": {"type": "rule", "clip": True, **_THIN}, "encoding": channels}
        panel["layer"].insert(0, layer)
        return panel


def _numbers(fit: Any) -> _Curves | _Ranges:
    return _Curves(fit) if fit.X.shape[1] == 1 else _Ranges(fit)
