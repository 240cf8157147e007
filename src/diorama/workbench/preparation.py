"""From the columns of a table to a matrix of numbers, learned on some rows and repeated on others.

Numbers stay float64 as they are. All other columns (text, categories, dates, truth values) go through skrub's
TableVectorizer, which is imported only then; what it makes of them is float32. `notes` says how each was handled.
"""

import warnings
from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import polars as pl

from diorama._typing import Array
from diorama._validation import did_you_mean
from diorama.workbench.checks import refuse_infinities
from diorama.workbench.errors import TableError


class UnknownCategoryWarning(UserWarning):
    """A category that was not among the rows that the preparation learned from."""


class Preparation:
    """Columns to features.

    Parameters
    ----------
    scale : whether every feature is brought to mean 0 and standard deviation 1 (of the rows it learned from).
    impute : whether a missing number is replaced by its column's median; otherwise it stays NaN.

    After `fit`: `columns_` (names of the columns it takes), `numbers_` and `others_` (which of them are numbers),
    `feature_names_` (of the matrix), `notes_` (one sentence for each way that columns were handled).

    >>> frame = pl.DataFrame({"age": [20, None, 40], "city": ["Oslo", "Bergen", "Oslo"]})
    >>> Preparation().fit(frame).transform(frame)["age"].to_list()
    [20.0, 30.0, 40.0]
    """

    def __init__(self, *, scale: bool = False, impute: bool = True) -> None:
        self.scale = scale
        self.impute = impute

    def fit(self, frame: pl.DataFrame) -> "Preparation":
        """Learn medians, scales and categories. Raises TableError when no column is left to learn from."""
        self.columns_ = list(frame.columns)
        self.notes_: list[str] = []
        refuse_infinities(frame)
        self.constants_ = [column.name for column in frame.iter_columns() if _is_constant(column)]
        if self.constants_:
            self.notes_.append(f"{_listed(self.constants_)}: the same in every row, left out")
        kept = frame.drop(self.constants_)
        self.numbers_ = [column.name for column in kept.iter_columns() if _is_number(column.dtype)]
        self.others_ = [name for name in kept.columns if name not in self.numbers_]
        if not kept.columns:
            raise TableError(
                f"every column ({_listed(self.columns_)}) is the same in every row; nothing can be learned."
            )
        kept = kept.with_columns(_as_fitted(kept[name], _kind(kept[name].dtype)) for name in self.others_)
        self._fit_others(kept.select(self.others_))
        matrix = self._features(kept)
        self._fit_missing(kept, matrix)
        self._fit_scale(self._filled(matrix))
        return self

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The features of the same columns of another table, all float64.

        Raises TableError for a column that is not there or no longer holds numbers, and for an infinite value; warns
        with UnknownCategoryWarning of a category that `fit` has not seen.
        """
        for name in self.columns_:
            if name not in frame.columns and name not in self.constants_:
                suggestion = did_you_mean(name, frame.columns)
                raise TableError(f"the table has no column {name!r}, which the model was fitted with; {suggestion}")
        for name in self.numbers_:
            _refuse_text(frame[name])
        others = [_as_fitted(frame[name], self.kinds_[name]) for name in self.others_]
        kept = frame.select(self.numbers_).with_columns(others) if self.numbers_ else pl.DataFrame(others)
        refuse_infinities(kept)
        for name in self.categories_:
            self._warn_of_unknown(kept[name])
        matrix = (self._filled(self._features(kept)) - self.means_) / self.scales_
        return pl.DataFrame(np.ascontiguousarray(matrix), schema=self.feature_names_)

    def _fit_others(self, others: pl.DataFrame) -> None:
        self.vectorizer_: Any = None
        self.categories_: dict[str, list[str]] = {}
        self.kinds_ = {name: _kind(dtype) for name, dtype in others.schema.items()}
        self.feature_names_ = list(self.numbers_)
        if not self.others_:
            return
        from skrub import StringEncoder, TableVectorizer

        # a fixed seed: the same table gives the same features
        self.vectorizer_ = TableVectorizer(high_cardinality=StringEncoder(n_components=30, random_state=0))
        with _quiet():
            made = self.vectorizer_.fit_transform(others)
        self.feature_names_ += _apart(self.numbers_, made.columns)
        kinds = self.vectorizer_.kind_to_columns_
        self.categories_ = {name: sorted(_texts(others[name])) for name in kinds["low_cardinality"]}
        self.notes_ += list(_notes_on(kinds, self.vectorizer_.input_to_outputs_, self.categories_))

    def _features(self, kept: pl.DataFrame) -> Array:
        # a frame without columns has forgotten how many rows it has
        parts = [kept.select(self.numbers_).cast(pl.Float64).to_numpy()] if self.numbers_ else []
        if self.vectorizer_ is not None:
            with _quiet():
                made = self.vectorizer_.transform(kept.select(self.others_))
            parts.append(made.cast(pl.Float64).to_numpy())
        return np.hstack(parts)

    def _fit_missing(self, kept: pl.DataFrame, matrix: Array) -> None:
        with warnings.catch_warnings():
            # a feature with no value among these rows has no median: it becomes 0
            warnings.simplefilter("ignore", RuntimeWarning)
            self.medians_ = np.nan_to_num(np.nanmedian(matrix, axis=0))
        untouched = []
        for name, median in zip(self.numbers_, self.medians_, strict=False):
            missing = kept[name].null_count() + (int(kept[name].is_nan().sum()) if kept[name].dtype.is_float() else 0)
            if not missing:
                untouched.append(name)
                continue
            values = f"{missing} missing value{'s' if missing > 1 else ''}"
            how = f"replaced by the median {median:g}" if self.impute else "left to the model, which takes them"
            self.notes_.append(f"{name}: numbers, {values} {how}")
        if untouched:
            self.notes_.insert(0, f"{_listed(untouched)}: numbers, as they are")

    def _filled(self, matrix: Array) -> Array:
        return np.where(np.isnan(matrix), self.medians_, matrix) if self.impute else matrix

    def _fit_scale(self, matrix: Array) -> None:
        n_features = matrix.shape[1]
        self.means_, self.scales_ = np.zeros(n_features), np.ones(n_features)
        if self.scale:
            self.means_ = np.nanmean(matrix, axis=0)
            deviations = np.nanstd(matrix, axis=0)
            self.scales_ = np.where(deviations > 0, deviations, 1.0)
            self.notes_.append("all features standardised: mean 0, standard deviation 1 (of the rows fitted on)")

    def _warn_of_unknown(self, column: pl.Series) -> None:
        texts = _texts(column)
        unknown = sorted(texts - set(self.categories_[column.name]))
        if unknown:
            few = ", ".join(map(repr, unknown[:3])) + (f" and {len(unknown) - 3} more" if len(unknown) > 3 else "")
            warnings.warn(
                f"column {column.name!r}: {few} did not occur when the model was fitted; "
                "such rows count as none of the known categories.",
                UnknownCategoryWarning,
                stacklevel=3,
            )


def _is_number(dtype: pl.DataType) -> bool:
    return dtype.is_numeric() or dtype in (pl.Duration, pl.Time)


def _is_constant(column: pl.Series) -> bool:
    return column.null_count() == 0 and column.n_unique() == 1


def _refuse_text(column: pl.Series) -> None:
    if _is_number(column.dtype) or column.dtype == pl.Boolean or column.null_count() == len(column):
        return
    row = int(column.is_not_null().arg_true()[0])
    if column.dtype == pl.String:
        row = int((column.is_not_null() & column.cast(pl.Float64, strict=False).is_null()).arg_true()[0])
    raise TableError(
        f"row {row + 1}, column {column.name!r} holds {str(column[row])!r}, "
        "and the model was fitted with numbers there; write a number, or leave the cell empty."
    )


def _texts(column: pl.Series) -> set[str]:
    return {str(value) for value in column.drop_nulls().unique()}


def _kind(dtype: pl.DataType) -> str:
    if dtype == pl.Boolean:
        return "truth"
    return "date" if dtype in (pl.Date, pl.Datetime) else "text"


def _as_fitted(column: pl.Series, kind: str) -> pl.Series:
    """The column as the kind it was fitted as, whatever another file's values made a reader take it for."""
    if kind == _kind(column.dtype) and kind != "text":
        return column
    if kind == "text" or column.null_count() == len(column):
        return column.cast(pl.String) if kind == "text" else column.cast(pl.Boolean if kind == "truth" else pl.Date)
    if kind == "date" and column.dtype == pl.String:
        dates = _dates(column)
        if dates.null_count() == column.null_count():
            return dates
    row = int(column.is_not_null().arg_true()[0])
    meant = {"date": "dates", "truth": "true or false"}[kind]
    raise TableError(
        f"row {row + 1}, column {column.name!r} holds {str(column[row])!r}, "
        f"and the model was fitted with {meant} there; write the column as it was then."
    )


def _dates(column: pl.Series) -> pl.Series:
    """Text as dates, missing where it is none."""
    try:
        return column.str.to_datetime(strict=False)
    except pl.exceptions.ComputeError:
        return pl.Series(column.name, [None] * len(column), dtype=pl.Datetime)


def _apart(taken: list[str], names: list[str]) -> list[str]:
    """Names that none of `taken` has."""
    return [f"{name} (made)" if name in taken else name for name in names]


def _listed(names: list[str]) -> str:
    return ", ".join(names[:4]) + (f" and {len(names) - 4} more" if len(names) > 4 else "")


def _columns(n: int) -> str:
    return "1 column" if n == 1 else f"{n} columns"


def _notes_on(
    kinds: Mapping[str, list[str]], outputs: Mapping[str, list[str]], categories: Mapping[str, list[str]]
) -> Iterator[str]:
    for name in kinds["low_cardinality"]:
        yield f"{name}: {len(categories[name])} categories, as {_columns(len(outputs[name]))} of 0 and 1"
    for name in kinds["high_cardinality"]:
        made = _columns(len(outputs[name]))
        yield f"{name}: text, as {made} (its letter groups weighed by TF-IDF, then reduced by SVD)"
    for name in kinds["datetime"]:
        parts = ", ".join(output.removeprefix(f"{name}_").replace("_", " ") for output in outputs[name])
        yield f"{name}: dates, as {parts}"
    for name in kinds["numeric"]:
        yield f"{name}: true or false, as 1 and 0"
    if dropped := [name for name, made in outputs.items() if not made]:
        yield f"{_listed(dropped)}: no value among the rows fitted on, left out"


def _quiet() -> "warnings.catch_warnings[None]":
    """skrub's remarks about unknown categories are ours to make, in our words."""
    return warnings.catch_warnings(action="ignore")
