"""The short look over a fit's data lets through what the long one would hand back as it is, and nothing else."""

import numpy as np
import pytest
from sklearn.base import BaseEstimator
from sklearn.utils.validation import validate_data

from diorama import _quick_checks
from diorama._quick_checks import validated_with_target

RULES = {"dtype": [np.float64, np.float32], "y_numeric": True, "multi_output": True}
X, Y = np.arange(12.0).reshape(6, 2), np.arange(6.0)


@pytest.fixture
def looks(monkeypatch):
    """The data that scikit-learn was asked to look over."""
    taken = []

    def counted(*data, **rules):
        taken.append(data)
        return validate_data(*data, **rules)

    monkeypatch.setattr(_quick_checks, "validate_data", counted)
    return taken


@pytest.mark.parametrize("X", [X, X.astype(np.float32), np.asfortranarray(X), X[::2], X[:, :1]])
@pytest.mark.parametrize("y", [Y, Y.astype(int), np.stack([Y, Y], axis=1)])
def test_plain_arrays_come_back_as_they_are(X, y, looks):
    y = y[: len(X)]
    model = BaseEstimator()
    found = validated_with_target(model, X, y, **RULES)
    assert found[0] is X
    assert found[1] is y
    assert looks == []
    assert model.n_features_in_ == X.shape[1]


@pytest.mark.parametrize(
    ("X", "y"),
    [(X.tolist(), Y), (X.astype(int), Y), (X, Y.tolist()), (X.astype(object), Y), (X, Y > 2), (1e308 + X * 1e306, Y)],
)
def test_all_else_is_looked_over(X, y, looks):
    model = BaseEstimator()
    with np.errstate(over="ignore"):
        found = validated_with_target(model, X, y, **RULES)
    assert len(looks) == 1
    assert found[0].dtype == np.float64


@pytest.mark.parametrize(
    ("X", "y", "said"),
    [
        (np.where(X == 3, np.nan, X), Y, "X contains NaN"),
        (X, np.where(Y == 3, np.inf, Y), "y contains infinity"),
        (X, Y[:-1], "inconsistent numbers of samples"),
        (X[0], Y, "Expected 2D array"),
        (X[:, :0], Y, r"0 feature\(s\)"),
        (X[:0], Y[:0], r"0 sample\(s\)"),
        (X + 1j, Y, "Complex data not supported"),
    ],
)
def test_what_is_wrong_is_still_said(X, y, said):
    with pytest.raises(ValueError, match=said):
        validated_with_target(BaseEstimator(), X, y, **RULES)


def test_rules_are_kept():
    with pytest.raises(ValueError, match="should be a 1d array"):
        validated_with_target(BaseEstimator(), X, np.stack([Y, Y], axis=1), dtype=RULES["dtype"])
    assert validated_with_target(BaseEstimator(), np.asfortranarray(X), Y, **RULES, order="C")[0].flags.c_contiguous
    missing = np.where(X == 3, np.nan, X)
    assert validated_with_target(BaseEstimator(), missing, Y, **RULES, ensure_all_finite=False)[0] is missing
