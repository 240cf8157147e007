"""Huber's loss: squared near zero, straight beyond delta; smooth like MSE, calm about outliers like MAE."""

import numpy as np

from diorama._typing import Array
from diorama._validation import check_real
from diorama.losses.loss import Loss, Reduction


class Huber(Loss):
    r"""A parabola that goes on as a straight line where the error exceeds delta.

    .. math:: \ell(e) = \tfrac12 e^2 \text{ where } |e| \le \delta, \text{ else } \delta (|e| - \tfrac12\delta),
              \qquad \ell'(e) = \max(-\delta, \min(e, \delta)), \qquad e = \hat y - y

    Parameters
    ----------
    delta : float, default=1.0
        :math:`\delta > 0`, the error from which the loss is straight, in the target's units.
    reduction : {"mean", "sum", "none"}, default="mean"
        How the parts become one number.

    References
    ----------
    Huber (1964), "Robust estimation of a location parameter", Annals of Mathematical Statistics 35.

    Examples
    --------
    >>> from diorama.losses import Huber
    >>> Huber(delta=1.0, reduction="none")([0.0, 0.0], [0.5, 3.0])
    array([0.125, 2.5  ])
    """

    def __init__(self, delta: float = 1.0, *, reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)
        check_real("delta", delta, "positive and finite", lambda value: 0 < value < np.inf)
        self.delta = delta

    def _parts(self, target: Array, prediction: Array) -> Array:
        size = np.abs(prediction - target)
        near = np.minimum(size, self.delta)
        parts: Array = near * (size - near / 2)  #: value
        return parts

    def _slopes(self, target: Array, prediction: Array) -> Array:
        slopes: Array = np.clip(prediction - target, -self.delta, self.delta)  #: slope
        return slopes
