"""The live picture of linear regression by gradient descent: a line and its weights find their place."""

import warnings

import numpy as np

from diorama._typing import Array
from diorama.linear import GradientDescentRegressor
from diorama.optimization import DivergenceWarning
from diorama.recording import record
from diorama.scenes import Scene

STEPS = 38
N_POINTS = 60


def gradient_descent_regression(
    learning_rate: float = 0.05, batch_size: str = "all", center: float = 0.5, seed: int = 0
) -> Scene:
    """38 passes over 60 points whose feature is spread around `center`."""
    X, y = points(center, seed)
    model = GradientDescentRegressor(
        learning_rate=learning_rate,
        batch_size=None if batch_size == "all" else int(batch_size),
        max_iter=STEPS,
        tol=None,
        random_state=seed,
    )
    with warnings.catch_warnings(), record(max_frames=STEPS + 2) as recording:
        # the picture itself tells of a divergence
        warnings.simplefilter("ignore", DivergenceWarning)
        model.fit(X, y)
    return recording.scene()


def points(center: float, seed: int) -> tuple[Array, Array]:
    """(60, 1) places and (60,) heights around the line 2 x + 1."""
    random = np.random.default_rng(seed)
    X = center + random.uniform(-2.5, 2.5, size=(N_POINTS, 1))
    return X, 2 * X[:, 0] + 1 + 0.8 * random.normal(size=N_POINTS)
