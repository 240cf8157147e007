"""What gradient boosting lowers: losses of one raw prediction a row, or of one a class.

Each says which constant to start from, how it rises with the raw prediction (gradient) and how that rise changes
(hessian). Where a loss has kinks, the second derivative says nothing: 1 stands in for it, and the value of each leaf is
found exactly afterwards.
"""

from abc import ABC, abstractmethod
from typing import Protocol

import numpy as np
from scipy.special import log_softmax, logit, softmax, xlogy

from diorama._class_losses import binary_losses
from diorama._typing import Array

TINY = float(np.finfo(np.float64).tiny)


class Loss(Protocol):
    """y, w (n_samples,); raw, gradients and hessians (n_samples, n_outputs)."""

    def start(self, y: Array, w: Array) -> Array:
        """(n_outputs,) the constant of least loss."""

    def judge(self, y: Array, w: Array, raw: Array, gradients: Array, hessians: Array) -> float:
        """The weighted sum of the losses; fills in its gradients and hessians by the raw predictions."""


class RowLoss(ABC):
    """A loss given row by row."""

    @abstractmethod
    def derivatives(self, y: Array, raw: Array) -> tuple[Array, Array]:
        """Gradients and hessians of each row's loss."""

    @abstractmethod
    def losses(self, y: Array, raw: Array) -> Array:
        """(n_samples,) what each row costs."""

    def judge(self, y: Array, w: Array, raw: Array, gradients: Array, hessians: Array) -> float:
        for out, derivatives in zip((gradients, hessians), self.derivatives(y, raw), strict=True):
            np.multiply(derivatives, w[:, None], out=out)
        return float(w @ self.losses(y, raw))


class SquaredError(RowLoss):
    """(y - r)^2 / 2"""

    def start(self, y: Array, w: Array) -> Array:
        return np.array([np.average(y, weights=w)])

    def derivatives(self, y: Array, raw: Array) -> tuple[Array, Array]:
        return raw - y[:, None], np.ones_like(raw)

    def losses(self, y: Array, raw: Array) -> Array:
        squares: Array = (y - raw[:, 0]) ** 2 / 2
        return squares


class Quantile(RowLoss):
    """q (y - r) where y is above r, (1 - q) (r - y) where it is below: least at the q-quantile."""

    def __init__(self, q: float) -> None:
        self.q = q

    def start(self, y: Array, w: Array) -> Array:
        return np.array([self.leaf_value(y, w)])

    def derivatives(self, y: Array, raw: Array) -> tuple[Array, Array]:
        return np.where(y[:, None] > raw, -self.q, 1 - self.q), np.ones_like(raw)

    def losses(self, y: Array, raw: Array) -> Array:
        above = y - raw[:, 0]
        return np.where(above > 0, self.q * above, (self.q - 1) * above)

    def leaf_value(self, residuals: Array, w: Array) -> float:
        """What is best added to the raw predictions of these rows."""
        return weighted_quantile(residuals, w, self.q)


class AbsoluteError(Quantile):
    """|y - r|, twice the loss of the 0.5-quantile"""

    def __init__(self) -> None:
        super().__init__(0.5)

    def derivatives(self, y: Array, raw: Array) -> tuple[Array, Array]:
        return np.where(y[:, None] > raw, -1.0, 1.0), np.ones_like(raw)

    def losses(self, y: Array, raw: Array) -> Array:
        distances: Array = np.abs(y - raw[:, 0])
        return distances


class Poisson(RowLoss):
    """e^r - y r, for counts y >= 0 whose mean is e^r"""

    def start(self, y: Array, w: Array) -> Array:
        return np.array([np.log(max(np.average(y, weights=w), TINY))])

    def derivatives(self, y: Array, raw: Array) -> tuple[Array, Array]:
        mean = np.exp(raw)
        return mean - y[:, None], mean

    def losses(self, y: Array, raw: Array) -> Array:
        # half the deviance, so that a perfect prediction costs nothing
        half: Array = np.exp(raw[:, 0]) - y * raw[:, 0] + xlogy(y, y) - y
        return half


class Gamma(RowLoss):
    """r + y e^-r, for amounts y > 0 whose mean is e^r"""

    def start(self, y: Array, w: Array) -> Array:
        return np.array([np.log(np.average(y, weights=w))])

    def derivatives(self, y: Array, raw: Array) -> tuple[Array, Array]:
        share = y[:, None] * np.exp(-raw)
        return 1 - share, share

    def losses(self, y: Array, raw: Array) -> Array:
        half: Array = raw[:, 0] + y * np.exp(-raw[:, 0]) - np.log(y) - 1
        return half


class BinaryLogLoss:
    """-log of the probability of the row's class, which is sigmoid(r) for the second class; y is 0 or 1"""

    def start(self, y: Array, w: Array) -> Array:
        return np.array([logit(np.clip(np.average(y, weights=w), 1e-12, 1 - 1e-12))])

    def judge(self, y: Array, w: Array, raw: Array, gradients: Array, hessians: Array) -> float:
        return binary_losses(raw[:, 0], y, w, gradients[:, 0], hessians[:, 0])


class MultinomialLogLoss(RowLoss):
    """-log of the probability of the row's class, the softmax of r; y is the number of the class"""

    def __init__(self, n_classes: int) -> None:
        self.n_classes = n_classes

    def start(self, y: Array, w: Array) -> Array:
        shares = np.bincount(y.astype(int), weights=w, minlength=self.n_classes) / w.sum()
        logs = np.log(np.maximum(shares, 1e-12))
        start: Array = logs - logs.mean()
        return start

    def derivatives(self, y: Array, raw: Array) -> tuple[Array, Array]:
        likely = softmax(raw, axis=1)
        hessians = likely * (1 - likely)
        likely[np.arange(len(y)), y.astype(int)] -= 1
        return likely, hessians

    def losses(self, y: Array, raw: Array) -> Array:
        costs: Array = -log_softmax(raw, axis=1)[np.arange(len(y)), y.astype(int)]
        return costs


def weighted_quantile(values: Array, w: Array, q: float) -> float:
    """The middle of all numbers below which a share q of the weight lies, and above which 1 - q."""
    order = np.argsort(values, kind="stable")
    ends = np.cumsum(w[order])
    asked = q * ends[-1]
    near = 1e-12 * ends[-1]
    first = np.searchsorted(ends, asked - near)
    last = np.searchsorted(ends, asked + near, side="right")
    low, high = values[order[min(first, len(order) - 1)]], values[order[min(last, len(order) - 1)]]
    return float(low + (high - low) * q)
