"""The two loops of L-BFGS: an inverse curvature remembered as a few steps, and never written down."""

from collections.abc import Callable, Sequence
from typing import NamedTuple

import numpy as np

from diorama._typing import Array

# a step over which the gradient changed by less than rounding tells nothing
FLAT = 1e-14


class Pair(NamedTuple):
    """What L-BFGS remembers of one step."""

    moved: Array  # like x: the step
    change: Array  # like x: how the gradient changed over it
    along: float  # moved . change, the curvature along the step
    scale: float  # how much flatter it is along the step than the first guess of the curvature says


def remember(
    memory: tuple[Pair, ...], moved: Array, change: Array, divide: Callable[[Array], Array], size: int
) -> tuple[Pair, ...]:
    """The memory of at most `size` steps with this one in it, if the gradient told of an upward curvature along it."""
    along = float(np.vdot(moved, change))
    if not along > FLAT * float(np.vdot(moved, moved) * np.vdot(change, change)) ** 0.5:
        return memory
    pair = Pair(moved, change, along, along / float(np.vdot(change, divide(change))))
    return (*memory, pair)[-size:]


def two_loops(gradient: Array, memory: Sequence[Pair], divide: Callable[[Array], Array]) -> Array:
    """The remembered inverse curvature applied to a gradient; `divide` applies the first guess of it [1]_.

    .. [1] Nocedal (1980), "Updating quasi-Newton matrices with limited storage", Mathematics of Computation 35.
    """
    rest, taken = gradient.copy(), []
    for pair in reversed(memory):
        share = float(np.vdot(pair.moved, rest)) / pair.along
        rest -= share * pair.change
        taken.append(share)
    # the first guess is scaled to the curvature last seen
    result = divide(rest) * (memory[-1].scale if memory else 1.0)
    for pair, share in zip(memory, reversed(taken), strict=True):
        result += pair.moved * (share - float(np.vdot(pair.change, result)) / pair.along)
    return result
