"""What every loss is: a number that says how wrong predictions are, and the slope by which to better them.

A loss compares y_true with y_pred element by element (or row by row of class scores) and makes one number of the parts.
"""

from abc import ABC, abstractmethod
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama.losses._checks import as_floats, as_weights, check_choice

Reduction = Literal["mean", "sum", "none"]


class Loss(ABC):
    """A loss and its gradient by the predictions. Subclasses say how targets are read, and give both for each part.

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, default="mean"
        The weighted mean of the parts, their weighted sum, or the weighted parts themselves.

    Arrays may have any shape; float32 predictions give float32 gradients, all others float64.
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        check_choice("reduction", reduction, ("mean", "sum", "none"))
        self.reduction = reduction

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> float | Array:
        """The loss: one number, or with `reduction="none"` an array of the parts.

        A weight counts a part (or, given one for each row, the row's parts) as if it stood there that often.
        Raises ValueError or TypeError that name the argument, its shape and what was expected.
        """
        target, prediction = self._read(y_true, y_pred)
        parts = self._parts(target, prediction)
        weight = as_weights(sample_weight, parts.shape, prediction.dtype)
        if self.reduction == "none":
            return parts if weight is None else parts * weight
        return total(parts, weight, mean=self.reduction == "mean")

    def gradient(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> Array:
        """Derivative of the loss by every entry of `y_pred`, in its shape.

        With `reduction="none"` it is the derivative of each part by its own predictions.
        """
        target, prediction = self._read(y_true, y_pred)
        slopes = self._slopes(target, prediction)
        shape = slopes.shape[: slopes.ndim - self._n_inner]
        weight = as_weights(sample_weight, shape, prediction.dtype)
        return slopes * self._shares(weight, shape, prediction.dtype)

    # axes of y_pred that one part is made of: 0 for a part for each number, 1 for a part for each row of classes
    _n_inner = 0

    def _shares(self, weight: Array | None, shape: tuple[int, ...], dtype: np.dtype[np.floating]) -> Array:
        """What each part's slope is multiplied by."""
        if weight is None:
            return np.asarray(1 / max(1, int(np.prod(shape))) if self.reduction == "mean" else 1, dtype=dtype)
        if self.reduction == "mean":
            weight = (weight / weight.max() / (weight / weight.max()).sum(dtype=np.float64)).astype(dtype)
        return weight.reshape(shape + (1,) * self._n_inner)

    def _read(self, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
        """Targets and predictions as float arrays of one shape and type."""
        prediction = as_floats("y_pred", y_pred)
        target = as_floats("y_true", y_true, prediction.dtype)
        if target.shape != prediction.shape:
            raise ValueError(f"y_true has shape {target.shape}; expected that of y_pred, {prediction.shape}.")
        return target, prediction

    @abstractmethod
    def _parts(self, target: Array, prediction: Array) -> Array:
        """The loss of each part, not yet weighted."""

    @abstractmethod
    def _slopes(self, target: Array, prediction: Array) -> Array:
        """Derivative of each part by its own predictions, in their shape."""

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({settings})"


def total(parts: Array, weight: Array | None, *, mean: bool) -> float:
    """Weighted mean or sum in double precision; finite parts give a finite number, at most the largest there is."""
    parts = parts.astype(np.float64, copy=False)
    weights = np.ones(parts.shape) if weight is None else weight.astype(np.float64)
    with np.errstate(over="ignore"):
        value = float((parts * weights).sum())
        if mean:
            value /= float(weights.sum())
    if np.isfinite(value) or not np.isfinite(parts).all():
        return value
    largest = float(np.finfo(np.float64).max)
    if not mean:
        return largest
    # the sum is too large for a float where the mean is not
    shares = weights / weights.max()
    return min(float((parts * (shares / shares.sum())).sum()), largest)
