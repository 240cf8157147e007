"""What must hold between optimizers, and between runs of one, whatever the numbers are."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays

from diorama.optimization import (
    BFGS,
    LBFGS,
    SGD,
    SURFACES,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    ConjugateGradient,
    GradientDescent,
    Momentum,
    Nesterov,
    Newton,
    RMSProp,
    minimize,
)

KINDS = [GradientDescent, SGD, Momentum, Nesterov, Adagrad, Adadelta, RMSProp, Adam, AdamW]
rosenbrock = SURFACES["Rosenbrock"]


def path(optimizer, gradients, x):
    """The last point after these gradients, whatever they belong to."""
    state = optimizer.init(x)
    for gradient in gradients:
        x, state = optimizer.update(gradient, state, x)
    return x


@given(
    x=array_shapes(max_dims=3, max_side=4).flatmap(
        lambda shape: arrays(float, (5, *shape), elements=st.floats(-1e3, 1e3, width=32))
    ),
    kind=st.sampled_from(KINDS),
)
@settings(max_examples=60, deadline=None)
def test_every_entry_goes_its_own_way_whatever_the_shape(x, kind):
    start, gradients = x[0], x[1:]
    whole = path(kind(0.1), gradients, start)
    one_by_one = [
        path(kind(0.1), gradients.reshape(4, -1)[:, [i]], start.reshape(-1)[[i]])[0] for i in range(start.size)
    ]
    assert whole.shape == start.shape
    np.testing.assert_array_equal(whole.reshape(-1), one_by_one)


@given(kind=st.sampled_from(KINDS), dtype=st.sampled_from([np.float32, np.float64]))
@settings(max_examples=20, deadline=None)
def test_without_a_slope_nothing_moves_but_what_decays(kind, dtype):
    x = np.full(3, 2, dtype=dtype)
    moved = path(kind(0.1), [np.zeros(3, dtype=dtype)] * 3, x)
    np.testing.assert_allclose(moved, 2 * (1 - 0.1 * 0.01) ** 3 if kind is AdamW else 2, rtol=1e-6)


@pytest.mark.parametrize(
    ("special", "general"),
    [
        (GradientDescent(0.1), SGD(0.1)),
        (GradientDescent(0.1), Momentum(0.1, momentum=0.0)),
        (GradientDescent(0.1), Nesterov(0.1, momentum=0.0)),
        (Adam(0.1), AdamW(0.1, weight_decay=0.0)),
        (RMSProp(0.1, alpha=0.0, eps=0.0), Adam(0.1, betas=(0.0, 0.0), eps=0.0)),
    ],
)
def test_one_is_a_special_case_of_the_other(special, general):
    gradients = np.random.default_rng(0).normal(size=(6, 4))
    np.testing.assert_allclose(path(special, gradients, np.ones(4)), path(general, gradients, np.ones(4)), rtol=1e-14)


@given(factor=st.floats(1e-3, 1e3))
@settings(max_examples=20, deadline=None)
def test_the_adaptive_ones_do_not_care_for_the_unit_of_the_function(factor):
    gradients = np.random.default_rng(0).normal(size=(6, 4))
    for optimizer in (Adagrad(0.1, eps=0.0), RMSProp(0.1, eps=0.0), Adam(0.1, eps=0.0)):
        one, other = (path(optimizer, scale * gradients, np.ones(4)) for scale in (1.0, factor))
        np.testing.assert_allclose(one, other, rtol=1e-9)


@pytest.mark.parametrize("betas", [(0.9, 0.999), (0.5, 0.9), (0.0, 0.999)])
def test_adams_first_step_is_one_rate_long_as_each_mean_has_its_own_correction(betas):
    # were both divided by 1 - beta1^t, it would be sqrt((1 - beta1) / (1 - beta2)) rates long
    moved = path(Adam(0.1, betas=betas), [np.array([1e3, -1e-2])], np.zeros(2))
    np.testing.assert_allclose(moved, [-0.1, 0.1], rtol=1e-5)


@pytest.mark.parametrize("axes", [np.diag([1.0, 100.0]), np.array([[2.0, 1.0], [-1.0, 0.5]])])
def test_newtons_way_is_the_same_in_every_coordinate_system(axes):
    plain = minimize(rosenbrock, [-1.2, 1.0], method=Newton(), max_iter=10, tol=0.0)
    turned = minimize(
        lambda z: rosenbrock(axes @ z),
        np.linalg.solve(axes, [-1.2, 1.0]),
        grad=lambda z: axes.T @ rosenbrock.gradient(axes @ z),
        hess=lambda z: axes.T @ rosenbrock.hessian(axes @ z) @ axes,
        method=Newton(),
        max_iter=10,
        tol=0.0,
    )
    np.testing.assert_allclose(axes @ turned.x, plain.x, rtol=1e-6)


@pytest.mark.parametrize("method", [BFGS(), LBFGS(), ConjugateGradient(), Newton()])
def test_twice_the_function_has_its_minimum_at_the_same_place(method):
    one = minimize(rosenbrock, [-1.2, 1.0], method=method, tol=1e-8)
    two = minimize(
        lambda x: 2 * rosenbrock(x),
        [-1.2, 1.0],
        grad=lambda x: 2 * rosenbrock.gradient(x),
        hess=lambda x: 2 * rosenbrock.hessian(x),
        method=method,
        tol=1e-8,
    )
    assert one.converged
    assert two.converged
    np.testing.assert_allclose(one.x, two.x, atol=1e-6)


@pytest.mark.parametrize("kind", [Momentum, Nesterov, GradientDescent])
@pytest.mark.parametrize("momentum", [0.5, 0.9])
def test_the_safe_rate_is_where_running_away_begins(kind, momentum):
    build = kind if kind is GradientDescent else lambda rate: kind(rate, momentum=momentum)
    limit = build(1.0).safe_rate(10.0)
    for share, stays in ((0.99, True), (1.01, False)):
        optimizer, x = build(share * limit), np.array([1.0])
        state = optimizer.init(x)
        for _ in range(1500):
            x, state = optimizer.update(10.0 * x, state, x)
        assert (abs(x[0]) < 1) == stays


@pytest.mark.parametrize("method", [BFGS(), LBFGS(), ConjugateGradient(), Newton(), Adam(0.1)])
@given(start=st.lists(st.floats(-50, 50), min_size=1, max_size=6))
@settings(max_examples=15, deadline=None)
def test_from_any_start_a_convex_function_ends_lower_and_finite(method, start):
    def fun(x):
        return float(np.logaddexp(0, x).sum() + 0.01 * x @ x)

    result = minimize(fun, start, grad=lambda x: 1 / (1 + np.exp(-x)) + 0.02 * x, method=method, max_iter=200)
    assert result.fun <= fun(np.array(start)) + 1e-12
    assert np.isfinite([*result.x, *result.grad]).all()
    assert result.converged or isinstance(method, Adam)
