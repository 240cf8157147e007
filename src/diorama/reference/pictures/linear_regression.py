"""The live picture of linear regression: made-up points about a line, one of them led astray, fitted exactly."""

import numpy as np

from diorama._typing import Array
from diorama.linear import LinearRegression
from diorama.recording import record
from diorama.scenes import Scene


def linear_regression(
    slope: float = 1.2, noise: float = 1.5, n_points: int = 24, outlier: float = 0.0, seed: int = 0
) -> Scene:
    """The line of least squares through `n_points` about a line of this `slope`; one of them is `outlier` too high."""
    x, y = points(slope, noise, n_points, outlier, seed)
    with record(max_frames=40) as recording:
        LinearRegression().fit(x[:, None], y)
    return recording.scene()


def points(slope: float, noise: float, n_points: int, outlier: float, seed: int) -> tuple[Array, Array]:
    """(n_points,) places and heights; of one seed, the same points lie only higher or lower as the sliders move."""
    random = np.random.default_rng(seed)
    x = random.uniform(0.0, 10.0, 200)[:n_points]
    y = 3.0 + slope * x + noise * random.normal(size=200)[:n_points]
    y[int(x.argmax())] += outlier
    return x, y
