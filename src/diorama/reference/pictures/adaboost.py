"""The live picture of AdaBoost: small trees boosted for real on points of the plane or on a wave."""

from typing import Literal

import numpy as np

from diorama.ensembles import AdaBoostClassifier, AdaBoostRegressor
from diorama.recording import record
from diorama.reference.pictures.bagging import WAVE
from diorama.reference.pictures.cart import Data, points, wave
from diorama.scenes import Scene
from diorama.trees import CARTClassifier, CARTRegressor


def adaboost(
    n_estimators: int = 12,
    learning_rate: float = 1.0,
    max_depth: int = 1,
    loss: Literal["linear", "square", "exponential"] = "linear",
    data: Data = "moons",
    seed: int = 0,
) -> Scene:
    """Trees of at most `max_depth` questions in a row; the `seed` draws the points, and R2's rows."""
    model: AdaBoostClassifier | AdaBoostRegressor
    if data == WAVE:
        X, y, names = wave(seed)
        tree = CARTRegressor(max_depth=max_depth)
        model = AdaBoostRegressor(
            tree, n_estimators=n_estimators, learning_rate=learning_rate, loss=loss, random_state=seed
        )
    else:
        X, y, names = points(data, seed)
        member = CARTClassifier(max_depth=max_depth)
        model = AdaBoostClassifier(member, n_estimators=n_estimators, learning_rate=learning_rate, random_state=seed)
    with record(max_frames=14) as recording:
        model.fit(X, y)
    # the scene reads the names when it is made
    model.feature_names_in_ = np.array(names, dtype=object)
    return recording.scene()
