"""Stochastic gradient descent beside scikit-learn's: one row at a time, one constant rate, as many epochs."""

from typing import Any

import numpy as np
from scipy.optimize import minimize as scipy_minimize
from scipy.optimize import rosen, rosen_der
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.metrics import log_loss, mean_squared_error

from benchmarks.harness import Row
from diorama.linear import GradientDescentClassifier, GradientDescentRegressor
from diorama.optimization import LBFGS, minimize

EPOCHS = 10
RATE = 1e-3
SHARED = {"max_iter": EPOCHS, "tol": None, "random_state": 0}


def _table(n: int, d: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    X = random.normal(size=(n, d))
    return X, X @ random.normal(size=d) + random.normal(size=n)


def _classes(n: int, d: int, k: int) -> tuple[np.ndarray, np.ndarray]:
    random = np.random.default_rng(0)
    X = random.normal(size=(n, d))
    return X, np.argmax(X @ random.normal(size=(d, k)) + random.gumbel(size=(n, k)), axis=1)


def _regression(n: int, d: int) -> Row:
    return Row(
        name=f"stochastic descent, squared error, {n:,} x {d}, {EPOCHS} epochs",
        data=lambda: _table(n, d),
        contenders={
            "diorama": lambda data: GradientDescentRegressor(
                learning_rate=RATE, cost="half_mse", batch_size=1, **SHARED
            ).fit(*data),
            "scikit-learn": lambda data: SGDRegressor(penalty=None, learning_rate="constant", eta0=RATE, **SHARED).fit(
                *data
            ),
        },
        quality=lambda model, data: float(mean_squared_error(data[1], model.predict(data[0]))),
        measure="mean squared error",
        lower_is_better=True,
        tolerance=1e-2,
    )


def _classification(n: int, d: int) -> Row:
    def surprise(model: Any, data: tuple[np.ndarray, np.ndarray]) -> float:
        return float(log_loss(data[1], model.predict_proba(data[0])))

    return Row(
        name=f"stochastic descent, cross-entropy, {n:,} x {d}, {EPOCHS} epochs",
        data=lambda: _classes(n, d, 2),
        contenders={
            "diorama": lambda data: GradientDescentClassifier(learning_rate=RATE, batch_size=1, **SHARED).fit(*data),
            "scikit-learn": lambda data: SGDClassifier(
                loss="log_loss", penalty=None, learning_rate="constant", eta0=RATE, **SHARED
            ).fit(*data),
        },
        quality=surprise,
        measure="log loss",
        lower_is_better=True,
        tolerance=1e-2,
    )


def _lbfgs(n: int) -> Row:
    return Row(
        name=f"L-BFGS, Rosenbrock, {n:,}-D",
        data=lambda: np.tile([-1.2, 1.0], n // 2),
        contenders={
            "diorama": lambda x: minimize(rosen, x, grad=rosen_der, method=LBFGS(), max_iter=5000, tol=1e-5).fun,
            "scipy": lambda x: (
                scipy_minimize(
                    rosen, x, jac=rosen_der, method="L-BFGS-B", options={"gtol": 1e-5, "ftol": 0.0, "maxiter": 5000}
                ).fun
            ),
        },
        # both end on the floor; how far above zero is rounding
        quality=lambda value, x: float(value < 1e-6 or abs(value - 3.9866) < 1e-3),
        measure="on a minimum",
    )


ROWS = [
    *(_regression(n, d) for n, d in ((200, 5), (100_000, 20))),
    *(_classification(n, d) for n, d in ((200, 5), (100_000, 20))),
    *(_lbfgs(n) for n in (2, 200)),
]
