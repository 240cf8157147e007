"""Trees of many answers beside scikit-learn's tree by entropy: not the same trees, so the time is a figure to know."""

from functools import partial
from typing import Any

import numpy as np
from sklearn.tree import DecisionTreeClassifier

from benchmarks.harness import OURS, Row
from diorama.trees import C45Classifier, ID3Classifier


def _categories(n: int, d: int) -> Any:
    """Columns of five categories, a class that hangs on three of them, and noise."""
    random = np.random.default_rng(0)
    X = random.integers(0, 5, (n, d))
    return X, (X[:, 0] + X[:, 1] * X[:, 2] + random.normal(size=n) > 6).astype(int)


def _accuracy(fitted: Any, data: Any) -> float:
    return float(fitted.score(*data))


def _id3(name: str, n: int, d: int) -> Row:
    return Row(
        name=f"ID3 {name}",
        data=partial(_categories, n, d),
        contenders={
            OURS: lambda data: ID3Classifier(max_depth=4).fit(*data),
            "scikit-learn": lambda data: DecisionTreeClassifier(criterion="entropy", max_depth=8, random_state=0).fit(
                *data
            ),
        },
        quality=_accuracy,
        measure="train accuracy",
        tolerance=0.05,
        target=0.0,
    )


def _numbers(n: int, d: int, missing: float = 0.0, seed: int = 0) -> Any:
    """Columns of numbers, a class that hangs on two of them, and noise; some cells empty."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d))
    y = (X[:, 0] + X[:, 1] ** 2 + random.normal(size=n) > 0.5).astype(int)
    X[random.random(X.shape) < missing] = np.nan
    return X, y


def _c45(name: str, n: int, d: int, missing: float = 0.0) -> Row:
    return Row(
        name=f"C4.5 {name}",
        data=partial(_numbers, n, d, missing),
        contenders={
            OURS: lambda data: C45Classifier().fit(*data),
            # pruned, as ours is, by a price that leaves about as many leaves
            "scikit-learn": lambda data: DecisionTreeClassifier(
                criterion="entropy", min_samples_leaf=2, ccp_alpha=0.003, random_state=0
            ).fit(*data),
        },
        # of rows that neither has seen
        quality=lambda fitted, data: _accuracy(fitted, _numbers(n, d, missing, seed=1)),
        measure="accuracy",
        tolerance=0.05,
        target=0.0,
    )


ROWS: list[Row] = [
    _id3("200 x 5, words", 200, 5),
    _id3("2k x 10, words", 2_000, 10),
    _id3("20k x 10, words", 20_000, 10),
    _c45("200 x 5, numbers", 200, 5),
    _c45("2k x 10, numbers", 2_000, 10),
    _c45("2k x 10, a tenth missing", 2_000, 10, 0.1),
    _c45("20k x 10, numbers", 20_000, 10),
]
