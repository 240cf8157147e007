"""The live picture of DBSCAN: reach spreading over made-up points."""

from diorama.clustering import DBSCAN
from diorama.recording import record
from diorama.reference.pictures.k_means import Shape, points
from diorama.scenes import Scene


def dbscan(eps: float = 0.8, min_samples: int = 5, shape: Shape = "moons", seed: int = 0) -> Scene:
    """Clusters of points of a `shape` that reach `eps` far; the `seed` draws the points."""
    with record(max_frames=40) as recording:
        DBSCAN(eps=eps, min_samples=min_samples).fit(points(shape, seed))
    return recording.scene()
