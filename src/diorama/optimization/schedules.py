"""Learning-rate schedules: a rate that changes as the steps go by.

Any optimizer takes one in place of a number. A schedule is a function of the number of steps taken so far, so it has
no memory of its own: the optimizer counts.
"""

import math
from abc import ABC, abstractmethod
from dataclasses import dataclass
from typing import TypeAlias


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
        _check_positive("learning_rate", self.learning_rate)
        _check_length("step_size", self.step_size)
        if not 0 < self.gamma <= 1:
            raise ValueError(f"gamma must be above 0 and at most 1; got {self.gamma!r}.")

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
        _check_positive("learning_rate", self.learning_rate)
        _check_length("n_steps", self.n_steps)
        if not 0 <= self.lowest <= self.learning_rate:
            raise ValueError(f"lowest must be between 0 and the learning rate; got {self.lowest!r}.")

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
        _check_positive("the rate that follows a warm-up", rate_at(self.after, 0))
        _check_length("n_steps", self.n_steps)
        if not 0 < self.start_factor <= 1:
            raise ValueError(f"start_factor must be above 0 and at most 1; got {self.start_factor!r}.")

    def __call__(self, n_steps: int) -> float:
        if n_steps >= self.n_steps:
            return rate_at(self.after, n_steps - self.n_steps)
        share = self.start_factor + (1 - self.start_factor) * n_steps / self.n_steps
        return share * rate_at(self.after, 0)


def _check_positive(name: str, value: float) -> None:
    if not 0 < value < math.inf:
        raise ValueError(f"{name} must be a positive finite number; got {value!r}.")


def _check_length(name: str, value: int) -> None:
    if value < 1:
        raise ValueError(f"{name} must be at least 1; got {value!r}.")
