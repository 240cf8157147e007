"""AdamW: Adam, with weights that shrink by a share of themselves instead of by a part of the gradient.

Put into the gradient, a penalty on large weights is divided by the size of the gradients like everything else, and so
weighs least where slopes are steep. Taken off the weights directly it draws all of them to zero alike.
"""

from dataclasses import dataclass
from typing import ClassVar

from diorama._typing import Array
from diorama.optimization.adam import Moments, check_moments, direction, moved_moments, no_moments
from diorama.optimization.optimizer import Optimizer
from diorama.optimization.schedules import Rate, rate_at


@dataclass(frozen=True)
class AdamW(Optimizer):
    r"""Adam with decoupled weight decay [1]_.

    .. math:: x_t = (1 - \alpha_t \lambda)\,x_{t-1}
              - \alpha_t \frac{m_t / (1 - \beta_1^t)}{\sqrt{v_t / (1 - \beta_2^t)} + \varepsilon}

    with the means :math:`m_t, v_t` of `Adam`, taken of the gradient alone.

    Parameters
    ----------
    learning_rate : float or Schedule, default=0.001
        :math:`\alpha_t`.
    betas : pair of float, default=(0.9, 0.999)
        :math:`\beta_1, \beta_2`.
    eps : float, default=1e-8
        :math:`\varepsilon`.
    weight_decay : float, default=0.01
        :math:`\lambda`. It is not 0 by default, so that where this method rests is near a minimum and not on it.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, a beta is outside [0, 1), or another parameter is negative.

    References
    ----------
    .. [1] Loshchilov, Hutter (2019), "Decoupled weight decay regularization", ICLR.

    Examples
    --------
    With no slope at all, the weights shrink by the share rate * decay:

    >>> import numpy as np
    >>> optimizer, x = AdamW(learning_rate=0.1, weight_decay=0.5), np.array([2.0])
    >>> x, state = optimizer.update(np.array([0.0]), optimizer.init(x), x)
    >>> print(x)
    [1.9]
    """

    learning_rate: Rate = 0.001
    betas: tuple[float, float] = (0.9, 0.999)
    eps: float = 1e-8
    weight_decay: float = 0.01
    formula: ClassVar[str] = (
        r"x \leftarrow (1 - \alpha\lambda)\,x - "
        r"\alpha\,\frac{m / (1 - \beta_1^t)}{\sqrt{v / (1 - \beta_2^t)} + \varepsilon}"
    )

    def __post_init__(self) -> None:
        check_moments(self.learning_rate, self.betas, self.eps, self.weight_decay)

    def init(self, x: Array) -> Moments:
        """No slope seen."""
        return no_moments(x)

    def update(self, gradient: Array, state: Moments, x: Array) -> tuple[Array, Moments]:
        """Shrink, then step as Adam does."""
        moments = moved_moments(gradient, state, self.betas)  #: moments
        rate = rate_at(self.learning_rate, state.n_steps)
        smaller = (1 - rate * self.weight_decay) * x  #: shrink
        return smaller - rate * direction(moments, self.betas, self.eps), moments  #: update
