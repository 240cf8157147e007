"""Hinge loss: nothing to pay once a point is on its side by a margin, and a straight price before that."""

import numpy as np
from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama._validation import check_flag
from diorama.losses.loss import Loss, Reduction


class Hinge(Loss):
    r"""The shortfall of a score from the margin, or its square.

    .. math:: \ell(y, s) = \max(0, 1 - y s), \qquad
              \partial\ell / \partial s = -y \text{ where } y s < 1, \text{ else } 0

    Parameters
    ----------
    squared : bool, default=False
        Square the shortfall, so that the slope has no jump: :math:`-2 y (1 - y s)` where :math:`y s < 1`.
    reduction : {"mean", "sum", "none"}, default="mean"
        How the parts become one number.

    y_true is :math:`y`, -1 or 1; y_pred is the score :math:`s`, any number; both have one shape, any. At the kink
    :math:`y s = 1` the subgradient 0 is given.

    References
    ----------
    Cortes and Vapnik (1995), "Support-vector networks", Machine Learning 20.

    Examples
    --------
    >>> from diorama.losses import Hinge
    >>> Hinge(reduction="none")([1, 1, -1], [2.0, 0.5, 1.0])
    array([0. , 0.5, 2. ])
    """

    def __init__(self, *, squared: bool = False, reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)
        check_flag("squared", squared)
        self.squared = squared

    def _read(self, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
        target, prediction = super()._read(y_true, y_pred)
        if not (np.abs(target) == 1).all():
            odd = target[np.abs(target) != 1].flat[0]
            raise ValueError(f"y_true of shape {target.shape} must hold -1 and 1 only; it has {odd:g}.")
        return target, prediction

    def _parts(self, target: Array, prediction: Array) -> Array:
        short = np.maximum(1 - target * prediction, 0)
        parts: Array = short * short if self.squared else short  #: value
        return parts

    def _slopes(self, target: Array, prediction: Array) -> Array:
        short = np.maximum(1 - target * prediction, 0)
        slopes: Array = -target * (2 * short if self.squared else np.sign(short))  #: slope
        return slopes
