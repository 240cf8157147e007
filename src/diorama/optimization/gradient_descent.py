"""Gradient descent: step against the gradient, in proportion to it.

The gradient points up the steepest slope, so its opposite is the quickest way down, as far as the slope keeps its
direction. On a function whose curvature is at most L, a learning rate below 2/L lowers the value at every step.
"""

import math
from typing import Any

from diorama._typing import Array
from diorama.optimization.optimizer import Optimizer


class GradientDescent(Optimizer):
    r"""Plain gradient descent with a fixed learning rate [1]_.

    .. math:: x_{t+1} = x_t - \alpha \nabla f(x_t)

    Parameters
    ----------
    learning_rate : float, default=0.01
        :math:`\alpha`, the length of a step for each unit of gradient. Safe below 2/L, where L is the largest
        curvature (the largest eigenvalue of the Hessian).

    Raises
    ------
    ValueError
        When the learning rate is not a positive finite number.

    References
    ----------
    .. [1] Cauchy (1847), "Méthode générale pour la résolution des systèmes d'équations simultanées", Comptes rendus
       25, 536-538.

    Examples
    --------
    One step down f(x) = x^2 from 3, where the gradient is 6:

    >>> import numpy as np
    >>> optimizer = GradientDescent(learning_rate=0.1)
    >>> x = np.array([3.0])
    >>> x, state = optimizer.update(2 * x, optimizer.init(x), x)
    >>> print(x)
    [2.4]
    """

    def __init__(self, learning_rate: float = 0.01) -> None:
        if not (math.isfinite(learning_rate) and learning_rate > 0):
            raise ValueError(f"learning_rate must be a positive finite number; got {learning_rate!r}.")
        self.learning_rate = learning_rate

    def __repr__(self) -> str:
        return f"GradientDescent(learning_rate={self.learning_rate!r})"

    @property
    def plain_rate(self) -> float:
        """The learning rate: nothing else is done here."""
        return self.learning_rate

    def init(self, x: Array) -> Any:
        """Nothing is remembered."""
        return ()

    def update(self, gradient: Array, state: Any, x: Array) -> tuple[Array, Any]:
        """A step against the gradient."""
        return x - self.learning_rate * gradient, state  #: update
