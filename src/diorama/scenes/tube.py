"""Support vector regression as a moving picture: the curve in its tube, and rings around the rows that push it.

With more than one feature, predictions against targets, between the two edges of the tube.
"""

from collections.abc import Callable
from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.descent_parts import thinning
from diorama.scenes.fitted import axis, feature_names, rows_of
from diorama.scenes.margin import HEIGHT, apart, gap_curve, pushing, ring_size
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import Code

CURVE_POINTS = 101


def tube_scene(
    recorded: RecordedFit, pushes: Array, bias: Array, code: Code, predicted: Callable[[Array], Array]
) -> Scene:
    """The scene of an SVR: `pushes` (n_rows, n_states), `predicted` points (n, 1) -> (n, n_states)."""
    fit, moments = recorded.fit, recorded.moments
    rows, sample = sample_rows(fit.X.shape[0])
    y, epsilon = np.asarray(fit.y, dtype=float)[rows], float(fit.subject.epsilon)
    one = fit.X.shape[1] == 1 and fit.subject.kernel != "precomputed"
    across = rows_of(fit.X, rows)[:, 0] if one else y
    x_range = padded_range(across)
    line = np.linspace(x_range[0], x_range[1], CURVE_POINTS)
    middle = predicted(line[:, None]) if one else np.repeat(line[:, None], len(moments), axis=1)
    fitted = np.stack([moment.state.fitted[rows] for moment in moments], axis=1) + bias
    share = np.abs(pushes) / max(float(np.abs(pushes).max()), 1e-300)
    curve = gap_curve([moment.iteration for moment in moments], np.array([m.state.gap for m in moments]))
    frames = []
    for k, moment in enumerate(moments):
        state, height = moment.state, y if one else fitted[:, k]
        held = np.flatnonzero(share[rows, k] > 0)
        data: dict[str, Columns] = {
            "tube": {"x": line, "y": middle[:, k], "low": middle[:, k] - epsilon, "high": middle[:, k] + epsilon},
            "points": {"x": across, "y": height},
            "support": {"x": across[held], "y": height[held], "push": share[rows[held], k]},
            **curve.frame(k),
        }
        outside = float(np.mean(np.abs(y - fitted[:, k]) > epsilon * (1 + 1e-6)))
        told = (
            f"After {state.trades:,} trades {pushing(share[:, k])}, {outside:.0%} lie outside the tube; "
            f"the curve is {apart(state.gap, state.primal)}."
            if k
            else f"Start: no row pushes, the curve is flat, and {outside:.0%} of the rows lie outside its tube."
        )
        values = {"held": str(int((share[:, k] > 0).sum())), "dual": number(state.dual, 4)}
        values |= {"primal": number(state.primal, 4), "epsilon": number(epsilon)}
        alt = f"A curve through the points with a tube around it. {told}"
        frames.append(Frame(data=data, narration=told, alt=alt, step="trade" if k else "", values=values))
    titles = (feature_names(fit)[0], "target") if one else ("target", "prediction")
    ranges = x_range, padded_range(np.concatenate([y, middle.ravel()]) if one else np.append(fitted.ravel(), y))
    still = "" if one else "A row between the edges is predicted to within epsilon."
    return Scene(
        title="SVR",
        spec={
            "description": "The curve and its tube over the rows; the duality gap.",
            "hconcat": [_panel(titles, ranges), curve.panel(200, HEIGHT)],
            "resolve": {"scale": {"color": "independent", "size": "independent"}},
        },
        frames=tuple(frames),
        data=dict(curve.still),
        code=code,
        formulas={"": _FORMULA},
        tween=("tube", "now"),
        caption=" ".join(filter(None, (still, sample, thinning(recorded)))),
    )


_FORMULA = (
    r"f(x) = \sum_{i=1}^{\slot{held}} \beta_i K(x_i, x) + b, \quad \varepsilon = \slot{epsilon}, \qquad "
    r"\slot{dual} \;\le\; J^{*} \;\le\; \slot{primal}"
)


def _panel(titles: tuple[str, str], ranges: tuple[list[float], list[float]]) -> dict[str, Any]:
    x, y = axis("x", titles[0], ranges[0]), axis("y", titles[1], ranges[1])
    tube = {
        "data": {"name": "tube"},
        "mark": {"type": "area", "color": ACCENT, "opacity": 0.18, "clip": True},
        "encoding": {"x": x, "y": {**y, "field": "low"}, "y2": {"field": "high"}},
    }
    middle = {
        "data": {"name": "tube"},
        "mark": {"type": "line", "color": ACCENT, "strokeWidth": 2.5, "clip": True},
        "encoding": {"x": x, "y": y},
    }
    points = {
        "data": {"name": "points"},
        "mark": {"type": "point", "filled": True, "color": CLASS_COLORS[0], "size": 34, "opacity": 0.8, "clip": True},
        "encoding": {"x": x, "y": y},
    }
    rings = {
        "data": {"name": "support"},
        "mark": {"type": "point", "filled": False, "strokeWidth": 1.6, "color": NEUTRAL, "clip": True},
        "encoding": {"x": x, "y": y, **ring_size("how hard it pushes")},
    }
    return {"width": 430, "height": HEIGHT, "layer": [tube, middle, rings, points]}
