"""Linear models solved exactly or to the bottom of their valley, beside those of scikit-learn and its extension."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.linear_model import LinearRegression as SklearnLinear
from sklearn.linear_model import LogisticRegression as SklearnLogistic
from sklearnex.linear_model import LinearRegression as IntelexLinear
from sklearnex.linear_model import LogisticRegression as IntelexLogistic

from benchmarks.harness import OURS, Row
from diorama.linear import LinearRegression, LogisticRegression


def _plane(n: int, d: int) -> Callable[[], Any]:
    def data() -> Any:
        random = np.random.default_rng(0)
        X = random.normal(size=(n, d)) + random.normal(size=d)
        return X, X @ random.normal(size=d) + random.normal(size=n)

    return data


def _classes(n: int, d: int, k: int) -> Callable[[], Any]:
    def data() -> Any:
        random = np.random.default_rng(0)
        X = random.normal(size=(n, d))
        return X, (X @ random.normal(size=(d, k)) + 2 * random.gumbel(size=(n, k))).argmax(axis=1)

    return data


def _squares(model: Any, data: Any) -> float:
    X, y = data
    return float(np.mean((y - model.predict(X)) ** 2))


def _objective(model: Any, data: Any) -> float:
    """Mean loss plus penalty, from the coefficients: probabilities of 0 have no logarithm."""
    X, y = data
    raw = X @ model.coef_.T + model.intercept_
    raw = np.column_stack([np.zeros(len(X)), raw]) if raw.shape[1] == 1 else raw
    loss = np.logaddexp.reduce(raw, axis=1) - raw[np.arange(len(y)), y]
    ratio = getattr(model, "l1_ratio", 0.0)
    norms = ratio * np.abs(model.coef_).sum() + (1 - ratio) / 2 * (model.coef_**2).sum()
    return float(loss.mean() + norms / (model.C * len(y)))


def _fit(make: Callable[..., Any], **parameters: Any) -> Callable[[Any], Any]:
    return lambda data: make(**parameters).fit(*data)


def _least_squares(name: str, n: int, d: int) -> Row:
    return Row(
        name=f"OLS {name}",
        data=_plane(n, d),
        contenders={OURS: _fit(LinearRegression), "intelex": _fit(IntelexLinear), "sklearn": _fit(SklearnLinear)},
        quality=_squares,
        measure="mean square",
        lower_is_better=True,
        tolerance=1e-9,
    )


def _logistic(name: str, n: int, d: int, k: int = 2) -> Row:
    return Row(
        name=f"logistic {name}",
        data=_classes(n, d, k),
        contenders={
            OURS: _fit(LogisticRegression),
            "intelex": _fit(IntelexLogistic),
            "newton-cholesky": _fit(SklearnLogistic, solver="newton-cholesky"),
            "lbfgs": _fit(SklearnLogistic),
        },
        quality=_objective,
        measure="objective",
        lower_is_better=True,
        tolerance=1e-4,
    )


def _logistic_l1(name: str, n: int, d: int, C: float) -> Row:
    return Row(
        name=f"logistic L1 {name}",
        data=_classes(n, d, 2),
        contenders={
            OURS: _fit(LogisticRegression, l1_ratio=1.0, C=C),
            "saga": _fit(SklearnLogistic, l1_ratio=1.0, C=C, solver="saga", max_iter=10_000),
            "liblinear": _fit(SklearnLogistic, l1_ratio=1.0, C=C, solver="liblinear", intercept_scaling=100.0),
        },
        quality=_objective,
        measure="objective",
        lower_is_better=True,
        tolerance=1e-4,
    )


ROWS = [
    _least_squares("200k x 50", 200_000, 50),
    _least_squares("5k x 10", 5_000, 10),
    _least_squares("200 x 5", 200, 5),
    _logistic("100k x 30", 100_000, 30),
    _logistic("500 x 20", 500, 20),
    _logistic("20k x 30, 5 classes", 20_000, 30, 5),
    _logistic("5k x 200", 5_000, 200),
    _logistic_l1("10k x 50", 10_000, 50, 0.01),
    _logistic_l1("200 x 10", 200, 10, 0.1),
]
