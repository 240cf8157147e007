"""The rows of a mixture as its passes want them: in tiles, in double precision, less their mean."""

from functools import cached_property

import numpy as np

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering._mixture_kernels import TILE

# pieces that threads take depend on the data alone, so that sums come out the same on any number of threads
MAX_PIECES = 16
MIN_TILES = 8


class TiledRows:
    """X (n_samples, n_features) in tiles (n_features, TILE); the last is filled up with rows that do not count."""

    def __init__(self, X: Array) -> None:
        self.X = X
        self.n, self.d = X.shape
        self.origin: Array = X.mean(axis=0, dtype=np.float64)
        n_tiles = -(-self.n // TILE)
        self.tiles = np.zeros((n_tiles, self.d, TILE))
        whole = self.n // TILE
        body = X[: whole * TILE].reshape(whole, TILE, self.d).transpose(0, 2, 1)
        np.subtract(body, self.origin[:, None], out=self.tiles[:whole])
        if whole < n_tiles:
            self.tiles[whole, :, : self.n - whole * TILE] = (X[whole * TILE :] - self.origin).T
        self._bounds = _parallel.blocks(n_tiles, max(MIN_TILES, -(-n_tiles // MAX_PIECES)))

    def pieces(self) -> list[tuple[Array, int]]:
        """(tiles, rows in them) of each piece of work."""
        return [(self.tiles[a:b], min(self.n, b * TILE) - a * TILE) for a, b in self._bounds]

    @cached_property
    def covariance(self) -> Array:
        """(n_features, n_features) of all rows."""
        away = self.X - self.origin
        covariance: Array = away.T @ away / self.n
        return covariance
