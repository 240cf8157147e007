"""k-means as a moving picture: points take the colour of their nearest centre, centres glide to the means of theirs.

Two frames a step, one for each half; beside them the objective J, which neither half can raise.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.clustering.k_means import State, move, step
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.journey import journey_panel
from diorama.scenes.parts import (
    CLASS_COLORS,
    NEUTRAL,
    Plane,
    class_scales,
    image_url,
    number,
    padded_range,
    rgb,
    sample_rows,
)
from diorama.scenes.scene import MAX_MOVING_ROWS, Frame, Scene
from diorama.scenes.source import marked_source

NOBODY = "none yet"
CELLS = (96, 72)  # pixels of the image that shows whose ground each place is
SOFT = 40  # of 255: how much a cell's colour covers
SLICE = (
    "The shaded cells are a slice through the middle of the data: "
    "a point in front of it or behind may be drawn on another cell than its own."
)
PALETTE = 12  # pairs of colour and shape there are: up to so many clusters the specification is the same


class Shot(NamedTuple):
    """What one frame shows."""

    step: str  # "assign", "move" or "" (the start)
    iteration: int
    state: State
    labels: Array  # whose each point is; -1 for nobody's
    place: int  # index into the centres' places
    J: float
    before: float  # J of the shot before
    changed: int  # points that changed sides


def k_means_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded k-means: `state` is the last of its states."""
    shots = list(_shots(recorded.moments, 2 * len(recorded.moments) - 1 <= recorded.max_frames))
    stage = CentersStage(recorded)
    return Scene(
        title=f"k-means with {len(state.centers)} cluster{'s' if len(state.centers) > 1 else ''}",
        spec=centers_spec(stage, len(state.centers)),
        data={
            "journey": {"step": [_when(shot) for shot in shots[1:]], "J": [shot.J for shot in shots[1:]]},
        },
        frames=tuple(_frame(stage, shot, recorded, shot is shots[-1]) for shot in shots),
        code=marked_source(step, move),
        formulas={"": _formula(state)},
        tween=("centers", "trails", "now"),
        caption=stage.caption,
    )


def _shots(moments: list[Moment], halves: bool) -> Iterator[Shot]:
    """The start, then for each state both halves of its step; one for a state whose predecessor was not kept."""
    start = moments[0]
    yield Shot("", start.iteration, start.state, start.state.labels, 0, np.nan, np.nan, 0)
    before, labels = np.nan, start.state.labels
    for place, (iteration, state) in enumerate(moments[1:], start=1):
        changed = int(np.count_nonzero(state.labels != labels)) if iteration > 1 else 0
        labels = state.labels
        if halves and moments[place - 1].iteration == iteration - 1:
            yield Shot("assign", iteration, state, labels, place - 1, state.inertia, before, changed)
            before = state.inertia
        yield Shot("move", iteration, state, labels, place, state.settled, before, changed)
        before = state.settled


class CentersStage:
    """What all frames share: the points on their plane, the paths of the centres, the images of their cells."""

    def __init__(self, recorded: RecordedFit) -> None:
        X = recorded.fit.X
        self.n_iter = recorded.n_iter
        self.n_rows = X.shape[0]
        self.chosen, sampled = sample_rows(self.n_rows)
        rows = X[self.chosen]
        self.plane = Plane.of(rows, getattr(recorded.fit.subject, "feature_names_in_", None))
        self.points = self.plane.project(rows)
        self.centers = [moment.state.centers for moment in recorded.moments]
        # (n_places, n_clusters, 2): where on the plane the centres stood, state by state
        self.paths = np.array([self.plane.project(centers) for centers in self.centers])
        places = np.concatenate([self.points, self.paths.reshape(-1, 2)])
        self.x_range, self.y_range = padded_range(places[:, 0]), padded_range(places[:, 1])
        ends = zip(("x", "x2", "y2", "y"), (*self.x_range, *self.y_range), strict=True)
        self.edges = {name: [end] for name, end in ends}
        self.grid = self.plane.grid(self.x_range, self.y_range, *CELLS)
        self.caption = " ".join(filter(None, (self.plane.caption, SLICE if X.shape[1] > 2 else "", sampled)))
        self._images: dict[int, str] = {}

    def image(self, place: int) -> str:
        """The cells of the centres at one of their places, coloured softly."""
        if place not in self._images:
            centers = self.centers[place].astype(float)
            nearest = (np.sum(centers**2, axis=1) / 2 - self.grid @ centers.T).argmin(axis=1)
            palette = np.array([[*rgb(color), SOFT] for color in CLASS_COLORS], dtype=np.uint8)
            self._images[place] = image_url(palette[nearest % len(CLASS_COLORS)].reshape(CELLS[1], CELLS[0], 4))
        return self._images[place]

    def trail(self, place: int) -> Array:
        """(n, n_clusters, 2) the latest places of the centres; as many rows in every frame, so that they can glide."""
        n_clusters = self.paths.shape[1]
        length = min(len(self.paths), max(2, MAX_MOVING_ROWS // (2 * n_clusters)))
        trail: Array = self.paths[np.clip(np.arange(place - length + 1, place + 1), 0, None)]
        return trail

    def data(self, place: int, labels: Array, when: float, J: float) -> dict[str, Columns]:
        """What moves: the drawn points with these labels (-1: nobody's), the centres at one of their places, J."""
        centers, trail = self.paths[place], self.trail(place)
        names = [str(j) for j in range(len(centers))]
        return {
            "cells": {"url": [self.image(place)], **self.edges},
            "points": {
                "x": self.points[:, 0],
                "y": self.points[:, 1],
                "cluster": [names[label] if label >= 0 else NOBODY for label in labels],
            },
            "trails": {
                "x": trail[:, :, 0].T.ravel(),
                "y": trail[:, :, 1].T.ravel(),
                "cluster": np.repeat(names, len(trail)),
                "order": np.tile(np.arange(len(trail)), len(names)),
            },
            "centers": {"x": centers[:, 0], "y": centers[:, 1], "cluster": names},
            "now": {"step": [when], "J": [J]},
        }


def _frame(stage: CentersStage, shot: Shot, recorded: RecordedFit, last: bool) -> Frame:
    narration = _narration(shot, recorded, last)
    return Frame(
        data=stage.data(shot.place, shot.labels[stage.chosen], _when(shot), shot.J),
        narration=narration,
        alt=f"{len(stage.points)} points in {len(shot.state.centers)} colours, a centre in each; {narration}",
        step=shot.step,
        values={"J": "not known yet" if np.isnan(shot.J) else number(shot.J, 4), "change": _change(shot)},
    )


def _when(shot: Shot) -> float:
    """Where a shot stands on the axis of steps: rows choose half way through one."""
    return shot.iteration - 0.5 if shot.step == "assign" else float(shot.iteration)


def _fall(shot: Shot) -> float:
    """Share of J that went since the shot before; 0 when there is nothing to compare."""
    if np.isnan(shot.before) or shot.before <= 0:
        return 0.0
    return max(0.0, (shot.before - shot.J) / shot.before)


def _percent(share: float) -> str:
    if share < 0.001:
        return "less than 0.1 %"
    return f"{share * 100:.{0 if share >= 0.0995 else 1}f} %"


def _change(shot: Shot) -> str:
    if np.isnan(shot.before):
        return ""
    fall = _fall(shot)
    return f"(\N{MINUS SIGN}{_percent(fall)})" if fall >= 0.001 else "(unchanged)" if fall == 0 else "(barely less)"


def _narration(shot: Shot, recorded: RecordedFit, last: bool) -> str:
    if not shot.step:
        return _beginning(recorded, len(shot.state.centers))
    where = f"Step {shot.iteration} of {recorded.n_iter}"
    fall = f"J falls by {_percent(_fall(shot))}" if _fall(shot) > 0 else "J stays as it is"
    if last:
        return _ending(shot, recorded, where)
    if shot.step == "move":
        return f"{where}: each centre moves to the mean of its points; {fall}."
    if shot.iteration == 1:
        return f"{where}: each point joins its nearest centre, which makes J {number(shot.J, 4)}."
    if shot.changed == 0:
        return f"{where}: every point asks again for its nearest centre, and none changes sides."
    sides = "1 point changes sides" if shot.changed == 1 else f"{shot.changed:,} points change sides"
    return f"{where}: each point joins its nearest centre; {sides} and {fall}."


def _beginning(recorded: RecordedFit, n_clusters: int) -> str:
    init = getattr(recorded.fit.subject, "init", None)
    how = {"k-means++": "at points far from one another (k-means++)", "random": "at points drawn at random"}
    where = how.get(init, "where you put them") if isinstance(init, str) else "where you put them"
    centers = "the centre stands" if n_clusters == 1 else f"{n_clusters} centres stand"
    return f"The start: {centers} {where}, and no point belongs to anyone yet."


def _ending(shot: Shot, recorded: RecordedFit, where: str) -> str:
    at = f"at J = {number(shot.J, 4)}"
    if shot.state.shift == 0:
        return f"{where}: no point changed sides, so no centre moves: converged {at}."
    if shot.iteration < recorded.max_iter:
        return f"{where}: the centres move less than the tolerance: converged {at}."
    return f"{where}: that was the last step allowed; the centres still moved, and J stands {at[3:]}."


def _formula(state: State) -> str:
    tally = state.search.tally
    weight = "" if np.array_equal(tally[:, -2], tally[:, -1]) else "w_i "
    return rf"J = \sum_{{i=1}}^{{n}} {weight}\lVert x_i - \mu_{{c(i)}} \rVert^2 = \slot{{J}} \; \slot{{change}}"


def centers_spec(stage: CentersStage, n_clusters: int, J: str = "J, sum of squared distances") -> dict[str, Any]:
    """The points and centres on their plane, and beside them how J went."""
    return {
        "hconcat": [_plane_panel(stage, n_clusters), journey_panel(stage.n_iter, "J", J)],
        "spacing": 28,
    }


def _plane_panel(stage: CentersStage, n_clusters: int) -> dict[str, Any]:
    names = [str(j) for j in range(max(n_clusters, PALETTE))]
    colors, shapes = class_scales(names)
    colors = {"domain": [*names, NOBODY], "range": [*colors["range"], NEUTRAL]}
    shapes = {"domain": [*names, NOBODY], "range": [*shapes["range"], "circle"]}
    x_title, y_title = stage.plane.titles
    x = {
        "field": "x",
        "type": "quantitative",
        "scale": {"domain": stage.x_range, "nice": False, "zero": False},
        "title": x_title,
    }
    y: dict[str, Any] = {
        "field": "y",
        "type": "quantitative",
        "scale": {"domain": stage.y_range, "nice": False, "zero": False},
        "title": y_title,
    }
    if not y_title:  # one feature: the points lie on a line
        y["axis"] = None
    color: dict[str, Any] = {"field": "cluster", "type": "nominal", "scale": colors, "legend": None}
    shape: dict[str, Any] = {"field": "cluster", "type": "nominal", "scale": shapes, "legend": None}
    tooltip = [{"field": "cluster", "type": "nominal"}] + [
        {"field": field, "type": "quantitative", "title": title, "format": ".4~g"}
        for field, title in (("x", x_title), ("y", y_title))
        if title
    ]
    return {
        "width": 440,
        "height": 330,
        "layer": [
            {
                "data": {"name": "cells"},
                "mark": {"type": "image", "aspect": False},
                "encoding": {
                    "x": x,
                    "y": y,
                    "x2": {"field": "x2"},
                    "y2": {"field": "y2"},
                    "url": {"field": "url", "type": "nominal"},
                },
            },
            {
                "data": {"name": "points"},
                "mark": {"type": "point", "filled": True, "size": 28, "opacity": 0.75},
                "encoding": {"x": x, "y": y, "color": color, "shape": shape, "tooltip": tooltip},
            },
            {
                "data": {"name": "trails"},
                "mark": {"type": "line", "strokeWidth": 1.8, "opacity": 0.85},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": color,
                    "detail": {"field": "cluster"},
                    "order": {"field": "order", "type": "quantitative"},
                },
            },
            {
                "data": {"name": "centers"},
                "mark": {
                    "type": "point",
                    "filled": True,
                    "size": 260,
                    "opacity": 1,
                    "stroke": "white",
                    "strokeWidth": 2,
                },
                "encoding": {"x": x, "y": y, "color": color, "shape": shape, "tooltip": tooltip},
            },
        ],
    }
