"""A classifier's probabilities as a picture: colours mixed by probability, the boundary between them, and the points.

Every classifier with probabilities can use it. A scene makes one `Boundary` for the fit that was recorded, puts its
`panel` among its panels and its `still` data among the data that stay, and asks it for the data of each frame:

    picture = Boundary.of(recorded.fit)
    spec = {"hconcat": [picture.panel(), ...]}
    frames = [Frame(data=picture.frame(lambda points: softmax(points @ w)), ...) for w in ...]
    Scene(spec=spec, data=picture.still, caption=picture.caption, ...)

With two features the picture is the plane of those two, with more the plane of their first two principal components,
and with one feature the curve of each class's probability.
"""

from collections.abc import Callable, Mapping, Sequence
from itertools import combinations
from typing import Any, NamedTuple

import numpy as np

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.scenes.columns import Columns
from diorama.scenes.contours import contour, corners
from diorama.scenes.fitted import rows_of
from diorama.scenes.parts import Plane, affordable, class_scales, image_url, padded_range, rgb, sample_rows
from diorama.scenes.scene import MAX_MOVING_ROWS

# cells of the surface: the browser smooths between them
WIDTH, HEIGHT = 40, 30
OPACITY = 110
CURVE_POINTS = 81
# a probability of 0 has no logarithm; nothing finer than this moves the boundary by a pixel
SMALLEST = 1e-300

Probabilities = Callable[[Array], Array]  # (n, n_features) points -> (n, n_classes)


class Boundary(NamedTuple):
    """What of the picture stays the same over all frames."""

    plane: Plane
    classes: tuple[str, ...]
    x_range: list[float]
    y_range: list[float]
    still: Mapping[str, Columns]  # the points
    caption: str
    threshold: float  # probability of the second class from which on it is predicted; used with two classes only

    @classmethod
    def of(cls, fit: Fit, *, threshold: float = 0.5) -> "Boundary":
        """The picture of a classifier's fit: `fit.subject` has `classes_`, `fit.y` the labels as they were given."""
        names = getattr(fit.subject, "feature_names_in_", None)
        n, n_features = fit.X.shape
        rows, sample = sample_rows(n, affordable(MAX_MOVING_ROWS, n_features))
        # of a sparse table only the rows that are drawn are filled in
        shown = rows_of(fit.X, rows)
        X = shown if hasattr(fit.X, "toarray") else np.asarray(fit.X, dtype=float)
        plane = Plane.of(X, names)
        classes = tuple(str(label) for label in fit.subject.classes_)
        labels = [str(label) for label in np.asarray(fit.y)[rows]]
        places, shown = plane.project(X), plane.project(shown)
        caption = " ".join(part for part in (plane.caption, sample) if part)
        if X.shape[1] == 1:
            height = _height_of_class(labels, classes)
            still = {"points": {"x": shown[:, 0], "y": height, "class": labels}}
            return cls(plane, classes, padded_range(places[:, 0]), [-0.06, 1.06], still, caption, threshold)
        still = {"points": {"x": shown[:, 0], "y": shown[:, 1], "class": labels}}
        x_range, y_range = padded_range(places[:, 0]), padded_range(places[:, 1])
        return cls(plane, classes, x_range, y_range, still, caption, threshold)

    @property
    def one_feature(self) -> bool:
        return len(self.plane.axes[0]) == 1

    @property
    def places(self) -> Array:
        """(HEIGHT + 1, WIDTH + 1, 2) corners of the cells of the surface; with two features or more."""
        return corners(self.x_range, self.y_range, WIDTH, HEIGHT)

    @property
    def points(self) -> Array:
        """(n, n_features) where a model is asked for its probabilities."""
        if self.one_feature:
            return np.linspace(self.x_range[0], self.x_range[1], CURVE_POINTS)[:, None]
        asked: Array = self.plane.origin + self.places.reshape(-1, 2) @ self.plane.axes
        return asked

    def sums(self, slopes: Array, bias: Array | float) -> Array:
        """(n, n_outputs) weighted sums at `points` for slopes (n_outputs, n_features); the points are not made."""
        if self.one_feature:
            return self.points @ slopes.T + bias
        at_origin = self.plane.origin @ slopes.T + bias
        height: Array = self.places.reshape(-1, 2) @ (self.plane.axes @ slopes.T) + at_origin
        return height

    def frame(self, probabilities: Probabilities) -> dict[str, Columns]:
        """The data sets of one frame for a model with these probabilities."""
        return self.frame_of(probabilities(self.points))

    def frame_of(self, shares: Array) -> dict[str, Columns]:
        """The data sets of one frame for a model with these probabilities at `points`."""
        if self.one_feature:
            return self._curves(shares)
        places = self.places
        segments = boundary_segments(places, shares.reshape(HEIGHT + 1, WIDTH + 1, -1), self.threshold)
        surface = {
            "url": [self._image(shares)],
            "x": [self.x_range[0]],
            "x2": [self.x_range[1]],
            "y": [self.y_range[0]],
            "y2": [self.y_range[1]],
        }
        return {"surface": surface, "boundary": dict(zip(("x", "y", "x2", "y2"), segments.T, strict=True))}

    def panel(self, width: int = 340, height: int = 300) -> dict[str, Any]:
        """The Vega-Lite panel, with numeric size, to stand alone or in an hconcat."""
        layers = self._curve_layers() if self.one_feature else self._plane_layers()
        return {"width": width, "height": height, "layer": layers}

    def _image(self, shares: Array) -> str:
        colors = np.array([rgb(color) for color in class_scales(self.classes)[0]["range"]])
        # the corners of the grid are the image's pixels: both run from edge to edge, half a cell apart at most
        mixed = (shares @ colors).reshape(HEIGHT + 1, WIDTH + 1, 3)
        opacity = np.full((*mixed.shape[:2], 1), OPACITY)
        return image_url(np.concatenate([mixed, opacity], axis=2).astype(np.uint8))

    def _curves(self, shares: Array) -> dict[str, Columns]:
        x = self.points[:, 0]
        # of two classes one curve says it all
        drawn = [1] if len(self.classes) == 2 else list(range(len(self.classes)))
        curves = {
            "x": np.tile(x, len(drawn)),
            "y": shares[:, drawn].T.ravel(),
            "class": [self.classes[k] for k in drawn for _ in range(CURVE_POINTS)],
        }
        return {"curves": curves, "boundary": {"x": _crossings(x, shares, self.threshold)}}

    def _plane_layers(self) -> list[dict[str, Any]]:
        x, y = self._axis("x"), self._axis("y")
        surface = {
            "data": {"name": "surface"},
            "mark": {"type": "image", "aspect": False},
            "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}, "url": {"field": "url"}},
        }
        line = {
            "data": {"name": "boundary"},
            "mark": {"type": "rule", "strokeWidth": 2.5, "strokeCap": "round", "clip": True},
            "encoding": {"x": x, "x2": {"field": "x2"}, "y": y, "y2": {"field": "y2"}},
        }
        return [surface, line, self._point_layer(x, y)]

    def _curve_layers(self) -> list[dict[str, Any]]:
        x, y = self._axis("x"), self._axis("y")
        color, _ = class_scales(self.classes)
        curves = {
            "data": {"name": "curves"},
            "mark": {"type": "line", "strokeWidth": 2.5},
            "encoding": {"x": x, "y": y, "color": {"field": "class", "type": "nominal", "scale": color}},
        }
        line = {
            "data": {"name": "boundary"},
            "mark": {"type": "rule", "strokeDash": [5, 4], "strokeWidth": 2},
            "encoding": {"x": x},
        }
        return [curves, line, self._point_layer(x, y)]

    def _point_layer(self, x: dict[str, Any], y: dict[str, Any]) -> dict[str, Any]:
        color, shape = class_scales(self.classes)
        tooltip = [{"field": "class", "type": "nominal"}, {"field": "x", "type": "quantitative", "title": x["title"]}]
        if not self.one_feature:
            tooltip.append({"field": "y", "type": "quantitative", "title": y["title"]})
        legend = {"orient": "bottom", "title": None}
        return {
            "data": {"name": "points"},
            "mark": {"type": "point", "filled": True, "size": 44, "opacity": 0.9},
            "encoding": {
                "x": x,
                "y": y,
                "color": {"field": "class", "type": "nominal", "scale": color, "legend": legend},
                "shape": {"field": "class", "type": "nominal", "scale": shape, "legend": legend},
                "tooltip": tooltip,
            },
        }

    def _axis(self, name: str) -> dict[str, Any]:
        titles = (self.plane.titles[0], "probability" if self.one_feature else self.plane.titles[1])
        title, domain = (titles[0], self.x_range) if name == "x" else (titles[1], self.y_range)
        scale = {"domain": domain, "zero": False, "nice": False}
        return {"field": name, "type": "quantitative", "title": title, "scale": scale, "axis": {"grid": False}}


def _height_of_class(labels: Sequence[str], classes: Sequence[str]) -> Array:
    """Where a point stands on the axis of probability: 0 for the first class, 1 for the last, evenly between."""
    place = {label: k / max(len(classes) - 1, 1) for k, label in enumerate(classes)}
    return np.array([place[label] for label in labels])


def _advantage(log: Array, first: int, second: int, threshold: float) -> Array:
    """How far `second` is from being predicted rather than `first`: a log-ratio, which is linear for linear models."""
    difference: Array = log[..., second] - log[..., first] - _bias(log.shape[-1], threshold)
    return difference


def _bias(n_classes: int, threshold: float) -> float:
    if n_classes > 2 or threshold == 0.5:
        return 0.0
    return float(np.log(max(threshold, SMALLEST)) - np.log(max(1.0 - threshold, SMALLEST)))


def boundary_segments(places: Array, shares: Array, threshold: float = 0.5) -> Array:
    """(n, 4) pieces x, y, x2, y2 of the boundary between the predicted classes, by marching squares.

    `places` (rows, columns, 2) are the corners of a grid and `shares` (rows, columns, n_classes) the
    probabilities there.
    """
    log = np.log(np.maximum(shares, SMALLEST))
    pieces = [np.empty((0, 4))]
    for first, second in combinations(range(shares.shape[-1]), 2):
        found, others = contour(places, _advantage(log, first, second, threshold), log)
        # where a third class is likelier, this boundary is nobody's
        pieces.append(found[np.maximum(others[:, first], others[:, second]) >= others.max(axis=1)])
    return np.concatenate(pieces)


def _crossings(x: Array, shares: Array, threshold: float) -> Array:
    """Where on a line the predicted class changes."""
    log = np.log(np.maximum(shares, SMALLEST))
    found = [np.empty(0)]
    for first, second in combinations(range(shares.shape[-1]), 2):
        height = _advantage(log, first, second, threshold)
        at = np.flatnonzero((height[:-1] > 0) != (height[1:] > 0))
        part = height[at] / (height[at] - height[at + 1])
        values = log[at] + part[:, None] * (log[at + 1] - log[at])
        leads = np.maximum(values[:, first], values[:, second]) >= values.max(axis=1)
        found.append((x[at] + part * (x[at + 1] - x[at]))[leads])
    return np.concatenate(found)
