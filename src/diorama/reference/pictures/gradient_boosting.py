"""The live picture of gradient boosting: trees that mend, one after the other."""

from typing import Any, Literal, cast

import numpy as np

from diorama.ensembles import GradientBoostingClassifier, GradientBoostingRegressor
from diorama.recording import record
from diorama.reference.pictures.cart import Data, points
from diorama.scenes import Scene

ROWS = 80


def gradient_boosting(
    max_iter: int = 24,
    learning_rate: float = 0.3,
    max_leaf_nodes: int = 4,
    l2_regularization: float = 0.0,
    data: Literal["a wave", "a step", "moons", "checkers", "iris"] = "a wave",
    seed: int = 0,
) -> Scene:
    """Boosting on points of a curve, or of the plane; the `seed` draws the points."""
    limits: dict[str, Any] = {"max_iter": max_iter, "learning_rate": learning_rate, "max_leaf_nodes": max_leaf_nodes}
    limits |= {"l2_regularization": l2_regularization, "min_samples_leaf": 3}
    of_numbers = data in ("a wave", "a step")
    if of_numbers:
        X, y = _curve(data, seed)
        model = GradientBoostingRegressor(**limits)
        names: tuple[str, ...] = ("x",)
    else:
        X, y, names = points(cast(Data, data), seed)
        model = GradientBoostingClassifier(**limits)
    with record(max_frames=24 if of_numbers else 10) as recording:
        model.fit(X, y)
    # the scene reads the names when it is made
    model.feature_names_in_ = np.array(names, dtype=object)
    return recording.scene()


def _curve(data: str, seed: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(0, 10, ROWS))
    true = np.sin(x) + x / 5 if data == "a wave" else np.where(x > 6, 2.0, 0.5)
    return x[:, None], true + 0.25 * random.normal(size=ROWS)
