"""GradientDescentRegressor: the text's figures, least squares, exact paths, metamorphic relations, limits."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LinearRegression

import diorama
from diorama._differences import central_differences
from diorama.linear import GradientDescentRegressor
from diorama.linear.descent import largest_safe_rate
from diorama.linear.gradient_descent_regressor import (
    SquaredError,
    condense,
    cost_and_gradient,
    squared_error_epoch,
)
from diorama.optimization import DivergenceWarning, GradientDescent, Optimizer


class Momentum(Optimizer):
    """Heavy ball, to see that any optimizer will do."""

    def init(self, x):
        return np.zeros_like(x)

    def update(self, gradient, state, x):
        velocity = 0.5 * state - 0.05 * gradient
        return x + velocity, velocity


def noisy_plane(n=200, seed=0, dtype=float):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 3)) * [1.0, 2.0, 0.5] + [0.0, 1.0, -1.0]
    return X.astype(dtype), (X @ [1.0, -2.0, 3.0] + 4 + random.normal(size=n)).astype(dtype)


def as_cost(X, y, share=1.0):
    rows = np.column_stack([X, np.ones(len(X))])
    return SquaredError(rows, y, np.ones(len(X)), share, float(len(X)), rows, y)


# the figures that the text prints


@pytest.mark.parametrize(
    ("updates", "weight", "bias", "cost"),
    [
        (1, "0.037", "0.0014", "197.25"),
        (11, "0.283", "0.0116", "74.66"),
        (21, "0.394", "0.0177", "49.48"),
        (31, "0.445", "0.0219", "44.31"),
        (40, "0.466", "0.0250", "43.28"),
    ],
)
def test_sales_on_radio_as_the_text_has_it(advertising, updates, weight, bias, cost):
    model = GradientDescentRegressor(learning_rate=5e-5, max_iter=updates, tol=None)
    model.fit(advertising["Radio"][:, None], advertising["Sales"])
    shown = f"{model.coef_[0]:.3f}", f"{model.intercept_:.4f}", f"{model.cost_history_[-1]:.2f}"
    assert shown == (weight, bias, cost)
    assert model.n_iter_ == updates == len(model.cost_history_) - 1


def test_sales_on_three_media_as_the_text_has_it(advertising):
    X = np.column_stack([advertising[name] for name in ("TV", "Radio", "Newspaper")])
    X = (X - X.mean(axis=0)) / (X.max(axis=0) - X.min(axis=0))
    model = GradientDescentRegressor(learning_rate=0.005, max_iter=1000, tol=None, cost="half_mse")
    model.fit(X, advertising["Sales"])
    assert f"{model.cost_history_[1]:.2f}" == "110.87"
    assert f"{model.cost_history_[-1]:.2f}" == "6.25"
    assert [f"{w:.2f}" for w in model.coef_] == ["4.77", "3.52", "0.82"]
    assert f"{model.intercept_:.2f}" == "13.93"


# the text's multivariable gradient, put right


@pytest.mark.parametrize("share", [1.0, 0.5])
def test_the_gradient_is_the_costs_slope(share):
    X, y = noisy_plane(20)
    cost = as_cost(X, y, share)
    weights = np.array([0.3, -0.2, 0.5, 1.0])
    slope = central_differences(lambda w: cost.value_and_gradient(w)[0], weights)
    np.testing.assert_allclose(cost.value_and_gradient(weights)[1], slope, rtol=1e-6)
    expected = -2 * share * cost.rows.T @ (y - cost.rows @ weights) / len(y)
    np.testing.assert_allclose(slope, expected, rtol=1e-6)


# an oracle and exact solutions


def test_it_reaches_least_squares():
    X, y = noisy_plane()
    model = GradientDescentRegressor(tol=1e-15, max_iter=20_000).fit(X, y)
    expected = LinearRegression().fit(X, y)
    np.testing.assert_allclose(model.coef_, expected.coef_, rtol=1e-5)
    assert model.intercept_ == pytest.approx(expected.intercept_, rel=1e-5)
    np.testing.assert_allclose(model.predict(X), expected.predict(X), rtol=1e-4, atol=1e-4)


def test_with_sample_weights_it_reaches_weighted_least_squares():
    X, y = noisy_plane()
    weights = np.random.default_rng(1).uniform(0, 3, size=len(y))
    model = GradientDescentRegressor(tol=1e-15, max_iter=20_000).fit(X, y, sample_weight=weights)
    np.testing.assert_allclose(model.coef_, LinearRegression().fit(X, y, weights).coef_, rtol=1e-5)


def test_on_orthogonal_columns_every_weight_follows_its_own_curve():
    # rows^T rows / n = diag(1, 4): w_t = w* (1 - (1 - 2 rate curvature)^t)
    X = np.array([[1.0, 2.0], [1.0, -2.0], [-1.0, 2.0], [-1.0, -2.0]])
    model = GradientDescentRegressor(learning_rate=0.05, max_iter=7, tol=None, fit_intercept=False)
    model.fit(X, X @ [3.0, -1.0])
    np.testing.assert_allclose(model.coef_, [3 * (1 - 0.9**7), -(1 - 0.6**7)], rtol=1e-12)
    assert model.intercept_ == 0.0


@pytest.mark.parametrize("batch_size", [1, 8, 50])
def test_mini_batches_find_a_plane_without_noise_exactly(batch_size):
    X, _ = noisy_plane()
    y = X @ [1.0, -2.0, 3.0] + 4
    model = GradientDescentRegressor(batch_size=batch_size, max_iter=3000, tol=None, random_state=0).fit(X, y)
    np.testing.assert_allclose(model.coef_, [1.0, -2.0, 3.0], rtol=1e-6)
    assert model.intercept_ == pytest.approx(4, rel=1e-6)


# relations


def test_half_the_cost_at_twice_the_rate_is_the_same_path():
    X, y = noisy_plane()
    whole = GradientDescentRegressor(learning_rate=0.02, max_iter=30, tol=None).fit(X, y)
    half = GradientDescentRegressor(learning_rate=0.04, max_iter=30, tol=None, cost="half_mse").fit(X, y)
    np.testing.assert_allclose(whole.coef_, half.coef_, rtol=1e-12)
    np.testing.assert_allclose(whole.cost_history_, 2 * half.cost_history_, rtol=1e-12)


def test_a_batch_of_all_rows_is_the_whole_batch():
    X, y = noisy_plane(50)
    whole = GradientDescentRegressor(max_iter=20, tol=None).fit(X, y)
    batch = GradientDescentRegressor(max_iter=20, tol=None, batch_size=50).fit(X, y)
    assert whole.coef_.tobytes() == batch.coef_.tobytes()


@given(factor=st.floats(0.1, 10), seed=st.integers(0, 50))
@settings(max_examples=15)
def test_targets_in_another_unit_give_weights_in_that_unit(factor, seed):
    X, y = noisy_plane(40, seed)
    one = GradientDescentRegressor(max_iter=25, tol=None).fit(X, y)
    other = GradientDescentRegressor(max_iter=25, tol=None).fit(X, factor * y)
    np.testing.assert_allclose(other.coef_, factor * one.coef_, rtol=1e-9)


@pytest.mark.parametrize("batch_size", [None, 16])
def test_the_kernel_takes_the_steps_of_the_optimizer_it_stands_for(batch_size):
    class Plain(GradientDescent):
        """The same rule, which must go batch by batch because it does not say that it is plain."""

        plain_rate = None

    X, y = noisy_plane()
    options = {"max_iter": 5, "tol": None, "batch_size": batch_size, "random_state": 3}
    fast = GradientDescentRegressor(learning_rate=0.01, **options).fit(X, y)
    slow = GradientDescentRegressor(optimizer=Plain(0.01), **options).fit(X, y)
    np.testing.assert_allclose(fast.coef_, slow.coef_, rtol=1e-10)
    assert slow.learning_rate_ == 0.01


def test_the_kernel_is_its_python_and_numpys_epoch():
    X, y = noisy_plane(7)
    cost = as_cost(X, y)
    weights, order = np.array([0.1, 0.2, -0.3, 0.0]), np.array([3, 0, 6, 1, 2, 5, 4])
    row_weights = np.linspace(0.5, 1.5, 7)
    expected = weights.copy()
    for batch in (order[:3], order[3:6], order[6:]):
        errors = row_weights[batch] * (cost.rows[batch] @ expected - y[batch])
        expected = expected - 0.05 * errors @ cost.rows[batch] / len(batch)
    for run in (squared_error_epoch, squared_error_epoch.py_func):
        np.testing.assert_allclose(run(cost.rows, y, row_weights, order, 3, 0.05, weights), expected, rtol=1e-12)


def test_condensed_rows_have_the_costs_of_all():
    X, y = noisy_plane(10_000)
    cost = as_cost(X, y)
    few_rows, few_targets = condense(cost.rows, y)
    assert len(few_rows) == 5
    for weights in (np.zeros(4), np.array([1.0, -2.0, 3.0, 4.0])):
        expected = cost_and_gradient(cost.rows, y, weights, 1.0, 1e4)
        value, gradient = cost_and_gradient(few_rows, few_targets, weights, 1.0, 1e4)
        assert value == pytest.approx(expected[0], rel=1e-12)
        np.testing.assert_allclose(gradient, expected[1], rtol=1e-9, atol=1e-10)


@pytest.mark.parametrize("batch_size", [None, 10])
def test_any_optimizer_will_do(batch_size):
    X, y = noisy_plane()
    model = GradientDescentRegressor(
        optimizer=Momentum(), batch_size=batch_size, max_iter=200, tol=None, random_state=0
    )
    model.fit(X, y)
    assert model.score(X, y) > LinearRegression().fit(X, y).score(X, y) - 0.05
    assert np.isnan(model.learning_rate_)


# learning rates


def test_the_largest_safe_rate_is_two_over_the_largest_curvature():
    X, y = noisy_plane()
    rows = np.column_stack([X, np.ones(len(X))])
    expected = 2 / np.linalg.eigvalsh(2 * rows.T @ rows / len(X))[-1]
    model = GradientDescentRegressor().fit(X, y)
    assert model.largest_safe_rate_ == pytest.approx(expected, rel=1e-12)
    assert model.learning_rate_ == pytest.approx(expected / 2, rel=1e-12)


def test_the_rate_of_one_row_at_a_time_is_that_of_the_steepest_row():
    X, y = noisy_plane()
    cost = as_cost(X, y)
    steepest = (cost.rows**2).sum(axis=1).max()
    assert largest_safe_rate(cost, 1) == pytest.approx(2 / (2 * steepest))
    assert largest_safe_rate(cost, 1) < largest_safe_rate(cost, 20) < largest_safe_rate(cost, None)


def test_wide_tables_get_a_rate_just_below_the_exact_one():
    X = np.random.default_rng(0).normal(size=(600, 700))
    cost = as_cost(X, X[:, 0])
    exact = 2 / (2 * np.linalg.norm(cost.rows, 2) ** 2 / 600)
    assert exact * 0.99 < largest_safe_rate(cost, None) <= exact


@pytest.mark.parametrize("rate", [1.01, 1.5, 40.0, 1e30, 1e300])
def test_a_rate_above_the_safe_one_ends_finite_and_says_which_is_safe(rate):
    X, y = noisy_plane()
    safe = GradientDescentRegressor(tol=1e-3).fit(X, y).largest_safe_rate_
    model = GradientDescentRegressor(learning_rate=min(rate * safe, 1e300), max_iter=3000, tol=None)
    with pytest.warns(DivergenceWarning, match=rf"cost grew .* largest safe rate is 2/L = {safe:.4g}"):
        model.fit(X, y)
    assert np.isfinite(model.coef_).all()
    assert np.isfinite(model.predict(X)).all()
    assert np.mean((model.predict(X) - y) ** 2) == pytest.approx(model.cost_history_.min())
    assert model.n_iter_ < 3000


def test_a_rate_just_below_it_goes_down_at_every_step():
    X, y = noisy_plane()
    safe = GradientDescentRegressor(tol=1e-3).fit(X, y).largest_safe_rate_
    model = GradientDescentRegressor(learning_rate=0.99 * safe, max_iter=300, tol=None).fit(X, y)
    assert (np.diff(model.cost_history_) <= 1e-12).all()


def test_ending_before_tol_is_said():
    X, y = noisy_plane()
    with pytest.warns(ConvergenceWarning, match="still falling after 3 steps"):
        early = GradientDescentRegressor(max_iter=3).fit(X, y)
    assert not early.converged_
    assert GradientDescentRegressor().fit(X, y).converged_
    assert not GradientDescentRegressor(tol=None, max_iter=3).fit(X, y).converged_


def test_constant_and_perfect_targets_raise_no_alarm():
    X, _ = noisy_plane()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        for batch_size in (None, 16):
            assert GradientDescentRegressor(batch_size=batch_size, random_state=0).fit(X, np.zeros(200)).intercept_ == 0
        flat = GradientDescentRegressor(fit_intercept=False).fit(np.zeros((5, 2)), np.ones(5))
    np.testing.assert_array_equal(flat.coef_, 0)


# going on


def test_partial_fit_steps_on_from_where_it_was():
    X, y = noisy_plane()
    whole = GradientDescentRegressor(max_iter=4, tol=None).fit(X, y)
    steps = GradientDescentRegressor()
    for _ in range(4):
        steps.partial_fit(X, y)
    np.testing.assert_allclose(steps.coef_, whole.coef_, rtol=1e-12)
    np.testing.assert_allclose(steps.cost_history_, whole.cost_history_, rtol=1e-12)
    assert steps.n_iter_ == 4


def test_partial_fit_takes_mini_batches_in_a_new_order_each_time():
    X, y = noisy_plane()
    model = GradientDescentRegressor(batch_size=10, random_state=0)
    again = GradientDescentRegressor(batch_size=10, random_state=0)
    for _ in range(3):
        model.partial_fit(X, y)
        again.partial_fit(X, y)
    assert model.coef_.tobytes() == again.coef_.tobytes()
    orders = [model._random(passes).permutation(200) for passes in range(3)]
    assert not np.array_equal(orders[1], orders[2])


def test_a_warm_start_goes_on():
    X, y = noisy_plane()
    model = GradientDescentRegressor(max_iter=5, tol=None, warm_start=True).fit(X, y).fit(X, y)
    at_once = GradientDescentRegressor(max_iter=10, tol=None).fit(X, y)
    np.testing.assert_allclose(model.coef_, at_once.coef_, rtol=1e-12)


def test_the_recorded_states_are_the_path():
    X, y = noisy_plane()
    model, recording = diorama.watch(GradientDescentRegressor(max_iter=12, tol=None), X, y)
    states = [moment.state for moment in recording.fits[-1].moments]
    np.testing.assert_allclose([state.cost for state in states], model.cost_history_)
    np.testing.assert_array_equal(states[0].weights, 0)
    np.testing.assert_array_equal(states[-1].weights, [*model.coef_, model.intercept_])


def test_weights_that_count_no_row_are_refused():
    X, y = noisy_plane()
    with pytest.raises(ValueError, match="at least one non-zero"):
        GradientDescentRegressor().fit(X, y, sample_weight=np.zeros(200))


def test_targets_too_large_to_square_end_finite():
    X, y = noisy_plane()
    with pytest.warns(DivergenceWarning, match="beyond all bounds"):
        model = GradientDescentRegressor().fit(X, 1e200 * y)
    assert np.isfinite(model.coef_).all()


def test_the_number_of_threads_changes_no_bit_of_mini_batches_either(monkeypatch):
    X, y = noisy_plane(20_000)
    found = set()
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
        model = GradientDescentRegressor(batch_size=32, max_iter=3, tol=None, random_state=0)
        found.add(model.fit(X, y).coef_.tobytes())
    assert len(found) == 1


@pytest.mark.parametrize("batch_size", [None, 16])
def test_single_precision_stays_single_in_batches_too(batch_size):
    X, y = noisy_plane(dtype=np.float32)
    model = GradientDescentRegressor(batch_size=batch_size, max_iter=50, tol=None, random_state=0).fit(X, y)
    double = GradientDescentRegressor(batch_size=batch_size, max_iter=50, tol=None, random_state=0)
    assert model.coef_.dtype == model.predict(X).dtype == np.float32
    np.testing.assert_allclose(model.coef_, double.fit(X.astype(float), y.astype(float)).coef_, rtol=1e-2)
