"""The ground that a search for neighbours is drawn on: the rows, and for a vote the surface of all its outcomes."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import axis, first_target
from diorama.scenes.parts import CLASS_COLORS, Plane, class_scales, padded_range, sample_rows


class Ground(NamedTuple):
    """What of the picture stays, and where each row stands in it."""

    layers: list[dict[str, Any]]
    still: Mapping[str, Columns]
    caption: str
    axes: tuple[dict[str, Any], dict[str, Any]]  # the horizontal channel and the vertical one
    places: Array  # (n, 2) of every row
    plane: Plane
    heights: Array  # (n,) the second place of a row with one feature; empty with more
    classes: tuple[str, ...]  # none where nobody votes on one target
    codes: Array  # (n,) index of each row's class
    targets: Array  # (n,) numbers to be averaged, or none

    @classmethod
    def of(cls, fit: Fit) -> "Ground":
        """The ground of a recorded fit or search of neighbours."""
        if hasattr(fit.subject, "classes_") and fit.y is not None:
            return cls._voting(fit)
        return cls._plain(fit)

    @classmethod
    def _voting(cls, fit: Fit) -> "Ground":
        boundary = Boundary.of(fit)
        names, codes = np.unique(np.asarray(fit.y), return_inverse=True)
        panel, still = boundary.panel(), dict(boundary.still)
        layers = panel["layer"]
        if sparse.issparse(fit.X) or fit.subject.metric == "precomputed":
            # no place between the rows can be asked
            layers = layers[-1:]
        else:
            still |= boundary.frame(fit.subject.shares_at)
        places = boundary.plane.project(fit.X)
        heights = np.empty(0)
        if boundary.one_feature:
            heights = codes / max(len(names) - 1, 1)
            places[:, 1] = heights
        point = layers[-1]["encoding"]
        axes = (point["x"], point["y"])
        return cls(
            layers,
            still,
            boundary.caption,
            axes,
            places,
            boundary.plane,
            heights,
            boundary.classes,
            codes,
            np.empty(0),
        )

    @classmethod
    def _plain(cls, fit: Fit) -> "Ground":
        plane = Plane.of(fit.X, getattr(fit.subject, "feature_names_in_", None))
        places = plane.project(fit.X)
        single = fit.y is not None and not hasattr(fit.subject, "classes_") and np.ndim(fit.y) == 1
        targets = first_target(fit.y) if single else np.empty(0)
        one = fit.X.shape[1] == 1
        heights = (targets if single else np.zeros(len(places))) if one else np.empty(0)
        if one:
            places[:, 1] = heights
        rows, sample = sample_rows(len(places))
        points: dict[str, Any] = {"x": places[rows, 0], "y": places[rows, 1]}
        title = "target" if one and single else plane.titles[1]
        axes = (
            axis("x", plane.titles[0], padded_range(places[:, 0])),
            axis("y", title, padded_range(places[:, 1])),
        )
        encoding: dict[str, Any] = {"x": axes[0], "y": axes[1]}
        mark: dict[str, Any] = {"type": "point", "filled": True, "size": 44, "opacity": 0.9}
        if single:
            points["target"] = targets[rows]
            legend = {"orient": "bottom", "title": "target", "gradientLength": 160}
            scale = {"scheme": "viridis"}
            encoding["color"] = {"field": "target", "type": "quantitative", "scale": scale, "legend": legend}
        else:
            mark["color"] = CLASS_COLORS[0]
        layer = {"data": {"name": "points"}, "mark": mark, "encoding": encoding}
        caption = " ".join(part for part in (plane.caption, sample) if part)
        nobody = np.empty(0, dtype=int)
        return cls([layer], {"points": points}, caption, axes, places, plane, heights, (), nobody, targets)

    @property
    def color(self) -> dict[str, Any]:
        """The channel that colours a class."""
        return {"field": "class", "type": "nominal", "scale": class_scales(self.classes)[0], "legend": None}

    def query(self, query: Array, neighbors: Array) -> Columns:
        """Where the query stands; with one feature, as high as its neighbours on average."""
        if not len(query):
            return {"x": np.empty(0), "y": np.empty(0)}
        place = self.plane.project(query[None])
        if len(self.heights):
            place[0, 1] = self.heights[neighbors].mean() if len(neighbors) else self.heights.mean()
        return {"x": place[:, 0], "y": place[:, 1]}
