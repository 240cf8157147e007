"""What the functions on vectors, matrices and samples ask of arrays, and the sentences for what is not so."""

from typing import Any

import numpy as np

from diorama._typing import Array
from diorama._validation import described


def numbers_of(value: Any, name: str, *, dimensions: tuple[int, ...] = (1, 2)) -> Array:
    """`value` as a new array of finite floats, not empty, with as many dimensions as one of `dimensions`."""
    wanted = " or ".join({1: "a vector", 2: "a matrix"}[n] for n in dimensions)
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be {wanted} of numbers; its rows have different lengths.") from error
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be {wanted} of real numbers; got {described(value)}.")
    if array.ndim not in dimensions or array.size == 0:
        raise ValueError(f"{name} must be {wanted} of at least one number; its shape is {array.shape}.")
    found = array.astype(float)
    if not np.isfinite(found).all():
        at = tuple(int(i) for i in np.argwhere(~np.isfinite(found))[0])
        raise ValueError(f"{name} must be finite; entry {at} of shape {array.shape} is {found[at]}.")
    return found


def same_shape(a: Array, b: Array, names: tuple[str, str]) -> None:
    """ValueError when two arrays that go together entry by entry differ in shape."""
    if a.shape != b.shape:
        raise ValueError(f"{names[0]} and {names[1]} must have the same shape; got {a.shape} and {b.shape}.")


def shares(value: Any, name: str) -> Array:
    """`value` as a vector of probabilities, each from 0 to 1."""
    found = numbers_of(value, name, dimensions=(1,))
    if ((found < 0) | (found > 1)).any():
        at = int(np.flatnonzero((found < 0) | (found > 1))[0])
        raise ValueError(f"{name} must lie from 0 to 1; entry {at} is {found[at]:g}.")
    return found
