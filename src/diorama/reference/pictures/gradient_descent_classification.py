"""The live picture of logistic regression by gradient descent: flowers told apart, a step at a time."""

import warnings
from functools import cache
from typing import Literal

import numpy as np
from sklearn.datasets import load_iris

from diorama._typing import Array
from diorama.linear import GradientDescentClassifier
from diorama.optimization import DivergenceWarning
from diorama.recording import record
from diorama.scenes import Scene

Flowers = Literal["two kinds, two measures", "two kinds, one measure", "three kinds, two measures"]
FRAMES = 20


def gradient_descent_classification(
    flowers: Flowers = "two kinds, two measures",
    learning_rate: float = 1.0,
    n_steps: int = 60,
    threshold: float = 0.5,
) -> Scene:
    """`n_steps` steps on the standardised petals of irises (Fisher 1936)."""
    X, y = petals(flowers)
    model = GradientDescentClassifier(learning_rate=learning_rate, max_iter=n_steps, tol=None, threshold=threshold)
    with warnings.catch_warnings(), record(max_frames=FRAMES) as recording:
        # the picture itself tells of a divergence
        warnings.simplefilter("ignore", DivergenceWarning)
        model.fit(X, y)
    return recording.scene()


@cache
def petals(flowers: Flowers) -> tuple[Array, Array]:
    """Standardised petal lengths and widths, and the names of the kinds."""
    iris = load_iris()
    rows = slice(None) if flowers.startswith("three") else slice(50, None)
    X = iris.data[rows, 2:3] if flowers.endswith("one measure") else iris.data[rows, 2:4]
    standardised: Array = (X - X.mean(axis=0)) / X.std(axis=0)
    return standardised, np.array(iris.target_names)[iris.target[rows]]
