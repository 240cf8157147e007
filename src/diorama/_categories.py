"""Columns whose values are names of things: which they are, and the numbers that stand for them."""

from typing import Any, NamedTuple

import numpy as np
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils.validation import _check_y, check_array, check_consistent_length, validate_data

from diorama._typing import Array


class Categories(NamedTuple):
    """How a table with columns of categories becomes a table of numbers."""

    nominal: Array  # (n_features,) bool: which columns are categories
    encoder: OrdinalEncoder | None  # of those columns, when their values are no numbers

    def numbers(self, X: Any) -> Any:
        """X itself when all of it is numbers; else (n_samples, n_features) float64, unknown categories NaN."""
        if self.encoder is None:
            return X
        table = _cells(X)
        encoded = np.empty(table.shape)
        encoded[:, ~self.nominal] = table[:, ~self.nominal]
        encoded[:, self.nominal] = self.encoder.transform(table[:, self.nominal])
        return encoded

    @property
    def n_categories(self) -> Array:
        """(n_features,) how many categories a column has that were encoded; 0 for all others."""
        counts = np.zeros(len(self.nominal), dtype=np.int64)
        if self.encoder is not None:
            counts[self.nominal] = [len(self.known(feature)) for feature in np.flatnonzero(self.nominal).tolist()]
        return counts

    def known(self, feature: int) -> Array:
        """The categories of an encoded column, in the order of the numbers that stand for them."""
        assert self.encoder is not None
        values: Array = self.encoder.categories_[int(self.nominal[:feature].sum())]
        return values[[value is not None and value == value for value in values]]


def find_categories(X: Any, asked: Any, *, renumber: bool = False) -> Categories:
    """The columns of X that are categories, as `asked` (see `nominal_columns`), and what their values become.

    Columns of numbers stay what they are, unless they shall be numbered from 0.
    """
    nominal = nominal_columns(X, asked)
    if not nominal.any():
        return Categories(nominal, None)
    columns = _cells(X)[:, nominal]
    if not renumber and all(isinstance(value, (int, float, np.number)) for value in columns.ravel()):
        return Categories(nominal, None)
    encoder = OrdinalEncoder(handle_unknown="use_encoded_value", unknown_value=np.nan, encoded_missing_value=np.nan)
    return Categories(nominal, encoder.fit(columns))


def checked_table(model: Any, X: Any, y: Any = "no_validation", *, reset: bool = True, **accepted: Any) -> Any:
    """X as numbers by `model.categories_`, checked by scikit-learn's rules; with y when there is one.

    `accepted` is what `check_array` takes.
    """
    numbers = X if not reset and not hasattr(model, "categories_") else model.categories_.numbers(X)
    if numbers is X:
        return validate_data(model, X, y, reset=reset, **accepted)
    checked = validate_data(model, X, y, reset=reset, skip_check_array=True)
    numbers = check_array(numbers, **accepted)
    if isinstance(y, str):
        return numbers
    target = _check_y(checked[1])
    check_consistent_length(numbers, target)
    return numbers, target


def _cells(X: Any) -> Array:
    """The values of a table, sparse or not, as numbers where all are numbers."""
    if hasattr(X, "toarray"):
        return np.asarray(X.toarray())
    cells = X if isinstance(X, np.ndarray) else np.asarray(X, dtype=object)
    # the encoder takes NaN alone for missing, and would number None as one more category
    return np.where(np.equal(cells, np.array(None)), np.nan, cells) if cells.dtype == object else cells


def nominal_columns(X: Any, asked: Any) -> Array:
    """(n_features,) whether each column of X is categories: "from_dtype", a mask, places, names, or None for none.

    Raises ValueError, in words, for a place or a name that X does not have and a mask of another length.
    """
    shape = X.shape if hasattr(X, "shape") else np.asarray(X).shape
    n_features = shape[1] if len(shape) == 2 else 0
    nominal = np.zeros(n_features, dtype=bool)
    if asked is None or n_features == 0:
        return nominal
    if isinstance(asked, str):  # "from_dtype": categories are what the table says they are
        for place, kind in enumerate(getattr(X, "dtypes", ())):
            nominal[place] = str(kind).lower().startswith(("category", "categorical", "enum"))
        return nominal
    listed = np.asarray(asked)
    if listed.dtype == bool:
        if listed.shape != (n_features,):
            raise ValueError(
                f"categorical_features is a mask of {listed.size} columns, and X has {n_features}: give one for each."
            )
        return listed
    if listed.dtype.kind in "OUS":
        listed = _places(list(getattr(X, "columns", ())), listed)
    elif listed.size and (listed.min() < 0 or listed.max() >= n_features):
        raise ValueError(f"categorical_features lists a column that is not there: X has columns 0 to {n_features - 1}.")
    nominal[listed.astype(int)] = True
    return nominal


def _places(names: list[str], listed: Array) -> Array:
    unknown = [name for name in listed if name not in names]
    if unknown:
        where = f"its columns are {', '.join(map(str, names))}" if names else "its columns have no names"
        raise ValueError(f"categorical_features names {str(unknown[0])!r}, which X does not have: {where}.")
    return np.array([names.index(name) for name in listed])
