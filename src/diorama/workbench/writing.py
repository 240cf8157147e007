"""From a table to a file, by the ending of its name."""

from collections.abc import Callable, Mapping
from pathlib import Path

import polars as pl

from diorama._files import replacing, why_not_writable
from diorama.workbench.errors import TableError

_WRITERS: Mapping[str, Callable[[pl.DataFrame, Path], object]] = {
    ".csv": lambda frame, path: frame.write_csv(path),
    ".tsv": lambda frame, path: frame.write_csv(path, separator="\t"),
    ".parquet": lambda frame, path: frame.write_parquet(path),
    ".jsonl": lambda frame, path: frame.write_ndjson(path),
}


def refuse_unwritable_table(path: str | Path) -> None:
    """Raise TableError when no table can be written to `path`."""
    if problem := why_not_writable(path):
        raise TableError(problem)
    if Path(path).suffix.lower() not in _WRITERS:
        raise TableError(f"a table can be written as {', '.join(_WRITERS)}; {path} has another ending.")


def write_table(frame: pl.DataFrame, path: str | Path) -> None:
    """Write `frame` to `path`, whole or not at all. Raises TableError when that cannot be."""
    refuse_unwritable_table(path)
    try:
        with replacing(path) as draft:
            _WRITERS[Path(path).suffix.lower()](frame, draft)
    except OSError as error:
        raise TableError(f"{path} cannot be written: {error.strerror or error}.") from error
