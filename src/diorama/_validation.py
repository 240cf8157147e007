"""Checks that scikit-learn does not make, and the wording of errors: what is wrong, where, and what to do."""

import math
import re
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from difflib import get_close_matches
from numbers import Integral, Real
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from diorama._typing import Array


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A closing half-sentence that suggests the nearest known name, or lists them all when none is near."""
    names = list(known)
    folded = {candidate.casefold(): candidate for candidate in names}
    close = get_close_matches(name.casefold(), folded, n=1, cutoff=0.5)
    if close:
        return f"did you mean {folded[close[0]]!r}?"
    return f"known are {', '.join(names)}." if names else "none are known."


def check_real(name: str, value: Any, wanted: str, fits: Callable[[Any], Any]) -> None:
    """TypeError unless `value` is a real number, ValueError unless it `fits`; both say what was `wanted`."""
    if not isinstance(value, Real):
        raise TypeError(f"{name} must be a number ({wanted}); got {described(value)}.")
    try:
        as_float = float(value)
    except OverflowError:
        as_float = math.inf
    if not fits(as_float):
        raise ValueError(f"{name} must be {wanted}; got {_written(value)}.")


def check_whole(name: str, value: Any, at_least: int = 1) -> None:
    """TypeError unless `value` is a whole number, ValueError where it is too small."""
    if not isinstance(value, Integral):
        raise TypeError(f"{name} must be a whole number, at least {at_least}; got {described(value)}.")
    if int(value) < at_least:
        raise ValueError(f"{name} must be at least {at_least}; got {_written(value)}.")


def check_flag(name: str, value: object) -> None:
    """TypeError unless `value` is True or False."""
    if not isinstance(value, bool | np.bool_):
        raise TypeError(f"{name} must be True or False; got {described(value)}.")


def check_part(name: str, value: object, kind: type[Any], example: str) -> None:
    """TypeError unless `value` is an object of this kind."""
    if not isinstance(value, kind):
        raise TypeError(f"{name} must be a {kind.__name__} such as {example}; got {described(value)}.")


@contextmanager
def naming(name: str) -> Iterator[None]:
    """Put an argument's name before what another library says of it without the name."""
    try:
        yield
    except (TypeError, ValueError) as error:
        kind = type(error)
        if kind not in (TypeError, ValueError) or re.search(rf"\b{name}\b", str(error)):
            raise
        raise kind(f"{name}: {error}") from error


def real_array(name: str, values: ArrayLike) -> Array:
    """`values` as an array of real numbers, of the type that they have."""
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must be an array of numbers; its rows have different lengths.") from error
    if array.dtype.kind not in "fiub":
        raise TypeError(f"{name} must hold real numbers; its type is {array.dtype}.")
    return array


def described(value: Any) -> str:
    """What an argument is, for an error: an array by its shape, all else by its type and value."""
    if isinstance(getattr(value, "shape", None), tuple) and value.shape and hasattr(value, "dtype"):
        return f"an array of shape {value.shape} and dtype {value.dtype}"
    text = _written(value)
    return f"{type(value).__name__} {text if len(text) <= 60 else text[:57] + '...'}"


def _written(value: Any) -> str:
    # a number may have more digits than Python is ready to write
    large = isinstance(value, int) and abs(value) > 10**60
    return f"of {value.bit_length()} bits" if large else repr(value)
