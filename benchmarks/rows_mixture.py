"""Gaussian mixtures beside scikit-learn's: from the same shares as many steps, and from scratch at the defaults."""

import warnings
from collections.abc import Callable
from typing import Any

from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as ScikitLearn

from benchmarks.harness import OURS, Row
from diorama.clustering import GaussianMixture


def _blobs(n: int, d: int, k: int) -> Callable[[], Any]:
    return lambda: (make_blobs(n, d, centers=k, cluster_std=3.0, random_state=0)[0], k)


def _fit(kind: type, **parameters: Any) -> Callable[[Any], Any]:
    def work(data: Any) -> Any:
        with warnings.catch_warnings():
            # as many steps as asked for, whether they suffice or not
            warnings.simplefilter("ignore", ConvergenceWarning)
            return kind(data[1], random_state=0, **parameters).fit(data[0])

    return work


def _row(name: str, data: Callable[[], Any], target: float = 1.0, **parameters: Any) -> Row:
    return Row(
        name=f"gaussian mixture {name}",
        data=data,
        contenders={OURS: _fit(GaussianMixture, **parameters), "scikit-learn": _fit(ScikitLearn, **parameters)},
        quality=lambda fitted, data: fitted.lower_bound_,
        measure="log-likelihood",
        target=target,
    )


_STEPS = {"max_iter": 30, "tol": 0.0}

ROWS: list[Row] = [
    _row("200 x 2, k = 3, defaults", _blobs(200, 2, 3)),
    _row("50k x 10, k = 8, full, 30 steps", _blobs(50_000, 10, 8), target=10.0, **_STEPS),
    _row("50k x 10, k = 8, tied, 30 steps", _blobs(50_000, 10, 8), covariance_type="tied", **_STEPS),
    _row("50k x 10, k = 8, diag, 30 steps", _blobs(50_000, 10, 8), covariance_type="diag", **_STEPS),
    _row("50k x 10, k = 8, spherical, 30 steps", _blobs(50_000, 10, 8), covariance_type="spherical", **_STEPS),
    _row("10k x 40, k = 5, full, 10 steps", _blobs(10_000, 40, 5), max_iter=10, tol=0.0),
]
