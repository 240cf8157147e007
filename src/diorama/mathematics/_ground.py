"""The land around a point of the plane: what pictures of functions of two numbers stand on."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from diorama._typing import Array

# corners of the grid of heights along each side
SIDE = 41
_REACH = 1.5


class Ground(NamedTuple):
    """Heights on a square around a point."""

    x_range: Array  # (2,)
    y_range: Array  # (2,)
    heights: Array  # (SIDE, SIDE), top row first; NaN where the function has no value

    @classmethod
    def of(cls, value: Callable[[Array], float], point: Array) -> "Ground | None":
        """The ground around a point of two numbers; None around any other."""
        if point.size != 2:
            return None
        reach = _REACH * max(1.0, float(np.linalg.norm(point)) / 2)
        xs = np.linspace(point[0] - reach, point[0] + reach, SIDE)
        ys = np.linspace(point[1] + reach, point[1] - reach, SIDE)
        heights = np.array([[value(np.array([x, y])) for x in xs] for y in ys])
        return cls(xs[[0, -1]], ys[[-1, 0]], heights)
