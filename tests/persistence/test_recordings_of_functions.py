"""Recordings of functions that are no estimators: kept in a file, they come back and tell the same picture."""

import math

import numpy as np
import pytest

import diorama
from diorama import losses, mathematics, penalties
from diorama.mathematics import Binomial, Exponential
from diorama.persistence.encoding import Encoder

X = np.array([[1.0, 0.5], [0.0, 1.0], [2.0, 0.0], [1.0, 1.0]])
Y = np.array([1.0, -1.0, 2.0, 0.5])
RECORDED = {
    "bayes_rule": lambda: mathematics.bayes_rule(0.01, [0.9, 0.09], ["ill", "healthy"]),
    "broadcast_shape": lambda: mathematics.broadcast_shape((3, 1), (4,), ()),
    "central_limit": lambda: mathematics.central_limit(Exponential(1.0), repeats=50),
    "chain_rule": lambda: mathematics.chain_rule("sin((4*x)**2)"),
    "conditional_table": lambda: mathematics.conditional_table([[30, 10], [20, 40]]),
    "confidence_interval": lambda: mathematics.confidence_interval([4, 5, 6]),
    "correlation": lambda: mathematics.correlation([1, 2, 3], [6, 4, 1]),
    "covariance": lambda: mathematics.covariance([1, 2, 3], [6, 4, 1]),
    "density": lambda: mathematics.Density(lambda x: x / 2, (0.0, 2.0)).probability(0.0, 1.0),
    "derivative": lambda: mathematics.derivative(math.sin, 1.0),
    "directional_derivative": lambda: mathematics.directional_derivative(lambda p: p[0] * p[1], [1.0, 2.0], [1, 1]),
    "dot": lambda: mathematics.dot([1, 2, 3], [2, 3, 4]),
    "fit_line": lambda: losses.fit_line(losses.Huber(0.5), X[:, 0], Y),
    "gradient": lambda: mathematics.gradient(lambda p: p[0] * p[1], [1.0, 2.0]),
    "hadamard": lambda: mathematics.hadamard([1, 2], [3, 4]),
    "hessian": lambda: mathematics.hessian(lambda p: p[0] * p[1], [1.0, 2.0]),
    "independence": lambda: mathematics.independence([[0.1, 0.3], [0.2, 0.4]]),
    "integrate": lambda: mathematics.integrate(math.sin, 0.0, 1.0),
    "interval_coverage": lambda: mathematics.interval_coverage(Exponential(1.0), repeats=20),
    "jacobian": lambda: mathematics.jacobian(lambda p: [p[0], p[0] * p[1]], [1.0, 2.0]),
    "loss": lambda: losses.sweep(losses.Huber(2.0), 1.0, np.linspace(-3, 3, 9)),
    "matmul_steps": lambda: mathematics.matmul_steps([[2, 3], [1, 4]], [[5, 4], [3, 5]]),
    "penalty": lambda: penalties.penalty_path(penalties.L1, X, Y, [0.1, 0.5]),
    "sample": lambda: Binomial(5, 0.3).sample(40),
    "summary": lambda: mathematics.summary([2, 4, 4, 9]),
    "transpose": lambda: mathematics.transpose([[1, 2, 3], [4, 5, 6]]),
    "vector_field": lambda: mathematics.vector_field(lambda p: (-p[1], p[0]), n=3),
}


@pytest.mark.parametrize("name", sorted(RECORDED))
def test_a_recording_comes_back_with_its_picture(name, tmp_path):
    with diorama.record() as recording:
        RECORDED[name]()
    loaded = diorama.Recording.load(recording.save(tmp_path / "seen.diorama"))
    first, second = Encoder(), Encoder()
    assert first.encode(loaded) == second.encode(recording)
    for key, array in first.arrays.items():
        np.testing.assert_array_equal(array, second.arrays[key])
    assert loaded.scene().to_dict() == recording.scene().to_dict()
