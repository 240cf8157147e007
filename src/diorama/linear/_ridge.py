"""Least squares with an L2 penalty, exactly: Cholesky's factor of whichever products are fewer, rows' or columns'.

Where the factor leaves too few digits, the rows themselves are solved, with sqrt(l2) times the identity below them
[1]_.

.. [1] Björck (1996). Numerical Methods for Least Squares Problems, chapter 2.7.
"""

from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve, cholesky, lstsq, solve_triangular
from scipy.optimize import nnls
from scipy.sparse.linalg import lsqr

from diorama._typing import Array
from diorama.linear._least_squares import factorise, is_sparse, solve_positive
from diorama.linear._moments import Moments, centred_rows

# below this share of the largest curvature a penalty leaves too few digits to the factor
_ENOUGH = 1e-10


def solve_ridge(X: Any, y: Array, weight: Array | None, m: Moments, l2: float, tol: float = 1e-12) -> Array:
    """Coefficients (n_features, n_targets) at the least of ||y - X coef||^2 + l2 ||coef||^2, all from the means."""
    if m.gram is not None:
        gram, largest = m.gram, float(np.diag(m.gram).max(initial=0.0))
    elif isinstance(m.rows, np.ndarray):
        gram = m.rows @ m.rows.T
        largest = float(np.diag(gram).max(initial=0.0))
    else:
        gram, largest = None, 0.0
    if gram is not None and l2 > _ENOUGH * largest:
        coef = _by_factor(gram, y, weight, m, l2)
        if coef is not None:
            return coef
    return _by_rows(X, y, weight, m, l2, tol)


def solve_positive_ridge(X: Any, y: Array, weight: Array | None, m: Moments, l2: float) -> Array:
    """The same with no coefficient below zero: the factor's rows are a table with the same products [1]_."""
    if l2 == 0:
        return solve_positive(X, y, weight, m, factorise(m))
    gram = m.rows.T @ (m.rows @ np.eye(len(m.mean_x))) if m.gram is None else m.gram
    lower = cholesky(gram + l2 * np.eye(len(gram)), lower=True, check_finite=False)
    targets = solve_triangular(lower, m.cross, lower=True, check_finite=False)
    return np.stack([nnls(lower.T, target)[0] for target in targets.T], axis=1)


def _by_factor(gram: Array, y: Array, weight: Array | None, m: Moments, l2: float) -> Array | None:
    lifted = gram.copy()
    lifted[np.diag_indices_from(lifted)] += l2
    try:
        factor = cho_factor(lifted, lower=True, overwrite_a=True, check_finite=False)
    except LinAlgError:
        return None
    if m.gram is not None:
        coef: Array = cho_solve(factor, m.cross, check_finite=False)
        return coef
    solved: Array = m.rows.T @ cho_solve(factor, _centred_targets(y, weight, m), check_finite=False)
    return solved


def _by_rows(X: Any, y: Array, weight: Array | None, m: Moments, l2: float, tol: float) -> Array:
    targets = _centred_targets(y, weight, m)
    rows = centred_rows(X, m.mean_x, np.ones(len(y)) if weight is None else weight)
    if is_sparse(X):
        columns = [lsqr(rows, target, damp=np.sqrt(l2), atol=tol, btol=tol)[0] for target in targets.T]
        return np.stack(columns, axis=1)
    d = rows.shape[1]
    if l2 > 0:
        rows = np.vstack([rows, np.sqrt(l2) * np.eye(d)])
        targets = np.vstack([targets, np.zeros((d, targets.shape[1]))])
    coef: Array = lstsq(rows, targets, check_finite=False)[0]
    return coef


def _centred_targets(y: Array, weight: Array | None, m: Moments) -> Array:
    centred: Array = y - m.mean_y
    return centred if weight is None else np.sqrt(weight)[:, None] * centred
