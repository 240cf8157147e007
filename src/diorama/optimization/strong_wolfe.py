"""The strong Wolfe conditions: a step that falls enough, and ends where the slope has nearly flattened out.

The second condition is what methods need that learn the curvature from the change of the gradient: it makes sure that
the gradient did change. The search widens a bracket until it must hold such a step, and narrows it by cubics.
"""

import math
from dataclasses import dataclass
from typing import NamedTuple

from diorama._typing import Array
from diorama._validation import check_real, check_whole
from diorama.optimization.line_search import LineSearch, rounding, slope_along
from diorama.optimization.optimizer import Objective, Place


class _Trial(NamedTuple):
    """A point on the line."""

    length: float
    slope: float  # along the direction
    place: Place

    @property
    def value(self) -> float:
        return self.place.value


class _Line(NamedTuple):
    """The line that is searched, and what a step along it must keep."""

    objective: Objective
    place: Place
    direction: Array
    slope: float
    slack: float

    def look(self, length: float) -> _Trial:
        x = self.place.x + length * self.direction
        place = Place(x, *self.objective.value_and_gradient(x))
        return _Trial(length, slope_along(place, self.direction), place)


@dataclass(frozen=True)
class StrongWolfe(LineSearch):
    r"""A step that falls enough and leaves little of the slope.

    .. math:: f(x + \ell p) \le f(x) + c_1 \ell\, g^T p, \qquad |\nabla f(x + \ell p)^T p| \le c_2 |g^T p|

    Bracketing and zooming as in [1]_, algorithms 3.5 and 3.6, with a first length that grows by at most ten times and
    cubic interpolation kept away from the ends of the bracket [2]_.

    Parameters
    ----------
    share : float, default=1e-4
        :math:`c_1`, the share of the promised fall that a step must keep.
    curvature : float, default=0.9
        :math:`c_2`, the share of the slope that may be left; smaller is a more careful search.
    max_trials : int, default=25
        Looks at the function before the best step found so far is taken.

    Raises
    ------
    ValueError
        Unless 0 < share < curvature < 1, or when `max_trials` is less than 1.

    References
    ----------
    .. [1] Nocedal, Wright (2006), "Numerical Optimization", 2nd edition, section 3.5.
    .. [2] Moré, Thuente (1994), "Line search algorithms with guaranteed sufficient decrease", ACM Transactions on
       Mathematical Software 20(3).

    Examples
    --------
    >>> from diorama.optimization import BFGS, SURFACES, minimize
    >>> minimize(SURFACES["Rosenbrock"], [-1.2, 1.0], method=BFGS(line_search=StrongWolfe(curvature=0.5))).converged
    True
    """

    share: float = 1e-4
    curvature: float = 0.9
    max_trials: int = 25

    def __post_init__(self) -> None:
        check_real("share", self.share, "between 0 and 1", lambda share: 0 < share < 1)
        check_real("curvature", self.curvature, "between share and 1", lambda curvature: 0 < curvature < 1)
        if not self.share < self.curvature:
            raise ValueError(
                f"0 < share < curvature < 1 must hold; got share={self.share!r} and curvature={self.curvature!r}."
            )
        check_whole("max_trials", self.max_trials)

    def search(self, objective: Objective, place: Place, direction: Array, first: float) -> tuple[float, Place]:
        """A step that keeps both conditions, or the lowest that was seen to keep the first."""
        slope = slope_along(place, direction)
        if not slope < 0:
            return 0.0, place
        line = _Line(objective, place, direction, slope, rounding(place))
        previous, length = _Trial(0.0, slope, place), first
        for trials_left in range(self.max_trials - 1, -1, -1):
            trial = line.look(length)  #: look
            if not self._falls(line, trial) or (previous.length and trial.value >= previous.value):
                return self._zoom(line, previous, trial, trials_left)  #: zoom
            if abs(trial.slope) <= -self.curvature * slope:
                return trial.length, trial.place
            if trial.slope >= 0:
                return self._zoom(line, trial, previous, trials_left)
            length = min(max(_lowest(previous, trial), 1.5 * trial.length), 10 * trial.length)  #: widen
            previous = trial
        return previous.length, previous.place

    def _falls(self, line: _Line, trial: _Trial) -> bool:
        """The first condition; what is no number does not keep it."""
        return trial.value <= line.place.value + self.share * trial.length * line.slope + line.slack

    def _zoom(self, line: _Line, low: _Trial, high: _Trial, trials_left: int) -> tuple[float, Place]:
        """Narrow the bracket; `low` is the lowest point seen that keeps the first condition."""
        for _ in range(trials_left):
            width = high.length - low.length
            if abs(width * low.slope) <= line.slack / 4:
                break
            length = _lowest(low, high)
            share = min(max((length - low.length) / width, 0.1), 0.9) if math.isfinite(length) else 0.1
            trial = line.look(low.length + share * width)
            if not self._falls(line, trial) or trial.value >= low.value:
                high = trial
                continue
            if abs(trial.slope) <= -self.curvature * line.slope:
                return trial.length, trial.place
            if trial.slope * width >= 0:
                high = low
            low = trial
        return low.length, low.place


def _lowest(a: _Trial, b: _Trial) -> float:
    """Where the cubic through both values and slopes is lowest; NaN or infinity where it has no such point."""
    width = b.length - a.length
    mean = a.slope + b.slope - 3 * (b.value - a.value) / width
    inner = mean * mean - a.slope * b.slope
    if not (math.isfinite(inner) and inner >= 0):
        return math.nan if not math.isfinite(b.value) else b.length + width
    root = math.copysign(math.sqrt(inner), width)
    below = b.slope - a.slope + 2 * root
    return b.length - width * (b.slope + root - mean) / below if below else math.inf
