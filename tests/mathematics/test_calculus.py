"""Derivatives, gradients, directions, integrals and densities against exact answers, SciPy and each other."""

import math
import pickle

import numpy as np
import pytest
import scipy.integrate
import scipy.stats
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import rosen, rosen_der, rosen_hess

import diorama
from diorama.mathematics import (
    Density,
    derivative,
    derivative_errors,
    directional_derivative,
    gradient,
    hessian,
    integrate,
    jacobian,
)
from diorama.recording import Recording

RULES = ["left", "midpoint", "trapezoid", "simpson"]
numbers = st.floats(-3, 3)


def bump(p):
    return math.sin(p[0]) + p[1] ** 2 / 3 + p[0] * p[1] / 4


def test_the_slope_of_the_text_between_two_points():
    # of x^2 + 3, through (1, 4) and (3, 12): one step to either side of 2
    assert derivative(lambda x: x**2 + 3, 2, "central", 1.0) == pytest.approx(4.0, abs=1e-12)


def test_the_forward_difference_of_the_text():
    assert derivative(lambda x: x**2, 3, "forward", 1e-4) == pytest.approx(6.0001, abs=1e-9)
    assert derivative(lambda x: x**2 + 3, 2, step=1.0) == pytest.approx(4)


@pytest.mark.parametrize(("method", "accuracy"), [("forward", 1e-7), ("central", 1e-9), ("richardson", 1e-11)])
@given(x=numbers)
def test_derivatives_are_as_good_as_their_method(method, accuracy, x):
    assert derivative(math.sin, x, method) == pytest.approx(math.cos(x), abs=accuracy)


@pytest.mark.parametrize(("method", "order"), [("forward", 1), ("central", 2), ("richardson", 4)])
def test_the_error_falls_with_the_order_of_the_method(method, order):
    found = derivative_errors(math.exp, 0.3, method, exact=math.exp(0.3), steps=[0.2, 0.1])
    assert math.log2(found.errors[0] / found.errors[1]) == pytest.approx(order, abs=0.2)


def test_the_error_has_its_valley_between_bend_and_rounding():
    found = derivative_errors(math.sin, 1.0, "forward", exact=math.cos(1.0))
    assert 1e-9 < found.best_step < 1e-7
    assert found.errors.min() < 1e-3 * min(found.errors[0], found.errors[-1])


def test_the_derivative_is_linear():
    both = derivative(lambda x: 3 * math.sin(x) - 2 * math.exp(x), 0.7)
    assert both == pytest.approx(3 * derivative(math.sin, 0.7) - 2 * derivative(math.exp, 0.7), abs=1e-9)


def test_the_gradient_of_the_text():
    x, z = 3.0, 2.0
    found = gradient(lambda p: 2 * p[1] ** 3 * p[0] ** 2, [x, z])
    np.testing.assert_allclose(found, [4 * z**3 * x, 6 * x**2 * z**2], rtol=1e-8)


def test_gradient_jacobian_and_hessian_of_rosenbrock():
    x = np.array([0.3, -0.7, 1.1, 0.2])
    np.testing.assert_allclose(gradient(rosen, x), rosen_der(x), rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(hessian(rosen, x), rosen_hess(x), rtol=1e-4, atol=1e-3)
    np.testing.assert_allclose(jacobian(rosen_der, x), rosen_hess(x), rtol=1e-6, atol=1e-5)


def test_the_evaluations_are_as_many_as_promised():
    calls = []

    def f(p):
        calls.append(p)
        return float(p @ p)

    for function, n in ((gradient, 2 * 5), (hessian, 2 * 25 + 1)):
        calls.clear()
        function(f, np.ones(5))
        assert len(calls) == n
    calls.clear()
    directional_derivative(f, np.ones(5), np.ones(5))
    assert len(calls) == 2


@given(x=st.lists(numbers, min_size=2, max_size=2), angle=st.floats(0, 6.28), length=st.floats(0.01, 100))
@settings(max_examples=40)
def test_a_direction_takes_its_share_of_the_gradient(x, angle, length):
    way = np.array([math.cos(angle), math.sin(angle)])
    share = float(gradient(bump, x) @ way)
    assert directional_derivative(bump, x, length * way) == pytest.approx(share, abs=1e-7)
    whole = directional_derivative(bump, x, length * way, normalize=False)
    assert whole == pytest.approx(length * share, abs=1e-7 * max(1, length))


def test_the_left_strips_of_the_text():
    area = integrate(lambda x: x**2, 1, 3, "left", n=20_000)
    assert int(area * 10_000) / 10_000 == 8.6662
    assert area.n_strips == 20_000
    assert abs(area - 26 / 3) == pytest.approx(area.error, rel=1e-3)


@pytest.mark.parametrize("method", RULES)
def test_the_estimated_error_is_the_error(method):
    area = integrate(math.exp, 0, 1, method, n=20)
    assert area.error == pytest.approx(abs(area - (math.e - 1)), rel=0.1)


@given(a=numbers, b=numbers)
@settings(max_examples=30)
def test_adaptive_agrees_with_scipy_and_turns_its_sign(a, b):
    area = integrate(lambda x: math.cos(x) * x, a, b)
    assert area == pytest.approx(scipy.integrate.quad(lambda x: math.cos(x) * x, a, b)[0], abs=1e-10)
    assert integrate(lambda x: math.cos(x) * x, b, a) == pytest.approx(-area, abs=1e-12)


@pytest.mark.parametrize(
    ("f", "a", "b", "exact"),
    [
        (lambda x: 1 / x**2, 1, math.inf, 1.0),
        (lambda x: math.exp(x), -math.inf, 0, 1.0),
        (lambda x: 1 / (1 + x * x), -math.inf, math.inf, math.pi),
        (lambda x: 1 / math.sqrt(x), 0, 1, 2.0),
        (math.sin, 2, 2, 0.0),
    ],
)
def test_improper_integrals(f, a, b, exact):
    area = integrate(f, a, b)
    assert area == pytest.approx(exact, abs=1e-8)
    assert area.converged


def test_an_integral_that_diverges_is_said_not_to_converge():
    with pytest.warns(RuntimeWarning, match="not settled"):
        area = integrate(lambda x: 1 / x, 0, 1)
    assert not area.converged


def test_simpson_is_exact_on_cubics_and_an_integral_is_a_float():
    area = integrate(lambda x: x**3 - x, 0, 2, "simpson", n=2)
    assert area == pytest.approx(2.0, abs=1e-14)
    assert isinstance(area, float)
    assert pickle.loads(pickle.dumps(area)).method == "simpson"


@pytest.mark.parametrize("twin", [scipy.stats.norm(100, 0.01), scipy.stats.expon(), scipy.stats.beta(2, 3)])
def test_densities_against_scipy(twin):
    density = Density(twin)
    a, b = twin.ppf(0.2), twin.ppf(0.7)
    assert density.probability(a, b) == pytest.approx(0.5, abs=1e-8)
    assert density.mean() == pytest.approx(twin.mean(), rel=1e-7)
    assert density.variance() == pytest.approx(twin.var(), rel=1e-6)


def test_a_density_without_a_mean_says_so():
    cauchy = Density(lambda x: 1 / (math.pi * (1 + x * x)))
    assert cauchy.probability(-1, 1) == pytest.approx(0.5)
    with pytest.raises(ValueError, match="no finite mean"):
        cauchy.mean()


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: derivative(3, 1.0), TypeError, "f must be a function; got int 3"),
        (lambda: derivative(math.sin, "1"), TypeError, "x must be a real number; got str '1'"),
        (lambda: derivative(math.sin, math.nan), ValueError, "x must be finite"),
        (lambda: derivative(math.sin, 1.0, "centre"), ValueError, "did you mean 'central'"),
        (lambda: derivative(math.sin, 1.0, step=-1), ValueError, "step must be above 0"),
        (lambda: derivative(math.sin, 1e9, step=1e-9), ValueError, "lost beside"),
        (lambda: derivative(lambda x: np.ones(3), 1.0), TypeError, r"value of f at .* shape \(3,\)"),
        (lambda: gradient(bump, [[1.0, 2.0]]), ValueError, r"x must be a vector .* \(1, 2\)"),
        (lambda: gradient(bump, []), ValueError, "at least one"),
        (lambda: gradient(bump, ["a", "b"]), TypeError, "vector of real numbers"),
        (lambda: gradient(bump, [1.0, math.nan]), ValueError, "entry 1"),
        (lambda: gradient(bump, [[1.0], [1.0, 2.0]]), ValueError, "different lengths"),
        (lambda: jacobian(bump, [1.0, 2.0]), TypeError, "take gradient"),
        (lambda: directional_derivative(bump, [1.0, 2.0], [1.0]), ValueError, r"shape \(2,\) of x"),
        (lambda: directional_derivative(bump, [1.0, 2.0], [0, 0]), ValueError, "points nowhere"),
        (lambda: integrate(math.sin, 0, math.inf, "left"), ValueError, "infinite limits need"),
        (lambda: integrate(math.sin, 0, 1, "simpson", n=3), ValueError, "n must be even"),
        (lambda: integrate(math.sin, 0, 1, "left", n=0), ValueError, "n must be at least 1"),
        (lambda: integrate(math.sin, 0, 1, "left", n=2.5), TypeError, "whole number"),
        (lambda: integrate(math.sin, math.inf, math.inf), ValueError, "same infinity"),
        (lambda: Density(lambda x: 1.0, (0, 2)), ValueError, r"integrate to 1; .* comes to 2"),
        (lambda: Density(lambda x: 2 - 4 * x + 1, (0, 1)), ValueError, "nowhere below 0"),
        (lambda: Density(math.exp, (1, 0)), ValueError, "support must go up"),
        (lambda: Density(math.exp, 3), TypeError, "support must be a pair"),
        (lambda: Density(lambda x: 1.0, (0, 1)).probability(1, 0), ValueError, "b must not lie below a"),
    ],
)
def test_errors_say_what_and_where(call, error, words):
    with pytest.raises(error, match=words):
        call()


ASKED = {
    "derivative": lambda: derivative(math.sin, 1.0, "forward"),
    "at an edge": lambda: derivative(math.sqrt, 0.5, "richardson"),
    "gradient": lambda: gradient(bump, [1.0, 0.5]),
    "gradient of many": lambda: gradient(lambda p: float(p @ p), np.arange(80.0)),
    "jacobian": lambda: jacobian(lambda p: p**2, [1.0, 2.0, 3.0]),
    "hessian": lambda: hessian(bump, [1.0, 0.5]),
    "direction": lambda: directional_derivative(bump, [1.0, 0.5], [3.0, 4.0]),
    "direction on a line": lambda: directional_derivative(lambda p: float(p[0]), [1.0], [-2.0], normalize=False),
    **{rule: lambda rule=rule: integrate(math.sin, 0, 2, rule, n=8) for rule in RULES},
    "adaptive": lambda: integrate(math.sin, 2, 0),
    "improper": lambda: integrate(lambda x: math.exp(-x), 0, math.inf),
    "density": lambda: Density(lambda x: 0.5, (0, 2)).probability(0.5, 9),
    "heavy": lambda: Density(lambda x: 1 / (math.pi * (1 + x * x))).probability(-1, 1),
    "variance": lambda: Density(lambda x: 0.5, (0, 2)).variance(),
}


@pytest.mark.parametrize("name", ASKED)
def test_recorded_is_unrecorded_and_has_a_picture_that_keeps(name, tmp_path):
    with diorama.record() as recording:
        watched = ASKED[name]()
    np.testing.assert_array_equal(watched, ASKED[name]())
    scene = recording.scene()
    assert all(frame.narration and frame.alt for frame in scene.frames)
    recording.save(tmp_path / "kept.diorama")
    assert Recording.load(tmp_path / "kept.diorama").scene().to_dict() == scene.to_dict()
