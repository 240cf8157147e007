"""From the columns of a table to a matrix of numbers, learned on some rows and repeated on others.

Numbers stay float64 as they are. All other columns (text, categories, dates, truth values) go through skrub's
TableVectorizer, which is imported only then; what it makes of them is float32, or, for a model that takes them, text
with few different values and truth values stay categories. `notes` says how each was handled.
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
    categories : whether text with few different values, and truth values, are handed on as categories (polars'
        Categorical, missing values null) for a model that takes them; otherwise they become columns of 0 and 1.

    After `fit`: `columns_` (names of the columns it takes), `numbers_` and `others_` (which of them are numbers),
    `as_categories_` (which are handed on as categories), `feature_names_`, `notes_` (one sentence for each way that
    columns were handled).

    >>> frame = pl.DataFrame({"age": [20, None, 40], "city": ["Oslo", "Bergen", "Oslo"]})
    >>> Preparation().fit(frame).transform(frame)["age"].to_list()
    [20.0, 30.0, 40.0]
    >>> Preparation(categories=True).fit(frame).transform(frame)["city"].to_list()
    ['Oslo', 'Bergen', 'Oslo']
    """

    def __init__(self, *, scale: bool = False, impute: bool = True, categories: bool = False) -> None:
        self.scale = scale
        self.impute = impute
        self.categories = categories

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
        self.kinds_ = {name: _kind(kept[name].dtype) for name in self.others_}
        kept = kept.with_columns(self._others_of(kept))
        self._fit_others(kept.select(self.others_))
        matrix = self._matrix(kept, self._made(kept))
        self._fit_missing(kept, matrix)
        self._fit_scale(self._filled(matrix))
        return self

    def transform(self, frame: pl.DataFrame) -> pl.DataFrame:
        """The features of the same columns of another table: float64, and those handed on as categories.

        Raises TableError for a column that is not there or no longer holds numbers, and for an infinite value; warns
        with UnknownCategoryWarning of a category that `fit` has not seen.
        """
        for name in self.columns_:
            if name not in frame.columns and name not in self.constants_:
                suggestion = did_you_mean(name, frame.columns)
                raise TableError(f"the table has no column {name!r}, which the model was fitted with; {suggestion}")
        for name in self.numbers_:
            _refuse_text(frame[name])
        others = self._others_of(frame)
        kept = frame.select(self.numbers_).with_columns(others) if self.numbers_ else pl.DataFrame(others)
        refuse_infinities(kept)
        for name in self.categories_:
            self._warn_of_unknown(kept[name])
        made = self._made(kept)
        matrix = (self._filled(self._matrix(kept, made)) - self.means_) / self.scales_
        features = pl.DataFrame(np.ascontiguousarray(matrix), schema=self.feature_names_[: matrix.shape[1]])
        words = [made[self.outputs_[name][0]].cast(pl.Categorical).alias(name) for name in self.as_categories_]
        return pl.DataFrame([*features, *words])

    def _fit_others(self, others: pl.DataFrame) -> None:
        self.vectorizer_: Any = None
        self.categories_: dict[str, list[str]] = {}
        self.as_categories_: list[str] = []
        self.outputs_: dict[str, list[str]] = {}
        self.feature_names_ = list(self.numbers_)
        if not self.others_:
            return
        from skrub import StringEncoder, TableVectorizer

        # a fixed seed: the same table gives the same features
        high = StringEncoder(n_components=30, random_state=0)
        given = {"low_cardinality": "passthrough"} if self.categories else {}
        self.vectorizer_ = TableVectorizer(high_cardinality=high, **given)
        with _quiet():
            made = self.vectorizer_.fit_transform(others)
        kinds, self.outputs_ = self.vectorizer_.kind_to_columns_, self.vectorizer_.input_to_outputs_
        self.categories_ = {name: sorted(_texts(others[name])) for name in kinds["low_cardinality"]}
        self.as_categories_ = list(self.categories_) if self.categories else []
        self.feature_names_ += _apart(self.numbers_, self._numeric(made).columns) + self.as_categories_
        self.notes_ += [self._note_on_category(others[name]) for name in self.categories_]
        self.notes_ += list(_notes_on(kinds, self.outputs_))

    def _others_of(self, frame: pl.DataFrame) -> list[pl.Series]:
        """The columns that are no numbers, truth values as words where they are categories."""
        columns = [_as_fitted(frame[name], kind) for name, kind in self.kinds_.items()]
        worded = [self.categories and column.dtype == pl.Boolean for column in columns]
        return [column.cast(pl.String) if words else column for column, words in zip(columns, worded, strict=True)]

    def _made(self, kept: pl.DataFrame) -> pl.DataFrame:
        """What becomes of the columns that are no numbers."""
        if self.vectorizer_ is None:
            return pl.DataFrame()
        with _quiet():
            made: pl.DataFrame = self.vectorizer_.transform(kept.select(self.others_))
        return made

    def _numeric(self, made: pl.DataFrame) -> pl.DataFrame:
        return made.drop([output for name in self.as_categories_ for output in self.outputs_[name]])

    def _matrix(self, kept: pl.DataFrame, made: pl.DataFrame) -> Array:
        """(n_rows, n_features) all features that are numbers."""
        both = (kept.select(self.numbers_), self._numeric(made))
        # a frame without columns has forgotten how many rows it has
        parts = [frame.cast(pl.Float64).to_numpy() for frame in both if frame.columns]
        return np.hstack(parts) if parts else np.empty((kept.height, 0))

    def _note_on_category(self, column: pl.Series) -> str:
        name, n_categories = column.name, len(self.categories_[column.name])
        if name not in self.as_categories_:
            return f"{name}: {n_categories} categories, as {_columns(len(self.outputs_[name]))} of 0 and 1"
        what = "true or false, as" if self.kinds_[name] == "truth" else f"text, as {n_categories}"
        missing = column.null_count()
        return f"{name}: {what} categories" + (f", {_values(missing)} left to the model" if missing else "")

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
            how = f"replaced by the median {median:g}" if self.impute else "left to the model, which takes them"
            self.notes_.append(f"{name}: numbers, {_values(missing)} {how}")
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
            handed_on = column.name in self.as_categories_
            how = "the model takes them for unknown" if handed_on else "such rows count as none of the known categories"
            warnings.warn(
                f"column {column.name!r}: {few} did not occur when the model was fitted; {how}.",
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


def _values(n: int) -> str:
    return "1 missing value" if n == 1 else f"{n} missing values"


def _notes_on(kinds: Mapping[str, list[str]], outputs: Mapping[str, list[str]]) -> Iterator[str]:
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
