"""Rows of a table as descents use them, dense or sparse: what differs between the two is said here, once.

Sparse rows stay sparse. Only blocks of them, and what has a number for each pair of columns, are ever filled in.
"""

from typing import Any

import numpy as np
import scipy.sparse as sp

from diorama._typing import Array

# the largest number that fits the small integers in which places of entries are kept
_SMALL = np.iinfo(np.int32).max


def table_rows(X: Any, ones: bool) -> Any:
    """(n, n_columns) the features row by row, and last a column of ones where wanted."""
    if not sp.issparse(X):
        return np.hstack([X, np.ones((len(X), 1), dtype=X.dtype)]) if ones else np.ascontiguousarray(X)
    rows = sp.csr_array(X)
    if ones:
        rows = sp.csr_array(sp.hstack([rows, np.ones((rows.shape[0], 1), dtype=rows.dtype)], format="csr"))
    # one kind of places where they fit, so that kernels need to be compiled once
    places = np.int32 if max(rows.nnz, *rows.shape) <= _SMALL else np.int64
    return sp.csr_array(
        (rows.data, rows.indices.astype(places, copy=False), rows.indptr.astype(places, copy=False)), shape=rows.shape
    )


def scaled(rows: Any, factors: Array) -> Any:
    """Each row times its factor (n,)."""
    return rows.multiply(factors[:, None]).tocsr() if sp.issparse(rows) else rows * factors[:, None]


def squared_lengths(rows: Any) -> Array:
    """(n,) of each row, in double precision."""
    if sp.issparse(rows):
        lengths: Array = rows.astype(float).power(2).sum(axis=1)
        return lengths
    squares: Array = np.einsum("ij,ij->i", rows, rows, dtype=float)
    return squares


def filled(rows: Any) -> Array:
    """The same numbers with the zeros written down."""
    return np.asarray(rows.toarray() if sp.issparse(rows) else rows)
