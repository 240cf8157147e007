"""Nesterov's momentum: look where the velocity is about to carry you before you correct it.

The heavy ball corrects its course only after it has overshot. Here the step is taken as if the next push were already
part of the velocity, which brakes earlier. On smooth convex functions this lowers the error as 1/t^2 where plain
descent promises 1/t, and no method that sees only gradients can promise a better power.
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
class Nesterov(Optimizer):
    r"""Gradient descent with Nesterov's momentum [1]_, in the form that needs the gradient at the current point [2]_.

    .. math:: v_{t+1} = \mu v_t + g_t, \qquad x_{t+1} = x_t - \alpha_t (g_t + \mu v_{t+1}), \qquad
              g_t = \nabla f(x_t) + \lambda x_t

    Parameters
    ----------
    learning_rate : float or Schedule, default=0.001
        :math:`\alpha_t`. Safe below :math:`2(1 + \mu) / ((1 + 2\mu) L)` where L is the largest curvature.
    momentum : float, default=0.9
        :math:`\mu`, the share of the velocity that each step keeps.
    weight_decay : float, default=0.0
        :math:`\lambda`.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, the momentum is outside [0, 1) or the decay is negative.

    References
    ----------
    .. [1] Nesterov (1983), "A method for solving the convex programming problem with convergence rate O(1/k^2)", Soviet
       Mathematics Doklady 27.
    .. [2] Sutskever, Martens, Dahl, Hinton (2013), "On the importance of initialization and momentum in deep
       learning", ICML.

    Examples
    --------
    One step on a slope of 1: the push, and nine tenths of the velocity that it leaves.

    >>> import numpy as np
    >>> optimizer, x = Nesterov(learning_rate=1.0), np.array([0.0])
    >>> x, state = optimizer.update(np.array([1.0]), optimizer.init(x), x)
    >>> print(x)
    [-1.9]
    """

    learning_rate: Rate = 0.001
    momentum: float = 0.9
    weight_decay: float = 0.0
    formula: ClassVar[str] = r"v \leftarrow \mu v + g, \quad x \leftarrow x - \alpha\,(g + \mu v)"

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        check_share("momentum", self.momentum)
        check_not_negative(weight_decay=self.weight_decay)

    @classmethod
    def for_curvature(cls, curvature: float) -> Self:
        """The rate that the theory of smooth functions asks for, 1 / curvature."""
        return cls(learning_rate=1 / curvature)

    def safe_rate(self, curvature: float) -> float:
        """2 (1 + momentum) / ((1 + 2 momentum) curvature): less than without looking ahead."""
        return 2 * (1 + self.momentum) / ((1 + 2 * self.momentum) * curvature)

    def init(self, x: Array) -> Velocity:
        """At rest."""
        return at_rest(x)

    def update(self, gradient: Array, state: Velocity, x: Array) -> tuple[Array, Velocity]:
        """A push, and a step that reckons with the next one."""
        gradient = decayed(gradient, x, self.weight_decay)
        velocity = self.momentum * state.velocity + gradient  #: push
        ahead = gradient + self.momentum * velocity  #: ahead
        x = x - rate_at(self.learning_rate, state.n_steps) * ahead  #: update
        return x, Velocity(state.n_steps + 1, velocity)
