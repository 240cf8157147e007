"""Trees beside their peer: grown to the end or to a depth, on few values and many, in both precisions, on noise."""

from collections.abc import Callable
from functools import partial
from typing import Any

import numpy as np
from sklearn.datasets import make_classification
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from benchmarks.harness import OURS, Row
from diorama.trees import CARTClassifier, CARTRegressor

LEAF = -1


def _classes(n: int, d: int, n_classes: int, dtype: type = np.float64, decimals: int | None = None) -> Any:
    """Overlapping classes, half of the features informative; rounded, when only few values are wanted."""
    X, y = make_classification(
        n, d, n_informative=max(d // 2, 2), n_redundant=0, n_classes=n_classes, flip_y=0.05, random_state=0
    )
    # scikit-learn's tree works in single precision: so that both see the same numbers
    X = X.astype(np.float32)
    return np.ascontiguousarray(X if decimals is None else np.round(X, decimals), dtype=dtype), y


def _noise(n: int, d: int) -> Any:
    """Nothing to be learned: no feature and no place stands out, and full trees are as deep as they get."""
    random = np.random.default_rng(0)
    return random.normal(size=(n, d)).astype(np.float32).astype(float), random.integers(0, 2, n)


def _risk(fitted: Any, data: Any) -> float:
    """Impurity of the leaves, weighted by their rows."""
    tree = fitted.tree_
    leaves = tree.children_left == LEAF
    return float((tree.impurity * tree.weighted_n_node_samples)[leaves].sum() / tree.weighted_n_node_samples[0])


def _accuracy(fitted: Any, data: Any) -> float:
    return float(fitted.score(*data))


def _numbers(n: int, d: int) -> Any:
    """A bend, a product and noise."""
    X, _ = _noise(n, d)
    y = np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + np.random.default_rng(1).normal(size=n)
    return X, y


def _regression(name: str, data: Callable[[], Any], target: float = 1.0, **parameters: Any) -> Row:
    return Row(
        name=f"CART {name}",
        data=data,
        contenders={
            OURS: lambda data: CARTRegressor(random_state=0, **parameters).fit(*data),
            "scikit-learn": lambda data: DecisionTreeRegressor(random_state=0, **parameters).fit(*data),
        },
        quality=_accuracy,
        measure="train R2",
        lower_is_better=False,
        target=target,
    )


def _row(name: str, data: Callable[[], Any], target: float = 1.0, **parameters: Any) -> Row:
    to_the_end = "max_depth" not in parameters
    return Row(
        name=f"CART {name}",
        data=data,
        contenders={
            OURS: lambda data: CARTClassifier(random_state=0, **parameters).fit(*data),
            "scikit-learn": lambda data: DecisionTreeClassifier(random_state=0, **parameters).fit(*data),
        },
        # a tree grown to the end leaves no impurity, and what is left is rounding
        quality=_accuracy if to_the_end else _risk,
        measure="train accuracy" if to_the_end else "leaf impurity",
        lower_is_better=not to_the_end,
        target=target,
    )


ROWS: list[Row] = [
    _row("200 x 5, 2 classes", partial(_classes, 200, 5, 2)),
    _row("2k x 10, 3 classes", partial(_classes, 2_000, 10, 3)),
    _row("20k x 30, 3 classes", partial(_classes, 20_000, 30, 3), target=3.0),
    _row("20k x 30, 3 classes, entropy", partial(_classes, 20_000, 30, 3), target=3.0, criterion="entropy"),
    _row("20k x 30, 3 classes, float32", partial(_classes, 20_000, 30, 3, np.float32), target=3.0),
    _row("20k x 30, 50 classes", partial(_classes, 20_000, 30, 50), target=3.0),
    _row("20k x 30, few values", partial(_classes, 20_000, 30, 3, decimals=0), target=1.0),
    _row("20k x 30, noise", partial(_noise, 20_000, 30), target=3.0),
    _row("depth 6, 200k x 20", partial(_classes, 200_000, 20, 2), target=10.0, max_depth=6),
    _row("depth 6, 200k x 20, float32", partial(_classes, 200_000, 20, 2, np.float32), target=10.0, max_depth=6),
    _row("depth 6, 200k x 20, noise", partial(_noise, 200_000, 20), target=10.0, max_depth=6),
    _row("depth 6, 20k x 20", partial(_classes, 20_000, 20, 2), max_depth=6),
    _row("leaves of 20, 20k x 30", partial(_classes, 20_000, 30, 3), max_depth=30, min_samples_leaf=20),
    _regression("regressor 200 x 5", partial(_numbers, 200, 5)),
    _regression("regressor 20k x 30", partial(_numbers, 20_000, 30), target=3.0),
    _regression("regressor depth 6, 20k x 30", partial(_numbers, 20_000, 30), max_depth=6),
    _regression("regressor 2k x 5, absolute error", partial(_numbers, 2_000, 5), criterion="absolute_error"),
]
