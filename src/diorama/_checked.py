"""scikit-learn's look over the data of a fit, without its price where arrays are already what it would make of them.

To find out of what a table is made takes it as long as a fit of two hundred rows; most fits are given plain arrays.
"""

from typing import Any

import numpy as np
from sklearn.utils.validation import validate_data

from diorama._typing import Array

_TARGETS = tuple(np.dtype(kind) for kind in (np.float64, np.float32, np.int64, np.int32))
_FEATURES = _TARGETS[:2]


def checked(model: Any, X: Any, y: Any, **rules: Any) -> tuple[Any, Any]:
    """`validate_data(model, X, y, **rules)` for rules that ask for double or single precision."""
    if _plain(X, y, **rules):
        # the columns are still counted, and names that an earlier fit knew forgotten
        rules["skip_check_array"] = True
    found: tuple[Any, Any] = validate_data(model, X, y, **rules)
    return found


def _plain(
    X: Any, y: Any, *, ensure_all_finite: bool = True, multi_output: bool = False, order: str = "K", **others: Any
) -> bool:
    """Whether both are arrays that a look over would hand back as they are."""
    if type(X) is not np.ndarray or type(y) is not np.ndarray or X.dtype not in _FEATURES or y.dtype not in _TARGETS:
        return False
    if X.ndim != 2 or y.ndim not in ((1, 2) if multi_output else (1,)) or len(X) != len(y):
        return False
    if len(X) < 2 or 0 in (X.shape[1], *y.shape) or (order == "C" and not X.flags.c_contiguous):
        return False
    return _finite(y) and (not ensure_all_finite or _finite(X))


def _finite(values: Array) -> bool:
    # numbers whose sum is finite are so themselves; the rest, very large numbers too, is left to the longer look
    with np.errstate(over="ignore", invalid="ignore"):
        return bool(np.isfinite(values.sum()))
