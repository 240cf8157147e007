"""Lists of different lengths, one for each query, kept end to end."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from diorama._typing import Array


class Ragged(NamedTuple):
    """The rows near each query: those of query i are from starts[i] to starts[i + 1], in rising order."""

    starts: Array  # (m + 1,)
    rows: Array  # (total,) row numbers
    distances: Array  # (total,)

    @classmethod
    def joined(cls, parts: Sequence[tuple[Array, Array, Array]]) -> "Ragged":
        """From (how many each query has, row numbers, distances) of blocks of queries, in their order."""
        starts = np.concatenate([[0], *(part[0] for part in parts)]).cumsum()
        rows = np.concatenate([np.empty(0, dtype=np.int64), *(part[1] for part in parts)])
        return cls(starts, rows, np.concatenate([np.empty(0), *(part[2] for part in parts)]))

    @property
    def queries(self) -> Array:
        """(total,) whose list each entry is in."""
        return np.repeat(np.arange(len(self.starts) - 1), np.diff(self.starts))

    def only(self, wanted: Array) -> "Ragged":
        """The entries where `wanted` (total,) is true."""
        counts = np.bincount(self.queries[wanted], minlength=len(self.starts) - 1)
        return Ragged.joined([(counts, self.rows[wanted], self.distances[wanted])])

    def by_distance(self) -> "Ragged":
        """Each query's list nearest first, ties in rising order of rows."""
        order = np.lexsort((self.rows, self.distances, self.queries))
        return self._replace(rows=self.rows[order], distances=self.distances[order])

    def lists(self, values: Array) -> Array:
        """(m,) an array of arrays: the entries of `values` (total,) of each query."""
        whole = np.empty(len(self.starts) - 1, dtype=object)
        for i in range(len(whole)):
            whole[i] = values[self.starts[i] : self.starts[i + 1]]
        return whole
