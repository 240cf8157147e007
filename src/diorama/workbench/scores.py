"""How well a model did, in the words that its task is judged by."""

from collections.abc import Mapping
from typing import Any, NamedTuple

import numpy as np
import polars as pl

from diorama._typing import Array

# the silhouette compares every row with every other
SILHOUETTE_ROWS = 2_000


class Metric(NamedTuple):
    """One way to judge."""

    name: str
    higher_is_better: bool


class Score(NamedTuple):
    """One row of the table of results."""

    who: str  # "ours", "baseline" or "twin"
    name: str  # the model's name
    values: Mapping[str, float | None]  # metric name -> value, None where it is not defined
    seconds: float  # of the fit


METRICS: Mapping[str, tuple[Metric, ...]] = {
    "classification": (
        Metric("accuracy", True),
        Metric("balanced accuracy", True),
        Metric("F1 (macro)", True),
        Metric("log loss", False),
    ),
    "regression": (Metric("R\N{SUPERSCRIPT TWO}", True), Metric("RMSE", False), Metric("MAE", False)),
    "clustering": (Metric("silhouette", True), Metric("inertia", False)),
}


def score(task: str, model: Any, X: Any, y: Array | None) -> dict[str, float | None]:
    """The task's metrics of a fitted model on these rows; of a clustering, `X` is all there is to judge by."""
    if task == "clustering":
        return _clustering(model, X)
    measure = _classification if task == "classification" else _regression
    return measure(model, X, np.asarray(y))


def _classification(model: Any, X: Any, y: Array) -> dict[str, float | None]:
    from sklearn.metrics import accuracy_score, f1_score, log_loss
    from sklearn.metrics import recall_score as recall

    predicted = model.predict(X)
    present = np.unique(y)
    # the mean recall of the classes that occur, which is the balanced accuracy, without its remark on the others
    balanced = recall(y, predicted, labels=present, average="macro", zero_division=0)
    known = hasattr(model, "predict_proba") and np.isin(present, model.classes_).all()
    return {
        "accuracy": float(accuracy_score(y, predicted)),
        "balanced accuracy": float(balanced),
        "F1 (macro)": float(f1_score(y, predicted, average="macro", zero_division=0)),
        "log loss": float(log_loss(y, model.predict_proba(X), labels=model.classes_)) if known else None,
    }


def _regression(model: Any, X: Any, y: Array) -> dict[str, float | None]:
    error = np.asarray(model.predict(X), dtype=float) - y
    spread = float(np.sum((y - y.mean()) ** 2))
    return {
        # one row, or rows that are all the same, have no variance to explain
        "R\N{SUPERSCRIPT TWO}": 1 - float(error @ error) / spread if spread else None,
        "RMSE": float(np.sqrt(np.mean(error**2))),
        "MAE": float(np.mean(np.abs(error))),
    }


def _clustering(model: Any, X: Any) -> dict[str, float | None]:
    from sklearn.metrics import silhouette_score

    matrix = X.to_numpy() if isinstance(X, pl.DataFrame) else np.asarray(X, dtype=float)
    # who has no way to place another row has labels for those that it learned from, which these are
    labels = np.asarray(model.predict(X) if hasattr(model, "predict") else model.labels_)
    # noise is no group: how well apart the others are can be said, but not what all rows cost
    noise = labels < 0
    matrix, labels = matrix[~noise], labels[~noise]
    rows = np.random.default_rng(0).permutation(len(matrix))[:SILHOUETTE_ROWS]
    defined = 2 <= len(np.unique(labels[rows])) < len(rows)
    return {
        "silhouette": float(silhouette_score(matrix[rows], labels[rows])) if defined else None,
        "inertia": None if noise.any() else float(np.sum((matrix - _centers(model, matrix, labels)) ** 2)),
    }


def _centers(model: Any, matrix: Array, labels: Array) -> Array:
    """The centre of each row's group: the model's own where it has centres, else the mean of the group."""
    if hasattr(model, "cluster_centers_"):
        return np.asarray(model.cluster_centers_)[labels]
    groups, place = np.unique(labels, return_inverse=True)
    return np.array([matrix[labels == group].mean(axis=0) for group in groups])[place]
