"""Mean absolute error: the size of the error, so that a wild point pulls no harder than a near one."""

import numpy as np

from diorama._typing import Array
from diorama.losses.loss import Loss


class MAE(Loss):
    r"""Absolute error, by default its mean.

    .. math:: \ell(y, \hat y) = |\hat y - y|, \qquad \partial\ell / \partial\hat y = \operatorname{sign}(\hat y - y)

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, default="mean"
        How the errors become one number.

    Without error the slope does not exist, and the subgradient 0 is given. y_true and y_pred have one shape, any.

    References
    ----------
    Koenker and Bassett (1978), "Regression quantiles", Econometrica 46.

    Examples
    --------
    >>> from diorama.losses import MAE
    >>> MAE()([1.0, 2.0], [1.0, 5.0])
    1.5
    """

    def _parts(self, target: Array, prediction: Array) -> Array:
        parts: Array = np.abs(prediction - target)  #: value
        return parts

    def _slopes(self, target: Array, prediction: Array) -> Array:
        slopes: Array = np.sign(prediction - target)  #: slope
        return slopes
