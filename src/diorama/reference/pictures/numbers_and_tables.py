"""The live pictures of linear algebra, probability and statistics."""

from typing import Literal

import numpy as np

from diorama.mathematics import (
    Binomial,
    Distribution,
    Exponential,
    Geometric,
    Normal,
    Poisson,
    Uniform,
    bayes_rule,
    broadcast_shape,
    central_limit,
    correlation,
    dot,
    interval_coverage,
    matmul_steps,
    summary,
    transpose,
    vector_field,
)
from diorama.recording import record
from diorama.scenes import Scene

DISTRIBUTIONS: dict[str, Distribution] = {
    "normal": Normal(0.0, 1.0),
    "uniform": Uniform(-2.0, 2.0),
    "exponential": Exponential(1.0),
    "binomial": Binomial(10, 0.3),
    "geometric": Geometric(0.3),
    "Poisson": Poisson(4.0),
}
Shown = Literal["a test for an illness", "normal", "uniform", "exponential", "binomial", "geometric", "Poisson"]
Told = Literal["summary", "correlation", "central limit", "confidence intervals"]
Source = Literal["normal", "uniform", "exponential", "binomial", "geometric", "Poisson"]


def matrix_multiplication(rows: int = 2, inner: int = 3, columns: int = 2) -> Scene:
    """Two tables of small numbers, multiplied."""
    rng = np.random.default_rng(0)
    with record(max_frames=40) as recording:
        matmul_steps(rng.integers(0, 6, (rows, inner)), rng.integers(0, 6, (inner, columns)))
    return recording.scene()


def probability(
    shown: Shown = "a test for an illness", prior: float = 0.1, hit: float = 0.9, false_alarm: float = 0.2, n: int = 300
) -> Scene:
    """A test for an illness, or n values from a distribution."""
    with record(max_frames=40) as recording:
        if shown in DISTRIBUTIONS:
            DISTRIBUTIONS[shown].sample(n)
        else:
            bayes_rule(prior, [hit, false_alarm], ["ill", "healthy"])
    return recording.scene()


def statistics(
    shown: Told = "summary", source: Source = "normal", n: int = 20, outlier: float = 0.0, seed: int = 0
) -> Scene:
    """Values from a distribution, the last of them pulled aside; or what many samples of n values say of its mean."""
    distribution = DISTRIBUTIONS[source]
    with record(max_frames=40) as recording:
        if shown == "central limit":
            central_limit(distribution, size=n, repeats=1000, seed=seed)
        elif shown == "confidence intervals":
            interval_coverage(distribution, size=n, repeats=40, seed=seed)
        else:
            x, noise = distribution.draw(n, 2, seed)
            x[-1] += outlier
            # a second measurement that goes half with the first
            _ = summary(x) if shown == "summary" else correlation(x, 0.5 * x + noise)
    return recording.scene()


def vectors(length: float = 3.0, angle: float = 40.0) -> Scene:
    """An arrow that you turn, and one that stays."""
    turn = np.radians(angle)
    with record(max_frames=40) as recording:
        dot([length * np.cos(turn), length * np.sin(turn)], [2.0, 0.0])
    return recording.scene()


def matrices(rows: int = 2, columns: int = 3) -> Scene:
    """A matrix and its transpose."""
    with record(max_frames=40) as recording:
        transpose(np.arange(1, rows * columns + 1).reshape(rows, columns))
    return recording.scene()


def broadcasting(rows: int = 3, columns: int = 4) -> Scene:
    """A column and a row."""
    with record(max_frames=40) as recording:
        broadcast_shape((rows, 1), (columns,))
    return recording.scene()


def vector_fields(spin: float = 1.0, pull: float = 0.2) -> Scene:
    """A whirl around the middle, and a pull towards it."""
    with record(max_frames=40) as recording:
        vector_field(lambda p: (-spin * p[1] - pull * p[0], spin * p[0] - pull * p[1]))
    return recording.scene()
