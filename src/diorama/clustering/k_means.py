"""k-means: put every row with its nearest centre, move every centre to the mean of its rows, repeat.

Minimises J = sum_i w_i |x_i - c_label(i)|^2. Neither half of a step can raise J, and there are finitely many ways to
group the rows, so the loop ends [Lloyd 1982]_; where it ends depends on where it starts.

References
----------
.. [Lloyd 1982] S. P. Lloyd, "Least squares quantization in PCM", IEEE Transactions on Information Theory 28 (2), 1982.
"""

import warnings
from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse
from sklearn.base import ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.sparsefuncs import mean_variance_axis
from sklearn.utils.validation import _check_sample_weight, check_array, check_is_fitted

from diorama._iterate import Fit, Outcome, iterate, watched
from diorama._quick_checks import QuickChecks, validated
from diorama._typing import Array
from diorama.clustering.k_means_rows import Assignment, DenseRows, Rows, SparseRows, dense_rows, unassigned
from diorama.clustering.k_means_starts import k_means_plus_plus, random_start


class State(NamedTuple):
    """After a step: where the centres are now, and where they were when the rows chose."""

    centers: Array  # (n_clusters, n_features) means of their rows
    labels: Array  # (n_samples,) index of the centre that was nearest before the centres moved; -1 at the start
    inertia: float  # J when the rows had chosen
    settled: float  # J when the centres had moved as well
    shift: float  # sum of the squared distances that the centres moved
    search: Assignment  # what shortens the next search


def begin(rows: Rows, centers: Array) -> State:
    """The centres stand; no row has chosen yet."""
    return State(centers, np.full(rows.n, -1, np.int32), np.inf, np.inf, np.inf, unassigned(rows.n, *centers.shape))


def step(rows: Rows, state: State) -> State:
    """Rows choose, centres follow: neither can raise J."""
    chosen = rows.assign(state.centers, state.search)  #: assign
    centers, settled = move(rows, chosen, state.centers)  #: move
    moved = np.sqrt(((centers - state.centers) ** 2).sum(axis=1, dtype=np.float64))
    search = rows.travelled(settled, moved)
    return State(centers, chosen.labels, chosen.inertia, settled.inertia, float(moved @ moved), search)


def done(previous: State, state: State, tol: float) -> bool:
    """The centres stand still, or nearly so."""
    return state.shift <= tol


def move(rows: Rows, chosen: Assignment, centers: Array) -> tuple[Array, Assignment]:
    """Every centre goes to the mean of its rows."""
    if not chosen.weights.all():
        chosen, centers = refill(rows, chosen, centers)
    weights = chosen.weights
    # a cluster that stays empty (fewer different rows than clusters) waits where the heaviest is
    source = slice(None) if weights.all() else np.where(weights > 0, np.arange(len(weights)), np.argmax(weights))
    means = chosen.tally[source, :-2] / weights[source, None]
    moved = (means + rows.origin).astype(centers.dtype)
    # around any other point than its mean a cluster's sum of squares is larger by its weight x the squared distance
    gain = weights @ ((moved - centers) ** 2).sum(axis=1, dtype=np.float64)
    return moved, chosen._replace(inertia=max(chosen.inertia - float(gain), 0.0))


def refill(rows: Rows, chosen: Assignment, centers: Array) -> tuple[Assignment, Array]:
    """Give each cluster that lost all its rows the row worst served by its own centre."""
    empty = np.flatnonzero(chosen.weights == 0)
    distances = np.where(rows.weights > 0, rows.own_distances(centers, chosen.labels)[0], 0.0)
    if distances.max() == 0:
        return chosen, centers
    far = np.argpartition(distances, -empty.size)[: -empty.size - 1 : -1]
    far = far[distances[far] > 0]
    labels, slack, tally, centers = chosen.labels.copy(), chosen.slack.copy(), chosen.tally.copy(), centers.copy()
    inertia = chosen.inertia
    for cluster, row in zip(empty, far, strict=False):
        x, weight = rows.take([row])[0], float(rows.weights[row])
        counted = np.append(weight * (x - rows.origin).astype(np.float64), [weight, weight > 0])
        tally[labels[row]] -= counted
        tally[cluster] += counted
        labels[row], slack[row], centers[cluster] = cluster, -np.inf, x
        inertia -= weight * distances[row]
    tally[tally[:, -1] == 0] = 0
    return Assignment(labels, inertia, tally, slack, chosen.travel), centers


class KMeans(ClassNamePrefixFeaturesOutMixin, TransformerMixin, ClusterMixin, QuickChecks):
    """Groups around centres, each row in the group of its nearest centre.

    Minimises J = sum_i w_i |x_i - c_label(i)|^2: x_i is row i of `X`, w_i its `sample_weight`, c_j row j of
    `cluster_centers_`, label(i) is `labels_[i]`, J is `inertia_`. Parameters and defaults are those of
    scikit-learn's KMeans, and from the same centres it gets to the same ones; a k-means++ start does not depend
    on the order of the rows.

    Parameters
    ----------
    n_clusters : int
        How many groups.
    init : "k-means++", "random", array (n_clusters, n_features) or callable(X, n_clusters, random_state)
        Where the centres start: at rows far from one another, at rows drawn at random, or where you say.
    n_init : "auto" or int
        How many starts are tried; the one that ends with the lowest J is kept. "auto" is 1 for k-means++ and for an
        array, 10 for random starts and callables.
    max_iter : int
        Most steps of one start.
    tol : float
        Stop when the squared distances that the centres move sum to at most `tol` x the mean variance of the columns.
    verbose : int
        Above 0, each step prints J.
    random_state : int, RandomState or None
        Fixes what is drawn for the starts.
    copy_x : bool
        For compatibility: X is never written.
    algorithm : "lloyd" or "elkan"
        For compatibility: the nearest centres are found in one way, which leaves out what bounds show to be needless.

    Attributes
    ----------
    cluster_centers_ : (n_clusters, n_features)
    labels_ : (n_samples,) int32
    inertia_ : float
    n_iter_ : int, steps of the start that was kept

    Raises
    ------
    ValueError
        More clusters than rows, an `init` of another shape than (n_clusters, n_features), data that are not finite.

    Examples
    --------
    >>> from diorama.clustering import KMeans
    >>> model = KMeans(n_clusters=2, random_state=0).fit([[1.0, 2.0], [1.0, 4.0], [9.0, 2.0], [9.0, 4.0]])
    >>> sorted(model.cluster_centers_.tolist())
    [[1.0, 3.0], [9.0, 3.0]]
    >>> model.inertia_
    4.0
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "n_clusters": [Interval(Integral, 1, None, closed="left")],
        "init": [StrOptions({"k-means++", "random"}), callable, "array-like"],
        "n_init": [StrOptions({"auto"}), Interval(Integral, 1, None, closed="left")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "copy_x": ["boolean"],
        "algorithm": [StrOptions({"lloyd", "elkan"})],
    }

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        n_init: Any = "auto",
        max_iter: int = 300,
        tol: float = 1e-4,
        verbose: int = 0,
        random_state: Any = None,
        copy_x: bool = True,
        algorithm: str = "lloyd",
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.verbose = verbose
        self.random_state = random_state
        self.copy_x = copy_x
        self.algorithm = algorithm

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the centres of the rows X (n_samples, n_features), dense or sparse; y is ignored."""
        self._validate_params()
        X = validated(
            self, X, accept_sparse="csr", dtype=[np.float64, np.float32], order="C", accept_large_sparse=False
        )
        if X.shape[0] < self.n_clusters:
            raise ValueError(
                f"n_samples={X.shape[0]} should be >= n_clusters={self.n_clusters}: every cluster needs a row of its "
                "own; give more rows or ask for fewer clusters."
            )
        weights = _weights(sample_weight, X, ensure_non_negative=True)
        rows, variance = _rows(X, weights, self.n_clusters)
        best = self._best_start(rows, X, self._starts(rows, X), self.tol * variance)
        self.cluster_centers_ = best.centers
        self.labels_ = best.labels
        self.inertia_ = best.inertia
        self.n_iter_ = best.n_iter
        self._n_features_out = self.n_clusters
        distinct = np.count_nonzero(np.bincount(self.labels_))
        if distinct < self.n_clusters:
            warnings.warn(
                f"Number of distinct clusters ({distinct}) found smaller than n_clusters ({self.n_clusters}): "
                "there may be fewer different rows in X than clusters.",
                ConvergenceWarning,
                stacklevel=2,
            )
        return self

    def _starts(self, rows: Rows, X: Any) -> list[Callable[[np.random.RandomState], Array]]:
        """One function for each start, which draws its centres."""
        drawn = {"k-means++": k_means_plus_plus, "random": random_start}
        if isinstance(self.init, str):
            draw = partial(drawn[self.init], rows, self.n_clusters)
            repeats = {"k-means++": 1, "random": 10}[self.init] if self.n_init == "auto" else self.n_init
            return [draw] * repeats
        if callable(self.init):
            return [partial(self._called_start, X)] * (10 if self.n_init == "auto" else self.n_init)
        if self.n_init not in ("auto", 1):
            warnings.warn(
                f"Explicit initial center position passed: performing only one init in KMeans instead of "
                f"n_init={self.n_init}.",
                RuntimeWarning,
                stacklevel=3,
            )
        centers = self._checked_start(self.init, X)
        return [lambda random: centers]

    def _called_start(self, X: Any, random: np.random.RandomState) -> Array:
        return self._checked_start(self.init(X, self.n_clusters, random_state=random), X)

    def _checked_start(self, centers: Any, X: Any) -> Array:
        centers = centers.toarray() if sparse.issparse(centers) else centers
        checked: Array = check_array(centers, dtype=X.dtype, copy=True, order="C", input_name="init")
        if checked.shape != (self.n_clusters, X.shape[1]):
            raise ValueError(
                f"The shape of the initial centers {checked.shape} does not match the number of clusters "
                f"{self.n_clusters} and the number of features of the data {X.shape[1]}."
            )
        return checked

    def _best_start(self, rows: Rows, X: Any, starts: list[Callable[..., Array]], tol: float) -> "_Run":
        random = check_random_state(self.random_state)
        best, best_start, best_part = None, None, ""
        for number, draw in enumerate(starts, start=1):
            part = f"start {number} of {len(starts)}" if len(starts) > 1 else ""
            start = draw(random)
            run = self._run(rows, X, start, tol, part)
            # rounding may lower J of the same groups in another order: that is no better
            if best is None or (run.inertia < best.inertia and not _same_groups(run.labels, best.labels)):
                best, best_start, best_part = run, start, part
        assert best is not None  # there is at least one start
        if watched() and len(starts) > 1 and best_part != part:
            # the last loop seen is the one kept
            best = self._run(rows, X, best_start, tol, best_part)
        return best

    def _run(self, rows: Rows, X: Any, start: Any, tol: float, part: str) -> "_Run":
        outcome = iterate(
            begin(rows, start),
            partial(self._told_step, rows) if self.verbose else partial(step, rows),
            partial(done, tol=tol),
            max_iter=self.max_iter,
            fit=Fit(self, X, part=part),
        )
        return _ended(rows, outcome)

    def _told_step(self, rows: Rows, state: State) -> State:
        state = step(rows, state)
        print(f"inertia {state.inertia:.6g}, centers moved {state.shift:.3g}")
        return state

    def predict(self, X: Any) -> Array:
        """Index of the nearest centre of each row, (n_samples,)."""
        check_is_fitted(self)
        return self._nearest(X, None)[0]

    def score(self, X: Any, y: Any = None, sample_weight: Any = None) -> float:
        """Minus J of these rows: the higher, the nearer they are to the centres."""
        check_is_fitted(self)
        return -self._nearest(X, sample_weight)[1]

    def fit_predict(self, X: Any, y: Any = None, sample_weight: Any = None) -> Array:
        """Fit, then the cluster of each row."""
        labels: Array = self.fit(X, sample_weight=sample_weight).labels_
        return labels

    def transform(self, X: Any) -> Array:
        """Distance of each row to each centre, (n_samples, n_clusters)."""
        check_is_fitted(self)
        return self._distances(self._checked(X))

    def fit_transform(self, X: Any, y: Any = None, sample_weight: Any = None) -> Array:
        """Fit, then the distance of each row to each centre."""
        return self.fit(X, sample_weight=sample_weight)._distances(self._checked(X))

    def _checked(self, X: Any) -> Any:
        return validated(
            self,
            X,
            reset=False,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            order="C",
            accept_large_sparse=False,
        )

    def _nearest(self, X: Any, sample_weight: Any) -> tuple[Array, float]:
        X = self._checked(X)
        weights = _weights(sample_weight, X)
        centers = self.cluster_centers_.astype(X.dtype, copy=False)
        rows = SparseRows(X, weights) if sparse.issparse(X) else DenseRows(X, weights, centers.mean(axis=0))
        found = rows.assign(centers, unassigned(rows.n, *centers.shape))
        return found.labels, found.inertia

    def _distances(self, X: Any) -> Array:
        # imported here because only this needs them, and they take long
        if sparse.issparse(X):
            from sklearn.metrics.pairwise import euclidean_distances

            expanded: Array = euclidean_distances(X, self.cluster_centers_)
            return expanded
        from scipy.spatial.distance import cdist

        # difference by difference: a row on its centre is at distance 0, not at the rounding of a product
        distances: Array = cdist(X, self.cluster_centers_).astype(X.dtype, copy=False)
        return distances

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags


class _Run(NamedTuple):
    """Where one start ended."""

    centers: Array
    labels: Array
    inertia: float
    n_iter: int


def _ended(rows: Rows, outcome: Outcome[State]) -> _Run:
    """Labels and J of the centres as they stand: when they moved to the end, the rows choose once more."""
    state = outcome.state
    labels = state.labels if state.shift == 0 else rows.assign(state.centers, state.search).labels
    return _Run(state.centers, labels, rows.own_distances(state.centers, labels)[1], outcome.n_iter)


def _weights(sample_weight: Any, X: Any, **checks: bool) -> Array:
    """One weight for each row, in the type of X."""
    if sample_weight is None:
        # the general check takes longer than a step on a small table
        return np.ones(X.shape[0], X.dtype)
    checked: Array = _check_sample_weight(sample_weight, X, dtype=X.dtype, **checks)
    return checked


def _rows(X: Any, weights: Array, n_clusters: int) -> tuple[Rows, float]:
    """The data as the steps take it, and the mean variance of its columns."""
    if sparse.issparse(X):
        return SparseRows(X, weights), float(np.mean(mean_variance_axis(X, axis=0)[1]))
    rows = dense_rows(X, weights, n_clusters)
    return rows, rows.variance()


def _same_groups(labels: Array, others: Array) -> bool:
    """Whether two groupings differ in the names of their groups alone."""
    pairs = len(np.unique(np.stack([labels, others]), axis=1).T)
    return pairs == len(np.unique(labels)) == len(np.unique(others))
