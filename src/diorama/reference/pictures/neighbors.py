"""The live picture of nearest neighbours: made-up points, and one query that you move."""

from dataclasses import replace
from typing import Literal

import numpy as np

from diorama._typing import Array
from diorama.neighbors import KNeighborsClassifier
from diorama.recording import record
from diorama.scenes import Grip, Scene

N_POINTS = 150
NAMES = np.array(["A", "B", "C"])
LEAF_SIZE = 10


def k_nearest_neighbors(
    x: float = 0.4,
    y: float = 0.3,
    n_neighbors: int = 5,
    weights: Literal["uniform", "distance"] = "uniform",
    metric: Literal["euclidean", "manhattan", "chebyshev"] = "euclidean",
    seed: int = 0,
) -> Scene:
    """The search for the neighbours of the point (x, y), their vote, and the surface of all such votes."""
    model = KNeighborsClassifier(n_neighbors, weights=weights, metric=metric, leaf_size=LEAF_SIZE, algorithm="kd_tree")
    model.fit(*points(seed))
    with record(max_frames=40) as recording:
        model.predict([[x, y]])
    # the page asks anew from wherever the query is dragged to
    return replace(recording.scene(), caption="Drag the cross.", grips=(Grip("query", x="x", y="y"),))


def points(seed: int) -> tuple[Array, Array]:
    """(150, 2) points of three classes that overlap, and their names."""
    random = np.random.default_rng(seed)
    group = np.arange(N_POINTS) % 3
    centers = np.array([[-1.0, -0.4], [1.1, -0.3], [0.1, 1.2]])
    return centers[group] + 0.75 * random.normal(size=(N_POINTS, 2)), NAMES[group]
