"""The live picture of mean normalisation: two columns of unlike ranges, and the valley that they make."""

import numpy as np

from diorama.linear import MeanNormalizer
from diorama.recording import record
from diorama.scenes import Scene

N_ROWS = 120


def mean_normalizer(ratio: float = 6.0, offset: float = 1.0, correlation: float = 0.3, seed: int = 0) -> Scene:
    """Two columns, the first `ratio` times as wide, whose middles lie `offset` half ranges from zero."""
    random = np.random.default_rng(seed)
    X = random.uniform(-1, 1, size=(N_ROWS, 2))
    X[:, 1] = correlation * X[:, 0] + (1 - abs(correlation)) * X[:, 1]
    with record(max_frames=40) as recording:
        MeanNormalizer().fit((X + offset) * [ratio, 1.0])
    return recording.scene()
