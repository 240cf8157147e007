"""Conjugate gradients: each search goes where it does not spoil what the ones before have gained.

Two directions are conjugate when going along one leaves the slope along the other as it was. On a quadratic of n
numbers with exact steps n such searches reach the minimum; a few do where the curvatures form a few groups.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple, Self

import numpy as np

from diorama._typing import Array
from diorama.optimization.line_search import ExactLength, LineSearch, check_line_search, first_length, slope_along
from diorama.optimization.optimizer import Method, Objective, Place
from diorama.optimization.strong_wolfe import StrongWolfe

SEARCH = StrongWolfe(curvature=0.1)


class Memory(NamedTuple):
    """What the conjugate gradient method remembers."""

    n_steps: int  # taken so far
    direction: Array  # like x: where the next search goes, once a step was taken
    promised: float  # length times slope of the last step


@dataclass(frozen=True)
class ConjugateGradient(Method):
    r"""The conjugate gradient method, with Polak's and Ribière's :math:`\beta`, never below zero [2]_.

    .. math:: p_t = -g_t + \beta_t p_{t-1}, \qquad
              \beta_t = \max\left(0, \frac{g_t^T (g_t - g_{t-1})}{g_{t-1}^T g_{t-1}}\right), \qquad
              x_{t+1} = x_t + \ell_t p_t

    ``ConjugateGradient.linear()`` takes exact steps instead of a search, which on a quadratic
    :math:`\tfrac{1}{2} x^T A x - b^T x` makes it the method of Hestenes and Stiefel for :math:`Ax = b` [1]_.

    Parameters
    ----------
    line_search : LineSearch, default=StrongWolfe(curvature=0.1)
        How the length :math:`\ell_t` is found. The directions are conjugate only as far as the searches are careful.

    References
    ----------
    .. [1] Hestenes, Stiefel (1952), "Methods of conjugate gradients for solving linear systems", Journal of Research of
       the National Bureau of Standards 49(6).
    .. [2] Polak, Ribière (1969), "Note sur la convergence de méthodes de directions conjuguées"; Gilbert, Nocedal
       (1992), "Global convergence properties of conjugate gradient methods for optimization", SIAM Journal on
       Optimization 2(1).

    Examples
    --------
    A quadratic of two numbers takes two exact steps:

    >>> from diorama.optimization import SURFACES, minimize
    >>> minimize(SURFACES["ill-conditioned valley"], [-2.8, 1.5], method=ConjugateGradient.linear()).n_iter
    2
    """

    line_search: LineSearch = SEARCH
    formula: ClassVar[str] = r"p \leftarrow -\nabla f(x) + \beta\,p, \quad x \leftarrow x + \ell\,p"

    def __post_init__(self) -> None:
        check_line_search(self.line_search)

    @classmethod
    def linear(cls) -> Self:
        """With the exact steps that a quadratic allows."""
        return cls(line_search=ExactLength())

    def init(self, x: Array) -> Memory:
        """No search behind us."""
        return Memory(0, np.zeros_like(x), 0.0)

    def advance(self, objective: Objective, place: Place, memory: Memory) -> tuple[Place, Memory]:
        """A search along the conjugate direction, and the direction of the next."""
        direction, first = memory.direction, 1.0
        slope = slope_along(place, direction)
        if memory.n_steps and slope < 0:
            # as much of a fall at first sight as the last step promised
            first = min(memory.promised / slope, 1e3)
        else:
            direction, first = -place.gradient, first_length(place.gradient)
            slope = slope_along(place, direction)
        length, arrived = self.line_search.search(objective, place, direction, first)  #: search
        if arrived is place and memory.n_steps:
            # the direction misleads: begin anew, straight down
            return self.advance(objective, place, self.init(place.x))
        onward = -arrived.gradient + polak_ribiere(place.gradient, arrived.gradient) * direction  #: direction
        return arrived, Memory(memory.n_steps + 1, onward, length * slope)


def polak_ribiere(old: Array, new: Array) -> float:
    """How much of the last direction stays in the next; 0 is a fresh start."""
    square = float(np.vdot(old, old))
    return max(0.0, float(np.vdot(new, new - old)) / square) if square > 0 else 0.0  #: beta
