"""L-BFGS: BFGS with a short memory. The last few steps stand for the whole matrix.

Each step tells how the gradient changed along it. Two loops over the remembered steps give what the matrix of BFGS
would, for the price of a few dozen inner products and without n^2 numbers to keep.
"""

from dataclasses import dataclass
from typing import Any, ClassVar

from diorama._typing import Array
from diorama._validation import check_whole
from diorama.optimization.line_search import LineSearch, check_line_search, first_length
from diorama.optimization.optimizer import Method, Objective, Place
from diorama.optimization.strong_wolfe import StrongWolfe
from diorama.optimization.two_loops import Pair, remember, two_loops

SEARCH = StrongWolfe()


@dataclass(frozen=True)
class LBFGS(Method):
    r"""Limited-memory BFGS [1]_.

    .. math:: x_{t+1} = x_t - \ell_t H_t \nabla f(x_t)

    where :math:`H_t` is built from the last pairs of steps and changes of gradient, starting from a multiple of the
    identity.

    Parameters
    ----------
    history_size : int, default=10
        Pairs that are remembered.
    line_search : LineSearch, default=StrongWolfe()
        How the length of each step is found.

    Raises
    ------
    ValueError
        When `history_size` is less than 1.

    References
    ----------
    .. [1] Liu, Nocedal (1989), "On the limited memory BFGS method for large scale optimization", Mathematical
       Programming 45.

    Examples
    --------
    >>> from diorama.optimization import SURFACES, minimize
    >>> result = minimize(SURFACES["Rosenbrock"], [-1.2, 1.0], method=LBFGS())
    >>> print(result.x.round(4), result.converged)
    [1. 1.] True
    """

    history_size: int = 10
    line_search: LineSearch = SEARCH
    formula: ClassVar[str] = r"x \leftarrow x - \ell\,H\,\nabla f(x)"

    def __post_init__(self) -> None:
        check_line_search(self.line_search)
        check_whole("history_size", self.history_size)

    def init(self, x: Array) -> Any:
        """No step remembered."""
        return ()

    def advance(self, objective: Objective, place: Place, memory: tuple[Pair, ...]) -> tuple[Place, Any]:
        """A search along the direction that the remembered steps tell."""
        direction = -two_loops(place.gradient, memory, _same)  #: direction
        first = 1.0 if memory else first_length(place.gradient)
        _, arrived = self.line_search.search(objective, place, direction, first)  #: search
        if arrived is place and memory:
            # what was remembered misleads: forget it and try straight down
            return self.advance(objective, place, ())
        moved, change = arrived.x - place.x, arrived.gradient - place.gradient
        return arrived, remember(memory, moved, change, _same, self.history_size)  #: remember


def _same(rest: Array) -> Array:
    """The first guess of the inverse curvature: the identity."""
    return rest
