"""The real data sets that come with scikit-learn, as tables with readable columns; nothing is fetched."""

from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import polars as pl


class DataSet(NamedTuple):
    """What a built-in table is about."""

    name: str
    task: str  # what its own target asks for: "classification" or "regression"
    target: str  # the column that is predicted unless another is named
    rows: int
    columns: int  # the target among them
    about: str  # one sentence


_ALL = (
    DataSet("iris", "classification", "species", 150, 5, "Sepals and petals of three species of iris [Fisher 1936]."),
    DataSet("wine", "classification", "cultivar", 178, 14, "Chemical analyses of wines from three cultivars."),
    DataSet("breast_cancer", "classification", "diagnosis", 569, 31, "Cell nuclei of tumours, malignant or benign."),
    DataSet("digits", "classification", "digit", 1797, 65, "Handwritten digits as 8 x 8 grey pixels from 0 to 16."),
    DataSet(
        "diabetes", "regression", "progression", 442, 11, "Diabetes a year on, from ten measurements at the start."
    ),
    DataSet("linnerud", "regression", "weight", 20, 6, "Exercises, weight, waist and pulse of twenty men in a club."),
)

BUILT_IN: Mapping[str, DataSet] = {data.name: data for data in _ALL}


def load(name: str) -> "pl.DataFrame":
    """A built-in table: features first, its target last. KeyError when there is none of that name.

    >>> load("iris").shape
    (150, 5)
    """
    data = BUILT_IN[name]
    return _LOADERS.get(name, _bunch)(data)


def _bunch(data: DataSet) -> "pl.DataFrame":
    """A scikit-learn Bunch with one target; the classes get their names."""
    import polars as pl

    bunch = _scikit_learn(data.name)
    frame = pl.DataFrame(bunch.data, schema=[str(name) for name in bunch.feature_names])
    target = bunch.target
    if data.task == "classification":
        names = [str(name) for name in bunch.target_names]
        values = [names[code] for code in target]
        return frame.with_columns(pl.Series(data.target, values))
    return frame.with_columns(pl.Series(data.target, target.astype(float)))


def _linnerud(data: DataSet) -> "pl.DataFrame":
    import polars as pl

    bunch = _scikit_learn("linnerud")
    names = [name.lower() for name in (*bunch.feature_names, *bunch.target_names)]
    features = pl.DataFrame(bunch.data, schema=names[:3])
    measures = pl.DataFrame(bunch.target, schema=names[3:])
    return features.hstack(measures.select("waist", "pulse", "weight"))


def _scikit_learn(name: str) -> Any:
    from sklearn import datasets

    # the units of the study rather than columns scaled to length one
    options = {"scaled": False} if name == "diabetes" else {}
    return getattr(datasets, f"load_{name}")(**options)


_LOADERS: Mapping[str, Callable[[DataSet], "pl.DataFrame"]] = {"linnerud": _linnerud}
