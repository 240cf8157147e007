"""A support vector machine as a moving picture: the boundary, its margin, and rings around the rows that hold it up.

The larger a ring, the harder its row pushes. Beside the plane, the duality gap closes.
"""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
from scipy.special import expit

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.recording.recorder import RecordedFit
from diorama.scenes.boundary import HEIGHT as CELLS_HIGH
from diorama.scenes.boundary import WIDTH as CELLS_WIDE
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.contours import contour
from diorama.scenes.descent_parts import Curve, thinning
from diorama.scenes.fitted import axis, rows_of
from diorama.scenes.parts import NEUTRAL, class_scales, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import Code

HEIGHT = 300
# how quickly the colours grow full beyond the boundary, whose margin ends at 1
_STEEP = 2.0
# below this share of its largest value a gap is not drawn any smaller
_LEAST = 1e-9
# below this share of the cost nobody asks how far
_ARRIVED = 1e-6


class Pushes(NamedTuple):
    """What a machine's states say, laid out for drawing: one column a state."""

    fit: Fit  # the rows that are drawn, with the labels of the two sides; `subject.classes_` is (negative, positive)
    drawn: Array  # indices of those rows
    push: Array  # (n_drawn, n_states) how hard each pushes, as a share of the most that any may
    decision: Array  # (n_drawn, n_states) weighted sums: 0 on the boundary, 1 and -1 at the ends of the margin
    surface: Array  # (n_points, n_states) the same over the plane; empty where the rows are known by a matrix alone
    gaps: Array  # (n_states,)
    said: list[str]  # what each state says of its step
    values: list[dict[str, str]]  # slots of the formula


def sides(fit: Fit) -> tuple[Fit, Array]:
    """The rows to draw with the two sides that are told apart, and their indices."""
    rows, _ = sample_rows(fit.X.shape[0])
    X, y = rows_of(fit.X, rows), np.asarray(fit.y)[rows]
    classes = fit.subject.classes_
    if fit.part.startswith("class "):
        own = fit.part.removeprefix("class ")
        y, pair = np.where([str(label) == own for label in y], own, "the rest"), np.array(["the rest", own])
    elif len(classes) > 2:
        # of a pair among many, the first is the positive side
        pair = np.unique(fit.y)[::-1]
    else:
        pair = classes
    names = getattr(fit.subject, "feature_names_in_", None)
    subject = SimpleNamespace(classes_=pair, **({} if names is None else {"feature_names_in_": names}))
    return fit._replace(subject=subject, X=X, y=y), rows


def margin_scene(pushes: Pushes, recorded: RecordedFit, code: Code, formula: str, step: str) -> Scene:
    """The scene of any machine of this kind; `step` is the mark of the line that each frame but the first lights up."""
    fit, moments = pushes.fit, recorded.moments
    told_apart = tuple(str(label) for label in fit.subject.classes_)
    flat = pushes.surface.size == 0
    boundary = None if flat else Boundary.of(fit)
    curve = gap_curve([moment.iteration for moment in moments], pushes.gaps)
    sign = np.where(np.asarray(fit.y) == fit.subject.classes_[1], 1.0, -1.0)
    frames = []
    for k in range(len(moments)):
        sums = pushes.decision[:, k]
        right = float(np.mean(np.sign(sums) == sign))
        told = f"{pushes.said[k]}; {right:.0%} of the rows are on their side." if k else pushes.said[k]
        data = dict(curve.frame(k))
        if boundary is None:
            data["points"] = {"x": sums * sign, "class": np.asarray(fit.y), "push": pushes.push[:, k]}
        else:
            data |= _plane(boundary, fit, pushes, k)
        alt = f"Points of {told_apart[0]} and {told_apart[1]}, the boundary between them and its margin. {told}"
        frames.append(Frame(data=data, narration=told, alt=alt, step=step if k else "", values=pushes.values[k]))
    against = f": {recorded.fit.part}" if recorded.fit.part else ""
    left = _strip(told_apart, pushes) if boundary is None else _panel(boundary)
    captions = () if boundary is None else (boundary.caption,)
    everything = (
        f"The fit used all {recorded.fit.X.shape[0]:,} rows." if len(pushes.drawn) < recorded.fit.X.shape[0] else ""
    )
    return Scene(
        title=f"{type(recorded.fit.subject).__name__}{against}",
        spec={
            "description": "The boundary, its margin and the rows that push it; the duality gap.",
            "hconcat": [left, curve.panel(200, HEIGHT)],
            "resolve": {"scale": {"color": "independent", "shape": "independent", "size": "independent"}},
        },
        frames=tuple(frames),
        data={**({} if boundary is None else boundary.still), **curve.still},
        code=code,
        formulas={"": formula},
        tween=("now",),
        caption=" ".join(filter(None, (*captions, everything, thinning(recorded)))),
    )


def gap_curve(steps: Sequence[int], gaps: Array) -> Curve:
    """The duality gap as it closes, on a logarithmic axis."""
    shown = np.maximum(gaps, max(_LEAST * float(gaps.max()), 1e-300))
    return Curve(np.asarray(steps), shown, "duality gap", True)


def _plane(boundary: Boundary, fit: Fit, pushes: Pushes, k: int) -> dict[str, Columns]:
    sums = pushes.surface[:, k]
    positive = expit(_STEEP * sums)
    data = boundary.frame(lambda points: np.column_stack([1 - positive, positive]))
    places = boundary.plane.project(fit.X)
    held = np.flatnonzero(pushes.push[:, k] > 0)
    y = (np.asarray(fit.y) == fit.subject.classes_[1]).astype(float) if boundary.one_feature else places[:, 1]
    data["support"] = {"x": places[held, 0], "y": y[held], "push": pushes.push[held, k]}
    if not boundary.one_feature:
        grid = sums.reshape(CELLS_HIGH + 1, CELLS_WIDE + 1)
        edges = np.concatenate([contour(boundary.places, grid - level, grid[..., None])[0] for level in (-1.0, 1.0)])
        data["margin"] = dict(zip(("x", "y", "x2", "y2"), edges.T, strict=True))
    return data


def _panel(boundary: Boundary) -> dict[str, Any]:
    """The boundary's panel with its margin and the rings around the support vectors."""
    panel = boundary.panel(430, HEIGHT)
    x, y = (panel["layer"][-1]["encoding"][channel] for channel in ("x", "y"))
    rings = {
        "data": {"name": "support"},
        "mark": {"type": "point", "filled": False, "strokeWidth": 1.8, "color": NEUTRAL},
        "encoding": {"x": x, "y": y, **ring_size("how hard it pushes")},
    }
    if boundary.one_feature:
        return {**panel, "layer": [*panel["layer"], rings]}
    dashes = {"type": "rule", "strokeDash": [4, 4], "strokeWidth": 1.6, "clip": True}
    edges = {
        "data": {"name": "margin"},
        "mark": dashes,
        "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}},
    }
    return {**panel, "layer": [*panel["layer"][:-1], edges, rings, panel["layer"][-1]]}


def ring_size(title: str) -> dict[str, Any]:
    """Channels of a ring that grows with what its row pushes."""
    scale = {"type": "sqrt", "domain": [0, 1], "range": [70, 330]}
    return {
        "size": {"field": "push", "type": "quantitative", "scale": scale, "legend": None},
        "tooltip": [{"field": "push", "type": "quantitative", "title": title, "format": ".0%"}],
    }


def _strip(names: tuple[str, ...], pushes: Pushes) -> dict[str, Any]:
    """For rows that are known by their kernel alone: how far each lies on its own side."""
    sign = np.where(np.asarray(pushes.fit.y) == pushes.fit.subject.classes_[1], 1.0, -1.0)
    color, _ = class_scales(names)
    points = {
        "data": {"name": "points"},
        "mark": {"type": "tick", "thickness": 2, "size": 60, "opacity": 0.6},
        "encoding": {
            "x": axis("x", "distance on its own side, in margins", padded_range(pushes.decision * sign[:, None])),
            "y": {"field": "class", "type": "nominal", "title": None},
            "color": {"field": "class", "type": "nominal", "scale": color, "legend": None},
            "tooltip": ring_size("how hard it pushes")["tooltip"],
        },
    }
    return {"width": 430, "height": HEIGHT, "layer": [points]}


def pushing(push: Array) -> str:
    """How many rows push, in words."""
    held, full = int((push > 0).sum()), int((push >= 1).sum())
    return f"{held} of {len(push)} rows push" + (f", {full} of them as hard as they may" if full else "")


def apart(gap: float, primal: float) -> str:
    """How far the objective may be from its least value, in words."""
    share = gap / primal if primal > 0 else 0.0
    if share < _ARRIVED:
        return "at its least cost"
    return f"at most {number(100 * share, 2)} % above its least cost"
