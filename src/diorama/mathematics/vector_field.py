"""A vector field: an arrow at every point of the plane, as wind or a gradient has; and drops that drift with it."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama.mathematics._numbers import count, function, vector

STEPS = 30
# the longest arrow carries a drop across this share of the ground in all of its steps
_CARRY = 0.9


class State(NamedTuple):
    """Where the drops are after some steps."""

    n_steps: int
    drops: Array  # (n_drops, 2); NaN for a drop that came where the field has no value


class VectorField(NamedTuple):
    """The arrows of a field on a grid."""

    points: Array  # (n * n, 2) where the arrows stand
    arrows: Array  # (n * n, 2) the field there; NaN where it has no value
    x_range: Array  # (2,)
    y_range: Array  # (2,)

    @property
    def lengths(self) -> Array:
        """(n * n,) how long each arrow is."""
        found: Array = np.hypot(self.arrows[:, 0], self.arrows[:, 1])
        return found


def drift(field: Callable[[Array], Array], drops: Array, time: float) -> Array:
    """Every drop a short time on: half a step to look, then the whole step by what is seen there."""
    middle = drops + time / 2 * field(drops)
    moved: Array = drops + time * field(middle)  #: drift
    return moved


def vector_field(
    field: Callable[[Array], ArrayLike],
    x_range: ArrayLike = (-2.0, 2.0),
    y_range: ArrayLike = (-2.0, 2.0),
    n: int = 13,
) -> VectorField:
    """The arrows of a field on an n by n grid.

    Parameters
    ----------
    field : callable
        A point, an array of shape (2,), to the arrow there, two numbers.
    x_range, y_range : (low, high)
        The ground.
    n : int, default=13
        Arrows along each side.

    Returns
    -------
    VectorField
        `points`, `arrows` and their `lengths`.

    Raises
    ------
    TypeError
        For a `field` that is no function, or returns no two real numbers; an `n` that is no whole number.
    ValueError
        For a range that does not rise, an `n` below 2 or above 40, or arrows of another shape.

    References
    ----------
    Marsden and Tromba (2012), "Vector Calculus", 6th edition, section 4.3.

    Examples
    --------
    >>> spin = vector_field(lambda p: (-p[1], p[0]), n=3)
    >>> spin.arrows[2]  # at the lower right corner, (2, -2)
    array([2., 2.])
    """
    fun = function(field, "field")
    ranges = [_rising(x_range, "x_range"), _rising(y_range, "y_range")]
    if not 2 <= count(n, "n") <= 40:
        raise ValueError(f"n must lie from 2 to 40; got {n}.")

    def arrows_at(points: Array) -> Array:
        return np.array([_arrow(fun, point) for point in points])

    def grid(n: int, inset: float = 0.0) -> Array:
        sides = [np.linspace(low + inset * (high - low), high - inset * (high - low), n) for low, high in ranges]
        return np.stack(np.meshgrid(*sides), axis=-1).reshape(-1, 2)

    points = grid(n)
    found = VectorField(points, arrows_at(points), *ranges)

    def states() -> Iterator[State]:
        drops = grid(6, inset=0.1)
        longest = np.nanmax(found.lengths, initial=0.0)
        time = _CARRY * min(high - low for low, high in ranges) / STEPS / (longest or 1.0)
        for k in range(STEPS + 1):
            yield State(k, drops)
            drops = drift(arrows_at, drops, time)

    show(states, total=STEPS, fit=Fit(found))
    return found


def _arrow(fun: Callable[[Array], ArrayLike], point: Array) -> Array:
    if np.isnan(point).any():
        return np.full(2, np.nan)
    with np.errstate(all="ignore"):
        arrow = np.asarray(fun(point))
    if arrow.dtype.kind not in "iuf":
        raise TypeError(f"field must return two real numbers; at {point} it gave {arrow!r}.")
    if arrow.shape != (2,):
        raise ValueError(f"field must return two numbers; at {point} it gave the shape {arrow.shape}.")
    found: Array = np.where(np.isfinite(arrow), arrow, np.nan)
    return found


def _rising(value: ArrayLike, name: str) -> Array:
    ends = vector(value, name)
    if ends.size != 2 or ends[0] >= ends[1]:
        raise ValueError(f"{name} must be (low, high) with low below high; got {value!r}.")
    return ends
