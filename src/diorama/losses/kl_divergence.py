"""Kullback-Leibler divergence: what it costs to believe in q where p is true."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import xlogy

from diorama._typing import Array
from diorama._validation import check_flag
from diorama.losses._checks import check_probabilities, floored
from diorama.losses._softmax import log_softmax, softmax
from diorama.losses.loss import Loss, Reduction


class KLDivergence(Loss):
    r"""Extra surprise from expecting :math:`q` when :math:`p` is true. Not symmetric; zero only when they are equal.

    .. math:: D(p \| q) = \sum_k p_k \log(p_k / q_k), \qquad \partial D / \partial q_k = -p_k / q_k

    Parameters
    ----------
    from_logits : bool, default=False
        Whether y_pred holds logits, whose softmax is :math:`q`; the slope by them is :math:`q_k - p_k`.
    reduction : {"mean", "sum", "none"}, default="mean"
        How the divergences of the rows become one number.

    y_true is :math:`p`, y_pred is :math:`q`, both of shape (..., K), each row a distribution. Where q is 0 and p is not
    the divergence is infinite; here q counts as the root of the smallest normal number, and the value stays finite.

    References
    ----------
    Kullback and Leibler (1951), "On information and sufficiency", Annals of Mathematical Statistics 22.

    Examples
    --------
    >>> from diorama.losses import KLDivergence
    >>> round(KLDivergence()([[1.0, 0.0]], [[0.5, 0.5]]), 6)
    0.693147
    """

    _n_inner = 1

    def __init__(self, *, from_logits: bool = False, reduction: Reduction = "mean") -> None:
        super().__init__(reduction=reduction)
        check_flag("from_logits", from_logits)
        self.from_logits = from_logits

    def _read(self, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
        target, prediction = super()._read(y_true, y_pred)
        if prediction.ndim == 0:
            raise ValueError("y_pred has shape (); expected (..., n_classes).")
        check_probabilities("y_true", target, rows=True)
        if not self.from_logits:
            check_probabilities("y_pred", prediction, rows=True)
        return target, prediction

    def _parts(self, target: Array, prediction: Array) -> Array:
        log_q = log_softmax(prediction) if self.from_logits else np.log(floored(prediction))
        parts: Array = (xlogy(target, target) - target * log_q).sum(axis=-1)  #: value
        return parts

    def _slopes(self, target: Array, prediction: Array) -> Array:
        if self.from_logits:
            slopes: Array = softmax(prediction) * target.sum(axis=-1, keepdims=True) - target
        else:
            slopes = -target / floored(prediction)  #: slope
        return slopes
