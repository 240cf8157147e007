"""Rows of the kernel matrix, worked out when they are asked for and kept as long as there is room.

A row asked for lately is likely to be asked for again; when the room is full, the rows asked for longest ago make way.
"""

from typing import Any

import numpy as np

from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.svm._kernel_function import KernelFunction

COLUMNS = 512
_MEGABYTE = 1 << 20


class KernelRows:
    """The kernel between all rows of a table, a few rows at a time, in single precision.

    Holds at most `cache_size` megabytes of kernel values, though never fewer than the `at_least` rows that are asked
    for at once.
    """

    def __init__(self, function: KernelFunction | None, X: Any, *, cache_size: float, at_least: int) -> None:
        """`function` None: `X` (n, n) is itself the kernel matrix."""
        self.function, self.n = function, X.shape[0]
        self._left = X if function is None else function.left(X)
        self._right = None if function is None else function.right(X)
        room = int(cache_size * _MEGABYTE) // (4 * self.n)
        capacity = min(self.n, max(room, at_least))
        self.values = np.empty((capacity, self.n), dtype=np.float32)
        self._slot = np.full(self.n, -1)  # where each row stands, or -1
        self._row = np.full(capacity, -1)  # the row that stands there, or -1
        self._asked = np.zeros(capacity, dtype=np.int64)  # when it was asked for last
        self._clock = 0

    def slots(self, rows: Array) -> Array:
        """Places in `values` of these different rows, at most `at_least` of them, worked out if they are not there."""
        self._clock += 1
        self._asked[self._slot[rows][self._slot[rows] >= 0]] = self._clock
        missing = rows[self._slot[rows] < 0]
        if len(missing):
            # rows asked for just now are the last to go
            free = np.sort(np.argsort(self._asked, kind="stable")[: len(missing)])
            gone = self._row[free]
            self._slot[gone[gone >= 0]] = -1
            self._row[free], self._slot[missing], self._asked[free] = missing, free, self._clock
            self._fill(missing, free)
        found: Array = self._slot[rows]
        return found

    def _fill(self, rows: Array, slots: Array) -> None:
        if self.function is None:
            self.values[slots] = self._left[rows]
            return
        left = self._left[rows]
        work = 4.0 * len(rows) * self.n * (self._left.shape[1] + 8)
        arguments = [(left, low, high, slots) for low, high in blocks(self.n, COLUMNS)]
        run(self._fill_block, arguments, work=work)

    def _fill_block(self, left: Any, low: int, high: int, slots: Array) -> None:
        assert self.function is not None
        assert self._right is not None
        self.values[slots, low:high] = self.function.between(left, self._right[low:high], np.float32)
