"""Momentum: let the steps add up, as a heavy ball does that rolls downhill.

Where slopes agree from step to step the velocity grows, up to 1/(1 - momentum) times a plain step; where they change
sign, as across a narrow valley, they cancel. On a quadratic of condition number k the best settings need about sqrt(k)
steps where plain descent needs k.
"""

from dataclasses import dataclass
from typing import ClassVar, Self

from diorama._typing import Array
from diorama.optimization.optimizer import (
    Optimizer,
    Velocity,
    at_rest,
    check_not_negative,
    check_rate,
    check_share,
    decayed,
)
from diorama.optimization.schedules import Rate, rate_at


@dataclass(frozen=True)
class Momentum(Optimizer):
    r"""Gradient descent with momentum, Polyak's heavy ball [1]_.

    .. math:: v_{t+1} = \mu v_t + (1 - d)\,g_t, \qquad x_{t+1} = x_t - \alpha_t v_{t+1}, \qquad
              g_t = \nabla f(x_t) + \lambda x_t

    The first velocity is :math:`v_1 = g_0` whole, undamped, so that the first step is a plain one.

    Parameters
    ----------
    learning_rate : float or Schedule, default=0.001
        :math:`\alpha_t`. Safe below :math:`2(1 + \mu) / ((1 - d) L)` where L is the largest curvature.
    momentum : float, default=0.9
        :math:`\mu`, the share of the velocity that each step keeps.
    dampening : float, default=0.0
        :math:`d`. With :math:`d = \mu` the velocity is a running mean of the gradients instead of their sum.
    weight_decay : float, default=0.0
        :math:`\lambda`.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, a share is outside [0, 1) or the decay is negative.

    References
    ----------
    .. [1] Polyak (1964), "Some methods of speeding up the convergence of iteration methods", USSR Computational
       Mathematics and Mathematical Physics 4(5).

    Examples
    --------
    Two steps on a slope of 1: the second is longer by nine tenths of the first.

    >>> import numpy as np
    >>> optimizer, x = Momentum(learning_rate=1.0), np.array([0.0])
    >>> state = optimizer.init(x)
    >>> for _ in range(2):
    ...     x, state = optimizer.update(np.array([1.0]), state, x)
    >>> print(x, state.velocity)
    [-2.9] [1.9]
    """

    learning_rate: Rate = 0.001
    momentum: float = 0.9
    dampening: float = 0.0
    weight_decay: float = 0.0
    formula: ClassVar[str] = r"v \leftarrow \mu v + g, \quad x \leftarrow x - \alpha v"

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        check_share("momentum", self.momentum)
        check_share("dampening", self.dampening)
        check_not_negative(weight_decay=self.weight_decay)

    @classmethod
    def for_curvature(cls, curvature: float) -> Self:
        """The rate at which plain descent is best: it is safe here too."""
        return cls(learning_rate=1 / curvature)

    def safe_rate(self, curvature: float) -> float:
        """2 (1 + momentum) / ((1 - dampening) curvature), where the slowest of its two modes just stops to shrink."""
        return 2 * (1 + self.momentum) / ((1 - self.dampening) * curvature)

    def init(self, x: Array) -> Velocity:
        """At rest."""
        return at_rest(x)

    def update(self, gradient: Array, state: Velocity, x: Array) -> tuple[Array, Velocity]:
        """A push by the gradient, and a step as far as the velocity carries."""
        gradient = decayed(gradient, x, self.weight_decay)
        push = gradient if state.n_steps == 0 else (1 - self.dampening) * gradient
        velocity = self.momentum * state.velocity + push  #: push
        x = x - rate_at(self.learning_rate, state.n_steps) * velocity  #: update
        return x, Velocity(state.n_steps + 1, velocity)
