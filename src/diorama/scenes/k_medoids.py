"""k-medoids as a moving picture: each point on a string to its medoid, and a row that takes a medoid's place.

Beside them the cost J, the length of all strings together, which no swap can raise.
"""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.clustering.k_medoids import State, begin, step
from diorama.recording.recorder import Moment, RecordedFit
from diorama.scenes.cluster_plane import HEIGHT, WIDTH, ClusterPlane, cluster_color, cluster_names
from diorama.scenes.journey import journey_panel
from diorama.scenes.parts import ACCENT, NEUTRAL, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

STRINGS = 600  # more would be a carpet


def k_medoids_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded k-medoids: `state` is the last of its states."""
    stage = _Stage(recorded)
    moments = recorded.moments
    n_clusters = len(state.medoids)
    return Scene(
        title=f"k-medoids with {n_clusters} cluster{'s' if n_clusters > 1 else ''}",
        spec={
            "hconcat": [
                _plane_panel(stage, n_clusters),
                journey_panel(max(moment.iteration for moment in moments), "J", "J, sum of distances"),
            ],
            "spacing": 28,
        },
        data={
            "journey": {
                "step": [moment.iteration for moment in moments],
                "J": [moment.state.cost for moment in moments],
            }
        },
        frames=tuple(_frame(stage, moments, k) for k in range(len(moments))),
        code=marked_source(begin, step),
        formulas={"": r"J = \sum_{i=1}^{n} d(x_i, m_{c(i)}) = \slot{J} \qquad \text{swaps: } \slot{swaps}"},
        tween=("now",),
        caption=stage.on.caption,
    )


class _Stage:
    """Where the points stand, and which of them are drawn."""

    def __init__(self, recorded: RecordedFit) -> None:
        self.on = ClusterPlane(recorded)
        self.X = recorded.fit.X

    def centers(self, state: State) -> Array:
        """(n_clusters, 2) where the medoids stand; one may be a row that is not drawn."""
        return self.on.plane.project(self.X[state.medoids])


def _frame(stage: _Stage, moments: list[Moment], k: int) -> Frame:
    iteration, now = moments[k]
    before = moments[k - 1].state if k else now
    chosen, points = stage.on.chosen, stage.on.points
    centers = stage.centers(now)
    own = centers[now.nearest[chosen]]
    held = slice(0, STRINGS)
    names = cluster_names(now.nearest[chosen])
    fresh = np.flatnonzero(now.medoids != before.medoids)
    swaps = iteration if now.swapped else max(iteration - 1, 0)
    told = _narration(moments, k, fresh, swaps)
    return Frame(
        data={
            "strings": {
                "x": points[held, 0],
                "y": points[held, 1],
                "x2": own[held, 0],
                "y2": own[held, 1],
                "cluster": names[held],
            },
            "points": {**stage.on.places, "cluster": names},
            "medoids": {"x": centers[:, 0], "y": centers[:, 1], "cluster": [str(j) for j in range(len(centers))]},
            "fresh": {"x": centers[fresh, 0], "y": centers[fresh, 1]},
            "now": {"step": [iteration], "J": [now.cost]},
        },
        narration=told,
        alt=f"{len(points)} points, each on a string to one of {len(centers)} medoids. {told}",
        step="swap" if k else "start",
        values={"J": number(now.cost, 4), "swaps": str(swaps)},
    )


def _narration(moments: list[Moment], k: int, fresh: Any, swaps: int) -> str:
    now = moments[k].state
    cost = f"J = {number(now.cost, 4)}"
    if k == 0:
        return f"The start: {len(now.medoids)} of the rows are medoids, and each row follows the nearest; {cost}."
    if not now.swapped:
        return f"Every row has been tried in every medoid's place, and no swap lowers J: done at {cost}."
    before = moments[k - 1].state
    fall = (before.cost - now.cost) / before.cost if before.cost > 0 else 0.0
    if moments[k].iteration == moments[k - 1].iteration + 1 and len(fresh) == 1:
        row, place = now.medoids[fresh[0]], int(fresh[0])
        return f"Swap {swaps}: row {row:,} takes the place of medoid {place}; J falls by {fall:.2%}, to {cost[4:]}."
    return f"After {swaps} swaps: J has fallen by {fall:.2%}, to {cost[4:]}."


def _plane_panel(stage: _Stage, n_clusters: int) -> dict[str, Any]:
    x, y, color = stage.on.x, stage.on.y, cluster_color(n_clusters)
    tooltip = [{"field": "cluster", "type": "nominal"}, *stage.on.tooltip]
    point = {"type": "point", "filled": True}
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"name": "strings"},
                "mark": {"type": "rule", "strokeWidth": 1, "opacity": 0.35},
                "encoding": {"x": x, "y": y, "x2": {"field": "x2"}, "y2": {"field": "y2"}, "color": color},
            },
            {
                "data": {"name": "points"},
                "mark": {**point, "size": 28, "opacity": 0.8},
                "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
            },
            {
                "data": {"name": "fresh"},
                "mark": {"type": "point", "size": 620, "stroke": ACCENT, "strokeWidth": 2, "filled": False},
                "encoding": {"x": x, "y": y},
            },
            {
                "data": {"name": "medoids"},
                "mark": {**point, "shape": "diamond", "size": 240, "opacity": 1, "stroke": NEUTRAL, "strokeWidth": 1.5},
                "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
            },
        ],
    }
