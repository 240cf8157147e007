"""How far a descent says it is from the bottom, beside how far it is."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import log_loss

from diorama.linear import GradientDescentClassifier, GradientDescentRegressor, LinearRegression, LogisticRegression

ROUNDING = 1e-12


def quietly(model, *data, **weights):
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        return model.fit(*data, **weights)


def classes(n, k, seed):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3))
    return X, np.argmax(X @ random.normal(size=(3, k)) + 2 * random.gumbel(size=(n, k)), axis=1)


def surprise(model, X, y, weight=None):
    return log_loss(y, model.predict_proba(X), sample_weight=weight, labels=model.classes_)


@pytest.mark.parametrize("k", [2, 3, 4])
@pytest.mark.parametrize("weighted", [False, True])
@pytest.mark.parametrize("batch_size", [None, 20])
def test_a_classifier_is_never_further_than_it_says(k, weighted, batch_size):
    X, y = classes(120, k, k)
    weight = np.random.default_rng(1).integers(1, 4, size=120).astype(float) if weighted else None
    best = surprise(LogisticRegression(C=np.inf, tol=1e-10).fit(X, y, weight), X, y, weight)
    said = []
    for max_iter in (1, 10, 100, 1000):
        model = GradientDescentClassifier(max_iter=max_iter, tol=1e-12, batch_size=batch_size, random_state=0)
        quietly(model, X, y, sample_weight=weight)
        said.append(model.gap_)
        assert surprise(model, X, y, weight) - best <= said[-1] * (1 + 1e-6) + ROUNDING
    # small batches at one rate stay in a cloud around the bottom
    assert batch_size or said[-1] < 1e-6


@settings(max_examples=30, deadline=None)
@given(n=st.integers(2, 40), k=st.integers(2, 4), steps=st.integers(1, 40), seed=st.integers(0, 99))
def test_whatever_the_rows_no_other_weights_cost_less_than_it_says(n, k, steps, seed):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 2)) * random.uniform(0.1, 10, size=2)
    y = np.append(random.integers(0, k, size=n), range(k))
    X = np.vstack([X, random.normal(size=(k, 2))])
    model = quietly(GradientDescentClassifier(max_iter=steps, tol=1e-12), X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        best = surprise(LogisticRegression(C=np.inf, tol=1e-8).fit(X, y), X, y)
    assert surprise(model, X, y) - best <= model.gap_ * (1 + 1e-6) + ROUNDING


@pytest.mark.parametrize("n", [3, 4, 60])
@pytest.mark.parametrize(("cost", "share"), [("mse", 1.0), ("half_mse", 0.5)])
def test_of_a_plane_it_is_exact(n, cost, share):
    random = np.random.default_rng(0)
    X = random.normal(size=(n, 3)) * [1.0, 3.0, 0.5]
    y = X @ [1.0, 2.0, 3.0] + random.normal(size=n)
    least = np.mean((LinearRegression().fit(X, y).predict(X) - y) ** 2)
    for max_iter in (1, 5, 50):
        model = quietly(GradientDescentRegressor(max_iter=max_iter, cost=cost, tol=1e-12), X, y)
        above = share * (np.mean((model.predict(X) - y) ** 2) - least)
        assert model.gap_ == pytest.approx(above, rel=1e-6, abs=1e-12)


def test_repeated_and_constant_columns_change_nothing():
    X, y = classes(80, 2, 0)
    wide = np.column_stack([X, X[:, 0], np.full(80, 2.0)])
    best = surprise(LogisticRegression(C=np.inf, tol=1e-10).fit(X, y), X, y)
    model = quietly(GradientDescentClassifier(max_iter=300, tol=1e-12), wide, y)
    assert surprise(model, wide, y) - best <= model.gap_ <= model.cost_history_[-1]
    plane = X @ [1.0, -1.0, 0.5] + np.random.default_rng(2).normal(size=80)
    least = np.mean((LinearRegression().fit(X, plane).predict(X) - plane) ** 2)
    model = quietly(GradientDescentRegressor(max_iter=5, tol=1e-12), wide, plane)
    assert model.gap_ == pytest.approx(np.mean((model.predict(wide) - plane) ** 2) - least, rel=1e-6)


@pytest.mark.parametrize("k", [2, 3])
def test_sparse_rows_and_single_precision_say_the_same(k):
    X, y = classes(200, k, 5)
    dense = quietly(GradientDescentClassifier(max_iter=50, tol=1e-12), X, y).gap_
    assert quietly(GradientDescentClassifier(max_iter=50, tol=1e-12), sp.csr_array(X), y).gap_ == pytest.approx(dense)
    single = quietly(GradientDescentClassifier(max_iter=50, tol=1e-12), X.astype(np.float32), y)
    assert single.gap_ == pytest.approx(dense, rel=1e-2, abs=1e-5)


def test_where_nothing_better_is_known_the_cost_is_the_bound():
    X, y = classes(60, 2, 3)
    # no finite weights are best
    apart = quietly(GradientDescentClassifier(max_iter=200), X, (X[:, 0] > 0).astype(int))
    asked_nothing = GradientDescentClassifier(max_iter=20, tol=None).fit(X, y)
    more_weights_than_rows = quietly(GradientDescentRegressor(max_iter=3), X[:3], y[:3] - 0.5)
    in_part = GradientDescentClassifier().partial_fit(X, y, classes=[0, 1])
    for model in (apart, asked_nothing, more_weights_than_rows, in_part):
        assert model.gap_ == pytest.approx(model.cost_history_.min())


def test_the_warning_says_how_far():
    X, y = classes(200, 2, 4)
    model = GradientDescentClassifier(max_iter=5, tol=1e-9)
    with pytest.warns(ConvergenceWarning, match=r"lies at most [0-9.e-]+ above its least value") as told:
        model.fit(X, y)
    assert f"at most {model.gap_:.2g} above" in str(told[0].message)


@pytest.mark.parametrize("k", [2, 3])
def test_classes_with_few_mistakes_are_bounded_closely_too(k):
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 6))
    height = X @ random.normal(size=6) + 0.3 * random.normal(size=300)
    y = np.digitize(height, [0.0] if k == 2 else [-1.0, 1.0])
    best = GradientDescentClassifier(optimizer="newton", tol=1e-14).fit(X, y)
    model = quietly(GradientDescentClassifier(optimizer="bfgs"), X, y)
    lacks = surprise(model, X, y) - surprise(best, X, y)
    assert lacks - ROUNDING <= model.gap_ <= 2 * lacks + ROUNDING
    assert model.gap_ < 1e-4
