"""Clusters by density beside their peers."""

from functools import partial
from typing import Any

import numpy as np
from sklearn import cluster as scikit_learn
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score
from sklearnex import cluster as intelex

from benchmarks.harness import OURS, Row
from diorama.clustering import DBSCAN


def _blobs(n: int, d: int, centers: int) -> Any:
    return np.ascontiguousarray(make_blobs(n, d, centers=centers, random_state=0)[0])


def _moons(n: int, noise: float) -> Any:
    return make_moons(n, noise=noise, random_state=0)[0]


def _dbscan(name: str, data: Any, eps: float, min_samples: int) -> Row:
    def contender(kind: type, **threads: int) -> Any:
        return lambda X: kind(eps=eps, min_samples=min_samples, **threads).fit(X)

    def agreement(fitted: Any, X: Any) -> float:
        return float(
            adjusted_rand_score(scikit_learn.DBSCAN(eps=eps, min_samples=min_samples).fit(X).labels_, fitted.labels_)
        )

    contenders = {
        OURS: contender(DBSCAN),
        "scikit-learn": contender(scikit_learn.DBSCAN, n_jobs=2),
        "scikit-learn-intelex": contender(intelex.DBSCAN, n_jobs=2),
    }
    return Row(f"DBSCAN {name}", data, contenders, agreement, "agreement with scikit-learn")


ROWS: list[Row] = [
    _dbscan("200 x 2", partial(_blobs, 200, 2, 3), 0.5, 5),
    _dbscan("50k x 2, blobs", partial(_blobs, 50_000, 2, 20), 0.05, 5),
    _dbscan("50k x 2, moons", partial(_moons, 50_000, 0.05), 0.03, 10),
    _dbscan("20k x 10, blobs", partial(_blobs, 20_000, 10, 10), 2.0, 10),
]
