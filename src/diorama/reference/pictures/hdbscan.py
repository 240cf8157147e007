"""The live picture of HDBSCAN: a tree of clusters beside made-up points."""

from typing import Literal

from diorama.clustering import HDBSCAN
from diorama.recording import record
from diorama.reference.pictures.k_means import Shape, points
from diorama.scenes import Scene


def hdbscan(
    min_cluster_size: int = 10,
    min_samples: int = 5,
    method: Literal["excess of mass", "leaf"] = "excess of mass",
    shape: Shape = "uneven",
    seed: int = 0,
) -> Scene:
    """Clusters of at least `min_cluster_size` points of a `shape`; the `seed` draws the points."""
    with record(max_frames=40) as recording:
        HDBSCAN(
            min_cluster_size=min_cluster_size,
            min_samples=min_samples,
            cluster_selection_method="leaf" if method == "leaf" else "eom",
        ).fit(points(shape, seed))
    return recording.scene()
