"""What the columns of a table are to a tree that asks about categories, and the codes that stand for their values.

A column is names of things, numbers of which each is a category, numbers grouped into intervals, or numbers to be cut
anywhere. In the table of codes a category or an interval is its place in the order, a number is itself, a missing value
is NaN, and a category that was not there when the column was learned is UNSEEN.
"""

from collections.abc import Iterable
from numbers import Number
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils._missing import is_pandas_na, is_scalar_nan

from diorama._typing import Array

UNSEEN = -1.0


class Attribute(NamedTuple):
    """One column."""

    name: str
    kind: str  # "names", "numbers" (each a category), "intervals" or "scale" (cut anywhere)
    values: tuple[Any, ...]  # the categories in their order, or the upper ends of all intervals but the last

    @property
    def n_codes(self) -> int:
        """How many categories or intervals there are."""
        return len(self.values) + (self.kind == "intervals")

    def answer(self, code: int) -> str:
        """What a category or an interval is called; the code after the last stands for a missing value."""
        if code >= self.n_codes:
            return "missing"
        if self.kind != "intervals":
            return plain(self.values[code])
        low, high = self._ends(code)
        if low is None:
            return f"\N{LESS-THAN OR EQUAL TO} {high}"
        return f"> {low}" if high is None else f"{low} to {high}"

    def condition(self, code: int) -> str:
        """The same as part of a sentence: "outlook is sunny"."""
        if self.kind != "intervals" or code >= self.n_codes:
            return f"{self.name} is {self.answer(code)}"
        return f"{self.name} is {between(*self._ends(code))}"

    def _ends(self, code: int) -> tuple[str | None, str | None]:
        low = plain(self.values[code - 1]) if code > 0 else None
        return low, plain(self.values[code]) if code < len(self.values) else None

    def codes(self, column: Array) -> Array:
        """(n_samples,) float64 codes of the values of a column.

        Raises ValueError for a word in a column that was numbers.
        """
        if self.kind == "names":
            return self._codes_of_names(column)
        numbers = numbers_of(column, self.name)
        if numbers is None:
            word = next(value for value in column.tolist() if not _is_missing(value) and not _is_number(value))
            raise ValueError(f"column {self.name!r} held numbers when the model was fitted, and now has {word!r}.")
        if self.kind == "scale":
            return numbers
        values = np.array(self.values, dtype=float)
        places = np.searchsorted(values, numbers)
        if self.kind == "numbers":
            known = np.append(values, np.nan)[places] == numbers
            return np.where(np.isnan(numbers), np.nan, np.where(known, places, UNSEEN))
        return np.where(np.isnan(numbers), np.nan, places)

    def _codes_of_names(self, column: Array) -> Array:
        listed = column.tolist()
        known = {value: float(code) for code, value in enumerate(self.values)}
        distinct(listed, self.name)
        codes = np.array([known.get(value, UNSEEN) for value in listed])
        for row in np.flatnonzero(codes == UNSEEN):
            if _is_missing(listed[row]):
                codes[row] = np.nan
        return codes


def between(low: str | None, high: str | None) -> str:
    """The numbers between two ends in words, the upper one among them."""
    if low is None:
        return f"at most {high}"
    return f"above {low}" if high is None else f"above {low} and at most {high}"


def plain(value: Any) -> str:
    """A value as a reader writes it: 3 for 3.0."""
    return str(value).removesuffix(".0") if isinstance(value, float) else str(value)


def named(column: Array, name: str) -> Attribute:
    """A column each of whose values is a category, in order: numbers first, then words."""
    if column.dtype.kind == "O":
        found = distinct(column.tolist(), name)
    else:
        found = {value for value in np.unique(column).tolist() if not _is_missing(value)}
    values = sorted(found, key=lambda value: (isinstance(value, str), value))
    kind = "numbers" if values and all(_is_number(value) for value in values) else "names"
    return Attribute(name, kind, tuple(values))


def grouped(numbers: Array, weights: Array, name: str, n_intervals: int) -> Attribute:
    """Numbers in at most `n_intervals` intervals of about the same weight; NaN in none."""
    there = ~np.isnan(numbers)
    values, places = np.unique(numbers[there], return_inverse=True)
    below = np.cumsum(np.bincount(places, weights=weights[there]))
    ends = np.searchsorted(below, below[-1] * np.arange(1, n_intervals) / n_intervals)
    ends = np.unique(ends[ends < len(values) - 1])
    cuts = [short_between(low, high) for low, high in zip(values[ends], values[ends + 1], strict=True)]
    return Attribute(name, "intervals", tuple(cuts))


def short_between(low: float, high: float) -> float:
    """A number t with low <= t < high near their middle, with as few digits as will do."""
    middle = low / 2 + high / 2  # the sum of halves cannot overflow
    for digits in range(1, 17):
        short = float(f"{middle:.{digits}g}")
        if low <= short < high:
            return short
    return float(low)


def numbers_of(column: Array, name: str) -> Array | None:
    """(n_samples,) float64 with NaN for missing, when a column holds nothing but numbers; else None.

    Raises ValueError for an infinite number.
    """
    if column.dtype.kind in "iuf":
        return column.astype(np.float64)
    if column.dtype.kind != "O":
        return None
    listed = column.tolist()
    if not all(_is_number(value) for value in distinct(listed, name)):
        return None
    numbers = np.array([np.nan if _is_missing(value) else float(value) for value in listed])
    if np.isinf(numbers).any():
        raise ValueError(f"column {name!r} holds infinity in row {int(np.isinf(numbers).argmax())}.")
    return numbers


def distinct(values: Iterable[Any], name: str) -> set[Any]:
    """The different values that are not missing.

    Raises TypeError for one that is neither a word nor a number.
    """
    found = set()
    for value in _once(values, name):
        if _is_missing(value):
            continue
        if not isinstance(value, str | Number | np.bool_):
            raise _no_category(value, name)
        found.add(value.item() if isinstance(value, np.generic) else value)
    return found


def _once(values: Iterable[Any], name: str) -> set[Any]:
    listed = list(values)
    try:
        return set(listed)
    except TypeError:  # a list or a dict
        raise _no_category(next(value for value in listed if value.__hash__ is None), name) from None


def _no_category(value: Any, name: str) -> TypeError:
    kind = type(value).__name__
    return TypeError(f"column {name!r} of X holds a {kind}: each argument must be a string, a number or missing.")


def _is_missing(value: Any) -> bool:
    return value is None or is_scalar_nan(value) or is_pandas_na(value)


def _is_number(value: Any) -> bool:
    """A number and no truth value."""
    return isinstance(value, Number) and not isinstance(value, bool)
