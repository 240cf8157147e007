"""Clustering beside its peers: from the same centres, and from scratch with everything at its default."""

from collections.abc import Callable
from typing import Any

import numpy as np
from sklearn.cluster import KMeans as ScikitLearn
from sklearn.cluster import MiniBatchKMeans as ScikitLearnBatches
from sklearn.datasets import make_blobs
from sklearnex.cluster import KMeans as Intelex

from benchmarks.harness import OURS, Row
from diorama.clustering import KMeans, MiniBatchKMeans


def _blobs(n: int, d: int, k: int, dtype: type = np.float64) -> Callable[[], Any]:
    """Overlapping groups: neither trivial nor hopeless."""

    def make() -> Any:
        X, _ = make_blobs(n, d, centers=k, cluster_std=3.0, random_state=0)
        X = np.ascontiguousarray(X, dtype=dtype)
        return X, X[np.random.default_rng(0).choice(n, k, replace=False)], k

    return make


def _uniform(n: int, d: int, k: int) -> Callable[[], Any]:
    """No groups at all, so that many rows lie near a border until the end."""

    def make() -> Any:
        random = np.random.default_rng(0)
        X = random.random((n, d))
        return X, X[random.choice(n, k, replace=False)], k

    return make


def _from_centers(kind: type) -> Callable[[Any], Any]:
    return lambda data: kind(data[2], init=data[1], n_init=1, tol=1e-4).fit(data[0])


def _from_scratch(kind: type) -> Callable[[Any], Any]:
    return lambda data: kind(data[2], random_state=0).fit(data[0])


def _row(name: str, data: Callable[[], Any], fit: Callable[[type], Callable[[Any], Any]]) -> Row:
    return Row(
        name=f"k-means {name}",
        data=data,
        contenders={OURS: fit(KMeans), "scikit-learn": fit(ScikitLearn), "intelex": fit(Intelex)},
        quality=lambda fitted, data: fitted.inertia_,
        measure="inertia",
        lower_is_better=True,
        # each draws its own k-means++ start, and from there ends in its own minimum
        tolerance=1e-3 if fit is _from_centers else 3e-2,
    )


def _batches(name: str, data: Callable[[], Any]) -> Row:
    return Row(
        name=f"mini-batch k-means {name}",
        data=data,
        contenders={OURS: _from_scratch(MiniBatchKMeans), "scikit-learn": _from_scratch(ScikitLearnBatches)},
        quality=lambda fitted, data: fitted.inertia_,
        measure="inertia",
        lower_is_better=True,
        tolerance=5e-2,  # few batches, each start its own end
    )


_DATA = {
    "200 x 2, k = 3": _blobs(200, 2, 3),
    "20k x 10, k = 8": _blobs(20_000, 10, 8),
    "20k x 100, k = 10": _blobs(20_000, 100, 10),
    "100k x 20, k = 20": _blobs(100_000, 20, 20),
    "100k x 20, k = 20, float32": _blobs(100_000, 20, 20, np.float32),
    "100k x 20 without groups, k = 20": _uniform(100_000, 20, 20),
    "200k x 3, k = 100": _blobs(200_000, 3, 100),
    "200k x 3 without groups, k = 100": _uniform(200_000, 3, 100),
}

ROWS: list[Row] = [
    _row(f"{name}, {how}", data, fit)
    for name, data in _DATA.items()
    for how, fit in (("same start", _from_centers), ("default", _from_scratch))
]
ROWS += [_batches(name, _DATA[name]) for name in ("200 x 2, k = 3", "20k x 10, k = 8", "100k x 20, k = 20")]
