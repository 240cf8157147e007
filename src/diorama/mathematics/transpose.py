r"""The transpose: rows become columns, :math:`(A^T)_{ij} = A_{ji}`; the matrix is flipped over its diagonal."""

from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama.mathematics._arrays import numbers_of
from diorama.mathematics._entries import Origin, Tables, tell


def swap(A: Array) -> Array:
    """Row i becomes column i."""
    flipped: Array = A.T.copy()  #: fill
    return flipped


def transpose(A: ArrayLike) -> Array:
    r"""A matrix with its rows as columns.

    Parameters
    ----------
    A : array-like of shape (n, m)
        A matrix. A vector has no second axis to swap: write it as a row, ``[[1, 2, 3]]``.

    Returns
    -------
    ndarray of shape (m, n)
        :math:`A^T`, a copy.

    Raises
    ------
    TypeError, ValueError
        For what is no matrix of finite real numbers, or is empty.

    References
    ----------
    Strang (2016), "Introduction to Linear Algebra", 5th edition, section 2.7.

    Examples
    --------
    >>> transpose([[1, 2, 3], [4, 5, 6]])
    array([[1., 4.],
           [2., 5.],
           [3., 6.]])
    """
    A = numbers_of(A, "A", dimensions=(2,))
    flipped = swap(A)

    def origin(i: int, j: int) -> Origin:
        return Origin(((j, i),), (), f"row {j + 1}, column {i + 1} goes to row {i + 1}, column {j + 1}: {A[j, i]:g}")

    tell(Tables("Transpose", A, None, flipped, r"(A^T)_{ij} = A_{ji} = \slot{value}"), origin)
    return flipped
