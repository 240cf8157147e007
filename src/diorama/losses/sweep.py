"""Walk a prediction past its target, and see what a loss makes of every place on the way."""

from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama._validation import described
from diorama.losses._checks import as_floats
from diorama.losses.loss import Loss


class State(NamedTuple):
    """One place of the walk."""

    prediction: Array  # () a number, or (n_classes,) a row
    value: float  # the loss there
    slope: Array  # its gradient, like prediction


class Sweep(NamedTuple):
    """What is walked: told to observers."""

    loss: Loss
    target: Array  # () or (n_classes,)
    predictions: Array  # (n_places,) or (n_places, n_classes)


class SweepResult(NamedTuple):
    """The loss and its gradient at every place."""

    values: Array  # (n_places,)
    slopes: Array  # like the predictions


def sweep(loss: Loss, y_true: ArrayLike, y_pred: ArrayLike) -> SweepResult:
    """Value and slope of `loss` at each of several predictions of one target; watched, it shows them one by one.

    Parameters
    ----------
    loss : Loss
        Any; each prediction counts by itself, whatever its reduction.
    y_true : number or array-like of shape (n_classes,)
        The one target.
    y_pred : array-like of shape (n_places,) or (n_places, n_classes)
        The predictions, in the order of the walk.

    Raises
    ------
    ValueError
        For predictions whose rows are not shaped like the target, and what the loss itself refuses.

    Examples
    --------
    >>> from diorama.losses import MSE, sweep
    >>> sweep(MSE(), 1.0, [0.0, 1.0, 3.0]).values
    array([1., 0., 4.])
    """
    if not isinstance(loss, Loss):
        raise TypeError(f"loss must be a Loss, such as MSE(); got {described(loss)}.")
    target, predictions = as_floats("y_true", y_true, float), as_floats("y_pred", y_pred, float)
    if predictions.ndim not in (1, 2) or predictions.shape[1:] != target.shape:
        raise ValueError(f"y_pred has shape {predictions.shape}; expected (n_places, *{target.shape}), as y_true.")
    values = np.array([loss(target[None], place[None]) for place in predictions]).reshape(-1)
    slopes = np.array([loss.gradient(target[None], place[None])[0] for place in predictions])

    def states() -> Iterator[State]:
        for place, value, slope in zip(predictions, values, slopes, strict=True):
            yield State(place, float(value), slope)

    show(states, total=len(predictions), fit=Fit(Sweep(loss, target, predictions)))
    return SweepResult(values, slopes)
