"""Text tables: CSV and its relatives. Where a line is wrong, the error names the line."""

import csv
import io
from collections import Counter
from collections.abc import Iterator

import numpy as np
import polars as pl

from diorama._typing import Array
from diorama.workbench.errors import TableError

DELIMITERS = {",": "commas", ";": "semicolons", "\t": "tabs", "|": "bars"}
MISSING = ["", "NA", "N/A", "n/a", "NaN", "nan", "NULL", "null", "None", "?"]

# a quoted cell may hold a page of text, and csv's own limit is 128 kB
csv.field_size_limit(2**30)


def read_delimited(name: str, data: bytes, delimiter: str | None = None) -> tuple[pl.DataFrame, list[str]]:
    """The table of a delimited text and what was understood on the way; TableError says what is wrong on which line."""
    text = _decoded(name, data)
    delimiter = delimiter or guess_delimiter(text)
    header, line = _header(text, delimiter)
    names, notes = _names(name, header)
    if line == len(text) or not text[line:].strip():
        raise TableError(f"{name} has column names ({', '.join(names[:5])}) and no rows below them; add rows.")
    _refuse_ragged(name, text, delimiter, len(names))
    try:
        frame = pl.read_csv(
            _without_blank_lines(text[line:], len(names)).encode(),
            separator=delimiter,
            has_header=False,
            new_columns=names,
            infer_schema_length=None,
            null_values=MISSING,
            try_parse_dates=True,
        )
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        reason = str(error).strip().splitlines()[0]
        raise TableError(f"{name} cannot be read as a table of {DELIMITERS[delimiter]} ({reason}).") from error
    frame = frame.with_columns(_tidied(column, delimiter, notes) for column in frame.iter_columns())
    return frame, notes


def _decoded(name: str, data: bytes) -> str:
    if data[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise TableError(f"{name} is text in UTF-16, not UTF-8; save it as UTF-8.")
    zero = data.find(b"\0")
    if zero >= 0:
        raise TableError(
            f"{name} is binary, not text: byte {zero + 1} is zero; give a CSV, TSV, Parquet or JSON-lines file."
        )
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        start = data.rfind(b"\n", 0, error.start) + 1
        line = data.count(b"\n", 0, error.start) + 1
        character = len(data[start : error.start].decode("utf-8", "replace")) + 1
        raise TableError(
            f"{name} is not UTF-8: line {line}, character {character} is the byte 0x{data[error.start]:02x}; "
            "save it as UTF-8."
        ) from error
    # every way to end a line becomes one; blank lines at the top are nobody's header
    return text.replace("\r\n", "\n").replace("\r", "\n").lstrip("\n")


def guess_delimiter(text: str) -> str:
    """The mark that cuts the first lines into the same number of cells, more than one; a comma when none does."""
    sample = [line for _, line in zip(range(50), text.split("\n"), strict=False)]
    best, best_score = ",", (0.0, 0)
    for delimiter in DELIMITERS:
        counts = [len(row) for row in csv.reader(sample, delimiter=delimiter) if row]
        if not counts or counts[0] < 2:
            continue
        # a header that agrees with most rows beats many cells
        score = (sum(count == counts[0] for count in counts) / len(counts), counts[0])
        if score > best_score:
            best, best_score = delimiter, score
    return best


def _header(text: str, delimiter: str) -> tuple[list[str], int]:
    """Cells of the first row, and where the text below it begins."""
    lines = io.StringIO(text, newline="")
    row = next(csv.reader(lines, delimiter=delimiter))
    return [cell.strip() for cell in row], lines.tell()


def _names(table: str, header: list[str]) -> tuple[list[str], list[str]]:
    notes = []
    if all(_is_number(cell) for cell in header):
        few = ", ".join(header[:3])
        raise TableError(
            f"{table}, line 1 holds numbers ({few}) where column names should be; put a line of names above."
        )
    names = [cell or f"column {position}" for position, cell in enumerate(header, start=1)]
    unnamed = [name for name, cell in zip(names, header, strict=True) if not cell]
    if unnamed:
        notes.append(f"columns without a name are called {', '.join(unnamed)}")
    for name, count in Counter(names).items():
        if count > 1:
            places = [str(position) for position, other in enumerate(names, start=1) if other == name]
            raise TableError(f"{table}, line 1: columns {' and '.join(places)} are both called {name!r}; rename one.")
    return names, notes


def _is_number(cell: str) -> bool:
    try:
        float(cell)
    except ValueError:
        return False
    return True


def _refuse_ragged(name: str, text: str, delimiter: str, expected: int) -> None:
    for line, count in _wrong_counts(text, delimiter, expected):
        cells = f"{count} cell{'s' if count != 1 else ''}"
        raise TableError(
            f"{name}, line {line} has {cells} where the header has {expected} "
            f"(cells are cut at {DELIMITERS[delimiter]}); add or remove some, or quote text that holds the mark."
        )


def _without_blank_lines(text: str, columns: int) -> str:
    """Blank lines are no rows, unless the table has one column (then they are missing values) or quotes hold them."""
    if columns == 1 or '"' in text:
        return text.rstrip("\n") + "\n"
    return "\n".join(line for line in text.split("\n") if line) + "\n"


def _wrong_counts(text: str, delimiter: str, expected: int) -> Iterator[tuple[int, int]]:
    """(line, cells) of rows that have not as many cells as the header."""
    if '"' in text:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        yield from ((reader.line_num, len(row)) for row in reader if row and len(row) != expected)
        return
    # without quotes a count of bytes says the same, and says it of a hundred megabytes in no time
    ends, counts = _cells_per_line(np.frombuffer(text.encode(), dtype=np.uint8), ord(delimiter))
    lengths = np.diff(ends, prepend=-1) - 1
    for line in np.flatnonzero((counts != expected) & (lengths > 0)):
        yield int(line) + 1, int(counts[line])


def _cells_per_line(data: Array, delimiter: int) -> tuple[Array, Array]:
    ends = np.flatnonzero(data == ord("\n"))
    if len(data) and data[-1] != ord("\n"):
        ends = np.append(ends, len(data))
    cuts = np.searchsorted(np.flatnonzero(data == delimiter), ends)
    return ends, np.diff(cuts, prepend=0) + 1


def _tidied(column: pl.Series, delimiter: str, notes: list[str]) -> pl.Series:
    """A text column without outer blanks, as numbers when every value in it is one."""
    if column.dtype != pl.String:
        return column
    text = column.str.strip_chars()
    text = text.set(text.is_in(MISSING), None)
    if text.null_count() == len(text):
        return text
    numbers = text.cast(pl.Float64, strict=False)
    if numbers.null_count() == text.null_count():
        return numbers
    if delimiter == ";":
        numbers = text.str.replace(",", ".", literal=True).cast(pl.Float64, strict=False)
        if numbers.null_count() == text.null_count():
            notes.append(f"column {column.name!r} is read with a decimal comma")
            return numbers
    return text
