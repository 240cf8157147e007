r"""The dot product: multiply two vectors entry by entry and add up; how far one reaches along the other.

:math:`a \cdot b = \sum_i a_i b_i = \|a\| \|b\| \cos\theta`: positive when they point the same way, 0 when they
stand at a right angle, negative when they point apart.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.mathematics._arrays import same_shape
from diorama.mathematics._numbers import vector


class State(NamedTuple):
    """The sum after some of the products."""

    n_added: int
    total: float


class Pair(NamedTuple):
    """The vectors that are multiplied."""

    a: Array  # (n,)
    b: Array  # (n,)


def multiply_and_add(a: Array, b: Array) -> float:
    """The products of the entries, added up."""
    return float(np.dot(a, b))  #: dot


def dot(a: ArrayLike, b: ArrayLike) -> float:
    r"""The dot product of two vectors.

    Parameters
    ----------
    a, b : array-like of shape (n,)
        Two vectors of one length.

    Returns
    -------
    float
        :math:`\sum_i a_i b_i`.

    Raises
    ------
    TypeError
        For what holds no real numbers.
    ValueError
        For an empty vector, a matrix, NaN or infinity, or different lengths.

    References
    ----------
    Strang (2016), "Introduction to Linear Algebra", 5th edition, section 1.2.

    Examples
    --------
    >>> dot([1, 2, 3], [2, 3, 4])
    20.0
    """
    a, b = vector(a, "a"), vector(b, "b")
    same_shape(a, b, ("a", "b"))
    total = multiply_and_add(a, b)

    def states() -> list[State]:
        sums = np.cumsum(a * b)
        # the last sum is the answer, not one that was rounded in another order
        return [State(0, 0.0), *(State(i + 1, float(s)) for i, s in enumerate(sums[:-1])), State(a.size, total)]

    show(states, total=a.size, fit=Fit(Pair(a, b)))
    return total
