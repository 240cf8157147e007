"""Kernel functions: how alike two rows are, as an inner product in a space that nobody has to visit.

linear x.z, poly (gamma x.z + coef0)^degree, rbf exp(-gamma ||x - z||^2), sigmoid tanh(gamma x.z + coef0) [1]_. All are
worked out for blocks of rows at once from one matrix product.

.. [1] Schölkopf, Smola (2002). Learning with Kernels. MIT Press.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from diorama._typing import Array

KERNELS = ("linear", "poly", "rbf", "sigmoid")


class KernelFunction(NamedTuple):
    """One of KERNELS with its parameters; `gamma` is a number here."""

    name: str
    gamma: float = 1.0
    degree: float = 3
    coef0: float = 0.0

    def left(self, X: Any) -> Any:
        """`X` with what it needs to stand on the left of the product; float64, sparse rows stay sparse."""
        if self.name != "rbf":
            return X.astype(np.float64, copy=False)
        # two more columns let the product itself add the squared lengths: -gamma (x.x + z.z - 2 x.z)
        ones, lengths = np.ones((X.shape[0], 1)), -self.gamma * squared_lengths(X)
        return _side_by_side(2 * self.gamma * X.astype(np.float64, copy=False), lengths, ones)

    def right(self, X: Any) -> Any:
        """`X` with what it needs to stand on the right of the product."""
        if self.name != "rbf":
            return X.astype(np.float64, copy=False)
        ones, lengths = np.ones((X.shape[0], 1)), -self.gamma * squared_lengths(X)
        return _side_by_side(X.astype(np.float64, copy=False), ones, lengths)

    def between(self, left: Any, right: Any, dtype: Any = np.float64) -> Array:
        """(n_left, n_right) values of the kernel for rows made ready by `left` and `right`."""
        product = left @ right.T
        # the product takes double precision, what follows bears single, which is several times as fast
        values: Array = (product.toarray() if sp.issparse(product) else product).astype(dtype, copy=False)
        if self.name == "rbf":
            # nothing is more alike than a row to itself, whatever rounding says
            np.minimum(values, 0, out=values)
            return np.exp(values, out=values)
        if self.name == "linear":
            return values
        values *= self.gamma
        values += self.coef0
        return np.tanh(values, out=values) if self.name == "sigmoid" else np.power(values, self.degree, out=values)

    def __call__(self, A: Any, B: Any) -> Array:
        """(n_a, n_b) values of the kernel between the rows of two tables."""
        return self.between(self.left(A), self.right(B))


def squared_lengths(X: Any) -> Array:
    """(n, 1) squared length of each row."""
    square = X.multiply(X).sum(axis=1) if sp.issparse(X) else np.einsum("ij,ij->i", X, X)
    lengths: Array = np.asarray(square, dtype=np.float64).reshape(-1, 1)
    return lengths


def gamma_of(gamma: float | str, X: Any, weight: Array | None = None) -> float:
    """The number that `gamma` stands for: "scale" is 1 / (n_features * variance), "auto" 1 / n_features.

    Rows count for the variance by their weight, so that a row of weight 2 is a row twice.
    """
    if not isinstance(gamma, str):
        return float(gamma)
    if gamma == "auto":
        return 1.0 / float(X.shape[1])
    weight = np.ones(X.shape[0]) if weight is None else weight
    total = float(weight.sum()) * X.shape[1]
    mean = float(np.sum(weight @ X)) / total
    if sp.issparse(X):
        variance = float(np.sum(weight @ X.multiply(X))) / total - mean**2
    else:
        variance = float(np.sum(weight @ (X - mean) ** 2)) / total
    return 1.0 / (float(X.shape[1]) * variance) if variance > 0 else 1.0


def _side_by_side(X: Any, *columns: Array) -> Any:
    if sp.issparse(X):
        return sp.hstack([X, *columns], format="csr")
    return np.concatenate([X, *columns], axis=1)


Similarity = KernelFunction | Callable[[Any, Any], Any]
