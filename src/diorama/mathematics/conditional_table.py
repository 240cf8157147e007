r"""Conditional probabilities from a table of counts, and whether two events are independent.

:math:`P(B \mid A) = P(A \cap B) / P(A)`; independent when that is :math:`P(B)` whatever A is.
"""

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama.mathematics._arrays import numbers_of
from diorama.mathematics._entries import Origin, Tables, tell
from diorama.mathematics._numbers import chosen


class Independence(NamedTuple):
    """How far a joint distribution is from the product of its margins."""

    independent: bool  # up to rounding
    joint: Array  # (n, m) P(A and B)
    product: Array  # (n, m) P(A) P(B)
    largest_difference: float


def divide(counts: Array, axis: int) -> Array:
    """Each row (axis 1) or column (axis 0) over its sum."""
    table: Array = counts / counts.sum(axis=axis, keepdims=True)  #: fill
    return table


def multiply_margins(joint: Array) -> Array:
    """The probability of each row times that of each column."""
    product: Array = np.outer(joint.sum(axis=1), joint.sum(axis=0))  #: fill
    return product


def conditional_table(counts: ArrayLike, given: str = "row") -> Array:
    r"""Conditional probabilities: each row (or column) of counts over its sum.

    Parameters
    ----------
    counts : array-like of shape (n, m)
        How often each pair was seen, or its probability.
    given : {"row", "column"}, default="row"
        What is known: :math:`P(\text{column} \mid \text{row})` for "row".

    Returns
    -------
    ndarray of shape (n, m)
        Rows (or columns) that add up to 1.

    Raises
    ------
    TypeError, ValueError
        For what is no matrix of numbers from 0 up, or a row (or column) without any count: what was never seen has no
        conditional probabilities.

    References
    ----------
    Blitzstein and Hwang (2019), "Introduction to Probability", 2nd edition, chapter 2.

    Examples
    --------
    >>> conditional_table([[30, 10], [20, 40]])
    array([[0.75      , 0.25      ],
           [0.33333333, 0.66666667]])
    """
    table = _counts(counts)
    axis = 1 if chosen(given, "given", ("row", "column")) == "row" else 0
    sums = table.sum(axis=axis)
    if (sums == 0).any():
        raise ValueError(f"counts must not be all 0 in a {given}; {given} {int(np.flatnonzero(sums == 0)[0])} is.")
    result = divide(table, axis)

    def origin(i: int, j: int) -> Origin:
        left = tuple((i, k) if axis else (k, j) for k in range(table.shape[axis]))
        told = f"{table[i, j]:.4g} of the {sums[i if axis else j]:.4g} in this {given} = {result[i, j]:.4g}"
        return Origin(left, (), told)

    tell(Tables("Conditional table", table, None, result, r"P(B \mid A) = \slot{value}"), origin)
    return result


def independence(counts: ArrayLike) -> Independence:
    r"""Whether rows and columns of a joint distribution are independent: :math:`P(A \cap B) = P(A) P(B)` everywhere.

    Parameters
    ----------
    counts : array-like of shape (n, m)
        Probabilities of pairs, or counts. For a *sample* of counts, chance alone makes them differ; here the table is
        taken at its word.

    Returns
    -------
    Independence
        The answer, both tables, and their largest difference.

    Raises
    ------
    TypeError, ValueError
        For what is no matrix of numbers from 0 up that are not all 0.

    Examples
    --------
    >>> independence([[0.12, 0.28], [0.18, 0.42]]).independent
    True
    """
    table = _counts(counts)
    if table.sum() == 0:
        raise ValueError("counts must not be all 0: nothing was seen.")
    joint = table / table.sum()
    product = multiply_margins(joint)
    difference = float(abs(joint - product).max())

    def origin(i: int, j: int) -> Origin:
        cross = dict.fromkeys([(i, k) for k in range(joint.shape[1])] + [(k, j) for k in range(joint.shape[0])])
        told = f"row {joint[i].sum():.4g} times column {joint[:, j].sum():.4g} = {product[i, j]:.4g}; "
        return Origin(tuple(cross), (), told + f"the joint probability is {joint[i, j]:.4g}")

    tell(Tables("Independence", joint, None, product, r"P(A) P(B) = \slot{value}"), origin)
    return Independence(difference <= 1e-12, joint, product, difference)


def _counts(counts: ArrayLike) -> Array:
    table = numbers_of(counts, "counts", dimensions=(2,))
    if (table < 0).any():
        raise ValueError(f"counts must not be negative; the smallest is {table.min():g}.")
    return table
