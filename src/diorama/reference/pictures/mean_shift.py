"""The live picture of mean shift: seeds on the points that k-means has, climbing to the modes of their density."""

from typing import Literal

from diorama.clustering import MeanShift
from diorama.recording import record
from diorama.reference.pictures.k_means import Shape, points
from diorama.scenes import Scene


def mean_shift(
    bandwidth: float = 1.6,
    kernel: Literal["flat", "gaussian"] = "flat",
    shape: Shape = "blobs",
    binned: Literal["every point", "a grid"] = "every point",
    seed: int = 0,
) -> Scene:
    """Seeds that see `bandwidth` far climb on points of a `shape`."""
    model = MeanShift(bandwidth=bandwidth, kernel=kernel, bin_seeding=binned == "a grid", max_iter=37)
    with record(max_frames=40) as recording:
        model.fit(points(shape, seed))
    return recording.scene()
