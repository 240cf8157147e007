"""Gradient boosting beside its peers: 100 trees of 31 leaves, judged by the log loss of rows that were not seen."""

from functools import partial
from typing import Any

import numpy as np
from lightgbm import LGBMClassifier, LGBMRegressor
from sklearn import ensemble
from sklearn.datasets import make_classification, make_friedman1
from sklearn.metrics import log_loss
from xgboost import XGBClassifier, XGBRegressor

from benchmarks.harness import OURS, Row
from diorama.ensembles import GradientBoostingClassifier, GradientBoostingRegressor

TREES, LEAVES, THREADS = 100, 31, 2


def _classes(n: int, d: int, n_classes: int) -> Any:
    X, y = make_classification(
        n + 2_000, d, n_informative=max(d // 2, 3), n_redundant=0, n_classes=n_classes, flip_y=0.05, random_state=0
    )
    return X[:n], y[:n], X[n:], y[n:]


def _numbers(n: int, d: int) -> Any:
    X, y = make_friedman1(n + 2_000, d, noise=1.0, random_state=0)
    return X[:n], y[:n], X[n:], y[n:]


def _log_loss(model: Any, data: Any) -> float:
    return float(log_loss(data[3], model.predict_proba(data[2])))


def _squares(model: Any, data: Any) -> float:
    return float(np.mean((model.predict(data[2]) - data[3]) ** 2))


def _row(name: str, data: Any, kind: str) -> Row:
    ours, light, extreme = {
        "Classifier": (GradientBoostingClassifier, LGBMClassifier, XGBClassifier),
        "Regressor": (GradientBoostingRegressor, LGBMRegressor, XGBRegressor),
    }[kind]
    peer = getattr(ensemble, f"HistGradientBoosting{kind}")
    light_limits = {"n_estimators": TREES, "num_leaves": LEAVES, "n_jobs": THREADS, "verbose": -1}
    extreme_limits = {"n_estimators": TREES, "max_leaves": LEAVES, "max_depth": 0, "learning_rate": 0.1}
    extreme_limits |= {"grow_policy": "lossguide", "tree_method": "hist", "n_jobs": THREADS}
    return Row(
        name,
        data,
        {
            OURS: lambda data: ours(max_iter=TREES, early_stopping=False).fit(*data[:2]),
            "LightGBM": lambda data: light(**light_limits).fit(*data[:2]),
            "XGBoost": lambda data: extreme(**extreme_limits).fit(*data[:2]),
            "scikit-learn": lambda data: peer(max_iter=TREES, early_stopping=False).fit(*data[:2]),
        },
        _log_loss if kind == "Classifier" else _squares,
        "held-out log loss" if kind == "Classifier" else "held-out squared error",
        lower_is_better=True,
        tolerance=0.02,  # bins and ties differ
    )


ROWS: list[Row] = [
    _row("boosting 100 x 31, 200 x 5", partial(_classes, 200, 5, 2), "Classifier"),
    _row("boosting 100 x 31, 100k x 30", partial(_classes, 100_000, 30, 2), "Classifier"),
    _row("boosting 100 x 31, numbers, 20k x 10", partial(_numbers, 20_000, 10), "Regressor"),
]
