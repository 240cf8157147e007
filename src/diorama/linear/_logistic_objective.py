"""What logistic regression minimises, with its gradient and its curvature, each in one pass over blocks of rows.

objective(theta) = sum_i w_i loss(y_i, x_i . theta) / sum_i w_i + l2 |theta|^2 / 2, to which a solver may add
l1 |theta|_1. With two classes theta has one row and the loss is that of the sigmoid; otherwise it has a row for each
class, and the loss is softmax's.
"""

from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from diorama._class_losses import binary_losses, softmax_losses
from diorama._kernel import kernel
from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.linear._moments import dense_rows, products

# numbers of X in one block: small enough to stay in the cache between the two products with it
_BLOCK = 2**19
# rows that are enough to see how columns vary together, at least; and for each column twenty
_SAMPLE = 4_096
# rows that `binary_pass` takes at a time, so that it reads them again from the nearest cache
_ROWS = 128
# numbers of X from which reading them once is worth the second that `binary_pass` takes to compile
_ONE_PASS = 2**13
# what one exponential costs, in multiplications
_EXPONENTIAL = 15


class Point(NamedTuple):
    """The smooth part of the objective at one theta."""

    value: float
    gradient: Array  # (n_rows, n_features + 1)
    # what the second derivative is made of: p (1 - p) w (n_samples,) of two classes, else p (n_samples, n_classes)
    shape: Array


class Objective:
    """Mean logistic loss of weighted rows plus a penalty on each coefficient.

    Parameters
    ----------
    X : (n_samples, n_features) dense or sparse rows
    y : (n_samples,) 0 or 1 for two classes, as floats; class indices for more
    weight : (n_samples,) weights that add up to 1
    n_rows : 1 for two classes, else the number of classes
    l2, l1 : (n_features + 1,) strength of each penalty on each column, the intercept's last
    fit_intercept : whether the last column of theta may move
    """

    def __init__(self, X: Any, y: Array, weight: Array, n_rows: int, l2: Array, l1: Array, fit_intercept: bool) -> None:
        self.X, self.y, self.weight, self.n_rows, self.fit_intercept = X, y, weight, n_rows, fit_intercept
        self.l2, self.l1 = l2, l1
        self.cornered = bool(l1.any())
        self.shape = (n_rows, X.shape[1] + 1)
        # products with a sparse table are not cut up: slices of it would be copies
        size = X.shape[0] if sp.issparse(X) else max(256, _BLOCK // X.shape[1])
        self._blocks = blocks(X.shape[0], size)
        self._latest: tuple[Array, Point] | None = None

    def at(self, theta: Array) -> Point:
        """Value, gradient and shape at `theta` (n_rows, n_features + 1); the latest answer is kept."""
        if self._latest is None or self._latest[0] is not theta:
            self._latest = theta, self._evaluate(theta)
        return self._latest[1]

    def penalised(self, theta: Array) -> float:
        """The whole objective, with the part that has corners."""
        smooth = self.at(theta).value
        return smooth + float((self.l1 * np.abs(theta)).sum()) if self.cornered else smooth

    def _evaluate(self, theta: Array) -> Point:
        n = self.X.shape[0]
        shape = np.empty(n if self.n_rows == 1 else (n, self.n_rows))
        work = float(n) * self.n_rows * (2 * self.shape[1] + _EXPONENTIAL)
        parts = run(self._block, [(theta, shape, bounds) for bounds in self._blocks], work=work)
        pull = self.l2 * theta
        value = sum(part[0] for part in parts) + 0.5 * float(np.vdot(pull, theta))
        gradient = sum(part[1] for part in parts) + pull
        if not self.fit_intercept:
            gradient[:, -1] = 0
        return Point(float(value), gradient, shape)

    def _block(self, theta: Array, shape: Array, bounds: tuple[int, int]) -> tuple[float, Array]:
        """Loss and gradient of the rows in `bounds`; fills in their part of `shape`."""
        start, stop = bounds
        y, weight = self.y[start:stop], self.weight[start:stop]
        gradient = np.empty(self.shape)
        dense = not sp.issparse(self.X) and self.X.flags.c_contiguous
        if self.n_rows == 1 and dense and self.X.size >= _ONE_PASS:
            value = binary_pass(self.X[start:stop], y, weight, theta[0], shape[start:stop], gradient[0])
            return value, gradient
        X = self.X if stop - start == self.X.shape[0] else self.X[start:stop]
        X = X if X.dtype == np.float64 else X.astype(np.float64)
        if self.n_rows == 1:
            raw = X @ theta[0, :-1] + theta[0, -1]
            residual = np.empty_like(raw)
            value = binary_losses(raw, y, weight, residual, shape[start:stop])
            gradient[0, :-1] = X.T @ residual
        else:
            raw = np.ascontiguousarray(X @ theta[:, :-1].T + theta[:, -1])
            residual = np.empty_like(raw)
            value = softmax_losses(raw, y, weight, residual, shape[start:stop])
            gradient[:, :-1] = (X.T @ residual).T
        gradient[:, -1] = residual.sum(axis=0)
        return value, gradient

    def gram(self, weight: Array, columns: Array | None = None) -> Array:
        """sum of weight x x^T over rows with a 1 appended; of `columns` only where they are given."""
        X = self.X if columns is None else self.X[:, columns]
        return products(X, np.empty((X.shape[0], 0)), weight, np.zeros(X.shape[1] + 1))

    def hessian(self, theta: Array, columns: Array | None = None) -> Array:
        """Second derivative of the smooth part, (n_rows * p, n_rows * p) in the order of theta's rows.

        `columns` restricts it to some features; the intercept is always the last of the p columns.
        """
        shape = self.at(theta).shape
        l2 = self.l2 if columns is None else np.append(self.l2[columns], self.l2[-1])
        matrix = self.gram(shape, columns) if self.n_rows == 1 else self._softmax_hessian(shape, columns)
        # np.diag_indices_from and np.tile take as long as the rows of a small table
        matrix.reshape(-1)[:: len(matrix) + 1] += l2 if self.n_rows == 1 else np.tile(l2, self.n_rows)
        if not self.fit_intercept:
            fixed = np.arange(len(l2) - 1, len(matrix), len(l2))
            matrix[fixed], matrix[:, fixed] = 0, 0
            matrix[fixed, fixed] = 1
        return matrix

    def _softmax_hessian(self, probability: Array, columns: Array | None) -> Array:
        """sum of w (diag(p) - p p^T) kron x x^T."""
        X = self.X if columns is None else self.X[:, columns]
        width = X.shape[1] + 1
        size = self.n_rows * width
        bounds = blocks(X.shape[0], max(64, _BLOCK // size))
        jobs = [(X, self.weight, probability, block) for block in bounds]
        matrix: Array = -sum(run(_outer, jobs, work=float(X.shape[0]) * size * size))
        for j in range(self.n_rows):
            own = slice(j * width, (j + 1) * width)
            matrix[own, own] += self.gram(self.weight * probability[:, j], columns)
        return matrix

    def first_curvature(self) -> Array:
        """Second derivative of one row's part at theta = 0, (p, p), where all classes are equally likely.

        Of many rows, how columns vary together is taken from some; how much each varies, from all.
        """
        stride = max(1, self.X.shape[0] // max(_SAMPLE, 20 * self.shape[1]))
        X, weight = self.X[::stride], self.weight[::stride]
        matrix = products(X, np.empty((X.shape[0], 0)), weight, np.zeros(self.shape[1]))
        matrix *= self._share
        diagonal = np.diag_indices_from(matrix)
        if stride > 1:
            found, exact = matrix[diagonal], self._squares()
            scale = np.sqrt(np.where(found > 0, exact / np.where(found > 0, found, 1), 0))
            matrix *= np.outer(scale, scale)
            matrix[diagonal] = exact
        matrix[diagonal] += self.l2
        if not self.fit_intercept:
            matrix[-1], matrix[:, -1] = 0, 0
            matrix[-1, -1] = 1
        return matrix

    def first_curvature_diagonal(self) -> Array:
        """The diagonal of `first_curvature`, for tables too wide for the matrix."""
        return self._squares() + self.l2

    @property
    def _share(self) -> float:
        """p (1 - p) of two classes alike; of more, the curvature within sums that keep their mean."""
        return 0.25 if self.n_rows == 1 else 1 / self.n_rows

    def _squares(self) -> Array:
        """sum of weight x^2 of every column and of the intercept, times the share."""
        parts = run(
            self._squares_block, [(bounds,) for bounds in self._blocks], work=float(self.X.shape[0]) * self.shape[1]
        )
        return self._share * np.append(np.sum(parts, axis=0), self.weight.sum())

    def _squares_block(self, bounds: tuple[int, int]) -> Array:
        X, weight = self.X[bounds[0] : bounds[1]], self.weight[bounds[0] : bounds[1]]
        squares = X.multiply(X) if sp.issparse(X) else X * X
        return np.asarray(squares.T @ weight, dtype=np.float64).ravel()


def _outer(X: Any, weight: Array, probability: Array, bounds: tuple[int, int]) -> Array:
    """sum of w (p kron x)(p kron x)^T over the rows in `bounds`."""
    start, stop = bounds
    rows = np.ones((stop - start, X.shape[1] + 1))
    rows[:, :-1] = dense_rows(X, start, stop)
    p = probability[start:stop] * np.sqrt(weight[start:stop])[:, None]
    long = (p[:, :, None] * rows[:, None, :]).reshape(stop - start, -1)
    product: Array = long.T @ long
    return product


@kernel
def binary_pass(X: Array, y: Array, weight: Array, theta: Array, curvature: Array, gradient: Array) -> float:
    """Loss of rows X (n, d) under theta (d + 1,), reading X once; fills `curvature` (n,) and `gradient` (d + 1,).

    The same figures as `binary_losses` between two matrix products, which would read X twice.
    """
    n, d = X.shape
    raw, residual = np.empty(_ROWS), np.empty(_ROWS)
    gradient[:] = 0.0
    total = 0.0
    for start in range(0, n, _ROWS):
        m = min(_ROWS, n - start)
        for i in range(m):
            z = theta[d]
            for j in range(d):
                z += X[start + i, j] * theta[j]
            raw[i] = z
        rows = slice(start, start + m)
        total += binary_losses(raw[:m], y[rows], weight[rows], residual[:m], curvature[rows])
        # four rows at a time: the gradient is loaded and stored once for them
        whole = m - m % 4
        for i in range(0, whole, 4):
            a, b, c, e = residual[i], residual[i + 1], residual[i + 2], residual[i + 3]
            r = start + i
            for j in range(d):
                gradient[j] += (a * X[r, j] + b * X[r + 1, j]) + (c * X[r + 2, j] + e * X[r + 3, j])
            gradient[d] += (a + b) + (c + e)
        for i in range(whole, m):
            for j in range(d):
                gradient[j] += residual[i] * X[start + i, j]
            gradient[d] += residual[i]
    return total
