"""Root mean squared error: MSE brought back to the target's own units."""

import math

import numpy as np
from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama.losses.loss import Reduction
from diorama.losses.mse import MSE


class RMSE(MSE):
    r"""Root of the mean squared error.

    .. math:: L = \sqrt{\tfrac1n \textstyle\sum_i (\hat y_i - y_i)^2}, \qquad
              \partial L / \partial\hat y_i = (\hat y_i - y_i) / (n L)

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, default="mean"
        The root is taken last: of the mean; of the sum, which is the errors' Euclidean length; or of each square, which
        is the error's size.

    Without any error the slope does not exist, and the subgradient 0 is given. y_true and y_pred have one shape, any.

    References
    ----------
    Hyndman and Koehler (2006), "Another look at measures of forecast accuracy", section 2.1.

    Examples
    --------
    >>> from diorama.losses import RMSE
    >>> RMSE()([0.0, 0.0], [1.0, 7.0])
    5.0
    """

    def __init__(self, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)

    def __call__(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> float | Array:
        """The loss: one number, or with `reduction="none"` an array."""
        squared = super().__call__(y_true, y_pred, sample_weight)
        return np.sqrt(squared) if isinstance(squared, np.ndarray) else math.sqrt(squared)  #: value

    def gradient(self, y_true: ArrayLike, y_pred: ArrayLike, sample_weight: ArrayLike | None = None) -> Array:
        """Derivative of the loss by every entry of `y_pred`, in its shape."""
        slopes = super().gradient(y_true, y_pred, sample_weight)
        root = np.asarray(self(y_true, y_pred, sample_weight), dtype=slopes.dtype)
        halved: Array = np.divide(slopes, 2 * root, out=np.zeros_like(slopes), where=root > 0)  #: slope
        return halved
