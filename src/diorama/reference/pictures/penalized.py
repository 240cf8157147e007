"""The live pictures of ridge, lasso and elastic net: coefficients while the penalty comes down."""

import numpy as np

from diorama._typing import Array
from diorama.linear import Ridge, enet_path
from diorama.recording import record
from diorama.scenes import Scene

N_ROWS = 60
N_ALPHAS = 40
TRUE = np.array([3.0, 3.0, -2.0, 0.0, 0.0, 1.0, 0.0, 0.0])


def ridge(strongest: float = 3.0, correlation: float = 0.9, noise: float = 2.0, seed: int = 0) -> Scene:
    """Ridge's coefficients down to a penalty of ten to the power `strongest` below 1000."""
    X, y = table(correlation, noise, seed)
    with record(max_frames=40) as recording:
        Ridge(10.0 ** (3.0 - strongest)).fit(X, y)
    return recording.scene()


def lasso(correlation: float = 0.6, noise: float = 2.0, seed: int = 0) -> Scene:
    """The lasso's coefficients, coming in one after the other."""
    return elastic_net(1.0, correlation, noise, seed)


def elastic_net(l1_ratio: float = 0.5, correlation: float = 0.9, noise: float = 2.0, seed: int = 0) -> Scene:
    """The elastic net's coefficients with a share of L1 in its penalty."""
    X, y = table(correlation, noise, seed)
    with record(max_frames=40) as recording:
        enet_path(X, y, l1_ratio=l1_ratio, alphas=N_ALPHAS, eps=2e-3, max_iter=2000)
    return recording.scene()


def table(correlation: float, noise: float, seed: int) -> tuple[Array, Array]:
    """(60, 8) columns of which the first two say nearly the same, and a target that needs four of them."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(N_ROWS, len(TRUE)))
    X[:, 1] = correlation * X[:, 0] + np.sqrt(1 - correlation**2) * X[:, 1]
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    y = X @ TRUE + noise * random.normal(size=N_ROWS)
    return X, y - y.mean()
