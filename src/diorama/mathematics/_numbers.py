"""What the functions of this room ask of their arguments, and the sentences for what is not so."""

import math
import numbers
from collections.abc import Callable
from typing import Any

import numpy as np

from diorama._typing import Array
from diorama._validation import described, did_you_mean

# what is counted: strips, samples, repeats
MOST = 10**9
# what functions mostly answer
_USUAL = frozenset({float, int, np.float64})


def real(value: Any, name: str, *, finite: bool = True) -> float:
    """`value` as a float; TypeError for what is no real number, ValueError for NaN and, when `finite`, infinity."""
    single = isinstance(value, np.ndarray) and value.ndim == 0 and value.dtype.kind in "iuf"
    if isinstance(value, bool | np.bool_) or not (isinstance(value, numbers.Real) or single):
        raise TypeError(f"{name} must be a real number; got {described(value)}.")
    try:
        found = float(value)
    except OverflowError:
        found = math.inf  # an int beyond every float
    if math.isnan(found) or (finite and math.isinf(found)):
        raise ValueError(f"{name} must be {'finite' if finite else 'a number, not NaN'}; got {found}.")
    return found


def positive(value: Any, name: str) -> float:
    """`value` as a finite float above 0."""
    found = real(value, name)
    if found <= 0:
        raise ValueError(f"{name} must be above 0; got {found}.")
    return found


def count(value: Any, name: str) -> int:
    """`value` as an int of at least 1, and no more than a computer counts in a few minutes."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral):
        raise TypeError(f"{name} must be a whole number; got {described(value)}.")
    whole = int(value)
    if whole < 1:
        raise ValueError(f"{name} must be at least 1; got {described(value)}.")
    if whole > MOST:
        raise ValueError(f"{name} must be at most {MOST:,}; got {described(value)}.")
    return whole


def vector(value: Any, name: str) -> Array:
    """`value` as a new vector of finite floats, at least one of them."""
    try:
        array = np.asarray(value)
    except ValueError as error:
        raise ValueError(f"{name} must be a vector of numbers; its entries have different lengths.") from error
    if array.dtype.kind not in "iuf":
        raise TypeError(f"{name} must be a vector of real numbers; got {described(value)}.")
    if array.ndim != 1 or array.size == 0:
        raise ValueError(f"{name} must be a vector of at least one number; its shape is {array.shape}.")
    found = array.astype(float)
    if not np.isfinite(found).all():
        at = int(np.flatnonzero(~np.isfinite(found))[0])
        raise ValueError(f"{name} must be finite; entry {at} of shape {array.shape} is {found[at]}.")
    return found


def chosen(value: Any, name: str, known: tuple[str, ...]) -> str:
    """`value` when it is one of `known`; the error suggests the nearest."""
    if not isinstance(value, str):
        raise TypeError(f"{name} must be one of {known}; got {described(value)}.")
    if value not in known:
        raise ValueError(f"{name} must be one of {known}; got {value!r}: {did_you_mean(value, known)}")
    return value


class RealFunction:
    """A user's function that promises a real number: counts its calls, and checks what comes back."""

    __slots__ = ("_fun", "n_evaluations", "name")

    def __init__(self, fun: Callable[..., Any], name: str = "f") -> None:
        self._fun = function(fun, name)
        self.n_evaluations = 0
        self.name = name

    def __call__(self, x: Any) -> float:
        self.n_evaluations += 1
        value = self._fun(x)
        # the usual answers are let through at once: this stands in the inner loop
        if type(value) in _USUAL and math.isfinite(value):
            return float(value)
        return real(value, f"the value of {self.name} at {_place(x)}")

    def value_or_nan(self, x: Any) -> float:
        """The value for a picture: NaN where the function has none. Not counted."""
        try:
            with np.errstate(all="ignore"):
                return real(self._fun(x), self.name)
        except (ArithmeticError, ValueError, TypeError):
            return math.nan


def function(fun: Any, name: str) -> Callable[..., Any]:
    """`fun` when it can be called."""
    if not callable(fun):
        raise TypeError(f"{name} must be a function; got {described(fun)}.")
    called: Callable[..., Any] = fun
    return called


def _place(x: Any) -> str:
    return f"{np.array2string(x, threshold=6)}" if isinstance(x, np.ndarray) else f"{x:g}"
