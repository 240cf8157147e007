"""Random forests beside their peers: fitting 100 trees and predicting, judged on rows that were not seen."""

from functools import partial
from typing import Any

import numpy as np
from sklearn import ensemble
from sklearn.datasets import make_classification, make_friedman1
from sklearnex.ensemble import RandomForestClassifier as IntelClassifier
from sklearnex.ensemble import RandomForestRegressor as IntelRegressor

from benchmarks.harness import OURS, Row
from diorama.ensembles import RandomForestClassifier, RandomForestRegressor


def _classes(n: int, d: int, n_classes: int) -> Any:
    X, y = make_classification(
        2 * n, d, n_informative=max(d // 2, 3), n_redundant=0, n_classes=n_classes, flip_y=0.05, random_state=0
    )
    return X[:n], y[:n], X[n:], y[n:]


def _numbers(n: int, d: int) -> Any:
    X, y = make_friedman1(2 * n, d, noise=1.0, random_state=0)
    return X[:n], y[:n], X[n:], y[n:]


def _judged(model: Any, data: Any) -> Any:
    X, y, others, _ = data
    model.fit(X, y)
    model.held_out = model.predict(others)
    return model


def _accuracy(fitted: Any, data: Any) -> float:
    return float(np.mean(fitted.held_out == data[3]))


def _r2(fitted: Any, data: Any) -> float:
    return float(1 - np.mean((fitted.held_out - data[3]) ** 2) / np.var(data[3]))


def _row(name: str, data: Any, kind: str) -> Row:
    ours, intel = {
        "Classifier": (RandomForestClassifier, IntelClassifier),
        "Regressor": (RandomForestRegressor, IntelRegressor),
    }[kind]
    peer = getattr(ensemble, f"RandomForest{kind}")
    return Row(
        name,
        data,
        {
            OURS: lambda data: _judged(ours(random_state=0), data),
            "scikit-learn-intelex": lambda data: _judged(intel(random_state=0, n_jobs=2), data),
            "scikit-learn": lambda data: _judged(peer(random_state=0, n_jobs=2), data),
        },
        _accuracy if kind == "Classifier" else _r2,
        "held-out accuracy" if kind == "Classifier" else "held-out R2",
    )


ROWS: list[Row] = [
    _row("forest of 100, 200 x 5", partial(_classes, 200, 5, 2), "Classifier"),
    _row("forest of 100, 20k x 30, 3 classes", partial(_classes, 20_000, 30, 3), "Classifier"),
    _row("forest of 100, numbers, 2k x 10", partial(_numbers, 2_000, 10), "Regressor"),
]
