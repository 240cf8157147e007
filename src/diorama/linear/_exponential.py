"""Logistic and softmax losses of a block of rows, with the exponentials that they need.

Compiled loops cannot call a vector exp, so exp is written out here in a form that compilers turn into vector code:
x = k ln 2 + r, exp(x) = 2^k exp(r), where |r| <= ln 2 / 2 makes Taylor's series short, and 2^k is added to the exponent
bits [1]_.

.. [1] Cody, Waite (1980). Software Manual for the Elementary Functions, chapter 6.
"""

import math

import numpy as np

from diorama._kernel import exact_kernel, kernel
from diorama._typing import Array

_LOG2_E = 1 / math.log(2)
# ln 2 in two parts: multiples of the first are exact
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
# adding this rounds to a whole number and leaves it in the lowest bits
_ROUNDER = 1.5 * 2.0**52
# below this exp leaves the normal numbers
_LOWEST = -708.0
# factors in (1, 2] that can be multiplied before a product overflows
_CHUNK = 512


@exact_kernel
def exponentials(x: Array, out: Array, scratch: Array) -> None:
    """exp of each x <= 0 (n,), written into `out` (n,); below -708 it stays at exp(-708). Overwrites `scratch` (n,)."""
    for i in range(x.size):
        z = max(x[i], _LOWEST)
        shifted = z * _LOG2_E + _ROUNDER
        scratch[i] = shifted
        k = shifted - _ROUNDER
        r = (z - k * _LN2_HIGH) - k * _LN2_LOW
        series = 1.0 / 6227020800.0
        series = series * r + 1.0 / 479001600.0
        series = series * r + 1.0 / 39916800.0
        series = series * r + 1.0 / 3628800.0
        series = series * r + 1.0 / 362880.0
        series = series * r + 1.0 / 40320.0
        series = series * r + 1.0 / 5040.0
        series = series * r + 1.0 / 720.0
        series = series * r + 1.0 / 120.0
        series = series * r + 1.0 / 24.0
        series = series * r + 1.0 / 6.0
        series = series * r + 0.5
        series = series * r + 1.0
        out[i] = series * r + 1.0
    exponent, bits = scratch.view(np.int64), out.view(np.int64)
    for i in range(x.size):
        bits[i] += exponent[i] << 52


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
