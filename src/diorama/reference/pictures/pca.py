"""The live picture of principal components: a cloud of points, and axes that turn into place."""

from typing import Literal

import numpy as np
from sklearn.datasets import load_iris

from diorama.decomposition import PCA
from diorama.recording import record
from diorama.scenes import Scene

ROWS = 150


def pca(
    stretch: float = 3.0,
    angle: int = 35,
    data: Literal["a cloud", "a ring", "iris, all four"] = "a cloud",
    seed: int = 0,
) -> Scene:
    """Axes of a cloud that is `stretch` times as long as wide and lies at an `angle`; the `seed` draws the points."""
    random = np.random.default_rng(seed)
    names = None
    if data == "iris, all four":
        found = load_iris()
        X, names = found.data, found.feature_names
    else:
        X = random.normal(size=(ROWS, 2)) * [stretch, 1.0]
        if data == "a ring":
            turns = random.uniform(0, 2 * np.pi, ROWS)
            X = np.column_stack([stretch * np.cos(turns), np.sin(turns)]) + 0.1 * random.normal(size=(ROWS, 2))
        turn = np.radians(angle)
        X = X @ np.array([[np.cos(turn), np.sin(turn)], [-np.sin(turn), np.cos(turn)]])
    model = PCA(2)
    with record(max_frames=40) as recording:
        model.fit(X)
    if names is not None:
        # the scene reads the names when it is made
        model.feature_names_in_ = np.array(names, dtype=object)
    return recording.scene()
