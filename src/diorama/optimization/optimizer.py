"""What a way down is: it stands somewhere, looks at what it needs, and hands back the next place.

A `Method` may ask the objective for anything: values along a line, gradients, curvature. An `Optimizer` is a method
that asks for one gradient a step, which may as well come from a batch of rows or a network's backward pass.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import Any, ClassVar, NamedTuple, Protocol, Self

import numpy as np

from diorama._typing import Array
from diorama._validation import check_real
from diorama.optimization.schedules import Rate, check_positive


class Place(NamedTuple):
    """Where a descent stands, and what is known of it."""

    x: Array  # any shape
    value: float  # the function there
    gradient: Array  # like x: its slope there


class Objective(Protocol):
    """What is minimised, as far as a method may ask."""

    def value(self, x: Array) -> float:
        """The function at `x`."""

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """The function at `x` and its gradient there, shaped like `x`."""

    def hessian(self, x: Array) -> Array:
        """(x.size, x.size) second derivatives at `x`, entries of `x` in the order of `x.ravel()`."""


class Method(ABC):
    """One way down: `memory = init(x)`, then `place, memory = advance(objective, place, memory)` again and again.

    Both are pure: they write nothing that they are given. A method that finds no way down hands back the very place it
    was given. `x` may have any shape.
    """

    formula: ClassVar[str] = r"x \leftarrow x + \text{step}"  # one step, as LaTeX

    @property
    def plain_rate(self) -> float | None:
        """The rate, when a step is x - rate * gradient and no more, so that a kernel can take many; None otherwise."""
        return None

    @property
    def rule(self) -> tuple[Callable[..., Any], ...]:
        """The functions that make a step, for who wants to read them."""
        return (type(self).advance,)

    @classmethod
    def for_curvature(cls, curvature: float) -> Self:
        """The method with settings that suit a function which nowhere curves more than this; the usual ones if any."""
        return cls()

    def safe_rate(self, curvature: float) -> float:
        """The learning rate above which it runs away where the largest curvature is this; NaN if none is known."""
        return float("nan")

    @abstractmethod
    def init(self, x: Array) -> Any:
        """What is remembered before the first step from `x`."""

    @abstractmethod
    def advance(self, objective: Objective, place: Place, memory: Any) -> tuple[Place, Any]:
        """The next place, and what is remembered after this step."""


class Optimizer(Method):
    """A method that needs one gradient a step: `x, state = update(gradient, state, x)`.

    `update` is pure and serves a point in the plane, a weight matrix and a layer of a network alike.
    """

    @property
    def rule(self) -> tuple[Callable[..., Any], ...]:
        return (type(self).update,)

    @abstractmethod
    def update(self, gradient: Array, state: Any, x: Array) -> tuple[Array, Any]:
        """The next point, and what is remembered after this step."""

    def advance(self, objective: Objective, place: Place, memory: Any) -> tuple[Place, Any]:
        """The step that the gradient tells, and a look around from there."""
        x, memory = self.update(place.gradient, memory, place.x)  #: update
        return Place(x, *objective.value_and_gradient(x)), memory  #: look


class Velocity(NamedTuple):
    """What an optimizer with one running sum remembers."""

    n_steps: int  # taken so far
    velocity: Array  # like x


def at_rest(x: Array) -> Velocity:
    """Before the first step."""
    return Velocity(0, np.zeros_like(x))


def decayed(gradient: Array, x: Array, weight_decay: float) -> Array:
    """The gradient of f(x) + weight_decay / 2 * ||x||^2, from that of f."""
    return gradient + weight_decay * x if weight_decay else gradient


def check_rate(learning_rate: Rate) -> None:
    """ValueError unless the rate, or the first of a schedule, is a positive finite number."""
    check_positive("learning_rate", learning_rate(0) if callable(learning_rate) else learning_rate)


def check_share(name: str, value: float) -> None:
    """ValueError unless `value` lies in [0, 1), as the share of the past that a running mean keeps must."""
    check_real(name, value, "at least 0 and less than 1", lambda share: 0 <= share < 1)


def check_not_negative(**values: float) -> None:
    """ValueError that names the first of these that is negative or not finite."""
    for name, value in values.items():
        check_real(name, value, "a finite number, 0 or more", lambda size: 0 <= size < float("inf"))
