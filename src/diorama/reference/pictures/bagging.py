"""The live picture of bagging: trees fitted for real on draws of the rows, and their mean."""

from typing import Any, Literal

import numpy as np

from diorama.ensembles import BaggingClassifier, BaggingRegressor
from diorama.recording import record
from diorama.reference.pictures.cart import Data, points, wave
from diorama.scenes import Scene
from diorama.trees import CARTClassifier, CARTRegressor

NOISE = 0.35
WAVE = "a wave (numbers)"


def bagging(
    n_estimators: int = 12,
    max_depth: int = 7,
    max_samples: float = 1.0,
    bootstrap: Literal["yes", "no"] = "yes",
    data: Data = "a wave (numbers)",
    seed: int = 0,
) -> Scene:
    """Trees on draws from a noisy wave or from points of the plane; the `seed` draws data and rows."""
    drawing: dict[str, Any] = {"max_samples": max_samples, "bootstrap": bootstrap == "yes", "random_state": seed}
    model: BaggingClassifier | BaggingRegressor
    if data == WAVE:
        X, y, names = wave(seed)
        X, y = X[::2], y[::2] + NOISE * np.random.default_rng(seed).normal(size=len(y[::2]))
        model = BaggingRegressor(CARTRegressor(max_depth=max_depth), n_estimators, **drawing)
    else:
        X, y, names = points(data, seed)
        model = BaggingClassifier(CARTClassifier(max_depth=max_depth), n_estimators, **drawing)
    with record(max_frames=14) as recording:
        model.fit(X, y)
    # the scene reads the names when it is made
    model.feature_names_in_ = np.array(names, dtype=object)
    return recording.scene()
