"""All rows of `make bench`, family by family."""

from benchmarks import rows_linear
from benchmarks.harness import Row

ROWS: list[Row] = [*rows_linear.ROWS]
