"""Random whole numbers for kernels: SplitMix64 (Steele, Lea and Flood 2014)."""

from typing import Any

import numpy as np

from diorama._kernel import exact_kernel_step


@exact_kernel_step
def scramble(seed: int) -> Any:
    """A number of 63 bits, 0 or more, that looks as if it had nothing to do with that of `seed + 1`."""
    bits = np.uint64(seed) + np.uint64(0x9E3779B97F4A7C15)
    bits = (bits ^ (bits >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    bits = (bits ^ (bits >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((bits ^ (bits >> np.uint64(31))) >> np.uint64(1))
