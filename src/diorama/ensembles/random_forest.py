"""Random forest: many trees, each grown on rows drawn anew and on few features a question, and their vote.

A deep tree errs by chance more than by habit. The mean of T trees whose errors have variance s^2 and correlation r
errs with variance r s^2 + (1 - r) s^2 / T: more trees remove the second part, and drawing rows and features lowers r
[1]_. All trees read the same binned columns, one tree a thread; what each draws depends on its own seed alone, and on
the rows' content rather than their order, so that neither threads nor shuffling change the forest.

.. [1] L. Breiman, "Random forests", Machine Learning 45 (2001), 5-32.
"""

from collections.abc import Iterator
from math import ceil
from numbers import Integral, Real
from typing import Any, ClassVar, NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import BaseEstimator
from sklearn.utils import Tags, check_random_state
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils.validation import _check_sample_weight, check_is_fitted, validate_data

from diorama._iterate import Fit, show
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.ensembles._binning import Bins, find_bins
from diorama.ensembles._histogram_tree import (
    CRITERION,
    MAX_DEPTH,
    MAX_FEATURES,
    MIN_DECREASE,
    MIN_LEAF,
    MIN_LEAF_WEIGHT,
    MIN_SPLIT,
    N_RULES,
)
from diorama.ensembles._histogram_walk import Grove
from diorama.ensembles._permutation import Loss, importances_out_of_bag
from diorama.ensembles._planting import Plot, plant, together
from diorama.ensembles._urn import draw, urn_of

NO_LIMIT = np.iinfo(np.int32).max
ACCEPTED = {"accept_sparse": ["csr", "csc"], "dtype": [np.float64, np.float32], "ensure_all_finite": "allow-nan"}
SHOWN = 100
WHOLE = (int, np.integer)


class State(NamedTuple):
    """A forest with its first trees only."""

    n_trees: int  # trees that vote so far
    grove: Grove  # all of them, also those to come
    bins: Bins  # how a row is told to them


class RandomForest(BaseEstimator):
    """What both kinds of forest share."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "n_estimators": [Interval(Integral, 1, None, closed="left")],
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "min_samples_split": [
            Interval(Integral, 2, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="right"),
        ],
        "min_samples_leaf": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="neither"),
        ],
        "min_weight_fraction_leaf": [Interval(Real, 0.0, 0.5, closed="both")],
        "max_features": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="right"),
            StrOptions({"sqrt", "log2"}),
            None,
        ],
        "min_impurity_decrease": [Interval(Real, 0.0, None, closed="left")],
        "bootstrap": ["boolean"],
        "oob_score": ["boolean"],
        "oob_importances": ["boolean"],
        "random_state": ["random_state"],
        "max_samples": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0.0, 1.0, closed="right"),
            None,
        ],
    }

    n_estimators: int
    max_depth: int | None
    min_samples_split: int | float
    min_samples_leaf: int | float
    min_weight_fraction_leaf: float
    max_features: int | float | str | None
    min_impurity_decrease: float
    bootstrap: bool
    oob_score: bool
    oob_importances: bool
    random_state: Any
    max_samples: int | float | None
    n_features_in_: int
    bins_: Bins
    grove_: Grove

    def _plot(self, X: Array, target: Array, sample_weight: Any, n_outputs: int) -> Plot:
        """Bins and weights of the training rows."""
        for name in ("oob_score", "oob_importances"):
            if getattr(self, name) and not self.bootstrap:
                raise ValueError(f"{name}=True needs bootstrap=True: without drawing no row is left out of a tree.")
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        self.bins_ = find_bins(X[weight > 0])
        codes = np.ascontiguousarray(self.bins_.codes(X).T)
        target = np.ascontiguousarray(target, dtype=float)
        urn = urn_of(codes, target, weight)
        urn = urn._replace(n_draws=self._n_drawn(urn.n_draws))
        return Plot(codes, target, np.ones(len(X)), urn, n_outputs, self.bootstrap, balanced=False)

    def _n_drawn(self, n: int) -> int:
        if self.max_samples is None:
            return n
        if isinstance(self.max_samples, WHOLE):
            if self.max_samples > n:
                raise ValueError(f"max_samples={self.max_samples} is more than the {n} rows there are.")
            return int(self.max_samples)
        return max(1, round(self.max_samples * n))

    def _rules(self, plot: Plot, criterion: int) -> Array:
        n = int((plot.urn.shares > 0).sum())
        rules = np.zeros(N_RULES)
        rules[CRITERION] = criterion
        rules[MAX_DEPTH] = NO_LIMIT if self.max_depth is None else self.max_depth
        rules[MIN_SPLIT] = max(2, _count(self.min_samples_split, n))
        rules[MIN_LEAF] = _count(self.min_samples_leaf, n)
        rules[MIN_LEAF_WEIGHT] = self.min_weight_fraction_leaf * (plot.weight * plot.urn.shares).sum()
        rules[MIN_DECREASE] = self.min_impurity_decrease
        rules[MAX_FEATURES] = self._n_features_tried()
        return rules

    def _n_features_tried(self) -> int:
        d = self.n_features_in_
        if self.max_features is None:
            return d
        if isinstance(self.max_features, str):
            return max(1, int(np.sqrt(d) if self.max_features == "sqrt" else np.log2(d)))
        return int(self.max_features) if isinstance(self.max_features, WHOLE) else max(1, int(self.max_features * d))

    def _grow(self, plot: Plot, criterion: int) -> Array:
        """Grow the trees, and return the seed of each."""
        rules, ends, size = self._rules(plot, criterion), plot.urn.ends, together(plot)
        seeds = check_random_state(self.random_state).randint(1, NO_LIMIT, size=self.n_estimators)
        jobs = [(plot, ends, rules, seeds[i:j]) for i, j in blocks(len(seeds), size)]
        work = float(plot.urn.n_draws) * float(rules[MAX_FEATURES]) * 10 * len(seeds)
        nodes, values, sizes, falls = (
            np.concatenate(parts) for parts in zip(*run(plant, jobs, work=work), strict=True)
        )
        roots = np.concatenate([[0], np.cumsum(sizes)])
        self.grove_ = Grove(nodes, roots, values, np.empty((0, 4), dtype=np.uint64))
        of_trees = falls.sum(axis=1, keepdims=True)
        self.feature_importances_ = _share(np.divide(falls, of_trees, where=of_trees > 0, out=falls).mean(axis=0))
        return np.asarray(seeds)

    def _show(self, X: Any, y: Array) -> None:
        """Let observers see the forest grow, tree by tree."""
        n = self.n_estimators
        shown = np.unique(np.linspace(1, n, min(n, SHOWN)).round().astype(int))
        if n == 1:
            shown = np.array([1, 1])
        states = (State(int(k), self.grove_, self.bins_) for k in shown)
        show(lambda: states, total=len(shown) - 1, fit=Fit(self, X, y))

    def _out_of_bag(self, plot: Plot, seeds: Array) -> Array:
        """(n, n_outputs) mean of the trees that have not drawn a row; NaN where all have."""
        codes = np.ascontiguousarray(plot.codes.T)
        total, votes = np.zeros((len(codes), plot.n_outputs)), np.zeros(len(codes))
        for number, rows in enumerate(_left_out(plot, seeds)):
            said = np.zeros((len(rows), plot.n_outputs))
            self.grove_.only(number, number + 1).add(codes[rows], said)
            total[rows] += said
            votes[rows] += 1
        with np.errstate(invalid="ignore"):
            return total / votes[:, None]

    def _permuted(self, plot: Plot, seeds: Array, loss: Loss) -> Array:
        """(n_features,) importance by permutation among the rows that each tree has not drawn."""
        codes = np.ascontiguousarray(plot.codes.T)
        return importances_out_of_bag(self.grove_, codes, plot.target, plot.urn, _left_out(plot, seeds), loss)

    def _mean(self, X: Any) -> Array:
        """(n_samples, n_outputs) mean of what the trees say."""
        check_is_fitted(self)
        X = validate_data(self, X, reset=False, **ACCEPTED)
        return mean_of(self.grove_, self.bins_, X.toarray() if sp.issparse(X) else X)

    @property
    def n_nodes_(self) -> Array:
        """(n_estimators,) nodes of each tree."""
        check_is_fitted(self)
        return np.diff(self.grove_.roots)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.allow_nan = True
        return tags


def mean_of(grove: Grove, bins: Bins, X: Array) -> Array:
    """(n_samples, n_outputs) mean of what the trees of a grove say of X."""
    total = np.zeros((len(X), grove.values.shape[1]))
    grove.add(bins.codes(X), total)
    total /= grove.n_trees
    return total


def _left_out(plot: Plot, seeds: Array) -> Iterator[Array]:
    """The rows that each tree has not drawn."""
    return (np.flatnonzero(draw(plot.urn, seed) == 0) for seed in seeds)


def _share(values: Array) -> Array:
    total = values.sum()
    return values / total if total > 0 else values


def _count(asked: int | float, n: int) -> int:
    return int(asked) if isinstance(asked, WHOLE) else ceil(asked * n)
