"""Adam: momentum and RMSProp together, both corrected for having started at zero.

The mean of recent gradients says where to go, the mean of their squares how far to trust it: where slopes keep their
sign a step is as long as the learning rate, where they change it is shorter.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama._validation import described
from diorama.optimization.optimizer import Optimizer, check_not_negative, check_rate, check_share, decayed
from diorama.optimization.schedules import Rate, rate_at


class Moments(NamedTuple):
    """What Adam remembers."""

    n_steps: int  # taken so far
    means: Array  # like x: running mean of gradients
    squares: Array  # like x: running mean of squared gradients


@dataclass(frozen=True)
class Adam(Optimizer):
    r"""Adam [1]_.

    .. math:: m_t = \beta_1 m_{t-1} + (1 - \beta_1) g_t, \qquad v_t = \beta_2 v_{t-1} + (1 - \beta_2) g_t^2, \qquad
              x_t = x_{t-1} - \alpha_t \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon}

    entry by entry, :math:`t = 1, 2, \ldots`, with :math:`g_t = \nabla f(x_{t-1}) + \lambda x_{t-1}`. Both means start
    at zero and are too small by exactly the factors they are divided by.

    Parameters
    ----------
    learning_rate : float or Schedule, default=0.001
        :math:`\alpha_t`, about the longest step in any coordinate.
    betas : pair of float, default=(0.9, 0.999)
        :math:`\beta_1, \beta_2`, the shares of the two means that each step keeps.
    eps : float, default=1e-8
        :math:`\varepsilon`.
    weight_decay : float, default=0.0
        :math:`\lambda`, here part of the gradient and so divided like it; `AdamW` keeps it apart.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, a beta is outside [0, 1), or another parameter is negative.

    References
    ----------
    .. [1] Kingma, Ba (2015), "Adam: a method for stochastic optimization", ICLR.

    Examples
    --------
    The first step is one rate long, against the sign of the slope:

    >>> import numpy as np
    >>> optimizer, x = Adam(learning_rate=0.1), np.array([0.0, 0.0])
    >>> x, state = optimizer.update(np.array([1000.0, -0.001]), optimizer.init(x), x)
    >>> print(x.round(4))
    [-0.1  0.1]
    """

    learning_rate: Rate = 0.001
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.0
    formula: ClassVar[str] = (
        r"m \leftarrow \beta_1 m + (1 - \beta_1) g, \quad v \leftarrow \beta_2 v + (1 - \beta_2) g^2, \quad "
        r"x \leftarrow x - \alpha\,\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}"
    )

    def __post_init__(self) -> None:
        check_moments(self.learning_rate, self.betas, self.eps, self.weight_decay)

    def init(self, x: Array) -> Moments:
        """No slope seen."""
        return no_moments(x)

    def update(self, gradient: Array, state: Moments, x: Array) -> tuple[Array, Moments]:
        """A step by the mean of the slopes over the root of their mean square."""
        moments = moved_moments(decayed(gradient, x, self.weight_decay), state, self.betas)  #: moments
        rate = rate_at(self.learning_rate, state.n_steps)
        return x - rate * direction(moments, self.betas, self.eps), moments  #: update


def no_moments(x: Array) -> Moments:
    """Before the first step."""
    return Moments(0, np.zeros_like(x), np.zeros_like(x))


def moved_moments(gradient: Array, state: Moments, betas: tuple[float, float]) -> Moments:
    """Both running means with one more gradient in them."""
    means = betas[0] * state.means + (1 - betas[0]) * gradient
    squares = betas[1] * state.squares + (1 - betas[1]) * gradient**2
    return Moments(state.n_steps + 1, means, squares)


def direction(moments: Moments, betas: tuple[float, float], eps: float) -> Array:
    """Mean over root mean square, each corrected for its start at zero."""
    t = moments.n_steps
    sizes = np.sqrt(moments.squares) / (1 - betas[1] ** t) ** 0.5 + eps
    towards: Array = moments.means / (1 - betas[0] ** t) / sizes
    return towards


def check_moments(learning_rate: Rate, betas: object, eps: float, weight_decay: float) -> None:
    """ValueError for what neither Adam nor AdamW can work with."""
    check_rate(learning_rate)
    if not isinstance(betas, Sequence) or isinstance(betas, str) or len(betas) != 2:
        kind = ValueError if isinstance(betas, Sequence) else TypeError
        raise kind(f"betas must be two numbers; got {described(betas)}.")
    for beta in betas:
        check_share("each of betas", beta)
    check_not_negative(eps=eps, weight_decay=weight_decay)
