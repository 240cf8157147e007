r"""The area under a function: cut it into strips, add up their areas, and say how far off the sum may be.

Rectangles, trapezoids or parabolas on n equal strips; or strips that get finer only where the function needs it.
"""

import heapq
import math
import warnings
from collections.abc import Callable, Iterable
from itertools import pairwise
from typing import Any, NamedTuple

import numpy as np

from diorama._iterate import Fit, show, watched
from diorama._typing import Array
from diorama.mathematics._numbers import RealFunction, chosen, count, positive, real

# the error falls like the strips' width to this power
ORDERS = {"left": 1, "midpoint": 2, "trapezoid": 2, "simpson": 4}
METHODS = (*ORDERS, "adaptive")
MAX_EVALUATIONS = 200_000
_EPS = float(np.finfo(float).eps)
_CURVE = 241
# the adaptive rule looks at this many panels before it trusts any of them
_PANELS = 10
# as a share of the way: an area that is still not settled in a panel so narrow has no end
_NARROWEST = 1e-40
# strips drawn at most
_FINEST = 256

# Kronrod's 15 places on [-1, 1] and their weights, and Gauss's weights on every other of them
_NODES = (
    0.991455371120812639206854697526329,
    0.949107912342758524526189684047851,
    0.864864423359769072789712788640926,
    0.741531185599394439863864773280788,
    0.586087235467691130294144691693430,
    0.405845151377397166906606412076961,
    0.207784955007898467600689403773245,
    0.0,
)
_KRONROD = (
    0.022935322010529224963732008058970,
    0.063092092629978553290700663189204,
    0.104790010322250183839876322541518,
    0.140653259715525918745189590510238,
    0.169004726639267902826583426598550,
    0.190350578064785409913256402421014,
    0.204432940075298892414161999234649,
    0.209482141084727828012999174891714,
)
_GAUSS = (
    0.129484966168869693270611432679082,
    0.279705391489276667901467771423780,
    0.381830050505118944950369775488975,
    0.417959183673469387755102040816327,
)


class State(NamedTuple):
    """One sum of strips."""

    edges: Array  # (n_strips + 1,) where the strips are cut
    tops: Array  # (n_strips, 3) the strip's height at its left, middle and right
    value: float  # the sum of their areas
    error: float  # its distance from the reference


class Area(NamedTuple):
    """What was asked, and what the picture draws around it."""

    method: str
    limits: tuple[float, float]
    value: float  # the answer
    error: float  # its estimated error
    reference: float  # what the errors of the strips are measured against
    curve: Array  # (n, 2) the function between the limits (or the part of it that is drawn)


class Integral(float):
    """The area: a number like any other, that also knows how it was found."""

    method: str
    error: float  # estimate of how far off it is at most
    n_strips: int
    n_evaluations: int  # calls of the function, those for the estimate included
    converged: bool  # whether the adaptive rule met its tolerance; always true of the others

    def __new__(
        cls, value: float, method: str, error: float, n_strips: int, n_evaluations: int, converged: bool = True
    ) -> "Integral":
        """The number `value`, with what is known of it."""
        made = super().__new__(cls, value)
        made.method, made.error, made.converged = method, error, converged
        made.n_strips, made.n_evaluations = n_strips, n_evaluations
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        known = self.method, self.error, self.n_strips, self.n_evaluations, self.converged
        return Integral, (float(self), *known)


def left(f: Callable[[float], float], edges: list[float]) -> float:
    """Rectangles as high as the function is at their left."""
    return math.fsum(f(a) * (b - a) for a, b in pairwise(edges))  #: left


def midpoint(f: Callable[[float], float], edges: list[float]) -> float:
    """Rectangles as high as the function is in their middle."""
    return math.fsum(f((a + b) / 2) * (b - a) for a, b in pairwise(edges))  #: midpoint


def trapezoid(f: Callable[[float], float], edges: list[float]) -> float:
    """Strips with a straight top between two values."""
    heights = [f(x) for x in edges]
    parts = zip(edges[:-1], edges[1:], heights[:-1], heights[1:], strict=True)
    return math.fsum((left + right) / 2 * (b - a) for a, b, left, right in parts)  #: trapezoid


def simpson(f: Callable[[float], float], edges: list[float]) -> float:
    """Pairs of strips under a parabola through three values."""
    heights = [f(x) for x in edges]
    thirds = [(edges[i + 1] - edges[i - 1]) / 6 for i in range(1, len(edges), 2)]
    parts = zip(heights[:-1:2], heights[1::2], heights[2::2], thirds, strict=True)
    return math.fsum((left + 4 * middle + right) * third for left, middle, right, third in parts)  #: simpson


_RULES = {"left": left, "midpoint": midpoint, "trapezoid": trapezoid, "simpson": simpson}


def integrate(
    f: Callable[[float], float],
    a: float,
    b: float,
    method: str = "adaptive",
    *,
    n: int = 100,
    tol: float = 1e-10,
) -> Integral:
    r"""The integral of `f` from `a` to `b`.

    Recorded, it is the picture of strips that get finer under the curve, beside the error for every number of strips.

    Parameters
    ----------
    f : callable
        :math:`f`: a number to a number.
    a, b : float
        The limits. When `b` lies below `a` the area counts negative. They may be infinite for the two methods that
        never ask for the value at a limit, "midpoint" and "adaptive": there :math:`x = a + t/(1-t)` or
        :math:`x = t/(1-t^2)` brings the far end near.
    method : {"left", "midpoint", "trapezoid", "simpson", "adaptive"}, default="adaptive"
        The errors of the first four fall like :math:`h`, :math:`h^2`, :math:`h^2` and :math:`h^4` with the width
        :math:`h = (b-a)/n` of the strips. "adaptive" applies Gauss's and Kronrod's rules (7 and 15 places) to
        every panel and halves the one with the largest difference between the two.
    n : int, default=100
        How many strips; even for "simpson". Not used by "adaptive".
    tol : float, default=1e-10
        "adaptive" ends when the estimated error is below `tol` times the larger of 1 and the integral's size. Not used
        by the others.

    Returns
    -------
    Integral
        A float, with `error` (estimated: from half as many strips, or the difference of the two rules), `method`,
        `n_strips`, `n_evaluations` and `converged`.

    Raises
    ------
    TypeError
        For an `f` that is no function or returns no number, limits that are no numbers, an `n` that is not whole.
    ValueError
        For NaN, a value of `f` that is not finite, infinite limits with the other methods, an odd `n` with "simpson",
        an unknown method, a `tol` that is not above 0.

    Warns
    -----
    RuntimeWarning
        When the adaptive rule ends without having met `tol`.

    References
    ----------
    Davis and Rabinowitz (1984), "Methods of Numerical Integration", 2nd edition, chapters 2, 3 and 6; Piessens et al.
    (1983), "QUADPACK", whose nodes and weights these are.

    Examples
    --------
    >>> area = integrate(lambda x: x**2, 1, 3)
    >>> round(area, 6), area.error < 1e-9
    (8.666667, True)
    >>> round(integrate(lambda x: x**2, 1, 3, "left", n=20_000), 4)
    8.6663
    """
    fun = RealFunction(f)
    a, b = real(a, "a", finite=False), real(b, "b", finite=False)
    method, n, tol = chosen(method, "method", METHODS), count(n, "n"), positive(tol, "tol")
    if not (math.isfinite(a) and math.isfinite(b)) and method not in ("midpoint", "adaptive"):
        raise ValueError(f"a={a:g}, b={b:g}: infinite limits need method='adaptive' or 'midpoint'; got {method!r}.")
    if method == "simpson" and n % 2:
        raise ValueError(f"n must be even for method='simpson', which takes strips in pairs; got {n}.")
    near, low, high = _brought_near(fun, a, b)
    found = _adaptive(near, low, high, tol, fun) if method == "adaptive" else _strips(near, low, high, method, n, fun)
    if not found.converged:
        message = f"the area is not settled: {float(found):.6g}, off by {found.error:.2g} or more."
        warnings.warn(
            f"{message} It may be infinite, or f jumps: integrate piece by piece.", RuntimeWarning, stacklevel=2
        )
    if watched():
        _tell(fun, a, b, found)
    return found


def adaptive_area(f: Callable[[float], float], a: float, b: float) -> Integral:
    """The integral by the adaptive rule, told to nobody: for those who need it on their way."""
    fun = RealFunction(f)
    return _adaptive(*_brought_near(fun, a, b), 1e-10, fun)


def equal_edges(a: float, b: float, n: int) -> list[float]:
    """n + 1 cuts from a to b, each computed by itself, so that nothing drifts and the last is b."""
    return [a + (b - a) * (i / n) for i in range(n)] + [b]


def _strips(f: Callable[[float], float], a: float, b: float, method: str, n: int, counted: RealFunction) -> Integral:
    rule = _RULES[method]
    value = rule(f, equal_edges(a, b, n))
    # the estimate compares with about half as many strips, or with twice as many where halving cannot be
    other = n // 2 - (n // 2) % 2 if method == "simpson" else n // 2
    other = other or 2 * n
    change = value - rule(f, equal_edges(a, b, other))
    error = abs(change / (1 - (n / other) ** ORDERS[method]))
    return Integral(value, method, error, n, counted.n_evaluations)


def _adaptive(f: Callable[[float], float], a: float, b: float, tol: float, counted: RealFunction) -> Integral:
    """Halve the worst panel until all together are good enough."""
    edges = equal_edges(a, b, _PANELS)
    # the worst first: heapq keeps the smallest
    panels = [_panel(f, left, right) for left, right in pairwise(edges)]
    heapq.heapify(panels)
    while True:
        value = math.fsum(panel[3] for panel in panels)
        # two rules that agree to the last bit are still rounded
        error = _EPS * abs(value) - math.fsum(panel[0] for panel in panels)
        converged = error <= tol * max(1.0, abs(value))
        if converged or counted.n_evaluations >= MAX_EVALUATIONS:
            break
        _, low, high, _ = panels[0]
        middle = (low + high) / 2
        if abs(high - low) <= _NARROWEST * abs(b - a) or middle in (low, high):
            break
        heapq.heapreplace(panels, _panel(f, low, middle))
        heapq.heappush(panels, _panel(f, middle, high))
    return Integral(value, "adaptive", error, len(panels), counted.n_evaluations, converged)


def _panel(f: Callable[[float], float], a: float, b: float) -> tuple[float, float, float, float]:
    """(minus the error, a, b, area) of one panel."""
    half, middle = (b - a) / 2, (a + b) / 2
    pairs = [f(middle - half * node) + f(middle + half * node) for node in _NODES[:-1]]
    pairs.append(f(middle))
    kronrod = math.fsum(weight * height for weight, height in zip(_KRONROD, pairs, strict=True)) * half
    gauss = math.fsum(weight * height for weight, height in zip(_GAUSS, pairs[1::2], strict=True)) * half
    return -abs(kronrod - gauss), a, b, kronrod


def _brought_near(f: Callable[[float], float], a: float, b: float) -> tuple[Callable[[float], float], float, float]:
    """The same integral between finite limits."""
    if math.isfinite(a) and math.isfinite(b):
        return f, a, b
    if a == b:
        raise ValueError(f"a and b must not be the same infinity; both are {a:g}.")
    if b < a:
        near, low, high = _brought_near(f, b, a)
        return near, high, low
    if math.isfinite(a):
        return lambda t: f(a + t / (1 - t)) / (1 - t) ** 2, 0.0, 1.0
    if math.isfinite(b):
        return lambda t: f(b - t / (1 - t)) / (1 - t) ** 2, 0.0, 1.0
    return lambda t: f(t / (1 - t * t)) * (1 + t * t) / (1 - t * t) ** 2, -1.0, 1.0


def _tell(fun: RealFunction, a: float, b: float, found: Integral) -> None:
    """Tell who watches of finer and finer strips; the adaptive rule is shown as midpoint strips."""
    value = fun.value_or_nan
    low, high = (a, b) if a <= b else (b, a)
    # a picture has no room for infinity: the part around the origin is drawn
    low = low if math.isfinite(low) else min(-6.0, high - 12.0 if math.isfinite(high) else -6.0)
    high = high if math.isfinite(high) else max(6.0, low + 12.0)
    places = np.linspace(low, high, _CURVE)
    curve = np.column_stack([places, [value(x) for x in places.tolist()]])
    method = "midpoint" if found.method == "adaptive" else found.method
    sign = 1.0 if a <= b else -1.0
    asked = 64 if found.method == "adaptive" else min(found.n_strips, _FINEST)
    counts = sorted({2**k for k in range(method == "simpson", 9) if 2**k < asked} | {asked})
    whole = math.isfinite(a) and math.isfinite(b)
    reference = sign * _best(value, low, high) if whole else float(found)

    def states() -> Iterable[State]:
        for n in counts:
            edges = equal_edges(low, high, n)
            total = sign * _RULES[method](value, edges)
            yield State(np.array(edges), _tops(value, edges, method), total, abs(total - reference))

    subject = Area(found.method, (a, b), float(found), found.error, reference, curve)
    show(states, total=len(counts), fit=Fit(subject))


def _best(value: Callable[[float], float], low: float, high: float) -> float:
    """The area as well as can be told, NaN where the function has gaps."""
    counted = RealFunction(value)
    try:
        return float(_adaptive(counted, low, high, 1e-13, counted))
    except ValueError:
        return math.nan


def _tops(value: Callable[[float], float], edges: list[float], method: str) -> Array:
    """Heights of each strip at its left, middle and right."""
    tops = []
    for i, (a, b) in enumerate(pairwise(edges)):
        if method == "simpson":
            first = i - i % 2
            tops.append(_parabola(value, edges[first : first + 3], (a, (a + b) / 2, b)))
        elif method == "trapezoid":
            ends = value(a), value(b)
            tops.append((ends[0], sum(ends) / 2, ends[1]))
        else:
            tops.append((value(a if method == "left" else (a + b) / 2),) * 3)
    return np.array(tops)


def _parabola(value: Callable[[float], float], nodes: list[float], places: tuple[float, ...]) -> tuple[float, ...]:
    """Heights at `places` of the parabola through three values."""
    coefficients = np.polynomial.Polynomial.fit(nodes, [value(x) for x in nodes], 2)
    return tuple(float(coefficients(x)) for x in places)
