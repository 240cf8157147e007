"""Nearest neighbours beside their peers: keeping the rows and finding five for every query."""

from functools import partial
from typing import Any

import numpy as np
from sklearn.neighbors import NearestNeighbors as ScikitNeighbors
from sklearnex.neighbors import NearestNeighbors as IntelexNeighbors

from benchmarks.harness import OURS, Row
from diorama.neighbors import NearestNeighbors

K = 5
CHECKED = 100  # queries that are held against brute force


def _points(n: int, d: int, m: int, dtype: type = np.float64) -> Any:
    random = np.random.default_rng(0)
    return random.normal(size=(n, d)).astype(dtype), random.normal(size=(m, d)).astype(dtype)


def _search(model: Any, data: Any) -> Any:
    return model.fit(data[0]).kneighbors(data[1], return_distance=True)[1]


def _same_as_brute_force(rows: Any, data: Any) -> float:
    X, queries = (part.astype(np.float64) for part in data)
    true = [np.argsort(((X - query) ** 2).sum(axis=1), kind="stable")[:K] for query in queries[:CHECKED]]
    return float(np.mean(rows[:CHECKED] == np.array(true)))


def _row(n: int, d: int, m: int, dtype: type = np.float64) -> Row:
    def contender(model: Any) -> Any:
        return lambda data: _search(model, data)

    contenders = {
        OURS: contender(NearestNeighbors(n_neighbors=K)),
        "scikit-learn": contender(ScikitNeighbors(n_neighbors=K, n_jobs=2)),
        "scikit-learn-intelex": contender(IntelexNeighbors(n_neighbors=K, n_jobs=2)),
    }
    single = ", float32" if dtype is np.float32 else ""
    name = f"5-NN {n:,} x {d}, {m:,} queries{single}"
    return Row(name, partial(_points, n, d, m, dtype), contenders, _same_as_brute_force, "same as brute force")


ROWS: list[Row] = [
    _row(200, 4, 200),
    _row(50_000, 3, 10_000),
    _row(20_000, 30, 10_000),
    _row(10_000, 200, 10_000),
    _row(20_000, 30, 10_000, np.float32),
]
