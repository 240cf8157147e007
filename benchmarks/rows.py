"""All rows of `make bench`, family by family."""

from benchmarks.harness import Row

ROWS: list[Row] = []
