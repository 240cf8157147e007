"""Partial derivatives one after another: the arrow that they make on the contours, or the matrix that they fill."""

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.interpolate import RegularGridInterpolator

from diorama._differences import central_differences, differenced_jacobian
from diorama._typing import Array
from diorama.mathematics._ground import Ground
from diorama.mathematics.gradient import GradientSubject, MatrixState, MatrixSubject, State, hessian
from diorama.recording.recorder import RecordedFit
from diorama.scenes.descent_parts import Landscape
from diorama.scenes.parts import ACCENT, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

# the longest arrow covers this share of the drawn ground's half width
_LONGEST = 0.55
# bars and cells drawn at most
_MOST = 60


def gradient_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `gradient`."""
    subject: GradientSubject = recorded.fit.subject
    partials = [np.nan_to_num(moment.state.partials) for moment in recorded.moments]
    known = [int(np.isfinite(moment.state.partials).sum()) for moment in recorded.moments]
    shown = min(subject.x.size, _MOST)
    land = landscape_of(subject.ground, subject.x, np.array(partials)) if subject.ground else None
    panels = [_bars(subject.gradient[:shown], 200 if land else 620)]
    if land:
        panels.insert(0, land.panel())
    frames = []
    for k, (found, count) in enumerate(zip(partials, known, strict=True)):
        told = _told(subject, found, count)
        bars = {"i": np.arange(1, shown + 1), "partial": found[:shown]}
        data = {"bars": bars, **(land.frame(k) if land else {})}
        frames.append(
            Frame(
                data=data,
                narration=told,
                alt=f"Partial derivatives as bars. {told}",
                values={"length": number(float(np.linalg.norm(found)))},
            )
        )
    return Scene(
        title="The gradient, one partial derivative after another",
        spec={"description": "An arrow on lines of equal height, beside the partial derivatives.", "hconcat": panels},
        frames=tuple(frames),
        data=dict(land.still) if land else {},
        code=marked_source(central_differences),
        formulas={
            "": r"\nabla f = \left(\frac{\partial f}{\partial x_1}, \dots\right), \quad |\nabla f| = \slot{length}"
        },
        tween=("bars",),
        caption="" if shown == subject.x.size else f"Drawn: the first {shown} of {subject.x.size} partial derivatives.",
    )


def landscape_of(ground: Ground, x: Array, arrows: Array) -> Landscape:
    """The drawn ground around `x`, with one arrow for each frame, brought to a length that fits."""
    longest = float(np.linalg.norm(arrows, axis=1).max())
    reach = float(np.ptp(ground.x_range)) / 2
    scaled = arrows * (_LONGEST * reach / longest if longest > 0 else 0.0)
    path = np.tile(x, (len(arrows), 1))
    ranges = ground.x_range.tolist(), ground.y_range.tolist()
    return Landscape.of(_heights(ground), ranges, ("x1", "x2"), path, np.arange(len(arrows)), path + scaled)


def _heights(ground: Ground) -> Callable[[Array], Array]:
    """The recorded heights between the corners of their grid."""
    heights = ground.heights
    finite = heights[np.isfinite(heights)]
    heights = np.nan_to_num(heights, nan=float(finite.max()) if finite.size else 0.0)
    n_rows, n_columns = heights.shape
    rows = np.linspace(ground.y_range[0], ground.y_range[1], n_rows)
    columns = np.linspace(ground.x_range[0], ground.x_range[1], n_columns)
    # the top row comes first
    between = RegularGridInterpolator((rows, columns), heights[::-1], bounds_error=False, fill_value=None)

    def at(places: Array) -> Array:
        found: Array = between(places[:, ::-1])
        return found

    return at


def _told(subject: GradientSubject, found: Array, count: int) -> str:
    n = subject.x.size
    if count == 0:
        return f"You stand at {_place(subject.x)}; none of the {n} partial derivatives is known yet."
    slope = number(float(found[count - 1]), 4)
    told = f"Partial {count} of {n}: move x{count} alone, and f changes {slope} times as fast."
    if count == n:
        told += f" All together they make the arrow of steepest rise, {number(float(np.linalg.norm(found)), 4)} long."
    return told


def _place(x: Array) -> str:
    told = ", ".join(number(float(value)) for value in x[:4])
    return f"({told}{', ...' if x.size > 4 else ''})"


def _bars(gradient: Array, width: int) -> dict[str, Any]:
    domain = padded_range(np.append(gradient, 0.0), 0.1)
    return {
        "width": width,
        "height": 280,
        "data": {"name": "bars"},
        "mark": {"type": "bar", "color": ACCENT},
        "encoding": {
            "x": {
                "field": "i",
                "type": "ordinal",
                "title": "coordinate",
                "axis": {"labelAngle": 0, "labelOverlap": True},
            },
            "y": {
                "field": "partial",
                "type": "quantitative",
                "title": "partial derivative",
                "scale": {"domain": domain},
            },
            "tooltip": [{"field": "i"}, {"field": "partial", "type": "quantitative"}],
        },
    }


def matrix_scene(state: MatrixState, recorded: RecordedFit) -> Scene:
    """The scene of a recorded `jacobian` or `hessian`: a matrix that fills column by column."""
    subject: MatrixSubject = recorded.fit.subject
    matrix = recorded.moments[-1].state.matrix[:_MOST, :_MOST]
    m, n = matrix.shape
    rows, columns = np.divmod(np.arange(m * n), n)
    cut = "" if matrix.shape == state.matrix.shape else f" Drawn: the first {m} rows and {n} columns."
    frames = []
    for moment in recorded.moments:
        cells = moment.state.matrix[:m, :n].ravel()
        known = np.isfinite(cells)
        count = int(np.isfinite(moment.state.matrix).all(axis=0).sum())
        told = (
            f"Column {count} of {moment.state.matrix.shape[1]}: how everything changes with x{count}."
            if count
            else f"The {subject.kind} at {_place(subject.x)} is still empty."
        )
        data = {
            "row": rows[known] + 1,
            "column": columns[known] + 1,
            "entry": cells[known],
            "label": [number(float(cell)) for cell in cells[known]],
        }
        frames.append(Frame(data={"cells": data}, narration=told, alt=f"A matrix of {m} by {n}. {told}"))
    return Scene(
        title=f"The {subject.kind}, column by column",
        spec=_matrix_spec(matrix),
        frames=tuple(frames),
        code=marked_source(differenced_jacobian if subject.kind == "Jacobian" else hessian),
        caption=f"Orange is above 0, blue below.{cut}",
    )


def _matrix_spec(matrix: Array) -> dict[str, Any]:
    m, n = matrix.shape
    largest = float(abs(matrix).max()) or 1.0
    side = {"type": "ordinal", "axis": {"labelAngle": 0, "domain": False, "ticks": False}}
    x = {**side, "field": "column", "title": "changes with x", "scale": {"domain": list(range(1, n + 1))}}
    y = {**side, "field": "row", "title": "row", "scale": {"domain": list(range(1, m + 1))}}
    scale = {"domain": [-largest, 0, largest], "range": ["#0072B2", NEUTRAL + "22", ACCENT]}
    color = {"field": "entry", "type": "quantitative", "scale": scale, "legend": None}
    layers: list[dict[str, Any]] = [
        {
            "data": {"name": "cells"},
            "mark": {"type": "rect", "opacity": 0.6},
            "encoding": {"x": x, "y": y, "color": color},
        }
    ]
    if max(m, n) <= 10:
        text = {"x": x, "y": y, "text": {"field": "label"}}
        layers.append({"data": {"name": "cells"}, "mark": {"type": "text", "fontSize": 13}, "encoding": text})
    return {
        "description": "A matrix of partial derivatives.",
        "width": min(620, max(160, 70 * n)),
        "height": min(360, max(120, 50 * m)),
        "layer": layers,
    }
