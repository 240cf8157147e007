"""The quick checks let pass what scikit-learn's let pass, and leave the rest to them."""

import warnings

import numpy as np
import polars as pl
import pytest

from diorama._quick_checks import validated
from diorama.decomposition import PCA

FLOATS = [np.float64, np.float32]


def table(**changes):
    X = np.arange(12.0).reshape(4, 3)
    X[1, 2] = changes.get("cell", 5.0)
    return X


def test_a_plain_table_comes_back_as_it_is_and_is_remembered():
    model, X = PCA(), table()
    assert validated(model, X, dtype=FLOATS, order="C") is X
    assert model.n_features_in_ == 3
    assert validated(model, X[:2], reset=False, dtype=FLOATS).shape == (2, 3)


@pytest.mark.parametrize(
    ("X", "said"),
    [
        (table(cell=np.nan), "NaN"),
        (table(cell=np.inf), "infinity"),
        (table(cell=np.nan).astype(np.float32), "NaN"),
        (table()[0], "1D array"),
        (table()[:0], "0 sample"),
        (table()[:, :0], "0 feature"),
    ],
)
def test_what_is_wrong_is_said_as_scikit_learn_says_it(X, said):
    with pytest.raises(ValueError, match=said):
        validated(PCA(), X, dtype=FLOATS)


def test_a_sum_too_large_is_no_number_that_is_not_finite():
    X = np.full((4, 3), 1e308)
    assert validated(PCA(), X, dtype=FLOATS) is X


def test_other_types_and_orders_are_converted():
    assert validated(PCA(), table().astype(int), dtype=FLOATS).dtype == np.float64
    assert validated(PCA(), np.asfortranarray(table()), dtype=FLOATS, order="C").flags.c_contiguous
    assert validated(PCA(), table().astype(">f8"), dtype=FLOATS).dtype.isnative


def test_names_are_kept_forgotten_and_missed():
    model = PCA()
    validated(model, pl.DataFrame(table(), schema=["a", "b", "c"]), dtype=FLOATS)
    assert model.feature_names_in_.tolist() == ["a", "b", "c"]
    with pytest.warns(UserWarning, match="feature names"):
        validated(model, table(), reset=False, dtype=FLOATS)
    validated(model, table(), dtype=FLOATS)
    assert not hasattr(model, "feature_names_in_")
    with pytest.raises(ValueError, match="expecting 3 features"):
        validated(model, table()[:, :2], reset=False, dtype=FLOATS)


def test_parameters_are_checked_by_value_and_by_type():
    PCA(1)._validate_params()
    PCA(1)._validate_params()
    for wrong in (1.5, -1, "1", np.zeros(2)):
        with pytest.raises(ValueError, match="n_components"):
            PCA(wrong)._validate_params()
    # True equals 1 and is no number of components; both are asked again each time
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        PCA(whiten=True)._validate_params()
    with pytest.raises(ValueError, match="whiten"):
        PCA(whiten=1.0)._validate_params()
