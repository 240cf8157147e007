"""The live picture of stacking: members asked out of fold, and a final model that reads what they said."""

from typing import Literal

import numpy as np

from diorama._typing import Array
from diorama.ensembles import StackingClassifier, StackingRegressor
from diorama.recording import record
from diorama.reference.pictures.bagging import WAVE
from diorama.reference.pictures.cart import Data, points, wave
from diorama.reference.pictures.voting import classifiers, regressors
from diorama.scenes import Scene


def stacking(
    folds: int = 5,
    max_depth: int = 5,
    members: Literal["all three", "line and tree", "line and bells"] = "line and tree",
    data: Data = "moons",
    seed: int = 0,
) -> Scene:
    """Models on points of the plane, or on a wave, asked out of `folds` folds."""
    model: StackingClassifier | StackingRegressor
    if data == WAVE:
        X, y, names = wave(seed)
        X, y = _shuffled(X, y, seed)
        model = StackingRegressor(regressors(max_depth), cv=folds)
    else:
        X, y, names = points(data, seed)
        X, y = _shuffled(X, y, seed)
        given = classifiers(max_depth)
        kept = {"line and tree": given[::2], "line and bells": given[:2]}.get(members, given)
        model = StackingClassifier(kept, cv=folds)
    with record(max_frames=8) as recording:
        model.fit(X, y)
    # the scene reads the names when it is made
    model.feature_names_in_ = np.array(names, dtype=object)
    return recording.scene()


def _shuffled(X: Array, y: Array, seed: int) -> tuple[Array, Array]:
    """Rows in no order: folds cut them as they come."""
    rows = np.random.default_rng(seed).permutation(len(y))
    return X[rows], y[rows]
