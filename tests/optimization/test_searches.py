"""Line searches and derivatives by differences: the conditions they promise, and the limits of both."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from diorama._differences import central_differences, differenced_hessian
from diorama.optimization import BFGS, LBFGS, SURFACES, Armijo, ExactLength, Newton, Place, StrongWolfe, minimize
from diorama.optimization.newton import divide
from diorama.optimization.objective import CountedFunction
from diorama.optimization.two_loops import remember, two_loops

rosenbrock = SURFACES["Rosenbrock"]


def downhill(x):
    function = CountedFunction(rosenbrock)
    place = Place(x, *function.value_and_gradient(x))
    return function, place, -place.gradient


@given(x=st.tuples(st.floats(-2, 2), st.floats(-2, 2)), first=st.floats(1e-6, 1e3))
@settings(max_examples=40, deadline=None)
def test_what_a_strong_wolfe_search_finds_keeps_both_conditions(x, first):
    function, place, direction = downhill(np.array(x))
    slope = float(place.gradient @ direction)
    if slope > -1e-8:
        return
    length, found = StrongWolfe(curvature=0.4).search(function, place, direction, first)
    assert length > 0
    assert found.value <= place.value + 1e-4 * length * slope + 1e-12 * abs(place.value)
    assert abs(found.gradient @ direction) <= 0.4 * abs(slope)
    np.testing.assert_allclose(found.x, place.x + length * direction)
    assert found.value == rosenbrock(found.x)


@given(x=st.tuples(st.floats(-2, 2), st.floats(-2, 2)), first=st.floats(1e-6, 1e3))
@settings(max_examples=40, deadline=None)
def test_what_armijos_rule_finds_falls_by_its_share(x, first):
    function, place, direction = downhill(np.array(x))
    slope = float(place.gradient @ direction)
    length, found = Armijo(share=0.3).search(function, place, direction, first)
    assert found.value <= place.value + 0.3 * length * slope + 1e-12 * (1 + abs(place.value))


@pytest.mark.parametrize("search", [Armijo(), StrongWolfe()])
def test_uphill_no_step_is_taken(search):
    function, place, direction = downhill(np.array([-1.2, 1.0]))
    length, found = search.search(function, place, -direction, 1.0)
    assert length == 0
    assert found is place


@pytest.mark.parametrize("search", [Armijo(), StrongWolfe()])
def test_what_is_no_number_is_stepped_back_from(search):
    # -log(1 - x) - 3 log(x) has a value between 0 and 1 only
    def fun(x):
        return float(-np.log(1 - x[0]) - 3 * np.log(x[0])) if 0 < x[0] < 1 else np.nan

    result = minimize(fun, [0.1], grad=lambda x: 1 / (1 - x) - 3 / x, method=BFGS(line_search=search))
    assert result.converged
    np.testing.assert_allclose(result.x, 0.75, atol=1e-6)


def test_an_exact_length_on_a_quadratic_leaves_no_slope_along_the_line():
    function = CountedFunction(SURFACES["ill-conditioned valley"])
    x = np.array([-2.0, 1.0])
    place = Place(x, *function.value_and_gradient(x))
    _, found = ExactLength().search(function, place, -place.gradient, 1.0)
    assert abs(found.gradient @ place.gradient) < 1e-10


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: Armijo(share=1.0), "share must be between 0 and 1"),
        (lambda: Armijo(max_trials=0), "max_trials"),
        (lambda: StrongWolfe(share=0.5, curvature=0.4), "0 < share < curvature < 1"),
        (lambda: StrongWolfe(max_trials=0), "max_trials"),
        (lambda: LBFGS(history_size=0), "history_size"),
    ],
)
def test_settings_that_cannot_work_are_refused_by_name(build, sentence):
    with pytest.raises(ValueError, match=sentence):
        build()


def test_the_two_loops_are_the_matrix_of_bfgs():
    random = np.random.default_rng(1)
    matrix = np.diag([1.0, 4.0, 9.0, 2.0])
    memory, inverse = (), np.eye(4)
    for _ in range(3):
        moved = random.normal(size=4)
        change = matrix @ moved
        memory = remember(memory, moved, change, lambda rest: rest, 10)
        rho = 1 / (change @ moved)
        left = np.eye(4) - rho * np.outer(moved, change)
        inverse = left @ inverse @ left.T + rho * np.outer(moved, moved)
    # the loops rescale their first guess; without that they are the product of the same factors
    unscaled = tuple(pair._replace(scale=1.0) for pair in memory)
    gradient = random.normal(size=4)
    np.testing.assert_allclose(two_loops(gradient, unscaled, lambda rest: rest), inverse @ gradient, rtol=1e-12)


def test_a_step_without_upward_curvature_is_not_remembered():
    assert remember((), np.ones(2), -np.ones(2), lambda rest: rest, 5) == ()


def test_newton_divides_by_sizes_of_curvatures_where_some_point_down():
    axes = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
    gradient = np.array([1.0, 2.0, 3.0])
    expected = axes @ ((axes.T @ gradient) / np.array([4.0, 1.0, 9.0]))
    np.testing.assert_allclose(divide(axes @ np.diag([4.0, -1.0, 9.0]) @ axes.T, gradient), expected, rtol=1e-10)


@pytest.mark.parametrize("name", ["Rosenbrock", "Beale"])
def test_differences_are_the_derivatives(name):
    surface = SURFACES[name]
    x = np.array([0.7, -0.4])
    np.testing.assert_allclose(central_differences(surface, x), surface.gradient(x), rtol=1e-7)
    np.testing.assert_allclose(differenced_hessian(surface.gradient, x), surface.hessian(x), rtol=1e-6)


def test_without_a_hessian_newton_takes_differences_and_says_so():
    result = minimize(lambda x: rosenbrock(x), [-1.2, 1.0], grad=rosenbrock.gradient, method="newton")
    assert (result.converged, result.hessian_from) == (True, "central differences")
    assert result.n_gradients > 4 * result.n_hessians
    own = minimize(rosenbrock, [-1.2, 1.0], method="newton")
    assert own.hessian_from == "fun.hessian"
    assert minimize(rosenbrock, [-1.2, 1.0], method="bfgs").hessian_from == ""


def test_a_hessian_of_another_shape_is_refused():
    with pytest.raises(ValueError, match=r"Hessian must have the shape \(2, 2\)"):
        minimize(rosenbrock, [-1.2, 1.0], hess=lambda x: np.eye(3), method=Newton())


def test_each_difference_hands_out_an_array_of_its_own():
    seen = []

    def keeps(x):
        seen.append(x)
        return float(x @ x)

    central_differences(keeps, np.array([1.0, 2.0]))
    assert len({array.tobytes() for array in seen}) == 4


def test_where_no_step_helps_any_more_it_ends_and_says_so():
    # rounding hides the floor of a parabola that stands on a million
    result = minimize(lambda x: 1e6 + float(x @ x), [1e-3, 1e-3], grad=lambda x: 2 * x, method="lbfgs", tol=0.0)
    assert result.n_iter < 100
    assert np.isfinite(result.fun)
