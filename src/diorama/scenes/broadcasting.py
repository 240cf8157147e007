"""Shapes lined up from the right, with the rule under each axis."""

from diorama.mathematics.broadcasting import Shapes, State, axis_rule
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.parts import CLASS_COLORS, NEUTRAL
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

WORDS = {"equal": "equal", "stretched": "1 repeats", "missing": "missing repeats", "refused": "refused"}


def broadcasting_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of `broadcast_shape`."""
    subject: Shapes = recorded.fit.subject
    rank = max([1, *map(len, subject.shapes)])
    rows = [*_names(subject), "rule", "result"]
    side = min(130, 560 // rank)
    place = {
        "x": {
            "field": "axis",
            "type": "ordinal",
            "scale": {"domain": list(range(-rank, 0))},
            "axis": {"labelAngle": 0},
        },
        "y": {"field": "row", "type": "nominal", "scale": {"domain": rows}, "title": None},
    }
    kinds = [*WORDS.values(), ""]
    colors = [CLASS_COLORS[2], CLASS_COLORS[0], CLASS_COLORS[3], CLASS_COLORS[4], NEUTRAL]
    color = {"field": "kind", "scale": {"domain": kinds, "range": colors}, "legend": None}
    cell = {"mark": {"type": "rect", "fillOpacity": 0.25}, "encoding": {**place, "color": color}}
    text = {"mark": {"type": "text", "fontSize": 14}, "encoding": {**place, "text": {"field": "shown"}}}
    return Scene(
        title="Broadcasting " + " with ".join(map(str, subject.shapes)),
        spec={
            "description": "Shapes lined up from the right, axis by axis.",
            "data": {"name": "cells"},
            "width": max(side * rank, 140),
            "height": 46 * len(rows),
            "layer": [cell, text],
        },
        frames=tuple(_frame(subject, moment.state, rank) for moment in recorded.moments),
        code=marked_source(axis_rule),
    )


def _names(subject: Shapes) -> list[str]:
    return [f"{i + 1}: {shape}" for i, shape in enumerate(subject.shapes)]


def _frame(subject: Shapes, state: State, rank: int) -> Frame:
    cells: list[tuple[int, str, str, str]] = []
    seen = {rule.axis: rule for rule in state.rules}
    for axis in range(-rank, 0):
        rule = seen.get(axis)
        kind = WORDS[rule.rule] if rule else ""
        for name, shape in zip(_names(subject), subject.shapes, strict=True):
            cells.append((axis, name, str(shape[axis]) if len(shape) >= -axis else "\N{EN DASH}", kind))
        length = "" if rule is None else "?" if rule.length is None else str(rule.length)
        cells += [(axis, "rule", kind, kind), (axis, "result", length, kind)]
    columns: Columns = dict(zip(("axis", "row", "shown", "kind"), map(list, zip(*cells, strict=True)), strict=True))
    told = f"A{str(state.rules[-1])[1:]}." if state.rules else "Line the shapes up from the right."
    if state.n_seen == rank and all(rule.length is not None for rule in state.rules):
        told += f" The result has the shape {tuple(rule.length for rule in reversed(state.rules))}."
    return Frame({"cells": columns}, told, told, "axis" if state.rules else "")
