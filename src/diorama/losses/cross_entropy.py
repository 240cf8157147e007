"""Cross-entropy: minus the log of the probability given to the right one of several classes."""

import numpy as np
from numpy.typing import ArrayLike

from diorama._typing import Array
from diorama._validation import check_flag, real_array
from diorama.losses._checks import as_floats, check_probabilities, check_share, floored
from diorama.losses._softmax import log_softmax, softmax
from diorama.losses.loss import Loss, Reduction


class CrossEntropy(Loss):
    r"""Surprise of predicted class probabilities at the true classes.

    .. math:: \ell(y, p) = -\sum_k y_k \log p_k, \qquad p_k = e^{z_k} / \textstyle\sum_j e^{z_j}, \qquad
              \partial\ell / \partial z_k = p_k - y_k

    Parameters
    ----------
    from_logits : bool, default=True
        Whether y_pred holds logits :math:`z` or probabilities :math:`p`.
    label_smoothing : float, default=0.0
        :math:`s` in [0, 1): targets become :math:`(1 - s) y_k + s / K`.
    reduction : {"mean", "sum", "none"}, default="mean"
        How the losses of the rows become one number.

    y_pred has shape (..., K), classes last. y_true is either class indices, whole numbers of shape (...), or
    probabilities (one-hot among them) of shape (..., K). A probability below the root of the smallest normal number
    counts as that, so that value and gradient are always finite.

    References
    ----------
    Bishop (2006), "Pattern Recognition and Machine Learning", section 4.3.4. Label smoothing: Szegedy et al. (2016),
    "Rethinking the inception architecture for computer vision", section 7.

    Examples
    --------
    >>> from diorama.losses import CrossEntropy
    >>> CrossEntropy()([2], [[0.0, 0.0, 0.0]])
    1.0986122886681098
    >>> CrossEntropy(from_logits=False).gradient([[0, 1]], [[0.5, 0.5]])
    array([[-0., -2.]])
    """

    _n_inner = 1

    def __init__(
        self, *, from_logits: bool = True, label_smoothing: float = 0.0, reduction: Reduction = "mean"
    ) -> None:
        super().__init__(reduction=reduction)
        check_flag("from_logits", from_logits)
        check_share("label_smoothing", label_smoothing)
        self.from_logits = from_logits
        self.label_smoothing = label_smoothing

    def _read(self, y_true: ArrayLike, y_pred: ArrayLike) -> tuple[Array, Array]:
        prediction = as_floats("y_pred", y_pred)
        if prediction.ndim == 0:
            raise ValueError("y_pred has shape (); expected (..., n_classes).")
        if not self.from_logits:
            check_probabilities("y_pred", prediction, rows=True)
        target = _targets(real_array("y_true", y_true), prediction)
        return (1 - self.label_smoothing) * target + self.label_smoothing / prediction.shape[-1], prediction

    def _parts(self, target: Array, prediction: Array) -> Array:
        log_p = log_softmax(prediction) if self.from_logits else np.log(floored(prediction))
        parts: Array = -(target * log_p).sum(axis=-1)  #: value
        return parts

    def _slopes(self, target: Array, prediction: Array) -> Array:
        if not self.from_logits:
            slopes: Array = -target / floored(prediction)
        else:
            slopes = softmax(prediction) - target  #: slope
        return slopes


def _targets(y_true: Array, prediction: Array) -> Array:
    """Class indices or probabilities as probabilities in the shape of `prediction`."""
    if y_true.shape == prediction.shape:
        target = as_floats("y_true", y_true, prediction.dtype)
        check_probabilities("y_true", target, rows=True)
        return target
    if y_true.shape != prediction.shape[:-1]:
        raise ValueError(
            f"y_true has shape {y_true.shape}; expected {prediction.shape[:-1]} for class indices or "
            f"{prediction.shape} for probabilities, as y_pred has shape {prediction.shape}."
        )
    if y_true.dtype.kind not in "iub":
        raise TypeError(f"y_true of shape {y_true.shape} must hold whole class indices; its type is {y_true.dtype}.")
    n_classes = prediction.shape[-1]
    if y_true.min() < 0 or y_true.max() >= n_classes:
        raise ValueError(
            f"y_true must hold class indices from 0 to {n_classes - 1}; got {y_true.min()} to {y_true.max()}."
        )
    one_hot: Array = np.eye(n_classes, dtype=prediction.dtype)[y_true.astype(np.intp)]
    return one_hot
