"""Spline regression as a moving picture: one polynomial breaks into pieces as knots join.

With one feature the curve bends over the points, beside the bumps that it is the sum of. With more, predictions close
in on the diagonal, beside the curve of the feature that matters most.
"""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.linear._spline_basis import bumps, columns_of
from diorama.linear.spline_regression import State, fit_curve, predict, stages
from diorama.recording.recorder import RecordedFit
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import Agreement, axis, feature_names, first_target, rows_of
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, number, padded_range, sample_rows
from diorama.scenes.scene import Frame, Scene
from diorama.scenes.source import marked_source

HEIGHT = 300
# places at which curves and bumps are drawn
PLACES, BUMP_PLACES = 240, 90
# bumps that are drawn at most: 90 places each stay below the cap on moving rows
MOST_BUMPS = 22
# points beside the curve
MOST_POINTS = 600
# of a curve with some of its knots; u_+ is u where it is not below 0, else 0
FORMULAS = {
    "step": r"\hat y = c + \sum_{k=1}^{\slot{knots}} b_k H(x - t_k)",
    "linear": r"\hat y = a x + c + \sum_{k=1}^{\slot{knots}} b_k (x - t_k)_+",
    "cubic": r"\hat y = \sum_{p=0}^{3} a_p x^p + \sum_{k=1}^{\slot{knots}} b_k (x - t_k)_+^3",
}


def spline_regression_scene(state: State, recorded: RecordedFit) -> Scene:
    """The scene of a recorded SplineRegression."""
    states = [moment.state for moment in recorded.moments]
    one = len(state.basis.low) == 1
    picture = _OneFeature(states, recorded) if one else _ManyFeatures(states, recorded)
    frames = []
    for k, each in enumerate(states):
        told = _narration(states, k)
        values = {"knots": str(len(each.basis.knots)), "cost": number(each.cost, 4)}
        step = {"mean": "mean", "knots": "knots", "solution": "solve"}[each.stage]
        frames.append(Frame(picture.frame(each), told, f"{picture.alt} {told}", step, values))
    kind = state.basis.kind
    formula = FORMULAS.get(kind, FORMULAS["cubic"])
    return Scene(
        title=f"Spline regression: {PIECES[kind]} pieces",
        spec={"description": picture.alt, "hconcat": picture.panels()},
        frames=tuple(frames),
        data=picture.still,
        code=marked_source(fit_curve, stages),
        formulas={"": r"J = \tfrac{1}{n} \sum_i (y_i - \hat y_i)^2 = \slot{cost}", "knots": formula},
        tween=picture.tween,
        caption=picture.caption,
    )


PIECES = {"step": "level", "linear": "straight", "cubic": "cubic", "natural": "natural cubic"}


def _narration(states: list[State], k: int) -> str:
    state, cost = states[k], number(states[k].cost, 4)
    if k == 0:
        return f"Before you look at any feature, the best guess is the mean: the mean square of what is left is {cost}."
    n_knots, before = len(state.basis.knots), states[k - 1]
    if state.stage == "knots" and n_knots == 0:
        return f"Without a knot, {_piece(state)} must do: the mean square is {cost}."
    gone = 1 - state.cost / states[0].cost if states[0].cost > 0 else 1.0
    if state.stage == "knots":
        joined = n_knots - len(before.basis.knots)
        new = "One knot joins" if joined == 1 else f"{joined} knots join"
        return f"{new}, {n_knots} in all: the mean square goes from {number(before.cost, 4)} to {cost}."
    return f"All {n_knots} knots are in: {gone:.1%} of the squares are explained, and a mean square of {cost} is left."


def _piece(state: State) -> str:
    whole = {"step": "level", "linear": "straight line", "cubic": "cubic", "natural": "straight line"}[state.basis.kind]
    return f"one {whole}" + ("" if len(state.basis.low) == 1 else " for each feature")


class _OneFeature:
    """The curve over the points with its knots, and the bumps whose sum it is."""

    alt = "A curve over points with its knots, and the bumps that add up to it."
    tween: tuple[str, ...] = ("curve",)

    def __init__(self, states: list[State], recorded: RecordedFit) -> None:
        fit, self.last = recorded.fit, states[-1]
        y = first_target(fit.y)
        chosen, self.caption = sample_rows(len(y), MOST_POINTS)
        x = rows_of(fit.X, chosen)[:, 0]
        self.still: dict[str, Columns] = {"points": {"x": x, "y": y[chosen]}}
        low, high = float(self.last.basis.low[0]), float(self.last.basis.high[0])
        air = 0.08 * (high - low) or 0.5
        self.x_range = [low - air, high + air]
        self.x = np.linspace(self.x_range[0], self.x_range[1], PLACES)
        self.bump_x = np.linspace(low, high, BUMP_PLACES)
        self.y_range = padded_range(y, 0.12)
        self.title = feature_names(fit)[0]
        heights = np.concatenate([self._bumps(state)["height"] for state in states])
        self.bump_range = padded_range(np.append(heights, 0.0))

    def frame(self, state: State) -> dict[str, Columns]:
        knots = state.basis.knots
        return {
            "curve": {"x": self.x, "y": drawable(predict(state, self.x[:, None]), self.y_range)},
            "knots": {"x": knots, "y": predict(state, knots[:, None])},
            "bumps": self._bumps(state),
        }

    def _bumps(self, state: State) -> Columns:
        basis = state.basis
        low, high = basis.low[0], basis.high[0]
        if low == high:
            weights, columns = np.array([state.intercept]), np.ones((BUMP_PLACES, 1))
        else:
            unit = (self.bump_x - low) / (high - low)
            columns = bumps(basis.kind, unit, (basis.knots - low) / (high - low))[:, :MOST_BUMPS]
            weights = (np.append(state.coef, 0.0) + state.intercept)[:MOST_BUMPS]
        names = [f"{j + 1}" for j in range(len(weights))]
        return {
            "x": np.tile(self.bump_x, len(weights)),
            "height": (columns * weights).T.ravel(),
            "bump": [name for name in names for _ in self.bump_x],
        }

    def panels(self) -> list[dict[str, Any]]:
        x, y = axis("x", self.title, self.x_range), axis("y", "target", self.y_range)
        height = axis("height", "bump times its weight", self.bump_range)
        color = {"field": "bump", "type": "nominal", "legend": None, "sort": None, "scale": {"range": [*CLASS_COLORS]}}
        line = {"type": "line", "strokeWidth": 1.5, "clip": True}
        return [
            _curve_panel(400, x, y),
            {
                "width": 240,
                "height": HEIGHT,
                "data": {"name": "bumps"},
                "mark": line,
                "encoding": {"x": x, "y": height, "color": color},
            },
        ]


class _ManyFeatures:
    """Predictions against targets, and what the feature that matters most adds."""

    alt = "Predictions against targets, and the curve of the feature that matters most."
    tween: tuple[str, ...] = ("predictions", "curve")

    def __init__(self, states: list[State], recorded: RecordedFit) -> None:
        fit, last = recorded.fit, states[-1]
        self.agreement = Agreement(fit, 280, HEIGHT)
        y = first_target(fit.y)
        chosen, _ = sample_rows(len(y), MOST_POINTS)
        X = rows_of(fit.X, chosen)
        parts = [self._part(last, j, X[:, j]) for j in range(X.shape[1])]
        self.feature = int(np.argmax([part.std() for part in parts]))
        # what is left once the other features have had their say, around the same level
        self.level = float(parts[self.feature].mean())
        residual = y[chosen] - predict(last, X) + parts[self.feature] - self.level
        x = X[:, self.feature]
        points: Columns = {"x": x, "y": residual}
        self.still = {**self.agreement.still, "points": points}
        self.x_range, self.y_range = padded_range(x), padded_range(residual, 0.12)
        self.x = np.linspace(self.x_range[0], self.x_range[1], PLACES)
        self.sample = x
        self.title = feature_names(fit)[self.feature]
        self.caption = " ".join(
            [self.agreement.caption, "At the right, points are what the other features leave once all knots are in."]
        )

    def _part(self, state: State, feature: int, x: Array) -> Array:
        start = sum(columns_of(state.basis, j, x[:1]).shape[1] for j in range(feature))
        columns = columns_of(state.basis, feature, x)
        part: Array = columns @ state.coef[start : start + columns.shape[1]]
        return part

    def frame(self, state: State) -> dict[str, Columns]:
        basis, level = state.basis, self._part(state, self.feature, self.sample).mean()
        knots = basis.knots_of(self.feature)
        curve = self._part(state, self.feature, self.x) - level
        return {
            "predictions": {"x": self.agreement.y, "y": predict(state, self.agreement.X)},
            "curve": {"x": self.x, "y": drawable(curve, self.y_range)},
            "knots": {"x": knots, "y": self._part(state, self.feature, knots) - level},
        }

    def panels(self) -> list[dict[str, Any]]:
        x = axis("x", self.title, self.x_range)
        return [self.agreement.panel(), _curve_panel(340, x, axis("y", f"part of {self.title}", self.y_range))]


def drawable(heights: Array, y_range: list[float]) -> Array:
    """Heights, held a little outside the panel where a curve runs away."""
    air = y_range[1] - y_range[0]
    held: Array = np.clip(heights, y_range[0] - air, y_range[1] + air)
    return held


def _curve_panel(width: int, x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
    """Points, the curve over them, and knots as lines with a dot where the pieces meet."""
    tooltip = [{"field": f, "type": "quantitative", "format": ".4~g"} for f in ("x", "y")]
    dot = {"type": "point", "filled": True, "clip": True}
    layers = [
        ("knots", {"type": "rule", "color": NEUTRAL, "strokeDash": [4, 3], "opacity": 0.7}, {"x": x}),
        (
            "points",
            {**dot, "color": CLASS_COLORS[0], "size": 30, "opacity": 0.75},
            {"x": x, "y": y, "tooltip": tooltip},
        ),
        ("curve", {"type": "line", "color": ACCENT, "strokeWidth": 3, "clip": True}, {"x": x, "y": y}),
        ("knots", {**dot, "color": ACCENT, "size": 70, "opacity": 1}, {"x": x, "y": y, "tooltip": tooltip}),
    ]
    return {
        "width": width,
        "height": HEIGHT,
        "layer": [{"data": {"name": name}, "mark": mark, "encoding": encoding} for name, mark, encoding in layers],
    }
