"""minimize and GradientDescent: against SciPy, against exact solutions, scaled and shifted, at the limits."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize as scipy_minimize

import diorama
from diorama.optimization import SURFACES, DivergenceWarning, GradientDescent, Optimizer, minimize

bowl, valley = SURFACES["bowl"], SURFACES["ill-conditioned valley"]


class Momentum(Optimizer):
    """Heavy ball, to see that minimize serves an optimizer that remembers."""

    def init(self, x):
        return np.zeros_like(x)

    def update(self, gradient, state, x):
        velocity = 0.9 * state - 0.001 * gradient
        return x + velocity, velocity


def test_one_step_is_the_formula():
    result = minimize(bowl, [3.0, -1.0], method=GradientDescent(0.1), max_iter=1)
    np.testing.assert_array_equal(result.x, np.array([3.0, -1.0]) - 0.1 * np.array([6.0, -2.0]))
    assert (result.n_iter, result.converged, result.n_evaluations, result.n_gradients) == (1, False, 2, 2)


def test_on_a_quadratic_every_step_shrinks_each_axis_by_its_own_factor():
    # x_t = (1 - rate * curvature)^t x_0, axis by axis
    result = minimize(valley, [-2.8, 1.5], method=GradientDescent(0.15), max_iter=20)
    expected = np.array([-2.8, 1.5]) * (1 - 0.15 * np.array([0.2, 10.0])) ** 20
    np.testing.assert_allclose(result.x, expected, rtol=1e-12)


@pytest.mark.parametrize(("name", "rate"), [("bowl", 0.3), ("Rosenbrock", 0.0015), ("Beale", 0.01)])
def test_it_finds_the_minimum_that_scipy_finds(name, rate):
    surface = SURFACES[name]
    result = minimize(surface, surface.start, method=GradientDescent(rate), max_iter=40_000, tol=1e-7)
    expected = scipy_minimize(surface, surface.start, jac=surface.gradient, method="BFGS", tol=1e-10)
    assert result.converged
    assert result.gradient_from == "fun.gradient"
    np.testing.assert_allclose(result.x, expected.x, atol=1e-4)


def test_an_optimizer_that_remembers_works_too():
    result = minimize(SURFACES["Rosenbrock"], (-1.2, 1.0), method=Momentum(), max_iter=20_000)
    np.testing.assert_allclose(result.x, 1, atol=1e-4)


@given(shift=st.lists(st.floats(-10, 10), min_size=1, max_size=5))
@settings(max_examples=25)
def test_a_shifted_bowl_of_any_dimension_is_found_where_it_is(shift):
    center = np.array(shift)
    result = minimize(lambda x: float(np.sum((x - center) ** 2)), np.zeros_like(center), method=GradientDescent(0.25))
    np.testing.assert_allclose(result.x, center, atol=1e-5)
    assert result.gradient_from == "central differences"
    assert result.n_evaluations > result.n_gradients * 2 * center.size


def test_twice_the_function_and_half_the_rate_is_the_same_path():
    one = minimize(valley, [1.0, 1.0], method=GradientDescent(0.1), max_iter=30)
    two = minimize(
        lambda x: 2 * valley(x),
        [1.0, 1.0],
        grad=lambda x: 2 * valley.gradient(x),
        method=GradientDescent(0.05),
        max_iter=30,
    )
    np.testing.assert_array_equal(one.x, two.x)
    assert two.gradient_from == "grad"


def test_at_the_minimum_no_step_is_taken():
    result = minimize(bowl, [0.0, 0.0])
    assert (result.n_iter, result.converged, result.fun) == (0, True, 0.0)


@pytest.mark.parametrize("rate", [0.21, 0.5, 1e3, 1e200, 1e308])
def test_a_rate_above_two_over_the_curvature_ends_finite_and_names_the_safe_one(rate):
    # curvature 10: safe below 0.2
    with pytest.warns(DivergenceWarning, match=r"largest safe rate is 2/L = 0\.2"):
        result = minimize(valley, [1.0, 1.0], method=GradientDescent(rate), max_iter=300)
    assert np.isfinite([*result.x, result.fun, *result.grad]).all()
    assert result.fun <= valley(np.array([1.0, 1.0]))
    assert not result.converged
    assert "went up" in result.message


@pytest.mark.parametrize("rate", [0.19, 0.2 - 1e-9])
def test_a_rate_below_it_does_not_warn(rate):
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        minimize(valley, [1.0, 1.0], method=GradientDescent(rate), max_iter=300)


def test_a_saddle_is_followed_down_until_it_is_clear_that_it_has_no_bottom():
    result = minimize(SURFACES["saddle"], (-2.5, 0.001), method=GradientDescent(0.3))
    assert not result.converged
    assert "without end" in result.message
    assert np.isfinite(result.x).all()


def test_recorded_and_unrecorded_paths_have_the_same_bits():
    plain = minimize(valley, [2.0, 1.0], method=GradientDescent(0.1), max_iter=50)
    with diorama.record() as recording:
        watched = minimize(valley, [2.0, 1.0], method=GradientDescent(0.1), max_iter=50)
    assert plain.x.tobytes() == watched.x.tobytes()
    assert plain.n_iter == recording.fits[-1].n_iter == 50
    first = recording.fits[-1].moments[0].state
    np.testing.assert_array_equal(first.x, [2.0, 1.0])
    assert first.value == valley(first.x)


def test_the_start_is_not_written():
    start = np.array([1.0, 1.0])
    minimize(bowl, start, max_iter=5)
    np.testing.assert_array_equal(start, 1.0)


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"x0": [np.nan, 1.0]}, "entry 0 is not"),
        ({"x0": [[1.0]]}, "must be a vector"),
        ({"x0": []}, "at least one number"),
        ({"x0": ["here", "there"]}, "x0 must be a vector of numbers"),
        ({"method": "gradient-decent"}, "did you mean 'gradient-descent'"),
        ({"tol": -1.0}, "tol must be a finite number, 0 or more; got -1.0"),
        ({"max_iter": -1}, "max_iter must be at least 0; got -1"),
        ({"grad": lambda x: np.zeros(3)}, "shape"),
        ({"fun": lambda x: np.inf}, "must be finite at x0"),
    ],
)
def test_what_cannot_be_minimised_is_refused_with_a_sentence(arguments, sentence):
    with pytest.raises(ValueError, match=sentence):
        minimize(**{"fun": bowl, "x0": [1.0, 1.0], **arguments})


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        ({"fun": 3.0}, "fun must be a function"),
        ({"grad": np.ones(2)}, "grad must be a function"),
        ({"hess": "newton"}, "hess must be a function"),
        ({"method": GradientDescent}, "method must be a name or an object"),
        ({"method": ["sgd"]}, "method must be a name or an object"),
        ({"max_iter": 1.5}, "max_iter must be a whole number"),
        ({"tol": None}, "tol must be a number"),
    ],
)
def test_arguments_of_the_wrong_kind_are_refused_by_name(arguments, sentence):
    with pytest.raises(TypeError, match=sentence):
        minimize(**{"fun": bowl, "x0": [1.0, 1.0], **arguments})


def test_a_rate_that_is_no_number_is_refused_by_name():
    with pytest.raises(TypeError, match=r"learning_rate must be a number.*got str 'fast'"):
        GradientDescent("fast")


@pytest.mark.parametrize("rate", [0.0, -1.0, np.nan, np.inf])
def test_a_learning_rate_is_positive_and_finite(rate):
    with pytest.raises(ValueError, match="positive finite number"):
        GradientDescent(rate)


def test_an_optimizer_writes_nothing_it_is_given():
    x, gradient = np.ones((2, 3)), np.full((2, 3), 2.0)
    optimizer = GradientDescent(0.5)
    moved, _ = optimizer.update(gradient, optimizer.init(x), x)
    np.testing.assert_array_equal(moved, 0.0)
    np.testing.assert_array_equal(x, 1.0)
    np.testing.assert_array_equal(gradient, 2.0)
    assert repr(optimizer) == "GradientDescent(learning_rate=0.5)"
