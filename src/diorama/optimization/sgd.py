"""Stochastic gradient descent: step against the gradient of a few rows, which is right on average and cheap.

The rule is that of gradient descent; what differs is the gradient it is fed. The mean over a batch of b rows drawn at
random points the right way on average, with a noise whose variance falls as 1/b, at b/n of the price.
"""

from dataclasses import dataclass
from typing import Any, ClassVar, Self

from diorama._typing import Array
from diorama.optimization.optimizer import Optimizer, check_not_negative, check_rate, decayed
from diorama.optimization.schedules import Rate, Schedule, rate_at


@dataclass(frozen=True)
class SGD(Optimizer):
    r"""Stochastic gradient descent [1]_: plain steps, whatever rows the gradient comes from.

    .. math:: x_{t+1} = x_t - \alpha_t (g_t + \lambda x_t), \qquad \mathrm{E}\,g_t = \nabla f(x_t)

    Fed with the gradient over all rows it is gradient descent: `GradientDescent` is this rule without
    :math:`\lambda`. The batches are not made here but where the rows are: ``batch_size`` of
    `GradientDescentRegressor` and `GradientDescentClassifier` says how many rows each :math:`g_t` is the mean of.

    Parameters
    ----------
    learning_rate : float or Schedule, default=0.001
        :math:`\alpha_t`. With noise in the gradient, a fixed rate ends in a cloud around the minimum whose size is in
        proportion to it; a falling schedule closes the cloud.
    weight_decay : float, default=0.0
        :math:`\lambda`, how strongly :math:`x` is drawn to zero: the gradient of :math:`\lambda/2\,\|x\|^2`.

    Raises
    ------
    ValueError
        When the rate is not positive and finite or the decay is negative.

    References
    ----------
    .. [1] Robbins, Monro (1951), "A stochastic approximation method", Annals of Mathematical Statistics 22(3).

    Examples
    --------
    >>> import numpy as np
    >>> optimizer = SGD(learning_rate=0.1)
    >>> x = np.array([3.0])
    >>> x, state = optimizer.update(2 * x, optimizer.init(x), x)
    >>> print(x)
    [2.4]
    """

    learning_rate: Rate = 0.001
    weight_decay: float = 0.0
    formula: ClassVar[str] = r"x \leftarrow x - \alpha\,(g + \lambda x)"

    def __post_init__(self) -> None:
        check_rate(self.learning_rate)
        check_not_negative(weight_decay=self.weight_decay)

    @property
    def plain_rate(self) -> float | None:
        """The learning rate, when it keeps still and nothing decays."""
        return None if self.weight_decay or isinstance(self.learning_rate, Schedule) else self.learning_rate

    @classmethod
    def for_curvature(cls, curvature: float) -> Self:
        """Half of the largest safe rate."""
        return cls(learning_rate=1 / curvature)

    def safe_rate(self, curvature: float) -> float:
        """2 / curvature, to which the decay adds its own."""
        return 2 / (curvature + self.weight_decay)

    def init(self, x: Array) -> Any:
        """The number of steps taken, for the sake of schedules."""
        return 0

    def update(self, gradient: Array, state: Any, x: Array) -> tuple[Array, Any]:
        """A step against the gradient it is given."""
        return x - rate_at(self.learning_rate, state) * decayed(gradient, x, self.weight_decay), state + 1  #: update
