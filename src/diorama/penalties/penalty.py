"""What every penalty is: a price on weights, its slope, and the step that lowers it exactly."""

from abc import ABC, abstractmethod

import numpy as np
from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama._validation import check_real, real_array


class Penalty(ABC):
    """A price on weights of any shape; float32 weights give float32 results, all others float64.

    Parameters
    ----------
    alpha : float, default=1.0
        Strength, at least 0; 0 is no penalty.
    """

    def __init__(self, alpha: float = 1.0) -> None:
        check_real("alpha", alpha, "at least 0 and finite", lambda value: 0 <= value < np.inf)
        self.alpha = alpha

    def __call__(self, w: ArrayLike) -> float:
        """The price of the weights `w`."""
        return self._value(as_weights(w))

    def gradient(self, w: ArrayLike) -> Array:
        """Slope of the price by each weight, in the shape of `w`; where there is a kink, the subgradient 0 of it."""
        return self._slope(as_weights(w))

    def prox(self, w: ArrayLike, step: float) -> Array:
        r"""The weights that balance the price against staying near `w` [Parikh and Boyd 2014]:

        :math:`\arg\min_v\; \mathrm{step} \cdot \mathrm{penalty}(v) + \tfrac12 \lVert v - w \rVert^2`. Raises ValueError
        for a `step` that is negative or infinite.
        """
        check_real("step", step, "at least 0 and finite", lambda value: 0 <= value < np.inf)
        return self._prox(as_weights(w), step)

    @abstractmethod
    def _value(self, w: Array) -> float:
        """The price."""

    @abstractmethod
    def _slope(self, w: Array) -> Array:
        """The slope."""

    @abstractmethod
    def _prox(self, w: Array, step: float) -> Array:
        """The balanced weights."""

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value!r}" for name, value in vars(self).items())
        return f"{type(self).__name__}({settings})"


def as_weights(w: ArrayLike, name: str = "w") -> Array:
    """Weights as finite floats: float32 stays, all else becomes float64. No weights at all cost nothing."""
    array = real_array(name, w)
    array = array.astype(np.float32 if array.dtype == np.float32 else np.float64, copy=False)
    if not np.isfinite(array).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
        raise ValueError(f"{name} of shape {array.shape} must hold finite numbers; entry {place} is {array[place]}.")
    return array
