"""One parameter of a concept's picture: what a reader may set, and within which range."""

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from diorama.reference.errors import ConceptError, PageError

# positions of a slider whose numbers grow by a factor
LOG_POSITIONS = 100


@dataclass(frozen=True)
class Parameter:
    """A slider ("range") or a choice, with the value that it starts from."""

    name: str
    label: str
    kind: str
    value: Any
    min: float = 0
    max: float = 0
    step: float = 1
    scale: str = "linear"
    options: tuple[Any, ...] = ()
    axis: str = ""  # "x" or "y" where it follows what is dragged along that axis of the picture

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise PageError(f"parameter {self.name!r}: {problem}")

    def _problems(self) -> list[str]:
        if self.kind == "choice":
            return [] if self.value in self.options else [f"its value {self.value!r} is none of its options."]
        if self.kind != "range":
            return [f"its kind is {self.kind!r}; known are 'range' and 'choice'."]
        if not self.min <= self.value <= self.max or self.min == self.max:
            return [f"its value {self.value!r} is not between {self.min!r} and {self.max!r}."]
        if self.axis not in ("", "x", "y"):
            return [f"its axis is {self.axis!r}; known are 'x' and 'y'."]
        if self.scale not in ("linear", "log") or (self.scale == "log" and self.min <= 0):
            return ["its scale is 'linear', or 'log' with a min above 0."]
        return [] if self.step > 0 else ["its step must be above 0."]

    @property
    def whole(self) -> bool:
        """Whether only whole numbers are meant."""
        return self.scale == "linear" and all(isinstance(n, int) for n in (self.value, self.min, self.max, self.step))

    def parse(self, given: Any) -> Any:
        """The value that a text (or a plain value) stands for; ConceptError says what is taken."""
        if self.kind == "choice":
            return self._chosen(str(given))
        try:
            value = int(str(given)) if self.whole else float(given)
        except (TypeError, ValueError):
            value = math.nan
        if not self.min <= value <= self.max:
            kind = "a whole number" if self.whole else "a number"
            raise ConceptError(
                f"{self.name} must be {kind} from {self.min:g} to {self.max:g}; got {str(given)[:80]!r}."
            )
        return value

    def _chosen(self, text: str) -> Any:
        for option in self.options:
            if text == option_text(option):
                return option
        known = ", ".join(map(option_text, self.options))
        raise ConceptError(f"{self.name} must be one of {known}; got {text[:80]!r}.")


def option_text(option: Any) -> str:
    """An option as it stands in an address and in a list: yes and no for true and false."""
    return {True: "yes", False: "no"}[option] if isinstance(option, bool) else str(option)


def parse_all(parameters: tuple[Parameter, ...], given: Mapping[str, Any]) -> dict[str, Any]:
    """Every parameter's value, from `given` or as the page has it; ConceptError for a name that there is not."""
    from diorama._validation import did_you_mean

    known = {parameter.name: parameter for parameter in parameters}
    for name in given:
        if name not in known:
            raise ConceptError(f"this picture has no parameter {name[:80]!r}; {did_you_mean(name, known)}")
    return {name: known[name].parse(given.get(name, _start(known[name]))) for name in known}


def _start(parameter: Parameter) -> Any:
    return option_text(parameter.value) if parameter.kind == "choice" else parameter.value
