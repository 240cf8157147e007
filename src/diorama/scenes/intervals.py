"""Confidence intervals one under the other, those that miss the true mean lit."""

import numpy as np

from diorama.mathematics.inference import Coverage, State, intervals
from diorama.recording.recorder import RecordedFit
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range
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
        title=f"Confidence intervals of {100 * subject.level:.4g} %",
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
    told = _told(subject, state.n_drawn, missed)
    return Frame(data, told, told, "interval")


def _told(subject: Coverage, n: int, missed: int) -> str:
    share = f"{100 * subject.level:.4g} %"
    if subject.lows.size == 1:
        ends = f"{number(subject.lows[0])} to {number(subject.highs[0])}"
        return f"The interval reaches from {ends}; of many made this way {share} would catch the true mean."
    drawn = f"{n} intervals" if n > 1 else "1 interval"
    miss = f"{missed} of them miss" if missed != 1 else "1 of them misses"
    told = f"{drawn}, {miss}" if n > 1 else f"{drawn}, which {KINDS[missed]}"
    return f"{told}; {share} should catch the mean in the long run."
