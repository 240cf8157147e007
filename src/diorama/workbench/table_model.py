"""A fitted model with all it needs to be used on another table: what `--out` writes and `predict` reads."""

from typing import Any

import polars as pl

from diorama._typing import Array
from diorama.workbench.errors import TableError
from diorama.workbench.preparation import Preparation


class TableModel:
    """A preparation of columns and the estimator fitted on what it makes.

    `preparation` and `estimator` are fitted; `task` is "classification", "regression" or "clustering"; `target` is the
    name of the column that was predicted, or None; `model` is the estimator's name in `MODELS`.
    """

    def __init__(self, preparation: Preparation, estimator: Any, *, model: str, task: str, target: str | None) -> None:
        self.preparation = preparation
        self.estimator = estimator
        self.model = model
        self.task = task
        self.target = target

    def __repr__(self) -> str:
        of = f" of {self.target!r}" if self.target else ""
        return f"<{self.model}{of} from {len(self.columns)} columns>"

    @property
    def columns(self) -> list[str]:
        """Names of the columns that a table must have."""
        return self.preparation.columns_

    def predict(self, frame: pl.DataFrame) -> Array:
        """(n_rows,) the class, number or cluster of each row.

        Raises TableError when a column is not there, or when the model can place no rows but those it was fitted to.
        """
        self.refuse_to_place()
        predicted: Array = self.estimator.predict(self.preparation.transform(frame))
        return predicted

    def refuse_to_place(self) -> None:
        """Raise TableError when the model has labels for the rows it was fitted to, and for no others."""
        if not hasattr(self.estimator, "predict"):
            raise TableError(
                f"{self.model} groups the rows it is fitted to and can place no others; fit it to these too."
            )

    def predict_proba(self, frame: pl.DataFrame) -> Array:
        """(n_rows, n_classes) probabilities, in the order of `estimator.classes_`."""
        probabilities: Array = self.estimator.predict_proba(self.preparation.transform(frame))
        return probabilities
