"""Stochastic gradient descent beside scikit-learn's: one row at a time, one constant rate, as many epochs."""

from typing import Any

import numpy as np
from sklearn.linear_model import SGDClassifier, SGDRegressor
from sklearn.metrics import log_loss, mean_squared_error

from benchmarks.harness import Row
from diorama.linear import GradientDescentClassifier, GradientDescentRegressor

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


ROWS = [
    *(_regression(n, d) for n, d in ((200, 5), (100_000, 20))),
    *(_classification(n, d) for n, d in ((200, 5), (100_000, 20))),
]
