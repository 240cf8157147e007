"""From an object to plain JSON and named arrays.

JSON's own values stand for themselves; everything else is an object with a "$" that says what it is. An array or an
object that occurs twice is written once.
"""

import math
import sys
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import scipy.sparse as sp

from diorama._typing import Array
from diorama.persistence.allowed import OBJECTS, RECORDS, name_of
from diorama.persistence.errors import SaveError

MAX_DEPTH = 60
_ARRAY_KINDS = "biuf"


class Encoder:
    """Collects the arrays on the way; `encode` gives the JSON."""

    def __init__(self) -> None:
        self.arrays: dict[str, Array] = {}
        self._seen: dict[int, tuple[Any, str]] = {}  # id -> (the object, kept alive so that its id stays its own; name)

    def encode(self, value: Any, where: str = "model", depth: int = 0) -> Any:
        """JSON for `value`, which is found at `where`."""
        if depth > MAX_DEPTH:
            raise SaveError(f"{where} is nested too deeply (or within itself) to be saved.")
        if value is None or isinstance(value, bool | str) or type(value) is int:
            return value
        if type(value) is float:
            return value if math.isfinite(value) else {"$": "float", "value": repr(value)}
        if type(value) is list:
            return [self.encode(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
        for kind, encode in self._kinds():
            if isinstance(value, kind):
                return encode(value, where, depth)
        return self._object(value, where, depth)

    def _kinds(self) -> list[tuple[Any, Callable[[Any, str, int], Any]]]:
        return [
            (np.ndarray, self._array),
            (np.generic, self._scalar),
            (np.dtype, lambda value, where, depth: {"$": "dtype", "name": value.str}),
            (type, self._type),
            (tuple, self._tuple),
            (dict, self._dict),
            (set | frozenset, self._set),
            (slice, lambda value, where, depth: {"$": "slice", "of": [value.start, value.stop, value.step]}),
            (sp.csr_matrix | sp.csr_array | sp.csc_matrix | sp.csc_array, self._sparse),
        ]

    def _array(self, value: Array, where: str, depth: int) -> Any:
        if value.dtype.kind not in _ARRAY_KINDS or value.dtype.itemsize > 8:
            return self._items(value, where, depth)
        if id(value) in self._seen:
            return {"$": "array", **self._layout(value), "name": self._seen[id(value)][1]}
        name = f"array {len(self.arrays)}"
        self._seen[id(value)] = (value, name)
        native = value.astype(value.dtype.newbyteorder("="), copy=False)
        # columns one after the other stay so: a product over them then runs in the same order, to the same bits
        self.arrays[name] = np.array(native.T if _is_fortran(value) else native, order="C")
        return {"$": "array", **self._layout(value), "name": name}

    @staticmethod
    def _layout(value: Array) -> dict[str, Any]:
        return {"order": "F" if _is_fortran(value) else "C"}

    def _items(self, value: Array, where: str, depth: int) -> Any:
        """Arrays of text, dates and Python objects, item by item."""
        if value.dtype.kind in "Mm":
            return {"$": "dates", "dtype": value.dtype.str, "of": self.encode(value.view(np.int64), where, depth + 1)}
        if value.dtype.kind not in "UO":
            raise SaveError(f"{where} is an array of {value.dtype}, which cannot be saved; make it numbers or text.")
        items = [self.encode(item, where, depth + 1) for item in value.ravel().tolist()]
        return {"$": "items", "dtype": value.dtype.str, "shape": list(value.shape), "of": items}

    def _scalar(self, value: "np.generic[Any]", where: str, depth: int) -> Any:
        if value.dtype.kind in _ARRAY_KINDS + "U" and value.dtype.itemsize <= (8 if value.dtype.kind != "U" else 2**20):
            return {"$": "scalar", "dtype": value.dtype.str, "value": self.encode(value.item(), where, depth + 1)}
        raise SaveError(f"{where} is a {value.dtype} number, which cannot be saved; make it a Python number.")

    def _type(self, value: type, where: str, depth: int) -> Any:
        if issubclass(value, np.generic):
            return {"$": "number type", "name": np.dtype(value).str}
        if value.__module__.startswith("polars.datatypes"):
            return {"$": "polars", "name": value.__name__, "unit": None, "zone": None, "class": True}
        if value in (int, float, bool, str, object):
            return {"$": "type", "name": value.__name__}
        return self._other(value, where)

    def _tuple(self, value: tuple[Any, ...], where: str, depth: int) -> Any:
        items = [self.encode(item, f"{where}[{i}]", depth + 1) for i, item in enumerate(value)]
        if type(value) is tuple:
            return {"$": "tuple", "of": items}
        name = name_of(type(value))
        if name not in RECORDS:
            return self._other(value, where)
        return {"$": "record", "class": name, "of": items}

    def _dict(self, value: dict[Any, Any], where: str, depth: int) -> Any:
        pairs = [
            [self.encode(key, f"a key of {where}", depth + 1), self.encode(item, f"{where}[{key!r}]", depth + 1)]
            for key, item in value.items()
        ]
        return {"$": "dict", "of": pairs}

    def _set(self, value: set[Any] | frozenset[Any], where: str, depth: int) -> Any:
        # sorted as text: the same set gives the same file
        items = [self.encode(item, f"an item of {where}", depth + 1) for item in sorted(value, key=repr)]
        return {"$": "set" if isinstance(value, set) else "frozenset", "of": items}

    def _sparse(self, value: Any, where: str, depth: int) -> Any:
        parts = [self.encode(part, where, depth + 1) for part in (value.data, value.indices, value.indptr)]
        return {"$": "sparse", "class": type(value).__name__, "shape": list(value.shape), "of": parts}

    def _object(self, value: Any, where: str, depth: int) -> Any:
        if type(value).__module__.startswith("polars.datatypes"):
            return _polars_dtype(value)
        if surface := _surface(value):
            return surface
        if type(value).__module__.partition(".")[0] in ("pandas", "polars") and hasattr(value, "to_numpy"):
            return self.encode(value.to_numpy(), where, depth + 1)
        name = name_of(type(value))
        if name not in OBJECTS:
            return self._other(value, where)
        if id(value) in self._seen:
            return {"$": "again", "number": int(self._seen[id(value)][1])}
        number = sum(known.isdigit() for _, known in self._seen.values())
        self._seen[id(value)] = (value, str(number))
        state = self._state(value)
        attributes = {key: self.encode(item, f"{where}.{key}", depth + 1) for key, item in state.items()}
        return {"$": "object", "class": name, "number": number, "state": attributes}

    @staticmethod
    def _state(value: Any) -> Mapping[str, Any]:
        state = dict(vars(value))
        if {"cols", "_columns"} <= set(state):
            # skrub's rule for choosing columns may hold a function; what it chose is what is used from now on
            state["cols"] = list(state["_columns"])
        return state

    @staticmethod
    def _other(value: Any, where: str) -> Any:
        cls = value if isinstance(value, type) else type(value)
        what = (
            f"the function {value.__name__}" if hasattr(value, "__code__") else f"{cls.__module__}.{cls.__qualname__}"
        )
        raise SaveError(
            f"{where} is {what}, which cannot be saved: a file holds Diorama's models, scikit-learn's common "
            "transformers and plain values; leave it out, or use one of those."
        )


def _is_fortran(value: Array) -> bool:
    return bool(value.flags.f_contiguous and not value.flags.c_contiguous)


def _surface(value: Any) -> dict[str, Any] | None:
    """A test surface or its gradient, by the surface's name: functions themselves are never written."""
    optimization = sys.modules.get("diorama.optimization")
    for name, surface in optimization.SURFACES.items() if optimization else ():
        if value is surface or value is surface.gradient:
            return {"$": "surface", "name": name, "gradient": value is not surface}
    return None


def _polars_dtype(value: Any) -> dict[str, Any]:
    """A column type of polars: its name, and what belongs to a date and time."""
    unit, zone = (getattr(value, key, None) for key in ("time_unit", "time_zone"))
    return {"$": "polars", "name": type(value).__name__, "unit": unit, "zone": zone, "class": False}
