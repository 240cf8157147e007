"""How a kept model does on another table."""

import warnings
from typing import NamedTuple

from diorama._typing import Array
from diorama.workbench.checks import classification_target, named_target, regression_target
from diorama.workbench.models import find_model
from diorama.workbench.scores import METRICS, Metric, score
from diorama.workbench.table_model import TableModel
from diorama.workbench.tables import Table


class Evaluation(NamedTuple):
    """The scores of one model on one table."""

    metrics: tuple[Metric, ...]
    values: dict[str, float | None]
    n_rows: int
    notes: tuple[str, ...]


def evaluate(model: TableModel, table: Table, target: str | None = None) -> Evaluation:
    """Score `model` on every row of `table` that has a target (`target`, or the name that the model was fitted to).

    Raises TableError for a table without the model's columns, or whose target is not of the model's kind.

    >>> from diorama.workbench import read_table, run
    >>> fitted = run(read_table("iris"), None, "CARTClassifier", record=False).model
    >>> evaluate(fitted, read_table("iris")).values["accuracy"] > 0.9
    True
    """
    frame, y, notes = table.frame, None, list(table.notes)
    if model.task != "clustering":
        entry = find_model(model.model)
        name = named_target(frame, target or model.target, entry)
        found = (
            classification_target(frame, name, entry, to_learn=False)
            if model.task == "classification"
            else regression_target(frame, name, entry)
        )
        y, frame = found.values, frame.drop(name)[found.rows]
        if frame.height < table.frame.height:
            notes.append(f"{table.frame.height - frame.height} rows without a {name} are left out")
        notes += _strangers(model, y)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        X = model.preparation.transform(frame)
        values = score(model.task, model.estimator, X, y)
    notes += dict.fromkeys(str(warning.message) for warning in caught)
    return Evaluation(METRICS[model.task], values, frame.height, tuple(notes))


def _strangers(model: TableModel, y: Array) -> list[str]:
    """What to say of classes that the model never saw."""
    if model.task != "classification":
        return []
    unknown = sorted(set(map(str, y)) - set(map(str, model.estimator.classes_)))
    return [f"the model does not know the class {', '.join(unknown)} and is wrong on its rows"] if unknown else []
