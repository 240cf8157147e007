"""The live picture of logistic regression: made-up points of a few classes, told apart for real."""

from typing import Literal

import numpy as np

from diorama._typing import Array
from diorama.linear import LogisticRegression
from diorama.recording import record
from diorama.scenes import Scene

NAMES = np.array(["A", "B", "C", "D"])
N_POINTS = 160


def logistic_regression(
    n_classes: int = 2,
    overlap: float = 1.2,
    C: float = 1.0,
    penalty: Literal["L2", "L1", "elastic net"] = "L2",
    classes: Literal["softmax", "one against the rest"] = "softmax",
    seed: int = 0,
) -> Scene:
    """`n_classes` clouds that `overlap`, and the model of the inverse penalty strength `C` that tells them apart."""
    X, y = points(n_classes, overlap, seed)
    share = {"L2": 0.0, "L1": 1.0, "elastic net": 0.5}[penalty]
    model = LogisticRegression(
        C=C,
        l1_ratio=share,
        solver="newton-cholesky",
        multi_class="multinomial" if classes == "softmax" else "ovr",
    )
    with record(max_frames=40) as recording:
        model.fit(X, y)
    return recording.scene()


def points(n_classes: int, overlap: float, seed: int) -> tuple[Array, Array]:
    """(160, 2) points around places on a circle, and the names of their classes."""
    random = np.random.default_rng(seed)
    group = np.arange(N_POINTS) % n_classes
    angle = 0.6 + 2 * np.pi * group / n_classes
    X = 2.5 * np.column_stack([np.cos(angle), np.sin(angle)]) + overlap * random.normal(size=(N_POINTS, 2))
    return X, NAMES[group]
