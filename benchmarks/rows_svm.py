"""Support vector machines beside liblinear, libsvm and scikit-learn-intelex, by the cost that each reached."""

from functools import partial
from typing import Any

import numpy as np
from sklearn import svm
from sklearnex import svm as intel

from benchmarks.harness import OURS, Row
from diorama.svm import SVC, SVR, LinearSVC


def _flat(n: int, d: int) -> Any:
    random = np.random.default_rng(0)
    X = random.normal(size=(n, d))
    return X, (X @ random.normal(size=d) + 2 * random.normal(size=n) > 0).astype(int)


def _curved(n: int, d: int) -> Any:
    random = np.random.default_rng(0)
    X = random.normal(size=(n, d))
    return X, (X[:, 0] * X[:, 1] + X[:, 2] + 0.5 * random.normal(size=n) > 0).astype(int)


def _wave(n: int, d: int) -> Any:
    random = np.random.default_rng(0)
    X = random.normal(size=(n, d))
    return X, X[:, 0] + np.sin(2 * X[:, 1]) + 0.2 * random.normal(size=n)


def _linear_cost(model: Any, data: Any) -> float:
    X, y = data
    short = np.maximum(0, 1 - (2 * y - 1) * model.decision_function(X))
    return float(0.5 * (model.coef_**2).sum() + 0.5 * (model.intercept_**2).sum() + (short**2).sum())


def _length(model: Any) -> float:
    """Half the squared length of the weights, from the support vectors alone."""
    rows, beta = model.support_vectors_, np.asarray(model.dual_coef_)[0]
    return 0.5 * float(beta @ _fitted(model, rows))


def _fitted(model: Any, rows: Any) -> Any:
    whole = model.decision_function(rows) if hasattr(model, "decision_function") else model.predict(rows)
    return whole - np.ravel(model.intercept_)[0]


def _machine_cost(model: Any, data: Any) -> float:
    X, y = data
    return _length(model) + float(np.maximum(0, 1 - (2 * y - 1) * model.decision_function(X)).sum())


def _tube_cost(model: Any, data: Any) -> float:
    X, y = data
    return _length(model) + float(np.maximum(0, np.abs(y - model.predict(X)) - model.epsilon).sum())


def _row(name: str, data: Any, kinds: dict[str, type], cost: Any) -> Row:
    contenders = {who: partial(lambda kind, data: kind().fit(*data), kind) for who, kind in kinds.items()}
    return Row(name, data, contenders, cost, "cost", lower_is_better=True)


_LINEAR = {OURS: LinearSVC, "liblinear": svm.LinearSVC}
_SVC = {OURS: SVC, "libsvm": svm.SVC, "intelex": intel.SVC}
_SVR = {OURS: SVR, "libsvm": svm.SVR, "intelex": intel.SVR}

ROWS: list[Row] = [
    _row("LinearSVC 200 x 5", partial(_flat, 200, 5), _LINEAR, _linear_cost),
    _row("LinearSVC 50k x 50", partial(_flat, 50_000, 50), _LINEAR, _linear_cost),
    _row("SVC rbf 200 x 5", partial(_curved, 200, 5), _SVC, _machine_cost),
    _row("SVC rbf 2k x 30", partial(_curved, 2_000, 30), _SVC, _machine_cost),
    _row("SVC rbf 10k x 30", partial(_curved, 10_000, 30), _SVC, _machine_cost),
    _row("SVR rbf 200 x 5", partial(_wave, 200, 5), _SVR, _tube_cost),
    _row("SVR rbf 5k x 20", partial(_wave, 5_000, 20), _SVR, _tube_cost),
]
