"""A direction that turns like the hand of a dial: the slope along it is the gradient's share of it."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.mathematics.directional_derivative import State, Walk, slope_along
from diorama.recording.recorder import RecordedFit
from diorama.scenes.partials import landscape_of
from diorama.scenes.parts import ACCENT, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source


def directional_derivative_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `directional_derivative`."""
    walk: Walk = recorded.fit.subject
    states: list[State] = [moment.state for moment in recorded.moments]
    angles = np.array([found.angle for found in states])
    slopes = np.array([found.slope for found in states])
    land = landscape_of(walk.ground, walk.x, np.array([found.direction for found in states])) if walk.ground else None
    panels = [_slope_panel(slopes, 230 if land else 620)]
    if land:
        panels.insert(0, land.panel())
    order = np.argsort(angles, kind="stable")
    frames = []
    for k, found in enumerate(states):
        told = _told(walk, found, last=k == len(states) - 1)
        now = {"angle": angles[[k]], "slope": slopes[[k]]}
        frames.append(
            Frame(
                data={"now": now, **(land.frame(k) if land else {})},
                narration=told,
                alt=f"An arrow turned {number(found.angle)} degrees from the gradient. {told}",
                step="rise over run",
                values=_values(walk, found),
            )
        )
    return Scene(
        title="The slope along a direction",
        spec={"description": "An arrow on lines of equal height, and the slope at every angle.", "hconcat": panels},
        frames=tuple(frames),
        data={"turn": {"angle": angles[order], "slope": slopes[order]}, **(land.still if land else {})},
        code=marked_source(slope_along),
        formulas={"": r"D_u f = |\nabla f| \cos\theta = \slot{steepest} \cdot \slot{cosine} = \slot{slope}"},
        caption=_caption(walk),
    )


def _values(walk: Walk, found: State) -> dict[str, str]:
    cosine = float(np.cos(np.radians(found.angle)))
    return {
        "steepest": number(walk.steepest, 4),
        "cosine": number(cosine if abs(cosine) > 1e-12 else 0.0),
        "slope": number(found.slope, 4),
    }


def _told(walk: Walk, found: State, *, last: bool) -> str:
    told = f"At {number(found.angle)} degrees from the gradient the slope is {number(found.slope, 4)}"
    if last:
        return f"{told}: this is the direction that was asked for."
    if abs(found.slope) < 1e-3 * max(walk.steepest, 1e-300):
        return f"{told}: as good as level, you walk along a line of equal height."
    return f"{told}: {'uphill' if found.slope > 0 else 'downhill'}."


def _caption(walk: Walk) -> str:
    length = float(np.linalg.norm(walk.direction))
    if walk.normalize:
        return f"The direction, {number(length)} long as given, was brought to length 1: the answer is a slope."
    answer = number(walk.slope, 4)
    return f"The direction was taken as given, {number(length)} long: the answer is {answer}, slope times length."


def _slope_panel(slopes: Array, width: int) -> dict[str, Any]:
    x: dict[str, Any] = {"field": "angle", "type": "quantitative", "title": "degrees from the gradient"}
    x |= {"scale": {"domain": [-180, 180], "nice": False}, "axis": {"values": [-180, -90, 0, 90, 180], "grid": False}}
    y: dict[str, Any] = {"field": "slope", "type": "quantitative", "title": "slope along the direction"}
    y["scale"] = {"domain": padded_range(np.append(slopes, 0.0)), "nice": False}
    place = {"x": x, "y": y, "tooltip": [{"field": name, "type": "quantitative"} for name in ("angle", "slope")]}
    return {
        "width": width,
        "height": 280,
        "layer": [
            {"data": {"name": "turn"}, "mark": {"type": "line", "color": NEUTRAL}, "encoding": place},
            {
                "data": {"name": "now"},
                "mark": {"type": "point", "filled": True, "color": ACCENT, "size": 130, "opacity": 1},
                "encoding": place,
            },
        ],
    }
