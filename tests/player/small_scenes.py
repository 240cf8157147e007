"""A small scene made by hand: two panels, four frames, everything that a scene can have."""

import numpy as np

from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import Code

CODE = Code(
    ("def step(X, state):", "    labels = assign(X, state.centers)  # the nearest", "    return move(X, labels)"),
    {"assign": 1, "move": 2},
)
HOSTILE = "<img src=x onerror=alert(1)>"


def small_scene(n: int = 60, frames: int = 4, title: str = "Two groups", seed: int = 0) -> Scene:
    """`n` points that stay where they are and change their group, a centre that glides, a curve that grows."""
    rng = np.random.default_rng(seed)
    x, y = rng.uniform(0, 10, (2, n))
    return Scene(
        title=title,
        caption="Drawn: a sample.",
        spec=specification(frames),
        frames=tuple(_frame(i, frames, x, y) for i in range(frames)),
        data={"points": {"x": x, "y": y}},
        code=CODE,
        formulas={"": r"J = \sum_i (x_i - c)^2 = \slot{J}"},
        tween=("centre",),
    )


def specification(frames: int) -> dict:
    """Points with a centre, beside a curve."""
    x = {"field": "x", "type": "quantitative", "scale": {"domain": [0, 10]}}
    y = {"field": "y", "type": "quantitative", "scale": {"domain": [0, 10]}}
    marks = [
        {"data": {"name": "points"}, "mark": "circle", "encoding": {"x": x, "y": y}},
        {"data": {"name": "centre"}, "mark": {"type": "point", "size": 300}, "encoding": {"x": x, "y": y}},
    ]
    step = {"field": "step", "type": "quantitative", "scale": {"domain": [0, frames]}}
    cost = {"field": "J", "type": "quantitative", "scale": {"domain": [0, 100]}}
    curve = {"data": {"name": "curve"}, "mark": "line", "encoding": {"x": step, "y": cost}, "width": 240, "height": 320}
    return {"description": "two panels", "hconcat": [{"layer": marks, "width": 380, "height": 320}, curve]}


def moving_scene(n: int, frames: int = 20) -> Scene:
    """`n` points that all glide."""
    rng = np.random.default_rng(0)
    x, y = rng.uniform(0, 10, (2, frames, n))
    encoding = {axis: {"field": axis, "type": "quantitative", "scale": {"domain": [0, 10]}} for axis in ("x", "y")}
    return Scene(
        title="Many points",
        spec={"data": {"name": "points"}, "mark": "point", "encoding": encoding, "width": 640, "height": 360},
        frames=tuple(Frame({"points": {"x": x[i], "y": y[i]}}, f"Frame {i}.", "Points.") for i in range(frames)),
        tween=("points",),
    )


def _frame(i: int, frames: int, x: np.ndarray, y: np.ndarray) -> Frame:
    return Frame(
        data={
            "centre": {"x": [1.0 + 2 * i], "y": [5.0]},
            "curve": {"step": np.arange(i + 1.0), "J": 100 / np.arange(1.0, i + 2)},
        },
        narration=f"Step {i}: the cost is {100 / (i + 1):.1f}.",
        alt=f"{len(x)} points and a centre at {1 + 2 * i}.",
        step="move" if i % 2 else "assign",
        values={"J": f"{100 / (i + 1):.1f}"},
    )
