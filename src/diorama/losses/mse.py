"""Mean squared error: the error, squared, so that an error twice as large counts four times."""

from diorama._typing import Array
from diorama.losses.loss import Loss


class MSE(Loss):
    r"""Squared error, by default its mean.

    .. math:: \ell(y, \hat y) = (\hat y - y)^2, \qquad \partial\ell / \partial\hat y = 2 (\hat y - y)

    Parameters
    ----------
    reduction : {"mean", "sum", "none"}, default="mean"
        How the squared errors become one number.

    y_true is :math:`y`, y_pred is :math:`\hat y`; both have one shape, any. The mean is over all entries.

    References
    ----------
    Hastie, Tibshirani and Friedman (2009), "The Elements of Statistical Learning", 2nd edition, section 2.4.

    Examples
    --------
    >>> from diorama.losses import MSE
    >>> MSE()([1.0, 2.0], [1.0, 4.0])
    2.0
    >>> MSE().gradient([1.0, 2.0], [1.0, 4.0])
    array([0., 2.])
    """

    def _parts(self, target: Array, prediction: Array) -> Array:
        error = prediction - target
        squares: Array = error * error  #: value
        return squares

    def _slopes(self, target: Array, prediction: Array) -> Array:
        slopes: Array = 2 * (prediction - target)  #: slope
        return slopes
