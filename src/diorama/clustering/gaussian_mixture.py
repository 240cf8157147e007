"""Gaussian mixture: rows come from a few bells; find the bells that make the rows likeliest.

Maximises L = (1/n) sum_i log sum_j w_j N(x_i | m_j, S_j) by expectation-maximisation [Dempster et al. 1977]_: share
every row among the bells by how likely each is to have made it, then give each bell the weight, mean and covariance of
its shares, and repeat. For the shares q of a step, sum_ij q_ij log(w_j N_j / q_ij) / n lies below L and touches it
where the shares were made; the step's other half maximises it. So no step lowers L when `reg_covar` is 0, and otherwise
by no more than reg_covar / 2n sum_j n_j (tr P_j - tr P_j'): n_j sums the shares, P_j and P_j' are the precisions before
the step and after.

References
----------
.. [Dempster et al. 1977] A. P. Dempster, N. M. Laird, D. B. Rubin, "Maximum likelihood from incomplete data via the EM
   algorithm", Journal of the Royal Statistical Society B 39 (1), 1977.
"""

import warnings
from functools import partial
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.exceptions import ConvergenceWarning
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import validate_data

from diorama._iterate import Fit, iterate, watched
from diorama._typing import Array
from diorama.clustering._covariances import KINDS, Covariance, Mixture, Moments
from diorama.clustering._mixture_rows import TiledRows
from diorama.clustering._mixture_scores import MixtureScores
from diorama.clustering._mixture_starts import (
    first_moments,
    first_shares,
    given_factor,
    given_means,
    given_weights,
)

# a component whose shares add up to less than this part of a row has lost them all
LOST = 1e-12
_EPSILON = float(np.finfo(np.float64).eps)


class State(NamedTuple):
    """The bells after a step, how likely they make the rows, and what the shares in the rows add up to."""

    mixture: Mixture
    log_likelihood: float  # L of this mixture
    gain: float  # how much L rose in the step; infinite at the start
    moments: Moments  # of the shares that this mixture gives


def begin(rows: TiledRows, kind: Covariance, mixture: Mixture) -> State:
    """The bells stand; the rows are shared among them for the first time."""
    return _shared(rows, kind, mixture, -np.inf)


def step(rows: TiledRows, kind: Covariance, reg_covar: float, state: State) -> State:
    """Bells follow their shares, rows are shared anew."""
    mixture = maximise(rows, kind, reg_covar, state.mixture, state.moments)  #: maximise
    log_likelihood, moments = kind.expect(rows, mixture)  #: expect
    log_likelihood /= rows.n
    return State(mixture, log_likelihood, log_likelihood - state.log_likelihood, moments)


def done(previous: State, state: State, tol: float) -> bool:
    """The step before this one changed L by less than `tol`."""
    return abs(previous.gain) < tol


def maximise(rows: TiledRows, kind: Covariance, reg_covar: float, before: Mixture, moments: Moments) -> Mixture:
    """Each bell takes the weight, the mean and the covariance of its shares."""
    counts = np.maximum(moments.counts, 1e-300)
    weights = counts / counts.sum()
    means = before.means + moments.sums / counts[:, None]
    covariances = kind.estimate(rows, moments._replace(counts=counts), means, reg_covar)
    lost = moments.counts < LOST
    if lost.any():
        # nobody is left to tell it where to go: it waits where it is
        means[lost] = before.means[lost]
        if not kind.shared:
            covariances[lost] = before.covariances[lost]
    return Mixture(weights, means, *factored(rows, kind, covariances, reg_covar))


def factored(rows: TiledRows, kind: Covariance, covariances: Array, reg_covar: float) -> tuple[Array, Array]:
    """The covariances, raised where rounding left them without an inverse, and their factors P."""
    try:
        factors = kind.factor(covariances)
    except np.linalg.LinAlgError:
        if reg_covar == 0:
            raise ValueError(_collapse("a component")) from None
        covariances = kind.lift(covariances, reg_covar)
        factors = kind.factor(covariances)
    if reg_covar == 0:
        # a spread of which only rounding is left
        spread = np.atleast_2d(kind.pivots(factors, rows.d)) ** -2.0
        thin = np.flatnonzero((spread <= 8 * _EPSILON * np.diagonal(rows.covariance)).any(axis=1))
        if thin.size:
            raise ValueError(_collapse("all components" if kind.shared else f"component {thin[0]}"))
    return covariances, factors


def _collapse(who: str) -> str:
    return (
        f"{who} collapsed: the rows shared by it have no spread in some direction, so the likelihood has no top. "
        "Raise reg_covar above 0, ask for fewer components, or drop columns that are constant or follow from others."
    )


def _shared(rows: TiledRows, kind: Covariance, mixture: Mixture, before: float) -> State:
    log_likelihood, moments = kind.expect(rows, mixture)
    return State(mixture, log_likelihood / rows.n, log_likelihood / rows.n - before, moments)


class GaussianMixture(MixtureScores):
    """Rows from a few bells, each row shared among the bells by how likely each is to have made it.

    Maximises L = (1/n) sum_i log sum_j w_j N(x_i | m_j, S_j): x_i is row i of `X`, w_j is `weights_[j]`, m_j row j of
    `means_`, S_j comes from `covariances_`. Parameters, defaults and attributes are those of scikit-learn's
    GaussianMixture, and from the same start it takes the same steps. A component that loses all its rows stays where
    it was and is reported; one that collapses on a point or a line is held open by `reg_covar`, or reported when that
    is 0.

    Parameters
    ----------
    n_components : int
        How many bells.
    covariance_type : "full", "tied", "diag" or "spherical"
        An ellipsoid each, one for all, ellipsoids along the columns, or balls.
    tol : float
        Stop when a step changed L by less.
    reg_covar : float
        Added to the variances, so that no bell gets infinitely thin.
    max_iter : int
        Most steps of one start.
    n_init : int
        How many starts are tried; the one that ends with the highest L is kept.
    init_params : "kmeans", "k-means++", "random" or "random_from_data"
        What the first shares are: the clusters of k-means, rows far from one another, drawn numbers, rows drawn.
    weights_init, means_init, precisions_init : array-likes
        Where to start, instead of what the first shares give.
    random_state : int, RandomState or None
        Fixes what is drawn for the starts and by `sample`.
    warm_start : bool
        Start where the last fit ended.
    verbose, verbose_interval : int
        Above 0, every `verbose_interval`-th step prints L.

    Attributes
    ----------
    weights_ : (n_components,)
    means_ : (n_components, n_features)
    covariances_, precisions_, precisions_cholesky_ : (k, d, d) full, (d, d) tied, (k, d) diag or (k,) spherical
    converged_ : bool
    n_iter_ : int, steps of the start that was kept
    lower_bound_ : float, L before its last step
    lower_bounds_ : list of L before each step

    Raises
    ------
    ValueError
        More components than rows; a start of the wrong shape, weights that do not add up to one, precisions that are
        not positive; a component that collapses while `reg_covar` is 0; data that are not finite.

    Examples
    --------
    >>> from diorama.clustering import GaussianMixture
    >>> model = GaussianMixture(2, random_state=0).fit([[0.0], [1.0], [2.0], [10.0], [11.0], [12.0]])
    >>> sorted(model.means_.ravel().round(3).tolist())
    [1.0, 11.0]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "n_components": [Interval(Integral, 1, None, closed="left")],
        "covariance_type": [StrOptions(set(KINDS))],
        "tol": [Interval(Real, 0.0, None, closed="left")],
        "reg_covar": [Interval(Real, 0.0, None, closed="left")],
        "max_iter": [Interval(Integral, 0, None, closed="left")],
        "n_init": [Interval(Integral, 1, None, closed="left")],
        "init_params": [StrOptions({"kmeans", "random", "random_from_data", "k-means++"})],
        "weights_init": ["array-like", None],
        "means_init": ["array-like", None],
        "precisions_init": ["array-like", None],
        "random_state": ["random_state"],
        "warm_start": ["boolean"],
        "verbose": ["verbose"],
        "verbose_interval": [Interval(Integral, 1, None, closed="left")],
    }

    def __init__(
        self,
        n_components: int = 1,
        *,
        covariance_type: str = "full",
        tol: float = 1e-3,
        reg_covar: float = 1e-6,
        max_iter: int = 100,
        n_init: int = 1,
        init_params: str = "kmeans",
        weights_init: Any = None,
        means_init: Any = None,
        precisions_init: Any = None,
        random_state: Any = None,
        warm_start: bool = False,
        verbose: int = 0,
        verbose_interval: int = 10,
    ) -> None:
        self.n_components = n_components
        self.covariance_type = covariance_type
        self.tol = tol
        self.reg_covar = reg_covar
        self.max_iter = max_iter
        self.n_init = n_init
        self.init_params = init_params
        self.weights_init = weights_init
        self.means_init = means_init
        self.precisions_init = precisions_init
        self.random_state = random_state
        self.warm_start = warm_start
        self.verbose = verbose
        self.verbose_interval = verbose_interval

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the bells of the rows X (n_samples, n_features); y is ignored."""
        self._validate_params()
        X = validate_data(self, X, dtype=[np.float64, np.float32], order="C")
        if len(X) < self.n_components:
            raise ValueError(
                f"Expected n_samples >= n_components but got n_components = {self.n_components}, n_samples = {len(X)}: "
                "give more rows or ask for fewer components."
            )
        rows = TiledRows(X)
        best = self._best_run(rows)
        self._keep(best.state.mixture, X.dtype)
        self.converged_, self.n_iter_ = best.converged, best.n_iter
        self.lower_bounds_ = best.bounds
        self.lower_bound_ = best.bound
        self._warn(best)
        return self

    def _best_run(self, rows: TiledRows) -> "_Run":
        random = check_random_state(self.random_state)
        again = self.warm_start and hasattr(self, "converged_")
        n_init = 1 if again else self.n_init
        best, best_start, best_part, part = None, None, "", ""
        for number in range(1, n_init + 1):
            part = f"start {number} of {n_init}" if n_init > 1 else ""
            start = self._mixture() if again else self._start(rows, random)
            run = self._run(rows, start, part)
            if best is None or run.bound > best.bound:
                best, best_start, best_part = run, start, part
        assert best is not None  # there is at least one start
        assert best_start is not None
        if watched() and best_part != part:
            # the last loop seen is the one kept
            best = self._run(rows, best_start, best_part)
        return best

    def _start(self, rows: TiledRows, random: np.random.RandomState) -> Mixture:
        """The mixture before the first step."""
        kind, (k, d) = KINDS[self.covariance_type], (self.n_components, rows.d)
        means, moments = first_moments(rows, kind, first_shares(rows.X, k, self.init_params, random))
        weights = moments.counts / moments.counts.sum()
        if self.weights_init is not None:
            weights = given_weights(self.weights_init, k)
        if self.precisions_init is not None:
            factors = given_factor(self.precisions_init, kind, self.covariance_type, k, d)
            covariances = kind.covariances(factors)
        else:
            covariances = kind.estimate(rows, moments, means, self.reg_covar)
            covariances, factors = factored(rows, kind, covariances, self.reg_covar)
        if self.means_init is not None:
            means = given_means(self.means_init, k, d)
        return Mixture(weights, means, covariances, factors)

    def _run(self, rows: TiledRows, start: Mixture, part: str) -> "_Run":
        kind, bounds = KINDS[self.covariance_type], []

        def stop(previous: State, state: State) -> bool:
            bounds.append(previous.log_likelihood)
            if self.verbose and len(bounds) % self.verbose_interval == 0:
                print(f"iteration {len(bounds)}, log-likelihood {state.log_likelihood:.6g}, gain {state.gain:.3g}")
            return done(previous, state, self.tol)

        first = begin(rows, kind, start)
        outcome = iterate(
            first,
            partial(step, rows, kind, self.reg_covar),
            stop,
            max_iter=self.max_iter,
            fit=Fit(self, rows.X, part=part),
        )
        bound = bounds[-1] if bounds else first.log_likelihood
        return _Run(outcome.state, outcome.n_iter, outcome.converged, bounds, bound)

    def _keep(self, mixture: Mixture, dtype: Any) -> None:
        kind = KINDS[self.covariance_type]
        precisions = kind.precisions(mixture.precisions_cholesky)
        self.weights_, self.means_, self.covariances_, self.precisions_cholesky_ = (
            part.astype(dtype, copy=True) for part in mixture
        )
        self.precisions_ = precisions.astype(dtype, copy=False)

    def _warn(self, run: "_Run") -> None:
        if not run.converged and self.max_iter > 0:
            warnings.warn(
                f"Best performing initialization did not converge in {run.n_iter} steps. "
                "Try different init parameters, or increase max_iter, tol, or check for degenerate data.",
                ConvergenceWarning,
                stacklevel=3,
            )
        lost = np.flatnonzero(run.state.moments.counts < LOST)
        if lost.size:
            warnings.warn(
                f"no row is left to component{'s' if lost.size > 1 else ''} {', '.join(map(str, lost))}; "
                "ask for fewer components or give more starts (n_init).",
                ConvergenceWarning,
                stacklevel=3,
            )

    def fit_predict(self, X: Any, y: Any = None) -> Array:
        """Fit, then the likeliest component of each row."""
        return self.fit(X).predict(X)


class _Run(NamedTuple):
    """Where one start ended."""

    state: State
    n_iter: int
    converged: bool
    bounds: list[float]  # L before each step
    bound: float  # L before the last
