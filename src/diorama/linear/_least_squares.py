"""Least squares from moments by Cholesky's factor, and from the rows themselves when the columns nearly repeat.

Cholesky's factor of the Gram matrix costs one pass over the data and squares the condition number; so it serves only
while the number of digits left is known to be enough [1]_. Columns are first brought to unit length, which makes the
answer independent of units.

.. [1] Björck (1996). Numerical Methods for Least Squares Problems, chapters 2.2 and 2.9.
"""

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp
from scipy.linalg import lapack, qr, solve_triangular, svd
from scipy.optimize import nnls
from scipy.sparse.linalg import lsqr

from diorama._typing import Array
from diorama.linear._moments import Moments, centred_rows

# reciprocal condition numbers of the unit-length Gram matrix: below the first, the factor cannot be trusted;
# below the second, one step of refinement on the residuals brings the digits back
_FACTOR_LIMIT = 1e-10
_REFINE_LIMIT = 1e-5
# a column whose spread is within this many roundings of its mean is constant
_CONSTANT = 16 * np.finfo(float).eps


class Factor(NamedTuple):
    """Cholesky's factor of the Gram matrix of the columns that vary, each brought to unit length."""

    lower: Array  # (n_kept, n_kept) L with L L^T = gram / (length length^T)
    length: Array  # (n_kept,) lengths of the centred columns
    kept: Array  # (n_kept,) indices of the columns that are not constant
    rcond: float  # reciprocal condition number of L L^T; 0 when there is no factor


def factorise(m: Moments) -> Factor:
    """Cholesky's factor of a Gram matrix, with the reciprocal condition number that says whether to trust it."""
    if m.gram is None:
        return Factor(np.empty((0, 0)), np.empty(0), np.arange(len(m.mean_x)), 0.0)
    kept, length = varying(m.gram, m)
    if len(kept) == 0:
        return Factor(np.empty((0, 0)), length, kept, 1.0)
    unit = m.gram[np.ix_(kept, kept)] / np.outer(length, length)
    lower, failed = lapack.dpotrf(unit, lower=1, clean=1)
    rcond = 0.0 if failed else float(lapack.dpocon(lower, np.abs(unit).sum(axis=0).max(), uplo="L")[0])
    return Factor(lower, length, kept, rcond)


def varying(gram: Array, m: Moments) -> tuple[Array, Array]:
    """Indices of the columns that are not constant, and their lengths once centred."""
    length = np.sqrt(np.maximum(np.diag(gram), 0))
    kept = np.flatnonzero(length > _CONSTANT * np.sqrt(m.total) * np.abs(m.mean_x))
    return kept, length[kept]


def trusted(factor: Factor, m: Moments) -> bool:
    """Whether the normal equations leave enough digits."""
    spread = factor.length**2
    # sums of raw sparse columns: the mean's part was subtracted only afterwards
    return factor.rcond > _FACTOR_LIMIT and bool((spread >= _FACTOR_LIMIT * m.total * m.mean_x[factor.kept] ** 2).all())


def solve_factor(factor: Factor, right: Array) -> Array:
    """Coefficients (n_features of `right`, n_targets) with gram @ coefficients = `right`; constant columns get 0."""
    coef = np.zeros_like(right)
    if len(factor.kept):
        unit, _ = lapack.dpotrs(factor.lower, right[factor.kept] / factor.length[:, None], lower=1)
        coef[factor.kept] = unit / factor.length[:, None]
    return coef


def refine(X: Any, y: Array, weight: Array | None, m: Moments, factor: Factor, coef: Array) -> Array:
    """One correction by the residuals of the rows themselves, when the factor alone has lost some digits."""
    if factor.rcond > _REFINE_LIMIT:
        return coef
    residual = (y - m.mean_y) - (X @ coef - m.mean_x @ coef)
    if weight is not None:
        residual *= weight[:, None]
    right = X.T @ residual - np.outer(m.mean_x, residual.sum(axis=0))
    return coef + solve_factor(factor, right)


def nested(factor: Factor, m: Moments) -> Iterator[Array]:
    """The least-squares fits on the first 1, 2, ... varying columns: leading corners of one factor."""
    right = m.cross[factor.kept] / factor.length[:, None]
    forward = solve_triangular(factor.lower, right, lower=True)
    for k in range(1, len(factor.kept) + 1):
        coef = np.zeros_like(m.cross)
        corner = solve_triangular(factor.lower[:k, :k].T, forward[:k], lower=False)
        coef[factor.kept[:k]] = corner / factor.length[:k, None]
        yield coef


class Directions(NamedTuple):
    """Least squares through the singular value decomposition: the answer of least length, column by column."""

    span: Array  # (n_features, rank) orthonormal basis of the rows' space
    coefs: Array  # (rank, n_features, n_targets) fits on the strongest 1, 2, ... directions, before projection


def solve_directions(X: Any, y: Array, weight: Array | None, m: Moments, tol: float) -> Directions:
    """Solve on the rows; directions weaker than `tol` times the strongest (columns of unit length) count as absent."""
    weight = np.ones(len(y)) if weight is None else weight
    rows = centred_rows(X, m.mean_x, weight)
    targets = (y - m.mean_y) * np.sqrt(weight)[:, None]
    length = np.linalg.norm(rows, axis=0)
    constant = length <= _CONSTANT * np.sqrt(m.total) * np.abs(m.mean_x)
    length[constant] = 1
    rows[:, constant] = 0
    left, strength, right = svd(rows / length, full_matrices=False, lapack_driver="gesdd")
    limit = max(tol, np.finfo(float).eps * max(rows.shape)) * strength[0] if len(strength) else 0
    rank = int((strength > max(limit, 0)).sum())
    parts = (left[:, :rank].T @ targets) / strength[:rank, None]
    # where columns repeat, many answers fit equally well; projected on the space of the rows, the shortest is left
    span = qr(length[:, None] * right[:rank].T, mode="economic")[0]
    directions = right[:rank].T / length[:, None]
    coefs = np.cumsum(directions.T[:, :, None] * parts[:, None, :], axis=0)
    return Directions(span, coefs)


def shortest(directions: Directions, k: int) -> Array:
    """The shortest coefficients (n_features, n_targets) on the `k` strongest directions."""
    if k == 0:
        return np.zeros(directions.coefs.shape[1:])
    coef: Array = directions.coefs[k - 1]
    if directions.span.shape[0] > directions.span.shape[1]:
        coef = directions.span @ (directions.span.T @ coef)
    return coef


def solve_dense(X: Array, y: Array, weight: Array | None, m: Moments, tol: float = 1e-8) -> Array:
    """Coefficients (n_features, n_targets) by the factor where it leaves enough digits, else the shortest by rows."""
    factor = factorise(m)
    if trusted(factor, m):
        return refine(X, y, weight, m, factor, solve_factor(factor, m.cross))
    directions = solve_directions(X, y, weight, m, tol)
    return shortest(directions, len(directions.coefs))


def solve_sparse(X: Any, y: Array, weight: Array | None, m: Moments, tol: float) -> Array:
    """Least squares on sparse rows without filling them in: LSQR on the centred table as an operator."""
    weight = np.ones(len(y)) if weight is None else weight
    table = centred_rows(X, m.mean_x, weight)
    targets = (y - m.mean_y) * np.sqrt(weight)[:, None]
    columns = [lsqr(table, target, atol=tol, btol=tol)[0] for target in targets.T]
    return np.stack(columns, axis=1)


def solve_positive(X: Any, y: Array, weight: Array | None, m: Moments, factor: Factor) -> Array:
    """Least squares with no coefficient below zero, on the factor when it can be trusted, else on the rows."""
    coef = np.zeros_like(m.cross)
    if trusted(factor, m):
        table = factor.lower.T
        targets = solve_triangular(factor.lower, m.cross[factor.kept] / factor.length[:, None], lower=True)
        scale = factor.length
    else:
        weight = np.ones(len(y)) if weight is None else weight
        rows = centred_rows(X, m.mean_x, weight)
        length = np.linalg.norm(rows, axis=0)
        scale = np.where(length > 0, length, 1)[factor.kept]
        table, targets = rows[:, factor.kept] / scale, np.sqrt(weight)[:, None] * (y - m.mean_y)
    for target in range(y.shape[1]):
        if len(factor.kept):
            coef[factor.kept, target] = nnls(table, targets[:, target])[0] / scale
    return coef


def refuse_too_large(X: Any) -> None:
    """ValueError where the squares of X, finite numbers, sum to more than its kind of float holds."""
    numbers = X.data if is_sparse(X) else X.ravel(order="K")
    if not np.isfinite(np.vdot(numbers, numbers)):
        raise ValueError("the squares of X are too large for a float; divide the columns by a large number.")


def is_sparse(X: Any) -> bool:
    """Whether `X` keeps only its entries that are not zero."""
    return bool(sp.issparse(X))
