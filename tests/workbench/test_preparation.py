"""From columns to features: numbers untouched, the rest through skrub, and everything said."""

import datetime
import subprocess
import sys

import numpy as np
import polars as pl
import pytest

from diorama.workbench import Preparation, TableError, UnknownCategoryWarning


@pytest.fixture(scope="module")
def mixed() -> pl.DataFrame:
    random = np.random.default_rng(0)
    n = 60
    start = datetime.date(2020, 1, 1)
    return pl.DataFrame(
        {
            "size": random.normal(size=n),
            "age": [None if i % 10 == 0 else i for i in range(n)],
            "city": random.choice(["Oslo", "Bergen", "Tromsø"], n),
            "joined": [start + datetime.timedelta(days=i) for i in range(n)],
            "member": random.random(n) > 0.5,
            "remark": [f"the {i}th remark says {random.integers(1000)}" for i in range(n)],
            "planet": ["Earth"] * n,
        }
    )


def test_numbers_keep_every_bit():
    values = [1 / 3, 1e300, -5e-324, 16777217.0]
    frame = pl.DataFrame({"x": values, "city": ["a", "b", "a", "b"]})
    assert Preparation().fit(frame).transform(frame)["x"].to_list() == values


def test_numbers_alone_never_load_skrub():
    code = (
        "import sys, polars as pl; from diorama.workbench import Preparation;"
        "f = pl.DataFrame({'x': [1, 2, 3]}); Preparation().fit(f).transform(f);"
        "assert 'skrub' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_missing_numbers_become_the_median_or_stay():
    frame = pl.DataFrame({"x": [1.0, None, 2.0, 9.0]})
    assert Preparation().fit(frame).transform(frame)["x"].to_list() == [1.0, 2.0, 2.0, 9.0]
    left = Preparation(impute=False).fit(frame).transform(frame)["x"].to_numpy()
    np.testing.assert_array_equal(left, [1.0, np.nan, 2.0, 9.0])


def test_scaling_is_that_of_the_rows_fitted_on():
    train, test = pl.DataFrame({"x": [0.0, 4.0]}), pl.DataFrame({"x": [6.0]})
    assert Preparation(scale=True).fit(train).transform(test)["x"].to_list() == [2.0]


def test_every_kind_of_column_is_handled_and_said(mixed):
    preparation = Preparation().fit(mixed)
    features = preparation.transform(mixed)
    assert set(features.dtypes) == {pl.Float64}
    assert features.null_count().sum_horizontal().item() == 0
    assert features.height == mixed.height
    notes = "\n".join(preparation.notes_)
    for part in ("size: numbers, as they are", "age: numbers, 6 missing values", "city: 3 categories", "joined: dates"):
        assert part in notes
    for part in ("member: true or false", "remark: text", "planet: the same in every row, left out"):
        assert part in notes


def test_preparing_twice_gives_the_same_features(mixed):
    first, second = (Preparation().fit(mixed).transform(mixed) for _ in range(2))
    assert first.equals(second)


def test_the_order_of_columns_does_not_matter_at_prediction(mixed):
    preparation = Preparation().fit(mixed)
    assert preparation.transform(mixed.select(reversed(mixed.columns))).equals(preparation.transform(mixed))


def test_an_unknown_category_is_said_and_counts_as_none(mixed):
    preparation = Preparation().fit(mixed.select("city"))
    with pytest.warns(UnknownCategoryWarning, match="column 'city': 'Paris' did not occur"):
        features = preparation.transform(pl.DataFrame({"city": ["Paris"]}))
    assert features.row(0) == (0.0, 0.0, 0.0)


def test_categories_that_look_like_numbers_in_another_file_are_still_categories():
    preparation = Preparation().fit(pl.DataFrame({"code": ["1", "2", "x", "1"]}))
    features = preparation.transform(pl.DataFrame({"code": [1, 2]}))
    assert features.rows() == [(1.0, 0.0, 0.0), (0.0, 1.0, 0.0)]


def test_a_column_that_is_not_there_is_named(mixed):
    preparation = Preparation().fit(mixed)
    with pytest.raises(TableError, match=r"no column 'city'.*did you mean 'cyti'"):
        preparation.transform(mixed.rename({"city": "cyti"}))


def test_a_constant_column_need_not_be_there(mixed):
    preparation = Preparation().fit(mixed)
    assert preparation.transform(mixed.drop("planet")).equals(preparation.transform(mixed))


def test_text_where_numbers_were_is_refused_with_its_row():
    preparation = Preparation().fit(pl.DataFrame({"x": [1.0, 2.0]}))
    with pytest.raises(TableError, match="row 2, column 'x' holds 'tall'"):
        preparation.transform(pl.DataFrame({"x": ["3", "tall"]}))


def test_text_where_dates_were_is_refused_with_its_row(mixed):
    preparation = Preparation().fit(mixed.select("joined"))
    with pytest.raises(TableError, match="column 'joined' holds 'soon'"):
        preparation.transform(pl.DataFrame({"joined": ["soon"]}))


def test_infinities_are_refused_with_their_row():
    with pytest.raises(TableError, match="row 2, column 'x' holds an infinite number"):
        Preparation().fit(pl.DataFrame({"x": [1.0, float("inf")]}))
    preparation = Preparation().fit(pl.DataFrame({"x": [1.0, 2.0]}))
    with pytest.raises(TableError, match="row 1, column 'x'"):
        preparation.transform(pl.DataFrame({"x": [float("-inf")]}))


def test_nothing_but_constants_is_refused():
    with pytest.raises(TableError, match="the same in every row"):
        Preparation().fit(pl.DataFrame({"x": [1, 1], "y": ["a", "a"]}))


def test_names_never_clash():
    frame = pl.DataFrame({"city_a": [1.0, 2.0, 3.0], "city": ["a", "b", "c"]})
    names = Preparation().fit(frame).transform(frame).columns
    assert len(set(names)) == 4
