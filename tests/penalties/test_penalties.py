"""Penalties: exact values, slopes by central differences, and proximal steps that nothing nearby undercuts."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import array_shapes, arrays
from scipy.optimize import minimize_scalar
from sklearn import linear_model

from diorama.penalties import L1, L2, ElasticNet

W = np.random.default_rng(0).normal(size=(3, 4))
PENALTIES = [L1(0.3), L2(0.7), ElasticNet(0.8, 0.25), ElasticNet(0.8, 1.0), L1(0.0)]


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_slopes_are_those_of_central_differences(penalty):
    h, numeric = 1e-6, np.empty_like(W)
    for place in np.ndindex(W.shape):
        nudge = np.zeros_like(W)
        nudge[place] = h
        numeric[place] = (penalty(W + nudge) - penalty(W - nudge)) / (2 * h)
    np.testing.assert_allclose(penalty.gradient(W), numeric, rtol=1e-5, atol=1e-9)
    np.testing.assert_array_equal(penalty.gradient(np.zeros(3)), np.zeros(3))


@pytest.mark.parametrize("penalty", PENALTIES, ids=repr)
def test_prox_is_the_lowest_place_of_its_own_objective(penalty):
    for w, moved in zip(W.ravel(), penalty.prox(W, 0.6).ravel(), strict=True):
        found = minimize_scalar(lambda v, w=w: 0.6 * penalty([v]) + (v - w) ** 2 / 2, bracket=(-3, 3), tol=1e-10)
        assert moved == pytest.approx(found.x, abs=1e-6)


@settings(max_examples=50, deadline=None)
@given(
    w=arrays(st.sampled_from([np.float32, np.float64]), array_shapes(min_side=0), elements=st.floats(-99, 99, width=32))
)
def test_prox_shrinks_and_keeps_shape_and_type(w):
    for penalty in PENALTIES:
        moved, slope = penalty.prox(w, 0.5), penalty.gradient(w)
        assert moved.shape == slope.shape == w.shape
        assert moved.dtype == slope.dtype == w.dtype
        assert (np.abs(moved) <= np.abs(w)).all()
        assert penalty(w) >= 0
        np.testing.assert_array_equal(penalty.prox(w, 0.0), w)


def test_l1_empties_weights_and_l2_none():
    w = np.array([0.2, -0.3, 4.0])
    np.testing.assert_allclose(L1(0.5).prox(w, 1.0), [0, 0, 3.5])
    np.testing.assert_allclose(L2(1.0).prox(w, 1.0), w / 2)
    assert ElasticNet(2.0, 1.0)(w) == L1(2.0)(w)
    assert ElasticNet(2.0, 0.0)(w) == L2(2.0)(w)


def test_proximal_steps_end_where_scikit_learn_does():
    random = np.random.default_rng(1)
    X = random.normal(size=(40, 5))
    y = X @ np.array([3.0, 0, 0, -1, 0.2]) + 0.1 * random.normal(size=40)
    rate = 40 / np.linalg.norm(X, 2) ** 2
    for penalty, twin in (
        (L1(0.2), linear_model.Lasso(0.2, fit_intercept=False, tol=1e-10)),
        (L2(0.2), linear_model.Ridge(0.2 * 40, fit_intercept=False)),
        (ElasticNet(0.2, 0.6), linear_model.ElasticNet(0.2, l1_ratio=0.6, fit_intercept=False, tol=1e-10)),
    ):
        w = np.zeros(5)
        for _ in range(300):
            w = penalty.prox(w - rate * X.T @ (X @ w - y) / 40, rate)
        np.testing.assert_allclose(w, twin.fit(X, y).coef_, atol=1e-6)


@pytest.mark.parametrize(
    ("call", "error", "words"),
    [
        (lambda: L1(-1.0), ValueError, "alpha must be at least 0 and finite; got -1.0"),
        (lambda: ElasticNet(1.0, 1.5), ValueError, "l1_ratio must be from 0 to 1; got 1.5"),
        (lambda: L2()([1.0, np.nan]), ValueError, r"w of shape \(2,\) must hold finite numbers; entry \(1,\) is nan"),
        (lambda: L2()(["a"]), TypeError, "w must hold real numbers"),
        (lambda: L2().prox([1.0], -1.0), ValueError, "step must be at least 0"),
    ],
)
def test_errors_say_what_was_wrong(call, error, words):
    with pytest.raises(error, match=words):
        call()
