r"""The Hadamard product: multiply entry by entry, :math:`(a \circ b)_i = a_i b_i`. The result has the same shape."""

import numpy as np
from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama.mathematics._arrays import numbers_of, same_shape
from diorama.mathematics._entries import Origin, Tables, tell


def multiply_entries(a: Array, b: Array) -> Array:
    """Each entry times the one at the same place."""
    product: Array = a * b  #: fill
    return product


def hadamard(a: ArrayLike, b: ArrayLike) -> Array:
    r"""The product entry by entry of two vectors or matrices of one shape.

    Parameters
    ----------
    a, b : array-like of shape (n,) or (n, m)
        Of the same shape; nothing is stretched (`broadcast_shape` says when NumPy would).

    Returns
    -------
    ndarray of the same shape
        :math:`a \circ b`.

    Raises
    ------
    TypeError, ValueError
        For what holds no finite real numbers, is empty, or differs in shape.

    References
    ----------
    Horn and Johnson (2012), "Matrix Analysis", 2nd edition, section 0.7.6.

    Examples
    --------
    >>> hadamard([1, 2, 3], [2, 3, 4])
    array([ 2.,  6., 12.])
    """
    a, b = numbers_of(a, "a"), numbers_of(b, "b")
    same_shape(a, b, ("a", "b"))
    product = multiply_entries(a, b)
    left, right, result = (np.atleast_2d(table) for table in (a, b, product))

    def origin(i: int, j: int) -> Origin:
        return Origin(((i, j),), ((i, j),), f"{left[i, j]:g}·{right[i, j]:g} = {result[i, j]:g}")

    formula = r"(a \circ b)_{ij} = a_{ij} b_{ij} = \slot{value}"
    tell(Tables("Hadamard product", left, right, result, formula), origin)
    return product
