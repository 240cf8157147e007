"""The live pictures of the penalties: two weights, a growing penalty, and columns as alike as you like."""

import numpy as np

from diorama.penalties import L1, L2, Penalty, penalty_path
from diorama.recording import record
from diorama.scenes import Scene


def l1(alike: float = 0.4, second: float = 0.8) -> Scene:
    """Weights under a growing L1 penalty."""
    return _grow(L1, alike, second, 3.2)


def l2(alike: float = 0.4, second: float = 0.8) -> Scene:
    """Weights under a growing L2 penalty."""
    return _grow(L2, alike, second, 6.0)


def _grow(penalty: type[Penalty], alike: float, second: float, strongest: float) -> Scene:
    # two columns whose correlation is `alike`; at 1 they are one column, twice
    X = np.sqrt(2) * np.array([[1.0, alike], [0.0, np.sqrt(1 - alike**2)]])
    with record(max_frames=40) as recording:
        penalty_path(penalty, X, X @ np.array([2.0, second]), strongest * np.linspace(0, 1, 29)[1:] ** 2)
    return recording.scene()
