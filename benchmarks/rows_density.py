"""Clusters by density beside their peers."""

from functools import partial
from typing import Any

import fast_hdbscan
import hdbscan
import numpy as np
from sklearn import cluster as scikit_learn
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score, silhouette_score
from sklearnex import cluster as intelex

from benchmarks.harness import OURS, Row
from diorama.clustering import DBSCAN, HDBSCAN, OPTICS


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


def _normal(n: int, d: int) -> Any:
    return np.random.default_rng(0).normal(size=(n, d))


def _hdbscan(name: str, data: Any, size: int, min_samples: int) -> Row:
    # these packages do not count the point itself
    others = {"min_cluster_size": size, "min_samples": min_samples - 1}
    contenders = {
        OURS: lambda X: HDBSCAN(size, min_samples).fit(X),
        "fast_hdbscan": lambda X: fast_hdbscan.HDBSCAN(**others).fit(X),
        "hdbscan": lambda X: hdbscan.HDBSCAN(core_dist_n_jobs=2, **others).fit(X),
    }

    def silhouette(fitted: Any, X: Any) -> float:
        """How well apart the clusters are, noise left out; the same for all but for ties."""
        rows = np.flatnonzero(fitted.labels_ >= 0)
        rows = rows[:: max(1, len(rows) // 2_000)]
        several = len(np.unique(fitted.labels_[rows])) > 1
        return float(silhouette_score(X[rows], fitted.labels_[rows])) if several else 0.0

    return Row(f"HDBSCAN {name}", data, contenders, silhouette, "silhouette", tolerance=0.05)


def _optics(name: str, data: Any, target: float, **settings: Any) -> Row:
    contenders = {
        OURS: lambda X: OPTICS(**settings).fit(X),
        "scikit-learn": lambda X: scikit_learn.OPTICS(n_jobs=2, **settings).fit(X),
    }

    def length(fitted: Any, X: Any) -> float:
        return float(fitted.reachability_[np.isfinite(fitted.reachability_)].sum())

    return Row(f"OPTICS {name}", data, contenders, length, "length of the walk", True, 1e-9, target)


ROWS: list[Row] = [
    _dbscan("200 x 2", partial(_blobs, 200, 2, 3), 0.5, 5),
    _dbscan("50k x 2, blobs", partial(_blobs, 50_000, 2, 20), 0.05, 5),
    _dbscan("50k x 2, moons", partial(_moons, 50_000, 0.05), 0.03, 10),
    _dbscan("20k x 10, blobs", partial(_blobs, 20_000, 10, 10), 2.0, 10),
    _hdbscan("200 x 2", partial(_blobs, 200, 2, 3), 10, 5),
    _hdbscan("30k x 3, blobs", partial(_blobs, 30_000, 3, 20), 10, 5),
    _hdbscan("30k x 3 without clusters", partial(_normal, 30_000, 3), 10, 5),
    _optics("200 x 2", partial(_blobs, 200, 2, 3), 10.0),
    _optics("5,000 x 2", partial(_blobs, 5_000, 2, 5), 10.0),
    _optics("5,000 x 2, near ones only", partial(_blobs, 5_000, 2, 5), 10.0, max_eps=0.3),
]
