"""Ridge, lasso and elastic net beside scikit-learn, its extension, celer and skglm, at the same objective."""

import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import celer
import numpy as np
import skglm
import sklearnex.linear_model as intelex
from sklearn import linear_model
from sklearn.datasets import make_regression

from benchmarks.harness import OURS, Row
from diorama.linear import ElasticNet, Lasso, Ridge


def _table(n: int, d: int, informative: int) -> Any:
    X, y = make_regression(n, d, n_informative=informative, noise=10.0, random_state=0)
    return X, y


def _objective(fitted: Any, data: Any, alpha: float, share: float, summed: bool) -> float:
    X, y = data
    coef = np.ravel(fitted.coef_)
    loss = float(((y - X @ coef - fitted.intercept_) ** 2).sum())
    loss = loss if summed else loss / (2 * len(y))
    squares = 1.0 if summed else (1 - share) / 2
    return loss + alpha * (share * float(np.abs(coef).sum()) + squares * float(coef @ coef))


def _fit(model: Any, data: Any) -> Any:
    with warnings.catch_warnings(action="ignore"):
        return model.fit(*data)


def _row(name: str, data: Callable[[], Any], models: dict[str, Callable[[], Any]], alpha: float, share: float) -> Row:
    return Row(
        name=name,
        data=data,
        contenders={who: lambda data, make=make: _fit(make(), data) for who, make in models.items()},
        quality=partial(_objective, alpha=alpha, share=share, summed=share == 0),
        measure="objective",
        lower_is_better=True,
    )


def _ridge(name: str, n: int, d: int, alpha: float = 1.0) -> Row:
    models = {
        OURS: partial(Ridge, alpha),
        "scikit-learn": partial(linear_model.Ridge, alpha),
        "intelex": partial(intelex.Ridge, alpha),
    }
    return _row(f"ridge {name}", partial(_table, n, d, min(d, 50)), models, alpha, 0.0)


def _lasso(name: str, n: int, d: int, alpha: float = 1.0) -> Row:
    models = {
        OURS: partial(Lasso, alpha),
        "scikit-learn": partial(linear_model.Lasso, alpha),
        "celer": partial(celer.Lasso, alpha),
        "skglm": partial(skglm.Lasso, alpha),
    }
    return _row(f"lasso {name}", partial(_table, n, d, min(d, 50)), models, alpha, 1.0)


def _elastic_net(name: str, n: int, d: int, alpha: float = 0.3) -> Row:
    models = {
        OURS: partial(ElasticNet, alpha),
        "scikit-learn": partial(linear_model.ElasticNet, alpha),
        "celer": partial(celer.ElasticNet, alpha, l1_ratio=0.5),
    }
    return _row(f"elastic net {name}", partial(_table, n, d, min(d, 50)), models, alpha, 0.5)


ROWS: list[Row] = [
    _ridge("200 x 10", 200, 10),
    _ridge("50k x 300", 50_000, 300),
    _ridge("500 x 2000", 500, 2_000),
    _lasso("200 x 10", 200, 10),
    _lasso("2000 x 5000", 2_000, 5_000),
    _lasso("2000 x 5000, alpha 0.1", 2_000, 5_000, 0.1),
    _lasso("100k x 100", 100_000, 100),
    _elastic_net("200 x 10", 200, 10),
    _elastic_net("500 x 5000", 500, 5_000),
]
