"""A line by a loss: against least squares and exact minima, and where its points leave it."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.optimize import linprog, minimize

import diorama
from diorama.losses import MAE, MSE, CrossEntropy, Huber, fit_line

X = np.linspace(0, 10, 21)
Y = 1 + 0.5 * X + np.random.default_rng(0).normal(0, 0.4, 21)
WILD = Y + 8 * (np.arange(21) == 19)


def test_squares_are_least_squares():
    line = fit_line(MSE(), X, WILD)
    np.testing.assert_allclose([line.slope, line.intercept], np.polyfit(X, WILD, 1))
    np.testing.assert_allclose(line.weights, 1, rtol=1e-14)


@pytest.mark.parametrize("delta", [0.1, 1.0, 5.0])
def test_huber_is_at_the_minimum_that_scipy_finds(delta):
    loss = Huber(delta)
    line = fit_line(loss, X, WILD, tol=1e-13)
    found = minimize(lambda w: loss(WILD, w[0] * X + w[1]), [0.5, 1.0], tol=1e-10)
    assert loss(WILD, line.slope * X + line.intercept) == pytest.approx(found.fun, rel=1e-7)


def test_absolute_errors_are_those_of_the_linear_programme():
    n = X.size
    rows = np.column_stack([X, np.ones(n)])
    costs = np.append(np.zeros(2), np.ones(n) / n)
    upper = np.vstack([np.hstack([rows, -np.eye(n)]), np.hstack([-rows, -np.eye(n)])])
    best = linprog(costs, upper, np.append(WILD, -WILD), bounds=[(None, None)] * 2 + [(0, None)] * n).fun
    line = fit_line(MAE(), X, WILD)
    assert np.mean(abs(line.slope * X + line.intercept - WILD)) == pytest.approx(best, rel=1e-4)


@given(far=st.floats(20, 1e6))
def test_only_squares_follow_an_outlier_wherever_it_goes(far):
    pulled = Y + far * (np.arange(21) == 19)
    moved = {type(loss): abs(fit_line(loss, X, pulled).slope - 0.5) for loss in (MSE(), MAE(), Huber(1.0))}
    assert moved[MAE] < 0.1
    assert moved[Huber] < 0.1
    assert moved[MSE] > 0.02 * far


def test_points_on_a_line_are_met_whatever_the_loss():
    for loss in (MSE(), MAE(), Huber(0.5)):
        line = fit_line(loss, X, 3 - 2 * X)
        assert (line.slope, line.intercept) == pytest.approx((-2, 3))


def test_watched_it_is_the_same_line_and_tells_of_the_wildest_point():
    with diorama.record() as recording:
        seen = fit_line(Huber(1.0), X, WILD)
    assert seen.slope == fit_line(Huber(1.0), X, WILD).slope
    frames = recording.scene().frames
    assert len(frames) == seen.n_iter + 1
    assert "the wildest point has" in frames[-1].narration


@pytest.mark.parametrize(
    ("call", "error", "said"),
    [
        (lambda: fit_line(CrossEntropy(), X, Y), TypeError, "loss must be MSE, MAE or Huber"),
        (lambda: fit_line(MSE(), X, Y[:3]), ValueError, r"got the shapes \(21,\) and \(3,\)"),
        (lambda: fit_line(MSE(), [1.0, 1.0], [0.0, 2.0]), ValueError, "x must hold at least two different values"),
        (lambda: fit_line(MSE(), [1.0, np.nan], [0.0, 2.0]), ValueError, "x of shape"),
        (lambda: fit_line(MSE(), ["a"], [0.0]), TypeError, "x must hold real numbers"),
        (lambda: fit_line(MSE(), [], []), ValueError, "x is empty"),
    ],
)
def test_refusals_name_the_argument(call, error, said):
    with pytest.raises(error, match=said):
        call()
