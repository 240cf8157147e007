"""The live pictures of more than two classes and of the boundary between two."""

from typing import Literal

from diorama.reference.pictures.gradient_descent_classification import Flowers, gradient_descent_classification
from diorama.reference.pictures.logistic_regression import logistic_regression
from diorama.scenes import Scene


def multiclass_logistic_regression(
    way: Literal["softmax", "one against the rest"] = "softmax", n_classes: int = 3, overlap: float = 1.0, seed: int = 0
) -> Scene:
    """All classes at once, or the last of as many two-class problems as there are classes."""
    return logistic_regression(n_classes, overlap, 1.0, "L2", way, seed)


def decision_boundary(
    threshold: float = 0.5, flowers: Literal["two measures", "one measure"] = "two measures"
) -> Scene:
    """The same probabilities, cut at a `threshold` of your choice."""
    chosen: Flowers = "two kinds, two measures" if flowers == "two measures" else "two kinds, one measure"
    return gradient_descent_classification(chosen, 10.0, 60, threshold)
