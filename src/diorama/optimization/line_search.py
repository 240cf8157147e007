"""How far to go along a direction: what every search along a line has in common."""

from abc import ABC, abstractmethod
from dataclasses import dataclass

import numpy as np

from diorama._typing import Array
from diorama._validation import check_part, check_real
from diorama.optimization.optimizer import Objective, Place


class LineSearch(ABC):
    """A rule for the length of a step. A direction method takes one as a part."""

    @abstractmethod
    def search(self, objective: Objective, place: Place, direction: Array, first: float) -> tuple[float, Place]:
        """The length of the step along `direction`, and the place it leads to; `first` is the length to try first.

        Length 0 and the very `place` given, when no length that is tried lowers the value.
        """


@dataclass(frozen=True)
class FixedLength(LineSearch):
    """No search: every step has the length that the method proposes, times `share`.

    >>> import numpy as np
    >>> from diorama.optimization import LBFGS, SURFACES, minimize
    >>> minimize(SURFACES["bowl"], [1.0, 2.0], method=LBFGS(line_search=FixedLength())).converged
    True
    """

    share: float = 1.0

    def __post_init__(self) -> None:
        check_real("share", self.share, "above 0 and finite", lambda share: 0 < share < np.inf)

    def search(self, objective: Objective, place: Place, direction: Array, first: float) -> tuple[float, Place]:
        """One look, at the end of the step."""
        length = self.share * first
        x = place.x + length * direction
        return length, Place(x, *objective.value_and_gradient(x))


@dataclass(frozen=True)
class ExactLength(LineSearch):
    r"""The lowest point along the line, for a function that is quadratic there.

    The gradient of a quadratic changes evenly along a line, so that two looks at it tell the curvature and the length

    .. math:: \ell = -\frac{g^T p}{p^T (\nabla f(x + p) - g)}

    Where the line curves down it has no lowest point, and the step proposed is taken.
    """

    def search(self, objective: Objective, place: Place, direction: Array, first: float) -> tuple[float, Place]:
        """A look at the far end of the direction, and the step that it tells."""
        ahead = objective.value_and_gradient(place.x + direction)[1]  #: look ahead
        curvature = float(np.vdot(direction, ahead - place.gradient))
        length = -slope_along(place, direction) / curvature if curvature > 0 else first  #: length
        return FixedLength().search(objective, place, direction, length)


def check_line_search(line_search: object) -> None:
    """TypeError unless it is a LineSearch."""
    check_part("line_search", line_search, LineSearch, "StrongWolfe()")


def slope_along(place: Place, direction: Array) -> float:
    """How fast the value changes along `direction`; below 0 on the way down."""
    return float(np.vdot(place.gradient, direction))


def rounding(place: Place) -> float:
    """How much of a change of the value is no more than rounding."""
    return 4 * float(np.finfo(place.x.dtype).eps) * abs(place.value)


def first_length(gradient: Array) -> float:
    """A modest first try for a step along -gradient, when nothing is known of the scale: at most one unit of path."""
    size = float(np.abs(gradient).sum())
    return min(1.0, 1 / size) if size > 0 else 1.0
