"""The tree of merges, cut into labels, beside fastcluster with SciPy's cut and scikit-learn: the same heights."""

from collections.abc import Callable
from typing import Any

import fastcluster
from scipy.cluster.hierarchy import fcluster
from sklearn.cluster import AgglomerativeClustering as ScikitLearn
from sklearn.datasets import make_blobs

from benchmarks.harness import OURS, Row
from diorama.clustering import AgglomerativeClustering

# fastcluster also has a way without a table of distances for these
_WITHOUT_TABLE = ("single", "ward", "centroid", "median")


def _blobs(n: int, d: int) -> Callable[[], Any]:
    return lambda: make_blobs(n, d, centers=8, cluster_std=3.0, random_state=0)[0]


def _cut(tree: Any) -> Any:
    """Labels as well, which an estimator gives anyway."""
    fcluster(tree, 8, "maxclust")
    return tree[:, 2]


def _contenders(how: str) -> dict[str, Callable[[Any], Any]]:
    found: dict[str, Callable[[Any], Any]] = {
        OURS: lambda X: AgglomerativeClustering(8, linkage=how).fit(X).distances_,
        "fastcluster": lambda X: _cut(fastcluster.linkage(X, how)),
    }
    if how in _WITHOUT_TABLE:
        found["fastcluster, vectors"] = lambda X: _cut(fastcluster.linkage_vector(X, how))
    if how not in ("centroid", "median"):
        settings = {"compute_full_tree": True, "compute_distances": True}
        found["scikit-learn"] = lambda X: ScikitLearn(8, linkage=how, **settings).fit(X).distances_
    return found


def _row(how: str, n: int, d: int) -> Row:
    return Row(
        name=f"linkage {how} {n} x {d}",
        data=_blobs(n, d),
        contenders=_contenders(how),
        quality=lambda heights, data: float(heights.sum()),
        measure="sum of heights",
        lower_is_better=True,
        tolerance=1e-9,
    )


ROWS: list[Row] = [
    *(_row(how, 200, 2) for how in ("ward", "average", "single")),
    *(_row(how, 6000, 10) for how in ("ward", "average", "complete", "single", "centroid", "median")),
    *(_row(how, 2000, 60) for how in ("ward", "average", "single")),
]
