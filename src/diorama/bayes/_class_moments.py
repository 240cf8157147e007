"""Weight, mean and spread of every feature within every class, in one pass over the rows.

Each block of rows is measured from its own means, so that no digits are lost far from the origin, and the blocks'
results are put together by the rule of Chan, Golub and LeVeque (1979), in the order of the blocks.
"""

from typing import NamedTuple

import numpy as np

from diorama._kernel import exact_kernel
from diorama._parallel import blocks, run
from diorama._typing import Array

BLOCK = 2_048


class ClassMoments(NamedTuple):
    """Sums over the rows of each class."""

    weight: Array  # (n_classes,) sum of the rows' weights
    mean: Array  # (n_classes, n_features)
    square: Array  # (n_classes, n_features) sum of weighted squares of the distances from the mean


def class_moments(X: Array, codes: Array, weight: Array, n_classes: int) -> ClassMoments:
    """Moments of the rows X (n_samples, n_features) whose classes are `codes`; double precision whatever X has."""
    n_samples, n_features = X.shape
    bounds = blocks(n_samples, BLOCK)
    weights = np.zeros((len(bounds), n_classes))
    means = np.zeros((len(bounds), n_classes, n_features))
    squares = np.zeros_like(means)
    arguments = [
        (X[low:high], codes[low:high], weight[low:high], weights[k], means[k], squares[k])
        for k, (low, high) in enumerate(bounds)
    ]
    run(measure_block, arguments, work=4.0 * X.size)
    total = ClassMoments(weights[0], means[0], squares[0])
    for k in range(1, len(bounds)):
        total = merged(total, ClassMoments(weights[k], means[k], squares[k]))
    return total


def merged(a: ClassMoments, b: ClassMoments) -> ClassMoments:
    """Moments of two sets of rows together."""
    weight = a.weight + b.weight
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(weight > 0, b.weight / weight, 0.0)[:, None]
    gap = b.mean - a.mean
    return ClassMoments(weight, a.mean + share * gap, a.square + b.square + gap * gap * share * a.weight[:, None])


def total_variance(m: ClassMoments) -> Array:
    """(n_features,) variance over all rows: within the classes and between them."""
    share = m.weight / m.weight.sum()
    gap = m.mean - share @ m.mean
    variance: Array = m.square.sum(axis=0) / m.weight.sum() + share @ (gap * gap)
    return variance


@exact_kernel
def measure_block(X: Array, codes: Array, weight: Array, weights: Array, mean: Array, square: Array) -> None:
    """Moments of one block into `weights`, `mean` and `square`, which come as zeros."""
    n_samples, n_features = X.shape
    for i in range(n_samples):
        c = codes[i]
        weights[c] += weight[i]
        for j in range(n_features):
            mean[c, j] += weight[i] * X[i, j]
    for c in range(len(weights)):
        if weights[c] > 0:
            for j in range(n_features):
                mean[c, j] /= weights[c]
    for i in range(n_samples):
        c = codes[i]
        for j in range(n_features):
            gap = X[i, j] - mean[c, j]
            square[c, j] += weight[i] * gap * gap
