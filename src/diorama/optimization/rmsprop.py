"""RMSProp: divide each coordinate's slope by how large its slopes have been lately.

Adagrad's sum never forgets; a running mean does. So steps stay about as long as the learning rate in every coordinate,
whatever the scale of the function, and do not die out. Near a minimum they do not shrink either: let the rate fall.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.optimization.optimizer import Optimizer, check_not_negative, check_rate, check_share, decayed
from diorama.optimization.schedules import Rate, rate_at


class Memory(NamedTuple):
    """What RMSProp remembers."""

    n_steps: int  # taken so far
    squares: Array  # like x: running mean of squared gradients


@dataclass(frozen=True)
class RMSProp(Optimizer):
    r"""RMSProp [1]_.

    .. math:: v_{t+1} = \rho v_t + (1 - \rho) g_t^2, \qquad
              x_{t+1} = x_t - \alpha_t \frac{g_t}{\sqrt{v_{t+1}} + \varepsilon}, \qquad
              g_t = \nabla f(x_t) + \lambda x_t

    entry by entry.

    Parameters
    ----------
    learning_rate : float or Schedule, default=0.01
        :math:`\alpha_t`, about the length of a step in each coordinate.
    alpha : float, default=0.99
        :math:`\rho`, the share of the running mean that each step keeps.
    eps : float, default=1e-8
        :math:`\varepsilon`.
    weight_decay : float, default=0.0
        :math:`\lambda`.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, `alpha` is outside [0, 1), or another parameter is negative.

    References
    ----------
    .. [1] Tieleman, Hinton (2012), "Lecture 6.5, rmsprop", COURSERA: Neural Networks for Machine Learning.

    Examples
    --------
    The mean starts at zero, so that the first step is 1/sqrt(1 - 0.99) = 10 rates long:

    >>> import numpy as np
    >>> optimizer, x = RMSProp(learning_rate=0.01), np.array([0.0])
    >>> x, state = optimizer.update(np.array([5.0]), optimizer.init(x), x)
    >>> print(x.round(6))
    [-0.1]
    """

    learning_rate: Rate = 0.01
    alpha: float = 0.99
    eps: float = 1e-8
    weight_decay: float = 0.0
    formula: ClassVar[str] = (
        r"v \leftarrow \rho v + (1 - \rho) g^2, \quad x \leftarrow x - \alpha\,\frac{g}{\sqrt{v} + \varepsilon}"
    )

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        check_share("alpha", self.alpha)
        check_not_negative(eps=self.eps, weight_decay=self.weight_decay)

    def init(self, x: Array) -> Memory:
        """No slope seen."""
        return Memory(0, np.zeros_like(x))

    def update(self, gradient: Array, state: Memory, x: Array) -> tuple[Array, Memory]:
        """A step divided by the root of the mean of recent squared slopes."""
        gradient = decayed(gradient, x, self.weight_decay)
        squares = self.alpha * state.squares + (1 - self.alpha) * gradient**2  #: mean
        x = x - rate_at(self.learning_rate, state.n_steps) * gradient / (np.sqrt(squares) + self.eps)  #: update
        return x, Memory(state.n_steps + 1, squares)
