"""The live pictures of linear algebra, probability and statistics."""

import numpy as np

from diorama.mathematics import bayes_rule, broadcast_shape, dot, matmul_steps, summary, transpose, vector_field
from diorama.recording import record
from diorama.scenes import Scene


def matrix_multiplication(rows: int = 2, inner: int = 3, columns: int = 2) -> Scene:
    """Two tables of small numbers, multiplied."""
    rng = np.random.default_rng(0)
    with record(max_frames=40) as recording:
        matmul_steps(rng.integers(0, 6, (rows, inner)), rng.integers(0, 6, (inner, columns)))
    return recording.scene()


def probability(prior: float = 0.1, hit: float = 0.9, false_alarm: float = 0.2) -> Scene:
    """A test for an illness."""
    with record(max_frames=40) as recording:
        bayes_rule(prior, [hit, false_alarm], ["ill", "healthy"])
    return recording.scene()


def statistics(n: int = 20, outlier: float = 0.0, seed: int = 0) -> Scene:
    """Values from a bell, the last of them pulled aside."""
    values = np.random.default_rng(seed).normal(size=n)
    values[-1] += outlier
    with record(max_frames=40) as recording:
        summary(values)
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
