"""Mean shift beside scikit-learn's: the same seeds and bandwidth, so the same modes."""

from collections.abc import Callable
from typing import Any

from sklearn.cluster import MeanShift as ScikitLearn
from sklearn.cluster import estimate_bandwidth as scikit_learns_estimate
from sklearn.datasets import make_blobs

from benchmarks.harness import OURS, Row
from diorama.clustering import MeanShift, estimate_bandwidth


def _blobs(n: int, d: int, quantile: float) -> Callable[[], Any]:
    def make() -> Any:
        X = make_blobs(n, d, centers=8, random_state=0)[0]
        return X, estimate_bandwidth(X, quantile=quantile)

    return make


def _fit(kind: type, **parameters: Any) -> Callable[[Any], Any]:
    return lambda data: kind(bandwidth=data[1], **parameters).fit(data[0])


def _row(name: str, data: Callable[[], Any], **parameters: Any) -> Row:
    return Row(
        name=f"mean shift {name}",
        data=data,
        contenders={OURS: _fit(MeanShift, **parameters), "scikit-learn": _fit(ScikitLearn, **parameters)},
        quality=lambda fitted, data: len(fitted.cluster_centers_),
        measure="modes",
        lower_is_better=True,
        tolerance=0.0,
    )


ROWS: list[Row] = [
    _row("200 x 2, binned", _blobs(200, 2, 0.1), bin_seeding=True),
    _row("1000 x 2, every row a seed", _blobs(1000, 2, 0.1)),
    _row("5000 x 2, binned", _blobs(5000, 2, 0.1), bin_seeding=True),
    _row("5000 x 6, binned", _blobs(5000, 6, 0.05), bin_seeding=True),
    Row(
        name="mean shift, bandwidth of 5000 x 2",
        data=_blobs(5000, 2, 0.3),
        contenders={
            OURS: lambda data: estimate_bandwidth(data[0]),
            "scikit-learn": lambda data: scikit_learns_estimate(data[0]),
        },
        quality=lambda found, data: found,
        measure="bandwidth",
        tolerance=1e-9,
    ),
]
