"""The live picture of C4.5: a tree grown and cut for real, on mornings, on fruit or on flowers."""

from functools import cache
from typing import Literal

import numpy as np
import polars as pl
from sklearn.datasets import load_iris

from diorama.recording import record
from diorama.reference.pictures.mornings import Problem, fruit, mornings
from diorama.scenes import Scene
from diorama.trees import C45Classifier

Data = Literal["fruit", "measured mornings", "a morning's outlook forgotten", "mornings with their date", "iris"]
FORGOTTEN = 11  # the overcast morning with 72 degrees


def c45(
    data: Data = "fruit",
    confidence: float = 0.25,
    min_samples_leaf: int = 2,
    noise: float = 0.1,
    seed: int = 0,
) -> Scene:
    """A tree cut where its branches promise more errors than a leaf, at `confidence`; `noise` mislabels fruit."""
    problem = _problem(data, noise, seed)
    with record(max_frames=40) as recording:
        C45Classifier(confidence=confidence, min_samples_leaf=min_samples_leaf).fit(problem.X, problem.y)
    return recording.scene()


def _problem(data: Data, noise: float, seed: int) -> Problem:
    if data == "fruit":
        return fruit(seed, noise)
    if data == "iris":
        return _iris()
    known = mornings(numbers=data != "mornings with their date", dates=data == "mornings with their date")
    if data != "a morning's outlook forgotten":
        return known
    outlook = [None if row == FORGOTTEN else value for row, value in enumerate(known.X["outlook"])]
    return known._replace(X=known.X.with_columns(pl.Series("outlook", outlook)))


@cache
def _iris() -> Problem:
    bunch = load_iris()
    names = [name.removesuffix(" (cm)") for name in bunch.feature_names]
    return Problem(pl.DataFrame(bunch.data, schema=names), np.array(bunch.target_names)[bunch.target])
