"""Places of a neighbours' picture from which its rows can be asked: a recorded fit has no query of its own yet."""

from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import sparse

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.neighbors._search_states import State
from diorama.neighbors._votes import say
from diorama.scenes.neighbors_ground import Ground

ACROSS, UP = 12, 8  # places along each axis


def asked(built: State, fit: Fit, ground: Ground) -> list[State]:
    """What the finished search finds from places all over the picture; none where no place between rows can be asked.

    With more than two features the places lie on the plane that is drawn, and distances are those of all features.
    """
    model = fit.subject
    weighing = getattr(model, "weights", None)
    if sparse.issparse(fit.X) or model.metric == "precomputed" or callable(model.metric) or callable(weighing):
        return []
    places = _places([axis["scale"]["domain"] for axis in ground.axes], one=len(ground.heights) > 0)
    queries = ground.plane.origin + places @ ground.plane.axes
    distances, rows = model.neighbors_at(queries)
    one_target = ground.classes or len(ground.targets)
    weights = say(distances, weighing) if one_target else np.empty((len(queries), 0))
    base = built._replace(boxes=np.empty((0, 2, 0)), fates=np.empty(0, dtype=np.int64), found=True)
    return [
        base._replace(query=query, neighbors=near, distances=far, weights=own)
        for query, near, far, own in zip(queries, rows, distances, weights, strict=True)
    ]


def _places(domains: Sequence[Any], *, one: bool) -> Array:
    """(n, 2) places, row by row and to and fro, so that from one to the next is a short way."""
    (left, right), (low, high) = domains
    x = np.linspace(left, right, 2 * ACROSS + 1)[1::2]
    if one:
        return np.column_stack([np.linspace(left, right, ACROSS * UP), np.zeros(ACROSS * UP)])
    y = np.linspace(low, high, 2 * UP + 1)[1::2]
    grid = np.stack(np.meshgrid(x, y), axis=-1)
    grid[1::2] = grid[1::2, ::-1]
    return grid.reshape(-1, 2)
