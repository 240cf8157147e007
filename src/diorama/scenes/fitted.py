"""Building blocks for what a regression predicts: the line over one feature, or predictions against targets of many."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.scenes.columns import Columns
from diorama.scenes.parts import ACCENT, CLASS_COLORS, NEUTRAL, affordable, padded_range, sample_rows
from diorama.scenes.scene import MAX_MOVING_ROWS

# up to so many rows each squared residual is drawn as a square, and up to so many the residual as a line
SQUARES_UP_TO = 60
RESIDUALS_UP_TO = 300
# corners of a drawn curve
CURVE_POINTS = 161


def rows_of(table: Any, rows: Array) -> Array:
    """Some rows of a dense or sparse table, filled in, in double precision."""
    chosen = table[rows]
    return np.asarray(chosen.toarray() if hasattr(chosen, "toarray") else chosen, dtype=float)


def first_target(y: Any) -> Array:
    """(n_samples,) the target, or the first of several."""
    targets = np.asarray(y, dtype=float)
    return targets.reshape(len(targets), -1)[:, 0]


def feature_names(fit: Fit) -> list[str]:
    """Names of the columns, as given or counted."""
    given = getattr(fit.subject, "feature_names_in_", None)
    return [f"feature {j + 1}" for j in range(fit.X.shape[1])] if given is None else [str(name) for name in given]


def axis(field: str, title: str, domain: Sequence[float]) -> dict[str, Any]:
    """A quantitative channel whose axis keeps still."""
    scale = {"domain": list(domain), "zero": False, "nice": False}
    return {
        "field": field,
        "type": "quantitative",
        "title": title,
        "scale": scale,
        "axis": {"grid": False, "tickCount": 5},
    }


class FittedLine:
    """One feature: the points, the line, and each residual, of few rows as a square where `squares` says so."""

    alt = "A line over the points"
    tween = ("line", "residuals")

    def __init__(self, fit: Fit, width: int, height: int, *, squares: bool = True) -> None:
        y = first_target(fit.y)
        chosen, self.caption = sample_rows(len(y), RESIDUALS_UP_TO)
        self.x, self.y = rows_of(fit.X, chosen)[:, 0], y[chosen]
        self.x_range, self.y_range = padded_range(self.x), padded_range(self.y, 0.12)
        self.title, self.width, self.height = feature_names(fit)[0], width, height
        self.squared = squares and len(self.x) <= SQUARES_UP_TO
        self.still: dict[str, Columns] = {"points": {"x": self.x, "y": self.y}}

    def frame(self, coef: Array, intercept: float) -> dict[str, Columns]:
        """The data sets of one line; `coef` (1,) is its slope."""
        slope, ends = float(coef[0]), np.array(self.x_range)
        # as wide on the screen as high: a residual in the units of the horizontal axis
        unit = (ends[1] - ends[0]) / (self.y_range[1] - self.y_range[0]) * self.height / self.width
        with np.errstate(over="ignore", invalid="ignore"):  # a line that ran away is drawn as far as numbers go
            fitted = slope * self.x + intercept
            side = (fitted - self.y) * unit if self.squared else np.zeros_like(fitted)
            residuals = {"x": self.x, "x2": self.x + side, "y": self.y, "y2": fitted, "residual": self.y - fitted}
            return {"line": {"x": ends, "y": slope * ends + intercept}, "residuals": residuals}

    def panel(self) -> dict[str, Any]:
        """The Vega-Lite panel."""
        x, y = axis("x", self.title, self.x_range), axis("y", "target", self.y_range)
        kind = {"type": "rect", "stroke": NEUTRAL, "strokeWidth": 1, "fillOpacity": 0.14} if self.squared else None
        residuals = {
            "data": {"name": "residuals"},
            "mark": {"color": NEUTRAL, "opacity": 0.7, "clip": True, **(kind or {"type": "rule"})},
            "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}, "tooltip": _said("residual")},
        }
        points = {
            "data": {"name": "points"},
            "mark": {"type": "point", "filled": True, "color": CLASS_COLORS[0], "size": 36, "opacity": 0.9},
            "encoding": {"x": x, "y": y, "tooltip": _said("x", "y")},
        }
        line = {
            "data": {"name": "line"},
            "mark": {"type": "line", "color": ACCENT, "strokeWidth": 3, "clip": True},
            "encoding": {"x": x, "y": y},
        }
        return {"width": self.width, "height": self.height, "layer": [residuals, line, points]}


class FittedCurve:
    """One feature: the points, and the curve of what is predicted for each of its values."""

    alt = "A curve over the points"
    tween = ("curve",)

    def __init__(self, fit: Fit, width: int, height: int) -> None:
        y = first_target(fit.y)
        chosen, self.caption = sample_rows(len(y), RESIDUALS_UP_TO)
        x, shown = rows_of(fit.X, chosen)[:, 0], y[chosen]
        self.x_range, self.y_range = padded_range(x), padded_range(shown, 0.15)
        # (n, 1) where predictions are wanted
        self.places = np.linspace(self.x_range[0], self.x_range[1], CURVE_POINTS)[:, None]
        self.title, self.width, self.height = feature_names(fit)[0], width, height
        self.still: dict[str, Columns] = {"points": {"x": x, "y": shown}}

    def frame_of(self, heights: Array) -> dict[str, Columns]:
        """The data sets of a model that predicts these `heights` at `places`."""
        air = 4 * (self.y_range[1] - self.y_range[0])
        # a curve that leaves the picture is drawn no farther than it can be seen
        heights = np.clip(heights, self.y_range[0] - air, self.y_range[1] + air)
        return {"curve": {"x": self.places[:, 0], "y": heights}}

    def panel(self) -> dict[str, Any]:
        """The Vega-Lite panel."""
        x, y = axis("x", self.title, self.x_range), axis("y", "target", self.y_range)
        points = {
            "data": {"name": "points"},
            "mark": {"type": "point", "filled": True, "color": CLASS_COLORS[0], "size": 36, "opacity": 0.9},
            "encoding": {"x": x, "y": y, "tooltip": _said("x", "y")},
        }
        curve = {
            "data": {"name": "curve"},
            "mark": {"type": "line", "color": ACCENT, "strokeWidth": 3, "clip": True},
            "encoding": {"x": x, "y": y},
        }
        return {"width": self.width, "height": self.height, "layer": [points, curve]}


class Agreement:
    """Several features: what is predicted against what was measured; on the diagonal both are the same."""

    alt = "Predictions against targets"
    tween = ("predictions",)

    def __init__(self, fit: Fit, width: int, height: int) -> None:
        y = first_target(fit.y)
        chosen, sample = sample_rows(len(y), affordable(1_000, fit.X.shape[1]))
        self.X, self.y = rows_of(fit.X, chosen), y[chosen]
        self.range = padded_range(self.y, 0.15)
        self.width, self.height = width, height
        self.still: dict[str, Columns] = {"diagonal": {"x": self.range, "y": self.range}}
        self.caption = " ".join(filter(None, ("On the diagonal a prediction is the target.", sample)))

    @property
    def places(self) -> Array:
        """(n, n_features) where predictions are wanted."""
        return self.X

    def frame(self, coef: Array, intercept: float) -> dict[str, Columns]:
        """The data sets of one linear model."""
        with np.errstate(over="ignore", invalid="ignore"):
            return self.frame_of(self.X @ coef + intercept)

    def frame_of(self, heights: Array) -> dict[str, Columns]:
        """The data sets of a model that predicts these `heights` at `places`."""
        return {"predictions": {"x": self.y, "y": heights}}

    def panel(self) -> dict[str, Any]:
        """The Vega-Lite panel."""
        x, y = axis("x", "target", self.range), axis("y", "prediction", self.range)
        diagonal = {
            "data": {"name": "diagonal"},
            "mark": {"type": "line", "color": NEUTRAL, "strokeDash": [5, 4]},
            "encoding": {"x": x, "y": y},
        }
        dot = {"type": "point", "filled": True, "color": CLASS_COLORS[0], "size": 30, "opacity": 0.6, "clip": True}
        points = {
            "data": {"name": "predictions"},
            "mark": dot,
            "encoding": {"x": x, "y": y, "tooltip": _said("x", "y", titles={"x": "target", "y": "prediction"})},
        }
        return {"width": self.width, "height": self.height, "layer": [diagonal, points]}


class Coefficients:
    """What each feature adds to the prediction when it rises by its own standard deviation, as bars."""

    def __init__(self, fit: Fit, coefs: Array, width: int, height: int, at_most: int = 16) -> None:
        """`coefs` (n_frames, n_features), the last frame's largest are drawn."""
        chosen, _ = sample_rows(fit.X.shape[0], affordable(MAX_MOVING_ROWS, fit.X.shape[1]))
        spread = rows_of(fit.X, chosen).std(axis=0)
        self.effects = coefs * spread
        drawn = np.sort(np.argsort(-np.abs(self.effects[-1]), kind="stable")[:at_most])
        self.effects = self.effects[:, drawn]
        self.names = [feature_names(fit)[j] for j in drawn]
        self.width, self.height = width, height
        left_out = coefs.shape[1] - len(drawn)
        self.caption = f"{left_out} smaller coefficients are not drawn." if left_out else ""

    def frame(self, k: int) -> dict[str, Columns]:
        """The data sets of frame `k`."""
        return {"coefficients": {"feature": self.names, "effect": self.effects[k]}}

    def panel(self, title: str = "change for one deviation") -> dict[str, Any]:
        """The Vega-Lite panel."""
        x = axis("effect", title, padded_range(np.append(self.effects.ravel(), 0.0)))
        sign = {"condition": {"test": "datum.effect < 0", "value": CLASS_COLORS[4]}, "value": CLASS_COLORS[0]}
        bars = {
            "data": {"name": "coefficients"},
            "mark": {"type": "bar"},
            "encoding": {
                "x": x,
                "y": {"field": "feature", "type": "nominal", "title": None, "sort": None, "axis": {"labelLimit": 90}},
                "color": sign,
                "tooltip": [{"field": "feature", "type": "nominal"}, *_said("effect")],
            },
        }
        return {"width": self.width, "height": self.height, "layer": [bars]}


def _said(*fields: str, titles: dict[str, str] | None = None) -> list[dict[str, str]]:
    names = titles or {}
    return [
        {"field": field, "type": "quantitative", "title": names.get(field, field), "format": ".4~g"} for field in fields
    ]
