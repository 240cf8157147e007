"""Every way down inside the models that descend: same optimum, same bits when watched, saved with what it remembers."""

import warnings

import numpy as np
import pytest
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression, LogisticRegression

import diorama
from diorama._differences import differenced_hessian
from diorama.linear import GradientDescentClassifier, GradientDescentRegressor
from diorama.linear.gradient_descent_classifier import CrossEntropy
from diorama.optimization import (
    BFGS,
    METHODS,
    SGD,
    Adadelta,
    Adagrad,
    Adam,
    ConjugateGradient,
    CosineSchedule,
    GradientDescent,
    Momentum,
    Newton,
    Optimizer,
)
from tests.estimators import learned, same_bits

SEARCHING = [name for name, kind in METHODS.items() if not issubclass(kind, Optimizer)]
WITH_A_RATE = [name for name in METHODS if name not in SEARCHING]
# the usual rate of these is for networks; here they are given one that suits standardised columns
LIVELY = {
    "adagrad": Adagrad(0.5),
    "adadelta": Adadelta(CosineSchedule(1.0, n_steps=3000), eps=1e-3),
    "rmsprop": 0.05,
    "adam": 0.1,
    "adamw": 0.1,
}


@pytest.fixture(scope="module")
def table():
    random = np.random.default_rng(2)
    X = random.normal(size=(150, 3))
    return X, X @ np.array([1.0, -2.0, 0.5]) + 3 + 0.3 * random.normal(size=150)


@pytest.fixture(scope="module")
def kinds(table):
    X, y = table
    return X, np.digitize(y + np.random.default_rng(3).logistic(size=len(y)), [2.0, 4.0])


def settings(name):
    given = LIVELY.get(name, "auto")
    named = {"optimizer": name, **({"learning_rate": given} if isinstance(given, float) else {})}
    return {"optimizer": given} if isinstance(given, Optimizer) else named


@pytest.mark.parametrize("name", METHODS)
def test_every_method_finds_the_plane_of_least_squares(name, table):
    X, y = table
    model = GradientDescentRegressor(max_iter=3000, tol=None if name not in SEARCHING else 1e-12, **settings(name))
    model.fit(X, y)
    expected = LinearRegression().fit(X, y)
    # AdamW shrinks its weights by 1 % a step on purpose; the running means of others end in a small circle
    tolerance = {"adamw": 2e-2, "rmsprop": 5e-2, "adadelta": 5e-2}.get(name, 1e-4)
    np.testing.assert_allclose([*model.coef_, model.intercept_], [*expected.coef_, expected.intercept_], atol=tolerance)


@pytest.mark.parametrize("name", METHODS)
@pytest.mark.parametrize("noise", [0.0, 0.3])
def test_a_fit_that_does_not_warn_has_arrived(name, noise):
    # three columns and no noise: the first step of a method with momentum lands close, the next ones swing far beyond
    random = np.random.default_rng(0)
    X = random.normal(size=(100, 3))
    y = X @ [1.0, 2.0, 3.0] + noise * random.normal(size=100)
    with warnings.catch_warnings(record=True) as caught:
        warnings.simplefilter("always", ConvergenceWarning)
        model = GradientDescentRegressor(optimizer=name).fit(X, y)
    assert caught or model.gap_ <= 1e-3 * model.cost_history_[0]
    assert all("raise max_iter, tol or learning_rate (now " in str(warning.message) for warning in caught)


@pytest.mark.parametrize("name", SEARCHING)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_methods_that_search_find_the_likeliest_weights_in_few_steps(name, n_classes, kinds):
    X, y = kinds
    y = np.minimum(y, n_classes - 1)
    model = GradientDescentClassifier(optimizer=name, tol=1e-12, max_iter=100).fit(X, y)
    exact = LogisticRegression(C=np.inf, tol=1e-10, max_iter=1000).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X), exact.predict_proba(X), atol=2e-4)
    assert model.n_iter_ < 60
    assert np.isnan(model.learning_rate_)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_the_curvature_of_cross_entropy_is_that_of_its_gradient(n_classes, kinds):
    X, y = kinds
    y = np.minimum(y, n_classes - 1)
    row_weights = np.linspace(0.5, 1.5, len(X))
    n_outputs = 1 if n_classes == 2 else 3
    targets = y.astype(float) if n_classes == 2 else y
    cost = CrossEntropy(X, targets, row_weights, n_outputs, True, float(row_weights.sum()))
    weights = np.random.default_rng(0).normal(size=(n_outputs, 3))
    flat = differenced_hessian(lambda x: cost.value_and_gradient(x.reshape(weights.shape))[1].ravel(), weights.ravel())
    np.testing.assert_allclose(cost.hessian(weights), flat, rtol=1e-5, atol=1e-8)


@pytest.mark.parametrize("name", METHODS)
def test_watched_and_saved_fits_have_the_same_bits(name, kinds, tmp_path):
    X, y = kinds
    batches = {} if name in SEARCHING else {"batch_size": 40}
    model = GradientDescentClassifier(optimizer=name, max_iter=4, tol=None, random_state=0, **batches)
    plain = learned(model.fit(X, y))
    with diorama.record() as recording:
        watched = learned(model.fit(X, y))
    assert same_bits(plain, watched)
    loaded = diorama.Recording.load(recording.save(tmp_path / "fit.diorama"))
    before, after = recording.fits[-1].moments[-1].state, loaded.fits[-1].moments[-1].state
    assert same_bits(before.memory, after.memory)
    diorama.save(model, tmp_path / "model.diorama")
    again = diorama.load(tmp_path / "model.diorama")
    # both go on from the same memory to the same bits
    assert same_bits(learned(model.partial_fit(X, y)), learned(again.partial_fit(X, y)))
    assert recording.scene().frames


@pytest.mark.parametrize("optimizer", [Adam(CosineSchedule(0.1, n_steps=50)), Momentum(0.05, dampening=0.5), Newton()])
def test_an_optimizer_object_with_parts_is_saved_with_the_model(optimizer, table, tmp_path):
    model = GradientDescentRegressor(optimizer=optimizer, max_iter=10, tol=None).fit(*table)
    diorama.save(model, tmp_path / "model.diorama")
    assert diorama.load(tmp_path / "model.diorama").optimizer == optimizer


@pytest.mark.parametrize("name", WITH_A_RATE)
def test_small_batches_and_single_precision_suit_all_with_a_rate(name, table):
    X, y = (a.astype(np.float32) for a in table)
    model = GradientDescentRegressor(
        max_iter=60, batch_size=25, tol=None, random_state=0, cost="half_mse", **settings(name)
    ).fit(X, y)
    assert model.coef_.dtype == np.float32
    assert model.score(X, y) > 0.9


@pytest.mark.parametrize("name", SEARCHING)
def test_single_precision_stays_where_lines_are_searched(name, table):
    X, y = (a.astype(np.float32) for a in table)
    model = GradientDescentRegressor(optimizer=name).fit(X, y)
    assert model.coef_.dtype == np.float32
    assert model.score(X, y) > 0.98


def test_another_method_may_go_on_where_one_stopped(table):
    X, y = table
    model = GradientDescentRegressor(optimizer="adam", learning_rate=0.1)
    for _ in range(5):
        model.partial_fit(X, y)
    model.set_params(optimizer="lbfgs", learning_rate="auto")
    for _ in range(12):
        model.partial_fit(X, y)
    np.testing.assert_allclose(model.coef_, LinearRegression().fit(X, y).coef_, atol=1e-5)


def test_sgd_and_gradient_descent_are_one_rule(table):
    X, y = table
    options = {"batch_size": 20, "max_iter": 5, "tol": None, "random_state": 0}
    one = GradientDescentRegressor(optimizer=SGD(0.01), **options).fit(X, y)
    two = GradientDescentRegressor(optimizer=GradientDescent(0.01), **options).fit(X, y)
    np.testing.assert_array_equal(one.coef_, two.coef_)


@pytest.mark.parametrize("method", [BFGS(), ConjugateGradient(), "newton", "lbfgs"])
def test_what_needs_all_rows_refuses_batches_of_them(method, table):
    with pytest.raises(ValueError, match="batch_size must be None, not 10"):
        GradientDescentRegressor(optimizer=method, batch_size=10).fit(*table)


def test_a_rate_for_what_has_none_is_refused(table):
    with pytest.raises(ValueError, match='leave learning_rate at "auto"'):
        GradientDescentRegressor(optimizer="bfgs", learning_rate=0.1).fit(*table)
