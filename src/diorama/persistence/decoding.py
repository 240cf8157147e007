"""From plain JSON and named arrays back to the object.

Nothing that a file says is called: classes come from the list in `allowed`, objects are made empty and their attributes
set, and what does not fit raises LoadError.
"""

import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from diorama._typing import Array
from diorama.persistence.allowed import OBJECTS, RECORDS, resolve
from diorama.persistence.checks import check
from diorama.persistence.encoding import MAX_DEPTH
from diorama.persistence.errors import LoadError

_FLOATS = {"nan": math.nan, "inf": math.inf, "-inf": -math.inf}
_TYPES = {"int": int, "float": float, "bool": bool, "str": str, "object": object}
_SPARSE = {cls.__name__: cls for cls in (sp.csr_matrix, sp.csr_array, sp.csc_matrix, sp.csc_array)}
_POLARS = frozenset(
    {"Boolean", "Categorical", "Date", "Datetime", "Float32", "Float64", "String", "Time", "Duration"}
    | {f"{sign}Int{bits}" for sign in ("", "U") for bits in (8, 16, 32, 64)}
)
# text arrays up to this wide are taken whatever is in them
TEXT_WIDTH = 64


class Decoder:
    """Rebuilds what `Encoder` took apart."""

    def __init__(self, arrays: Mapping[str, Array]) -> None:
        self._arrays = arrays
        self._turned: dict[str, Array] = {}
        self._objects: dict[int, Any] = {}

    def decode(self, node: Any, depth: int = 0) -> Any:
        """The value of one JSON node."""
        if depth > 2 * MAX_DEPTH:
            raise LoadError("it is nested too deeply")
        if node is None or isinstance(node, bool | str | int | float):
            return node
        if isinstance(node, list):
            return [self.decode(item, depth + 1) for item in node]
        decode = self._kinds().get(node.get("$"))
        if decode is None:
            raise LoadError(f"it holds a value of the unknown kind {str(node.get('$'))[:40]!r}")
        return decode(node, depth)

    def _kinds(self) -> Mapping[Any, Callable[[Mapping[str, Any], int], Any]]:
        return {
            "float": lambda node, depth: _FLOATS[node["value"]],
            "array": self._array,
            "items": self._items,
            "dates": self._dates,
            "scalar": self._scalar,
            "dtype": lambda node, depth: _dtype(node["name"]),
            "number type": lambda node, depth: _dtype(node["name"], "biuf").type,
            "type": lambda node, depth: _TYPES[node["name"]],
            "tuple": lambda node, depth: tuple(self._list(node, depth)),
            "set": lambda node, depth: set(self._list(node, depth)),
            "frozenset": lambda node, depth: frozenset(self._list(node, depth)),
            "slice": lambda node, depth: slice(*self._list(node, depth)),
            "dict": self._dict,
            "record": self._record,
            "sparse": self._sparse,
            "polars": _polars,
            "surface": _surface,
            "again": lambda node, depth: self._objects[node["number"]],
            "object": self._object,
        }

    def _list(self, node: Mapping[str, Any], depth: int) -> list[Any]:
        if not isinstance(node["of"], list):
            raise LoadError("a list in it is none")
        return [self.decode(item, depth + 1) for item in node["of"]]

    def _array(self, node: Mapping[str, Any], depth: int) -> Array:
        name = node["name"]
        if node["order"] != "F":
            return self._arrays[name]
        if name not in self._turned:
            self._turned[name] = self._arrays[name].T
        return self._turned[name]

    def _items(self, node: Mapping[str, Any], depth: int) -> Array:
        items = self._list(node, depth)
        dtype = _dtype(node["dtype"])
        # the width that an array of text asks for is held against the text that is there
        if dtype.kind == "U" and dtype.itemsize > 4 * max([TEXT_WIDTH, *(len(item) for item in items)]):
            raise LoadError("an array of text in it claims more than it holds")
        array = np.empty(len(items), dtype=dtype)
        for i, item in enumerate(items):
            array[i] = item
        return array.reshape(_shape(node["shape"]))

    def _scalar(self, node: Mapping[str, Any], depth: int) -> Any:
        value = self.decode(node["value"], depth + 1)
        if not isinstance(value, bool | int | float | str):
            raise LoadError("a number in it is none")
        return _dtype(node["dtype"], "biufU").type(value)

    def _dates(self, node: Mapping[str, Any], depth: int) -> Array:
        dtype = np.dtype(node["dtype"])
        if dtype.kind not in "Mm":
            raise LoadError("an array of dates in it holds none")
        dates: Array = self.decode(node["of"], depth + 1).view(dtype)
        return dates

    def _dict(self, node: Mapping[str, Any], depth: int) -> dict[Any, Any]:
        return {self.decode(key, depth + 1): self.decode(item, depth + 1) for key, item in node["of"]}

    def _record(self, node: Mapping[str, Any], depth: int) -> Any:
        cls = _allowed(node["class"], RECORDS)
        fields = self._list(node, depth)
        if len(fields) != len(cls._fields):
            raise LoadError(f"a {cls.__name__} in it has {len(fields)} fields")
        record = cls._make(fields)
        check(record)
        return record

    def _sparse(self, node: Mapping[str, Any], depth: int) -> Any:
        data, indices, indptr = self._list(node, depth)
        matrix = _SPARSE[node["class"]]((data, indices, indptr), shape=_shape(node["shape"]))
        matrix.check_format(full_check=True)
        return matrix

    def _object(self, node: Mapping[str, Any], depth: int) -> Any:
        cls = _allowed(node["class"], OBJECTS)
        number, state = node["number"], node["state"]
        if not isinstance(number, int) or number in self._objects or not isinstance(state, dict):
            raise LoadError(f"a {cls.__name__} in it has no state")
        rebuilt = object.__new__(cls)
        self._objects[number] = rebuilt
        for name, value in state.items():
            if not name.isidentifier() or name.startswith("__") or callable(getattr(cls, name, None)):
                raise LoadError(f"a {cls.__name__} in it has the impossible attribute {name[:40]!r}")
            vars(rebuilt)[name] = self.decode(value, depth + 1)
        check(rebuilt)
        return rebuilt


def _allowed(name: Any, names: frozenset[str]) -> type[Any]:
    cls = resolve(name) if isinstance(name, str) and name in names else None
    if cls is None:
        raise LoadError(f"it holds a {str(name)[:80]!r}, which this package does not load")
    return cls


def _dtype(name: Any, kinds: str = "biufUO") -> "np.dtype[Any]":
    if not isinstance(name, str) or len(name) > 12 or (dtype := np.dtype(name)).kind not in kinds:
        raise LoadError(f"it holds numbers of the unknown type {str(name)[:40]!r}")
    return dtype


def _shape(sizes: Any) -> tuple[int, ...]:
    if not isinstance(sizes, list) or not all(type(size) is int and 0 <= size < 2**48 for size in sizes):
        raise LoadError("an array in it has an impossible shape")
    return tuple(sizes)


def _surface(node: Mapping[str, Any], depth: int) -> Any:
    from diorama.optimization import SURFACES

    surface = SURFACES[node["name"]]
    return surface.gradient if node["gradient"] else surface


def _polars(node: Mapping[str, Any], depth: int) -> Any:
    import polars as pl

    name = node["name"]
    if name not in _POLARS:
        raise LoadError(f"it holds columns of the unknown type {str(name)[:40]!r}")
    dtype = getattr(pl, name)
    if node["class"]:
        return dtype
    return dtype(node["unit"], node["zone"]) if name == "Datetime" else dtype()
