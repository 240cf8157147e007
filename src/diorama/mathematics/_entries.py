"""A table that fills entry by entry from others: what pictures of matrix operations are told."""

from collections.abc import Callable, Iterator
from typing import NamedTuple

from diorama._iterate import Fit, show
from diorama._typing import Array

# a picture has room for so many entries; of larger tables the first are told
MAX_TOLD = 400


class State(NamedTuple):
    """The entry that was filled last; the start has none."""

    n_filled: int
    row: int  # of the result; -1 at the start
    column: int
    left: tuple[tuple[int, int], ...]  # the entries of the left table that made it
    right: tuple[tuple[int, int], ...]  # and of the right one
    sentence: str  # how


class Tables(NamedTuple):
    """What is computed from what."""

    operation: str  # its name, by which a picture finds the function that ran
    left: Array  # (n, m)
    right: Array | None
    result: Array  # (rows, columns)
    formula: str  # LaTeX


class Origin(NamedTuple):
    """Where one entry of a result comes from."""

    left: tuple[tuple[int, int], ...]
    right: tuple[tuple[int, int], ...]
    sentence: str


def tell(tables: Tables, origin: Callable[[int, int], Origin]) -> None:
    """Show observers the result fill row by row."""
    n_columns = tables.result.shape[1]
    total = min(tables.result.size, MAX_TOLD)

    def states() -> Iterator[State]:
        yield State(0, -1, -1, (), (), "")
        for k in range(total):
            row, column = divmod(k, n_columns)
            yield State(k + 1, row, column, *origin(row, column))

    show(states, total=total, fit=Fit(tables))
