"""Functions to minimise, with their slopes and curvature, from a bowl to logistic regression."""

from collections.abc import Callable
from typing import NamedTuple

import numpy as np
from scipy.special import expit

from diorama.optimization import SURFACES


class Function(NamedTuple):
    """A function of n numbers with its derivatives and a place to begin."""

    value: Callable[[np.ndarray], float]
    gradient: Callable[[np.ndarray], np.ndarray]
    hessian: Callable[[np.ndarray], np.ndarray]
    start: np.ndarray

    def __call__(self, x):
        return self.value(x)


def quadratic(condition: float, n: int = 10) -> Function:
    """Curvatures from 1 / condition to 1 in equal ratios, along axes turned at random, lowest at the ones."""
    random = np.random.default_rng(3)
    axes = np.linalg.qr(random.normal(size=(n, n)))[0]
    matrix = axes @ np.diag(np.geomspace(1 / condition, 1, n)) @ axes.T
    return Function(
        lambda x: 0.5 * float((x - 1) @ matrix @ (x - 1)),
        lambda x: matrix @ (x - 1),
        lambda x: matrix,
        np.ones(n) + axes @ np.ones(n),
    )


def rosenbrock(n: int) -> Function:
    """The sum of 100 (x_{i+1} - x_i^2)^2 + (1 - x_i)^2, from -1.2, 1, -1.2, 1 ..."""

    def gradient(x):
        bend, slope = x[1:] - x[:-1] ** 2, np.zeros_like(x)
        slope[:-1] = -400 * x[:-1] * bend - 2 * (1 - x[:-1])
        slope[1:] += 200 * bend
        return slope

    def hessian(x):
        diagonal = np.zeros_like(x)
        diagonal[:-1] = 1200 * x[:-1] ** 2 - 400 * x[1:] + 2
        diagonal[1:] += 200
        return np.diag(diagonal) + np.diag(-400 * x[:-1], 1) + np.diag(-400 * x[:-1], -1)

    def value(x):
        return float(((x[1:] - x[:-1] ** 2) ** 2).sum() * 100 + ((1 - x[:-1]) ** 2).sum())

    return Function(value, gradient, hessian, np.tile([-1.2, 1.0], n // 2))


def logistic_regression() -> Function:
    """Cross-entropy of 200 rows of 4 features and a bias, with a small penalty that makes the minimum unique."""
    random = np.random.default_rng(5)
    rows = np.column_stack([random.normal(size=(200, 4)), np.ones(200)])
    labels = (random.logistic(size=200) < rows @ np.array([1.0, -2.0, 0.5, 0.0, 0.3])).astype(float)
    ridge = 1e-3

    def value(x):
        sums = rows @ x
        return float(np.mean(np.logaddexp(0, sums) - labels * sums)) + ridge / 2 * float(x @ x)

    def hessian(x):
        shares = expit(rows @ x)
        return (rows.T * (shares * (1 - shares))) @ rows / len(rows) + ridge * np.eye(5)

    return Function(value, lambda x: rows.T @ (expit(rows @ x) - labels) / len(rows) + ridge * x, hessian, np.zeros(5))


def two_wells() -> Function:
    """x^2 + (y^2 - 1)^2: a saddle at the origin between two minima."""
    return Function(
        lambda x: float(x[0] ** 2 + (x[1] ** 2 - 1) ** 2),
        lambda x: np.array([2 * x[0], 4 * x[1] * (x[1] ** 2 - 1)]),
        lambda x: np.diag([2.0, 12 * x[1] ** 2 - 4]),
        np.array([1.0, 1e-3]),
    )


def surface(name: str) -> Function:
    """One of the package's own."""
    shape = SURFACES[name]
    return Function(shape, shape.gradient, shape.hessian, np.array(shape.start))


FUNCTIONS: dict[str, Function] = {
    **{f"quadratic, condition {condition:g}": quadratic(condition) for condition in (1, 1e2, 1e4, 1e6)},
    "Rosenbrock, 2-D": rosenbrock(2),
    "Rosenbrock, 100-D": rosenbrock(100),
    "Beale": surface("Beale"),
    "saddle between two wells": two_wells(),
    "logistic regression": logistic_regression(),
}
