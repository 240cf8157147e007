"""scikit-learn's checks of parameters and rows, in less time where there is nothing to find.

They take a third of a millisecond, which is longer than many a small fit. What they refuse, they refuse in their own
words: whatever is not plainly right is left to them.
"""

from functools import lru_cache
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import validate_parameter_constraints
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_sample_weight, check_array, validate_data

from diorama._typing import Array
from diorama._validation import naming

PLAIN = (int, float, str, bool, type(None))
_TARGETS = tuple(np.dtype(kind) for kind in (np.float64, np.float32, np.int64, np.int32))


class QuickChecks(BaseEstimator):
    """An estimator whose plain parameters (numbers, words, None) are checked once for all models that have the same."""

    _parameter_constraints: dict[str, list[Any]]

    def _validate_params(self) -> None:
        kind: Any = type(self)
        values = [getattr(self, name, self) for name in self._parameter_constraints]
        if all(type(value) in PLAIN for value in values):
            _validated_parameters(kind, *values)
        else:
            super()._validate_params()


@lru_cache(maxsize=512, typed=True)
def _validated_parameters(kind: Any, *values: Any) -> None:
    """Remembered when nothing is raised."""
    constraints = kind._parameter_constraints
    given = dict(zip(constraints, values, strict=True))
    validate_parameter_constraints(constraints, given, caller_name=kind.__name__)


def validated(estimator: Any, X: Any, *, reset: bool = True, **checks: Any) -> Any:
    """`validate_data` of rows without a target, for one of the types in `checks["dtype"]`."""
    if not _plain(X, **checks):
        with naming("X"):
            return validate_data(estimator, X, reset=reset, **checks)
    if reset:
        _remember(estimator, X)
    elif hasattr(estimator, "feature_names_in_") or X.shape[1] != estimator.n_features_in_:
        with naming("X"):
            return validate_data(estimator, X, reset=reset, **checks)
    return X


def _remember(estimator: Any, X: Array) -> None:
    """The columns are counted, and names that an earlier fit knew forgotten."""
    estimator.n_features_in_ = X.shape[1]
    if hasattr(estimator, "feature_names_in_"):
        del estimator.feature_names_in_


def validated_with_target(estimator: Any, X: Any, y: Any, *, reset: bool = True, **checks: Any) -> tuple[Any, Any]:
    """`validate_data` of rows and their target, for some of the types in `checks["dtype"]`."""
    if reset and _plain_target(X, y, **checks) and _plain(X, **{"ensure_min_samples": 2, **checks}):
        _remember(estimator, X)
        return X, y
    try:
        found: tuple[Any, Any] = validate_data(estimator, X, y, reset=reset, **checks)
    except (TypeError, ValueError) as error:
        with naming(_refused(X, y, error, **checks)):
            raise
    return found


def validated_weight(sample_weight: Any, X: Any, dtype: Any = np.float64) -> Array:
    """Weights (n_samples,) from 0 upwards; ones for None."""
    if sample_weight is None:
        return np.ones(X.shape[0], dtype)
    with naming("sample_weight"):
        weight: Array = _check_sample_weight(sample_weight, X, dtype=dtype, ensure_non_negative=True)
    return weight


def check_classes(y: Array, n_classes: int) -> None:
    """`check_classification_targets` of labels of which so many differ."""
    # whole numbers of which most come back are classes; to find that out takes scikit-learn as long as a small fit
    if y.dtype.kind not in "iu" or 2 * n_classes > len(y):
        check_classification_targets(y)


def _refused(X: Any, y: Any, error: Exception, **checks: Any) -> str:
    """Which of rows and target scikit-learn found a mistake in."""
    if y is None or "inconsistent numbers of samples" in str(error):
        return "y"
    of_rows = {name: value for name, value in checks.items() if name not in ("multi_output", "y_numeric")}
    try:
        check_array(X, **{"ensure_min_samples": 1, **of_rows})
    except (TypeError, ValueError):
        return "X"
    return "y"


def _plain_target(X: Any, y: Any, *, multi_output: bool = False, **others: Any) -> bool:
    """Whether y has a number, or some, for each row of X, all of them finite."""
    if type(X) is not np.ndarray or type(y) is not np.ndarray or y.dtype not in _TARGETS:
        return False
    if y.ndim not in ((1, 2) if multi_output else (1,)) or 0 in y.shape or y.shape[0] != X.shape[0]:
        return False
    return _finite(y)


def _finite(values: Any) -> bool:
    with np.errstate(over="ignore", invalid="ignore"):
        # one number that is not finite makes the sum so; a sum too large is for the longer check
        return bool(np.isfinite(values.sum()))


def _plain(
    X: Any,
    *,
    dtype: list[type[Any]],
    order: str | None = None,
    ensure_min_samples: int = 1,
    ensure_all_finite: bool = True,
    **others: Any,
) -> bool:
    """Whether X is a table of numbers as wanted, all of them finite where that is asked for."""
    if type(X) is not np.ndarray or X.ndim != 2 or X.dtype not in dtype:
        return False
    if X.shape[0] < ensure_min_samples or X.shape[1] == 0 or (order == "C" and not X.flags.c_contiguous):
        return False
    return not ensure_all_finite or _finite(X)
