"""The live pictures of the losses: a prediction walks past its target; loss and slope are computed at each place."""

from typing import Final, Literal

import numpy as np
from numpy.typing import ArrayLike

from diorama.losses import MAE, MSE, RMSE, CrossEntropy, Hinge, Huber, KLDivergence, Loss, fit_line, sweep
from diorama.recording import record
from diorama.scenes import Scene

PLACES = 33
LINE: Final = "a line with an outlier"
Shown = Literal["a line with an outlier", "one prediction"]


def mse(shown: Shown = LINE, outlier: float = 8.0, target: float = 1.0) -> Scene:
    """A line by squared errors with one point pulled aside, or the loss of predictions around this target."""
    return _line(MSE(), outlier) if shown == LINE else _walk(MSE(), target, np.linspace(-5.0, 5.0, PLACES))


def rmse(target: float = 1.0) -> Scene:
    """Root of the squared error of one prediction, which is the error's size."""
    return _walk(RMSE(), target, np.linspace(-5.0, 5.0, PLACES))


def mae(shown: Shown = LINE, outlier: float = 8.0, target: float = 1.0) -> Scene:
    """A line by absolute errors with one point pulled aside, or the loss of predictions around this target."""
    return _line(MAE(), outlier) if shown == LINE else _walk(MAE(), target, np.linspace(-5.0, 5.0, PLACES))


def huber(shown: Shown = LINE, outlier: float = 8.0, delta: float = 1.0) -> Scene:
    """A line by Huber's loss with one point pulled aside, or the loss around the target 0."""
    return _line(Huber(delta), outlier) if shown == LINE else _walk(Huber(delta), 0.0, np.linspace(-5.0, 5.0, PLACES))


def hinge(label: int = 1, squared: bool = False, farthest: float = 3.0) -> Scene:
    """The hinge over scores up to the farthest, for a point of this label."""
    return _walk(Hinge(squared=squared), float(label), np.linspace(-farthest, farthest, PLACES))


def cross_entropy(n_classes: int = 3, label_smoothing: float = 0.0) -> Scene:
    """The probability of the true class grows from next to nothing to certainty; the others share the rest."""
    share = np.linspace(0.01, 0.99, PLACES)
    rest = np.repeat((1 - share)[:, None] / (n_classes - 1), n_classes - 1, axis=1)
    loss = CrossEntropy(from_logits=False, label_smoothing=label_smoothing)
    return _walk(loss, np.eye(n_classes)[0], np.column_stack([share, rest]))


def kullback_leibler(first: float = 0.6) -> Scene:
    """A belief walks in a straight line through the true distribution, whose first probability is given."""
    true = np.array([first, 0.7 * (1 - first), 0.3 * (1 - first)])
    share = np.linspace(0.01, 0.99, PLACES)[:, None]
    return _walk(KLDivergence(), true, np.hstack([share, (1 - share) * true[1:] / (1 - first)]))


def _line(loss: MSE | MAE | Huber, outlier: float) -> Scene:
    x = np.linspace(0.0, 10.0, 21)
    y = 1.0 + 0.5 * x + np.random.default_rng(0).normal(0.0, 0.4, x.size)
    y[-2] += outlier
    with record(max_frames=40) as recording:
        fit_line(loss, x, y)
    return recording.scene()


def _walk(loss: Loss, target: ArrayLike, predictions: ArrayLike) -> Scene:
    with record(max_frames=40) as recording:
        sweep(loss, target, predictions)
    return recording.scene()
