"""What pictures of clusters by density share: points on a plane with equal units, colours by cluster, noise apart."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama.recording.recorder import RecordedFit
from diorama.scenes.parts import NEUTRAL, Plane, class_scales, padded_range, sample_rows

WIDTH, HEIGHT = 400, 330
NOISE, WAITING = "noise", "not reached"
PALETTE = 12  # pairs of colour and shape there are


class ClusterPlane:
    """The drawn rows and where they stand; a unit is as long upwards as sideways, so that a reach is round."""

    def __init__(self, recorded: RecordedFit) -> None:
        X = recorded.fit.X
        subject = recorded.fit.subject
        self.chosen, sampled = sample_rows(X.shape[0])
        rows = X[self.chosen]
        self.plane = Plane.of(rows, getattr(subject, "feature_names_in_", None))
        self.points = self.plane.project(rows)
        self.x_range, self.y_range = _equal_units(padded_range(self.points[:, 0]), padded_range(self.points[:, 1]))
        caption = self.plane.caption
        self.given_distances = subject.metric == "precomputed"
        if self.given_distances:
            caption = caption and f"Only distances are known: their table as if it were rows of {caption}"
        self.caption = " ".join(filter(None, (caption, sampled)))
        self.x, self.y = _axis("x", self.plane.titles[0], self.x_range), _axis("y", self.plane.titles[1], self.y_range)
        if not self.plane.titles[1]:
            self.y["axis"] = None

    @property
    def places(self) -> dict[str, Array]:
        """The columns x and y of the drawn points."""
        return {"x": self.points[:, 0], "y": self.points[:, 1]}

    @property
    def tooltip(self) -> list[dict[str, Any]]:
        """What a point says of itself besides its group."""
        fields = zip(("x", "y"), self.plane.titles, strict=True)
        return [{"field": f, "type": "quantitative", "title": t, "format": ".4~g"} for f, t in fields if t]


def cluster_names(labels: Array, other: str = NOISE) -> list[str]:
    """Each label as a picture names it."""
    return [str(label) if label >= 0 else other for label in labels.tolist()]


def cluster_color(n_clusters: int, *others: str) -> dict[str, Any]:
    """The colour channel of a column of names: a colour for each cluster, grey for the `others`."""
    names = [str(k) for k in range(max(n_clusters, PALETTE))]
    colors, _ = class_scales(names)
    scale = {"domain": [*names, *others], "range": [*colors["range"], *[NEUTRAL] * len(others)]}
    return {"field": "cluster", "type": "nominal", "scale": scale, "legend": None}


def _axis(field: str, title: str, domain: list[float]) -> dict[str, Any]:
    scale = {"domain": domain, "nice": False, "zero": False}
    return {"field": field, "type": "quantitative", "scale": scale, "title": title}


def _equal_units(x: list[float], y: list[float]) -> tuple[list[float], list[float]]:
    """Both ranges, the tighter one widened about its middle."""
    unit = max((x[1] - x[0]) / WIDTH, (y[1] - y[0]) / HEIGHT)
    wide = [(low + high) / 2 + unit * size * np.array([-0.5, 0.5]) for (low, high), size in ((x, WIDTH), (y, HEIGHT))]
    return wide[0].tolist(), wide[1].tolist()
