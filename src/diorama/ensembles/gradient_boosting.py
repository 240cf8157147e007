"""Gradient boosting: every tree is grown to mend what all trees before it got wrong.

With raw predictions r and a loss L(y, r), each round takes for every row the gradient g and the hessian h of L by r,
and grows one tree (one a class, for several classes) that lowers

    sum_i  g_i t(x_i) + h_i t(x_i)^2 / 2   +  l2 / 2  sum of the squares of the leaves' values

as far as its leaves allow [1]_ [2]_; then r becomes r + learning_rate t(x). Columns are binned once, for all trees
[3]_.

.. [1] J. H. Friedman, "Greedy function approximation: a gradient boosting machine", Annals of Statistics 29 (2001).
.. [2] T. Chen, C. Guestrin, "XGBoost: a scalable tree boosting system", KDD (2016), section 2.
.. [3] G. Ke and others, "LightGBM: a highly efficient gradient boosting decision tree", NeurIPS (2017).
"""

from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, is_classifier
from sklearn.model_selection import train_test_split
from sklearn.utils import Tags, check_random_state
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils.validation import (
    _check_monotonic_cst,
    _check_sample_weight,
    check_is_fitted,
)

from diorama._categories import Categories, checked_table
from diorama._iterate import Fit, iterate
from diorama._typing import Array
from diorama.ensembles._binning import Bins, find_bins
from diorama.ensembles._boosting_losses import Loss
from diorama.ensembles._boosting_rounds import Booster, Rows, State, grove_of
from diorama.ensembles._gradient_cut import (
    ALL,
    BOUNDED,
    COUNT_BITS,
    MAX_DEPTH,
    MIN_HESSIAN,
    MIN_ROWS,
    N_RULES,
    PENALTY,
)
from diorama.ensembles._gradient_growth import Columns, grouped, room_for
from diorama.ensembles._histogram_walk import Grove

ACCEPTED = {"dtype": [np.float64, np.float32], "ensure_all_finite": "allow-nan"}
NO_LIMIT = np.iinfo(np.int32).max
LEAST_HESSIAN = 1e-3  # of a child, so that no value is divided by next to nothing
MANY_ROWS = 10_000  # from here on, early_stopping="auto" keeps rows aside
MOST_COUNTED = (1 << COUNT_BITS) - 1


class GradientBoosting(BaseEstimator):
    """What both kinds share."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "learning_rate": [Interval(Real, 0, None, closed="neither")],
        "max_iter": [Interval(Integral, 1, None, closed="left")],
        "max_leaf_nodes": [Interval(Integral, 2, None, closed="left"), None],
        "max_depth": [Interval(Integral, 1, None, closed="left"), None],
        "min_samples_leaf": [Interval(Integral, 1, None, closed="left")],
        "l2_regularization": [Interval(Real, 0, None, closed="left")],
        "max_bins": [Interval(Integral, 2, 255, closed="both")],
        "categorical_features": ["array-like", StrOptions({"from_dtype"}), None],
        "monotonic_cst": ["array-like", dict, None],
        "early_stopping": [StrOptions({"auto"}), "boolean"],
        "validation_fraction": [
            Interval(RealNotInt, 0, 1, closed="neither"),
            Interval(Integral, 1, None, closed="left"),
            None,
        ],
        "n_iter_no_change": [Interval(Integral, 1, None, closed="left")],
        "tol": [Interval(Real, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    learning_rate: float
    max_iter: int
    max_leaf_nodes: int | None
    max_depth: int | None
    min_samples_leaf: int
    l2_regularization: float
    max_bins: int
    categorical_features: Any
    monotonic_cst: Any
    early_stopping: str | bool
    validation_fraction: float | int | None
    n_iter_no_change: int
    tol: float
    random_state: Any
    n_features_in_: int
    categories_: Categories
    bins_: Bins
    grove_: Grove
    baseline_: Array
    n_iter_: int

    def _table(self, X: Any, y: Any = "no_validation", reset: bool = True) -> Any:
        """X as numbers, checked; with y (checked for shape and content) when there is one."""
        return checked_table(self, X, y, reset=reset, **ACCEPTED)

    def _boost(self, X: Array, y: Array, target: Array, weight: Array, loss: Loss) -> None:
        """Run the rounds on rows that all have a positive weight; `target` is y as the loss takes it."""
        self.bins_ = find_bins(X, self.max_bins, self.categories_.nominal)
        codes = self.bins_.codes(X)
        counts = np.ones(len(X), dtype=np.int64)
        if np.array_equal(weight, np.rint(weight)) and weight.sum() <= MOST_COUNTED:
            counts = weight.astype(np.int64)
        if counts.sum() > MOST_COUNTED:
            raise ValueError(f"X has {len(X):,} rows; boosting takes at most {MOST_COUNTED:,}: fit it on a sample.")
        own, kept = self._parted(y, int(counts.sum()))
        columns = self._columns(codes[own])
        n_outputs = len(loss.start(target, weight))
        most_leaves = int(counts[own].sum()) // self.min_samples_leaf
        booster = Booster(
            Rows(codes[own], target[own], weight[own]),
            None if kept is None else Rows(codes[kept], target[kept], weight[kept]),
            columns,
            counts[own],
            loss,
            self._rules(columns),
            [room_for(columns, self.max_leaf_nodes, most_leaves) for _ in range(n_outputs)],
            self.learning_rate,
        )
        start = booster.start()
        self.baseline_ = start.raw[0].copy()
        outcome = iterate(
            start, booster.step, self._enough, max_iter=self.max_iter, fit=Fit(self, X[own], np.asarray(y)[own])
        )
        self._keep(outcome.state)

    def _keep(self, state: State) -> None:
        self.n_iter_ = len(state.trees)
        self.grove_ = grove_of(state.trees)
        self.train_score_ = -np.array(state.losses)
        self.validation_score_ = -np.array(state.kept_losses)
        features, gains = self.grove_.features(), np.concatenate([t.gains for trees in state.trees for t in trees])
        asked = features >= 0
        gained = np.bincount(features[asked], weights=gains[asked], minlength=self.n_features_in_)
        self.feature_importances_ = gained / gained.sum() if gained.sum() > 0 else gained

    def _parted(self, y: Array, n: int) -> tuple[Array, Array | None]:
        """Rows to learn from, and rows to keep aside."""
        rows = np.arange(len(y))
        self.do_early_stopping_ = n > MANY_ROWS if self.early_stopping == "auto" else bool(self.early_stopping)
        if not self.do_early_stopping_ or self.validation_fraction is None:
            return rows, None
        seed = check_random_state(self.random_state).randint(NO_LIMIT)
        own, kept = train_test_split(
            rows, test_size=self.validation_fraction, stratify=y if is_classifier(self) else None, random_state=seed
        )
        return np.sort(own), np.sort(kept)

    def _enough(self, previous: State, state: State) -> bool:
        """Whether none of the last rounds was better than the one before them."""
        losses = state.kept_losses or state.losses
        n = self.n_iter_no_change
        return self.do_early_stopping_ and len(losses) > n and min(losses[-n:]) >= losses[-n - 1] - self.tol

    def _columns(self, codes: Array) -> Columns:
        directions = _check_monotonic_cst(self, self.monotonic_cst).astype(np.int64)
        nominal = self.categories_.nominal
        both = np.flatnonzero(nominal & (directions != 0))
        if len(both):
            raise ValueError(f"column {both[0]} is categorical and has a monotonic_cst: categories have no order.")
        return Columns(grouped(codes), self.bins_.n_bins, nominal.astype(np.int64), directions)

    def _rules(self, columns: Columns) -> Array:
        rules = np.zeros(N_RULES)
        rules[PENALTY] = self.l2_regularization
        rules[MIN_ROWS] = self.min_samples_leaf
        rules[MIN_HESSIAN] = LEAST_HESSIAN
        rules[MAX_DEPTH] = NO_LIMIT if self.max_depth is None else self.max_depth
        rules[BOUNDED] = columns.directions.any()
        rules[ALL] = self.max_leaf_nodes is None
        return rules

    def _raw(self, X: Any) -> Array:
        """(n_samples, n_outputs) raw predictions."""
        check_is_fitted(self)
        return raw_of(self.baseline_, self.grove_, self.bins_.codes(self._table(X, reset=False)))

    def _staged_raw(self, X: Any) -> Iterator[Array]:
        """Raw predictions after each round."""
        check_is_fitted(self)
        codes, each = self.bins_.codes(self._table(X, reset=False)), len(self.baseline_)
        raw = np.tile(self.baseline_, (len(codes), 1))
        for first in range(0, self.grove_.n_trees, each):
            self.grove_.only(first, first + each).add(codes, raw)
            yield raw.copy()

    def _weights(self, X: Array, sample_weight: Any) -> Array:
        weight = _check_sample_weight(sample_weight, X, dtype=np.float64, ensure_non_negative=True)
        if not weight.any():
            raise ValueError("every row has the weight 0: give at least one row a positive sample_weight.")
        return np.asarray(weight)

    def __sklearn_tags__(self) -> Tags:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


def raw_of(baseline: Array, grove: Grove, codes: Array) -> Array:
    """(n_samples, n_outputs) what the constant and all trees say together."""
    raw: Array = np.tile(baseline, (len(codes), 1))
    grove.add(codes, raw)
    return raw
