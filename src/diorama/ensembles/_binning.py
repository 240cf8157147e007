"""Columns as at most 255 numbered bins each: what every tree of an ensemble reads instead of the numbers themselves.

A column with few different values keeps them all, parted in the middle between neighbours; one with more is cut where
its sample's quantiles are. Code b says that the value lies above b of the column's edges; MISSING says NaN.
"""

from typing import NamedTuple

import numpy as np

from diorama._kernel import exact_kernel
from diorama._parallel import blocks, run
from diorama._typing import Array

MISSING = 255
MAX_BINS = 255
# more rows than that say little more about where a column's quantiles are
SAMPLE = 65_536
ROWS_PER_BLOCK = 8_192


class Bins(NamedTuple):
    """Where each column is cut."""

    edges: Array  # (n_features, 255) in ascending order, the places not needed infinite
    n_bins: Array  # (n_features,) bins in use, besides that of the missing values
    categorical: Array  # (n_features,) bool: whether the bins are categories, in the order of `edges`

    def codes(self, X: Array) -> Array:
        """(n_samples, n_features) uint8 of X, which may hold NaN; an unknown category counts as missing."""
        X = np.ascontiguousarray(X)
        codes = np.empty(X.shape, dtype=np.uint8)
        jobs = [(X[i:j], self.edges, codes[i:j]) for i, j in blocks(len(X), ROWS_PER_BLOCK)]
        run(encode, jobs, work=8.0 * X.size)
        for column in np.flatnonzero(self.categorical):
            known = self.edges[column, : self.n_bins[column]]
            place = np.minimum(np.searchsorted(known, X[:, column]), len(known) - 1)
            codes[:, column] = np.where(known[place] == X[:, column], place, MISSING)
        return codes


def find_bins(X: Array, max_bins: int = MAX_BINS, categorical: Array | None = None) -> Bins:
    """The bins of the columns of X (n_samples, n_features), where NaN is a missing value.

    Raises ValueError when a categorical column has more than `max_bins` categories.
    """
    n_features = X.shape[1]
    nominal = np.zeros(n_features, dtype=bool) if categorical is None else categorical
    edges = np.full((n_features, MAX_BINS), np.inf)
    n_bins = np.ones(n_features, dtype=np.int64)
    chosen = X
    if len(X) > SAMPLE:
        chosen = X[np.sort(np.random.default_rng(0).choice(len(X), SAMPLE, replace=False))]
    for column in range(n_features):
        if nominal[column]:
            found = _categories(X[:, column], column, max_bins)
            n_bins[column] = max(len(found), 1)
        else:
            found = cuts(chosen[:, column], max_bins)
            n_bins[column] = len(found) + 1
        edges[column, : len(found)] = found
    return Bins(edges, n_bins, nominal)


def cuts(column: Array, max_bins: int) -> Array:
    """Ascending numbers, fewer than `max_bins`, between neighbouring values of a column."""
    values = np.sort(column[~np.isnan(column)].astype(float))
    fresh = np.flatnonzero(values[1:] > values[:-1])
    if len(fresh) >= max_bins:
        # a cut after each of the quantiles' values
        wanted = np.arange(1, max_bins) * len(values) // max_bins - 1
        fresh = np.unique(fresh[np.minimum(np.searchsorted(fresh, wanted), len(fresh) - 1)])
    low, high = values[fresh], values[fresh + 1]
    # halves are added, for the sum of two doubles may overflow; the middle of two neighbours may round up to the second
    middle = low / 2 + high / 2
    found: Array = np.where(middle < high, middle, low)
    return found


def _categories(column: Array, number: int, max_bins: int) -> Array:
    found: Array = np.unique(column[~np.isnan(column)]).astype(float)
    if len(found) > max_bins:
        raise ValueError(
            f"column {number} has {len(found)} categories, and at most {max_bins} are told apart: "
            "join the rare ones, or do not list it in categorical_features."
        )
    return found


@exact_kernel
def encode(X: Array, edges: Array, codes: Array) -> None:
    """How many edges of its column lie below each value: 8 halvings, none of them a branch."""
    for i in range(X.shape[0]):
        for j in range(X.shape[1]):
            x, low, step = np.float64(X[i, j]), 0, 128
            while step > 0:
                low += step * (edges[j, low + step - 1] < x)
                step >>= 1
            codes[i, j] = 255 if np.isnan(x) else low
