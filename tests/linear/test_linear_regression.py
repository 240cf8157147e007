"""LinearRegression: exact, in every corner where exactness is hard."""

from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression as Twin

import diorama
from diorama.linear import LinearRegression
from diorama.linear._moments import moments


def problem(n=300, d=6, targets=None, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d)) @ random.normal(size=(d, d)) + 10 * random.normal(size=d)
    shape = (d,) if targets is None else (d, targets)
    y = X @ random.normal(size=shape) + 3 + random.normal(size=(n, *shape[1:]))
    return X, y, random.random(n) * 3


@pytest.mark.parametrize("targets", [None, 3])
@pytest.mark.parametrize("fit_intercept", [True, False])
@pytest.mark.parametrize("weighted", [True, False])
@pytest.mark.parametrize("form", [np.asarray, np.asfortranarray, sp.csr_array, sp.csc_matrix])
def test_agrees_with_scikit_learn(targets, fit_intercept, weighted, form):
    X, y, weight = problem(targets=targets)
    weight = weight if weighted else None
    ours = LinearRegression(fit_intercept=fit_intercept).fit(form(X), y, sample_weight=weight)
    twin = Twin(fit_intercept=fit_intercept, tol=0).fit(X, y, sample_weight=weight)
    assert_allclose(ours.coef_, twin.coef_, rtol=1e-9)
    assert_allclose(ours.intercept_, twin.intercept_, rtol=1e-9, atol=1e-9)
    assert_allclose(ours.predict(form(X)), twin.predict(X), rtol=1e-9, atol=1e-9)


def test_rank_and_singular_values_are_those_of_the_centred_table():
    X, y, _ = problem()
    ours, twin = LinearRegression().fit(X, y), Twin().fit(X, y)
    assert ours.rank_ == twin.rank_
    assert_allclose(ours.singular_, twin.singular_, rtol=1e-9)
    wide = LinearRegression().fit(X[:4], y[:4])
    assert wide.rank_ == 3
    assert_allclose(wide.singular_[:3], Twin().fit(X[:4], y[:4]).singular_[:3], rtol=1e-9)


def test_sales_from_radio(advertising):
    model = LinearRegression().fit(advertising["Radio"][:, None], advertising["Sales"])
    twin = Twin().fit(advertising["Radio"][:, None], advertising["Sales"])
    assert_allclose([model.coef_[0], model.intercept_], [twin.coef_[0], twin.intercept_], rtol=1e-12)


def test_points_on_a_plane_give_the_plane_back():
    X, _, _ = problem(n=50)
    coef = np.arange(1.0, 7.0)
    model = LinearRegression().fit(X, X @ coef - 4)
    assert_allclose(model.coef_, coef, rtol=1e-10)
    assert_allclose(model.intercept_, -4, rtol=1e-9)


def test_nearly_repeating_columns_keep_their_digits():
    # powers up to the fifth of 0, 1 ... 20, whose coefficients are all 1 (Wampler's first problem)
    x = np.arange(21.0)
    X = np.stack([x**k for k in range(1, 6)], axis=1)
    model = LinearRegression(tol=1e-12).fit(X, 1 + X.sum(axis=1))
    assert_allclose(model.coef_, np.ones(5), rtol=1e-6)


def test_units_do_not_matter():
    X, y, _ = problem()
    units = 10.0 ** np.array([-9, -3, 0, 3, 6, 9])
    plain, scaled = LinearRegression().fit(X, y), LinearRegression().fit(X * units, y)
    assert_allclose(scaled.coef_ * units, plain.coef_, rtol=1e-8)


def test_a_far_origin_costs_no_digits():
    X, y, _ = problem()
    far = LinearRegression().fit(X + 1e8, y)
    assert_allclose(far.coef_, LinearRegression().fit(X, y).coef_, rtol=1e-6)


@pytest.mark.parametrize("shape", [(8, 20), (300, 6)])
def test_of_many_best_answers_the_shortest_is_given(shape):
    X, y, _ = problem(*shape)
    X = np.column_stack([X, X[:, 0] + X[:, 1], np.ones(len(X))])
    assert_allclose(LinearRegression().fit(X, y).coef_, Twin().fit(X, y).coef_, rtol=1e-6, atol=1e-9)


def test_sparse_columns_that_repeat_are_solved_too():
    X, y, _ = problem()
    X = np.column_stack([X, X[:, 0]])
    ours = LinearRegression(tol=1e-12).fit(sp.csr_array(X), y)
    assert_allclose(ours.predict(X), Twin().fit(X, y).predict(X), rtol=1e-6)


def test_a_wide_sparse_table_is_never_filled_in():
    X = sp.random(30, 200_000, density=1e-4, format="csr", random_state=0)
    y = np.random.default_rng(0).normal(size=30)
    model = LinearRegression(tol=1e-10).fit(X, y)
    assert model.coef_.shape == (200_000,)
    assert np.isfinite(model.predict(X)).all()


def test_a_constant_column_gets_no_weight():
    X, y, _ = problem()
    model = LinearRegression().fit(np.column_stack([X, np.full(len(X), 0.1)]), y)
    assert model.coef_[-1] == 0
    assert_allclose(model.coef_[:-1], LinearRegression().fit(X, y).coef_, rtol=1e-9)


@pytest.mark.parametrize("repeat", [False, True])
def test_positive_agrees_with_scikit_learn(repeat):
    X, y, weight = problem()
    X = np.column_stack([X, X[:, 0]]) if repeat else X
    ours = LinearRegression(positive=True).fit(X, y, sample_weight=weight)
    assert (ours.coef_ >= 0).all()
    twin = Twin(positive=True).fit(X, y, sample_weight=weight)
    assert_allclose(ours.predict(X), twin.predict(X), rtol=1e-6)


def test_positive_refuses_sparse_data():
    X, y, _ = problem()
    with pytest.raises(TypeError, match="dense data is required"):
        LinearRegression(positive=True).fit(sp.csr_array(X), y)


def test_a_row_of_weight_two_is_a_row_given_twice():
    X, y, _ = problem()
    weight = np.random.default_rng(1).integers(0, 4, len(y))
    repeated = LinearRegression().fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    weighted = LinearRegression().fit(X, y, sample_weight=weight)
    assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-9)
    assert_allclose(weighted.intercept_, repeated.intercept_, rtol=1e-8)


@settings(max_examples=25, deadline=None)
@given(n=st.integers(1, 40), d=st.integers(1, 12), scale=st.floats(1e-6, 1e6), seed=st.integers(0, 1000))
def test_the_residuals_stand_upright_on_every_column(n, d, scale, seed):
    random = np.random.default_rng(seed)
    X, y = scale * random.normal(size=(n, d)), random.normal(size=n)
    residual = y - LinearRegression().fit(X, y).predict(X)
    assert_allclose(residual.sum(), 0, atol=1e-8)
    assert_allclose(X.T @ residual, 0, atol=1e-6 * scale)


def test_the_stages_are_the_fits_on_the_first_features():
    X, y, _ = problem(d=4)
    model, recording = diorama.watch(LinearRegression(), X, y)
    states = [moment.state for moment in recording.fits[0].moments]
    assert [state.stage for state in states] == ["mean", *["features"] * 4, "solution"]
    for state in states[1:-1]:
        twin = Twin().fit(X[:, : state.used], y)
        assert_allclose(state.coef[0, : state.used], twin.coef_, rtol=1e-8)
        assert_allclose(state.cost, np.mean((y - twin.predict(X[:, : state.used])) ** 2), rtol=1e-8)
    assert_allclose(states[-1].coef[0], model.coef_)
    costs = [state.cost for state in states]
    assert all(later <= earlier * (1 + 1e-12) for earlier, later in pairwise(costs))


def test_moments_are_the_sums_they_say():
    X, y, weight = problem(n=5000, targets=2)
    for form in (X, sp.csr_array(X)):
        m = moments(form, y, weight, True)
        mean_x, mean_y = np.average(X, axis=0, weights=weight), np.average(y, axis=0, weights=weight)
        centred, targets = X - mean_x, y - mean_y
        assert_allclose(m.mean_x, mean_x)
        assert_allclose(m.mean_y, mean_y)
        assert_allclose(m.gram, centred.T @ (weight[:, None] * centred), rtol=1e-8, atol=1e-6)
        assert_allclose(m.cross, centred.T @ (weight[:, None] * targets), rtol=1e-8, atol=1e-6)
        assert_allclose(m.square, weight @ targets**2, rtol=1e-8)


def test_all_weights_zero_are_refused():
    with pytest.raises(ValueError, match="at least one non-zero"):
        LinearRegression().fit([[1.0], [2.0]], [1.0, 2.0], sample_weight=[0, 0])


def test_numbers_whose_squares_overflow_are_refused():
    with pytest.raises(ValueError, match="too large"):
        LinearRegression().fit([[1e200], [2e200], [-1e200]], [1.0, 2.0, 3.0])
