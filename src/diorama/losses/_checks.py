"""Reading the arguments of losses: as floats, with errors that say what was given and what was expected."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from diorama._typing import Array
from diorama._validation import check_real, described, did_you_mean, real_array

# how far from 1 the probabilities of a row may add up, for rounding's sake
ROUNDING = 1e-3


def as_floats(name: str, values: ArrayLike, dtype: DTypeLike | None = None) -> Array:
    """`values` as an array of finite floats: float32 stays, all else becomes float64, unless `dtype` says which."""
    array = real_array(name, values)
    if array.size == 0:
        raise ValueError(f"{name} is empty (shape {array.shape}); expected at least one number.")
    kind = dtype or (np.float32 if array.dtype == np.float32 else np.float64)
    with np.errstate(over="ignore"):
        array = array.astype(kind, copy=False)
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(
            f"{name} of shape {array.shape} must hold finite {array.dtype} numbers; entry {place} is {array[place]}."
        )
    return array


def as_weights(sample_weight: ArrayLike | None, shape: tuple[int, ...], dtype: DTypeLike) -> Array | None:
    """Weights spread over parts of this shape, or None; the weights' axes are the first of the parts'."""
    if sample_weight is None:
        return None
    weight = as_floats("sample_weight", sample_weight, dtype)
    if weight.shape != shape[: weight.ndim]:
        raise ValueError(f"sample_weight has shape {weight.shape}; expected {shape}, or its first axes.")
    if (weight < 0).any() or not weight.any():
        raise ValueError(f"sample_weight of shape {weight.shape} must not be negative, nor zero everywhere.")
    return np.broadcast_to(weight.reshape(weight.shape + (1,) * (len(shape) - weight.ndim)), shape)


def check_probabilities(name: str, values: Array, *, rows: bool) -> None:
    """ValueError unless all lie between 0 and 1 and, with `rows`, each row (last axis) adds up to 1."""
    if values.min() < 0 or values.max() > 1:
        raise ValueError(
            f"{name} of shape {values.shape} must hold probabilities from 0 to 1; "
            f"its range is {values.min():g} to {values.max():g}."
        )
    if rows and (off := abs(values.sum(axis=-1, dtype=np.float64) - 1)).max() > ROUNDING:
        raise ValueError(
            f"{name} of shape {values.shape} must add up to 1 along its last axis; a row is off by {off.max():.3g}."
        )


def check_choice(name: str, value: object, known: Sequence[str]) -> None:
    """ValueError unless `value` is one of the `known` words."""
    if not isinstance(value, str) or value not in known:
        raise ValueError(
            f"{name} must be one of {list(known)}; got {described(value)}: {did_you_mean(str(value), known)}"
        )


def check_share(name: str, value: float) -> None:
    """ValueError unless 0 <= value < 1."""
    check_real(name, value, "at least 0 and below 1", lambda share: 0 <= share < 1)


def floored(probability: Array) -> Array:
    """Probabilities no lower than the root of the smallest normal number, whose logarithm and inverse are harmless."""
    above: Array = np.maximum(probability, np.sqrt(np.finfo(probability.dtype).tiny))
    return above
