"""Learning-rate schedules: a rate that changes as the steps go by.

Any optimizer takes one in place of a number. A schedule is a function of the number of steps taken so far, so it has
no memory of its own: the optimizer counts.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias

from diorama._validation import check_real, check_whole


class Schedule(ABC):
    """The learning rate as a function of the steps taken so far."""

    @abstractmethod
    def __call__(self, n_steps: int) -> float:
        """The rate of the step that follows `n_steps` others."""


# what an optimizer takes as its learning rate
Rate: TypeAlias = float | Schedule


def rate_at(learning_rate: Rate, n_steps: int) -> float:
    """The rate of the step that follows `n_steps` others; a number is the same at every step."""
    return learning_rate(n_steps) if callable(learning_rate) else float(learning_rate)


@dataclass(frozen=True)
class StepSchedule(Schedule):
    r"""Multiply the rate by `gamma` after every `step_size` steps.

    .. math:: \alpha_t = \alpha\,\gamma^{\lfloor t/s \rfloor}

    Parameters
    ----------
    learning_rate : float
        :math:`\alpha`, the rate of the first steps.
    step_size : int
        :math:`s`, steps between two falls.
    gamma : float, default=0.1
        :math:`\gamma`, what remains of the rate at each.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, `step_size` is less than 1 or `gamma` is outside (0, 1].

    Examples
    --------
    >>> schedule = StepSchedule(0.5, step_size=2, gamma=0.5)
    >>> [schedule(t) for t in range(5)]
    [0.5, 0.5, 0.25, 0.25, 0.125]
    """

    learning_rate: float
    step_size: int
    gamma: float = 0.1

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_whole("step_size", self.step_size)
        _check_share("gamma", self.gamma)

    def __call__(self, n_steps: int) -> float:
        return self.learning_rate * self.gamma ** (n_steps // self.step_size)


@dataclass(frozen=True)
class CosineSchedule(Schedule):
    r"""From `learning_rate` down to `lowest` along half a cosine, in `n_steps` steps, and stay there [1]_.

    .. math:: \alpha_t = \alpha_{low} + \tfrac{1}{2}(\alpha - \alpha_{low})(1 + \cos(\pi t / T))

    Parameters
    ----------
    learning_rate : float
        :math:`\alpha`, the first rate.
    n_steps : int
        :math:`T`, the length of the way down.
    lowest : float, default=0.0
        :math:`\alpha_{low}`, the rate from then on.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, `n_steps` is less than 1, or `lowest` is not between 0 and the rate.

    References
    ----------
    .. [1] Loshchilov, Hutter (2017), "SGDR: stochastic gradient descent with warm restarts", ICLR.

    Examples
    --------
    >>> schedule = CosineSchedule(1.0, n_steps=2)
    >>> [round(schedule(t), 3) for t in range(4)]
    [1.0, 0.5, 0.0, 0.0]
    """

    learning_rate: float
    n_steps: int
    lowest: float = 0.0

    def __post_init__(self) -> None:
        check_positive("learning_rate", self.learning_rate)
        check_whole("n_steps", self.n_steps)
        highest = self.learning_rate
        check_real("lowest", self.lowest, "between 0 and the learning rate", lambda rate: 0 <= rate <= highest)

    def __call__(self, n_steps: int) -> float:
        turned = math.pi * min(n_steps, self.n_steps) / self.n_steps
        return self.lowest + 0.5 * (self.learning_rate - self.lowest) * (1 + math.cos(turned))


@dataclass(frozen=True)
class WarmUp(Schedule):
    """Rise from a share of the rate to all of it in `n_steps` steps, then go on as `after` says [1]_.

    Parameters
    ----------
    after : float or Schedule
        The rate from then on, counted from the end of the rise; its first rate is the one risen to.
    n_steps : int
        Steps until it is reached.
    start_factor : float, default=1/3
        The share of it at the very first step.

    Raises
    ------
    ValueError
        When the rate is not positive and finite, `n_steps` is less than 1 or `start_factor` is outside (0, 1].

    References
    ----------
    .. [1] Goyal et al. (2017), "Accurate, large minibatch SGD: training ImageNet in 1 hour", arXiv 1706.02677.

    Examples
    --------
    >>> schedule = WarmUp(StepSchedule(1.0, step_size=1, gamma=0.5), n_steps=2, start_factor=0.5)
    >>> [schedule(t) for t in range(5)]
    [0.5, 0.75, 1.0, 0.5, 0.25]
    """

    after: Rate
    n_steps: int
    start_factor: float = 1 / 3

    def __post_init__(self) -> None:
        after = self.after(0) if callable(self.after) else self.after
        check_positive("after, the rate that follows a warm-up,", after)
        check_whole("n_steps", self.n_steps)
        _check_share("start_factor", self.start_factor)

    def __call__(self, n_steps: int) -> float:
        if n_steps >= self.n_steps:
            return rate_at(self.after, n_steps - self.n_steps)
        share = self.start_factor + (1 - self.start_factor) * n_steps / self.n_steps
        return share * rate_at(self.after, 0)


def check_positive(name: str, value: object) -> None:
    """TypeError or ValueError unless `value` is a rate that can be gone by."""
    check_real(name, value, "a positive finite number", lambda rate: 0 < rate < math.inf)


def _check_share(name: str, value: object) -> None:
    check_real(name, value, "above 0 and at most 1", lambda share: 0 < share <= 1)
