"""Polynomial regression beside scikit-learn's pipeline, with its own least squares and with its extension's."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
import sklearnex.linear_model as intelex
from sklearn.linear_model import LinearRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

from benchmarks.harness import OURS, Row
from diorama.linear import PolynomialRegression


def _curved(n: int, d: int) -> Any:
    random = np.random.default_rng(0)
    X = random.normal(size=(n, d))
    return X, X[:, 0] ** 3 + X[:, 1] * X[:, -1] + random.normal(size=n)


def _score(fitted: Any, data: Any) -> float:
    X, y = data
    return float(fitted.score(X[:5_000], y[:5_000]))


def _row(name: str, data: Callable[[], Any], degree: int) -> Row:
    def pipeline(model: type, data: Any) -> Any:
        return make_pipeline(PolynomialFeatures(degree, include_bias=False), model()).fit(*data)

    contenders = {
        OURS: lambda data: PolynomialRegression(degree).fit(*data),
        "scikit-learn": partial(pipeline, LinearRegression),
        "intelex": partial(pipeline, intelex.LinearRegression),
    }
    return Row(f"polynomial {name}", data, contenders, _score, "R2")


ROWS: list[Row] = [
    _row("degree 3, 200 x 3", partial(_curved, 200, 3), 3),
    _row("degree 3, 100k x 10", partial(_curved, 100_000, 10), 3),
    _row("degree 2, 20k x 30", partial(_curved, 20_000, 30), 2),
]
