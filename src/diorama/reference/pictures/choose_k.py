"""The live picture of choosing k: one table, every k, and what four methods think of each."""

from diorama.clustering import choose_k as judge
from diorama.recording import record
from diorama.reference.pictures.k_means import Shape, points
from diorama.scenes import Scene

POINTS = 120


def choose_k(most: int = 6, references: int = 3, shape: Shape = "blobs", seed: int = 0) -> Scene:
    """k from 1 to `most` on points of a `shape`; the `seed` draws the points and all starts."""
    with record() as recording:
        judge(points(shape, seed)[:POINTS], range(1, most + 1), n_references=references, random_state=seed)
    return recording.scene()
