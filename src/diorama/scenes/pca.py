"""Principal components as a moving picture: an axis turns into place, and the points' shadows on it spread out.

Beside it, how much of the variance lies along each axis. The fit takes eigenvectors at once; the turning is power
iteration on the same covariance, which ends at the same axes.
"""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.decomposition.pca import State, from_covariance, turned
from diorama.recording.recorder import RecordedFit
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, Plane, number, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

SIZE = 340
SHADOWS = 300  # more would cover each other


def pca_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded PCA: `state` is the last of its states."""
    stage = _Stage(recorded, state)
    states = [moment.state for moment in recorded.moments]
    return Scene(
        title="Principal components",
        spec={"hconcat": [_plane_panel(stage), _share_panel(len(stage.names))], "spacing": 28},
        data={"points": {"x": stage.points[:, 0], "y": stage.points[:, 1]}},
        frames=tuple(_frame(stage, now) for now in states),
        code=marked_source(from_covariance, turned),
        formulas={"": r"v^{\mathsf T} C v = \slot{variance} = \slot{share} \text{ of all}, \qquad \lVert v \rVert = 1"},
        tween=("axes", "shadows", "rays", "shares"),
        caption=stage.caption,
    )


class _Stage:
    """The drawn rows, on a plane where a unit is as long upwards as sideways."""

    def __init__(self, recorded: RecordedFit, state: State) -> None:
        fit = recorded.fit
        self.mean = state.mean
        chosen, sampled = sample_rows(fit.X.shape[0])
        rows = fit.X[chosen]
        self.rows = np.asarray(rows.toarray() if hasattr(rows, "toarray") else rows, dtype=float)
        self.plane = Plane.of(
            fit.X if fit.X.shape[1] <= 2 else self.rows, getattr(fit.subject, "feature_names_in_", None)
        )
        self.points = self.plane.project(self.rows)
        self.caption = " ".join(filter(None, (self.plane.caption, sampled)))
        middle = self.plane.project(state.mean[None])[0]
        self.reach = float(np.abs(self.points - middle).max()) * 1.08 or 1.0
        self.x_range = [middle[0] - self.reach, middle[0] + self.reach]
        self.y_range = [middle[1] - self.reach, middle[1] + self.reach]
        n_axes = min(len(state.axes), 2)
        self.names = [f"axis {k + 1}" for k in range(n_axes)]

    def line(self, axis: Array) -> Array:
        """(2, 2) the ends of an axis through the mean, as long as the picture is wide."""
        ends = self.mean + np.array([[-1.4], [1.4]]) * self.reach * axis
        return self.plane.project(ends)

    def shadows(self, axis: Array) -> Array:
        """(n, 2) where the rows fall when they go to the axis by the shortest way."""
        rows = self.rows[:SHADOWS]
        return self.plane.project(self.mean + np.outer((rows - self.mean) @ axis, axis))


def _frame(stage: _Stage, now: State) -> Frame:
    axes, turning = now.axes, now.axes[-1]
    ends = np.array([stage.line(axis) for axis in axes])
    shadows, points = stage.shadows(turning), stage.points[:SHADOWS]
    shares = now.variances / now.total if now.total > 0 else np.zeros(len(now.variances))
    along = np.zeros(len(stage.names))
    along[: len(shares)] = shares
    which = len(axes)
    told = _narration(now, which, shares)
    return Frame(
        data={
            "axes": {
                "x": ends[:, 0, 0],
                "y": ends[:, 0, 1],
                "x2": ends[:, 1, 0],
                "y2": ends[:, 1, 1],
                "axis": stage.names[: len(axes)],
            },
            "rays": {"x": points[:, 0], "y": points[:, 1], "x2": shadows[:, 0], "y2": shadows[:, 1]},
            "shadows": {"x": shadows[:, 0], "y": shadows[:, 1]},
            "shares": {"axis": stage.names, "share": along},
        },
        narration=told,
        alt=f"{len(stage.points)} points, an axis through their mean and their shadows on it. {told}",
        step="turn" if not now.settled else "stand",
        values={"variance": number(float(now.variances[-1])), "share": f"{shares[-1]:.0%}"},
    )


def _narration(now: State, which: int, shares: Array) -> str:
    share = f"{shares[-1]:.0%} of the variance"
    if now.settled:
        all_told = "" if which == 1 else f" Both together hold {shares.sum():.0%}."
        return f"Axis {which} stands: no direction left has more; {share} lies along it.{all_told}"
    if which == 1:
        return f"The axis turns to where the shadows spread most; {share} lies along it by now."
    return f"Axis {which} must be square to the first, and turns in what is left; {share} lies along it."


def _plane_panel(stage: _Stage) -> dict[str, Any]:
    x = _axis("x", stage.plane.titles[0], stage.x_range)
    y: dict[str, Any] = _axis("y", stage.plane.titles[1], stage.y_range)
    if not stage.plane.titles[1]:
        y["axis"] = None
    ends = {"x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}}
    dot = {"type": "point", "filled": True}
    names = ["axis 1", "axis 2"]
    color = {
        "field": "axis",
        "type": "nominal",
        "scale": {"domain": names, "range": [ACCENT, CLASS_COLORS[2]]},
        "legend": None,
    }
    return {
        "width": SIZE,
        "height": SIZE,
        "layer": [
            {
                "data": {"name": "rays"},
                "mark": {"type": "rule", "color": NEUTRAL, "opacity": 0.35, "strokeWidth": 0.8, "clip": True},
                "encoding": ends,
            },
            {
                "data": {"name": "points"},
                "mark": {**dot, "color": CLASS_COLORS[0], "size": 30, "opacity": 0.8},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"name": "axes"},
                "mark": {"type": "rule", "strokeWidth": 2.5, "clip": True},
                "encoding": {**ends, "color": color},
            },
            {
                "data": {"name": "shadows"},
                "mark": {**dot, "color": ACCENT, "size": 14, "opacity": 0.8, "clip": True},
                "encoding": {"x": x, "y": y},
            },
        ],
    }


def _share_panel(n_axes: int) -> dict[str, Any]:
    x = {"field": "axis", "type": "nominal", "title": None, "axis": {"labelAngle": 0}}
    y = {
        "field": "share",
        "type": "quantitative",
        "title": "share of the variance",
        "scale": {"domain": [0, 1]},
        "axis": {"format": "%", "tickCount": 5},
    }
    return {
        "width": 70 * n_axes,
        "height": SIZE,
        "layer": [
            {
                "data": {"name": "shares"},
                "mark": {"type": "bar", "color": NEUTRAL},
                "encoding": {"x": x, "y": y, "tooltip": [{"field": "share", "type": "quantitative", "format": ".1%"}]},
            }
        ],
    }


def _axis(field: str, title: str, domain: list[float]) -> dict[str, Any]:
    scale = {"domain": domain, "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "title": title, "axis": {"grid": False}}
