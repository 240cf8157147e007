"""t-SNE as a moving picture: the map unfolds from a dot, and beside it the divergence goes down.

A map has no unit and grows a thousandfold: every frame is drawn as wide as the picture, and the sentence tells how wide
it is.
"""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.decomposition.t_sne import CHECK, State, judge, step
from diorama.recording.recorder import RecordedFit
from diorama.scenes.journey import journey_panel
from diorama.scenes.parts import CLASS_COLORS, class_scales, number, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

SIDE = 350
MOST_GROUPS = 12  # pairs of colour and shape there are
OWN_SIZE = "Every frame is drawn as wide as the picture; directions and distances between groups mean little."
BY_START = "Colour tells where a point stood on the first map: what stays together keeps its colour together."


def t_sne_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded t-SNE: `state` is the last of its states."""
    states = [moment.state for moment in recorded.moments]
    chosen, sampled = sample_rows(state.places.shape[1])
    groups, how = _groups(recorded.fit.y, states[0].places, chosen)
    end = recorded.fit.subject.max_iter
    return Scene(
        title=f"t-SNE of {state.places.shape[1]:,} rows",
        spec={
            "hconcat": [
                _map_panel(groups),
                journey_panel(state.iteration, "KL", "KL(P || Q), nats", height=SIDE),
            ],
            "spacing": 28,
        },
        data={
            "journey": {
                "step": [s.iteration for s in states],
                "KL": [s.divergence for s in states],
            }
        },
        frames=tuple(_frame(states, k, chosen, groups, end) for k in range(len(states))),
        code=marked_source(step, judge),
        formulas={"": r"\mathrm{KL}(P \parallel Q) = \sum_{i \ne j} p_{ij} \log \frac{p_{ij}}{q_{ij}} = \slot{KL}"},
        tween=("points", "now"),
        caption=" ".join(filter(None, (OWN_SIZE, how, sampled))),
    )


def _groups(y: Any, first: Array, chosen: Array) -> tuple[list[str], str]:
    """What each drawn point is coloured by: its class where classes were given, else its sixth of the first map."""
    if y is not None:
        names, which = np.unique(np.asarray(y), return_inverse=True)
        if which.ndim == 1 and len(names) <= MOST_GROUPS:
            return [str(name) for name in names[which][chosen].tolist()], ""
    away = first - first.mean(axis=1, keepdims=True)
    up = away[1] if len(away) > 1 else np.zeros_like(away[0])
    turn = (np.arctan2(up, away[0]) / (2 * np.pi)) % 1.0
    return [str(part) for part in (turn * len(CLASS_COLORS)).astype(int)[chosen] % len(CLASS_COLORS)], BY_START


def _frame(states: list[State], k: int, chosen: Array, groups: list[str], end: int) -> Frame:
    now = states[k]
    x, y = _plane(now.places)
    reach = max(float(np.abs(x).max()), float(np.abs(y).max())) or 1.0
    told = _narration(states, k, reach, end)
    return Frame(
        data={
            "points": {"x": x[chosen] / reach, "y": y[chosen] / reach, "group": groups},
            "now": {"step": [now.iteration], "KL": [now.divergence]},
        },
        narration=told,
        alt=f"A map of {len(chosen):,} points in {len(set(groups))} colours. {told}",
        step="forces" if k else "",
        values={"KL": number(now.divergence, 4)},
    )


def _plane(places: Array) -> tuple[Array, Array]:
    """The first two coordinates about their middle; a map of one dimension lies on a line."""
    away = places.astype(float) - places.mean(axis=1, keepdims=True)
    return away[0], away[1] if len(away) > 1 else np.zeros_like(away[0])


def _narration(states: list[State], k: int, reach: float, end: int) -> str:
    now, wide = states[k], f"the map is {number(2 * reach)} wide"
    if k == 0:
        return f"The start: all points lie in a dot {number(2 * reach)} wide; KL = {number(now.divergence, 4)}."
    where = f"Step {now.iteration:,}"
    if k == len(states) - 1:
        why = (
            "that was the last step allowed" if now.iteration >= end else f"no look, every {CHECK} steps, finds better"
        )
        return f"{where}: {why}; KL = {number(now.divergence, 4)}, and {wide}."
    if now.exploring:
        return f"{where}: neighbours pull with all their might, so that groups find together; {wide}."
    fall = states[k - 1].divergence - now.divergence
    if states[k - 1].exploring:
        return f"{where}: the pulls are as they should be from here on, and groups spread out; {wide}."
    change = f"falls by {number(fall, 2)}" if fall > 0 else "stays where it is"
    return f"{where}: who is close without being a neighbour is pushed away; KL {change}, {wide}."


def _map_panel(groups: list[str]) -> dict[str, Any]:
    names = sorted(set(groups))
    colors, shapes = class_scales(names)
    place = {"type": "quantitative", "scale": {"domain": [-1.06, 1.06], "nice": False}, "axis": None}
    group = {"field": "group", "type": "nominal", "legend": None}
    return {
        "width": SIDE + 60,
        "height": SIDE,
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "size": 26, "opacity": 0.8},
        "encoding": {
            "x": {**place, "field": "x"},
            "y": {**place, "field": "y"},
            "color": {**group, "scale": colors},
            "shape": {**group, "scale": shapes},
            "tooltip": [{"field": "group", "type": "nominal"}],
        },
    }
