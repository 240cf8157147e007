"""Broadcasting: which shapes combine entry by entry, and why.

Line the shapes up from the right. Along each axis the lengths must be equal, or one of them 1, or missing; what is 1 or
missing is repeated.
"""

from collections.abc import Sequence
from typing import NamedTuple

from diorama._iterate import Fit, show
from diorama._validation import described

RULES = ("equal", "stretched", "missing", "refused")


class AxisRule(NamedTuple):
    """What happens along one axis, counted from the right."""

    axis: int  # -1 is the last
    lengths: tuple[int | None, ...]  # one for each shape; None where the shape has no such axis
    rule: str  # one of RULES
    length: int | None  # of the result; None when refused

    def __str__(self) -> str:
        told = " and ".join("none" if n is None else str(n) for n in self.lengths)
        repeated = "stays as it is" if self.length == 1 else f"is repeated {self.length} times"
        ending = {
            "equal": "equal, so they pair up",
            "stretched": f"the 1 {repeated}",
            "missing": f"the missing axis counts as 1 and {repeated}",
            "refused": "neither equal nor 1, so they cannot combine",
        }[self.rule]
        return f"axis {self.axis}: {told}: {ending}"


class State(NamedTuple):
    """The axes looked at so far, from the right."""

    n_seen: int
    rules: tuple[AxisRule, ...]


class Shapes(NamedTuple):
    """The shapes that are to combine."""

    shapes: tuple[tuple[int, ...], ...]


def axis_rule(axis: int, lengths: tuple[int | None, ...]) -> AxisRule:
    """The rule for the lengths that meet on one axis."""
    longer = {n for n in lengths if n not in (None, 1)}
    if len(longer) > 1:
        return AxisRule(axis, lengths, "refused", None)
    length = longer.pop() if longer else 1
    if None in lengths:
        return AxisRule(axis, lengths, "missing", length)
    rule = "equal" if len(set(lengths)) == 1 else "stretched"  #: axis
    return AxisRule(axis, lengths, rule, length)


def broadcast_rules(*shapes: int | Sequence[int]) -> tuple[AxisRule, ...]:
    """What happens along each axis, from the last to the first; also for shapes that do not combine.

    Examples
    --------
    >>> for rule in broadcast_rules((3, 1), (4,)):
    ...     print(rule)
    axis -1: 1 and 4: the 1 is repeated 4 times
    axis -2: 3 and none: the missing axis counts as 1 and is repeated 3 times
    """
    checked = _checked(shapes)
    rank = max(map(len, checked), default=0)
    rules = tuple(
        axis_rule(axis, tuple(shape[axis] if len(shape) >= -axis else None for shape in checked))
        for axis in range(-1, -rank - 1, -1)
    )

    def states() -> list[State]:
        return [State(n, rules[:n]) for n in range(len(rules) + 1)]

    show(states, total=len(rules), fit=Fit(Shapes(checked)))
    return rules


def broadcast_shape(*shapes: int | Sequence[int]) -> tuple[int, ...]:
    """The shape that arrays of these shapes combine to.

    Parameters
    ----------
    *shapes : tuple of int, or int
        The shapes; a number n stands for (n,), and () for a single number.

    Returns
    -------
    tuple of int
        The common shape.

    Raises
    ------
    TypeError
        For what is no shape.
    ValueError
        For a negative length, no shapes, or shapes that do not combine: the sentence names the axis and its lengths.

    References
    ----------
    Harris et al. (2020), "Array programming with NumPy", Nature 585.

    Examples
    --------
    >>> broadcast_shape((3, 1), (4,))
    (3, 4)
    >>> broadcast_shape((2, 3), (2,))
    Traceback (most recent call last):
        ...
    ValueError: shapes (2, 3) and (2,) do not combine. axis -1: 3 and 2: neither equal nor 1, so they cannot combine.
    """
    checked = _checked(shapes)
    rules = broadcast_rules(*checked)
    for rule in rules:
        if rule.rule == "refused":
            raise ValueError(f"shapes {' and '.join(map(str, checked))} do not combine. {rule}.")
    return tuple(rule.length for rule in reversed(rules) if rule.length is not None)


def _checked(shapes: Sequence[int | Sequence[int]]) -> tuple[tuple[int, ...], ...]:
    if not shapes:
        raise ValueError("shapes must hold at least one shape; got none.")
    return tuple(_shape(shape, f"shape {i + 1}") for i, shape in enumerate(shapes))


def _shape(shape: int | Sequence[int], name: str) -> tuple[int, ...]:
    lengths = (shape,) if isinstance(shape, int) else shape
    if not isinstance(lengths, tuple | list) or any(isinstance(n, bool) or not isinstance(n, int) for n in lengths):
        raise TypeError(f"shapes: {name} must be a tuple of whole numbers; got {described(shape)}.")
    if any(n < 0 for n in lengths):
        raise ValueError(f"shapes: {name} must have no negative length; got {tuple(lengths)}.")
    return tuple(lengths)
