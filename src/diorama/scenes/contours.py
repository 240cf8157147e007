"""Lines of equal height on a grid of values."""

from collections.abc import Sequence
from functools import lru_cache

import numpy as np

from diorama._typing import Array

# rows and columns of a cell's corners beside the first, around the cell
_RING = (np.array([0, 0, 1, 1]), np.array([0, 1, 1, 0]))


def corners(x_range: Sequence[float], y_range: Sequence[float], width: int, height: int) -> Array:
    """(height + 1, width + 1, 2) places of the corners of the cells of a grid, top row first; not to be written to."""
    return _corners((x_range[0], x_range[1]), (y_range[0], y_range[1]), width, height)


@lru_cache(maxsize=16)
def _corners(x_range: tuple[float, float], y_range: tuple[float, float], width: int, height: int) -> Array:
    """Every frame of a picture has the same grid."""
    x = np.linspace(x_range[0], x_range[1], width + 1)
    y = np.linspace(y_range[1], y_range[0], height + 1)
    places = np.stack(np.meshgrid(x, y), axis=-1)
    places.flags.writeable = False
    return places


def contour(grid: Array, height: Array, values: Array) -> tuple[Array, Array]:
    """(n, 4) pieces x, y, x2, y2 of the lines on which `height` is zero, and `values` in the middle of each.

    Marching squares: `grid` (rows, columns, 2) holds the corners of the cells, `height` (rows, columns) and `values`
    (rows, columns, n_values) what is known there; between them all is taken for linear.
    """
    up = height > 0
    mixed = (up[:-1, :-1] != up[:-1, 1:]) | (up[:-1, :-1] != up[1:, :-1]) | (up[:-1, :-1] != up[1:, 1:])
    # the four corners of each cell that a line crosses, in a ring
    rows, columns = (index[:, None] + offset for index, offset in zip(np.nonzero(mixed), _RING, strict=True))
    ring, places = height[rows, columns], grid[rows, columns]
    following, next_places = np.roll(ring, -1, axis=1), np.roll(places, -1, axis=1)
    crossed = (ring > 0) != (following > 0)
    part = np.where(crossed, ring / np.where(crossed, ring - following, 1.0), 0.0)[..., None]
    crossings = places + part * (next_places - places)
    order = np.argsort(~crossed, axis=1, kind="stable")
    # a saddle cell is crossed four times: two segments
    saddles = np.flatnonzero(crossed.sum(axis=1) == 4)
    cells = np.concatenate([np.arange(len(ring)), saddles])
    ends = np.concatenate([order[:, :2], order[saddles, 2:]])
    begin, end = crossings[cells, ends[:, 0]], crossings[cells, ends[:, 1]]
    u, v = ((begin + end) / 2 - places[cells, 0]).T / (places[cells, 2] - places[cells, 0]).T
    shares = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    around = values[rows[cells], columns[cells]]
    return np.concatenate([begin, end], axis=1), np.einsum("sk,skc->sc", shares, around)
