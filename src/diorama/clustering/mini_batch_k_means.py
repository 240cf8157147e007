"""k-means from small batches: draw some rows, let each join its nearest centre, let every centre move a little.

A centre is the mean of all rows that ever joined it, so each batch moves it less than the one before [1]_. The sum of
squared distances J that k-means minimises is only estimated, from batch to batch, and so is when to stop.

.. [1] D. Sculley, "Web-scale k-means clustering", World Wide Web Conference, 2010.
"""

from collections.abc import Callable
from functools import partial
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from scipy import sparse
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval

from diorama._iterate import Fit, iterate, show
from diorama._quick_checks import validated
from diorama._typing import Array
from diorama.clustering.k_means import KMeans, _rows, _weights
from diorama.clustering.k_means_rows import DenseRows, Rows, SparseRows, unassigned

MANY_STARTS = 3  # starts tried where they are drawn at random
PATIENT = 10  # steps for each cluster between two looks for centres that hardly anybody joins


class State(NamedTuple):
    """After a batch."""

    centers: Array  # (n_clusters, n_features)
    weights: Array  # (n_clusters,) weight of all rows that ever joined each
    batch: Array  # (n_batch,) rows of the data that were drawn
    labels: Array  # (n_batch,) index of the centre that each joined
    inertia: float  # weighted mean of their squared distances to those centres
    average: float  # the same, smoothed over batches
    lowest: float  # the smallest average so far
    stale: int  # batches since then
    shift: float  # squared distance that the centres moved
    settled: int  # batches since centres were last put elsewhere


class Plan(NamedTuple):
    """What the steps need to know besides the rows."""

    smoothing: float  # share of a new batch in the average
    ratio: float  # centres with less than this share of the heaviest one's weight are put elsewhere
    tol: float  # centres that move no more than this stand still
    patience: float  # batches without a better average


def begin(centers: Array) -> State:
    """Nobody has joined any centre yet."""
    nobody = np.empty(0, np.int64)
    return State(centers, np.zeros(len(centers)), nobody, nobody, np.nan, np.nan, np.inf, 0, np.inf, 0)


def step(draw: Callable[[], tuple[Array, Rows]], plan: Plan, random: np.random.RandomState, state: State) -> State:
    """Draw a batch, let its rows choose, move the centres towards those that came."""
    batch, rows = draw()  #: draw
    centers, weights, settled = state.centers, state.weights, state.settled + 1
    chosen = rows.assign(centers, unassigned(rows.n, *centers.shape))  #: assign
    moved, weights = move(rows, chosen.tally, centers, weights)  #: move
    if plan.ratio > 0 and (settled >= PATIENT * len(centers) or not weights.all()):
        moved, weights = replace(rows, moved, weights, plan.ratio, random)
        settled = 0
    weight = float(rows.weights.sum())
    inertia = chosen.inertia / weight if weight > 0 else 0.0
    average = inertia if np.isnan(state.average) else state.average + plan.smoothing * (inertia - state.average)
    stale = 0 if average < state.lowest else state.stale + 1
    shift = float(np.sum((moved - centers) ** 2, dtype=np.float64))
    lowest = min(average, state.lowest)
    return State(moved, weights, batch, chosen.labels, inertia, average, lowest, stale, shift, settled)


def move(rows: Rows, tally: Array, centers: Array, weights: Array) -> tuple[Array, Array]:
    """Every centre becomes the mean of all that ever joined it: (c * weight + sum of the batch) / new weight."""
    more = tally[:, -2]
    total = weights + more
    sums = tally[:, :-2] + more[:, None] * rows.origin.astype(np.float64)
    means = (centers * weights[:, None] + sums) / np.where(total > 0, total, 1.0)[:, None]
    return np.where(more[:, None] > 0, means, centers).astype(centers.dtype), total


def replace(
    rows: Rows, centers: Array, weights: Array, ratio: float, random: np.random.RandomState
) -> tuple[Array, Array]:
    """Put centres that hardly anybody joins on rows of the batch, no more of them than half the batch."""
    light = np.flatnonzero(weights < ratio * weights.max())
    light = light[np.argsort(weights[light], kind="stable")][: rows.n // 2]
    if len(light) == 0:
        return centers, weights
    centers, weights = centers.copy(), weights.copy()
    nearest = rows.nearest()  # before there is any centre a draw goes by weight alone
    centers[light] = rows.take(nearest.draw(random.uniform(size=len(light)) * nearest.potential))
    # heavy enough to stay for a while, light enough to move
    weights[light] = np.delete(weights, light).min()
    return centers, weights


def done(previous: State, state: State, plan: Plan) -> bool:
    """The centres stand still, or the average has not fallen for a while."""
    return state.shift <= plan.tol or state.stale >= plan.patience


class MiniBatchKMeans(KMeans):
    """k-means that looks at a few rows at a time: a little worse than KMeans, and quick on rows without end.

    Lowers J = sum_i w_i |x_i - c_label(i)|^2 as KMeans does, from batches: c_j is row j of `cluster_centers_`.
    Parameters and defaults are those of scikit-learn's MiniBatchKMeans.

    Parameters
    ----------
    n_clusters : int, default=8
    init : "k-means++", "random", array (n_clusters, n_features) or callable(X, n_clusters, random_state)
        As in KMeans, on a sample of the rows.
    max_iter : int, default=100
        How often as many rows as there are may be drawn.
    batch_size : int, default=1024
        Rows of a batch, drawn with replacement; as many as there are, or more, and every batch is all rows.
    verbose : int, default=0
        Above 0, each batch prints its mean squared distance.
    compute_labels : bool, default=True
        Whether all rows choose once more at the end, for `labels_` and `inertia_`.
    random_state : int, RandomState instance or None, default=None
    tol : float, default=0.0
        Stop when the squared distances that the centres move sum to at most `tol` x the mean variance of the columns; 0
        leaves that to `max_no_improvement`.
    max_no_improvement : int or None, default=10
        Stop after so many batches that did not lower the smoothed mean squared distance; None never does.
    init_size : int or None, default=None
        Rows of the sample for the start: three batches, and three for each cluster, or what you say.
    n_init : "auto" or int, default="auto"
        Starts tried on the sample, of which the best is kept: "auto" is 1, or 3 for random starts and callables.
    reassignment_ratio : float, default=0.01
        A centre with less than this share of the heaviest one's weight is put elsewhere.

    Attributes
    ----------
    cluster_centers_ : (n_clusters, n_features)
    labels_ : (n_samples,) int32, of the rows of the last `fit` or `partial_fit`; with compute_labels
    inertia_ : float, J of them; with compute_labels
    n_iter_ : int, how often as many rows as there are were drawn
    n_steps_ : int, batches
    n_features_in_, feature_names_in_ : as everywhere

    Raises
    ------
    ValueError
        More clusters than rows, an `init` of another shape than (n_clusters, n_features), data that are not finite.

    Examples
    --------
    >>> from diorama.clustering import MiniBatchKMeans
    >>> model = MiniBatchKMeans(2, random_state=0, max_no_improvement=None)
    >>> model = model.fit([[1.0, 2.0], [1.0, 4.0], [9.0, 2.0], [9.0, 4.0]])
    >>> sorted(model.cluster_centers_[:, 0].tolist())
    [1.0, 9.0]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        **{name: KMeans._parameter_constraints[name] for name in ("n_clusters", "init", "n_init", "max_iter")},
        "tol": [Interval(Real, 0, None, closed="left")],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "batch_size": [Interval(Integral, 1, None, closed="left")],
        "compute_labels": ["boolean"],
        "max_no_improvement": [Interval(Integral, 0, None, closed="left"), None],
        "init_size": [Interval(Integral, 1, None, closed="left"), None],
        "reassignment_ratio": [Interval(Real, 0, None, closed="left")],
    }

    n_steps_: int

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        init: Any = "k-means++",
        max_iter: int = 100,
        batch_size: int = 1024,
        verbose: int = 0,
        compute_labels: bool = True,
        random_state: Any = None,
        tol: float = 0.0,
        max_no_improvement: int | None = 10,
        init_size: int | None = None,
        n_init: Any = "auto",
        reassignment_ratio: float = 0.01,
    ) -> None:
        self.n_clusters = n_clusters
        self.init = init
        self.max_iter = max_iter
        self.batch_size = batch_size
        self.verbose = verbose
        self.compute_labels = compute_labels
        self.random_state = random_state
        self.tol = tol
        self.max_no_improvement = max_no_improvement
        self.init_size = init_size
        self.n_init = n_init
        self.reassignment_ratio = reassignment_ratio

    def fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Find the centres of the rows X (n_samples, n_features), dense or sparse; y is ignored."""
        X, weights = self._rows_and_weights(X, sample_weight, reset=True)
        n, size = X.shape[0], min(self.batch_size, X.shape[0])
        random = check_random_state(self.random_state)
        centers = self._first_centers(X, weights, random)
        tol = self.tol * _rows(X, weights, self.n_clusters)[1] if self.tol > 0 else -1.0
        patience = np.inf if self.max_no_improvement is None else self.max_no_improvement
        plan = Plan(min(1.0, 2 * size / (n + 1)), self.reassignment_ratio, tol, max(patience, 1))

        whole = (np.arange(n), _batch(X, weights)) if size == n else None

        def draw() -> tuple[Array, Rows]:
            if whole is not None:
                return whole
            batch = random.randint(0, n, size)
            return batch, _batch(X[batch], weights[batch])

        outcome = iterate(
            begin(centers),
            partial(self._told_batch if self.verbose else step, draw, plan, random),
            partial(done, plan=plan),
            max_iter=max(1, self.max_iter * n // size),
            fit=Fit(self, X),
        )
        self.n_steps_ = outcome.n_iter
        self.n_iter_ = -(-outcome.n_iter * size // n)
        return self._learn(X, weights, outcome.state)

    def partial_fit(self, X: Any, y: Any = None, sample_weight: Any = None) -> Self:
        """Go on with these rows as one batch; the first call draws the start from them."""
        first = not hasattr(self, "cluster_centers_")
        X, weights = self._rows_and_weights(X, sample_weight, reset=first)
        if first:
            self._random = check_random_state(self.random_state)
            before = begin(self._first_centers(X, weights, self._random))
        else:
            before = begin(self.cluster_centers_.astype(X.dtype, copy=False))
            before = before._replace(weights=self._weights_so_far, settled=self._settled)
        if not hasattr(self, "_random"):
            self._random = check_random_state(self.random_state)
        rows = _batch(X, weights)
        plan = Plan(1.0, self.reassignment_ratio, 0.0, np.inf)
        state = step(lambda: (np.arange(rows.n), rows), plan, self._random, before)
        show(lambda: [before, state], total=2, fit=Fit(self, X))
        self.n_steps_ = 1 if first else self.n_steps_ + 1
        return self._learn(X, weights, state)

    def _learn(self, X: Any, weights: Array, state: State) -> Self:
        self.cluster_centers_ = state.centers
        self._weights_so_far, self._settled = state.weights, state.settled
        self._n_features_out = self.n_clusters
        if self.compute_labels:
            found = _batch(X, weights).assign(state.centers, unassigned(X.shape[0], *state.centers.shape))
            self.labels_, self.inertia_ = found.labels, found.inertia
        return self

    def _rows_and_weights(self, X: Any, sample_weight: Any, reset: bool) -> tuple[Any, Array]:
        self._validate_params()
        X = validated(
            self,
            X,
            reset=reset,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            order="C",
            accept_large_sparse=False,
        )
        if reset and X.shape[0] < self.n_clusters:
            raise ValueError(
                f"n_samples={X.shape[0]} should be >= n_clusters={self.n_clusters}: every cluster needs a row of its "
                "own; give more rows or ask for fewer clusters."
            )
        return X, _weights(sample_weight, X, ensure_non_negative=True)

    def _first_centers(self, X: Any, weights: Array, random: np.random.RandomState) -> Array:
        """The best of a few starts on a sample of the rows."""
        n = X.shape[0]
        size = self.init_size or max(3 * self.batch_size, 3 * self.n_clusters)
        size = min(max(size, self.n_clusters), n)
        sample = np.arange(n) if size == n else random.choice(n, size, replace=False)
        some = X[sample]
        rows, _ = _rows(some, weights[sample], self.n_clusters)
        starts = self._starts(rows, some)
        if self.n_init == "auto" and len(starts) > 1:
            starts = starts[:MANY_STARTS]
        drawn = [start(random) for start in starts]
        if len(drawn) == 1:
            return drawn[0]
        js = [rows.assign(centers, unassigned(rows.n, *centers.shape)).inertia for centers in drawn]
        return drawn[int(np.argmin(js))]

    def _told_batch(self, draw: Any, plan: Plan, random: np.random.RandomState, state: State) -> State:
        state = step(draw, plan, random, state)
        print(f"mean squared distance {state.inertia:.6g}, smoothed {state.average:.6g}")
        return state


def _batch(X: Any, weights: Array) -> Rows:
    return SparseRows(X, weights) if sparse.issparse(X) else DenseRows(X, weights, X.mean(axis=0))
