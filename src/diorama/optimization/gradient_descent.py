"""Gradient descent: step against the gradient, in proportion to it.

The gradient points up the steepest slope, so its opposite is the quickest way down, as far as the slope keeps its
direction. On a function whose curvature is at most L, a learning rate below 2/L lowers the value at every step.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from diorama._typing import Array
from diorama.optimization.optimizer import Optimizer, check_rate
from diorama.optimization.schedules import Rate, Schedule, rate_at


@dataclass(frozen=True)
class GradientDescent(Optimizer):
    r"""Plain gradient descent [1]_.

    .. math:: x_{t+1} = x_t - \alpha \nabla f(x_t)

    `SGD` is the same rule fed with the gradient of a few rows instead of all; it can shrink weights as well.

    Parameters
    ----------
    learning_rate : float or Schedule, default=0.01
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

    learning_rate: Rate = 0.01
    formula: ClassVar[str] = r"x \leftarrow x - \alpha\,\nabla f(x)"

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)

    @property
    def plain_rate(self) -> float | None:
        """The learning rate, unless it changes: nothing else is done here."""
        return None if isinstance(self.learning_rate, Schedule) else self.learning_rate

    @classmethod
    def for_curvature(cls, curvature: float) -> Self:
        """Half of the largest safe rate: on a quadratic the best that the largest curvature alone can promise."""
        return cls(learning_rate=1 / curvature)

    def safe_rate(self, curvature: float) -> float:
        """2 / curvature: each step then shortens the way along every axis of a quadratic."""
        return 2 / curvature

    def init(self, x: Array) -> Any:
        """The number of steps taken, for the sake of schedules."""
        return 0

    def update(self, gradient: Array, state: Any, x: Array) -> tuple[Array, Any]:
        """A step against the gradient."""
        return x - rate_at(self.learning_rate, state) * gradient, state + 1  #: update
