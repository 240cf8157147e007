"""A formula taken apart: each part under the one it is inside of, with the rule that was applied and its slope."""

from typing import Any

import numpy as np

from diorama.mathematics.chain_rule import Derivation, State, _differentiate, walk
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, NEUTRAL
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

_ROW = 44
_LONGEST = 52


def chain_rule_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `chain_rule`."""
    derivation: Derivation = recorded.fit.subject
    steps = derivation.steps
    edges = list(walk(steps))
    below, above = np.array(edges, dtype=int).reshape(-1, 2).T
    depth = np.array([step.depth for step in steps])
    moments = [moment.state.n_known for moment in recorded.moments]
    return Scene(
        title=f"d/d{derivation.variable} {derivation.expression}",
        spec=_spec(len(steps), max(int(depth.max()), 4)),
        frames=tuple(_frame(derivation, known) for known in moments),
        data={"edges": {"x": depth[above], "y": above, "x2": depth[below], "y2": below}},
        code=marked_source(_differentiate),
        formulas={"": r"\frac{d}{dx} f(g(x)) = f'(g(x)) \cdot g'(x)"},
        caption=f"Simplified: {derivation.answer}.",
    )


def _frame(derivation: Derivation, known: int) -> Frame:
    steps = derivation.steps
    n = len(steps)
    # slopes are known from the innermost part outwards, which is the order of the list from its end
    first = n - known
    rows: Columns = {
        "x": [step.depth for step in steps],
        "y": list(range(n)),
        "part": [_short(f"({step.part})\N{PRIME}") for step in steps],
        "slope": [_short(f"= {step.derivative}") if i >= first else "" for i, step in enumerate(steps)],
        "rule": [f"{step.rule}: {step.reason}" for step in steps],
        "state": [("now" if i == first else "known") if i >= first else "open" for i in range(n)],
    }
    if known == 0:
        told = f"{derivation.expression} is taken apart into {n} part{'s' if n > 1 else ''}, the outermost first."
    else:
        step = steps[first]
        told = f"Part {known} of {n}, the {step.rule}: ({step.part})\N{PRIME} = {step.derivative}, for {step.reason}"
    mark = "outer times inner" if known else "inner"
    return Frame(data={"parts": rows}, narration=told, alt=f"A list of {n} nested parts. {told}", step=mark)


def _short(text: str) -> str:
    return text if len(text) <= _LONGEST else f"{text[: _LONGEST - 1]}\N{HORIZONTAL ELLIPSIS}"


def _spec(n: int, deepest: int) -> dict[str, Any]:
    x = {"field": "x", "type": "quantitative", "axis": None, "scale": {"domain": [-0.2, deepest * 2.4 + 4]}}
    y = {"field": "y", "type": "quantitative", "axis": None, "scale": {"domain": [n - 0.3, -0.7]}}
    color = {
        "field": "state",
        "type": "nominal",
        "scale": {"domain": ["open", "known", "now"], "range": [NEUTRAL, "#0072B2", ACCENT]},
        "legend": None,
    }
    tooltip = [{"field": name} for name in ("part", "slope", "rule")]
    place = {"x": x, "y": y, "tooltip": tooltip}
    words = {"type": "text", "align": "left", "baseline": "middle", "dx": 10, "fontSize": 12.5}
    return {
        "description": "The parts of a formula, each indented below the part it is inside of, with their slopes.",
        "width": 660,
        "height": max(150, _ROW * n),
        "layer": [
            {
                "data": {"name": "edges"},
                "mark": {"type": "rule", "color": NEUTRAL, "opacity": 0.6},
                "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}},
            },
            {
                "data": {"name": "parts"},
                "mark": {"type": "point", "filled": True, "size": 90, "opacity": 1},
                "encoding": {**place, "color": color},
            },
            {
                "data": {"name": "parts"},
                "mark": {**words, "dy": -8},
                "encoding": {**place, "text": {"field": "part"}},
            },
            {
                "data": {"name": "parts"},
                "mark": {**words, "dy": 8, "fontWeight": "bold"},
                "encoding": {**place, "text": {"field": "slope"}, "color": color},
            },
        ],
    }
