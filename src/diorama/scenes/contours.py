"""Lines of equal height on a grid of values."""

from collections.abc import Sequence

import numpy as np

from diorama._typing import Array


def corners(x_range: Sequence[float], y_range: Sequence[float], width: int, height: int) -> Array:
    """(height + 1, width + 1, 2) places of the corners of the cells of a grid, top row first."""
    x = np.linspace(x_range[0], x_range[1], width + 1)
    y = np.linspace(y_range[1], y_range[0], height + 1)
    return np.stack(np.meshgrid(x, y), axis=-1)


def contour(grid: Array, height: Array, values: Array) -> tuple[Array, Array]:
    """(n, 4) pieces x, y, x2, y2 of the lines on which `height` is zero, and `values` in the middle of each.

    Marching squares: `grid` (rows, columns, 2) holds the corners of the cells, `height` (rows, columns) and `values`
    (rows, columns, n_values) what is known there; between them all is taken for linear.
    """
    signs = height > 0
    mixed = np.stack([_cells(signs, k) for k in range(4)], axis=1)
    cells = np.flatnonzero(mixed.any(axis=1) & ~mixed.all(axis=1))
    ring = np.stack([_cells(height, k)[cells] for k in range(4)], axis=1)
    places = np.stack([_cells(grid, k)[cells] for k in range(4)], axis=1)
    following, next_places = np.roll(ring, -1, axis=1), np.roll(places, -1, axis=1)
    crossed = (ring > 0) != (following > 0)
    part = np.where(crossed, ring / np.where(crossed, ring - following, 1.0), 0.0)[..., None]
    crossings = places + part * (next_places - places)
    order = np.argsort(~crossed, axis=1, kind="stable")
    # a saddle cell is crossed four times: two segments
    saddles = np.flatnonzero(crossed.sum(axis=1) == 4)
    rows = np.concatenate([np.arange(len(cells)), saddles])
    ends = np.concatenate([order[:, :2], order[saddles, 2:]])
    begin, end = crossings[rows, ends[:, 0]], crossings[rows, ends[:, 1]]
    u, v = ((begin + end) / 2 - places[rows, 0]).T / (places[rows, 2] - places[rows, 0]).T
    shares = np.stack([(1 - u) * (1 - v), u * (1 - v), u * v, (1 - u) * v], axis=1)
    around = np.stack([_cells(values, k)[cells[rows]] for k in range(4)], axis=1)
    return np.concatenate([begin, end], axis=1), np.einsum("sk,skc->sc", shares, around)


def _cells(grid: Array, corner: int) -> Array:
    """The value at one corner (0 to 3, around the cell) of every cell, cells in one row."""
    rows, columns = ((0, 0), (0, 1), (1, 1), (1, 0))[corner]
    part = grid[rows : grid.shape[0] - 1 + rows, columns : grid.shape[1] - 1 + columns]
    return part.reshape(-1, *grid.shape[2:])
