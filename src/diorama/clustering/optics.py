"""OPTICS: walk through the rows, always on to the one easiest to reach, and write down what each step cost.

Where rows lie dense steps are cheap, so clusters are the valleys of the plot of these costs, whatever their density; a
cut through it at one height is DBSCAN with that reach [Ankerst et al. 1999]_.

References
----------
.. [Ankerst et al. 1999] M. Ankerst, M. M. Breunig, H.-P. Kriegel, J. Sander, "OPTICS: ordering points to identify the
   clustering structure", SIGMOD 1999.
"""

import warnings
from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils._param_validation import HasMethods, Interval, RealNotInt, StrOptions
from sklearn.utils.validation import validate_data

from diorama._iterate import Fit, show
from diorama._kd_tree import KDTree
from diorama._minkowski import distances, measure_pairs, reduced_radius
from diorama._parallel import blocks
from diorama._typing import Array
from diorama.clustering._ordering import Walk, walk_everywhere, walk_near, walk_table
from diorama.clustering._steep import Plot, named, valleys

MOST_STATES = 121
ROWS_AT_ONCE = 256
# up to so many features, boxes keep a search away from most rows
TREE_UP_TO = 15
# where a row has more than this share of all within its reach, lists of them save nothing
LISTED = 0.05


class State(NamedTuple):
    """The walk, so far."""

    walked: int  # how many rows
    walk: Walk  # the whole walk
    way: str  # how distances were had: "everywhere", "near" or "table"
    labels: Array  # (n_samples,) the answer: cluster of each row, -1 for noise
    hierarchy: Array  # (n_clusters, 2) first and last place of each cluster in the walk; none for the way of DBSCAN


def stops(walk: Walk, way: str, labels: Array, hierarchy: Array) -> Iterator[State]:
    """The walk at evenly spaced places, the start and the end among them."""
    n = len(walk.ordering)
    for walked in np.unique(np.linspace(0, n, min(n + 1, MOST_STATES)).astype(int)).tolist():
        yield State(walked, walk, way, labels, hierarchy)


def cut(walk: Walk, core: Array, eps: float) -> Array:
    """(n,) the clusters of DBSCAN with this reach: rows between two steps that cost more; -1 is noise."""
    opens = (walk.reachability > eps) & (core <= eps)
    labels = np.empty(len(core), dtype=np.intp)
    labels[walk.ordering] = np.cumsum(opens[walk.ordering]) - 1
    labels[(walk.reachability > eps) & (core > eps)] = -1
    return labels


class OPTICS(ClusterMixin, BaseEstimator):
    """The order of rows in which clusters of every density are valleys.

    The core distance c(a) of row a is how far it must reach to find `min_samples` rows, itself among them; the
    reachability of row b from row a is max(c(a), |a - b|), no more than `max_eps`. Each step takes the row with the
    smallest reachability from any row before it, the one with the smaller number among equals. Parameters, defaults
    and the order are those of scikit-learn's OPTICS.

    Parameters
    ----------
    min_samples : int above 1, or float from 0 to 1
        Rows within its core distance of each row; a float is a share of all rows.
    max_eps : float
        Rows farther apart than this are out of reach of one another.
    metric : str or callable
        How distances are measured: "minkowski" (of order `p`), "euclidean", "manhattan", "precomputed" (X is the square
        table of distances), or any other that scikit-learn's pairwise_distances takes.
    p : float
        Order of the Minkowski distance.
    metric_params : dict, optional
        What else the metric takes.
    cluster_method : "xi" or "dbscan"
        How clusters are read off the plot: as valleys with steep sides, or by a cut at height `eps`.
    eps : float, optional
        Height of the cut; None is `max_eps`.
    xi : float from 0 to 1
        A step is steep when the reachability changes by this share.
    predecessor_correction : bool
        Whether places at a valley's end that were reached from outside it are cut off.
    min_cluster_size : int above 1, float from 0 to 1, or None
        Smaller valleys are no clusters; a float is a share of all rows, None is `min_samples`.
    algorithm : "auto", "ball_tree", "kd_tree" or "brute"
        For compatibility: the way is chosen by the data, and the answer is the same.
    leaf_size, memory, n_jobs
        For compatibility.

    Attributes
    ----------
    labels_ : (n_samples,) cluster of each row; -1 is noise
    ordering_ : (n_samples,) row numbers in the order of the walk
    reachability_ : (n_samples,) by row, what the step to it cost; infinity where the walk started anew
    core_distances_ : (n_samples,) by row; infinity above `max_eps`
    predecessor_ : (n_samples,) by row, from where it was reached; -1 where the walk started anew
    cluster_hierarchy_ : (n_clusters, 2) first and last place in `ordering_` of every valley, with cluster_method "xi"

    Raises
    ------
    ValueError
        `min_samples` or `min_cluster_size` above the number of rows, `eps` above `max_eps`.

    Examples
    --------
    >>> from diorama.clustering import OPTICS
    >>> model = OPTICS(min_samples=2).fit([[0.0], [1.0], [10.0], [2.0], [12.0], [11.0]])
    >>> model.ordering_
    array([0, 1, 3, 2, 5, 4])
    >>> model.labels_
    array([0, 0, 1, 0, 1, 1])
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "min_samples": [Interval(Integral, 2, None, closed="left"), Interval(RealNotInt, 0, 1, closed="both")],
        "max_eps": [Interval(Real, 0, None, closed="both")],
        "metric": [str, callable],
        "p": [Interval(Real, 1, None, closed="left")],
        "metric_params": [dict, None],
        "cluster_method": [StrOptions({"dbscan", "xi"})],
        "eps": [Interval(Real, 0, None, closed="both"), None],
        "xi": [Interval(Real, 0, 1, closed="both")],
        "predecessor_correction": ["boolean"],
        "min_cluster_size": [
            Interval(Integral, 2, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="right"),
            None,
        ],
        "algorithm": [StrOptions({"auto", "brute", "ball_tree", "kd_tree"})],
        "leaf_size": [Interval(Integral, 1, None, closed="left")],
        "memory": [str, HasMethods("cache"), None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        *,
        min_samples: float = 5,
        max_eps: float = np.inf,
        metric: Any = "minkowski",
        p: float = 2,
        metric_params: dict[str, Any] | None = None,
        cluster_method: str = "xi",
        eps: float | None = None,
        xi: float = 0.05,
        predecessor_correction: bool = True,
        min_cluster_size: float | None = None,
        algorithm: str = "auto",
        leaf_size: int = 30,
        memory: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.min_samples = min_samples
        self.max_eps = max_eps
        self.metric = metric
        self.p = p
        self.metric_params = metric_params
        self.cluster_method = cluster_method
        self.eps = eps
        self.xi = xi
        self.predecessor_correction = predecessor_correction
        self.min_cluster_size = min_cluster_size
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.memory = memory
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Walk through the rows X (n_samples, n_features), dense or sparse, and read off clusters; y is ignored."""
        self._validate_params()
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], order="C")
        n = X.shape[0]
        min_samples = _count(self.min_samples, n, "min_samples")
        size = min_samples if self.min_cluster_size is None else _count(self.min_cluster_size, n, "min_cluster_size")
        eps = self.max_eps if self.eps is None else self.eps
        if self.cluster_method == "dbscan" and eps > self.max_eps:
            raise ValueError(f"eps={eps} is above max_eps={self.max_eps}, and the walk knows no farther; lower eps.")
        walk, core, way = self._walk(X, min_samples)
        if np.isinf(walk.reachability).all():
            warnings.warn(
                f"All reachability values are inf: no row has {min_samples} rows within max_eps={self.max_eps}, and "
                "all are noise; raise max_eps.",
                UserWarning,
                stacklevel=2,
            )
        if self.cluster_method == "xi":
            hierarchy = valleys(Plot.of(walk, self.xi), min_samples, size, self.predecessor_correction)
            labels = named(hierarchy, walk.ordering)
        else:
            hierarchy, labels = np.empty((0, 2), dtype=np.intp), cut(walk, core, eps)
        show(lambda: stops(walk, way, labels, hierarchy), total=min(n + 1, MOST_STATES) - 1, fit=Fit(self, X))
        self.labels_, self.core_distances_ = labels, core
        self.ordering_, self.reachability_, self.predecessor_ = walk
        if self.cluster_method == "xi":
            self.cluster_hierarchy_ = hierarchy
        return self

    def fit_predict(self, X: Any, y: Any = None) -> Array:
        """Fit, then the cluster of each row."""
        labels: Array = self.fit(X).labels_
        return labels

    def _walk(self, X: Any, min_samples: int) -> tuple[Walk, Array, str]:
        """The walk, the core distances (n,), and how distances were had."""
        p = float(self.p)
        plain = self.metric == "minkowski" and not self.metric_params
        if not plain or sparse.issparse(X):
            # imported here because only other ways to measure need it, and it takes long
            from diorama.neighbors._metric import Metric
            from diorama.neighbors._table import TableIndex

            metric = Metric.of(self.metric, p, self.metric_params)
            if metric.kind == "precomputed":
                return _through_table(_square(X), min_samples, self.max_eps)
            if metric.kind != "minkowski" or sparse.issparse(X):
                name, options = ("minkowski", {}) if metric.kind == "minkowski" else (metric.name, metric.options)
                return _through_table(TableIndex(X, name, metric.p, options).table(X), min_samples, self.max_eps)
            p = metric.p
        return _through_rows(np.ascontiguousarray(X, dtype=np.float64), min_samples, float(self.max_eps), p)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags


def _count(asked: float, n: int, name: str) -> int:
    """A number of rows, given as such or as a share of all."""
    if asked > n:
        raise ValueError(
            f"{name} must be no greater than the number of samples: n_samples={n}, {name}={asked}; give more rows or "
            "lower it."
        )
    return int(asked) if asked > 1 else max(2, int(asked * n))


def _square(X: Any) -> Array:
    """A table of distances in double precision, or ValueError. What a sparse one lacks is out of reach."""
    if X.shape[0] != X.shape[1]:
        raise ValueError(
            f"metric='precomputed' needs the distances between all rows, a square table; got {X.shape}. "
            "Leave metric at 'minkowski' to have distances measured."
        )
    if not sparse.issparse(X):
        return np.ascontiguousarray(X, dtype=np.float64)
    table = np.full(X.shape, np.inf)
    rows = np.repeat(np.arange(X.shape[0]), np.diff(X.indptr))
    table[rows, X.indices] = X.data
    np.fill_diagonal(table, 0.0)
    return table


def _through_table(table: Array, min_samples: int, max_eps: float) -> tuple[Walk, Array, str]:
    kth = [
        np.partition(table[low:high], min_samples - 1)[:, min_samples - 1]
        for low, high in blocks(len(table), ROWS_AT_ONCE)
    ]
    core = np.concatenate(kth)
    core[core > max_eps] = np.inf
    return walk_table(table, core, float(max_eps)), core, "table"


def _through_rows(X: Array, min_samples: int, max_eps: float, p: float) -> tuple[Walk, Array, str]:
    tree = KDTree.build(X)
    if X.shape[1] <= TREE_UP_TO or p != 2.0:
        rows = tree.nearest(X, min_samples, p)[1]
    else:
        # imported here because only this needs it, and it takes long
        from diorama.neighbors._product import ProductIndex

        rows = ProductIndex.build(X).nearest(X, min_samples)[1]
    limit = reduced_radius(max_eps, p)
    core = np.empty(len(X))
    measure_pairs(X, np.arange(len(X)), X, rows[:, -1].copy(), p, core)
    core[core > limit] = np.inf
    way = "near" if _few_near(tree, X, max_eps, p) else "everywhere"
    if way == "near":
        starts, near = tree.within(X, max_eps, p)
        apart = np.empty(len(near))
        measure_pairs(X, np.repeat(np.arange(len(X)), np.diff(starts)), X, near, p, apart)
        walk = walk_near(starts, near, apart, core)
    else:
        walk = walk_everywhere(X, core, limit, p)
    return walk._replace(reachability=distances(walk.reachability, p)), distances(core, p), way


def _few_near(tree: KDTree, X: Array, max_eps: float, p: float) -> bool:
    """Whether rows have few others within reach, judged by some of them."""
    if np.isinf(max_eps):
        return False
    some = X[:: max(1, len(X) // 200)]
    return len(tree.within(some, max_eps, p)[1]) <= LISTED * len(X) * len(some)
