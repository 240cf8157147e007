"""HDBSCAN: DBSCAN at every reach at once, and of all the clusters it would find the most persistent.

A row's core distance is how far it must reach to find `min_samples` rows. Two rows become neighbours at their mutual
reachability: the larger of both core distances and d(a, b) / alpha. As the distance shrinks from infinity, everything
breaks into clusters and clusters into smaller ones; those that persist for long are the answer [Campello et al. 2013]_.

References
----------
.. [Campello et al. 2013] R. Campello, D. Moulavi, J. Sander, "Density-based clustering based on hierarchical density
   estimates", PAKDD 2013.
"""

from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, validate_data

from diorama._iterate import Fit, show
from diorama._kd_tree import KDTree
from diorama._parallel import blocks
from diorama._typing import Array
from diorama.clustering._condensed import ROOT, CondensedTree, condense, single_linkage
from diorama.clustering._selection import excess_of_mass, memberships, not_below, outlier_scores, row_clusters
from diorama.clustering._spanning import Edges, boruvka, prim, prim_of_table
from diorama.clustering.dbscan import numbered

# up to so many features, boxes keep a search away from most rows
TREE_UP_TO = 12
MOST_LEVELS = 48  # of the cut, that a picture stops at
ROWS_AT_ONCE = 256


class State(NamedTuple):
    """The condensed tree, cut at one level on the way down; at last, what is kept of it."""

    level: float  # lambda = 1 / distance of the cut; infinity when the clusters are chosen
    cluster: Array  # (n_samples,) node of the condensed tree that each row is in at this level; -1 when it has left
    tree: CondensedTree
    labels: Array  # (n_samples,) the answer: cluster of each row, -1 for noise
    probabilities: Array  # (n_samples,) how firmly each row belongs to its cluster
    selected: Array  # nodes of the tree that are the clusters


def hierarchy(edges: Edges, min_cluster_size: int) -> tuple[Array, CondensedTree]:
    """All merges, and the few that matter."""
    merges = single_linkage(edges)
    return merges, condense(merges, edges.ranks, min_cluster_size)


def choose(tree: CondensedTree, model: "HDBSCAN") -> Array:
    """The nodes of the tree that are the clusters."""
    if model.cluster_selection_method == "leaf":
        chosen = tree.leaves  #: leaf
    else:
        most = np.inf if model.max_cluster_size is None else model.max_cluster_size
        chosen = excess_of_mass(tree, most, model.allow_single_cluster)  #: choose
    if model.cluster_selection_epsilon > 0 and ROOT not in chosen:
        chosen = not_below(tree, chosen, model.cluster_selection_epsilon, model.allow_single_cluster)
    return chosen


def cuts(tree: CondensedTree, labels: Array, probabilities: Array, selected: Array) -> Iterator[State]:
    """The tree from above, level by level, and the choice."""
    for level in levels(tree):
        yield State(level, tree.at(level), tree, labels, probabilities, selected)
    yield State(np.inf, tree.row_cluster, tree, labels, probabilities, selected)


def levels(tree: CondensedTree) -> Array:
    """Lambdas to stop at: where clusters are born, and evenly by the rows that leave."""
    finite = tree.row_lambda[np.isfinite(tree.row_lambda)]
    leaving = np.quantile(finite, np.linspace(0, 1, MOST_LEVELS // 2)) if len(finite) else np.zeros(0)
    born = np.sort(tree.birth[1:])[: MOST_LEVELS // 2]
    return np.unique(np.concatenate([[0.0], born, leaving]))


class HDBSCAN(ClusterMixin, BaseEstimator):
    """Clusters of any shape and of different densities, with how firmly each row belongs and who is an outlier.

    Maximises, over sets of clusters none within another, the sum of their excess of mass: over a cluster's rows, the
    sum of (lambda at which the row left - lambda at which the cluster came to be), with lambda = 1 / distance.
    Parameters and defaults are those of scikit-learn's HDBSCAN. Clusters are numbered in the order of their first rows.
    Rows with missing or infinite values are refused; equal rows are never parted.

    Parameters
    ----------
    min_cluster_size : int
        Fewer rows are no cluster, only rows that fell out of one.
    min_samples : int, optional
        Rows within its core distance of each row, itself among them; None takes `min_cluster_size`.
    cluster_selection_epsilon : float
        Clusters that come to be at a distance below this are not split off.
    max_cluster_size : int, optional
        By excess of mass, a larger cluster gives way to what becomes of it.
    metric : str or callable
        "euclidean", "manhattan", "precomputed" (X is the square table of distances), or any other that scikit-learn's
        pairwise_distances takes.
    metric_params : dict, optional
        What else the metric takes.
    alpha : float
        Distances are divided by it before they meet core distances.
    algorithm : "auto", "brute", "kd_tree" or "ball_tree"
        For compatibility: the way is chosen by the number of features, and the answer is the same.
    leaf_size : int
        For compatibility.
    n_jobs : int, optional
        For compatibility: the number of threads is that of the whole package.
    cluster_selection_method : "eom" or "leaf"
        By excess of mass, or all clusters that never break: more and smaller ones.
    allow_single_cluster : bool
        Whether everything may be one cluster.
    store_centers : None, "centroid", "medoid" or "both"
        Which middles to keep, weighted by `probabilities_`.
    copy : bool
        For compatibility: X is never written.

    Attributes
    ----------
    labels_ : (n_samples,) cluster of each row; -1 is noise
    probabilities_ : (n_samples,) how firmly each row belongs to its cluster; 0 for noise
    outlier_scores_ : (n_samples,) from 0, as dense as its surroundings get, towards 1 (GLOSH)
    condensed_tree_ : CondensedTree, the clusters at all levels
    single_linkage_tree_ : (n_samples - 1, 4) all merges, as SciPy's dendrogram takes them
    centroids_, medoids_ : (n_clusters, n_features), if asked for

    Raises
    ------
    ValueError
        `min_samples` above the number of rows; a table of distances that is not square or not symmetric.

    Examples
    --------
    >>> from diorama.clustering import HDBSCAN
    >>> model = HDBSCAN(min_cluster_size=3).fit([[0.0], [0.1], [0.2], [5.0], [5.3], [5.6], [20.0]])
    >>> model.labels_
    array([ 0,  0,  0,  1,  1,  1, -1])
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "min_cluster_size": [Interval(Integral, 2, None, closed="left")],
        "min_samples": [Interval(Integral, 1, None, closed="left"), None],
        "cluster_selection_epsilon": [Interval(Real, 0, None, closed="left")],
        "max_cluster_size": [None, Interval(Integral, 1, None, closed="left")],
        "metric": [str, callable],
        "metric_params": [dict, None],
        "alpha": [Interval(Real, 0, None, closed="neither")],
        "algorithm": [StrOptions({"auto", "brute", "kd_tree", "ball_tree"})],
        "leaf_size": [Interval(Integral, 1, None, closed="left")],
        "n_jobs": [Integral, None],
        "cluster_selection_method": [StrOptions({"eom", "leaf"})],
        "allow_single_cluster": ["boolean"],
        "store_centers": [None, StrOptions({"centroid", "medoid", "both"})],
        "copy": ["boolean"],
    }

    def __init__(
        self,
        min_cluster_size: int = 5,
        min_samples: int | None = None,
        cluster_selection_epsilon: float = 0.0,
        max_cluster_size: int | None = None,
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        alpha: float = 1.0,
        algorithm: str = "auto",
        leaf_size: int = 40,
        n_jobs: int | None = None,
        cluster_selection_method: str = "eom",
        allow_single_cluster: bool = False,
        store_centers: str | None = None,
        copy: bool = False,
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.cluster_selection_epsilon = cluster_selection_epsilon
        self.max_cluster_size = max_cluster_size
        self.metric = metric
        self.metric_params = metric_params
        self.alpha = alpha
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.n_jobs = n_jobs
        self.cluster_selection_method = cluster_selection_method
        self.allow_single_cluster = allow_single_cluster
        self.store_centers = store_centers
        self.copy = copy

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the clusters of the rows X (n_samples, n_features), dense or sparse; y is ignored."""
        self._validate_params()
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], order="C")
        min_samples = self.min_cluster_size if self.min_samples is None else self.min_samples
        if min_samples > X.shape[0]:
            raise ValueError(
                f"n_samples={X.shape[0]} should be >= min_samples={min_samples}: a core distance needs so many rows; "
                "give more of them or lower min_samples."
            )
        merges, tree = hierarchy(self._edges(X, min_samples), self.min_cluster_size)
        selected = choose(tree, self)
        own = row_clusters(tree, selected, self.cluster_selection_epsilon)
        labels, probabilities = numbered(own), memberships(tree, own)
        show(
            lambda: cuts(tree, labels, probabilities, selected),
            total=len(levels(tree)) + 1,
            fit=Fit(self, X),
        )
        self.labels_, self.probabilities_ = labels, probabilities
        self.outlier_scores_ = outlier_scores(tree)
        self.condensed_tree_, self.single_linkage_tree_ = tree, merges
        if self.store_centers:
            self._keep_centers(X)
        return self

    def fit_predict(self, X: Any, y: Any = None) -> Array:
        """Fit, then the cluster of each row."""
        labels: Array = self.fit(X).labels_
        return labels

    def dbscan_clustering(self, cut_distance: float, min_cluster_size: int = 5) -> Array:
        """(n_samples,) the clusters that DBSCAN finds at this reach, without border rows; -1 is noise."""
        check_is_fitted(self)
        merges = self.single_linkage_tree_
        n = len(merges) + 1
        joined = merges[: np.searchsorted(merges[:, 2], cut_distance)]
        top = np.arange(n + len(merges))
        for step in range(len(joined) - 1, -1, -1):
            top[joined[step, :2].astype(np.intp)] = top[n + step]
        root = top[:n]
        size = np.bincount(root, minlength=len(top))
        # named by their first rows, so that a number is below n
        first = np.full(len(top), -1)
        first[root[::-1]] = np.arange(n)[::-1]
        return numbered(np.where(size[root] >= min_cluster_size, first[root], -1))

    def _edges(self, X: Any, min_samples: int) -> Edges:
        """The spanning tree of the mutual reachabilities."""
        p = 2.0
        if self.metric != "euclidean" or self.metric_params or sparse.issparse(X):
            # imported here because only other ways to measure need it, and it takes long
            from diorama.neighbors._metric import Metric
            from diorama.neighbors._table import TableIndex

            metric = Metric.of(self.metric, 2.0, self.metric_params)
            if metric.kind == "precomputed":
                return self._edges_of_table(_checked_table(X), min_samples)
            if metric.kind != "minkowski" or sparse.issparse(X):
                name, options = ("minkowski", {}) if metric.kind == "minkowski" else (metric.name, metric.options)
                return self._edges_of_table(TableIndex(X, name, metric.p, options).table(X), min_samples)
            p = metric.p
        if X.shape[1] <= TREE_UP_TO:
            return boruvka(X, min_samples, self.alpha, p)
        if p != 2.0:
            return prim(X, KDTree.build(X).nearest(X, min_samples, p)[1], self.alpha, p)
        from diorama.neighbors._product import ProductIndex

        return prim(X, ProductIndex.build(X).nearest(X, min_samples)[1], self.alpha, p)

    def _edges_of_table(self, table: Array, min_samples: int) -> Edges:
        core = [
            np.partition(table[low:high], min_samples - 1)[:, min_samples - 1]
            for low, high in blocks(len(table), ROWS_AT_ONCE)
        ]
        return prim_of_table(table, np.concatenate(core), self.alpha)

    def _keep_centers(self, X: Any) -> None:
        if self.metric == "precomputed" or sparse.issparse(X):
            raise ValueError("store_centers needs dense rows, not distances or sparse ones; leave it at None.")
        # imported here because only this needs it, and it takes long
        from sklearn.metrics import pairwise_distances

        groups = [np.flatnonzero(self.labels_ == k) for k in range(self.labels_.max() + 1)]
        weights = [self.probabilities_[rows] for rows in groups]
        means = [np.average(X[rows], axis=0, weights=w) for rows, w in zip(groups, weights, strict=True)]
        if self.store_centers in ("centroid", "both"):
            self.centroids_ = np.array(means).reshape(-1, X.shape[1])
        if self.store_centers in ("medoid", "both"):
            options = self.metric_params or {}
            spread = [pairwise_distances(X[rows], metric=self.metric, **options) for rows in groups]
            middle = [rows[np.argmin(d @ w)] for rows, d, w in zip(groups, spread, weights, strict=True)]
            self.medoids_ = X[np.array(middle, dtype=np.intp)]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags


def _checked_table(X: Any) -> Array:
    """A table of distances (n, n) in double precision; ValueError when it can be none."""
    if sparse.issparse(X):
        raise ValueError("metric='precomputed' takes a dense table of distances; use X.toarray().")
    if X.shape[0] != X.shape[1] or not np.allclose(X, X.T):
        raise ValueError(
            f"metric='precomputed' needs the distances between all rows, a square and symmetric table; got {X.shape}."
        )
    return np.ascontiguousarray(X, dtype=np.float64)
