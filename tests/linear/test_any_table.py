"""Whatever table comes in: finite answers of the right shape from every linear model, or a refusal by name."""

import re
import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import is_classifier, is_regressor
from sklearn.exceptions import ConvergenceWarning

from diorama.linear import LinearRegression
from diorama.optimization import DivergenceWarning
from tests.estimators import all_estimators

LINEAR = [kind for kind in all_estimators() if kind.__module__.startswith("diorama.linear")]
# what is done to a table of random numbers; some leave nothing that a model can work with
CHANGES = {
    "as it is": lambda X: X,
    "a constant column": lambda X: np.column_stack([X, np.full(len(X), 3.0)]),
    "all columns constant": lambda X: np.ones_like(X),
    "a column twice": lambda X: np.column_stack([X, X[:, 0]]),
    "sums of columns": lambda X: np.column_stack([X, X @ np.ones(X.shape[1])]),
    "far away": lambda X: X + 1e8,
    "large": lambda X: X * 1e8,
    "too large to square": lambda X: X * 1e200,
    "too small to square": lambda X: X * 1e-200,
    "a missing number": lambda X: np.where(np.arange(X.size).reshape(X.shape) == X.size - 1, np.nan, X),
    "an infinite number": lambda X: np.where(np.arange(X.size).reshape(X.shape) == 0, np.inf, X),
    "no rows": lambda X: X[:0],
    "no columns": lambda X: X[:, :0],
    "column by column": np.asfortranarray,
    "every second row": lambda X: np.repeat(X, 2, axis=0)[::2],
    **{name: (lambda X, name=name: (3 * X).astype(name)) for name in ("f4", "i8", "i1", "?", "O")},
}


@pytest.mark.parametrize("kind", LINEAR, ids=lambda kind: kind.__name__)
@settings(max_examples=40, deadline=None)
@given(n=st.integers(1, 12), d=st.integers(1, 15), change=st.sampled_from(sorted(CHANGES)), seed=st.integers(0, 9))
def test_finite_answers_or_a_refusal_by_name(kind, n, d, change, seed):
    random = np.random.default_rng(seed)
    X = CHANGES[change](random.normal(size=(n, d)))
    y = random.integers(0, 2, size=len(X)) if is_classifier(kind()) else random.normal(size=len(X))
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        warnings.simplefilter("ignore", DivergenceWarning)
        refused = ""
        try:
            model = kind().fit(X, y)
        except (TypeError, ValueError) as error:
            refused = str(error)
    if refused:
        assert re.search(r"\b(X|y|cv|rows)\b", refused)
        assert change != "as it is" or n < 5
        return
    answers = model.predict(X) if hasattr(model, "predict") else model.transform(X)
    assert len(answers) == len(X)
    if is_regressor(model):
        assert answers.dtype == (np.float32 if X.dtype == np.float32 else np.float64)
    assert np.isfinite(answers).all() or (np.isnan(X).any() and kind.__name__ == "MeanNormalizer")


def test_of_columns_that_say_the_same_the_answer_is_that_of_one():
    random = np.random.default_rng(0)
    X, y = random.normal(size=(20, 2)), random.normal(size=20)
    twice = np.column_stack([X, X, X.sum(axis=1)])
    np.testing.assert_allclose(
        LinearRegression().fit(twice, y).predict(twice), LinearRegression().fit(X, y).predict(X), atol=1e-10
    )
