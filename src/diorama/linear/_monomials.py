"""A table of all products of powers of its columns, computed block by block where it is needed and never held whole.

Each monomial is one that came before it times one column, so a block costs one multiplication an entry.
"""

from itertools import combinations, combinations_with_replacement
from typing import Any, NamedTuple

import numpy as np
import scipy.sparse as sp

from diorama._kernel import kernel
from diorama._parallel import blocks, run
from diorama._typing import Array

# entries of a block that stays in the cache
_BLOCK = 2**16


class Monomials(NamedTuple):
    """Which products there are, by degree."""

    powers: Array  # (n_monomials, n_features) exponent of each column
    parent: Array  # (n_monomials,) the monomial that each one is a multiple of, or -1
    factor: Array  # (n_monomials,) the column that it is multiplied with
    degree: Array  # (n_monomials,) sum of the exponents, ascending

    @classmethod
    def up_to(cls, degree: int, n_features: int, interaction_only: bool) -> "Monomials":
        """All monomials of degree 1 to `degree`, in scikit-learn's order; the constant is left to the intercept."""
        choose = combinations if interaction_only else combinations_with_replacement
        chosen = [columns for k in range(1, degree + 1) for columns in choose(range(n_features), k)]
        place = {columns: i for i, columns in enumerate(chosen)}
        parent = [place.get(columns[:-1], -1) for columns in chosen]
        powers = np.zeros((len(chosen), n_features), dtype=np.int64)
        for i, columns in enumerate(chosen):
            np.add.at(powers[i], list(columns), 1)
        return cls(powers, np.array(parent), np.array([columns[-1] for columns in chosen]), powers.sum(axis=1))

    def names(self, features: list[str]) -> list[str]:
        """Each monomial as scikit-learn writes it: "x0^2 x1"."""
        return [
            " ".join(f"{features[j]}^{row[j]}" if row[j] > 1 else features[j] for j in np.flatnonzero(row))
            for row in self.powers
        ]


class Expanded:
    """Rows of monomials: knows as much of an array as least squares asks for. X may be sparse."""

    def __init__(self, X: Any, monomials: Monomials) -> None:
        self.X, self.monomials = X, monomials
        self.shape = (X.shape[0], len(monomials.parent))
        self.flags = np.empty((0, 0)).flags

    def __len__(self) -> int:
        return int(self.shape[0])

    def __getitem__(self, rows: slice) -> Array:
        """(n_rows, n_monomials) of some rows."""
        some = self.X[rows]
        columns = np.ascontiguousarray(some.toarray() if sp.issparse(some) else some, dtype=float)
        products = np.empty((len(columns), self.shape[1]))
        multiply(columns, self.monomials.parent, self.monomials.factor, products)
        return products

    def __array__(self, dtype: Any = None, copy: Any = None) -> Array:
        return np.asarray(self[:], dtype=dtype)

    def __matmul__(self, coef: Array) -> Array:
        """Products with coefficients (n_monomials, ...), a block of rows at a time."""
        size = max(_BLOCK // self.shape[1], 16)
        jobs = [(self, low, high, coef) for low, high in blocks(len(self), size)]
        pieces = run(_times, jobs, work=float(self.shape[0]) * self.shape[1])
        return np.concatenate(pieces)

    @property
    def T(self) -> "_Turned":  # noqa: N802  as arrays call it
        """What is multiplied with a residual."""
        return _Turned(self)


class _Turned:
    """Columns as rows."""

    def __init__(self, table: Expanded) -> None:
        self.table = table

    def __matmul__(self, residual: Array) -> Array:
        size = max(_BLOCK // self.table.shape[1], 16)
        jobs = [(self.table, low, high, residual) for low, high in blocks(len(self.table), size)]
        total: Array = sum(run(_turned_times, jobs, work=float(self.table.shape[0]) * self.table.shape[1]))
        return total


def _times(table: Expanded, low: int, high: int, coef: Array) -> Array:
    product: Array = table[low:high] @ coef
    return product


def _turned_times(table: Expanded, low: int, high: int, residual: Array) -> Array:
    product: Array = table[low:high].T @ residual[low:high]
    return product


@kernel
def multiply(columns: Array, parent: Array, factor: Array, products: Array) -> None:
    """Fill `products` (n_rows, n_monomials) from `columns` (n_rows, n_features)."""
    for i in range(len(columns)):
        for k in range(len(parent)):
            before = products[i, parent[k]] if parent[k] >= 0 else 1.0
            products[i, k] = before * columns[i, factor[k]]
