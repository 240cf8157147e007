"""Armijo's rule: try a step, and shorten it until it lowers the value by a fair share of what the slope promises."""

import math
from dataclasses import dataclass

from diorama._typing import Array
from diorama._validation import check_real, check_whole
from diorama.optimization.line_search import LineSearch, rounding, slope_along
from diorama.optimization.optimizer import Objective, Place


@dataclass(frozen=True)
class Armijo(LineSearch):
    r"""Backtracking until :math:`f(x + \ell p) \le f(x) + c\,\ell\, g^T p` [1]_.

    Each new length is the lowest point of the parabola through what is known, kept between a tenth and a half of the
    last length. It asks for values only, and for one gradient at the end.

    Parameters
    ----------
    share : float, default=1e-4
        :math:`c`, the share of the promised fall that a step must keep.
    max_trials : int, default=40
        Lengths that are tried before it gives up.

    Raises
    ------
    ValueError
        When `share` is outside (0, 1) or `max_trials` is less than 1.

    References
    ----------
    .. [1] Armijo (1966), "Minimization of functions having Lipschitz continuous first partial derivatives", Pacific
       Journal of Mathematics 16(1).

    Examples
    --------
    >>> from diorama.optimization import SURFACES, Newton, minimize
    >>> minimize(SURFACES["Rosenbrock"], [-1.2, 1.0], method=Newton(line_search=Armijo())).converged
    True
    """

    share: float = 1e-4
    max_trials: int = 40

    def __post_init__(self) -> None:
        check_real("share", self.share, "between 0 and 1", lambda share: 0 < share < 1)
        check_whole("max_trials", self.max_trials)

    def search(self, objective: Objective, place: Place, direction: Array, first: float) -> tuple[float, Place]:
        """The first length that keeps its promise."""
        slope, slack = slope_along(place, direction), rounding(place)
        if not slope < 0:
            return 0.0, place
        length = first
        for _ in range(self.max_trials):
            x = place.x + length * direction
            value = objective.value(x)  #: try
            if value <= place.value + self.share * length * slope + slack:
                return length, Place(x, *objective.value_and_gradient(x))
            length *= self._shrink(place.value, slope * length, value)  #: shorten
        return 0.0, place

    @staticmethod
    def _shrink(value: float, promised: float, found: float) -> float:
        """Where the parabola with this value and slope at 0, and `found` at 1, is lowest; between 0.1 and 0.5."""
        bend = found - value - promised
        return min(max(-promised / (2 * bend), 0.1), 0.5) if math.isfinite(bend) and bend > 0 else 0.1
