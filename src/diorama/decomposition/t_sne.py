"""t-SNE: a map on which rows have the neighbours that they have among many columns.

Minimises KL(P || Q) = sum_ij p_ij log(p_ij / q_ij): p_ij is how much rows i and j are neighbours, q_ij is how close
their points are on the map, 1 / (1 + |y_i - y_j|^2) over the sum of that for all pairs [1]_. The slope is a sum of
pulls and pushes, taken from a tree over the map [2]_.

.. [1] L. van der Maaten, G. Hinton, "Visualizing data using t-SNE", JMLR 9 (2008).
.. [2] L. van der Maaten, "Accelerating t-SNE using tree-based algorithms", JMLR 15 (2014).
"""

from functools import partial
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions

from diorama._iterate import Fit, iterate, unobserved, watched
from diorama._quick_checks import QuickChecks, validated
from diorama._typing import Array
from diorama.decomposition._affinities import REACH, joint_probabilities
from diorama.decomposition._map_forces import Forces, PairForces, TreeForces
from diorama.decomposition._map_kernels import shift
from diorama.decomposition.pca import PCA

STRETCH = 10  # steps down from one state to the next
CHECK = 50  # steps from one look at the divergence to the next
EXPLORE = 250  # steps at most with neighbours' pulls exaggerated
SLOW, FAST = 0.5, 0.8  # momentum while exploring and after
START = 1e-4  # spread of the first map
FARTHEST = 1e8  # no map that means something is so wide
USUAL = 30.0  # perplexity where there are rows enough


class State(NamedTuple):
    """A map, after a stretch of steps."""

    places: Array  # (n_components, n_samples) single precision
    speed: Array  # (n_components, n_samples) the last step
    gains: Array  # (n_components, n_samples) what each coordinate makes of the learning rate
    iteration: int  # steps taken
    exploring: bool  # whether the pulls of the steps before were exaggerated
    divergence: float  # KL, as of the last look
    slope: float  # length of the gradient in the last step
    best: float  # the smallest divergence at a regular look so far
    best_at: int  # and the step it was seen after


class Plan(NamedTuple):
    """How the descent goes."""

    explore: int  # steps with exaggerated pulls
    exaggeration: float
    learning_rate: float
    max_iter: int
    patience: int  # steps without a better map
    flat: float  # a slope of this length is level ground


def step(forces: Forces, plan: Plan, state: State) -> State:
    """A stretch of steps down the slope 4 (exaggeration * pulled - pushed / closeness)."""
    places, speed, gains = (part.copy() for part in state[:3])
    last = min(state.iteration + STRETCH, plan.max_iter)
    length = 0.0
    for iteration in range(state.iteration, last):
        exploring = iteration < plan.explore
        if iteration == plan.explore:
            speed, gains = np.zeros_like(speed), np.ones_like(gains)
        pulled, pushed, closeness = forces.act(places)  #: forces
        factor, momentum = (plan.exaggeration, SLOW) if exploring else (1.0, FAST)
        numbers = np.array([factor, 1 / closeness, plan.learning_rate, momentum], np.float32)
        length = shift(places, speed, gains, pulled, pushed, forces.order, numbers)  #: move
    if not (np.isfinite(length) and np.abs(places).max() < FARTHEST):
        raise ValueError(
            f"the map flew apart after {last} steps: learning_rate={plan.learning_rate:g} is too large; "
            "lower it, or leave it to 'auto'."
        )
    return judge(forces, plan, state, State(places, speed, gains, last, exploring, 0.0, length**0.5, 0.0, 0))


def judge(forces: Forces, plan: Plan, before: State, now: State) -> State:
    """How well the map imitates the rows: regularly, at the end, and whenever somebody watches."""
    regular = now.iteration % CHECK == 0 or now.iteration == plan.max_iter
    if not regular and not watched():
        return now._replace(divergence=before.divergence, best=before.best, best_at=before.best_at)
    divergence = forces.divergence(now.places)  #: judge
    # while pulls are exaggerated the divergence is not what is lowered
    better = regular and (now.exploring or divergence < before.best)
    best, best_at = (divergence, now.iteration) if better else (before.best, before.best_at)
    return now._replace(divergence=divergence, best=best, best_at=best_at)


def done(previous: State, state: State, plan: Plan) -> bool:
    """The ground is level, or no look for a long while has found a better map."""
    if state.iteration >= plan.max_iter:
        return True
    if state.exploring or state.iteration % CHECK:
        return False
    return state.slope <= plan.flat or state.iteration - state.best_at > plan.patience


class TSNE(ClassNamePrefixFeaturesOutMixin, TransformerMixin, QuickChecks):
    """A map of the rows in few dimensions that keeps neighbours together; distances between groups mean little.

    Minimises KL(P || Q) = sum_ij p_ij log(p_ij / q_ij): p_ij comes from the rows of `X` and `perplexity`, q_ij from the
    places y_i, row i of `embedding_`. Parameters and defaults are those of scikit-learn's TSNE.

    Parameters
    ----------
    n_components : int, default=2
        Dimensions of the map: 1 or 2, or any number with method "exact".
    perplexity : "auto" or float, default="auto"
        How many neighbours count, about; below the number of rows. "auto" is 30, or a third of the rows where there
        are fewer than 91.
    early_exaggeration : float, default=12.0
        By what factor neighbours pull more during the first quarter (250 steps at most), when groups find together.
    learning_rate : "auto" or float, default="auto"
        "auto" is n_samples / early_exaggeration / 4, at least 50.
    max_iter : int, default=1000
    n_iter_without_progress : int, default=300
        Steps without a better map after which it ends, looked at every 50.
    min_grad_norm : float, default=1e-7
        It ends where the slope is no longer than this.
    metric : str or callable, default="euclidean"
        As in NearestNeighbors; "precomputed" takes a square table of distances.
    metric_params : dict, default=None
    init : {"pca", "random"} or array (n_samples, n_components), default="pca"
        The first map: two principal components, points at random, or yours.
    verbose : int, default=0
        Above 0, the divergence is printed every 50 steps.
    random_state : int, RandomState instance or None, default=None
    method : {"barnes_hut", "exact"}, default="barnes_hut"
        Far points in bulk and only near rows as neighbours, or all pairs, in memory for n_samples^2 numbers.
    angle : float, default=0.5
        Width over distance below which a square of the map counts as its middle: 0 measures all, 1 is rough.
    n_jobs : int, default=None
        Taken and not needed: the environment variable DIORAMA_NUM_THREADS says how many threads work.

    Attributes
    ----------
    embedding_ : (n_samples, n_components) the map, in single precision
    kl_divergence_ : float
    n_iter_ : steps taken
    learning_rate_ : float
    perplexity_ : float
    n_features_in_, feature_names_in_ : as everywhere

    Raises
    ------
    ValueError
        A perplexity that is not below the number of rows, an `init` of another shape, more than two dimensions for
        the tree, distances that are none, a learning rate at which the map flies apart.

    Examples
    --------
    >>> import numpy as np
    >>> from diorama.decomposition import TSNE
    >>> X = np.repeat([[0.0, 0, 0], [9, 9, 9]], 20, axis=0) + np.arange(40)[:, None] % 20 / 20
    >>> places = TSNE(n_components=1, random_state=0).fit_transform(X).ravel()
    >>> bool(places[:20].max() < places[20:].min() or places[:20].min() > places[20:].max())
    True
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "perplexity": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "early_exaggeration": [Interval(Real, 1, None, closed="left")],
        "learning_rate": [StrOptions({"auto"}), Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "n_iter_without_progress": [Interval(Integral, -1, None, closed="left")],
        "min_grad_norm": [Interval(Real, 0, None, closed="left")],
        "metric": [str, callable],
        "metric_params": [dict, None],
        "init": [StrOptions({"pca", "random"}), np.ndarray],
        "verbose": ["verbose"],
        "random_state": ["random_state"],
        "method": [StrOptions({"barnes_hut", "exact"})],
        "angle": [Interval(Real, 0, 1, closed="both")],
        "n_jobs": [None, Integral],
    }

    embedding_: Array
    kl_divergence_: float
    n_iter_: int
    learning_rate_: float
    perplexity_: float

    def __init__(
        self,
        n_components: int = 2,
        *,
        perplexity: Any = "auto",
        early_exaggeration: float = 12.0,
        learning_rate: Any = "auto",
        max_iter: int = 1000,
        n_iter_without_progress: int = 300,
        min_grad_norm: float = 1e-7,
        metric: Any = "euclidean",
        metric_params: dict[str, Any] | None = None,
        init: Any = "pca",
        verbose: int = 0,
        random_state: Any = None,
        method: str = "barnes_hut",
        angle: float = 0.5,
        n_jobs: int | None = None,
    ) -> None:
        self.n_components = n_components
        self.perplexity = perplexity
        self.early_exaggeration = early_exaggeration
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.n_iter_without_progress = n_iter_without_progress
        self.min_grad_norm = min_grad_norm
        self.metric = metric
        self.metric_params = metric_params
        self.init = init
        self.verbose = verbose
        self.random_state = random_state
        self.method = method
        self.angle = angle
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Make the map of the rows `X` (n_samples, n_features), or of distances; `y` is not used."""
        self._validate_params()
        X = validated(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], order="C", ensure_min_samples=2)
        perplexity, plan = self._checked_perplexity(X.shape[0]), self._plan(X.shape[0])
        with unobserved():
            places, forces = self._first_map(X), self._forces(X, perplexity)
        state = State(places, np.zeros_like(places), np.ones_like(places), 0, True, 0.0, 0.0, np.inf, 0)
        state = state._replace(divergence=forces.divergence(places))
        outcome = iterate(
            state,
            partial(self._told_step if self.verbose else step, forces, plan),
            partial(done, plan=plan),
            max_iter=-(-self.max_iter // STRETCH),
            fit=Fit(self, X, y),
        )
        state = outcome.state
        self.perplexity_, self.learning_rate_ = perplexity, plan.learning_rate
        self.n_iter_ = state.iteration
        self.kl_divergence_ = forces.divergence(state.places)
        self.embedding_ = np.ascontiguousarray(state.places[: self.n_components].T)
        return self

    def fit_transform(self, X: Any, y: Any = None) -> Array:
        """Make the map: (n_samples, n_components)."""
        return self.fit(X, y).embedding_

    def _told_step(self, forces: Forces, plan: Plan, state: State) -> State:
        state = step(forces, plan, state)
        if state.iteration % CHECK == 0:
            print(f"step {state.iteration}: KL divergence {state.divergence:.4f}, slope {state.slope:.3g}")
        return state

    def _checked_perplexity(self, n: int) -> float:
        if self.perplexity == "auto":
            return max(min(USUAL, (n - 1) / REACH), 1.0)
        if self.perplexity >= n:
            raise ValueError(
                f"perplexity={self.perplexity:g} must be less than n_samples={n}: a row has no more than {n - 1} "
                "neighbours; lower it, or leave it to 'auto'."
            )
        return float(self.perplexity)

    def _plan(self, n: int) -> Plan:
        rate = max(n / self.early_exaggeration / 4, 50.0) if self.learning_rate == "auto" else self.learning_rate
        explore = min(EXPLORE, self.max_iter // 2)
        limits = (self.max_iter, self.n_iter_without_progress, self.min_grad_norm)
        return Plan(explore, self.early_exaggeration, float(rate), *limits)

    def _forces(self, X: Any, perplexity: float) -> Forces:
        exact = self.method == "exact"
        if not exact and self.n_components > 2:
            raise ValueError(
                f"method='barnes_hut' makes maps of 1 or 2 dimensions; n_components={self.n_components} takes "
                "method='exact'."
            )
        n_neighbors = X.shape[0] - 1 if exact else min(X.shape[0] - 1, int(REACH * perplexity + 1))
        shares = joint_probabilities(X, perplexity, n_neighbors, self.metric, self.metric_params)
        return PairForces(shares.toarray()) if exact else TreeForces(shares, self.angle)

    def _first_map(self, X: Any) -> Array:
        random = check_random_state(self.random_state)
        shape = (X.shape[0], self.n_components)
        if not isinstance(self.init, str):
            if self.init.shape != shape:
                raise ValueError(f"init must be a map of shape {shape}, a row for each of X; it is {self.init.shape}.")
            first = self.init
        else:
            first = START * random.standard_normal(shape)
            if self.init == "pca":
                components = self._components(X, random)
                first[:, : components.shape[1]] = components
        # the tree's map is flat: a line lies in it
        rows = max(2, self.n_components) if self.method == "barnes_hut" else self.n_components
        places = np.zeros((rows, X.shape[0]), np.float32)
        places[: self.n_components] = first.T
        return places

    def _components(self, X: Any, random: Any) -> Array:
        """Principal components, as many as there are, the first with the spread of a start; none of equal rows."""
        if self.metric == "precomputed":
            raise ValueError("init='pca' needs rows, and metric='precomputed' has distances; take init='random'.")
        k = min(self.n_components, *X.shape)
        places: Array = PCA(k, random_state=random).set_output(transform="default").fit_transform(X)
        spread = places[:, 0].std()
        return places * (START / spread) if spread > 0 else places[:, :0]

    @property
    def _n_features_out(self) -> int:
        return int(self.embedding_.shape[1])

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags
