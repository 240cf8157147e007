"""The live picture of ordinary least squares: residuals that tell what is wrong with a model."""

import numpy as np

from diorama.linear import LinearRegression
from diorama.recording import record
from diorama.scenes import Scene

N_ROWS = 80


def ordinary_least_squares(bend: float = 0.0, fan: float = 0.0, outlier: float = 8.0, seed: int = 0) -> Scene:
    """A line through points that bend, whose noise fans out, and one of which lies `outlier` off, far to the right."""
    random = np.random.default_rng(seed)
    x = random.uniform(-2, 2, size=N_ROWS)
    x[-1] = 3.0
    y = 1 + 2 * x + bend * (x**2 - 1) + (1 + fan * (x + 2)) * random.normal(size=N_ROWS)
    y[-1] += outlier
    with record(max_frames=40) as recording:
        model = LinearRegression().fit(x[:, None], y)
        model.inference(x[:, None], y)
    return recording.scene()
