"""From a file, standard input or the name of a built-in data set to a table. Each bad file gets one sentence."""

import json
import sys
from collections.abc import Callable, Mapping
from difflib import get_close_matches
from pathlib import Path
from typing import IO, NamedTuple

import polars as pl

from diorama.datasets import BUILT_IN
from diorama.datasets import load as load_built_in
from diorama.workbench.delimited import read_delimited
from diorama.workbench.errors import TableError

_FORMATS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".parquet": "parquet",
    ".pq": "parquet",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
}

# first bytes of files that are often mistaken for a table
_FOREIGN = {
    b"PK\x03\x04": "a zip archive or an Excel workbook; save the sheet as CSV",
    b"\xd0\xcf\x11\xe0": "an old Excel workbook; save the sheet as CSV",
    b"\x1f\x8b": "compressed with gzip; unpack it first",
    b"%PDF": "a PDF; save the table in it as CSV",
    b"SQLite format 3": "an SQLite database; export the table as CSV",
}


class Table(NamedTuple):
    """A table and where it came from."""

    name: str
    frame: pl.DataFrame
    target: str | None = None  # the column that a built-in data set is about
    notes: tuple[str, ...] = ()  # what was understood on reading: a decimal comma, a column without a name
    source: str = ""  # what `read_table` takes to read it again, when that is more than the name


def read_table(source: str | Path | IO[bytes], *, format: str | None = None) -> Table:
    """Read CSV, TSV, Parquet or JSON lines from a path, a binary file or "-" (standard input), or a built-in data set.

    `format` is "csv", "tsv", "parquet" or "jsonl"; by default the ending of the name decides, or else the first bytes.
    Raises TableError with one sentence when there is no table to read.

    >>> read_table("iris").frame.shape
    (150, 5)
    """
    if format is not None and format not in _READERS:
        raise TableError(f"there is no table format {format!r}; known are {', '.join(_READERS)}.")
    if isinstance(source, str) and source in BUILT_IN and not Path(source).exists():
        return Table(source, load_built_in(source), BUILT_IN[source].target)
    if source == "-":
        return _read("standard input", sys.stdin.buffer.read(), format)._replace(source="-")
    if isinstance(source, str | Path):
        path = Path(source)
        table = _read(path.name, _bytes_of(path), format or _FORMATS.get(path.suffix.lower()))
        return table._replace(source=str(path))
    name = Path(str(getattr(source, "name", "upload"))).name
    return _read(name, source.read(), format or _FORMATS.get(Path(name).suffix.lower()))


def _bytes_of(path: Path) -> bytes:
    if not path.exists():
        raise TableError(f"there is no file {path}{_nearest_file(path)}")
    if not path.is_file():
        raise TableError(f"{path} is {'a folder' if path.is_dir() else 'no regular file'}; name a table file.")
    try:
        return path.read_bytes()
    except OSError as error:
        raise TableError(f"{path} cannot be read: {error.strerror}.") from error


def _nearest_file(path: Path) -> str:
    """The end of the sentence about a file that is not there."""
    neighbours = [p.name for p in path.parent.iterdir() if p.is_file()] if path.parent.is_dir() else []
    close = get_close_matches(path.name, [*neighbours, *BUILT_IN], n=1, cutoff=0.7)
    if close:
        return f"; did you mean {close[0] if close[0] in BUILT_IN else path.with_name(close[0])}?"
    return "; `diorama datasets` lists the tables that need no file." if not path.suffix else "; check its name."


def _read(name: str, data: bytes, format: str | None) -> Table:
    if not data.strip():
        raise TableError(f"{name} is empty; it needs a line of column names and rows below it.")
    for start, what in _FOREIGN.items():
        if data.startswith(start):
            raise TableError(f"{name} is {what}.")
    frame, notes = _READERS[format or _sniff(data)](name, data)
    if frame.height == 0:
        raise TableError(f"{name} has column names ({_few(frame.columns)}) and no rows below them; add rows.")
    return Table(name, _plain(name, frame), None, tuple(notes))


def _sniff(data: bytes) -> str:
    if data.startswith(b"PAR1"):
        return "parquet"
    return "jsonl" if data.lstrip().startswith(b"{") else "csv"


def _few(names: list[str]) -> str:
    return ", ".join(names[:5]) + (f" and {len(names) - 5} more" if len(names) > 5 else "")


def _plain(name: str, frame: pl.DataFrame) -> pl.DataFrame:
    """The same table with NaN said as missing; TableError when a column holds more than one value a cell."""
    for column, dtype in frame.schema.items():
        if dtype.is_nested() or dtype in (pl.Binary, pl.Object):
            raise TableError(f"{name}: column {column!r} holds {dtype} in its cells; keep one number or text in each.")
    return frame.with_columns(pl.col(pl.Float32, pl.Float64).fill_nan(None))


def _read_tsv(name: str, data: bytes) -> tuple[pl.DataFrame, list[str]]:
    return read_delimited(name, data, "\t")


def _read_parquet(name: str, data: bytes) -> tuple[pl.DataFrame, list[str]]:
    try:
        return pl.read_parquet(data), []
    # a damaged file can fail in any of polars' ways, also in a Rust panic, which is a BaseException
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException, OSError, ValueError) as error:
        raise TableError(
            f"{name} is no Parquet file that can be read ({_first_line(error)}); write it anew."
        ) from error


def _read_json_lines(name: str, data: bytes) -> tuple[pl.DataFrame, list[str]]:
    rows = []
    for number, line in enumerate(data.split(b"\n"), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line, object_pairs_hook=_unique)
        except (ValueError, RecursionError) as error:
            raise TableError(f"{name}, line {number} is no JSON ({error}); each line must be one object.") from error
        if not isinstance(row, dict):
            raise TableError(f'{name}, line {number} is no object; each line must be one, such as {{"a": 1}}.')
        rows.append(row)
    names = list(dict.fromkeys(key for row in rows for key in row))
    return pl.DataFrame([_json_column(name, key, rows) for key in names]), []


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    if len({key for key, _ in pairs}) < len(pairs):
        raise ValueError("a name occurs twice in one object")
    return dict(pairs)


def _json_column(name: str, key: str, rows: list[dict[str, object]]) -> pl.Series:
    values = [row.get(key) for row in rows]
    try:
        return pl.Series(key, values, strict=True)
    except (TypeError, pl.exceptions.PolarsError, OverflowError):
        pass
    numbers = [value for value in values if value is not None and not isinstance(value, bool)]
    if all(isinstance(value, int | float) for value in numbers):
        return pl.Series(key, [float(value) if isinstance(value, int | float) else None for value in values])
    at = next(i for i, value in enumerate(values) if value is not None and type(value) is not type(numbers[0]))
    kinds = f"{type(numbers[0]).__name__} and {type(values[at]).__name__}"
    raise TableError(f"{name}, row {at + 1}, column {key!r}: {kinds} are mixed in one column; keep one kind.")


def _first_line(error: BaseException) -> str:
    return str(error).strip().splitlines()[0].rstrip(".") if str(error).strip() else type(error).__name__


_READERS: Mapping[str, Callable[[str, bytes], tuple[pl.DataFrame, list[str]]]] = {
    "csv": read_delimited,
    "tsv": _read_tsv,
    "parquet": _read_parquet,
    "jsonl": _read_json_lines,
}
