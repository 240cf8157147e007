"""BFGS: learn the curvature from how the gradient changes, step by step, and step as Newton would.

After each step the guess of the inverse Hessian is changed as little as possible so that it explains the change of the
gradient that was just seen. On a quadratic of n numbers with exact searches it is right after n steps.
"""

from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.optimization.line_search import LineSearch, check_line_search, first_length
from diorama.optimization.optimizer import Method, Objective, Place
from diorama.optimization.strong_wolfe import StrongWolfe
from diorama.optimization.two_loops import FLAT

SEARCH = StrongWolfe()


class Memory(NamedTuple):
    """What BFGS remembers."""

    n_pairs: int  # steps that the guess has learned from
    inverse: Array  # (x.size, x.size) the guess of the inverse Hessian


@dataclass(frozen=True)
class BFGS(Method):
    r"""The method of Broyden, Fletcher, Goldfarb and Shanno [1]_.

    .. math:: x_{t+1} = x_t - \ell_t H_t \nabla f(x_t), \qquad
              H_{t+1} = (I - \rho s y^T) H_t (I - \rho y s^T) + \rho s s^T, \qquad \rho = 1 / (y^T s)

    with the step :math:`s = x_{t+1} - x_t` and the change of the gradient :math:`y`. The first guess is the identity,
    scaled by :math:`s^T y / y^T y` once a step is known.

    Parameters
    ----------
    line_search : LineSearch, default=StrongWolfe()
        How the length :math:`\ell_t` is found; the Wolfe conditions keep :math:`y^T s` positive, and with it
        :math:`H_t`.

    References
    ----------
    .. [1] Fletcher (1970), "A new approach to variable metric algorithms", The Computer Journal 13(3); Nocedal, Wright
       (2006), "Numerical Optimization", 2nd edition, section 6.1.

    Examples
    --------
    >>> from diorama.optimization import SURFACES, minimize
    >>> result = minimize(SURFACES["Beale"], [0.5, -1.0], method=BFGS())
    >>> print(result.x.round(4), result.converged)
    [3.  0.5] True
    """

    line_search: LineSearch = SEARCH
    formula: ClassVar[str] = r"x \leftarrow x - \ell\,H\,\nabla f(x), \quad H y = s"

    def __post_init__(self) -> None:
        check_line_search(self.line_search)

    def init(self, x: Array) -> Memory:
        """Every direction curves alike, as far as is known."""
        return Memory(0, np.eye(x.size, dtype=x.dtype))

    def advance(self, objective: Objective, place: Place, memory: Memory) -> tuple[Place, Memory]:
        """A search along the direction of the guess, and a better guess."""
        direction = -(memory.inverse @ place.gradient.ravel()).reshape(place.x.shape)  #: direction
        first = 1.0 if memory.n_pairs else first_length(place.gradient)
        _, arrived = self.line_search.search(objective, place, direction, first)  #: search
        if arrived is place and memory.n_pairs:
            # the guess misleads: forget it and try straight down
            return self.advance(objective, place, self.init(place.x))
        return arrived, learn(memory, (arrived.x - place.x).ravel(), (arrived.gradient - place.gradient).ravel())


def learn(memory: Memory, moved: Array, change: Array) -> Memory:
    """The guess that explains this step and changes least, if the gradient told of an upward curvature along it."""
    along, square = float(moved @ change), float(change @ change)
    if not along > FLAT * float(moved @ moved) ** 0.5 * square**0.5:
        return memory
    inverse = memory.inverse if memory.n_pairs else memory.inverse * (along / square)
    turned = inverse @ change
    stretch = (1 + float(change @ turned) / along) / along
    cross = np.outer(turned, moved) / along
    return Memory(memory.n_pairs + 1, inverse + stretch * np.outer(moved, moved) - cross - cross.T)  #: learn
