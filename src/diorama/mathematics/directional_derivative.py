"""How fast a function changes when you walk one way: the gradient's share of that way."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, show, watched
from diorama._typing import Array
from diorama._validation import check_flag
from diorama.mathematics._ground import Ground
from diorama.mathematics._numbers import RealFunction, vector

_STEP = float(np.finfo(float).eps ** (1 / 3))
_TURNS = 36


class State(NamedTuple):
    """One way to walk, in the plane of the gradient and the direction that was asked for."""

    angle: float  # degrees away from the gradient
    direction: Array  # (n,) unit vector
    slope: float  # along it


class Walk(NamedTuple):
    """What was asked."""

    x: Array  # (n,)
    direction: Array  # (n,) as given
    normalize: bool
    angle: float  # degrees between the gradient and the direction
    slope: float  # the answer
    steepest: float  # length of the gradient
    ground: Ground | None  # the function around x, when it has two numbers


def directional_derivative(
    f: Callable[[Array], float], x: ArrayLike, direction: ArrayLike, *, normalize: bool = True
) -> float:
    r"""The slope of `f` at `x` along `direction`.

    Parameters
    ----------
    f : callable
        :math:`f`: an array of shape (n,) to a number. It is called twice, whatever n is.
    x : array-like of shape (n,)
        Where.
    direction : array-like of shape (n,)
        :math:`v`: which way; of any length but 0.
    normalize : bool, default=True
        True brings :math:`v` to length 1 first, so that the answer is a slope: rise for each unit of way. False takes
        :math:`v` as it is, so that the answer is :math:`\nabla f \cdot v`, :math:`\lVert v \rVert` times as large: rise
        for each unit of time when you move with velocity :math:`v`.

    Returns
    -------
    float
        :math:`D_v f = \nabla f(x) \cdot v`, by one central difference along :math:`v`.

    Raises
    ------
    TypeError
        For an `f` that is no function or returns no number, an `x` or `direction` that is no vector of numbers.
    ValueError
        For different shapes of `x` and `direction`, a direction of length 0, anything not finite.

    References
    ----------
    Apostol (1969), "Calculus", volume II, 2nd edition, sections 8.6 and 8.14.

    Examples
    --------
    >>> round(directional_derivative(lambda p: p[0] ** 2 + p[1], [1.0, 0.0], [3.0, 4.0]), 6)
    2.0
    >>> round(directional_derivative(lambda p: p[0] ** 2 + p[1], [1.0, 0.0], [3.0, 4.0], normalize=False), 6)
    10.0
    """
    check_flag("normalize", normalize)
    fun, point, way = RealFunction(f), vector(x, "x"), vector(direction, "direction")
    if way.shape != point.shape:
        raise ValueError(f"direction must have the shape {point.shape} of x; it has {way.shape}.")
    # scaled first, so that the squares of very small and very large entries stay numbers
    largest = float(abs(way).max())
    if largest == 0:
        raise ValueError("direction must not be the zero vector: it points nowhere.")
    length = largest * float(np.linalg.norm(way / largest))
    unit: Array = (way / largest) / float(np.linalg.norm(way / largest))
    slope = slope_along(fun, point, unit)
    answer = slope if normalize else slope * length
    if watched():
        _tell(fun, point, way, unit, answer, normalize)
    return answer


def slope_along(f: Callable[[Array], float], x: Array, unit: Array) -> float:
    """Rise over run between a step ahead and a step back."""
    step = _STEP * max(1.0, float(np.linalg.norm(x)))
    ahead, back = x + step * unit, x - step * unit
    rise: float = f(ahead) - f(back)
    return rise / (2 * step)  #: rise over run


def _tell(fun: RealFunction, x: Array, way: Array, unit: Array, answer: float, normalize: bool) -> None:
    """Tell who watches of the slopes in all directions of the plane, the one that was asked for last."""
    value = fun.value_or_nan
    axes = np.eye(x.size)
    slopes = np.array([slope_along(value, x, axis) for axis in axes])
    steepest = float(np.linalg.norm(slopes))
    ahead = slopes / steepest if steepest > 0 else unit
    beside = unit - (unit @ ahead) * ahead
    if np.linalg.norm(beside) < 1e-9 and x.size > 1:
        # the direction is the gradient's own: any way across it spans a plane to turn in
        other = axes[int(np.argmin(abs(ahead)))]
        beside = other - (other @ ahead) * ahead
    if x.size > 1:
        beside /= np.linalg.norm(beside)
    angle = float(np.degrees(np.arctan2(unit @ beside, unit @ ahead)))

    # on a line there are two ways only
    turns = np.linspace(-180.0, 180.0, _TURNS + 1) if x.size > 1 else np.array([0.0, 180.0])

    def states() -> Iterator[State]:
        for degrees in np.append(turns, angle):
            turned = np.cos(np.radians(degrees)) * ahead + np.sin(np.radians(degrees)) * beside
            yield State(float(degrees), turned, slope_along(value, x, turned))

    walk = Walk(x, way, normalize, angle, answer, steepest, Ground.of(value, x))
    show(states, total=len(turns), fit=Fit(walk))
