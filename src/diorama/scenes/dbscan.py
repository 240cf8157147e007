"""DBSCAN as a moving picture: from a core point the reach spreads over all that is dense, and noise stays grey.

The ground within reach of the core points found so far takes their cluster's colour; the wave that arrived last is
darker. Beside it the counts of what each point has turned out to be.
"""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.clustering.dbscan import State, spread
from diorama.recording.recorder import RecordedFit
from diorama.scenes.cluster_plane import (
    HEIGHT,
    NOISE,
    WAITING,
    WIDTH,
    ClusterPlane,
    cluster_color,
    cluster_names,
)
from diorama.scenes.parts import CLASS_COLORS, NEUTRAL, image_url, number, rgb
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

CELLS = (96, 80)  # pixels of the image of what is within reach
SOFT, FRESH = 48, 120  # of 255: how much the colour covers the ground, and that of the last wave
PALETTE = np.array([[*rgb(color), 0] for color in CLASS_COLORS], dtype=np.uint8)
KINDS = ("core", "border", NOISE, WAITING)
SHAPES = "Circles are core, triangles border, crosses noise."
REACH = "Shaded is what lies within reach of a core point found so far."


def dbscan_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded DBSCAN: `state` is the last of its states."""
    stage = _Stage(recorded)
    n_clusters = state.cluster + 1
    states = [moment.state for moment in recorded.moments]
    frames = tuple(
        _frame(stage, before, now, last=now is state) for before, now in zip([states[0], *states], states, strict=False)
    )
    return Scene(
        title=f"DBSCAN finds {n_clusters} cluster{'' if n_clusters == 1 else 's'}",
        spec={"hconcat": [_plane_panel(stage, n_clusters), _count_panel(len(state.labels))], "spacing": 28},
        frames=frames,
        code=marked_source(spread),
        formulas={
            "": r"\lvert \{ j : d(x_i, x_j) \le \slot{eps} \} \rvert \ge \slot{need} \;\Rightarrow\; i \text{ is core}"
        },
        caption=" ".join(filter(None, (stage.on.caption, SHAPES, REACH if stage.round else ""))),
    )


class _Stage:
    """What all frames share, and the ground that has been reached up to the last frame asked for."""

    def __init__(self, recorded: RecordedFit) -> None:
        subject = recorded.fit.subject
        self.eps, self.min_samples = float(subject.eps), subject.min_samples
        self.on = ClusterPlane(recorded)
        # a reach is a disc only as Euclid measures
        named = subject.metric in ("euclidean", "l2") or (subject.metric == "minkowski" and subject.p in (None, 2))
        self.round = named and not subject.metric_params
        x, y = self.on.x_range, self.on.y_range
        # the middles of the pixels, top row first
        self.x = np.linspace(x[0], x[1], 2 * CELLS[0] + 1)[1::2]
        self.y = np.linspace(y[1], y[0], 2 * CELLS[1] + 1)[1::2]
        self.owner = np.full(CELLS[::-1], -1)
        self.edges = {"x": [x[0]], "x2": [x[1]], "y2": [y[0]], "y": [y[1]]}

    def image(self, before: State, now: State) -> str:
        """The ground in the colours of the clusters that reach it, the part reached since the state before darker."""
        alpha = np.where(self.owner >= 0, SOFT, 0)
        if self.round:
            chosen = self.on.chosen
            fresh = (now.labels[chosen] >= 0) & (before.labels[chosen] < 0) & now.core[chosen]
            for place, label in zip(self.on.points[fresh], now.labels[chosen][fresh], strict=True):
                within = (self.x - place[0]) ** 2 + (self.y[:, None] - place[1]) ** 2 <= self.eps**2
                self.owner[within & (self.owner < 0)] = label
                alpha[within] = FRESH
        pixels = PALETTE[self.owner % len(PALETTE)]
        pixels[:, :, 3] = alpha
        return image_url(pixels)


def _kinds(state: State, last: bool) -> Array:
    """(n,) what each row has turned out to be: a place in KINDS."""
    reached = state.labels >= 0
    return np.where(reached, np.where(state.core, 0, 1), 2 if last else 3)


def _frame(stage: _Stage, before: State, now: State, last: bool) -> Frame:
    kinds = _kinds(now, last)
    counts = np.bincount(kinds, minlength=len(KINDS))
    narration = _narration(stage, before, now, last, counts)
    chosen = stage.on.chosen
    return Frame(
        data={
            "ground": {"url": [stage.image(before, now)], **stage.edges},
            "points": {
                **stage.on.places,
                "cluster": cluster_names(now.labels[chosen], NOISE if last else WAITING),
                "kind": [KINDS[kind] for kind in kinds[chosen]],
            },
            "counts": {"kind": list(KINDS), "points": counts},
        },
        narration=narration,
        alt=f"{len(chosen)} points, {counts[0] + counts[1]} of {len(kinds)} reached; {narration}",
        step=_step(before, now),
        values={"eps": number(stage.eps), "need": str(stage.min_samples)},
    )


def _step(before: State, now: State) -> str:
    if len(now.wave) == 0:
        return "seed" if now is not before else ""
    return "seed" if now.cluster > before.cluster else "join"


def _narration(stage: _Stage, before: State, now: State, last: bool, counts: Array) -> str:
    if last:
        return _ending(now, counts)
    if now.cluster < 0:
        need, eps = stage.min_samples, number(stage.eps)
        return (
            f"The start: a point with {need} points within {eps}, itself among them, is core; {now.core.sum():,} are."
        )
    joined = int(np.count_nonzero((now.labels >= 0) & (before.labels < 0)))
    if now.cluster > before.cluster:
        if joined == 1:
            return f"Cluster {now.cluster} opens: its first core point looks around, {number(stage.eps)} far."
        return f"Cluster {now.cluster} opens and has {np.count_nonzero(now.labels == now.cluster):,} points by now."
    core = int(np.count_nonzero(now.core[now.wave]))
    points = "1 point joins" if joined == 1 else f"{joined:,} points join"
    if core == 0:
        return (
            f"{points} cluster {now.cluster} at its border: none of them is core, so it spreads no further from there."
        )
    return f"{points} cluster {now.cluster}; {core:,} of the last {len(now.wave):,} are core, and reach on."


def _ending(now: State, counts: Array) -> str:
    noise = f"{counts[2]:,} point{' that nobody reached is' if counts[2] == 1 else 's that nobody reached are'} noise"
    if now.cluster < 0:
        return f"No point is core, so there is no cluster: {noise}."
    found = "1 cluster" if now.cluster == 0 else f"{now.cluster + 1} clusters"
    return f"Every core point has its cluster: {found}, {counts[0]:,} core and {counts[1]:,} border points; {noise}."


def _plane_panel(stage: _Stage, n_clusters: int) -> dict[str, Any]:
    x, y = stage.on.x, stage.on.y
    ends = {"x2": {"field": "x2"}, "y2": {"field": "y2"}, "url": {"field": "url", "type": "nominal"}}
    shapes = {"domain": list(KINDS), "range": ["circle", "triangle-up", "cross", "circle"]}
    kind = {"field": "kind", "type": "nominal"}
    told = [{"field": name, "type": "nominal"} for name in ("kind", "cluster")]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"name": "ground"},
                "mark": {"type": "image", "aspect": False},
                "encoding": {"x": x, "y": y, **ends},
            },
            {
                "data": {"name": "points"},
                "mark": {"type": "point", "filled": True, "opacity": 0.9},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": cluster_color(n_clusters, NOISE, WAITING),
                    "shape": {**kind, "scale": shapes, "legend": None},
                    "size": {
                        **kind,
                        "type": "ordinal",
                        "sort": list(KINDS),
                        "scale": {"domain": list(KINDS), "range": [42, 64, 64, 16]},
                        "legend": None,
                    },
                    "tooltip": [*told, *stage.on.tooltip],
                },
            },
        ],
    }


def _count_panel(n: int) -> dict[str, Any]:
    x = {
        "field": "points",
        "type": "quantitative",
        "scale": {"domain": [0, 1.3 * n], "nice": False},
        "title": "points",
        "axis": {"tickCount": 3},
    }
    y = {"field": "kind", "type": "nominal", "scale": {"domain": list(KINDS)}, "title": None}
    return {
        "width": 150,
        "height": 150,
        "layer": [
            {"data": {"name": "counts"}, "mark": {"type": "bar", "color": NEUTRAL}, "encoding": {"x": x, "y": y}},
            {
                "data": {"name": "counts"},
                "mark": {"type": "text", "align": "left", "dx": 4},
                "encoding": {"x": x, "y": y, "text": {"field": "points", "type": "quantitative", "format": ","}},
            },
        ],
    }
