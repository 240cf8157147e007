"""The live picture of t-SNE: groups in ten dimensions unfold on a map."""

from typing import Literal

import numpy as np

from diorama._typing import Array
from diorama.decomposition import TSNE
from diorama.recording import record
from diorama.scenes import Scene

Rows = Literal["groups", "a ring", "one cloud", "wide and narrow"]
N_POINTS, N_COLUMNS, N_GROUPS = 120, 10, 5


def t_sne(
    perplexity: float = 15,
    rows: Rows = "groups",
    start: Literal["pca", "random"] = "pca",
    steps: int = 200,
    seed: int = 0,
) -> Scene:
    """A map of 120 rows of ten columns; the `seed` draws both the rows and a random start."""
    X, y = made(rows, seed)
    model = TSNE(perplexity=perplexity, max_iter=steps, init=start, random_state=seed)
    with record(max_frames=40) as recording:
        model.fit(X, y)
    return recording.scene()


def made(rows: Rows, seed: int) -> tuple[Array, Array]:
    """(120, 10) rows and the group of each."""
    random = np.random.default_rng(seed)
    group = np.arange(N_POINTS) % N_GROUPS
    X: Array = random.normal(size=(N_POINTS, N_COLUMNS))
    if rows == "a ring":
        angle = 2 * np.pi * np.arange(N_POINTS) / N_POINTS
        X *= 0.1
        X[:, :2] += 3 * np.column_stack([np.cos(angle), np.sin(angle)])
        return X, (N_GROUPS * np.arange(N_POINTS)) // N_POINTS
    if rows == "one cloud":
        return X, np.zeros(N_POINTS, int)
    if rows == "wide and narrow":
        X *= np.array([0.1, 0.3, 1.0, 2.0, 3.0])[group, None]
    return X + 6 * random.normal(size=(N_GROUPS, N_COLUMNS))[group], group
