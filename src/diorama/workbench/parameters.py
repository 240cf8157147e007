"""One parameter of a model, as scikit-learn's constraints declare it, and the way to its value from text."""

import math
from collections.abc import Sequence
from numbers import Integral, Real
from typing import Any, NamedTuple

from diorama.workbench.errors import ParameterError

_TRUE, _FALSE, _NONE = {"true", "yes", "on"}, {"false", "no", "off"}, {"none", "null", ""}


class Range(NamedTuple):
    """Numbers that a parameter takes."""

    whole: bool
    low: float  # -inf when there is no bound
    high: float
    closed: str  # which bounds belong to it: "left", "right", "both", "neither"

    def holds(self, value: float) -> bool:
        above = value >= self.low if self.closed in {"left", "both"} else value > self.low
        below = value <= self.high if self.closed in {"right", "both"} else value < self.high
        return (above or self.low == -math.inf) and (below or self.high == math.inf)

    def __str__(self) -> str:
        kind = "a whole number" if self.whole else "a number"
        bounds = []
        if self.low != -math.inf:
            bounds.append(f"{'of at least' if self.closed in {'left', 'both'} else 'above'} {_plain(self.low)}")
        if self.high != math.inf:
            bounds.append(f"{'of at most' if self.closed in {'right', 'both'} else 'below'} {_plain(self.high)}")
        return " ".join([kind, " and ".join(bounds)]).strip()


class Parameter(NamedTuple):
    """What one argument of a model's constructor can be."""

    name: str
    default: Any
    ranges: tuple[Range, ...]
    choices: tuple[str, ...]
    boolean: bool
    optional: bool  # None is a value of it

    @property
    def kind(self) -> str:
        """The control that fits it: "choice", "bool", "int", "float", or "other" for what text cannot say."""
        if self.boolean and not self.ranges and not self.choices:
            return "bool"
        if self.choices and not self.ranges:
            return "choice"
        if self.ranges:
            default_is_real = isinstance(self.default, float) or not any(r.whole for r in self.ranges)
            return "float" if default_is_real else "int"
        return "other"

    @property
    def low(self) -> float | None:
        """The smallest number, or None when there is no bound."""
        bounds = [r.low for r in self._of_kind()]
        return min(bounds) if bounds and min(bounds) != -math.inf else None

    @property
    def high(self) -> float | None:
        """The largest number, or None when there is no bound."""
        bounds = [r.high for r in self._of_kind()]
        return max(bounds) if bounds and max(bounds) != math.inf else None

    def _of_kind(self) -> list[Range]:
        return [r for r in self.ranges if r.whole == (self.kind == "int")]

    def describe(self) -> str:
        """What it takes, as a sentence goes on after "must be"."""
        said = (
            [f"one of {', '.join(map(repr, self.choices))}"] if len(self.choices) > 1 else list(map(repr, self.choices))
        )
        said += [str(r) for r in self.ranges]
        said += ["true or false"] if self.boolean else []
        said += ["none"] if self.optional else []
        return ", or ".join(said) if said else "set in Python: no text says it"

    def parse(self, given: Any) -> Any:
        """The value that a text (or a plain value) stands for; ParameterError when it is none of what is taken."""
        text = str(given).strip()
        if text == str(self.default):
            return self.default
        folded = text.casefold()
        if self.optional and folded in _NONE:
            return None
        if text in self.choices:
            return text
        if self.boolean and folded in _TRUE | _FALSE:
            return folded in _TRUE
        for allowed in sorted(self.ranges, key=lambda r: not r.whole):
            value = _number(text, allowed.whole)
            if value is not None and allowed.holds(value):
                return value
        raise ParameterError(f"{self.name} must be {self.describe()}; got {text!r}.")


def _plain(bound: float) -> str:
    return str(int(bound)) if bound == int(bound) and abs(bound) < 1e12 else f"{bound:g}"


def _number(text: str, whole: bool) -> float | int | None:
    try:
        value = int(text) if whole else float(text)
    except ValueError:
        return None
    return None if math.isnan(value) else value


def parameter_of(name: str, default: Any, constraints: Sequence[Any] | str) -> Parameter:
    """A parameter from its entry in an estimator's `_parameter_constraints`."""
    if isinstance(constraints, str) or not constraints:
        constraints = [type(default).__name__]
    ranges, choices, boolean, optional = [], [], default is True or default is False, default is None
    for constraint in constraints:
        if constraint is None:
            optional = True
        elif constraint in (Integral, Real):
            ranges.append(Range(constraint is Integral, -math.inf, math.inf, "neither"))
        elif constraint == "boolean":
            boolean = True
        elif constraint == "verbose":
            ranges.append(Range(True, 0, math.inf, "left"))
            boolean = True
        elif constraint == "random_state":
            ranges.append(Range(True, 0, 2**32 - 1, "both"))
            optional = True
        elif hasattr(constraint, "closed"):
            ranges.append(_range(constraint))
        elif hasattr(constraint, "options"):
            choices += [option for option in constraint.options if isinstance(option, str)]
    choices.sort(key=lambda choice: (choice != default, choice))
    return Parameter(name, default, tuple(ranges), tuple(choices), boolean, optional)


def _range(interval: Any) -> Range:
    low = -math.inf if interval.left is None else float(interval.left)
    high = math.inf if interval.right is None else float(interval.right)
    return Range(interval.type is Integral, low, high, interval.closed)
