"""Bagging: fit the same kind of model on rows drawn anew for each, and take the mean of what they say.

Of T members f_t with the mean f, this holds at every row with the target y, whatever the members are [2]_:

    (f - y)^2 = mean_t (f_t - y)^2 - mean_t (f_t - f)^2

the error of the mean is the mean error less the members' spread. Drawing rows with replacement makes models that err
differently out of one table [1]_.

.. [1] L. Breiman, "Bagging predictors", Machine Learning 24 (1996), 123-140.
.. [2] A. Krogh and J. Vedelsby, "Neural network ensembles, cross validation, and active learning", NIPS 7 (1995).
"""

from numbers import Integral
from typing import Any, ClassVar, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, clone
from sklearn.utils import Tags, check_random_state, get_tags
from sklearn.utils._param_validation import HasMethods, Interval, RealNotInt
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from diorama._iterate import show
from diorama._typing import Array
from diorama.ensembles._members import Members, dense_fit, fit_member, seeded, takes_weights
from diorama.ensembles._urn import Urn, draw, draw_once, urn_of_table

ACCEPTED = {"accept_sparse": ["csr", "csc"], "dtype": None, "ensure_all_finite": False}
LARGEST_SEED = np.iinfo(np.int32).max
SHOWN = 100
WHOLE = (int, np.integer)


class State(NamedTuple):
    """An ensemble with its first members only."""

    n_members: int  # members that count so far
    members: Members  # all of them, also those to come


class Plan(NamedTuple):
    """How rows and columns are handed to members."""

    urn: Urn
    bootstrap: bool
    all_rows: bool  # no row is drawn: each is there as often as it weighs
    n_features: int
    bootstrap_features: bool


def rows_for(plan: Plan, seed: int) -> Array:
    """(n,) how often each row is there for one member."""
    if plan.bootstrap:
        return draw(plan.urn, seed)
    return plan.urn.shares if plan.all_rows else draw_once(plan.urn, seed)


def columns_for(plan: Plan, n_columns: int, seed: int) -> Array:
    """The columns for one member."""
    if plan.n_features == n_columns and not plan.bootstrap_features:
        return np.arange(n_columns)
    random = np.random.default_rng([seed, 1])
    return np.sort(random.choice(n_columns, plan.n_features, replace=plan.bootstrap_features))


def bag(prototype: Any, X: Any, y: Array, plan: Plan, seed: int) -> tuple[Any, Array, Array]:
    """Draw rows and columns for one member and fit it there: (member, columns, how often each row was drawn)."""
    counts = rows_for(plan, seed)  #: draw
    features = columns_for(plan, X.shape[1], seed)
    seen = X if len(features) == X.shape[1] and not plan.bootstrap_features else X[:, features]
    member = seeded(prototype, seed)
    if takes_weights(member):
        return fit_member(member, seen, y, {"sample_weight": counts}), features, counts  #: fit
    if not np.array_equal(counts, np.round(counts)):
        raise ValueError(
            f"{type(member).__name__} takes no sample_weight: with bootstrap=True rows are drawn by weight instead."
        )
    rows = np.repeat(np.arange(len(y)), counts.astype(np.int64))
    return fit_member(member, seen[rows], y[rows], {}), features, counts


class Bagging(BaseEstimator):
    """What both kinds of bagging share."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "estimator": [HasMethods(["fit", "predict"]), None],
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_samples": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="right"),
            None,
        ],
        "max_features": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="right"),
        ],
        "bootstrap": ["boolean"],
        "bootstrap_features": ["boolean"],
        "oob_score": ["boolean"],
        "warm_start": ["boolean"],
        "n_jobs": [Integral, None],
        "random_state": ["random_state"],
    }

    _default: ClassVar[type[BaseEstimator]]  # what is bagged when no estimator is given
    n_features_in_: int

    def __init__(
        self,
        estimator: Any = None,
        n_estimators: int = 10,
        *,
        max_samples: int | float | None = None,
        max_features: int | float = 1.0,
        bootstrap: bool = True,
        bootstrap_features: bool = False,
        oob_score: bool = False,
        warm_start: bool = False,
        n_jobs: int | None = None,
        random_state: Any = None,
    ) -> None:
        self.estimator = estimator
        self.n_estimators = n_estimators
        self.max_samples = max_samples
        self.max_features = max_features
        self.bootstrap = bootstrap
        self.bootstrap_features = bootstrap_features
        self.oob_score = oob_score
        self.warm_start = warm_start
        self.n_jobs = n_jobs
        self.random_state = random_state

    def _fit(self, X: Any, target: Array, sample_weight: Any, n_outputs: int) -> None:
        """Fit the members that are not there yet; `target` (n,) numbers, or classes from 0."""
        if self.oob_score and not self.bootstrap:
            raise ValueError("oob_score=True needs bootstrap=True: without drawing no row is left out of a member.")
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        plan = self._plan(X, target, weight)
        before = self._members_before()
        prototype = self._prototype
        seeds = check_random_state(self.random_state).randint(1, LARGEST_SEED, size=self.n_estimators)
        jobs = (delayed(bag)(prototype, X, target, plan, int(seed)) for seed in seeds[len(before) :])
        bags = [*before, *Parallel(n_jobs=self.n_jobs)(jobs)]
        self.estimator_ = clone(prototype)
        self.estimators_ = [member for member, _, _ in bags]
        self.estimators_features_ = [features for _, features, _ in bags]
        self.estimators_samples_ = [np.repeat(np.arange(len(n)), np.ceil(n).astype(np.int64)) for _, _, n in bags]
        self._n_outputs = n_outputs

    def _plan(self, X: Any, target: Array, weight: Array) -> Plan:
        urn = urn_of_table(X, target, weight)
        all_rows = self.max_samples is None or (not isinstance(self.max_samples, WHOLE) and self.max_samples == 1.0)
        n_draws, n_columns = _count(self.max_samples, urn.n_draws), X.shape[1]
        if n_draws > urn.n_draws and not self.bootstrap:
            raise ValueError(f"max_samples={self.max_samples} is more than the {urn.n_draws} rows there are.")
        n_features = _count(self.max_features, n_columns)
        if n_features > n_columns:
            raise ValueError(f"max_features={self.max_features} is more than the {n_columns} features there are.")
        return Plan(urn._replace(n_draws=n_draws), self.bootstrap, all_rows, n_features, self.bootstrap_features)

    def _members_before(self) -> list[tuple[Any, Array, Array]]:
        """Those of the fit before, where it is to go on."""
        if not self.warm_start or not hasattr(self, "estimators_"):
            return []
        if self.n_estimators < len(self.estimators_):
            raise ValueError(
                f"n_estimators={self.n_estimators} is fewer than the {len(self.estimators_)} there are, and a warm "
                "start only adds: raise it, or set warm_start=False."
            )
        n_rows = 1 + max(int(rows.max()) for rows in self.estimators_samples_)
        counts = [np.bincount(rows, minlength=n_rows) for rows in self.estimators_samples_]
        return list(zip(self.estimators_, self.estimators_features_, counts, strict=True))

    def _out_of_bag(self, X: Any) -> Array:
        """(n, n_outputs) mean of the members that have not drawn a row; NaN where all have."""
        n = X.shape[0]
        total, votes, members = np.zeros((n, self._n_outputs)), np.zeros(n), self._members
        for number, drawn in enumerate(self.estimators_samples_):
            left_out = np.flatnonzero(np.bincount(drawn, minlength=n) == 0)
            if len(left_out):
                total[left_out] += members.says(number, X[left_out])
                votes[left_out] += 1
        with np.errstate(invalid="ignore"):
            return total / votes[:, None]

    def _show(self, X: Any, y: Array) -> None:
        """Let observers see the members join, one by one."""
        n = self.n_estimators
        shown = np.unique(np.linspace(1, n, min(n, SHOWN)).round().astype(int)) if n > 1 else np.array([1, 1])
        members = self._members
        show(lambda: (State(int(k), members) for k in shown), total=len(shown) - 1, fit=dense_fit(self, X, y))

    @property
    def _members(self) -> Members:
        every = np.arange(self.n_features_in_)
        features = (None if np.array_equal(seen, every) else seen for seen in self.estimators_features_)
        return Members(tuple(self.estimators_), tuple(features), self._n_outputs)

    def _mean(self, X: Any) -> Array:
        check_is_fitted(self)
        return self._members.mean(validate_data(self, X, reset=False, **ACCEPTED))

    @property
    def _prototype(self) -> Any:
        return self._default() if self.estimator is None else self.estimator

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        own = get_tags(self._prototype).input_tags
        tags.input_tags.sparse, tags.input_tags.allow_nan = own.sparse, own.allow_nan
        return tags


def _count(asked: int | float | None, n: int) -> int:
    if asked is None:
        return n
    return int(asked) if isinstance(asked, WHOLE) else max(1, int(asked * n))
