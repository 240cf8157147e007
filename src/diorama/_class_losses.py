"""Logistic and softmax losses of a block of rows, with the exponentials that they need."""

import math

import numpy as np

from diorama._exponential import exponentials
from diorama._kernel import kernel
from diorama._typing import Array

# factors in (1, 2] that can be multiplied before a product overflows
_CHUNK = 512


@kernel
def binary_losses(raw: Array, y: Array, weight: Array, residual: Array, curvature: Array) -> float:
    """Weighted sum of log(1 + exp(raw)) - y raw over rows (n,), computed without overflow.

    Writes weight (p - y), the derivative by raw, and weight p (1 - p), the second, into the last two arrays (n,).
    """
    n = raw.size
    e, scratch = residual, np.empty(n)
    for i in range(n):
        curvature[i] = -abs(raw[i])
    exponentials(curvature, e, scratch)
    total = 0.0
    for start in range(0, n, _CHUNK):
        # rows of one weight share one logarithm: log a + log b = log ab
        product, weighed = 1.0, 0.0
        alike = weight[start]
        for i in range(start, min(start + _CHUNK, n)):
            weighed += weight[i] * (max(raw[i], 0.0) - y[i] * raw[i])
            if weight[i] == alike:
                product *= 1.0 + e[i]
            else:
                weighed += weight[i] * math.log1p(e[i])
        total += weighed + alike * math.log(product)
    for i in range(n):
        share = 1.0 / (1.0 + e[i])
        other = e[i] * share
        p = share if raw[i] >= 0.0 else other
        curvature[i] = weight[i] * share * other
        residual[i] = weight[i] * (p - y[i])
    return total


@kernel
def softmax_losses(raw: Array, y: Array, weight: Array, residual: Array, probability: Array) -> float:
    """Weighted sum of -log p of each row's class, p = softmax(raw) over raw (n, k); y (n,) holds class indices.

    Writes p into `probability` (n, k) and weight (p - one_hot(y)), the derivative by raw, into `residual` (n, k).
    """
    n, k = raw.shape
    scratch = np.empty(n * k)
    for i in range(n):
        highest = raw[i, 0]
        for j in range(1, k):
            highest = max(highest, raw[i, j])
        for j in range(k):
            residual[i, j] = raw[i, j] - highest
    exponentials(residual.reshape(-1), probability.reshape(-1), scratch)
    total = 0.0
    for i in range(n):
        mass = 0.0
        for j in range(k):
            mass += probability[i, j]
        total += weight[i] * (math.log(mass) - residual[i, y[i]])
        share = 1.0 / mass
        for j in range(k):
            probability[i, j] *= share
            residual[i, j] = weight[i] * probability[i, j]
        residual[i, y[i]] -= weight[i]
    return total
