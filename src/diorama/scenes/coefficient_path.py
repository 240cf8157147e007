"""Coefficients against the penalty, a marker gliding along; and a descent by coordinates with its gap beside it."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.linear._coordinate_descent import State, begin, step
from diorama.linear.paths import PathState, enet_path
from diorama.linear.ridge import Ridge, stages
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import feature_names
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300
# coefficients that are drawn: the largest
MOST = 12


def coefficient_path_scene(state: PathState, recorded: RecordedFit) -> Scene:
    """The scene of a recorded path of penalties; of several targets, the first."""
    names = _names(recorded, state.coef.shape[1])
    states = [moment.state for moment in recorded.moments]
    coefs, alphas = np.array([s.coef[0] for s in states]), np.array([max(s.alpha, 1e-12) for s in states])
    kept = np.sort(np.argsort(-np.abs(coefs).max(axis=0), kind="stable")[:MOST])
    shown, labels = coefs[:, kept], [names[j] for j in kept]
    frames = []
    for k, alpha in enumerate(alphas):
        used, size = int((coefs[k] != 0).sum()), float(np.linalg.norm(coefs[k]))
        told = (
            f"Penalty {k + 1} of {len(alphas)}: at alpha = {number(alpha)}, {used} of {coefs.shape[1]} coefficients "
            f"are not zero, and together they are {number(size)} long."
        )
        data: dict[str, Columns] = {
            "marker": {"alpha": [alpha]},
            "here": {"alpha": np.full(len(kept), alpha), "value": shown[k], "feature": labels},
        }
        values = {"alpha": number(alpha), "used": str(used)}
        frames.append(Frame(data, told, f"Coefficients against the penalty. {told}", "solve", values))
    lines: Columns = {
        "alpha": np.tile(alphas, len(kept)),
        "value": shown.T.ravel(),
        "feature": [label for label in labels for _ in alphas],
    }
    ridge = isinstance(recorded.fit.subject, Ridge)
    return Scene(
        title="Ridge: coefficients against the penalty" if ridge else "Coefficients against the penalty",
        spec={
            "description": "One line for each coefficient against the penalty's strength.",
            **_path_panel(labels, alphas, shown),
        },
        frames=tuple(frames),
        data={"lines": lines},
        code=marked_source(stages if ridge else enet_path),
        formulas={"": _FORMULA_RIDGE if ridge else _FORMULA_LASSO},
        tween=("marker", "here"),
        caption="" if len(kept) == coefs.shape[1] else f"The {len(kept)} largest of {coefs.shape[1]} coefficients.",
    )


_FORMULA_RIDGE = r"\min_w \|y - Xw\|^2 + \slot{alpha} \|w\|_2^2, \qquad \slot{used}\text{ not zero}"
_FORMULA_LASSO = r"\min_w \tfrac{1}{2n}\|y - Xw\|^2 + \slot{alpha}\, R(w), \quad \slot{used}\text{ not zero}"


def coordinate_descent_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded Lasso or ElasticNet: coefficients as bars, and the gap going down."""
    names = _names(recorded, len(state.coef))
    states = [moment.state for moment in recorded.moments]
    kept = np.sort(np.argsort(-np.abs(state.coef), kind="stable")[:MOST])
    labels = [names[j] for j in kept]
    gaps = np.array([max(s.gap, 1e-16) if np.isfinite(s.gap) else max(s.cost, 1e-16) for s in states])
    sweeps = np.array([float(s.sweeps) for s in states])
    frames = []
    for k, s in enumerate(states):
        used = int((s.coef != 0).sum())
        told = (
            f"After {s.sweeps} passes {used} of {len(s.coef)} coefficients are not zero, {len(s.columns)} take part, "
            f"and the objective {number(s.cost)} is at most {number(gaps[k])} above its least value."
        )
        data: dict[str, Columns] = {
            "bars": {"feature": labels, "value": s.coef[kept]},
            "gap": {"sweeps": sweeps[: k + 1], "gap": gaps[: k + 1]},
        }
        values = {"gap": number(gaps[k]), "used": str(used)}
        frames.append(Frame(data, told, f"Coefficients as bars. {told}", "sweep" if k else "gap", values))
    all_coefs = np.array([s.coef[kept] for s in states])
    return Scene(
        title="Coordinate descent",
        spec={
            "description": "Coefficients, and the gap to the least value of the objective.",
            "hconcat": [_bar_panel(labels, all_coefs), _gap_panel(sweeps, gaps)],
        },
        frames=tuple(frames),
        code=marked_source(begin, step),
        formulas={"": r"J(w) - J(w^*) \le \slot{gap}, \qquad \slot{used}\text{ weights not zero}"},
        tween=("bars",),
        caption="" if len(kept) == len(names) else f"The {len(kept)} largest of {len(names)} coefficients.",
    )


def _names(recorded: RecordedFit, n_features: int) -> list[str]:
    if hasattr(recorded.fit.subject, "n_features_in_"):
        return feature_names(recorded.fit)
    return [f"feature {j + 1}" for j in range(n_features)]


def _colors(labels: list[str]) -> dict[str, Any]:
    return {"domain": labels, "range": [CLASS_COLORS[j % len(CLASS_COLORS)] for j in range(len(labels))]}


def _axis(field: str, title: str, domain: list[float], kind: str = "linear") -> dict[str, Any]:
    scale = {"domain": domain, "type": kind, "nice": False, **({} if kind == "log" else {"zero": False})}
    return {"field": field, "type": "quantitative", "title": title, "scale": scale, "axis": {"grid": False}}


def _log_range(values: Array) -> list[float]:
    low, high = float(values.min()), float(values.max())
    return [low / 1.3, high * 1.3]


def _path_panel(labels: list[str], alphas: Array, coefs: Array) -> dict[str, Any]:
    x = _axis("alpha", "alpha, the strength of the penalty", _log_range(alphas), "log")
    x["axis"] = {"grid": False, "format": "~g", "tickCount": 6}
    y = _axis("value", "coefficient", padded_range(coefs))
    legend = {"title": None, "columns": 4}
    color = {"field": "feature", "type": "nominal", "scale": _colors(labels), "legend": legend}
    # a second round of the same colours is dashed
    dashes = {"domain": labels, "range": [[1, 0] if j < len(CLASS_COLORS) else [5, 3] for j in range(len(labels))]}
    dash = {"field": "feature", "type": "nominal", "scale": dashes, "legend": legend}
    tooltip = [
        {"field": "feature"},
        *({"field": f, "type": "quantitative", "format": ".3~g"} for f in ("alpha", "value")),
    ]
    dot = {"type": "point", "filled": True, "size": 90, "opacity": 1}
    return {
        "width": 560,
        "height": HEIGHT,
        "layer": [
            {
                "data": {"name": "lines"},
                "mark": {"type": "line", "strokeWidth": 2},
                "encoding": {"x": x, "y": y, "color": color, "strokeDash": dash},
            },
            {
                "data": {"name": "marker"},
                "mark": {"type": "rule", "color": NEUTRAL, "strokeDash": [4, 3]},
                "encoding": {"x": x},
            },
            {"data": {"name": "here"}, "mark": dot, "encoding": {"x": x, "y": y, "color": color, "tooltip": tooltip}},
        ],
    }


def _bar_panel(labels: list[str], coefs: Array) -> dict[str, Any]:
    domain = padded_range(np.append(coefs.ravel(), 0.0))
    x = {"field": "value", "type": "quantitative", "title": "coefficient", "scale": {"domain": domain, "nice": False}}
    y = {"field": "feature", "type": "nominal", "title": None, "sort": labels, "scale": {"domain": labels}}
    tooltip = [{"field": "feature"}, {"field": "value", "type": "quantitative", "format": ".4~g"}]
    return {
        "data": {"name": "bars"},
        "width": 300,
        "height": HEIGHT,
        "mark": {"type": "bar", "color": CLASS_COLORS[0]},
        "encoding": {"x": x, "y": y, "tooltip": tooltip},
    }


def _gap_panel(sweeps: Array, gaps: Array) -> dict[str, Any]:
    x = _axis("sweeps", "passes", [0.0, max(float(sweeps.max()), 1.0) * 1.05])
    y = _axis("gap", "gap to the least value", _log_range(gaps), "log")
    y["axis"] = {"grid": False, "format": ".0e", "tickCount": 5}
    line = {"type": "line", "strokeWidth": 2, "color": ACCENT, "point": {"color": ACCENT, "size": 50}}
    return {"data": {"name": "gap"}, "width": 260, "height": HEIGHT, "mark": line, "encoding": {"x": x, "y": y}}
