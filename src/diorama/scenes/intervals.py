"""Confidence intervals one under the other, those that miss the true mean lit."""

import numpy as np

from diorama.mathematics.inference import Coverage, State, intervals
from diorama.recording.recorder import RecordedFit
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

SHOWN = 200
KINDS = ("catches it", "misses it")


def intervals_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of confidence intervals."""
    subject: Coverage = recorded.fit.subject
    n = min(subject.lows.size, SHOWN)
    ends = np.append(subject.lows[:n], subject.highs[:n])
    x = {"type": "quantitative", "scale": {"domain": padded_range(ends), "nice": False}, "title": "value"}
    y = {"field": "number", "type": "quantitative", "scale": {"domain": [n + 1, 0], "nice": False}, "title": "interval"}
    color = {"field": "kind", "scale": {"domain": list(KINDS), "range": [CLASS_COLORS[0], ACCENT]}, "title": None}
    return Scene(
        title=f"Confidence intervals of {subject.level:.0%}",
        spec={
            "description": "Intervals from many samples, and the true mean.",
            "width": 560,
            "height": 340,
            "layer": [
                {
                    "data": {"name": "truth"},
                    "mark": {"type": "rule", "color": NEUTRAL},
                    "encoding": {"x": {**x, "field": "x"}},
                },
                {
                    "data": {"name": "intervals"},
                    "mark": {"type": "rule", "strokeWidth": max(1, min(4, 200 // n))},
                    "encoding": {"x": {**x, "field": "low"}, "x2": {"field": "high"}, "y": y, "color": color},
                },
            ],
        },
        frames=tuple(_frame(subject, moment.state) for moment in recorded.moments),
        data={"truth": {"x": [subject.truth]}},
        code=marked_source(intervals),
        caption=f"Drawn: the first {n} of {subject.lows.size} intervals." if n < subject.lows.size else "",
    )


def _frame(subject: Coverage, state: State) -> Frame:
    k = min(state.n_drawn, SHOWN)
    caught = subject.caught
    data = {
        "intervals": {
            "number": np.arange(1, k + 1),
            "low": subject.lows[:k],
            "high": subject.highs[:k],
            "kind": [KINDS[0] if hit else KINDS[1] for hit in caught[:k]],
        }
    }
    missed = int((~caught[: state.n_drawn]).sum())
    told = (
        f"{state.n_drawn} intervals, {missed} of them miss; {subject.level:.0%} should catch the mean in the long run."
    )
    return Frame(data, told, told, "interval")
