"""The live picture of judging a classifier: a threshold that comes down over the tumours of a clinic."""

from functools import lru_cache
from typing import Any, Literal

import numpy as np
from sklearn.datasets import load_breast_cancer

from diorama.bayes import GaussianNB
from diorama.evaluation import sweep
from diorama.linear import LogisticRegression
from diorama.recording import record
from diorama.scenes import Scene


def threshold(
    model: Literal["logistic regression", "naive Bayes", "guessing"] = "logistic regression",
    columns: int = 2,
    seed: int = 0,
) -> Scene:
    """A model of a few `columns`, judged on the half of the tumours that it has not seen; yes is malignant."""
    data = _tumours()
    random = np.random.default_rng(seed)
    order = random.permutation(len(data.target))
    X = data.data[order, :columns]
    malignant = data.target[order] == 0
    half = len(X) // 2
    if model == "guessing":
        probability = random.uniform(size=len(X) - half)
    else:
        kind = LogisticRegression() if model == "logistic regression" else GaussianNB()
        middle, width = X[:half].mean(axis=0), X[:half].std(axis=0)
        kind.fit((X[:half] - middle) / width, malignant[:half])
        probability = kind.predict_proba((X[half:] - middle) / width)[:, 1]
    with record(max_frames=42) as recording:
        sweep(malignant[half:], probability, yes=True)
    return recording.scene()


@lru_cache(maxsize=1)
def _tumours() -> Any:
    """The table is read once, and not for every move of a slider."""
    return load_breast_cancer()
