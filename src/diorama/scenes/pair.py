"""Two panels side by side: what one model says by itself, and what it says together with others."""

from collections.abc import Callable
from typing import Any, Protocol

import numpy as np

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.scenes.boundary import Boundary
from diorama.scenes.columns import Columns
from diorama.scenes.fitted import Agreement, FittedCurve
from diorama.scenes.parts import number

WIDTH, HEIGHT = 330, 300
ALONE = " alone"

Says = Callable[[Array], Array]  # (n, n_features) points -> (n, n_classes) probabilities, or (n, 1) numbers


class Pair(Protocol):
    """What both kinds of pair can do."""

    still: dict[str, Columns]
    caption: str

    def frame(self, alone: Says, together: Says) -> dict[str, Columns]: ...
    def panels(self, alone: str, together: str) -> list[dict[str, Any]]: ...
    def score(self, said: Array) -> float: ...
    def says(self, score: float) -> str: ...


def pair_of(fit: Fit) -> Pair:
    """The pair of panels for a classifier's or a regressor's fit."""
    return PairOfPlanes(fit) if hasattr(fit.subject, "classes_") else PairOfCurves(fit)


class PairOfPlanes:
    """Two panels of probabilities."""

    def __init__(self, fit: Fit) -> None:
        self.fit, self.boundary = fit, Boundary.of(fit)
        self.still, self.caption = dict(self.boundary.still), self.boundary.caption

    def frame(self, alone: Says, together: Says) -> dict[str, Columns]:
        """The data sets of one frame."""
        first, second = self.boundary.frame(alone), self.boundary.frame(together)
        return {**{name + ALONE: columns for name, columns in first.items()}, **second}

    def panels(self, alone: str, together: str) -> list[dict[str, Any]]:
        """The two Vega-Lite panels with their titles."""
        panels = (self.boundary.panel(WIDTH, HEIGHT) for _ in range(2))
        return _titled(panels, alone, together, self.still)

    def score(self, said: Array) -> float:
        """Share of the drawn training rows that are given their own class."""
        return float(np.mean(self.fit.subject.classes_[said.argmax(axis=1)] == np.asarray(self.fit.y)))

    def says(self, score: float) -> str:
        """The score as a sentence goes on."""
        return f"puts {score:.0%} of the training rows right"


class PairOfCurves:
    """Two panels of the curve over one feature, or of predictions beside targets of many."""

    def __init__(self, fit: Fit) -> None:
        self.fit = fit
        kind = FittedCurve if fit.X.shape[1] == 1 else Agreement
        self.panel = kind(fit, WIDTH, HEIGHT)
        self.still, self.caption = self.panel.still, self.panel.caption

    def frame(self, alone: Says, together: Says) -> dict[str, Columns]:
        """The data sets of one frame."""
        places = self.panel.places
        first, second = (self.panel.frame_of(says(places)[:, 0]) for says in (alone, together))
        return {**{name + ALONE: columns for name, columns in first.items()}, **second}

    def panels(self, alone: str, together: str) -> list[dict[str, Any]]:
        """The two Vega-Lite panels with their titles."""
        return _titled((self.panel.panel() for _ in range(2)), alone, together, self.still)

    def score(self, said: Array) -> float:
        """Mean squared error on the drawn training rows."""
        return float(np.mean((said[:, 0] - np.asarray(self.fit.y, dtype=float)) ** 2))

    def says(self, score: float) -> str:
        """The score as a sentence goes on."""
        return f"errs by {number(score)} (mean square)"


def _titled(panels: Any, alone: str, together: str, still: dict[str, Columns]) -> list[dict[str, Any]]:
    first, second = panels
    for layer in first["layer"]:
        if layer["data"]["name"] not in still:
            layer["data"] = {"name": layer["data"]["name"] + ALONE}
    return [{"title": alone, **first}, {"title": together, **second}]
