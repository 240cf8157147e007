"""k-medoids: k rows stand for all, each row follows the nearest of them, and rows take over where that is cheaper.

Minimises J = sum_i d(x_i, m_label(i)), where the medoids m are rows of the data and d is any dissimilarity: unlike a
mean, a medoid exists, and no distance is squared, so single far rows pull less [1]_. A swap of a medoid for another row
is made whenever it lowers J, until none does [2]_.

.. [1] L. Kaufman, P. J. Rousseeuw, "Clustering by means of medoids", 1987.
.. [2] E. Schubert, P. J. Rousseeuw, "Fast and eager k-medoids clustering", Information Systems 101 (2021).
"""

import warnings
from functools import partial
from numbers import Integral
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn.base import ClusterMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted

from diorama._iterate import Fit, iterate
from diorama._quick_checks import QuickChecks, validated
from diorama._typing import Array
from diorama.clustering._medoid_kernels import eager_swap
from diorama.neighbors._metric import PAIRWISE

METRICS = {*PAIRWISE, "chebyshev", "canberra", "braycurtis", "hamming", "jaccard", "minkowski"}
# of these SciPy goes through dense rows faster, and without the rounding of an expanded square
DIRECT = {"euclidean": "euclidean", "l2": "euclidean", "manhattan": "cityblock", "l1": "cityblock"}
# a swap must lower J by more than rounding does
LEAST_SHARE = 1e-12


class State(NamedTuple):
    """After a swap."""

    medoids: Array  # (n_clusters,) rows of the data
    nearest: Array  # (n_samples,) place in `medoids` of each row's nearest
    near: Array  # (n_samples,) distance to it
    second: Array  # (n_samples,) place of the second nearest, -1 with one medoid
    far: Array  # (n_samples,) distance to that
    tried: int  # the row to be tried next
    swapped: bool  # whether there was a swap worth making

    @property
    def cost(self) -> float:
        """J, the sum of the distances."""
        return float(self.near.sum())


def begin(D: Array, medoids: Array) -> State:
    """Every row looks for its two nearest medoids."""
    columns = D[medoids]  #: start
    order = np.argsort(columns, axis=0, kind="stable")
    rows = np.arange(len(D))
    nearest = order[0].astype(np.int64)
    if len(medoids) == 1:
        return State(medoids, nearest, columns[0].copy(), np.full(len(D), -1), np.full(len(D), np.inf), 0, True)
    second = order[1].astype(np.int64)
    return State(medoids, nearest, columns[nearest, rows], second, columns[second, rows], 0, True)


def step(D: Array, state: State) -> State:
    """The next row that is a better medoid than one of them takes its place."""
    if len(state.medoids) == 1:
        return only_one(D, state)
    medoids, nearest, near = state.medoids.copy(), state.nearest.copy(), state.near.copy()
    second, far, losses = state.second.copy(), state.far.copy(), np.empty((2, len(medoids)))
    least = LEAST_SHARE * state.cost
    row = eager_swap(D, medoids, nearest, near, second, far, losses, state.tried, least)  #: swap
    tried = (row + 1) % len(D) if row >= 0 else state.tried
    return State(medoids, nearest, near, second, far, tried, row >= 0)


def only_one(D: Array, state: State) -> State:
    """With one medoid, the row with the smallest sum of distances is best."""
    sums = D.sum(axis=1)
    best = int(sums.argmin())
    if sums[best] >= sums[state.medoids[0]] - LEAST_SHARE * state.cost:
        return state._replace(swapped=False)
    return begin(D, np.array([best]))


def done(previous: State, state: State) -> bool:
    """No swap lowers J."""
    return not state.swapped


def random_medoids(D: Array, k: int, random: np.random.RandomState) -> Array:
    """Different rows, drawn at random."""
    return np.asarray(random.choice(len(D), k, replace=False))


def spread_medoids(D: Array, k: int, random: np.random.RandomState) -> Array:
    """Each new one drawn with a chance proportional to its squared distance to the nearest so far (k-means++)."""
    medoids = [int(random.randint(len(D)))]
    near = D[medoids[0]].copy()
    while len(medoids) < k:
        ends = np.cumsum(near**2)
        drawn = int(np.searchsorted(ends, random.random_sample() * ends[-1], side="right"))
        if ends[-1] <= 0 or drawn >= len(D):  # all rows stand on medoids: any other row
            drawn = int(np.setdiff1d(np.arange(len(D)), medoids)[0])
        medoids.append(drawn)
        near = np.minimum(near, D[drawn])
    return np.array(medoids)


def built_medoids(D: Array, k: int, random: np.random.RandomState) -> Array:
    """The best single one, then always the row that lowers J most (PAM's BUILD)."""
    medoids = [int(D.sum(axis=1).argmin())]
    near = D[medoids[0]].copy()
    while len(medoids) < k:
        gains = np.array([np.maximum(near - row, 0.0).sum() for row in D])
        gains[medoids] = -1.0
        medoids.append(int(gains.argmax()))
        near = np.minimum(near, D[medoids[-1]])
    return np.array(medoids)


def central_medoids(D: Array, k: int, random: np.random.RandomState) -> Array:
    """The rows with the smallest sums of distances."""
    return np.argsort(D.sum(axis=1), kind="stable")[:k]


STARTS = {
    "k-medoids++": spread_medoids,
    "random": random_medoids,
    "build": built_medoids,
    "heuristic": central_medoids,
}


class KMedoids(TransformerMixin, ClusterMixin, QuickChecks):
    """Groups around rows of the data, each row in the group of its nearest medoid, by FasterPAM.

    Minimises J = sum_i d(x_i, m_label(i)): x_i is row i of `X`, m_j is row `medoid_indices_[j]`, label(i) is
    `labels_[i]`, J is `inertia_`, d is `metric`.

    Parameters
    ----------
    n_clusters : int, default=8
    metric : str or callable, default="euclidean"
        What scikit-learn's `pairwise_distances` takes, or "precomputed": then X is (n_samples, n_samples) distances.
    init : {"k-medoids++", "random", "build", "heuristic"} or array of rows, default="k-medoids++"
        Where the medoids start: far from one another, at random, each where it lowers J most, at the rows nearest to
        all, or at the rows you name.
    max_iter : int, default=300
        Most swaps, for each of the clusters.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    medoid_indices_ : (n_clusters,) rows of the training data
    cluster_centers_ : (n_clusters, n_features) those rows; None when distances were given
    labels_ : (n_samples,)
    inertia_ : J
    n_iter_ : swaps made
    n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    The distances between all rows are held: 8 n^2 bytes, 72 MB for 3,000 rows.

    Raises
    ------
    ValueError
        More clusters than rows, distances that are negative, not square or not finite, an `init` that names other rows.

    Examples
    --------
    >>> from diorama.clustering import KMedoids
    >>> model = KMedoids(2, random_state=0).fit([[0.0], [1.0], [2.0], [8.0], [9.0], [10.0]])
    >>> sorted(model.cluster_centers_.ravel().tolist())
    [1.0, 9.0]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "metric": [StrOptions({*METRICS, "precomputed"}), callable],
        "init": [StrOptions(set(STARTS)), "array-like"],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    medoid_indices_: Array
    cluster_centers_: Any
    labels_: Array
    inertia_: float
    n_iter_: int

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        metric: Any = "euclidean",
        init: Any = "k-medoids++",
        max_iter: int = 300,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.metric = metric
        self.init = init
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the medoids of the rows X (n_samples, n_features), or of distances; y is ignored."""
        self._validate_params()
        X = self._checked(X, reset=True)
        if X.shape[0] < self.n_clusters:
            raise ValueError(
                f"n_samples={X.shape[0]} should be >= n_clusters={self.n_clusters}: every cluster needs a row of its "
                "own; give more rows or ask for fewer clusters."
            )
        D = self._own_distances(X)
        outcome = iterate(
            begin(D, self._start(D)),
            partial(step, D),
            done,
            max_iter=self.max_iter * self.n_clusters,
            fit=Fit(self, X),
        )
        state = outcome.state
        if not outcome.converged and self.max_iter > 0:
            warnings.warn(
                f"after {outcome.n_iter} swaps another may still lower the cost; raise max_iter (now {self.max_iter}).",
                ConvergenceWarning,
                stacklevel=2,
            )
        self.medoid_indices_, self.labels_, self.inertia_ = state.medoids, state.nearest, state.cost
        self.n_iter_ = outcome.n_iter - int(outcome.converged)
        self.cluster_centers_ = None if self.metric == "precomputed" else X[state.medoids]
        return self

    def predict(self, X: Any) -> Array:
        """(n_samples,) the cluster of the nearest medoid; of precomputed distances, those to all training rows."""
        nearest: Array = self.transform(X).argmin(axis=1)
        return nearest

    def transform(self, X: Any) -> Array:
        """(n_samples, n_clusters) distance of each row to each medoid."""
        check_is_fitted(self)
        X = self._checked(X, reset=False)
        if self.metric == "precomputed":
            chosen: Array = X[:, self.medoid_indices_]
            return chosen
        return distances(X, self.cluster_centers_, self.metric)

    def _checked(self, X: Any, reset: bool) -> Any:
        sparse_too = False if self.metric == "precomputed" else "csr"
        return validated(self, X, reset=reset, accept_sparse=sparse_too, dtype=[np.float64, np.float32], order="C")

    def _own_distances(self, X: Any) -> Array:
        if self.metric != "precomputed":
            return distances(X, X, self.metric)
        if X.shape[0] != X.shape[1]:
            raise ValueError(
                f'with metric="precomputed" X must be square, distances between all rows; it is {X.shape}.'
            )
        if (X < 0).any():
            raise ValueError('with metric="precomputed" X must hold distances, and some are negative.')
        # the kernel goes along what is far from a candidate: its row, which for distances is its column too
        return np.ascontiguousarray(X.T, dtype=np.float64)

    def _start(self, D: Array) -> Array:
        if isinstance(self.init, str):
            return STARTS[self.init](D, self.n_clusters, check_random_state(self.random_state))
        rows = np.asarray(self.init)
        fits = rows.shape == (self.n_clusters,) and rows.dtype.kind in "iu" and len(np.unique(rows)) == len(rows)
        if not fits or rows.min() < 0 or rows.max() >= len(D):
            raise ValueError(
                f"init must name {self.n_clusters} different rows of X, numbers from 0 to {len(D) - 1}; "
                f"it is {self.init!r}."
            )
        return rows.astype(np.int64)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.metric in {*PAIRWISE} - {"haversine", "nan_euclidean", "precomputed"}
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags


def distances(X: Any, Y: Any, metric: Any) -> Array:
    """(n, m) between the rows of X and of Y."""
    if isinstance(metric, str) and metric in DIRECT and not sparse.issparse(X) and not sparse.issparse(Y):
        found: Array = cdist(X, Y, DIRECT[metric])
    else:
        from sklearn.metrics import pairwise_distances  # only where it is wanted: it loads for a while

        found = pairwise_distances(X, Y, metric=metric)
    return np.ascontiguousarray(found, dtype=np.float64)
