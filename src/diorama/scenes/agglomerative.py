"""Hierarchical clustering as a moving picture: the dendrogram grows merge by merge beside the points, and is cut."""

from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.clustering._linkage import way
from diorama.clustering.agglomerative_clustering import State, cut, merged_below
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.dendrogram import dendrogram, members
from diorama.scenes.parts import ACCENT, NEUTRAL, Plane, class_scales, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Grip, Scene
from diorama.scenes.source import marked_source

BRACKETS = 240  # the last merges, which are drawn; those before are inside the leaves
PROFILE = 60  # rows whose distances place the others when there is nothing but distances
CUTS = 12  # places of the line that can be dragged: down to so many clusters
ALONE = "alone"
ABOVE = "above the cut"
PALETTE = 24
_FORMULAS = {
    "single": r"d(A, B) = \min_{a \in A, \, b \in B} \lVert a - b \rVert = \slot{d}",
    "complete": r"d(A, B) = \max_{a \in A, \, b \in B} \lVert a - b \rVert = \slot{d}",
    "average": r"d(A, B) = \frac{1}{|A| \, |B|} \sum_{a \in A} \sum_{b \in B} \lVert a - b \rVert = \slot{d}",
    "ward": r"d(A, B) = \left( \frac{2 \, |A| \, |B|}{|A| + |B|} \right)^{1/2} \lVert \mu_A - \mu_B \rVert = \slot{d}",
    "centroid": r"d(A, B) = \lVert \mu_A - \mu_B \rVert = \slot{d}",
    "median": r"d(A, B) = \lVert m_A - m_B \rVert = \slot{d}, \quad m_{A \cup B} = \frac{m_A + m_B}{2}",
}


def agglomerative_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded tree: `state` is the last of its states."""
    stage = _Stage(state, recorded)
    states = [moment.state for moment in recorded.moments]
    before = [0, *(earlier.made for earlier, _ in pairwise(states))]
    moved = tuple(_cut_frame(stage, at) for at in stage.cuts())
    built = tuple(_frame(stage, shown, since) for shown, since in zip(states, before, strict=True))
    return Scene(
        title=f"Hierarchical clustering, {state.linkage} linkage",
        spec={"hconcat": [_plane_panel(stage), _tree_panel(stage)], "spacing": 28},
        frames=(*built, *moved),
        code=marked_source(way(state.linkage, state.metric, recorded.fit.X.shape[1])),
        formulas={"": _FORMULAS[state.linkage]},
        caption=stage.caption,
        grips=(Grip("cut", y="y"),),
    )


class _Cut(NamedTuple):
    """The clusters that a line across the tree leaves."""

    height: float
    k: int
    names: list[str]  # (n,) of each row's cluster; as long as a cluster keeps its first row it keeps its name
    owners: list[str]  # of each bracket the cluster that it is part of, or that it lies above the cut


class _Stage:
    """What all frames share: points on their plane, brackets of the tree, whose colour each merge has."""

    def __init__(self, state: State, recorded: RecordedFit) -> None:
        X = recorded.fit.X
        self.tree, self.labels, self.height = state.tree, state.labels, state.height
        self.n, self.k = len(state.labels), int(state.labels.max()) + 1
        table = state.metric == "precomputed"
        if table:
            X = X[:, np.linspace(0, self.n - 1, min(self.n, PROFILE)).astype(int)]
        self.chosen, sampled = sample_rows(self.n)
        self.plane = Plane.of(
            X[self.chosen], None if table else getattr(recorded.fit.subject, "feature_names_in_", None)
        )
        everywhere = self.plane.project(X)
        self.points = everywhere[self.chosen]
        self.x_range, self.y_range = padded_range(self.points[:, 0]), padded_range(self.points[:, 1])
        self.drawn = dendrogram(self.tree, BRACKETS)
        self.bridges = members(self.tree, BRACKETS, everywhere)
        top = float(self.tree[:, 2].max()) if len(self.tree) else 1.0
        self.top = max(1.06 * top, 1.06 * min(self.height, 2 * top)) or 1.0
        self.known: dict[int, str] = {}  # first row of a cluster -> its name
        self.leaders = self._leaders()
        self.own = self._cut(self.labels, self.height, None)
        inside = f"The last {len(self.drawn.x)} of {self.n - 1:,} merges are drawn." if self.drawn.first else ""
        known = "Only distances are known: points lie by the two main directions of their distances to some rows."
        drag = "Drag the dashed line to cut the tree elsewhere." if self.n > 1 else ""
        self.caption = " ".join(filter(None, (known if table else self.plane.caption, inside, sampled, drag)))

    def _leaders(self) -> Array:
        """(2 n - 1,) the first row of every cluster that there ever is: of the rows, then of the merges."""
        first = np.arange(2 * self.n - 1)
        for merge, (a, b) in enumerate(self.tree[:, :2].astype(int)):
            first[self.n + merge] = min(first[a], first[b])
        return first

    def _cut(self, labels: Array, height: float, joined: Array | None) -> _Cut:
        """What `labels` are drawn as; `joined` are the merges made, or None for those within one cluster."""
        _, first = np.unique(labels, return_index=True)
        for row in first:
            self.known.setdefault(int(row), str(len(self.known)))
        names = [self.known[int(row)] for row in first]
        if joined is None:
            joined = self._within(labels)
        merges = np.arange(self.drawn.first, self.n - 1)
        owners = [names[labels[self.leaders[self.n + m]]] if joined[m] else ABOVE for m in merges]
        return _Cut(height, len(first), [names[label] for label in labels], owners)

    def _within(self, labels: Array) -> Array:
        """Which merges join rows of one cluster only."""
        pure = np.ones(2 * self.n - 1, dtype=bool)
        for merge, (a, b) in enumerate(self.tree[:, :2].astype(int)):
            pure[self.n + merge] = pure[a] and pure[b] and labels[self.leaders[a]] == labels[self.leaders[b]]
        return pure[self.n :]

    def cuts(self) -> list[_Cut]:
        """The line from above the tree down to `CUTS` clusters, and at last where the model has it."""
        heights = np.unique(self.tree[:, 2])[: -CUTS - 1 : -1]
        between = [(upper + lower) / 2 for upper, lower in pairwise(heights)]
        levels = [(heights[0] + self.top) / 2, *between] if len(heights) else []
        found = []
        for level in levels:
            joined = merged_below(self.tree, level)
            found.append(self._cut(cut(self.tree, joined), float(level), joined))
        return [*found, self.own] if found else []

    def colors(self, made: int) -> list[str]:
        """The final cluster of each point that has company by now; those without stay grey."""
        now = cut(self.tree, np.arange(self.n - 1) < min(made, self.n - self.k))
        company = np.bincount(now)[now] > 1
        # a cluster of one row never has company: it comes into its own when the cut is reached
        seen = company | (made >= self.n - self.k)
        return [self.own.names[row] if seen[row] else ALONE for row in self.chosen]

    def line(self, at: _Cut) -> dict[str, Any]:
        """The line of a cut and what it says."""
        says = f"cut: {at.k} cluster{'s' if at.k > 1 else ''}"
        return {"x": [float(self.n)], "y": [min(at.height, self.top)], "label": [says]}


def _frame(stage: _Stage, state: State, since: int) -> Frame:
    first, made = stage.drawn.first, state.made
    shown = max(0, made - first)
    fresh = slice(shown - 1, shown) if shown and made > since else slice(0, 0)
    owners = stage.own.owners[:shown]
    narration = _narration(stage, state, since)
    return Frame(
        data={**_data(stage, stage.colors(made), owners, fresh), "cut": stage.line(stage.own)},
        narration=narration,
        alt=f"{len(stage.points)} points and the tree of their merges beside them; {narration}",
        step="merge" if made else "",
        values={"d": number(float(state.tree[made - 1, 2]), 4) if made else "not known yet"},
    )


def _cut_frame(stage: _Stage, at: _Cut) -> Frame:
    """The whole tree, cut at some height."""
    colors = [at.names[row] for row in stage.chosen]
    sizes = sorted(np.unique(at.names, return_counts=True)[1].tolist(), reverse=True)
    told = ", ".join(f"{size:,}" for size in sizes[:5]) + (", ..." if len(sizes) > 5 else "")
    leaves = "one cluster of all points" if at.k == 1 else f"{at.k} clusters, of {told} points"
    own = " This is the model's cut." if at is stage.own else ""
    narration = f"Cut at height {number(at.height, 3)}, the tree leaves {leaves}.{own}"
    return Frame(
        data={**_data(stage, colors, at.owners, slice(0, 0)), "cut": stage.line(at)},
        narration=narration,
        alt=f"{len(stage.points)} points and the tree of their merges beside them; {narration}",
        values={"d": number(float(stage.tree[-1, 2]), 4)},
    )


def _data(stage: _Stage, colors: list[str], owners: list[str], fresh: slice) -> dict[str, Columns]:
    """The points in their colours, the first brackets with their owners, and the bracket that is `fresh`."""
    shown = len(owners)
    below = [place for place, owner in enumerate(owners) if owner != ABOVE]
    bridges, latest = stage.bridges[below].reshape(-1, 4), stage.bridges[fresh].reshape(-1, 4)
    return {
        "points": {"x": stage.points[:, 0], "y": stage.points[:, 1], "cluster": colors},
        "bridges": {**_segments(bridges), "cluster": [owners[place] for place in below]},
        "latest": _segments(latest),
        "brackets": {
            "x": stage.drawn.x[:shown].ravel(),
            "y": stage.drawn.y[:shown].ravel(),
            "cluster": list(np.repeat(owners, 4)),
            "merge": [str(merge) for merge in np.repeat(np.arange(shown), 4)],
            "order": np.tile(np.arange(4), shown),
        },
        "fresh": {
            "x": stage.drawn.x[fresh].ravel(),
            "y": stage.drawn.y[fresh].ravel(),
            "order": np.tile(np.arange(4), len(latest)),
        },
    }


def _segments(ends: Array) -> dict[str, Any]:
    return dict(zip(("x", "y", "x2", "y2"), ends.T, strict=True))


def _narration(stage: _Stage, state: State, since: int) -> str:
    made, n = state.made, stage.n
    if not made:
        return f"The start: {n:,} points, each a cluster of its own."
    left = n - made
    remain = "all points are one cluster" if left == 1 else f"{left:,} clusters are left"
    height = number(float(state.tree[made - 1, 2]), 3)
    if made - since > 1:
        return f"Merges {since + 1:,} to {made:,} of {n - 1:,}: neighbours join, up to height {height}; {remain}."
    a, b = (1 if side < n else int(state.tree[int(side) - n, 3]) for side in state.tree[made - 1, :2])
    who = "two lone points" if a == b == 1 else f"clusters of {min(a, b):,} and {max(a, b):,}"
    text = f"Merge {made:,} of {n - 1:,}: {who} join at height {height}; {remain}"
    if made == n - stage.k and stage.k > 1:
        return f"{text}, and these the cut leaves apart."
    return f"{text}."


def _colors(stage: _Stage) -> tuple[dict[str, Any], dict[str, Any]]:
    names = [str(cluster) for cluster in range(max(len(stage.known), PALETTE))]
    colors, shapes = class_scales(names)
    others = [ALONE, ABOVE]
    colors = {"domain": [*names, *others], "range": [*colors["range"], NEUTRAL, NEUTRAL]}
    shapes = {"domain": [*names, *others], "range": [*shapes["range"], "circle", "circle"]}
    return (
        {"field": "cluster", "type": "nominal", "scale": colors, "legend": None},
        {"field": "cluster", "type": "nominal", "scale": shapes, "legend": None},
    )


def _axis(field: str, span: list[float], title: str | None, **more: Any) -> dict[str, Any]:
    scale = {"domain": span, "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "title": title, **more}


def _plane_panel(stage: _Stage) -> dict[str, Any]:
    color, shape = _colors(stage)
    x_title, y_title = stage.plane.titles
    x, y = _axis("x", stage.x_range, x_title), _axis("y", stage.y_range, y_title)
    if not y_title:  # one feature: the points lie on a line
        y["axis"] = None
    ends = {"x2": {"field": "x2"}, "y2": {"field": "y2"}}
    return {
        "width": 320,
        "height": 330,
        "layer": [
            {
                "data": {"name": "bridges"},
                "mark": {"type": "rule", "strokeWidth": 1.2, "opacity": 0.55},
                "encoding": {"x": x, "y": y, **ends, "color": color},
            },
            {
                "data": {"name": "points"},
                "mark": {"type": "point", "filled": True, "size": 30, "opacity": 0.8},
                "encoding": {
                    "x": x,
                    "y": y,
                    "color": color,
                    "shape": shape,
                    "tooltip": [{"field": "cluster", "type": "nominal"}],
                },
            },
            {
                "data": {"name": "latest"},
                "mark": {"type": "rule", "strokeWidth": 3, "color": ACCENT},
                "encoding": {"x": x, "y": y, **ends},
            },
        ],
    }


def _tree_panel(stage: _Stage) -> dict[str, Any]:
    color, _ = _colors(stage)
    x = _axis("x", [0.0, float(stage.n)], "points", axis={"labels": False, "ticks": False, "grid": False})
    y = _axis("y", [0.0, stage.top], "height of the merge")
    order = {"field": "order", "type": "quantitative"}
    return {
        "width": 300,
        "height": 330,
        "layer": [
            {
                "data": {"name": "brackets"},
                "mark": {"type": "line", "strokeWidth": 1.4, "strokeJoin": "miter"},
                "encoding": {"x": x, "y": y, "color": color, "detail": {"field": "merge"}, "order": order},
            },
            {
                "data": {"name": "fresh"},
                "mark": {"type": "line", "strokeWidth": 3, "color": ACCENT},
                "encoding": {"x": x, "y": y, "order": order},
            },
            {
                "data": {"name": "cut"},
                "mark": {"type": "rule", "strokeDash": [6, 4], "strokeWidth": 1.5, "color": NEUTRAL},
                "encoding": {"y": y},
            },
            {
                "data": {"name": "cut"},
                "mark": {"type": "text", "align": "right", "baseline": "bottom", "dx": -4, "dy": -3},
                "encoding": {"x": x, "y": y, "text": {"field": "label", "type": "nominal"}},
            },
        ],
    }
