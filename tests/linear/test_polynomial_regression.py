"""Polynomial regression held against scikit-learn's pipeline, against polynomials known beforehand, and itself."""

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.linear_model import LinearRegression as Theirs
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import PolynomialFeatures

import diorama
from diorama.linear import LinearRegression, PolynomialRegression
from diorama.linear._monomials import Expanded, Monomials, multiply


def problem(n=200, d=3, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d))
    return X, np.sin(X[:, 0]) + X[:, -1] ** 2 + 0.1 * random.normal(size=n), random.integers(1, 4, n).astype(float)


@pytest.mark.parametrize("degree", [1, 2, 3, 4])
@pytest.mark.parametrize("interaction_only", [False, True])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_it_is_scikit_learns_pipeline(degree, interaction_only, fit_intercept):
    X, y, weight = problem()
    ours = PolynomialRegression(degree, interaction_only=interaction_only, fit_intercept=fit_intercept)
    features = PolynomialFeatures(degree, interaction_only=interaction_only, include_bias=False)
    theirs = make_pipeline(features, Theirs(fit_intercept=fit_intercept))
    ours.fit(X, y, weight)
    theirs.fit(X, y, linearregression__sample_weight=weight)
    np.testing.assert_array_equal(ours.powers_, features.powers_)
    assert ours.monomials() == list(features.get_feature_names_out())
    np.testing.assert_allclose(ours.coef_, theirs[-1].coef_, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-8, atol=1e-8)


def test_a_polynomial_is_found_again():
    X, _, _ = problem(d=2)
    y = 3 - X[:, 0] + 2 * X[:, 0] ** 2 * X[:, 1] - 0.5 * X[:, 1] ** 3
    model = PolynomialRegression(3).fit(X, y)
    found = dict(zip(model.monomials(), model.coef_.round(9), strict=True))
    assert {name: value for name, value in found.items() if value} == {"x0": -1.0, "x0^2 x1": 2.0, "x1^3": -0.5}
    assert round(float(model.intercept_), 9) == 3.0


def test_through_as_many_points_as_it_has_coefficients_it_passes():
    x = np.array([[0.0], [1.0], [2.0], [4.0]])
    y = np.array([1.0, -3.0, 2.0, 0.0])
    np.testing.assert_allclose(PolynomialRegression(3).fit(x, y).predict(x), y, atol=1e-8)


def test_degree_one_is_a_line():
    X, y, weight = problem()
    np.testing.assert_allclose(
        PolynomialRegression(1).fit(X, y, weight).coef_, LinearRegression().fit(X, y, weight).coef_
    )


@pytest.mark.parametrize("n", [200, 5])
def test_a_weight_of_two_is_a_row_twice(n):
    X, y, weight = problem(n=n)
    rows = np.repeat(np.arange(n), weight.astype(int))
    weighted, repeated = PolynomialRegression().fit(X, y, weight), PolynomialRegression().fit(X[rows], y[rows])
    np.testing.assert_allclose(weighted.predict(X), repeated.predict(X), atol=1e-8)


@given(shift=st.floats(-3, 3), scale=st.floats(0.2, 5), degree=st.integers(1, 4))
@settings(max_examples=15, deadline=None)
def test_where_x_is_measured_from_and_in_what_units_changes_no_prediction(shift, scale, degree):
    X, y, _ = problem(d=2)
    expected = PolynomialRegression(degree).fit(X, y).predict(X)
    other = X * scale + shift
    np.testing.assert_allclose(PolynomialRegression(degree).fit(other, y).predict(other), expected, atol=1e-6)


def test_powers_that_say_the_same_leave_the_shortest_answer():
    x = np.array([[0.0], [1.0], [0.0], [1.0]])
    model = PolynomialRegression(3).fit(x, [0.0, 3.0, 0.0, 3.0])
    np.testing.assert_allclose(model.coef_, [1.0, 1.0, 1.0], atol=1e-8)
    assert model.rank_ == 1


@pytest.mark.parametrize("shape", [(1, 1), (2, 3), (30, 1), (6, 4)])
def test_any_shape_with_constant_columns_gives_finite_predictions(shape):
    X, y, _ = problem(*shape)
    X = np.column_stack([X, np.full(len(X), 2.0)])
    assert np.isfinite(PolynomialRegression(2).fit(X, y).predict(X)).all()


def test_several_targets_are_fitted_side_by_side():
    X, y, _ = problem()
    both = PolynomialRegression(2).fit(X, np.column_stack([y, -y]))
    np.testing.assert_allclose(both.coef_[0], -both.coef_[1], atol=1e-10)
    assert both.predict(X).shape == (200, 2)


def test_each_degree_of_the_recording_is_the_fit_of_that_degree():
    X, y, _ = problem()
    _, recording = diorama.watch(PolynomialRegression(3), X, y)
    states = [moment.state for moment in recording.fits[-1].moments]
    assert [state.degree for state in states] == [0, 1, 2, 3]
    assert (np.diff([state.cost for state in states]) <= 0).all()
    for state in states[1:]:
        alone = PolynomialRegression(state.degree).fit(X, y)
        np.testing.assert_allclose(state.coef[0][: len(alone.coef_)], alone.coef_, atol=1e-8)
    assert "Degree 2" in recording.scene().frames[2].narration


def test_the_table_that_is_never_held_is_the_table():
    X, y, _ = problem(n=40)
    monomials = Monomials.up_to(3, 3, False)
    table, whole = Expanded(X, monomials), PolynomialFeatures(3, include_bias=False).fit_transform(X)
    np.testing.assert_allclose(np.asarray(table), whole)
    coef = np.arange(float(whole.shape[1]))
    np.testing.assert_allclose(table @ coef, whole @ coef)
    np.testing.assert_allclose(table.T @ y, whole.T @ y)
    out = np.empty_like(whole)
    multiply.py_func(X, monomials.parent, monomials.factor, out)
    np.testing.assert_allclose(out, whole)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda X, y: PolynomialRegression(0).fit(X, y), "'degree' parameter"),
        (lambda X, y: PolynomialRegression(9).fit(np.tile(X, 10), y), "more than 20,000: lower the degree"),
        (lambda X, y: PolynomialRegression(3).fit(X * 1e120, y), "powers of X up to 3 are too large"),
        (lambda X, y: PolynomialRegression().fit(np.where(X > 2, np.nan, X), y), "NaN"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    X, y, _ = problem()
    with pytest.raises(ValueError, match=said):
        call(X, y)


def test_sparse_rows_give_what_dense_rows_give():
    random = np.random.default_rng(0)
    X = random.normal(size=(80, 3)) * (random.random((80, 3)) < 0.4)
    y = X[:, 0] * X[:, 1] + X[:, 2]
    dense, sparse = PolynomialRegression(3).fit(X, y), PolynomialRegression(3).fit(scipy.sparse.csr_array(X), y)
    np.testing.assert_allclose(sparse.coef_, dense.coef_, atol=1e-9)
    np.testing.assert_allclose(sparse.predict(scipy.sparse.csc_array(X)), dense.predict(X), atol=1e-9)
