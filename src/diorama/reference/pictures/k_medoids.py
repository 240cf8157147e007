"""The live picture of k-medoids: made-up points, grouped around some of themselves."""

from typing import Literal

import numpy as np

from diorama.clustering import KMedoids
from diorama.recording import record
from diorama.reference.pictures.k_means import Shape, points
from diorama.scenes import Scene


def k_medoids(
    n_clusters: int = 3,
    outliers: int = 0,
    metric: Literal["euclidean", "manhattan", "chebyshev"] = "euclidean",
    start: Literal["random", "k-medoids++", "build", "heuristic"] = "random",
    shape: Shape = "blobs",
    seed: int = 0,
) -> Scene:
    """`n_clusters` medoids on points of a `shape`, with some points far out; the `seed` draws points and start."""
    X = points(shape, seed)
    far = np.random.default_rng(seed + 1).uniform(9.0, 14.0, size=(outliers, 2))
    with record(max_frames=24) as recording:
        KMedoids(n_clusters, metric=metric, init=start, random_state=seed).fit(np.vstack([X, far]))
    return recording.scene()
