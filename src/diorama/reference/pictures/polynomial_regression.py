"""The live picture of polynomial regression: a wave with noise, and a polynomial that may bend too much."""

import numpy as np

from diorama._typing import Array
from diorama.linear import PolynomialRegression
from diorama.recording import record
from diorama.scenes import Scene


def polynomial_regression(degree: int = 4, n_points: int = 24, noise: float = 0.3, seed: int = 0) -> Scene:
    """A polynomial of this `degree` on points along a wave."""
    X, y = points(n_points, noise, seed)
    with record(max_frames=40) as recording:
        PolynomialRegression(degree).fit(X, y)
    return recording.scene()


def points(n: int, noise: float, seed: int) -> tuple[Array, Array]:
    """(n, 1) places from -1 to 1, and a wave over them."""
    random = np.random.default_rng(seed)
    X = np.sort(random.uniform(-1, 1, size=(n, 1)), axis=0)
    return X, np.sin(4 * X[:, 0]) + noise * random.normal(size=n)
