"""Which rows are learned from and which are held out."""

from typing import NamedTuple

import numpy as np
import polars as pl

from diorama._typing import Array
from diorama.workbench.checks import (
    check_columns,
    check_rows,
    classification_target,
    named_target,
    rarest_class,
    regression_target,
)
from diorama.workbench.errors import ParameterError, TableError
from diorama.workbench.models import ModelEntry, find_model


class Split(NamedTuple):
    """Rows to learn from and rows held out, both without the target."""

    train: pl.DataFrame
    y_train: Array | None  # None for a clustering
    test: pl.DataFrame  # no rows for a clustering, which learns from all
    y_test: Array | None
    notes: tuple[str, ...]


def split(frame: pl.DataFrame, target: str | None, *, model: str, test: float = 0.25, seed: int = 0) -> Split:
    """Shuffle the rows by `seed` and hold out the share `test` of them, of every class alike where there are classes.

    Rows without a target are left out. Raises TableError for a table that `model` cannot learn from.

    >>> rows = split(pl.DataFrame({"x": range(8), "y": [0, 1] * 4}), "y", model="CARTClassifier")
    >>> len(rows.train), len(rows.test)
    (6, 2)
    """
    entry = find_model(model)
    if entry.task == "clustering":
        return _all_rows(frame, target)
    if not 0 < test < 1:
        raise ParameterError(f"test must be a share of the rows between 0 and 1, such as 0.25; got {test}.")
    name = named_target(frame, target, entry)
    check_columns(frame.drop(name))
    check_rows(frame.height, 4 if entry.task == "classification" else 3, "a fit with rows held out")
    read = classification_target if entry.task == "classification" else regression_target
    _, y, rows = read(frame, name, entry)
    notes = []
    if len(rows) < frame.height:
        notes.append(f"{frame.height - len(rows)} rows without a {name} are left out")
    learned, held_out, remarks = _shuffled(y, test, seed, stratify=entry.task == "classification")
    features = frame.drop(name)[rows]
    _check_learned(y[learned], entry)
    return Split(features[learned], y[learned], features[held_out], y[held_out], (*notes, *remarks))


def _all_rows(frame: pl.DataFrame, target: str | None) -> Split:
    notes = ["every row is learned from: a clustering has no answers to hold out"]
    if target is not None:
        if target not in frame.columns:
            named_target(frame, target, find_model("KMeans"))
        frame = frame.drop(target)
        notes.append(f"{target}: left out of the features, as the answer that is not shown")
    if not frame.columns:
        raise TableError(f"{target!r} is the table's only column; add columns to group the rows by.")
    check_columns(frame)
    check_rows(frame.height, 2, "a clustering")
    return Split(frame, None, frame.clear(), None, tuple(notes))


def _shuffled(y: Array, test: float, seed: int, *, stratify: bool) -> tuple[Array, Array, list[str]]:
    """Row numbers learned from and held out."""
    order = np.random.default_rng(seed).permutation(len(y))
    n_test = min(max(1, round(test * len(y))), len(y) - 1)
    if not stratify:
        return order[n_test:], order[:n_test], []
    if rarest_class(y) < 2:
        names, counts = np.unique(y, return_counts=True)
        note = f"class {names[counts.argmin()]!s} has one row, so the classes are not held out in equal shares"
        return order[n_test:], order[:n_test], [note]
    # rows of each class in turn, so that the first of this order hold every class in its share
    rank = np.empty(len(y))
    for label in np.unique(y):
        members = order[y[order] == label]
        rank[members] = (np.arange(len(members)) + 0.5) / len(members)
    order = order[np.argsort(rank[order], kind="stable")]
    return order[n_test:], order[:n_test], []


def _check_learned(y: Array, entry: ModelEntry) -> None:
    if entry.task == "classification" and len(np.unique(y)) < 2:
        raise TableError(
            "the rows to learn from hold one class only; hold out fewer rows, or add rows of another class."
        )
