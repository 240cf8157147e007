"""From a kept model and a table to predictions."""

import warnings
from pathlib import Path
from typing import NamedTuple

import polars as pl

from diorama.workbench.errors import ParameterError
from diorama.workbench.table_model import TableModel
from diorama.workbench.tables import Table


class Predictions(NamedTuple):
    """What a model says of each row."""

    frame: pl.DataFrame  # one column with the prediction, and one for each class's probability when asked for
    joined: pl.DataFrame  # the table itself with those columns after its own
    notes: tuple[str, ...]  # unknown categories and the like


def load_model(path: str | Path) -> TableModel:
    """The model that was kept at `path`. Raises LoadError for no such file, ParameterError when it holds no model."""
    from diorama.persistence import load

    model = load(path)
    if not isinstance(model, TableModel):
        raise ParameterError(
            f"{path} holds a {type(model).__name__} and not a model with its table's columns; "
            "make one with `diorama fit ... --out FILE`."
        )
    return model


def predictions(model: TableModel, table: Table, *, probabilities: bool = False) -> Predictions:
    """Predict every row of `table`.

    >>> from diorama.workbench import read_table, run
    >>> fitted = run(read_table("iris"), None, "CARTClassifier", record=False).model
    >>> predictions(fitted, read_table("iris")).frame.columns
    ['predicted species']
    """
    if probabilities and not hasattr(model.estimator, "predict_proba"):
        raise ParameterError(f"{model.model} has no probabilities; ask for the predictions alone.")
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always")
        X = model.preparation.transform(table.frame)
        model.refuse_to_place()
        name = f"predicted {model.target}" if model.target else "cluster"
        frame = pl.DataFrame({name: model.estimator.predict(X)})
        if probabilities:
            classes = [f"probability of {label}" for label in model.estimator.classes_]
            frame = frame.hstack(pl.DataFrame(model.estimator.predict_proba(X), schema=classes))
    # a table that was predicted before has these columns: the new ones take their place
    joined = table.frame.drop(frame.columns, strict=False).hstack(frame)
    return Predictions(frame, joined, tuple(dict.fromkeys(str(warning.message) for warning in caught)))
