"""OPTICS as a moving picture: the walk through the points, and beside it what each step cost: the reachability plot.

Valleys are clusters; at the end points and bars take their colours, and lines below the plot show valleys in valleys.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.clustering._ordering import offer, walk_lists
from diorama.clustering.optics import State
from diorama.recording.recorder import RecordedFit
from diorama.scenes.cluster_plane import HEIGHT, NOISE, WIDTH, ClusterPlane, cluster_color, cluster_names
from diorama.scenes.parts import ACCENT, NEUTRAL, number
from diorama.scenes.scene import MAX_MOVING_ROWS, Frame, Scene
from diorama.scenes.source import marked_source

PLOT_WIDTH = 240
WAITING, WALKED = "waiting", "walked through"
TRAIL = 40  # of the latest steps that are drawn on the plane
DEEPEST = 8  # valleys in valleys that are drawn
WAYS: dict[str, Callable[..., Any]] = {"everywhere": offer, "near": walk_lists, "table": offer}


def optics_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded OPTICS: `state` is the last of its states."""
    stage = _Stage(state, recorded)
    n_clusters = int(state.labels.max(initial=-1)) + 1
    return Scene(
        title=f"OPTICS finds {n_clusters} cluster{'' if n_clusters == 1 else 's'}",
        spec={"hconcat": [_plane_panel(stage, n_clusters), _plot_panel(stage, n_clusters)], "spacing": 28},
        frames=tuple(_frame(stage, moment.state, last=moment.state is state) for moment in recorded.moments),
        code=marked_source(WAYS[state.way]),
        formulas={"": r"r(b \mid a) = \max\{\, c(a),\ d(a, b) \,\} = \slot{cost}"},
        caption=" ".join(filter(None, (stage.on.caption, stage.caption))),
    )


class _Stage:
    """What all frames share: where points and bars stand."""

    def __init__(self, state: State, recorded: RecordedFit) -> None:
        self.on = ClusterPlane(recorded)
        walk, n = state.walk, len(state.walk.ordering)
        self.place = np.empty(n, dtype=np.intp)
        self.place[walk.ordering] = np.arange(n)
        # a bar for each place of the walk, or for one of several
        self.bars = np.unique(np.linspace(0, n - 1, min(n, MAX_MOVING_ROWS)).astype(int))
        height = walk.reachability[walk.ordering]
        finite = height[np.isfinite(height)]
        self.top = 1.08 * float(finite.max()) if finite.size and finite.max() > 0 else 1.0
        self.height = np.where(np.isfinite(height), height, self.top)
        self.caption = "A bar that touches the top is infinite: the walk starts anew there."
        if len(self.bars) < n:
            self.caption += f" Of {n:,} bars {len(self.bars):,} are drawn."
        self.drawn = np.full(n, -1)
        self.drawn[self.on.chosen] = np.arange(len(self.on.chosen))
        self.levels = _levels(state.hierarchy)
        self.floor = -0.035 * self.top * (min(int(self.levels.max(initial=-1)) + 1, DEEPEST) + 1)

    def trail(self, state: State) -> dict[str, Array]:
        """The latest steps on the plane, each from its predecessor."""
        walk = state.walk
        rows = walk.ordering[max(0, state.walked - TRAIL) : state.walked]
        sources = walk.predecessor[rows]
        known = (sources >= 0) & (self.drawn[rows] >= 0)
        known[known] &= self.drawn[sources[known]] >= 0
        start, end = self.on.points[self.drawn[sources[known]]], self.on.points[self.drawn[rows[known]]]
        return {"x": start[:, 0], "y": start[:, 1], "x2": end[:, 0], "y2": end[:, 1]}


def _levels(hierarchy: Array) -> Array:
    """(n_clusters,) how many valleys lie within each, one in another."""
    levels = np.zeros(len(hierarchy), dtype=int)
    for k, (start, last) in enumerate(hierarchy):
        inside = (hierarchy[:k, 0] >= start) & (hierarchy[:k, 1] <= last)
        levels[k] = levels[:k][inside].max(initial=-1) + 1
    return levels


def _frame(stage: _Stage, now: State, last: bool) -> Frame:
    walk, chosen = now.walk, stage.on.chosen
    if last:
        names, bars = cluster_names(now.labels[chosen]), cluster_names(now.labels[walk.ordering[stage.bars]])
    else:
        names = [WALKED if place < now.walked else WAITING for place in stage.place[chosen].tolist()]
        bars = [WALKED] * len(stage.bars)
    there = stage.bars < now.walked
    here = walk.ordering[now.walked - 1 : now.walked] if now.walked and not last else np.empty(0, dtype=np.intp)
    here = here[stage.drawn[here] >= 0]
    shown = stage.levels < DEEPEST if last else np.zeros(len(stage.levels), dtype=bool)
    narration = _narration(now, last)
    return Frame(
        data={
            "points": {**stage.on.places, "cluster": names},
            "trail": stage.trail(now) if not last else {name: np.empty(0) for name in ("x", "y", "x2", "y2")},
            "here": {"x": stage.on.points[stage.drawn[here], 0], "y": stage.on.points[stage.drawn[here], 1]},
            "bars": {
                "place": stage.bars[there],
                "next": stage.bars[there] + 1,
                "height": stage.height[stage.bars[there]],
                "cluster": [name for name, drawn in zip(bars, there, strict=True) if drawn],
            },
            "valleys": {
                "place": now.hierarchy[shown, 0],
                "next": now.hierarchy[shown, 1] + 1,
                "level": -0.035 * stage.top * (stage.levels[shown] + 1),
            },
        },
        narration=narration,
        alt=f"{len(chosen)} points beside their reachability plot; {narration}",
        step="" if last or now.walked == 0 else "take" if np.isinf(_cost(now)) else "offer",
        values={"cost": number(_cost(now))},
    )


def _cost(now: State) -> float:
    """What the latest step cost."""
    return float(now.walk.reachability[now.walk.ordering[now.walked - 1]]) if now.walked else np.inf


def _narration(now: State, last: bool) -> str:
    n = len(now.labels)
    if last:
        found, noise = int(now.labels.max(initial=-1)) + 1, int(np.count_nonzero(now.labels < 0))
        clusters = {0: "no valley is a cluster", 1: "1 valley is a cluster"}.get(found, f"{found} valleys are clusters")
        return f"The walk is over: {clusters}, and {noise:,} of {n:,} points lie in none."
    if now.walked == 0:
        return f"The start: all {n:,} points wait; the walk begins at the first."
    cost = _cost(now)
    where = f"Step {now.walked:,} of {n:,}"
    if np.isinf(cost):
        return f"{where}: nobody that waits is within reach, so the walk starts anew at the first point left."
    return f"{where}: of all points on offer the one at {number(cost)} is the easiest to reach."


def _plane_panel(stage: _Stage, n_clusters: int) -> dict[str, Any]:
    x, y = stage.on.x, stage.on.y
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"name": "trail"},
                "mark": {"type": "rule", "color": ACCENT, "strokeWidth": 1.5, "opacity": 0.7},
                "encoding": {"x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}},
            },
            {
                "data": {"name": "points"},
                "mark": {"type": "point", "filled": True, "size": 34},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": _color(n_clusters),
                    "opacity": {
                        "condition": {"test": f"datum.cluster === '{WAITING}'", "value": 0.35},
                        "value": 0.9,
                    },
                    "tooltip": [{"field": "cluster", "type": "nominal"}, *stage.on.tooltip],
                },
            },
            {
                "data": {"name": "here"},
                "mark": {"type": "point", "filled": True, "size": 150, "color": ACCENT, "opacity": 1},
                "encoding": {"x": x, "y": y},
            },
        ],
    }


def _color(n_clusters: int) -> dict[str, Any]:
    color = cluster_color(n_clusters, NOISE, WAITING, WALKED)
    # who has been walked through stands out from who waits
    color["scale"]["range"][-1] = "#4477AA"
    return color


def _plot_panel(stage: _Stage, n_clusters: int) -> dict[str, Any]:
    n = len(stage.place)
    x = {
        "field": "place",
        "type": "quantitative",
        "title": "place in the walk",
        "scale": {"domain": [0, n], "nice": False},
        "axis": {"tickCount": 4},
    }
    y = {
        "field": "height",
        "type": "quantitative",
        "title": "reachability",
        "scale": {"domain": [stage.floor, stage.top], "nice": False},
    }
    ends = {"x": x, "x2": {"field": "next"}}
    told = [
        {"field": "place", "type": "quantitative"},
        {"field": "height", "type": "quantitative", "title": "reachability", "format": ".4~g"},
        {"field": "cluster", "type": "nominal"},
    ]
    return {
        "width": PLOT_WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"name": "bars"},
                "mark": {"type": "rect"},
                "encoding": {**ends, "y": y, "y2": {"datum": 0}, "color": _color(n_clusters), "tooltip": told},
            },
            {
                "data": {"name": "valleys"},
                "mark": {"type": "rule", "color": NEUTRAL, "strokeWidth": 2},
                "encoding": {**ends, "y": {**y, "field": "level"}},
            },
        ],
    }
