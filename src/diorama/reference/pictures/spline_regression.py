"""The live picture of spline regression: a wave that grows quicker, and knots that join one by one."""

import numpy as np

from diorama.linear import SplineRegression
from diorama.recording import record
from diorama.scenes import Scene

N_ROWS = 120


def spline_regression(
    kind: str = "cubic", n_knots: int = 6, knots: str = "quantile", noise: float = 0.25, seed: int = 0
) -> Scene:
    """A spline over 120 points, most of them at the left."""
    random = np.random.default_rng(seed)
    x = np.sort(10 * random.beta(1.2, 1.8, size=N_ROWS))
    y = np.sin(0.09 * x**2) + 0.1 * x + noise * random.normal(size=N_ROWS)
    with record(max_frames=40) as recording:
        SplineRegression(kind, n_knots=n_knots, knots=knots).fit(x[:, None], y)
    return recording.scene()
