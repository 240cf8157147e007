"""The live picture of stepwise regression: ten columns of which four matter, and two of those say nearly the same."""

import numpy as np

from diorama.linear import StepwiseRegression
from diorama.recording import record
from diorama.scenes import Scene

N_ROWS = 80
TRUE = np.array([2.0, 1.0, 0.0, -1.5, 0.0, 0.0, 0.6, 0.0, 0.0, 0.0])


def stepwise_regression(
    direction: str = "both", criterion: str = "aic", correlation: float = 0.95, noise: float = 2.0, seed: int = 0
) -> Scene:
    """A search for the columns that earn their place; the third is much like the first two together."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(N_ROWS, len(TRUE)))
    X[:, 2] = correlation * (X[:, 0] + X[:, 1]) / np.sqrt(2) + np.sqrt(1 - correlation**2) * X[:, 2]
    y = X @ TRUE + noise * random.normal(size=N_ROWS)
    with record(max_frames=40) as recording:
        StepwiseRegression(direction, criterion=criterion).fit(X, y)
    return recording.scene()
