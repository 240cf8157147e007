"""DBSCAN: where rows lie dense they are a cluster, of whatever shape; where they lie thin they are noise.

A row is core if at least `min_samples` rows (itself among them) are within `eps` of it. Core rows within `eps` of one
another share a cluster; a row that is not core but within `eps` of one that is lies at the border and joins its
cluster; the rest is noise [Ester et al. 1996]_. No number of clusters is asked for, and none has to be round.

References
----------
.. [Ester et al. 1996] M. Ester, H.-P. Kriegel, J. Sander, X. Xu, "A density-based algorithm for discovering clusters in
   large spatial databases with noise", KDD 1996.
"""

from collections.abc import Callable, Iterator
from numbers import Integral, Real
from typing import Any, NamedTuple, Protocol, Self

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_sample_weight, validate_data

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.clustering._reach import Reach
from diorama.clustering._reach_table import ReachTable
from diorama.clustering._reach_tiles import ReachTiles

# from so many features on, boxes keep too few rows apart
TILES_FROM = 8


class State(NamedTuple):
    """A cluster grows: what it has reached by now."""

    labels: Array  # (n_samples,) cluster of each row reached so far; -1 for all others
    core: Array  # (n_samples,) whether `min_samples` rows are within `eps` of each
    wave: Array  # (m,) the rows reached last, from whose core rows it spreads next
    cluster: int  # number of the cluster that grows; -1 before the first


class Reachable(Protocol):
    """Rows that know who of them are within `eps` of one another."""

    def core(self, weights: Array, need: float) -> Array:
        """(n,) whether the rows within reach of each row weigh `need` together."""

    def sets(self, core: Array) -> Array:
        """(n,) a number for each core row that it shares with all core rows it hangs together with; -1 for others."""

    def adopt(self, core: Array, labels: Array) -> Array:
        """`labels` (n,) with the smallest label of a core row within reach for every row that is not core."""

    def around(self, rows: Array) -> Array:
        """The rows within reach of any of these."""


def clusters(near: Reachable, weights: Array, min_samples: int) -> tuple[Array, Array]:
    """Which rows are core (n,), and the cluster of every row (n,)."""
    core = near.core(weights, min_samples)
    labels = numbered(near.sets(core))
    return core, near.adopt(core, labels)


def numbered(sets: Array) -> Array:
    """Sets by any number in 0 ... n - 1 to clusters 0, 1, 2 ... in the order of their first rows; -1 stays."""
    rows = np.flatnonzero(sets >= 0)
    first = np.zeros(len(sets), dtype=np.intp)
    first[sets[rows[::-1]]] = rows[::-1]
    opens = np.zeros(len(sets), dtype=bool)
    opens[first[sets[rows]]] = True
    labels = np.full(len(sets), -1, dtype=np.intp)
    labels[rows] = (np.cumsum(opens) - 1)[first[sets[rows]]]
    return labels


def begin(core: Array) -> State:
    """Nothing is reached."""
    return State(np.full(len(core), -1), core, np.empty(0, dtype=np.intp), -1)


def spread(around: Callable[[Array], Array], state: State) -> State:
    """One wave: everybody within reach of the last wave's core rows joins; when nobody is, the next cluster opens."""
    sources = state.wave[state.core[state.wave]]
    reached = around(sources) if len(sources) else sources  #: spread
    wave = reached[state.labels[reached] < 0]  #: join
    cluster = state.cluster
    if len(wave) == 0:
        wave = np.flatnonzero(state.core & (state.labels < 0))[:1]  #: seed
        cluster += len(wave)
    labels = state.labels.copy()
    labels[wave] = cluster
    return State(labels, state.core, wave, cluster)


def waves(around: Callable[[Array], Array], core: Array) -> Iterator[State]:
    """The clusters as they grow one after another, each from its first core row; last, nobody is left to reach."""
    state = begin(core)
    yield state
    while True:
        state = spread(around, state)
        yield state
        if len(state.wave) == 0:
            return


class DBSCAN(ClusterMixin, BaseEstimator):
    """Clusters where rows lie dense, noise where they do not.

    Row i is core when the sum of w_j over the rows j with |x_i - x_j| <= eps is at least `min_samples`: x_i is row i of
    `X`, w_j its `sample_weight`. Parameters, defaults and the order of clusters are those of scikit-learn's DBSCAN; a
    border row within reach of several clusters joins the one with the smallest number. The distances are never held
    together, so memory grows with the rows and not with their pairs.

    Parameters
    ----------
    eps : float
        How far a row reaches.
    min_samples : int
        Rows (or their weight) within reach that make a row core, itself among them.
    metric : str or callable
        How distances are measured: "euclidean", "manhattan", "chebyshev", "minkowski" (of order `p`), "precomputed" (X
        is the square table of distances, dense, or sparse with only the stored ones near), or any name or function
        that scikit-learn's pairwise_distances takes.
    metric_params : dict, optional
        What else the metric takes.
    algorithm : "auto", "ball_tree", "kd_tree" or "brute"
        For compatibility: the way is chosen by the number of features, and the answer is the same.
    leaf_size : int
        For compatibility.
    p : float, optional
        Order of the Minkowski distance; None is 2.
    n_jobs : int, optional
        For compatibility: the number of threads is that of the whole package.

    Attributes
    ----------
    labels_ : (n_samples,) cluster of each row; -1 is noise
    core_sample_indices_ : (n_core,) numbers of the core rows
    components_ : (n_core, n_features) the core rows

    Raises
    ------
    ValueError
        An `eps` that is not positive, data that are not finite, a table of distances that is not square.

    Examples
    --------
    >>> from diorama.clustering import DBSCAN
    >>> model = DBSCAN(eps=1.5, min_samples=3).fit([[0.0], [1.0], [2.0], [3.0], [9.0]])
    >>> model.labels_
    array([ 0,  0,  0,  0, -1])
    >>> model.core_sample_indices_
    array([1, 2])
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "eps": [Interval(Real, 0.0, None, closed="neither")],
        "min_samples": [Interval(Integral, 1, None, closed="left")],
        "metric": [str, callable],
        "metric_params": [dict, None],
        "algorithm": [StrOptions({"auto", "ball_tree", "kd_tree", "brute"})],
        "leaf_size": [Interval(Integral, 1, None, closed="left")],
        "p": [Interval(Real, 0.0, None, closed="neither"), None],
        "n_jobs": [Integral, None],
    }

    def __init__(
        self,
        eps: float = 0.5,
        *,
        min_samples: int = 5,
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.eps = eps
        self.min_samples = min_samples
        self.metric = metric
        self.metric_params = metric_params
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the clusters of the rows X (n_samples, n_features), dense or sparse; y is ignored."""
        self._validate_params()
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], order="C")
        weights = np.ones(X.shape[0]) if sample_weight is None else _check_sample_weight(sample_weight, X)
        near = self._near(X)
        core, labels = clusters(near, weights, self.min_samples)
        show(lambda: waves(near.around, core), total=int(core.sum()) + 2, fit=Fit(self, X))
        self.labels_ = labels
        self.core_sample_indices_ = np.flatnonzero(core)
        self.components_ = X[self.core_sample_indices_]
        return self

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> Array:
        """Fit, then the cluster of each row."""
        labels: Array = self.fit(X, sample_weight=sample_weight).labels_
        return labels

    def _near(self, X: Any) -> Reachable:
        if self.metric == "euclidean" and not self.metric_params and not sparse.issparse(X):
            return ReachTiles.of(X, self.eps) if X.shape[1] >= TILES_FROM else Reach.of(X, self.eps, 2.0)
        # imported here because only other ways to measure need it, and it takes long
        from diorama.neighbors._metric import Metric

        metric = Metric.of(self.metric, 2.0 if self.p is None else self.p, self.metric_params)
        if metric.kind == "precomputed" and X.shape[0] != X.shape[1]:
            raise ValueError(
                f"metric='precomputed' needs the distances between all rows, a square table; got {X.shape}. "
                "Leave metric at 'euclidean' to have distances measured."
            )
        if metric.kind == "minkowski" and not sparse.issparse(X):
            return Reach.of(X, self.eps, metric.p)
        name, options = ("minkowski", {"p": metric.p}) if metric.kind == "minkowski" else (metric.name, metric.options)
        return ReachTable.of(X, self.eps, name, options)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags
