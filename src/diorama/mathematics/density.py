"""A continuous random variable by its density: probabilities are areas, mean and variance are integrals."""

import math
from collections.abc import Callable, Iterator
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from diorama._iterate import Fit, show, watched
from diorama._typing import Array
from diorama._validation import described
from diorama.mathematics._numbers import RealFunction, real
from diorama.mathematics.integrate import adaptive_area

# how far from 1 the whole area may be
_SLACK = 1e-6
_CURVE = 201
_SWEEP = 24
# what is drawn of an infinite support: this many standard deviations to each side
_DRAWN = 4.0
# the curve is looked at here before it is integrated: a density is nowhere below 0
_LOOKS = 101


class State(NamedTuple):
    """The part of the interval that has been swept."""

    left: float
    right: float
    probability: float


class DensityPicture(NamedTuple):
    """What was asked, and the curve around it."""

    question: str  # "probability", "mean" or "variance"
    answer: float
    mean: float  # NaN where the density has none
    deviation: float  # NaN likewise
    curve: Array  # (n, 2) the density
    interval: tuple[float, float]


class Density:
    r"""A density :math:`p`, its probabilities, mean and variance, all by integration.

    Parameters
    ----------
    pdf : callable or object with a `pdf` method
        :math:`p`: a number to a number, nowhere below 0, with area 1. SciPy's frozen distributions bring their own.
    support : (float, float), optional
        Where :math:`p` is not 0; infinity is allowed. By default what `pdf.support()` says, or the whole line.

    Raises
    ------
    TypeError
        For a `pdf` that is no function or returns no number, a support that is no pair of numbers.
    ValueError
        When the area is not 1 (the sentence says what it is), a value is below 0 or not finite, or the support is
        empty.

    References
    ----------
    Wasserman (2004), "All of Statistics", chapters 2 and 3.

    Examples
    --------
    >>> triangle = Density(lambda x: 2 * x, support=(0, 1))
    >>> round(triangle.probability(0, 0.5), 6), round(triangle.mean(), 6), round(triangle.variance(), 6)
    (0.25, 0.666667, 0.055556)
    """

    def __init__(self, pdf: Any, support: tuple[float, float] | None = None) -> None:
        self.pdf: Callable[[float], float] = RealFunction(getattr(pdf, "pdf", pdf), "pdf")
        if support is None:
            support = pdf.support() if hasattr(pdf, "support") else (-math.inf, math.inf)
        self.support = _checked_support(support)
        self._cuts = _cuts(self.support, pdf)
        self._check()

    def probability(self, a: float, b: float) -> float:
        """The probability of a value between `a` and `b`: the area under the density there.

        ValueError when `b` lies below `a`, or one of them is NaN; either may be infinite.
        """
        a, b = real(a, "a", finite=False), real(b, "b", finite=False)
        if b < a:
            raise ValueError(f"b must not lie below a; got a={a:g}, b={b:g}.")
        found = min(max(self._area(lambda x, p: p, a, b), 0.0), 1.0)
        if watched():
            self._tell("probability", found, a, b)
        return found

    def mean(self) -> float:
        """The expected value, the integral of x p(x): where the area would balance.

        ValueError when the density has none, as Cauchy's has none.
        """
        found = self._moment(lambda x: x, "mean")
        if watched():
            self._tell("mean", found, *self.support)
        return found

    def variance(self) -> float:
        """The expected squared distance from the mean, the integral of (x - mean)^2 p(x)."""
        centre = self._moment(lambda x: x, "mean")
        found = self._moment(lambda x: (x - centre) ** 2, "variance")
        if watched():
            self._tell("variance", found, *self.support)
        return found

    def standard_deviation(self) -> float:
        """The square root of the variance, in the units of the values."""
        return math.sqrt(self.variance())

    def _moment(self, weight: Callable[[float], float], name: str) -> float:
        def size(x: float, p: float) -> float:
            return abs(weight(x)) * p

        # a tail that is too heavy shows in the size: both sides must be finite, or the balance means nothing
        if not self._settled(size):
            raise ValueError(
                f"this density has no finite {name}: its tails are too heavy, the integral does not settle."
            )
        return self._area(lambda x, p: weight(x) * p, *self.support)

    def _area(self, weighted: Callable[[float, float], float], a: float, b: float) -> float:
        """The integral of `weighted(x, p(x))` over the part of [a, b] that lies in the support."""
        low, high = max(a, self.support[0]), min(b, self.support[1])
        if low >= high:
            return 0.0
        cuts = [low, *(cut for cut in self._cuts if low < cut < high), high]

        def height(x: float) -> float:
            return weighted(x, self.pdf(x))

        return math.fsum(adaptive_area(height, left, right) for left, right in pairwise(cuts))  #: area

    def _settled(self, weighted: Callable[[float, float], float]) -> bool:
        """Whether far tails add less and less: on an infinite support each hundredfold reach must add less."""
        low, high = self.support
        if math.isfinite(low) and math.isfinite(high):
            return True
        centre = self._cuts[len(self._cuts) // 2] if self._cuts else 0.0
        reaches = [1e4, 1e6, 1e8]
        added = []
        for near, far in pairwise(reaches):
            right = self._area(weighted, centre + near, centre + far) if high == math.inf else 0.0
            left = self._area(weighted, centre - far, centre - near) if low == -math.inf else 0.0
            added.append(left + right)
        return added[1] < 0.9 * added[0] or added[0] < 1e-12

    def _check(self) -> None:
        for x in _looks(self.support, self._cuts):
            if (height := self.pdf(x)) < 0:
                raise ValueError(f"a density is nowhere below 0; at {x:g} this one is {height:g}.")
        whole = self._area(lambda x, p: p, *self.support)
        if abs(whole - 1) > _SLACK:
            low, high = self.support
            raise ValueError(
                f"a density must integrate to 1; over its support ({low:g}, {high:g}) this one comes to {whole:.6g}. "
                "Divide it by that, or say with `support` where it is not 0."
            )

    def _tell(self, question: str, answer: float, a: float, b: float) -> None:
        """Tell who watches how the area grows from the left of the interval to its right."""
        try:
            centre = self._moment(lambda x: x, "mean")
            deviation = math.sqrt(self._moment(lambda x: (x - centre) ** 2, "variance"))
        except ValueError:
            centre = deviation = math.nan
        low, high = _drawn(self.support, centre, deviation, self._cuts)
        places = np.linspace(low, high, _CURVE)
        curve = np.column_stack([places, [self.pdf(x) for x in places.tolist()]])
        ends = min(max(a, low), high), max(min(b, high), low)

        def states() -> Iterator[State]:
            swept = self._area(lambda x, p: p, a, ends[0])
            cuts = np.linspace(*ends, _SWEEP + 1).tolist()
            for before, right in zip([ends[0], *cuts[:-1]], cuts, strict=True):
                swept += self._area(lambda x, p: p, before, right)
                yield State(ends[0], right, swept)

        picture = DensityPicture(question, answer, centre, deviation, curve, (a, b))
        show(states, total=_SWEEP, fit=Fit(picture))


def _checked_support(support: Any) -> tuple[float, float]:
    try:
        low, high = support
    except (TypeError, ValueError) as error:
        raise TypeError(f"support must be a pair of numbers (low, high); got {described(support)}.") from error
    low, high = real(low, "support[0]", finite=False), real(high, "support[1]", finite=False)
    if not low < high:
        raise ValueError(f"support must go up; got ({low:g}, {high:g}).")
    return low, high


def _cuts(support: tuple[float, float], pdf: Any) -> list[float]:
    """Places that bracket the bulk of the density, so that a narrow one far from 0 is not overlooked."""
    if hasattr(pdf, "ppf"):
        found = [float(pdf.ppf(share)) for share in (1e-6, 0.01, 0.25, 0.5, 0.75, 0.99, 1 - 1e-6)]
        return sorted({cut for cut in found if math.isfinite(cut)})
    low, high = support
    return [] if math.isfinite(low) or math.isfinite(high) else [-10.0, -1.0, 0.0, 1.0, 10.0]


def _looks(support: tuple[float, float], cuts: list[float]) -> list[float]:
    low, high = support
    low = low if math.isfinite(low) else (cuts[0] if cuts else high - 20.0)
    high = high if math.isfinite(high) else (cuts[-1] if cuts else low + 20.0)
    # the ends themselves are left out: a density may rise without bound there
    return [float(x) for x in np.linspace(low, high, _LOOKS + 2)[1:-1]]


def _drawn(support: tuple[float, float], centre: float, deviation: float, cuts: list[float]) -> tuple[float, float]:
    """The part of the line that is drawn."""
    if math.isnan(deviation):
        centre, deviation = (cuts[len(cuts) // 2] if cuts else 0.0), 1.5
    air = 1e-9 * deviation
    low, high = centre - _DRAWN * deviation, centre + _DRAWN * deviation
    return max(low, support[0] + air), min(high, support[1] - air)
