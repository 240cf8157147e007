"""Adagrad: give every coordinate a learning rate of its own, which shrinks with the slopes it has seen.

A coordinate with steep slopes soon takes short steps, one that is seldom pushed keeps long ones: good for sparse
features. The sums only grow, so all steps shrink in time, sometimes before they have arrived.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.optimization.optimizer import Optimizer, check_not_negative, check_rate, decayed
from diorama.optimization.schedules import Rate, rate_at


class Memory(NamedTuple):
    """What Adagrad remembers."""

    n_steps: int  # taken so far
    squares: Array  # like x: sum of squared gradients


@dataclass(frozen=True)
class Adagrad(Optimizer):
    r"""Adagrad [1]_.

    .. math:: G_{t+1} = G_t + g_t^2, \qquad
              x_{t+1} = x_t - \frac{\alpha_t}{1 + t\,\eta} \frac{g_t}{\sqrt{G_{t+1}} + \varepsilon}, \qquad
              g_t = \nabla f(x_t) + \lambda x_t

    entry by entry.

    Parameters
    ----------
    learning_rate : float or Schedule, default=0.01
        :math:`\alpha_t`, the length of the first step in every coordinate.
    lr_decay : float, default=0.0
        :math:`\eta`.
    weight_decay : float, default=0.0
        :math:`\lambda`.
    initial_accumulator_value : float, default=0.0
        :math:`G_0`.
    eps : float, default=1e-10
        :math:`\varepsilon`, which keeps the quotient finite where no slope was ever seen.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, or another parameter is negative.

    References
    ----------
    .. [1] Duchi, Hazan, Singer (2011), "Adaptive subgradient methods for online learning and stochastic optimization",
       Journal of Machine Learning Research 12.

    Examples
    --------
    However unlike the slopes, the first step is as long in every coordinate:

    >>> import numpy as np
    >>> optimizer, x = Adagrad(learning_rate=0.5), np.array([0.0, 0.0])
    >>> x, state = optimizer.update(np.array([1000.0, 0.001]), optimizer.init(x), x)
    >>> print(x.round(6))
    [-0.5 -0.5]
    """

    learning_rate: Rate = 0.01
    lr_decay: float = 0.0
    weight_decay: float = 0.0
    initial_accumulator_value: float = 0.0
    eps: float = 1e-10
    formula: ClassVar[str] = r"G \leftarrow G + g^2, \quad x \leftarrow x - \alpha\,\frac{g}{\sqrt{G} + \varepsilon}"

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        check_not_negative(
            lr_decay=self.lr_decay,
            weight_decay=self.weight_decay,
            initial_accumulator_value=self.initial_accumulator_value,
            eps=self.eps,
        )

    def init(self, x: Array) -> Memory:
        """No slope seen, or as if some had been."""
        return Memory(0, np.full_like(x, self.initial_accumulator_value))

    def update(self, gradient: Array, state: Memory, x: Array) -> tuple[Array, Memory]:
        """A step divided by the root of all squared slopes so far."""
        gradient = decayed(gradient, x, self.weight_decay)
        rate = rate_at(self.learning_rate, state.n_steps) / (1 + state.n_steps * self.lr_decay)
        squares = state.squares + gradient**2  #: sum
        x = x - rate * gradient / (np.sqrt(squares) + self.eps)  #: update
        return x, Memory(state.n_steps + 1, squares)
