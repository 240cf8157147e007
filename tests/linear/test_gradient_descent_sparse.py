"""Descents on sparse tables: the same weights as on the filled one, and no table is ever filled in whole."""

import numpy as np
import pytest
import scipy.sparse as sp

import diorama
from diorama.linear import GradientDescentClassifier, GradientDescentRegressor
from diorama.linear._rows import table_rows
from diorama.linear._sparse_epochs import sparse_cross_entropy_epoch, sparse_squared_error_epoch
from diorama.linear.gradient_descent_classifier import CrossEntropy, cross_entropy_epoch
from diorama.linear.gradient_descent_regressor import squared_error_epoch
from diorama.optimization import METHODS, Optimizer

IN_BATCHES = [name for name, kind in METHODS.items() if issubclass(kind, Optimizer)]


@pytest.fixture(scope="module")
def table():
    """Rows with many zeros, a column that is all zeros, an empty row; a target; three classes."""
    random = np.random.default_rng(0)
    X = random.normal(size=(90, 6)) * (random.random((90, 6)) < 0.4)
    X[:, 2], X[7] = 0, 0
    y = X @ np.array([1.0, -2.0, 0.0, 0.5, 0.0, 3.0]) + 1 + 0.1 * random.normal(size=90)
    return X, y, np.digitize(y + random.logistic(size=90), [0.0, 2.0])


def wide_places(X):
    """As `csr_array`, with places in 64 bits."""
    rows = sp.csr_array(X)
    return sp.csr_array((rows.data, rows.indices.astype(np.int64), rows.indptr.astype(np.int64)), shape=rows.shape)


def agree(model, X, sparse, y, **weights):
    dense = model.fit(X, y, **weights)
    found = [dense.coef_.copy(), dense.intercept_, dense.predict(X), dense.largest_safe_rate_]
    model.fit(sparse, y, **weights)
    for of_sparse, of_dense in zip(
        [model.coef_, model.intercept_, model.predict(sparse), model.largest_safe_rate_], found, strict=True
    ):
        np.testing.assert_allclose(of_sparse, of_dense, rtol=1e-10, atol=1e-12)


@pytest.mark.parametrize("form", [sp.csr_array, sp.csc_matrix, sp.coo_array, wide_places])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_every_form_gives_the_weights_of_the_filled_table(form, fit_intercept, table):
    X, y, kinds = table
    weights = np.linspace(0.5, 2, len(y))
    settings = {"max_iter": 20, "tol": None, "fit_intercept": fit_intercept, "random_state": 0}
    for batch_size in (None, 1, 7):
        agree(GradientDescentRegressor(batch_size=batch_size, **settings), X, form(X), y)
        agree(GradientDescentRegressor(batch_size=batch_size, **settings), X, form(X), y, sample_weight=weights)
        for labels in (kinds, kinds > 1):
            model = GradientDescentClassifier(batch_size=batch_size, **settings)
            agree(model, X, form(X), labels, sample_weight=weights)


@pytest.mark.parametrize("name", METHODS)
def test_every_method_takes_them(name, table):
    # without the empty column, whose weight Newton finds from rounding alone
    X, y, kinds = table[0][:, [0, 1, 3, 4, 5]], *table[1:]
    for batch_size in (None, 16) if name in IN_BATCHES else (None,):
        settings = {"optimizer": name, "batch_size": batch_size, "max_iter": 3, "tol": None, "random_state": 0}
        agree(GradientDescentRegressor(**settings), X, sp.csr_array(X), y)
        # of several classes the weights are free to move together, and Newton moves them by rounding
        agree(GradientDescentClassifier(**settings), X, sp.csr_array(X), kinds > 1 if name == "newton" else kinds)


def test_partial_fit_and_scores_take_them_too(table):
    X, y, kinds = table
    sparse = sp.csr_array(X)
    dense_model = GradientDescentClassifier(random_state=0, batch_size=8)
    model = GradientDescentClassifier(random_state=0, batch_size=8)
    for _ in range(3):
        dense_model.partial_fit(X, kinds, classes=[0, 1, 2])
        model.partial_fit(sparse, kinds, classes=[0, 1, 2])
    np.testing.assert_allclose(model.decision_function(sparse), dense_model.decision_function(X), rtol=1e-10)
    np.testing.assert_allclose(model.predict_proba(sp.csc_array(X)), dense_model.predict_proba(X), rtol=1e-10)
    plane = GradientDescentRegressor().partial_fit(sparse, y)
    np.testing.assert_allclose(plane.coef_, GradientDescentRegressor().partial_fit(X, y).coef_, rtol=1e-10, atol=1e-14)


def test_single_precision_stays(table):
    X, y, kinds = table
    sparse = sp.csr_array(X.astype(np.float32))
    for batch_size in (None, 8):
        settings = {"batch_size": batch_size, "max_iter": 5, "tol": None}
        assert GradientDescentRegressor(**settings).fit(sparse, y).coef_.dtype == np.float32
        assert GradientDescentClassifier(**settings).fit(sparse, kinds).coef_.dtype == np.float32


@pytest.mark.parametrize("labels", [np.array([0.0, 1.0, 1.0, 0.0, 1.0]), np.array([0, 2, 1, 1, 2])])
def test_the_kernels_are_their_python_and_the_filled_ones(labels):
    X = np.array([[0, 1.5, 0], [0, 0, 0], [2, 0, -1], [0, 0, 3], [1, 1, 1]])
    rows, y, row_weights = table_rows(sp.csr_array(X), True), X.sum(axis=1), np.linspace(0.5, 1.5, 5)
    order, outputs = np.array([3, 0, 4, 1, 2]), 1 if labels.max() == 1 else 3
    weights = np.random.default_rng(0).normal(size=(outputs, 4))
    parts = rows.data, rows.indices, rows.indptr
    expected = squared_error_epoch(rows.toarray(), y, row_weights, order, 2, 0.05, weights[0])
    shares = cross_entropy_epoch(rows.toarray(), labels, row_weights, order, 2, 0.05, weights)
    for kernel in (sparse_squared_error_epoch, sparse_squared_error_epoch.py_func):
        found = kernel(*parts, y, row_weights, order, 2, 0.05, weights[0])
        np.testing.assert_allclose(found, expected, rtol=1e-12)
    for kernel in (sparse_cross_entropy_epoch, sparse_cross_entropy_epoch.py_func):
        found = kernel(*parts, labels, row_weights, order, 2, 0.05, weights)
        np.testing.assert_allclose(found, shares, rtol=1e-12)


def test_a_table_too_large_to_fill_in_is_fitted_and_drawn():
    # filled in it would take 32 gigabytes
    random = np.random.default_rng(0)
    X = sp.random_array((20_000, 200_000), density=2e-5, format="csr", rng=random)
    y = X @ random.normal(size=200_000)
    with diorama.record(max_frames=3) as recording:
        model = GradientDescentRegressor(batch_size=64, max_iter=2, tol=None, random_state=0).fit(X, y)
    assert model.cost_history_[-1] < model.cost_history_[0]
    assert len(recording.scene().frames) >= 2
    with diorama.record(max_frames=3) as recording:
        GradientDescentClassifier(max_iter=2, tol=None).fit(X, y > 0)
    assert "200000 features" in recording.scene().caption
    cost = CrossEntropy(table_rows(X, True), (y > 0) * 1.0, np.ones(20_000), 1, False, 20_000.0)
    assert cost.rows.nnz == X.nnz + 20_000


@pytest.mark.parametrize("n_features", [1, 2, 5])
def test_the_picture_of_a_sparse_fit_is_that_of_the_filled_one(n_features, table):
    X, y, kinds = table
    X = X[:, [0, 1, 3, 4, 5]][:, :n_features]
    for model, target in ((GradientDescentRegressor(max_iter=4, tol=None), y), (GradientDescentClassifier(), kinds)):
        model.set_params(max_iter=4, tol=None)
        _, of_dense = diorama.watch(model, X, target)
        _, of_sparse = diorama.watch(model, sp.csr_array(X), target)
        dense, sparse = of_dense.scene(), of_sparse.scene()
        assert [frame.narration for frame in sparse.frames] == [frame.narration for frame in dense.frames]
        assert sparse.data.keys() == dense.data.keys()


def test_entries_that_are_not_numbers_are_refused(table):
    X, y, _ = table
    sparse = sp.csr_array(X)
    sparse.data[3] = np.nan
    with pytest.raises(ValueError, match="NaN"):
        GradientDescentRegressor().fit(sparse, y)
