"""Live pictures of support vector machines: the margin, the tube, and the lift that turns a circle into a plane."""

from typing import Literal

import numpy as np

from diorama._typing import Array
from diorama.recording import record
from diorama.scenes import Scene
from diorama.scenes.lift import lift_scene
from diorama.svm import SVC, SVR

NAMES = np.array(["A", "B"])
N_POINTS = 120


def margin(
    C: float = 1.0,
    kernel: Literal["linear", "rbf", "poly"] = "linear",
    gamma: float = 0.5,
    overlap: float = 1.0,
    seed: int = 0,
) -> Scene:
    """Two clouds that `overlap`, and the widest margin between them at the price `C`."""
    X, y = clouds(overlap, seed)
    with record(max_frames=40) as recording:
        SVC(C=C, kernel=kernel, gamma=gamma, coef0=1.0).fit(X, y)
    return recording.scene()


def tube(C: float = 1.0, epsilon: float = 0.2, gamma: float = 1.0, noise: float = 0.2, seed: int = 0) -> Scene:
    """A noisy wave and the flattest curve whose tube, `epsilon` to either side, holds most of it."""
    random = np.random.default_rng(seed)
    x = np.sort(random.uniform(0, 6, 80))
    with record(max_frames=40) as recording:
        SVR(C=C, epsilon=epsilon, gamma=gamma).fit(x[:, None], np.sin(x) + noise * random.normal(size=80))
    return recording.scene()


def lift(
    show: Literal["the lift", "rbf kernel", "poly kernel", "no kernel"] = "the lift",
    radius: float = 1.1,
    C: float = 10.0,
    seed: int = 0,
) -> Scene:
    """A ring around a disc: lifted by z = x^2 + y^2, or told apart in the plane by a kernel."""
    X, y = disc_and_ring(radius, seed)
    if show == "the lift":
        return lift_scene(X, y)
    kernel = {"rbf kernel": "rbf", "poly kernel": "poly", "no kernel": "linear"}[show]
    with record(max_frames=40) as recording:
        SVC(C=C, kernel=kernel, degree=2, gamma=1.0, coef0=1.0).fit(X, y)
    return recording.scene()


def clouds(overlap: float, seed: int) -> tuple[Array, Array]:
    """(120, 2) points of two classes, a slanted way apart."""
    random = np.random.default_rng(seed)
    group = np.arange(N_POINTS) % 2
    centers = np.array([[-1.6, -0.8], [1.6, 0.8]])
    return centers[group] + overlap * random.normal(size=(N_POINTS, 2)), NAMES[group]


def disc_and_ring(radius: float, seed: int) -> tuple[Array, Array]:
    """(120, 2) points within a disc and on a ring around it that begins at `radius`."""
    random = np.random.default_rng(seed)
    group = np.arange(N_POINTS) % 2
    inner = 0.9 * np.sqrt(random.uniform(size=N_POINTS))
    outer = radius + 0.5 * random.uniform(size=N_POINTS)
    angle = random.uniform(0, 2 * np.pi, N_POINTS)
    distance = np.where(group == 0, inner, outer)
    return distance[:, None] * np.column_stack([np.cos(angle), np.sin(angle)]), NAMES[group]
