"""Mean shift: every seed walks to the mean of the rows around it, again and again, up to a mode of the density.

A step x <- sum_i K(x_i - x) x_i / sum_i K(x_i - x) goes uphill on the density of the rows as seen through a wider
kernel, the shadow of K, and is as long as the slope over the height: long in thin places, short near a top [Cheng
1995]_ [Comaniciu & Meer 2002]_. Flat K counts the rows within the bandwidth; Gaussian K weighs all of them.

References
----------
.. [Cheng 1995] Y. Cheng, "Mean shift, mode seeking, and clustering", IEEE Transactions on Pattern Analysis and Machine
   Intelligence 17 (8), 1995.
.. [Comaniciu & Meer 2002] D. Comaniciu, P. Meer, "Mean shift: a robust approach toward feature space analysis", IEEE
   Transactions on Pattern Analysis and Machine Intelligence 24 (5), 2002.
"""

import warnings
from functools import partial
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_array, check_is_fitted, validate_data

from diorama._iterate import Fit, iterate
from diorama._typing import Array
from diorama.clustering._mean_shift_rows import ClimbedRows, estimate_bandwidth, nearest_center

# a seed that moves less than this part of the bandwidth has arrived
ARRIVED = 1e-3
# seeds nearer to one another than this part of the bandwidth go on as one
SAME = 1e-7


class State(NamedTuple):
    """Where the seeds are."""

    places: Array  # (n_seeds, n_features)
    weights: Array  # (n_seeds,) of the rows around each when it last looked
    moving: Array  # (n_seeds,) whether it has yet to arrive
    shift: float  # the longest step of all
    bandwidth: float


def begin(seeds: Array, bandwidth: float) -> State:
    """The seeds stand where they were sown."""
    n = len(seeds)
    return State(seeds, np.zeros(n), np.ones(n, dtype=bool), np.inf, bandwidth)


def step(rows: ClimbedRows, state: State) -> State:
    """Every seed on its way goes to the mean of the rows around it."""
    climbers = np.flatnonzero(state.moving)
    weights, means = look_around(rows, state.places[climbers], state.bandwidth)  #: mean
    shifts = np.linalg.norm(means - state.places[climbers], axis=1)
    places, heights, moving = state.places.copy(), state.weights.copy(), state.moving.copy()
    places[climbers], heights[climbers] = means, weights  #: shift
    moving[climbers] = shifts > ARRIVED * state.bandwidth
    return State(places, heights, moving, float(shifts.max()), state.bandwidth)


def done(previous: State, state: State) -> bool:
    """Every seed has arrived."""
    return not state.moving.any()


def look_around(rows: ClimbedRows, places: Array, bandwidth: float) -> tuple[Array, Array]:
    """Weight and mean of the rows around each place, (m,) and (m, n_features); seeds that have met look only once."""
    cells = np.round((places - rows.origin) / (SAME * bandwidth))
    _, one, who = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    weights, means = rows.climb(places[one])
    return weights[who.ravel()], means[who.ravel()]


def modes(state: State) -> Array:
    """(n_clusters, n_features) where seeds ended, the most crowded place first, none within a bandwidth of another."""
    reached = state.weights > 0
    found = np.unique(np.column_stack([state.weights, state.places])[reached], axis=0)[::-1]
    places, kept = found[:, 1:], []
    left = np.ones(len(places), dtype=bool)
    while left.any():
        best = int(np.argmax(left))
        kept.append(best)
        left &= np.linalg.norm(places - places[best], axis=1) > state.bandwidth
    return np.asarray(places[kept])


class MeanShift(ClusterMixin, BaseEstimator):
    """As many clusters as the density of the rows has modes; each row belongs to the mode nearest to it.

    A seed x moves to sum_i K(x_i - x) x_i / sum_i K(x_i - x), x_i row i of `X`, until it stands still: K(u) is 1 for
    |u| <= h and 0 beyond, or exp(-|u|^2 / 2h^2), and h is `bandwidth`. Parameters, defaults and attributes are those of
    scikit-learn's MeanShift, and `kernel` in addition.

    Parameters
    ----------
    bandwidth : float or None
        How far a seed sees. None: `estimate_bandwidth(X)`, for the Gaussian kernel over sqrt(n_features + 2), which
        makes it as wide as the flat one.
    seeds : array (n_seeds, n_features) or None
        Where to start from; None: at every row, or at the bins.
    bin_seeding : bool
        Start from the corners of a grid with cells of one bandwidth, those that rows were rounded to.
    min_bin_freq : int
        Corners with fewer rows are no seeds.
    cluster_all : bool
        Whether a row farther than the bandwidth from every mode goes with the nearest; else its label is -1.
    n_jobs : int or None
        For compatibility: the number of threads changes nothing in the result.
    max_iter : int
        Most steps of a seed before its last.
    kernel : "flat" or "gaussian"
        How rows within sight weigh.

    Attributes
    ----------
    cluster_centers_ : (n_clusters, n_features) the modes, the most crowded first
    labels_ : (n_samples,) int
    n_iter_ : int, steps of the seed that took most, before its last
    bandwidth_ : float, the one used

    Raises
    ------
    ValueError
        No row within the bandwidth of any seed, seeds of another width than the rows, data that are not finite.

    Examples
    --------
    >>> from diorama.clustering import MeanShift
    >>> model = MeanShift(bandwidth=2).fit([[1.0, 1.0], [2.0, 1.0], [1.0, 0.0], [4.0, 7.0], [3.0, 5.0], [3.0, 6.0]])
    >>> model.labels_.tolist()
    [1, 1, 1, 0, 0, 0]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "bandwidth": [Interval(Real, 0, None, closed="neither"), None],
        "seeds": ["array-like", None],
        "bin_seeding": ["boolean"],
        "min_bin_freq": [Interval(Integral, 1, None, closed="left")],
        "cluster_all": ["boolean"],
        "n_jobs": [Integral, None],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "kernel": [StrOptions({"flat", "gaussian"})],
    }

    def __init__(
        self,
        *,
        bandwidth: float | None = None,
        seeds: Any = None,
        bin_seeding: bool = False,
        min_bin_freq: int = 1,
        cluster_all: bool = True,
        n_jobs: int | None = None,
        max_iter: int = 300,
        kernel: str = "flat",
    ) -> None:
        self.bandwidth = bandwidth
        self.seeds = seeds
        self.bin_seeding = bin_seeding
        self.min_bin_freq = min_bin_freq
        self.cluster_all = cluster_all
        self.n_jobs = n_jobs
        self.max_iter = max_iter
        self.kernel = kernel

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the modes of the rows X (n_samples, n_features); y is ignored."""
        self._validate_params()
        X = validate_data(self, X, dtype=[np.float64, np.float32], order="C")
        bandwidth = self._bandwidth(X)
        rows = ClimbedRows(X, bandwidth, self.kernel)
        outcome = iterate(
            begin(self._seeds(X, bandwidth), bandwidth),
            partial(step, rows),
            done,
            max_iter=self.max_iter + 1,
            fit=Fit(self, X),
        )
        if not outcome.state.weights.any():
            raise ValueError(
                f"No point was within bandwidth={bandwidth:g} of any seed. Try a different seeding strategy or "
                "increase the bandwidth."
            )
        self.cluster_centers_ = modes(outcome.state).astype(X.dtype)
        self.n_iter_ = max(outcome.n_iter - 1, 0)
        self.bandwidth_ = bandwidth
        self.labels_, away = nearest_center(X, self.cluster_centers_)
        if not self.cluster_all:
            self.labels_[away > bandwidth] = -1
        return self

    def _bandwidth(self, X: Array) -> float:
        if self.bandwidth is not None:
            return float(self.bandwidth)
        estimated = estimate_bandwidth(X)
        if self.kernel == "gaussian":
            estimated /= np.sqrt(X.shape[1] + 2)
        # rows that are all equal have no width: any bandwidth tells the same of them
        return float(estimated) or 1.0

    def _seeds(self, X: Array, bandwidth: float) -> Array:
        if self.seeds is not None:
            seeds: Array = check_array(self.seeds, dtype=np.float64, copy=True, order="C", input_name="seeds")
            if seeds.shape[1] != X.shape[1]:
                raise ValueError(
                    f"seeds have {seeds.shape[1]} columns and X has {X.shape[1]}: a seed is a place among the rows."
                )
            return seeds
        if self.bin_seeding:
            return bin_seeds(X, bandwidth, self.min_bin_freq)
        return X.astype(np.float64)

    def predict(self, X: Any) -> Array:
        """Index of the nearest mode of each row, (n_samples,)."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, dtype=[np.float64, np.float32], order="C")
        return nearest_center(X, self.cluster_centers_)[0]


def bin_seeds(X: Array, bandwidth: float, min_bin_freq: int) -> Array:
    """Corners of a grid with cells of one bandwidth to which at least `min_bin_freq` rows are rounded."""
    corners, counts = np.unique(np.round(X / bandwidth), axis=0, return_counts=True)
    corners = corners[counts >= min_bin_freq]
    if not len(corners):
        raise ValueError(
            f"no bin has min_bin_freq={min_bin_freq} rows, the fullest has {counts.max()}: ask for fewer, or raise the "
            f"bandwidth ({bandwidth:g})."
        )
    if len(corners) == len(X):
        warnings.warn(
            f"Binning data failed with provided bin_size={bandwidth:g}, using data points as seeds.", stacklevel=3
        )
        return X.astype(np.float64)
    return np.asarray(corners.astype(np.float64) * bandwidth)
