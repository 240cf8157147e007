"""The live picture of hierarchical clustering: the points that k-means has, merged from below and cut."""

from typing import Literal

from diorama.clustering import AgglomerativeClustering
from diorama.recording import record
from diorama.reference.pictures.k_means import Shape, points
from diorama.scenes import Scene


def agglomerative(
    linkage: Literal["ward", "average", "complete", "single", "centroid", "median"] = "ward",
    cut: int = 50,
    shape: Shape = "blobs",
    seed: int = 0,
) -> Scene:
    """Points of a `shape` merged by `linkage`, and cut at `cut` percent of the highest merge."""
    X = points(shape, seed)
    top = AgglomerativeClustering(1, linkage=linkage).fit(X).distances_.max()
    model = AgglomerativeClustering(None, linkage=linkage, distance_threshold=cut / 100 * top)
    with record(max_frames=40) as recording:
        model.fit(X)
    return recording.scene()
