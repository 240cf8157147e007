"""Whether a table can be used for what was asked: the columns' values, the target, the number of rows."""

from typing import NamedTuple

import numpy as np
import polars as pl

from diorama._typing import Array
from diorama._validation import did_you_mean
from diorama.workbench.errors import TableError
from diorama.workbench.models import ModelEntry, models_for

# of a column of numbers with more distinct values than this, and than a twentieth of its rows, nobody means classes
MOST_CLASSES_OF_NUMBERS = 20


class Target(NamedTuple):
    """The column to predict, and the rows of the table that have it."""

    name: str
    values: Array  # numbers, or labels as the user wrote them
    rows: Array  # indices of the rows whose target is there


def check_columns(frame: pl.DataFrame) -> None:
    """Raise TableError for an infinite value (which row, which column) and for a column without any value."""
    refuse_infinities(frame)
    for column in frame.iter_columns():
        if column.null_count() == len(column):
            raise TableError(f"column {column.name!r} has no value in any row; remove it from the table.")


def refuse_infinities(frame: pl.DataFrame) -> None:
    """Raise TableError that names the first infinite value's row (counted from 1 below the header) and column."""
    for column in frame.iter_columns():
        if column.dtype.is_float() and column.is_infinite().any():
            row = int(column.is_infinite().fill_null(False).arg_true()[0])
            raise TableError(
                f"row {row + 1}, column {column.name!r} holds an infinite number ({column[row]}); "
                "write a finite number there, or leave the cell empty."
            )


def named_target(frame: pl.DataFrame, target: str | None, entry: ModelEntry) -> str:
    """The target's name when the table has it; TableError suggests the nearest column."""
    if target is None:
        raise TableError(f"{entry.name} needs a target: name the column to predict, one of {', '.join(frame.columns)}.")
    if target not in frame.columns:
        raise TableError(f"the table has no column {target!r}; {did_you_mean(target, frame.columns)}")
    if len(frame.columns) == 1:
        raise TableError(f"{target!r} is the table's only column; add columns to predict it from.")
    return target


def check_rows(n_rows: int, least: int, what: str) -> None:
    """Raise TableError when there are fewer rows than `what` needs."""
    if n_rows < least:
        rows = "one row" if n_rows == 1 else f"{n_rows} rows"
        raise TableError(f"the table has {rows} to learn from, and {what} needs at least {least}; add rows.")


def regression_target(frame: pl.DataFrame, name: str, entry: ModelEntry) -> Target:
    """The target as float64 numbers; TableError when it holds text or dates."""
    column, rows = _present(frame, name)
    if not (column.dtype.is_numeric() or column.dtype == pl.Boolean):
        raise TableError(
            f"column {name!r} holds {_kind(column)} (such as {str(column[0])!r}) and {entry.name} predicts numbers; "
            f"take {models_for('classification')}, or a target of numbers."
        )
    refuse_infinities(column.to_frame())
    return Target(name, column.cast(pl.Float64).to_numpy(), rows)


def classification_target(frame: pl.DataFrame, name: str, entry: ModelEntry, *, to_learn: bool = True) -> Target:
    """The target as labels; TableError when it is a measure rather than classes, or (`to_learn`) one class only."""
    column, rows = _present(frame, name)
    if column.dtype.is_float() or column.dtype.is_decimal():
        column = _whole(column.cast(pl.Float64), name, entry)
    distinct = column.n_unique()
    if column.dtype.is_integer() and distinct > max(MOST_CLASSES_OF_NUMBERS, len(column) // 20):
        raise TableError(_no_classes(name, f"{distinct} different numbers", entry))
    if to_learn and distinct == 1:
        raise TableError(
            f"column {name!r} holds one class only ({column[0]!r}), so there is nothing to tell apart; "
            "add rows of another class, or take another target."
        )
    return Target(name, labels_of(column), rows)


def labels_of(column: pl.Series) -> Array:
    """Labels as an array that sorts and compares: whole numbers, booleans, or text."""
    if column.dtype.is_integer() or column.dtype == pl.Boolean:
        return column.to_numpy()
    return np.array([str(value) for value in column], dtype=np.str_)


def _present(frame: pl.DataFrame, name: str) -> tuple[pl.Series, Array]:
    column = frame[name]
    rows = column.is_not_null().arg_true().to_numpy()
    if not len(rows):
        raise TableError(f"column {name!r}, the target, has no value in any row; fill it, or take another target.")
    return column.drop_nulls(), rows


def _whole(column: pl.Series, name: str, entry: ModelEntry) -> pl.Series:
    """Labels that a file stored as 0.0, 1.0, 2.0 as the whole numbers they are."""
    refuse_infinities(column.to_frame())
    fractions = column.filter(column != column.round())
    if len(fractions):
        raise TableError(_no_classes(name, f"numbers with fractions (such as {fractions[0]:g})", entry))
    return column.cast(pl.Int64)


def _no_classes(name: str, holds: str, entry: ModelEntry) -> str:
    return (
        f"column {name!r} holds {holds} and {entry.name} sorts into classes; "
        f"take {models_for('regression')}, or a target of classes."
    )


def _kind(column: pl.Series) -> str:
    return "dates" if column.dtype.is_temporal() else "text"


def rarest_class(labels: Array) -> int:
    """How many rows the class with the fewest has."""
    return int(np.unique(labels, return_counts=True)[1].min())
