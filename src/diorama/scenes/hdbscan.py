"""HDBSCAN as a moving picture: the distance shrinks, clusters lose points and break, and beside them a tree grows down.

Each cluster is a band, as wide as it has points, from the distance at which it came to be to where its last points
leave. At the end the chosen clusters are coloured, points the fainter the earlier they left.
"""

from typing import Any, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.clustering._condensed import ROOT, CondensedTree
from diorama.clustering._selection import excess_of_mass
from diorama.clustering.hdbscan import State, choose
from diorama.recording.recorder import RecordedFit
from diorama.scenes.cluster_plane import HEIGHT, NOISE, WIDTH, ClusterPlane, cluster_color, cluster_names
from diorama.scenes.parts import ACCENT, NEUTRAL, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

TREE_WIDTH = 220
STEPS = 24  # heights at which a band's width is drawn, at most
BANDS = 80  # clusters that are drawn, the largest
OPEN = "not chosen"


class Bands(NamedTuple):
    """The condensed tree as areas: for each corner its cluster, distance, and where the band is there."""

    node: Array
    distance: Array
    left: Array
    right: Array


def hdbscan_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded HDBSCAN: `state` is the last of its states."""
    on = ClusterPlane(recorded)
    tree, n_clusters = state.tree, len(state.selected)
    span = _span(tree)
    bands, drawn = _bands(tree, span)
    states = [moment.state for moment in recorded.moments]
    some = (
        ""
        if len(tree.parent) <= BANDS
        else f"Of {len(tree.parent):,} clusters at all levels the {BANDS} largest are drawn."
    )
    return Scene(
        title=f"HDBSCAN finds {n_clusters} cluster{'' if n_clusters == 1 else 's'}",
        spec={"hconcat": [_plane_panel(on, n_clusters), _tree_panel(span, n_clusters)], "spacing": 28},
        data={"tree": _columns(bands, np.full(len(bands.node), OPEN))},
        frames=tuple(
            _frame(on, bands, drawn, span, now, before) for now, before in zip(states, [None, *states], strict=False)
        ),
        code=marked_source(choose, excess_of_mass),
        formulas={
            "": r"\lambda = \frac{1}{d} = \frac{1}{\slot{distance}} = \slot{lambda}",
            "choose": r"\sum_C S(C) = \sum_C \sum_{x \in C} (\lambda_x - \lambda_C) = \slot{mass}",
        },
        caption=" ".join(filter(None, (on.caption, some))),
    )


def _span(tree: CondensedTree) -> tuple[float, float]:
    """The distances that the picture spans: from above the first break down to where the last points leave."""
    inner = tree.row_lambda[np.isfinite(tree.row_lambda) & (tree.row_lambda > 0)]
    lambdas = np.concatenate([tree.birth[1:], inner])
    if len(lambdas) == 0:
        return 0.5, 2.0
    # a few points that lie very close, or very far, would press all else together
    low, high = 1.0 / np.quantile(lambdas, 0.995), 1.0 / np.quantile(lambdas, 0.005)
    if len(tree.birth) > 1:
        high = max(high, 1.0 / tree.birth[1])
    return 0.9 * low, 1.1 * max(high, 1.05 * low)


def _bands(tree: CondensedTree, span: tuple[float, float]) -> tuple[Bands, Array]:
    """The bands of the largest clusters, and which those are."""
    drawn = np.sort(np.argsort(-tree.size, kind="stable")[:BANDS])
    start = _starts(tree)
    parts = []
    for cluster in drawn:
        left_at = np.sort(tree.row_lambda[tree.row_cluster == cluster])
        children = np.flatnonzero(tree.parent == cluster)
        top = 1.0 / tree.birth[cluster] if cluster != ROOT else span[1]
        end = 1.0 / tree.death[cluster] if tree.death[cluster] > 0 else span[0]
        heights = np.clip(np.geomspace(max(top, span[0]), np.clip(end, *span), STEPS), *span)
        stay = len(left_at) - np.searchsorted(left_at, 1.0 / heights, side="right") + tree.size[children].sum()
        middle = start[cluster] + tree.size[cluster] / 2
        parts.append((np.full(STEPS, cluster), heights, middle - stay / 2, middle + stay / 2))
    return Bands(*(np.concatenate(columns) for columns in zip(*parts, strict=True))), drawn


def _starts(tree: CondensedTree) -> Array:
    """Where each cluster's room begins, in points from the left: within its parent's, beside those who came with it."""
    start = np.zeros(len(tree.parent))
    inside = np.zeros(len(tree.parent))
    np.add.at(inside, tree.parent[1:], tree.size[1:])
    used = (tree.size - inside) / 2
    for cluster in range(1, len(start)):
        parent = tree.parent[cluster]
        start[cluster] = start[parent] + used[parent]
        used[parent] += tree.size[cluster]
    return start


def _columns(bands: Bands, cluster: Any) -> dict[str, Any]:
    return {
        "node": [str(node) for node in bands.node.tolist()],
        "distance": bands.distance,
        "left": bands.left,
        "right": bands.right,
        "cluster": cluster,
    }


def _frame(
    on: ClusterPlane, bands: Bands, drawn: Array, span: tuple[float, float], now: State, before: State | None
) -> Frame:
    last = not np.isfinite(now.level)
    distance = span[0] if last else min(1.0 / now.level if now.level > 0 else np.inf, span[1])
    owner = now.tree.owners(now.selected)
    label_of = np.full(len(owner), -1)
    for node in now.selected:
        # a node that was chosen has rows, and they have its label
        label_of[node] = now.labels[(owner[now.tree.row_cluster] == node) & (now.labels >= 0)].max(initial=-1)
    if last:
        label, sure = now.labels, np.where(now.labels < 0, 0.5, 0.25 + 0.75 * now.probabilities)
        # what becomes of a chosen cluster is part of it
        colors = cluster_names(np.where(owner >= 0, label_of[owner], -1), OPEN)
    else:
        label, sure = np.where(now.cluster < 0, -1, now.cluster), np.where(now.cluster < 0, 0.4, 0.85)
        colors = [OPEN] * len(owner)
    chosen = on.chosen
    names = cluster_names(label[chosen]) if last else _rooms(now, chosen)
    reached = bands.distance >= distance * (1 - 1e-9)
    narration = _narration(now, before, last)
    grown = Bands(*(column[reached] for column in bands))
    return Frame(
        data={
            "points": {**on.places, "cluster": names, "sure": sure[chosen], "p": now.probabilities[chosen]},
            "grown": _columns(grown, [colors[node] for node in grown.node]),
            "cut": {"distance": [distance]},
        },
        narration=narration,
        alt=f"{len(chosen)} points beside the tree of their clusters; {narration}",
        step="choose" if last else "",
        values=_values(now, last),
    )


def _values(now: State, last: bool) -> dict[str, str]:
    """The distance and its lambda; at last, how much of both the chosen clusters hold."""
    if last:
        return {"mass": number(now.tree.stability[now.selected].sum())}
    return {"distance": number(1.0 / now.level) if now.level > 0 else "infinity", "lambda": number(now.level)}


def _rooms(now: State, chosen: Array) -> list[str]:
    """Names of the clusters at this level in the order of their first rows, so that colours follow the final ones."""
    present = now.cluster[chosen]
    order = {int(node): str(k) for k, node in enumerate(dict.fromkeys(now.cluster[now.cluster >= 0].tolist()))}
    return [order[int(node)] if node >= 0 else NOISE for node in present]


def _narration(now: State, before: State | None, last: bool) -> str:
    noise = int(np.count_nonzero(now.labels < 0))
    if last:
        n = len(now.selected)
        if n == 0:
            return f"Nothing ever breaks in two: no cluster is chosen, and all {noise:,} points are noise."
        found = "1 cluster persists" if n == 1 else f"{n} clusters persist"
        kept = f"{found} longest and {'is' if n == 1 else 'are'} chosen"
        return f"{kept}; {_points(noise)} noise, and faint ones left early."
    if now.level == 0:
        return f"From far away everything is one cluster of {len(now.labels):,} points; now the distance shrinks."
    alive = len(np.unique(now.cluster[now.cluster >= 0]))
    gone = int(np.count_nonzero(now.cluster < 0))
    distance = f"Within {number(1.0 / now.level)} of one another"
    clusters = "1 cluster" if alive == 1 else f"{alive} clusters"
    if before is not None and alive > len(np.unique(before.cluster[before.cluster >= 0])):
        return f"{distance}: a cluster breaks, there are {clusters} now, and {gone:,} of the points have fallen out."
    return f"{distance}: {clusters}; {gone:,} of the points have fallen out."


def _points(n: int) -> str:
    return "1 point is" if n == 1 else f"{n:,} points are"


def _plane_panel(on: ClusterPlane, n_clusters: int) -> dict[str, Any]:
    told = [
        {"field": "cluster", "type": "nominal"},
        {"field": "p", "type": "quantitative", "title": "how firmly", "format": ".2f"},
    ]
    return {
        "width": WIDTH,
        "height": HEIGHT,
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "size": 36},
        "encoding": {
            "x": on.x,
            "y": on.y,
            "color": cluster_color(n_clusters, NOISE, OPEN),
            "opacity": {"field": "sure", "type": "quantitative", "scale": None},
            "tooltip": [*told, *on.tooltip],
        },
    }


def _tree_panel(span: tuple[float, float], n_clusters: int) -> dict[str, Any]:
    y = {
        "field": "distance",
        "type": "quantitative",
        "title": "distance",
        "scale": {"type": "log", "domain": list(span), "nice": False},
        "axis": {"format": ".2~g", "tickCount": 5},
    }
    x = {
        "field": "left",
        "type": "quantitative",
        "title": "points",
        "scale": {"zero": True, "nice": False},
        "axis": {"tickCount": 4},
    }
    area = {"type": "area", "orient": "horizontal", "interpolate": "linear"}
    node = {"field": "node", "type": "nominal"}
    encoding = {"x": x, "x2": {"field": "right"}, "y": y, "detail": node}
    return {
        "width": TREE_WIDTH,
        "height": HEIGHT,
        "layer": [
            {"data": {"name": "tree"}, "mark": {**area, "color": NEUTRAL, "opacity": 0.15}, "encoding": encoding},
            {
                "data": {"name": "grown"},
                "mark": {**area, "opacity": 0.75},
                "encoding": {**encoding, "color": cluster_color(n_clusters, NOISE, OPEN)},
            },
            {
                "data": {"name": "cut"},
                "mark": {"type": "rule", "color": ACCENT, "strokeWidth": 2},
                "encoding": {"y": y},
            },
        ],
    }
