"""Binary cross-entropy: how surprised a predicted probability is by what happened."""

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import expit

from diorama._typing import Array
from diorama._validation import check_flag
from diorama.losses._checks import check_probabilities, check_share, floored
from diorama.losses.loss import Loss, Reduction


class BinaryCrossEntropy(Loss):
    r"""Minus the log of the probability that was given to what happened.

    .. math:: \ell(y, p) = -y \log p - (1 - y) \log(1 - p), \qquad p = 1 / (1 + e^{-z}), \qquad
              \partial\ell / \partial z = p - y

    Parameters
    ----------
    from_logits : bool, default=True
        Whether y_pred holds logits :math:`z` or probabilities :math:`p`.
    label_smoothing : float, default=0.0
        :math:`s` in [0, 1): targets become :math:`(1 - s) y + s / 2`.
    reduction : {"mean", "sum", "none"}, default="mean"
        How the parts become one number.

    y_true is :math:`y`, 0 or 1 or any probability between; both have one shape, any. Value and gradient are finite for
    all finite input: from logits nothing is lost, a probability below the root of the smallest normal number (1.5e-154,
    in float32 1.1e-19), or as near to 1, counts as that.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", section 4.3.2.

    Examples
    --------
    >>> from diorama.losses import BinaryCrossEntropy
    >>> BinaryCrossEntropy()([1, 0], [10000.0, 10000.0])
    5000.0
    >>> BinaryCrossEntropy().gradient([1, 0], [0.0, 10000.0])
    array([-0.25,  0.5 ])
    """

    def __init__(
        self, *, from_logits: bool = True, label_smoothing: float = 0.0, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        check_flag("from_logits", from_logits)
        check_share("label_smoothing", label_smoothing)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing

    def _read(self, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
        target, prediction = super()._read(y_true, y_pred)
        check_probabilities("y_true", target, rows=False)
        if not self.from_logits:
            check_probabilities("y_pred", prediction, rows=False)
        return (1 - self.label_smoothing) * target + self.label_smoothing / 2, prediction

    def _parts(self, target: Array, prediction: Array) -> Array:
        if not self.from_logits:
            likely, unlikely = floored(prediction), floored(1 - prediction)
            parts: Array = -target * np.log(likely) - (1 - target) * np.log(unlikely)
            return parts
        rest = np.log1p(np.exp(-np.abs(prediction)))
        # the logarithms of p and 1 - p, each without forming p
        parts = target * np.maximum(-prediction, 0) + (1 - target) * np.maximum(prediction, 0)
        parts += rest  #: value
        return parts

    def _slopes(self, target: Array, prediction: Array) -> Array:
        if not self.from_logits:
            slopes: Array = (1 - target) / floored(1 - prediction) - target / floored(prediction)
        else:
            slopes = expit(prediction) - target  #: slope
        return slopes
