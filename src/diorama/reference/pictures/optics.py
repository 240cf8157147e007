"""The live picture of OPTICS: a reachability plot drawn beside made-up points."""

from typing import Literal

from diorama.clustering import OPTICS
from diorama.recording import record
from diorama.reference.pictures.k_means import Shape, points
from diorama.scenes import Scene

SMALLEST = 0.15  # of all points, that are called a cluster


def optics(
    min_samples: int = 12,
    method: Literal["steep valleys", "one cut"] = "steep valleys",
    xi: float = 0.05,
    eps: float = 1.2,
    shape: Shape = "uneven",
    seed: int = 0,
) -> Scene:
    """Valleys in points of a `shape`, by their sides (`xi`) or by a cut (`eps`); the `seed` draws the points."""
    with record(max_frames=40) as recording:
        OPTICS(
            min_samples=min_samples,
            cluster_method="dbscan" if method == "one cut" else "xi",
            xi=xi,
            eps=eps,
            min_cluster_size=SMALLEST,
        ).fit(points(shape, seed))
    return recording.scene()
