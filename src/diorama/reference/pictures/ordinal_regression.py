"""The live picture of ordinal regression: grades that rise along one direction."""

import numpy as np

from diorama.linear import OrdinalRegression
from diorama.recording import record
from diorama.scenes import Scene

GRADES = ("poor", "fair", "good", "superb")
N_POINTS = 160


def ordinal_regression(n_classes: int = 3, noise: float = 1.0, alpha: float = 1.0, seed: int = 0) -> Scene:
    """Points whose grade is where a weighted sum and `noise` put them."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(N_POINTS, 2))
    hidden = X @ np.array([1.6, 0.9]) + noise * random.logistic(scale=0.5, size=N_POINTS)
    cuts = np.quantile(hidden, np.arange(1, n_classes) / n_classes)
    grades = np.array(GRADES)[np.digitize(hidden, cuts)]
    with record(max_frames=40) as recording:
        OrdinalRegression(alpha, order=list(GRADES[:n_classes])).fit(X, grades)
    return recording.scene()
