"""A sample that arrives against the density it comes from."""

import numpy as np

from diorama._typing import Array
from diorama.mathematics.distributions import Arrivals, State
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, CLASS_COLORS, number, padded_range
from diorama.scenes.scene import Frame, Scene

BINS = 40


def samples_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a sample, or of the means of many."""
    subject: Arrivals = recorded.fit.subject
    edges = _edges(subject)
    states = [moment.state for moment in recorded.moments]
    full = np.histogram(subject.sample, edges)[0] / subject.sample.size / np.diff(edges)
    top = 1.3 * max(float(full.max()), float(subject.density.max()))
    x = {"type": "quantitative", "scale": {"domain": padded_range(edges, 0.02), "nice": False}, "title": "value"}
    # the first few values stand higher than the axis reaches: cut off, as they say nothing yet
    y = {"type": "quantitative", "scale": {"domain": [0, top], "nice": False}}
    title = "probability" if subject.discrete else "density"
    curve = {"type": "point", "filled": True, "size": 40} if subject.discrete else {"type": "line", "strokeWidth": 2.5}
    return Scene(
        title=subject.title,
        spec={
            "description": "Values arrive and pile up against the expected density.",
            "width": 620,
            "height": 320,
            "layer": [
                {
                    "data": {"name": "bars"},
                    "mark": {"type": "rect", "clip": True, "color": CLASS_COLORS[5], "fillOpacity": 0.6},
                    "encoding": {
                        "x": {**x, "field": "low"},
                        "x2": {"field": "high"},
                        "y": {**y, "field": "zero", "title": title},
                        "y2": {"field": "share"},
                    },
                },
                {
                    "data": {"name": "curve"},
                    "mark": {**curve, "color": ACCENT},
                    "encoding": {"x": {**x, "field": "x"}, "y": {**y, "field": "density", "title": title}},
                },
            ],
        },
        frames=tuple(_frame(subject, s, edges) for s in states),
        data={"curve": {"x": subject.x, "density": subject.density}},
        tween=("bars",),
    )


def _edges(subject: Arrivals) -> Array:
    low, high = float(subject.x[0]), float(subject.x[-1])
    if not subject.discrete:
        return np.linspace(low, high, BINS + 1)
    return np.append(subject.x, high + (subject.x[1] - subject.x[0] if subject.x.size > 1 else 1)) - 0.5


def _frame(subject: Arrivals, state: State, edges: Array) -> Frame:
    seen = subject.sample[: state.n_seen]
    share = np.histogram(seen, edges)[0] / max(seen.size, 1) / np.diff(edges)
    bars: Columns = {"low": edges[:-1], "high": edges[1:], "zero": np.zeros(share.size), "share": share}
    told = f"Nothing has arrived; the mean is expected at {number(subject.mean)}."
    if seen.size:
        arrived = f"{seen.size:,} {subject.kind}" if seen.size > 1 else f"1 {subject.kind.removesuffix('s')}"
        told = f"{arrived}, on average {number(seen.mean())}; expected is {number(subject.mean)}."
    return Frame({"bars": bars}, told, told)
