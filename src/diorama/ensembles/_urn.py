"""Draw training rows by their weight and by what they hold, never by the order they come in.

A row of weight 2 is drawn as often as two rows, and shuffled rows give the same draw: the seed's lots fall on rows
sorted by a fingerprint of their content.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from diorama._kernel import kernel, kernel_step
from diorama._scramble import scramble
from diorama._typing import Array


class Urn(NamedTuple):
    """The training rows, to be drawn from again and again."""

    shares: Array  # (n,) how often a row is drawn, relative to others
    order: Array  # (n,) rows in an order that depends on what they hold
    n_draws: int

    @property
    def ends(self) -> Array:
        """(n,) the shares of the first rows in `order`, added up."""
        return np.cumsum(self.shares[self.order])


def urn_of(columns: Array, target: Array, weight: Array) -> Urn:
    """An urn of as many draws as the rows weigh; `columns` (n_features, n) of whole numbers or bits."""
    # fractional weights are shares: then as many draws as rows, as without weights
    whole = np.array_equal(weight, np.round(weight))
    n_draws = round(float(weight.sum())) if whole else int((weight > 0).sum())
    return Urn(weight, content_order(columns, target), n_draws)


def urn_of_table(X: Any, target: Array, weight: Array) -> Urn:
    """An urn of the rows of X (n, n_features), dense or sparse; the order of rows that hold no numbers is as given."""
    columns = X.toarray().T if sp.issparse(X) else X.T
    numbers = np.issubdtype(columns.dtype, np.number)
    # both zeros are one number
    values = np.ascontiguousarray(columns, dtype=float) + 0.0 if numbers else np.empty((0, len(target)))
    return urn_of(values.view(np.uint64), target, weight)


def draw(urn: Urn, seed: int) -> Array:
    """(n,) how often each row is drawn, with replacement."""
    counts = np.zeros(len(urn.order), dtype=np.int64)
    draw_lots(urn.ends, urn.order, urn.n_draws, seed, counts)
    return counts


@kernel
def draw_lots(ends: Array, order: Array, n_draws: int, seed: int, counts: Array) -> None:
    """Add to `counts` (n,) how often each row is drawn: every lot falls between 0 and the sum of all shares."""
    n = ends.shape[0]
    whole = True  # all shares are 1: then the whole part of a lot says where it falls
    for place in range(n):
        whole &= ends[place] == place + 1
    start = scramble(seed)
    for i in range(n_draws):
        lot = (scramble(start + i) >> 10) * 2.0**-53 * ends[n - 1]
        place = int(lot) if whole else search(ends, lot)
        counts[order[min(place, n - 1)]] += 1


@kernel_step
def search(ends: Array, lot: float) -> int:
    """The first place whose end lies beyond the lot."""
    low, high = 0, ends.shape[0]
    while low < high:
        middle = (low + high) // 2
        if ends[middle] > lot:
            high = middle
        else:
            low = middle + 1
    return low


def draw_once(urn: Urn, seed: int) -> Array:
    """(n,) 1 for each row drawn, without replacement, 0 for the others [Efraimidis and Spirakis 2006]."""
    shares = urn.shares[urn.order]
    with np.errstate(divide="ignore"):
        waits = np.random.default_rng(seed).exponential(size=len(shares)) / shares
    counts = np.zeros(len(shares), dtype=np.int64)
    counts[urn.order[np.argsort(waits, kind="stable")[: urn.n_draws]]] = 1
    return np.minimum(counts, urn.shares > 0)


def content_order(columns: Array, target: Array) -> Array:
    """(n,) rows sorted by a fingerprint of what they hold; equal rows stand together."""
    mark = np.ascontiguousarray(target, dtype=float).view(np.uint64) ^ np.uint64(14695981039346656037)
    for column in columns:
        mark = (mark ^ column) * np.uint64(1099511628211)
        mark ^= mark >> np.uint64(29)
    return np.argsort(mark, kind="stable")
