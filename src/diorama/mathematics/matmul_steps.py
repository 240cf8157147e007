r"""The matrix product, entry by entry: row i of the left times column j of the right.

:math:`C_{ij} = \sum_k A_{ik} B_{kj}`, so the rows of A must be as long as the columns of B.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama._validation import check_whole
from diorama.mathematics._arrays import numbers_of
from diorama.mathematics._entries import Origin, Tables, tell


class Entry(NamedTuple):
    """One entry of the product, and what made it."""

    row: int
    column: int
    left: Array  # (k,) the row of the left matrix
    right: Array  # (k,) the column of the right one
    value: float

    @property
    def terms(self) -> Array:
        """(k,) the products that are added up."""
        products: Array = self.left * self.right
        return products

    def __str__(self) -> str:
        terms = " + ".join(f"{_bracketed(a)}·{_bracketed(b)}" for a, b in zip(self.left, self.right, strict=True))
        return f"row {self.row + 1} · column {self.column + 1}: {terms} = {self.value:g}"


@dataclass(frozen=True, eq=False)
class MatmulSteps:
    """A matrix product with its working. Iterate over it for the entries, row by row; print it to read them."""

    product: Array  # the answer, in the shape that NumPy's matmul gives
    left: Array  # (n, k) the left matrix; a vector stands as a row
    right: Array  # (k, m) the right matrix; a vector stands as a column
    table: Array  # (n, m) the product with both its axes

    @property
    def shape(self) -> tuple[int, int]:
        """Rows of the left by columns of the right."""
        return self.left.shape[0], self.right.shape[1]

    def __len__(self) -> int:
        return self.table.size

    def entry(self, row: int, column: int) -> Entry:
        """One entry with the row and the column that made it; ValueError beyond the shape."""
        for name, place, length in zip(("row", "column"), (row, column), self.shape, strict=True):
            check_whole(name, place, 0)
            if place >= length:
                raise ValueError(f"{name} must be below {length}, the product being {self.shape}; got {place}.")
        return Entry(row, column, self.left[row], self.right[:, column], float(self.table[row, column]))

    def __iter__(self) -> Iterator[Entry]:
        return (self.entry(i, j) for i in range(self.shape[0]) for j in range(self.shape[1]))

    def __str__(self) -> str:
        return "\n".join(str(entry) for entry in self)


def multiply(A: Array, B: Array) -> Array:
    """Every row of A with every column of B."""
    product: Array = A @ B  #: fill
    return product


def matmul_steps(A: ArrayLike, B: ArrayLike) -> MatmulSteps:
    r"""The product of two matrices, each entry with the row and the column that made it.

    Parameters
    ----------
    A : array-like of shape (n, k) or (k,)
        The left matrix; a vector is taken as a row.
    B : array-like of shape (k, m) or (k,)
        The right matrix; a vector is taken as a column.

    Returns
    -------
    MatmulSteps
        `product`, and the entries to iterate over.

    Raises
    ------
    TypeError, ValueError
        For what holds no finite real numbers or is empty; when the rows of A and the columns of B differ in length.

    References
    ----------
    Strang (2016), "Introduction to Linear Algebra", 5th edition, section 2.4.

    Examples
    --------
    >>> print(matmul_steps([[2, 3], [1, 4]], [[5, 4], [3, 5]]))
    row 1 · column 1: 2·5 + 3·3 = 19
    row 1 · column 2: 2·4 + 3·5 = 23
    row 2 · column 1: 1·5 + 4·3 = 17
    row 2 · column 2: 1·4 + 4·5 = 24
    """
    A, B = numbers_of(A, "A"), numbers_of(B, "B")
    if A.shape[-1] != B.shape[0]:
        raise ValueError(
            f"A has the shape {A.shape} and B {B.shape}: the rows of A have {A.shape[-1]} entries and the columns of B "
            f"{B.shape[0]}; they must be as many."
        )
    left = A.reshape(-1, A.shape[-1])
    right = B.reshape(B.shape[0], -1)
    table = multiply(left, right)
    shape = A.shape[:-1] + B.shape[1:]
    steps = MatmulSteps(table.reshape(shape), left, right, table)

    def origin(i: int, j: int) -> Origin:
        row = tuple((i, k) for k in range(left.shape[1]))
        column = tuple((k, j) for k in range(right.shape[0]))
        return Origin(row, column, str(steps.entry(i, j)))

    formula = r"C_{ij} = \sum_k A_{ik} B_{kj} = \slot{value}"
    tell(Tables("Matrix product", left, right, table, formula), origin)
    return steps


def _bracketed(value: float) -> str:
    return f"({value:g})" if value < 0 else f"{value:g}"
