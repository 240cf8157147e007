"""The live picture of k-means: made-up points of a few shapes, grouped for real."""

from typing import Literal

import numpy as np

from diorama._typing import Array
from diorama.clustering import KMeans
from diorama.recording import record
from diorama.scenes import Scene

Shape = Literal["blobs", "moons", "stretched", "uneven", "no groups"]
N_POINTS = 240


def k_means(
    n_clusters: int = 3, shape: Shape = "blobs", start: Literal["k-means++", "random"] = "k-means++", seed: int = 0
) -> Scene:
    """`n_clusters` centres on points of a `shape`; the `seed` draws both the points and the start."""
    X = points(shape, seed)
    with record(max_frames=40) as recording:
        KMeans(n_clusters, init=start, n_init=1, max_iter=60, random_state=seed).fit(X)
    return recording.scene()


def points(shape: Shape, seed: int) -> Array:
    """(240, 2) points, always within the same few units so that shapes compare."""
    random = np.random.default_rng(seed)
    centers = np.array([[-4.0, -2.5], [0.0, 3.5], [4.0, -2.0]])
    group = np.arange(N_POINTS) % 3
    X: Array = random.normal(size=(N_POINTS, 2))
    if shape == "moons":
        half = np.arange(N_POINTS) % 2
        angle = np.pi * (random.random(N_POINTS) + half)
        X = 0.4 * X + 3.5 * np.column_stack([np.cos(angle) + half - 0.5, np.sin(angle) + half * 0.5 - 0.25])
    elif shape == "stretched":
        X = (centers[group] + X) @ np.array([[0.7, -0.7], [-0.5, 1.0]])
    elif shape == "uneven":
        X = centers[group] + X * np.array([0.5, 1.0, 2.2])[group, None]
    elif shape == "no groups":
        X = random.uniform(-5.0, 5.0, size=(N_POINTS, 2))
    else:
        X = centers[group] + 1.1 * X
    return X
