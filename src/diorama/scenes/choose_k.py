"""Choosing k as a moving picture: the clusters of each k, and beside them what four methods think of it."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.clustering.choose_k import METHODS, KChoice, Question, State, below_the_line, choice, judged
from diorama.recording.recorder import RecordedFit
from diorama.scenes.cluster_plane import HEIGHT, WIDTH, ClusterPlane, cluster_color, cluster_names
from diorama.scenes.parts import CLASS_COLORS, NEUTRAL, number
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

CAPTION = "Each method's measure runs from its worst k (0) to its best (1); a diamond marks the k it takes."


def choose_k_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded choice of k: `state` is that of the last k."""
    on = ClusterPlane(recorded)
    question: Question = recorded.fit.subject
    states = (*state.before, state)
    found = choice(question, states)
    curves = _curves(found)
    frames = []
    for now in (moment.state for moment in recorded.moments):
        told = _narration(now, found)
        frames.append(
            Frame(
                data={
                    "points": {**on.places, "cluster": cluster_names(now.labels[on.chosen])},
                    "here": {"k": [now.k]},
                },
                narration=told,
                alt=f"{len(on.chosen)} points in {now.k} colours, and what each method thinks of every k. {told}",
                step="cluster",
                values={"k": str(now.k), "J": number(now.inertia, 4), "silhouette": _or_dash(now.silhouette)},
            )
        )
    return Scene(
        title="How many clusters?",
        spec={
            "hconcat": [_plane_panel(on, states[-1].k), _measure_panel(found)],
            "spacing": 28,
            "resolve": {"scale": {"color": "independent"}},
        },
        data={"curves": curves, "taken": _taken(found, curves)},
        frames=tuple(frames),
        code=marked_source(judged),
        formulas={"": r"k = \slot{k}, \quad J = \slot{J}, \quad \text{mean silhouette} = \slot{silhouette}"},
        tween=("here",),
        caption=" ".join(filter(None, (on.caption, CAPTION))),
    )


def _curves(found: KChoice) -> dict[str, Any]:
    """Every measure over k, brought to 0 for its worst and 1 for its best."""
    ks = np.array(found.ks)
    raw = {
        "elbow": below_the_line(ks, found.inertia),
        "silhouette": found.silhouette,
        "gap": found.gap,
        "bic": -found.bic,
    }
    columns: dict[str, list[Any]] = {"k": [], "worth": [], "method": []}
    for method in found.chosen:
        worth = _between(raw[method])
        there = ~np.isnan(worth)
        columns["k"] += ks[there].tolist()
        columns["worth"] += worth[there].tolist()
        columns["method"] += [method] * int(there.sum())
    return columns


def _between(values: Array) -> Array:
    low, high = np.nanmin(values), np.nanmax(values)
    return (values - low) / (high - low) if high > low else np.where(np.isnan(values), np.nan, 1.0)


def _taken(found: KChoice, curves: dict[str, Any]) -> dict[str, Any]:
    rows = list(zip(curves["k"], curves["worth"], curves["method"], strict=True))
    chosen = [row for row in rows if found.chosen[row[2]] == row[0]]
    return {name: [row[i] for row in chosen] for i, name in enumerate(("k", "worth", "method"))}


def _or_dash(value: float) -> str:
    return "\N{EN DASH}" if np.isnan(value) else number(value)


def _narration(now: State, found: KChoice) -> str:
    taking = [method for method, k in found.chosen.items() if k == now.k]
    if not taking:
        return f"k = {now.k}: no method takes it."
    if len(taking) == len(found.chosen) > 1:
        return f"k = {now.k}: every method takes it."
    return f"k = {now.k} is taken by {' and '.join(taking)}."


def _plane_panel(on: ClusterPlane, n_clusters: int) -> dict[str, Any]:
    tooltip = [{"field": "cluster", "type": "nominal"}, *on.tooltip]
    points = {
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "size": 30, "opacity": 0.85},
        "encoding": {"x": on.x, "y": on.y, "color": cluster_color(n_clusters), "tooltip": tooltip},
    }
    return {"width": WIDTH - 60, "height": HEIGHT, "layer": [points]}


def _measure_panel(found: KChoice) -> dict[str, Any]:
    x = {
        "field": "k",
        "type": "quantitative",
        "scale": {"domain": [found.ks[0] - 0.5, found.ks[-1] + 0.5], "nice": False, "zero": False},
        "axis": {"tickMinStep": 1, "format": "d", "grid": False},
        "title": "k, number of clusters",
    }
    y = {
        "field": "worth",
        "type": "quantitative",
        "scale": {"domain": [-0.05, 1.1], "nice": False},
        "title": "from worst to best",
        "axis": {"grid": False, "values": [0, 0.5, 1]},
    }
    color = {
        "field": "method",
        "type": "nominal",
        "scale": {"domain": list(METHODS), "range": list(CLASS_COLORS[: len(METHODS)])},
        "legend": {"orient": "bottom", "title": None, "columns": 2},
    }
    tooltip = [{"field": "method", "type": "nominal"}, {"field": "k", "type": "quantitative"}]
    return {
        "width": WIDTH - 120,
        "height": HEIGHT - 30,
        "layer": [
            {
                "data": {"name": "here"},
                "mark": {"type": "rule", "color": NEUTRAL, "strokeDash": [4, 4], "strokeWidth": 1.5},
                "encoding": {"x": x},
            },
            {
                "data": {"name": "curves"},
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
            },
            {
                "data": {"name": "taken"},
                "mark": {"type": "point", "filled": True, "shape": "diamond", "size": 160, "opacity": 1},
                "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip},
            },
        ],
    }
