"""Adadelta: Adagrad with a memory that fades, and steps whose unit comes out right.

A gradient has the unit of f over that of x, so a step in proportion to it has the wrong one. Dividing by the size of
recent gradients and multiplying by the size of recent steps mends that, and leaves no learning rate to choose.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.optimization.optimizer import Optimizer, check_not_negative, check_rate, check_share, decayed
from diorama.optimization.schedules import Rate, rate_at


class Memory(NamedTuple):
    """What Adadelta remembers."""

    n_steps: int  # taken so far
    squares: Array  # like x: running mean of squared gradients
    moves: Array  # like x: running mean of squared steps


@dataclass(frozen=True)
class Adadelta(Optimizer):
    r"""Adadelta [1]_.

    .. math:: v_{t+1} = \rho v_t + (1 - \rho) g_t^2, \qquad
              \Delta_t = \frac{\sqrt{u_t + \varepsilon}}{\sqrt{v_{t+1} + \varepsilon}}\, g_t, \qquad
              u_{t+1} = \rho u_t + (1 - \rho) \Delta_t^2, \qquad x_{t+1} = x_t - \alpha_t \Delta_t

    entry by entry, with :math:`g_t = \nabla f(x_t) + \lambda x_t`.

    Parameters
    ----------
    learning_rate : float or Schedule, default=1.0
        :math:`\alpha_t`; 1 is the method as it was published.
    rho : float, default=0.9
        :math:`\rho`, the share of the running means that each step keeps.
    eps : float, default=1e-6
        :math:`\varepsilon`. It sets the length of the very first steps, about its root, and how they can grow.
    weight_decay : float, default=0.0
        :math:`\lambda`.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, `rho` is outside [0, 1), or another parameter is negative.

    References
    ----------
    .. [1] Zeiler (2012), "ADADELTA: an adaptive learning rate method", arXiv 1212.5701.

    Examples
    --------
    The first steps are short, and do not care how steep it is:

    >>> import numpy as np
    >>> optimizer, x = Adadelta(), np.array([0.0, 0.0])
    >>> x, state = optimizer.update(np.array([1000.0, 1.0]), optimizer.init(x), x)
    >>> print(x.round(5))
    [-0.00316 -0.00316]
    """

    learning_rate: Rate = 1.0
    rho: float = 0.9
    eps: float = 1e-6
    weight_decay: float = 0.0
    formula: ClassVar[str] = (
        r"v \leftarrow \rho v + (1 - \rho) g^2, \quad "
        r"\Delta = \sqrt{\tfrac{u + \varepsilon}{v + \varepsilon}}\,g, \quad "
        r"u \leftarrow \rho u + (1 - \rho) \Delta^2, \quad x \leftarrow x - \alpha \Delta"
    )

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        check_share("rho", self.rho)
        check_not_negative(eps=self.eps, weight_decay=self.weight_decay)

    def init(self, x: Array) -> Memory:
        """No slope seen and no step taken."""
        return Memory(0, np.zeros_like(x), np.zeros_like(x))

    def update(self, gradient: Array, state: Memory, x: Array) -> tuple[Array, Memory]:
        """A step as long as recent steps, along the gradient as large as recent gradients."""
        gradient = decayed(gradient, x, self.weight_decay)
        squares = self.rho * state.squares + (1 - self.rho) * gradient**2  #: mean
        move = np.sqrt(state.moves + self.eps) / np.sqrt(squares + self.eps) * gradient  #: move
        moves = self.rho * state.moves + (1 - self.rho) * move**2
        x = x - rate_at(self.learning_rate, state.n_steps) * move  #: update
        return x, Memory(state.n_steps + 1, squares, moves)
