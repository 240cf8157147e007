"""Slopes of functions of many numbers: one for each coordinate, taken while the others hold still."""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._differences import central_differences, differenced_jacobian
from diorama._iterate import Fit, show, watched
from diorama._typing import Array
from diorama._validation import described
from diorama.mathematics._ground import Ground
from diorama.mathematics._numbers import RealFunction, function, vector

# the fourth root of the spacing of floats balances rounding against truncation in second differences
_STEP = float(np.finfo(float).eps ** (1 / 4))


class State(NamedTuple):
    """The partial derivatives found so far."""

    partials: Array  # (n,), NaN for those that are still to come


class MatrixState(NamedTuple):
    """The entries of a Jacobian or Hessian found so far."""

    matrix: Array  # (m, n), NaN for those that are still to come


class GradientSubject(NamedTuple):
    """What was asked of `gradient`."""

    x: Array  # (n,)
    gradient: Array  # (n,)
    ground: Ground | None  # the function around x, when it has two numbers


class MatrixSubject(NamedTuple):
    """What was asked of `jacobian` or `hessian`."""

    kind: str  # "Jacobian" or "Hessian"
    x: Array  # (n,)


def gradient(f: Callable[[Array], float], x: ArrayLike) -> Array:
    r"""The gradient of `f` at `x`: all partial derivatives, by central differences.

    Recorded, it is the picture of the arrow that grows on the contours of `f`, one partial derivative after another.

    Parameters
    ----------
    f : callable
        :math:`f`: an array of shape (n,) to a number. It is called exactly 2n times.
    x : array-like of shape (n,)
        Where.

    Returns
    -------
    ndarray of shape (n,)
        :math:`\partial f / \partial x_i`, with errors of about 1e-10 on the scale of the values.

    Raises
    ------
    TypeError
        For an `f` that is no function or returns no number, an `x` that is no vector of numbers.
    ValueError
        For an empty, not finite or not one-dimensional `x`, and a value of `f` that is not finite.

    References
    ----------
    Nocedal and Wright (2006), "Numerical Optimization", 2nd edition, section 8.1.

    Examples
    --------
    >>> gradient(lambda p: 2 * p[1] ** 3 * p[0] ** 2, [3.0, 2.0]).round(6)
    array([ 96., 216.])
    """
    fun, point = RealFunction(f), vector(x, "x")
    found = central_differences(fun, point)  #: difference
    if watched():

        def states() -> Iterator[State]:
            for known in range(point.size + 1):
                yield State(np.where(np.arange(point.size) < known, found, np.nan))

        show(states, total=point.size, fit=Fit(GradientSubject(point, found, Ground.of(fun.value_or_nan, point))))
    return found


def jacobian(f: Callable[[Array], ArrayLike], x: ArrayLike) -> Array:
    r"""The Jacobian of `f` at `x`: row i is the gradient of the i-th output.

    Parameters
    ----------
    f : callable
        :math:`f`: an array of shape (n,) to one of shape (m,). It is called exactly 2n times.
    x : array-like of shape (n,)
        Where.

    Returns
    -------
    ndarray of shape (m, n)
        :math:`\partial f_i / \partial x_j`.

    Raises
    ------
    TypeError, ValueError
        As `gradient` does; and when `f` returns anything but a vector of one length.

    Examples
    --------
    >>> import numpy as np
    >>> jacobian(lambda p: np.array([p[0] * p[1], p[0] + p[1], p[0]]), [3.0, 2.0]).round(6)
    array([[2., 3.],
           [1., 1.],
           [1., 0.]])
    """
    fun, point = _VectorFunction(f), vector(x, "x")
    found = differenced_jacobian(fun, point)  #: difference
    _tell_columns("Jacobian", point, found)
    return found


def hessian(f: Callable[[Array], float], x: ArrayLike) -> Array:
    r"""The Hessian of `f` at `x`: how each partial derivative changes along each coordinate, from values alone.

    Parameters
    ----------
    f : callable
        :math:`f`: an array of shape (n,) to a number. It is called exactly :math:`2n^2 + 1` times.
    x : array-like of shape (n,)
        Where.

    Returns
    -------
    ndarray of shape (n, n)
        :math:`\partial^2 f / \partial x_i \partial x_j`, symmetric; errors are about 1e-7 on the scale of the
        values.

    Raises
    ------
    TypeError, ValueError
        As `gradient` does.

    References
    ----------
    Abramowitz and Stegun (1964), "Handbook of Mathematical Functions", 25.3.23 and 25.3.26.

    Examples
    --------
    >>> hessian(lambda p: p[0] ** 2 * p[1], [3.0, 2.0]).round(4)
    array([[4., 6.],
           [6., 0.]])
    """
    fun, point = RealFunction(f), vector(x, "x")
    steps = _STEP * np.maximum(1.0, abs(point))
    # the step that is really taken: x + h is rounded
    steps = (point + steps) - point
    here = fun(point.copy())
    found = np.empty((point.size, point.size))
    for i in range(point.size):
        up, down = (fun(_moved(point, steps, (i,), (side,))) for side in (1, -1))
        found[i, i] = (up - 2 * here + down) / steps[i] ** 2  #: bend
        for j in range(i):
            pairs = ((1, 1), (1, -1), (-1, 1), (-1, -1))
            values = [fun(_moved(point, steps, (i, j), sides)) for sides in pairs]
            twist = values[0] - values[1] - values[2] + values[3]
            found[i, j] = found[j, i] = twist / (4 * steps[i] * steps[j])  #: twist
    _tell_columns("Hessian", point, found)
    return found


def _moved(point: Array, steps: Array, coordinates: tuple[int, ...], sides: tuple[int, ...]) -> Array:
    moved = point.copy()
    for coordinate, side in zip(coordinates, sides, strict=True):
        moved[coordinate] += side * steps[coordinate]
    return moved


def _tell_columns(kind: str, point: Array, found: Array) -> None:
    def states() -> Iterator[MatrixState]:
        for known in range(found.shape[1] + 1):
            yield MatrixState(np.where(np.arange(found.shape[1]) < known, found, np.nan))

    show(states, total=found.shape[1], fit=Fit(MatrixSubject(kind, point)))


class _VectorFunction:
    """A user's function that promises vectors of one length."""

    def __init__(self, fun: Callable[[Array], Any]) -> None:
        self._fun = function(fun, "f")
        self._length = 0

    def __call__(self, x: Array) -> Array:
        given = self._fun(x)
        if np.ndim(given) == 0:
            raise TypeError(f"f must return a vector; got {described(given)}. For one number take gradient.")
        values = vector(given, "the value of f")
        if self._length and values.size != self._length:
            raise ValueError(f"f must return vectors of one length; got {self._length} numbers, then {values.size}.")
        self._length = values.size
        return values
