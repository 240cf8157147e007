"""What coordinate descent asks of a table: squared lengths of its columns, their pulls on a residual, their products.

A tall table is asked once, for its Gram matrix; afterwards it is not needed. Of a wide one that matrix would be larger
than the data, and only the columns that take part are ever multiplied with each other. All columns are measured from
their means, and rows are multiplied by the roots of their weights; the table itself is never copied.
"""

from abc import ABC, abstractmethod
from typing import Any

import numpy as np
import scipy.sparse as sp

from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.linear._moments import Moments, moments

# up to so many columns, all products at once cost less than looking at the table again and again
MOST_COLUMNS = 256
# a column whose spread is within this many roundings of its mean is constant
_CONSTANT = 16 * np.finfo(float).eps
# numbers in a block of rows that stays in the cache
_BLOCK = 2**17
# numbers in a block of rows that is only multiplied
_PASS = 2**20
# rows whose mean is subtracted before anything is squared
_PROBE = 64


class Table(ABC):
    """Columns and one or more targets, as sums.

    What coefficients leave of a target is kept in the form that the table likes: `left` is the pull of each column on
    the residual where all products are known, and the residual itself where they are not.
    """

    total: float  # sum of the weights
    mean_x: Array  # (n_features,) what is subtracted from the columns: their means, or zeros without intercept
    mean_y: Array  # (n_targets,)
    square: Array  # (n_targets,) sum of the squared targets
    cross: Array  # (n_features, n_targets) products of columns and targets
    curvature: Array  # (n_features,) squared lengths of the columns; 0 where they are constant

    @abstractmethod
    def slope(self, target: int, coef: Array) -> Array:
        """(n_features,) how hard each column pulls on what `coef` leaves of a target."""

    @abstractmethod
    def part(self, columns: Array) -> "Part":
        """Some of the columns, to work on for a while."""

    def _drop_constant(self, length: Array) -> None:
        constant = length <= _CONSTANT**2 * self.total * self.mean_x**2
        self.curvature = np.where(constant, 0.0, length)
        self.cross = np.where(constant[:, None], 0.0, self.cross)


class Part(ABC):
    """Columns that take part in the descent."""

    rows: Array  # whatever the kernels go along
    height: int  # numbers in `left`

    @abstractmethod
    def left(self, target: int, coef: Array) -> Array:
        """What `coef` (n_columns,) leaves of a target."""

    @abstractmethod
    def pull(self, left: Array) -> Array:
        """(n_columns,) how hard each column pulls on what is left."""

    @abstractmethod
    def gram(self, support: Array) -> Array:
        """(n, n) products of some of the columns with each other."""


class TallTable(Table):
    """All products at once, in one pass over the rows."""

    def __init__(self, m: Moments, gram: Array) -> None:
        self.total, self.mean_x, self.mean_y = m.total, m.mean_x, m.mean_y
        self.square, self.cross, self.gram = m.square, m.cross, np.ascontiguousarray(gram)
        self._drop_constant(np.diag(gram))

    def slope(self, target: int, coef: Array) -> Array:
        slope: Array = np.where(self.curvature > 0, self.cross[:, target] - self.gram @ coef, 0.0)
        return slope

    def part(self, columns: Array) -> Part:
        return _TallPart(self)


class _TallPart(Part):
    """All columns of a tall table, by their products."""

    def __init__(self, table: TallTable) -> None:
        self.rows, self.height, self._cross = table.gram, len(table.gram), table.cross

    def left(self, target: int, coef: Array) -> Array:
        left: Array = self._cross[:, target] - self.rows @ coef
        return left

    def pull(self, left: Array) -> Array:
        return left

    def gram(self, support: Array) -> Array:
        products: Array = self.rows[support][:, support]
        return products


class _WidePart(Part):
    """Some columns of a wide table, taken out: row j of `rows` is the j-th of them."""

    def __init__(self, rows: Array, targets: Array) -> None:
        self.rows, self.height, self._targets = rows, rows.shape[1], targets

    def left(self, target: int, coef: Array) -> Array:
        left: Array = self._targets[:, target] - coef @ self.rows
        return left

    def pull(self, left: Array) -> Array:
        pulls: Array = self.rows @ left
        return pulls

    def gram(self, support: Array) -> Array:
        chosen = self.rows[support]
        products: Array = chosen @ chosen.T
        return products


class WideTable(Table):
    """The table stays as it is, and is multiplied by a residual each time the pulls of all columns are wanted."""

    def __init__(self, X: Any, y: Array, weight: Array | None, centre: bool) -> None:
        self.X = X.tocsc().astype(float) if sp.issparse(X) else X.astype(float, copy=False)
        self.root = None if weight is None else np.sqrt(weight)
        weight = np.ones(len(y)) if weight is None else weight
        self.total = float(weight.sum())
        self.mean_y = weight @ y / self.total if centre else np.zeros(y.shape[1])
        self.targets = self._weighed(y - self.mean_y)
        self.square = (self.targets**2).sum(axis=0)
        self.mean_x, squares, self.cross = self._sums(weight, y - self.mean_y, centre)
        self._drop_constant(squares)
        # columns that were taken out, each a row of `_rows` from the top; there is room for more below
        self._known = np.empty(0, dtype=np.intp)
        self._rows = np.empty((0, len(y)))

    def slope(self, target: int, coef: Array) -> Array:
        used = np.flatnonzero(coef)
        residual = self._weighed(self.part(used).left(target, coef[used]))
        pull = self._times(residual) - self.mean_x * residual.sum()
        return np.where(self.curvature > 0, pull, 0.0)

    def part(self, columns: Array) -> Part:
        self._take(np.setdiff1d(columns, self._known))
        if np.array_equal(columns, self._known[: len(columns)]):
            return _WidePart(self._rows[: len(columns)], self.targets)
        order = np.argsort(self._known)
        places = order[np.searchsorted(self._known, columns, sorter=order)]
        return _WidePart(self._rows[places], self.targets)

    def _take(self, new: Array) -> None:
        """Take out columns, centred and weighed."""
        known, wanted = len(self._known), len(self._known) + len(new)
        if wanted > len(self._rows):
            roomier = np.empty((max(2 * len(self._rows), wanted), self._rows.shape[1]))
            roomier[:known] = self._rows[:known]
            self._rows = roomier
        if len(new):
            chosen = self.X[:, new]
            filled = np.asarray(chosen.toarray() if sp.issparse(chosen) else chosen) - self.mean_x[new]
            self._rows[known:wanted] = self._weighed(filled).T
            self._known = np.concatenate([self._known, new])

    def _times(self, residual: Array) -> Array:
        """X^T of a residual, added up in the order of the blocks of rows."""
        if sp.issparse(self.X):
            product: Array = self.X.T @ residual
            return product
        size = max(_PASS // self.X.shape[1], 1)
        jobs = [(self.X[i:j], residual[i:j]) for i, j in blocks(len(residual), size)]
        total: Array = sum(run(_block_pull, jobs, work=float(self.X.size)))
        return total

    def _weighed(self, rows: Array) -> Array:
        if self.root is None:
            return rows
        return rows * (self.root[:, None] if rows.ndim > 1 else self.root)

    def _sums(self, weight: Array, y: Array, centre: bool) -> tuple[Array, Array, Array]:
        """Means of the columns, sums of their squared distances from them, and their products with the targets."""
        X = self.X
        if sp.issparse(X):
            mean = X.T @ weight / self.total if centre else np.zeros(X.shape[1])
            squares = X.power(2).T @ weight - (self.total * mean**2)
            return mean, np.maximum(squares, 0.0), X.T @ (weight[:, None] * y)
        shift = X[:: max(1, len(X) // _PROBE)].mean(axis=0) if centre else np.zeros(X.shape[1])
        sides = np.column_stack([weight, weight[:, None] * y])
        size = max(_BLOCK // X.shape[1], 8)
        jobs = [(X[i:j], shift, weight[i:j], sides[i:j]) for i, j in blocks(len(X), size)]
        pieces = run(_block_sums, jobs, work=4.0 * X.size)
        squares, products = sum(piece[0] for piece in pieces), sum(piece[1] for piece in pieces)
        offset = products[:, 0] / self.total if centre else np.zeros(X.shape[1])
        # the targets sum to nothing where they are centred, so what is subtracted from a column changes no product
        return shift + offset, np.maximum(squares - self.total * offset**2, 0.0), products[:, 1:]


def _block_pull(rows: Array, residual: Array) -> Array:
    pull: Array = residual @ rows
    return pull


def _block_sums(rows: Array, shift: Array, weight: Array, sides: Array) -> tuple[Array, Array]:
    gaps = rows - shift
    products = gaps.T @ sides
    np.square(gaps, out=gaps)
    return weight @ gaps, products


def table_of(X: Any, y: Array, weight: Array | None, centre: bool) -> Table:
    """The table in the form that its shape asks for. Numbers that are not finite leave sums that are not."""
    if X.shape[1] <= min(MOST_COLUMNS, X.shape[0]):
        m = moments(X, y, weight, centre)
        if m.gram is not None:
            return TallTable(m, m.gram)
    return WideTable(X, y, weight, centre)
