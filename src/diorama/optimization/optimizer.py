"""What an optimizer is: it turns a gradient into the next point, and hands back what it must remember."""

from abc import ABC, abstractmethod
from typing import Any

from diorama._typing import Array


class Optimizer(ABC):
    """One way to step: `state = init(x)`, then `x, state = update(gradient, state, x)` again and again.

    Both are pure: they write neither `x` nor `gradient` nor `state`. `x` may have any shape, so that one optimizer
    serves a point in the plane, a weight matrix and a layer of a network.
    """

    @property
    def plain_rate(self) -> float | None:
        """The rate, when a step is x - rate * gradient and no more, so that a kernel can take many; None otherwise."""
        return None

    @abstractmethod
    def init(self, x: Array) -> Any:
        """What is remembered before the first step from `x`."""

    @abstractmethod
    def update(self, gradient: Array, state: Any, x: Array) -> tuple[Array, Any]:
        """The next point, and what is remembered after this step."""
