"""Everything that least squares needs to know of a table, from one pass over it: sums, and products of centred columns.

The pass goes block by block through a buffer that fits the cache. Each block is shifted by a mean of a few rows before
it is squared: products of raw columns lose their digits when a mean is large beside the spread [1]_.

.. [1] Chan, Golub, LeVeque (1983). Algorithms for computing the sample variance. The American Statistician 37(3).
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.sparse.linalg import LinearOperator

from diorama._parallel import blocks, run
from diorama._typing import Array

# numbers in the buffer of one block: half of a common second-level cache
_BUFFER = 2**16
# sparse tables with more columns than this are solved without their Gram matrix, which would be dense
_WIDEST = 2_000
# tables with so few columns are shifted column by column
_NARROW = 12
# unless they have so few rows that a call for each column costs more than it saves
_FEW = 512
# rows whose mean is the shift
_PROBE = 64


class Moments(NamedTuple):
    """Weighted sums of a table X (n_samples, n_features) and its targets y (n_samples, n_targets)."""

    total: float  # sum of the weights
    mean_x: Array  # (n_features,) what was subtracted from the columns: their means, or zeros without intercept
    mean_y: Array  # (n_targets,) likewise
    gram: Array | None  # (n_features, n_features) sum of w (x - mean_x)(x - mean_x)^T, or None: larger than the data
    cross: Array  # (n_features, n_targets) sum of w (x - mean_x)(y - mean_y)^T
    square: Array  # (n_targets,) sum of w (y - mean_y)^2
    rows: Any = None  # (n_samples, n_features) sqrt(w) (x - mean_x), array or operator, where gram is None

    def gram_times(self, coef: Array) -> Array:
        """gram @ coef, also where the matrix itself would be larger than the data."""
        product: Array = self.rows.T @ (self.rows @ coef) if self.gram is None else self.gram @ coef
        return product


def moments(X: Any, y: Array, weight: Array | None, centre: bool) -> Moments:
    """Sums of `X` (n_samples, n_features), dense or sparse, and `y` (n_samples, n_targets), in double precision.

    `centre` subtracts the means. Numbers that are not finite come out as sums that are not finite.
    """
    if X.shape[0] <= X.shape[1] or (sp.issparse(X) and X.shape[1] > _WIDEST):
        return _wide_moments(X, y, weight, centre)
    if sp.issparse(X):
        return _sparse_moments(X, y, weight, centre)
    shift = np.zeros(X.shape[1] + y.shape[1] + 1)
    if centre:
        probe = slice(None, None, max(1, len(X) // _PROBE))
        shift[: X.shape[1]], shift[X.shape[1] : -1] = X[probe].mean(axis=0), y[probe].mean(axis=0)
    return _unshift(products(X, y, weight, shift), shift, X.shape[1], centre)


def products(X: Any, y: Array, weight: Array | None, shift: Array) -> Array:
    """sum of w r r^T over the rows, r = (x, y, 1) - shift, in double precision: (d + t + 1, d + t + 1).

    Sparse rows are filled in a block at a time.
    """
    width = len(shift)
    size = max(_BUFFER // width, min(width, 1024), 64)
    # each job holds a matrix of its own
    pieces = 16 if width <= 256 else 4
    job = -(-X.shape[0] // (pieces * size)) * size
    jobs = [(X, y, weight, shift, bounds, size) for bounds in blocks(X.shape[0], job)]
    total: Array = sum(run(_products, jobs, work=float(X.shape[0]) * width * width))
    return total


def _products(X: Array, y: Array, weight: Array | None, shift: Array, bounds: tuple[int, int], size: int) -> Array:
    """sum of w r r^T over the rows in `bounds`, r = (x - shift_x, y - shift_y, 1)."""
    d, width = X.shape[1], len(shift)
    # short rows are slow to go along: there, and where the table does so too, the buffer keeps columns together
    height = min(size, bounds[1] - bounds[0])
    by_column = (d <= _NARROW and height > _FEW) or (not sp.issparse(X) and X.flags.f_contiguous)
    buffer = np.empty((height, width), order="F" if by_column else "C")
    result = np.zeros((width, width))
    for start in range(bounds[0], bounds[1], size):
        stop = min(start + size, bounds[1])
        rows = buffer[: stop - start]
        block = dense_rows(X, start, stop)
        if by_column:
            for j in range(d):
                np.subtract(block[:, j], shift[j], out=rows[:, j])
        else:
            np.subtract(block, shift[:d], out=rows[:, :d])
        np.subtract(y[start:stop], shift[d:-1], out=rows[:, d:-1])
        rows[:, -1] = 1 - shift[-1]
        if weight is not None:
            rows *= np.sqrt(weight[start:stop])[:, None]
        # one buffer on both sides: NumPy sees a symmetric product and does half the work
        result += rows.T @ rows
    return result


def dense_rows(X: Any, start: int, stop: int) -> Array:
    """Rows `start` to `stop` of a table, filled in where it is sparse."""
    rows: Array = X[start:stop].toarray() if sp.issparse(X) else X[start:stop]
    return rows


def _unshift(sums: Array, shift: Array, d: int, centre: bool) -> Moments:
    """From sums around `shift` to sums around the means."""
    total = float(sums[-1, -1])
    if centre:
        offset = sums[-1, :-1] / total
        sums = sums[:-1, :-1] - total * np.outer(offset, offset)
        mean = shift[:-1] + offset
    else:
        sums, mean = sums[:-1, :-1], shift[:-1]
    return Moments(total, mean[:d], mean[d:], sums[:d, :d], sums[:d, d:], np.diag(sums)[d:].copy())


def _means(X: Any, y: Array, weight: Array, centre: bool) -> tuple[Array, Array]:
    if not centre:
        return np.zeros(X.shape[1]), np.zeros(y.shape[1])
    return X.T @ weight / weight.sum(), weight @ y / weight.sum()


def _sparse_moments(X: Any, y: Array, weight: Array | None, centre: bool) -> Moments:
    w = np.ones(len(y)) if weight is None else weight
    X = X.astype(float)
    total = float(w.sum())
    mean_x, mean_y = _means(X, y, w, centre)
    weighted, centred = X.multiply(w[:, None]).tocsr(), y - mean_y
    gram = (X.T @ weighted).toarray() - total * np.outer(mean_x, mean_x)
    cross = weighted.T @ centred - np.outer(mean_x, w @ centred)
    return Moments(total, mean_x, mean_y, gram, cross, w @ centred**2)


def _wide_moments(X: Any, y: Array, weight: Array | None, centre: bool) -> Moments:
    w = np.ones(len(y)) if weight is None else weight
    X = X.astype(float)
    mean_x, mean_y = _means(X, y, w, centre)
    rows, targets = centred_rows(X, mean_x, w), np.sqrt(w)[:, None] * (y - mean_y)
    return Moments(float(w.sum()), mean_x, mean_y, None, rows.T @ targets, (targets**2).sum(axis=0), rows)


def centred_rows(X: Any, mean_x: Array, weight: Array) -> Any:
    """sqrt(w) (x - mean_x): an array for dense X; for sparse X an operator, which never fills the zeros in."""
    root = np.sqrt(weight)
    if not sp.issparse(X):
        return root[:, None] * (X - mean_x)

    def forward(coef: Array) -> Array:
        product: Array = root * (X @ coef.ravel() - mean_x @ coef.ravel())
        return product

    def backward(residual: Array) -> Array:
        weighted = root * residual.ravel()
        product: Array = X.T @ weighted - mean_x * weighted.sum()
        return product

    return LinearOperator(X.shape, matvec=forward, rmatvec=backward, dtype=float)
