"""Tables of a scene as compact typed columns: numbers as little-endian bytes in base64, text as codes into a list."""

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from diorama._typing import Array

# what a data set of a scene is: column name -> values, all of one length
Columns = Mapping[str, Any]

_NUMBERS = {"u1": np.uint8, "i4": np.int32, "f4": np.float32}


def n_rows(columns: Columns) -> int:
    """Length that all columns share; ValueError names the column that differs."""
    lengths = {name: len(values) for name, values in columns.items()}
    if len(set(lengths.values())) > 1:
        raise ValueError(f"columns of one data set must have one length; got {lengths}.")
    return next(iter(lengths.values()), 0)


def encode(values: Sequence[Any] | Array) -> dict[str, Any]:
    """One column as plain data. Floats keep single precision, which is finer than a screen."""
    array = np.asarray(values)
    if array.dtype.kind in "OUST":
        return _encode_text([str(value) for value in values])
    if array.dtype.kind == "b":
        array = array.astype(np.uint8)
    if array.dtype.kind in "iu":
        small = array.size == 0 or (array.min() >= 0 and array.max() < 256)
        return _encode_numbers("u1" if small else "i4", array)
    return _encode_numbers("f4", array)


def _encode_numbers(kind: str, array: Array) -> dict[str, Any]:
    with np.errstate(over="ignore"):
        data = np.ascontiguousarray(array, dtype=np.dtype(_NUMBERS[kind]).newbyteorder("<"))
    return {"type": kind, "data": base64.b64encode(data.tobytes()).decode("ascii")}


def _encode_text(values: list[str]) -> dict[str, Any]:
    known = {value: code for code, value in enumerate(dict.fromkeys(values))}
    return {
        "type": "text",
        "values": list(known),
        "codes": encode(np.array([known[v] for v in values], dtype=np.int32)),
    }


def decode(column: Mapping[str, Any]) -> list[Any]:
    """The values that `encode` was given, as a plain list; NaN and infinity come back as None, as in JSON."""
    kind = column.get("type")
    if kind == "text":
        return [column["values"][code] for code in decode(column["codes"])]
    if kind not in _NUMBERS:
        raise ValueError(f"column type must be one of {[*_NUMBERS, 'text']}; got {kind!r}.")
    array = np.frombuffer(base64.b64decode(column["data"]), dtype=np.dtype(_NUMBERS[kind]).newbyteorder("<"))
    return [value if np.isfinite(value) else None for value in array.tolist()]


def to_rows(columns: Columns) -> list[dict[str, Any]]:
    """A data set as Vega takes it: one mapping a row."""
    decoded = {name: decode(encode(values)) for name, values in columns.items()}
    return [dict(zip(decoded, row, strict=True)) for row in zip(*decoded.values(), strict=True)]
