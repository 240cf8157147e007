r"""The slope of a function at a point: rise over run, for a run that shrinks.

The derivative is the limit of (f(x + h) - f(x)) / h as h goes to 0. A computer stops at some h: too large a step sees
the bend of the function (truncation), too small a one only the rounding of its values. Between them lies the best.
"""

from collections.abc import Callable, Iterable
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, show, watched
from diorama._typing import Array
from diorama.mathematics._numbers import RealFunction, chosen, positive, real, vector

_EPS = float(np.finfo(float).eps)
# the truncation error falls like h to this power
ORDERS = {"forward": 1, "central": 2, "richardson": 4}
METHODS = tuple(ORDERS)
# three steps a decade, from wide to absurdly narrow
_STEPS = np.logspace(0, -13, 40)
_CURVE = 161


class State(NamedTuple):
    """The slope found with one step."""

    step: float  # h
    slope: float  # what the method gives at this h
    error: float  # its distance from the reference
    secant: Array  # (2, 2) the two points of the curve whose line has (about) this slope


class Slope(NamedTuple):
    """What was asked, and what the picture draws around it."""

    method: str
    x: float
    step: float  # the one that was chosen
    slope: float  # what it gave
    reference: float  # what the errors are measured against
    exact: bool  # whether the reference was given, or is Richardson's estimate
    curve: Array  # (n, 2) the function around x


class DerivativeErrors(NamedTuple):
    """How far off the slope is at each step size."""

    steps: Array  # (n,) h
    slopes: Array  # (n,)
    errors: Array  # (n,) distance from the reference
    reference: float

    @property
    def best_step(self) -> float:
        """The step with the smallest error."""
        return float(self.steps[np.argmin(self.errors)])


def forward(f: Callable[[float], float], x: float, h: float) -> float:
    """Rise from x to the right over the run; the error falls like h."""
    right = x + h
    # the run that was really taken: x + h is rounded
    return (f(right) - f(x)) / (right - x)  #: forward


def central(f: Callable[[float], float], x: float, h: float) -> float:
    """Rise from the left of x to its right over the run; the errors of both sides cancel, and h^2 is left."""
    left, right = x - h, x + h
    return (f(right) - f(left)) / (right - left)  #: central


def richardson(f: Callable[[float], float], x: float, h: float) -> float:
    """Two central slopes, combined so that their h^2 cancels too; h^4 is left."""
    coarse, fine = central(f, x, h), central(f, x, h / 2)
    return (4 * fine - coarse) / 3  #: richardson


_RULES = {"forward": forward, "central": central, "richardson": richardson}


def default_step(method: str, x: float) -> float:
    """The step at which truncation and rounding are about equal: eps ** (1 / (order + 1)), on the scale of x."""
    return float(_EPS ** (1 / (ORDERS[method] + 1)) * max(1.0, abs(x)))


def derivative(
    f: Callable[[float], float],
    x: float,
    method: str = "central",
    step: float | None = None,
) -> float:
    r"""The derivative of `f` at `x`, from values alone.

    Recorded (``with diorama.record() as recording:``), it is the picture of a secant that turns into the tangent,
    beside the error at every step size.

    Parameters
    ----------
    f : callable
        :math:`f`: a number to a number.
    x : float
        Where.
    method : {"forward", "central", "richardson"}, default="central"
        :math:`(f(x+h)-f(x))/h`; :math:`(f(x+h)-f(x-h))/2h`; or :math:`(4D(h/2)-D(h))/3` with the central :math:`D`.
        Their errors fall like :math:`h`, :math:`h^2` and :math:`h^4`, with 2, 2 and 4 values of `f`.
    step : float, optional
        :math:`h`. By default about where rounding and truncation balance: :math:`\varepsilon^{1/2}`,
        :math:`\varepsilon^{1/3}`, :math:`\varepsilon^{1/5}`, times :math:`\max(1, |x|)`.

    Returns
    -------
    float
        `derivative_errors` says how far off it is for every step.

    Raises
    ------
    TypeError
        For an `f` that is no function or returns no number, an `x` or `step` that is no number.
    ValueError
        For NaN or infinity, a value of `f` that is not finite, a step that is not above 0 or is lost beside `x`, an
        unknown method.

    References
    ----------
    Press, Teukolsky, Vetterling and Flannery (2007), "Numerical Recipes", 3rd edition, section 5.7.

    Examples
    --------
    >>> derivative(lambda x: x**2, 3.0)
    6.0
    >>> round(derivative(lambda x: x**2, 3.0, method="forward", step=1e-4), 6)
    6.0001
    """
    fun = RealFunction(f)
    x, method = real(x, "x"), chosen(method, "method", METHODS)
    h = default_step(method, x) if step is None else positive(step, "step")
    _check_steps(x, h, method)
    slope = _RULES[method](fun, x, h)
    if watched():
        _tell(fun, x, method, h, slope)
    return slope


def derivative_errors(
    f: Callable[[float], float],
    x: float,
    method: str = "central",
    *,
    exact: float | None = None,
    steps: ArrayLike | None = None,
) -> DerivativeErrors:
    """The error of `derivative` at many steps: first it falls with the step, then rounding makes it rise again.

    Parameters
    ----------
    f, x, method
        As in `derivative`.
    exact : float, optional
        The true slope. Without it the Richardson slope at its own best step stands in, which is itself off by about
        1e-13 on the scale of the values.
    steps : array-like of shape (n,), optional
        The steps; by default three a decade from 1 down to 1e-13, on the scale of `x`.

    Returns
    -------
    DerivativeErrors
        With `steps`, `slopes`, `errors`, the `reference`, and the `best_step`.

    Raises
    ------
    TypeError, ValueError
        As `derivative` does.

    Examples
    --------
    >>> import math
    >>> found = derivative_errors(math.sin, 1.0, "forward", exact=math.cos(1.0))
    >>> bool(1e-9 < found.best_step < 1e-7)
    True
    """
    fun = RealFunction(f)
    x, method = real(x, "x"), chosen(method, "method", METHODS)
    given = _STEPS * max(1.0, abs(x)) if steps is None else vector(steps, "steps")
    for h in given:
        _check_steps(x, positive(h, "steps"), method)
    reference = _reference(fun, x) if exact is None else real(exact, "exact")
    slopes = np.array([_RULES[method](fun, x, h) for h in given.tolist()])
    if watched():
        h = default_step(method, x)
        _tell(fun, x, method, h, _RULES[method](fun, x, h), exact)
    return DerivativeErrors(given, slopes, abs(slopes - reference), reference)


def _reference(f: Callable[[float], float], x: float) -> float:
    return richardson(f, x, default_step("richardson", x))


def _check_steps(x: float, h: float, method: str) -> None:
    narrowest = h / 2 if method == "richardson" else h
    if x + narrowest == x or x - narrowest == x:
        least = 4 * _EPS * abs(x)
        raise ValueError(f"step={h:g} is lost beside x={x:g}: their sum is x again; take at least {least:.1g}.")


def _tell(fun: RealFunction, x: float, method: str, h: float, slope: float, exact: float | None = None) -> None:
    """Tell who watches of the slopes at all steps, the chosen one last."""

    def value(place: float) -> float:
        return fun.value_or_nan(place)

    scale = max(1.0, abs(x))
    reference = _RULES["richardson"](value, x, default_step("richardson", x)) if exact is None else exact
    steps = np.append(_STEPS * scale, h)
    places = np.linspace(x - 1.6 * scale, x + 1.6 * scale, _CURVE)
    curve = np.column_stack([places, [value(place) for place in places.tolist()]])

    def states() -> Iterable[State]:
        for width in steps.tolist():
            found = _RULES[method](value, x, width)
            # where the function has no value (beside the edge of its domain) there is nothing to show
            if np.isfinite(found):
                left = x if method == "forward" else x - width
                ends = np.array([[left, value(left)], [x + width, value(x + width)]])
                yield State(width, found, abs(found - reference), ends)

    subject: Any = Slope(method, x, h, slope, reference, exact is not None, curve)
    show(states, total=len(steps), fit=Fit(subject))
