"""exp of many numbers at once, for compiled loops.

Compiled loops cannot call a vector exp, so exp is written out here in a form that compilers turn into vector code:
x = k ln 2 + r, exp(x) = 2^k exp(r), where |r| <= ln 2 / 2 makes Taylor's series short, and 2^k is added to the exponent
bits [1]_.

.. [1] Cody, Waite (1980). Software Manual for the Elementary Functions, chapter 6.
"""

import math

import numpy as np

from diorama._kernel import exact_kernel
from diorama._typing import Array

_LOG2_E = 1 / math.log(2)
# ln 2 in two parts: multiples of the first are exact
_LN2_HIGH = 0.693147180369123816490
_LN2_LOW = 1.90821492927058770002e-10
# adding this rounds to a whole number and leaves it in the lowest bits
_ROUNDER = 1.5 * 2.0**52
# below this exp leaves the normal numbers
_LOWEST = -708.0


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
