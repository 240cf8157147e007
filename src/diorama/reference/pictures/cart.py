"""The live picture of CART: a tree grown for real on flowers or on made-up points."""

from functools import cache
from typing import Any, Literal

import numpy as np
from sklearn.datasets import load_iris

from diorama._typing import Array
from diorama.recording import record
from diorama.scenes import Scene
from diorama.trees import CARTClassifier, CARTRegressor

Data = Literal["iris", "iris, all four", "moons", "checkers", "slanted", "no pattern", "a wave (numbers)"]
N_POINTS = 240
IRIS_NAMES = ("sepal length", "sepal width", "petal length", "petal width")


def cart(
    max_depth: int = 3,
    criterion: Literal["gini", "entropy"] = "gini",
    min_samples_leaf: int = 1,
    ccp_alpha: float = 0.0,
    data: Data = "iris",
    seed: int = 0,
) -> Scene:
    """A tree of at most `max_depth` questions, pruned at `ccp_alpha`; the `seed` draws the made-up points."""
    limits: dict[str, Any] = {"max_depth": max_depth, "min_samples_leaf": min_samples_leaf, "ccp_alpha": ccp_alpha}
    model: CARTClassifier | CARTRegressor
    if data == "a wave (numbers)":
        X, y, names = wave(seed)
        model = CARTRegressor(**limits)
    else:
        X, y, names = points(data, seed)
        model = CARTClassifier(criterion=criterion, **limits)
    with record(max_frames=40) as recording:
        model.fit(X, y)
    # the scene reads the names when it is made
    model.feature_names_in_ = np.array(names, dtype=object)
    return recording.scene()


def points(data: Data, seed: int) -> tuple[Array, Array, tuple[str, ...]]:
    """(X, labels, feature names)."""
    if data.startswith("iris"):
        X, y = _iris()
        return (X, y, IRIS_NAMES) if data == "iris, all four" else (X[:, 2:], y, IRIS_NAMES[2:])
    random = np.random.default_rng(seed)
    X = random.uniform(-1.0, 1.0, size=(N_POINTS, 2))
    if data == "moons":
        half = np.arange(N_POINTS) % 2
        angle = np.pi * (random.random(N_POINTS) + half)
        middle = np.column_stack([np.cos(angle) + half - 0.5, np.sin(angle) + half * 0.5 - 0.25])
        X, inside = 0.6 * middle + 0.12 * random.normal(size=X.shape), half == 0
    elif data == "checkers":
        inside = (X[:, 0] > 0) == (X[:, 1] > 0)
    elif data == "slanted":
        inside = X[:, 0] + X[:, 1] > 0
    else:
        inside = random.random(N_POINTS) < 0.5
    return X, np.where(inside, "blue", "orange"), ("x", "y")


def wave(seed: int) -> tuple[Array, Array, tuple[str, ...]]:
    """(X, numbers, feature name): a wave that slows down, and noise."""
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(0.0, 1.0, N_POINTS))
    return x[:, None], np.sin(9 * np.sqrt(x)) + 0.15 * random.normal(size=N_POINTS), ("x",)


@cache
def _iris() -> tuple[Array, Array]:
    bunch = load_iris()
    return bunch.data, bunch.target_names[bunch.target]
