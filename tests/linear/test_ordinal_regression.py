"""Ordinal regression held against statsmodels, against answers worked by hand, and against itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.special import expit
from sklearn.exceptions import ConvergenceWarning
from statsmodels.miscmodels.ordinal_model import OrderedModel

import diorama
from diorama.linear import LogisticRegression, OrdinalRegression
from diorama.linear.ordinal_regression import Problem, arrived, cost, slopes

NAMES = np.array(["low", "middle", "high", "top"])


def problem(n=300, d=3, n_classes=4, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d))
    hidden = X @ np.array([1.5, -1.0, 0.5])[:d] + random.logistic(size=n)
    codes = np.digitize(hidden, np.linspace(-1.5, 1.5, n_classes - 1))
    return X, codes, random.integers(1, 4, n).astype(float)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("n_classes", [3, 4])
def test_it_is_statsmodels_ordered_model(seed, n_classes):
    X, codes, _ = problem(seed=seed, n_classes=n_classes)
    theirs = OrderedModel(codes, X, distr="logit")
    fitted = theirs.fit(method="bfgs", disp=False)
    ours = OrdinalRegression(alpha=0.0, tol=1e-10).fit(X, codes)
    np.testing.assert_allclose(ours.coef_, fitted.params[:3], rtol=1e-3)
    np.testing.assert_allclose(ours.thresholds_, theirs.transform_threshold_params(fitted.params)[1:-1], atol=1e-3)
    np.testing.assert_allclose(ours.predict_proba(X), fitted.predict(), atol=1e-3)
    surprise = -np.log(ours.predict_proba(X)[np.arange(len(X)), codes]).sum()
    assert surprise <= -fitted.llf + 1e-9


def test_with_two_classes_it_is_logistic_regression():
    X, codes, weight = problem(n_classes=2)
    ours = OrdinalRegression(alpha=1.0, tol=1e-10).fit(X, codes, weight)
    theirs = LogisticRegression(C=1.0, tol=1e-10, solver="newton-cholesky").fit(X, codes, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_[0], atol=1e-6)
    np.testing.assert_allclose(-ours.thresholds_, theirs.intercept_, atol=1e-6)


def test_without_a_feature_that_helps_each_class_gets_its_share():
    X, y = np.zeros((10, 1)), [0] * 5 + [1] * 3 + [2] * 2
    np.testing.assert_allclose(OrdinalRegression().fit(X, y).predict_proba([[0.0]]), [[0.5, 0.3, 0.2]], atol=1e-8)


def test_known_coefficients_are_found_again():
    X, codes, _ = problem(n=100_000)
    model = OrdinalRegression(alpha=0.0).fit(X, codes)
    np.testing.assert_allclose(model.coef_, [1.5, -1.0, 0.5], atol=0.04)
    np.testing.assert_allclose(model.thresholds_, [-1.5, 0.0, 1.5], atol=0.04)


def test_turning_the_order_round_turns_the_coefficients_round():
    X, codes, _ = problem()
    up = OrdinalRegression(order=NAMES, tol=1e-9).fit(X, NAMES[codes])
    down = OrdinalRegression(order=NAMES[::-1], tol=1e-9).fit(X, NAMES[codes])
    np.testing.assert_allclose(up.coef_, -down.coef_, atol=1e-6)
    np.testing.assert_allclose(up.thresholds_, -down.thresholds_[::-1], atol=1e-6)
    np.testing.assert_allclose(up.predict_proba(X), down.predict_proba(X)[:, ::-1], atol=1e-6)
    assert up.classes_.tolist() == NAMES.tolist()


def test_a_weight_of_two_is_a_row_twice_and_of_none_no_row():
    X, codes, weight = problem()
    weight[:20] = 0
    rows = np.repeat(np.arange(len(X)), weight.astype(int))
    weighted = OrdinalRegression(tol=1e-9).fit(X, codes, weight)
    repeated = OrdinalRegression(tol=1e-9).fit(X[rows], codes[rows])
    np.testing.assert_allclose(weighted.coef_, repeated.coef_, atol=1e-6)


@given(shift=st.floats(-50, 50), scale=st.floats(0.1, 10))
@settings(max_examples=15, deadline=None)
def test_units_and_origin_change_no_probability(shift, scale):
    X, codes, _ = problem(n=100)
    expected = OrdinalRegression(alpha=0.0, tol=1e-9).fit(X, codes).predict_proba(X)
    other = X * scale + shift
    np.testing.assert_allclose(
        OrdinalRegression(alpha=0.0, tol=1e-9).fit(other, codes).predict_proba(other), expected, atol=1e-5
    )


def test_slopes_are_central_differences():
    X, codes, weight = problem(n=50)
    data = Problem(X, codes, weight / weight.sum(), 0.1, 4)
    at = np.array([0.3, -0.2, 0.1, -1.0, 0.2, 0.9])

    def value(place):
        return cost(data, place[:3], place[3:])

    gradient, hessian = slopes(data, at[:3], at[3:])
    steps = 1e-5 * np.eye(6)
    np.testing.assert_allclose(gradient, [(value(at + s) - value(at - s)) / 2e-5 for s in steps], rtol=1e-5)
    bent = [slopes(data, *np.split(at + s, [3]))[0] - slopes(data, *np.split(at - s, [3]))[0] for s in steps]
    np.testing.assert_allclose(hessian, np.array(bent) / 2e-5, rtol=1e-5, atol=1e-8)
    assert arrived(data, at[:3], at[3:]).slope == np.abs(gradient).max()


def test_thresholds_out_of_order_cost_everything():
    X, codes, weight = problem(n=50)
    assert cost(Problem(X, codes, weight, 0.0, 4), np.zeros(3), np.array([0.0, -1.0, 1.0])) == np.inf


def test_sure_rows_lose_no_digits():
    X = np.array([[-800.0], [-1.0], [1.0], [800.0]])
    model = OrdinalRegression(alpha=1e-3).fit(X, [0, 0, 1, 1])
    assert np.isfinite(model.predict_proba([[-1e6], [1e6]])).all()


def test_the_cost_never_grows_and_the_thresholds_stay_in_order():
    X, codes, _ = problem()
    _, recording = diorama.watch(OrdinalRegression(), X, codes)
    states = [moment.state for moment in recording.fits[-1].moments]
    assert (np.diff([state.cost for state in states]) <= 0).all()
    assert all((np.diff(state.thresholds) > 0).all() for state in states)
    assert "are right" in recording.scene().frames[0].narration


def test_the_odds_are_in_proportion():
    X, codes, _ = problem()
    model = OrdinalRegression().fit(X, codes)
    below = np.cumsum(model.predict_proba(X[:2]), axis=1)[:, :-1]
    np.testing.assert_allclose(below, expit(model.thresholds_ - (X[:2] @ model.coef_)[:, None]))


def test_classes_that_a_threshold_separates_are_spoken_of():
    X = np.arange(10.0)[:, None]
    with pytest.warns(ConvergenceWarning, match="Raise alpha"):
        OrdinalRegression(alpha=0.0, max_iter=5).fit(X, X[:, 0] > 4)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda X, y: OrdinalRegression().fit(X, np.zeros(len(X))), "at least two classes"),
        (lambda X, y: OrdinalRegression(order=["low", "high"]).fit(X, y), r"y has \['middle', 'top'\]|y has \['top'"),
        (lambda X, y: OrdinalRegression(order=[*NAMES, "low"]).fit(X, y), "order names a class twice"),
        (lambda X, y: OrdinalRegression(alpha=-1.0).fit(X, y), "'alpha' parameter"),
        (lambda X, y: OrdinalRegression().fit(np.where(X > 2, np.nan, X), y), "NaN"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    X, codes, _ = problem()
    with pytest.raises(ValueError, match=said):
        call(X, NAMES[codes])


def objective(model, X, codes, alpha):
    likely = model.predict_proba(X)[np.arange(len(X)), codes]
    return (-np.log(likely).sum() + alpha / 2 * model.coef_ @ model.coef_) / len(X)


def test_the_gap_never_lies_and_closes():
    X, codes, _ = problem()
    best = OrdinalRegression(alpha=2.0, tol=1e-12).fit(X, codes)
    assert best.gap_ < 1e-12
    for max_iter in (1, 2, 3):
        with pytest.warns(ConvergenceWarning, match="at most .* above its least value"):
            early = OrdinalRegression(alpha=2.0, max_iter=max_iter, tol=1e-12).fit(X, codes)
        assert early.gap_ >= objective(early, X, codes, 2.0) - objective(best, X, codes, 2.0) - 1e-12
        assert early.gap_ <= objective(early, X, codes, 2.0) + 1e-12
        assert best.converged_
        assert not early.converged_


def test_without_a_penalty_the_gap_is_the_loss_which_is_never_below_zero():
    X, codes, _ = problem()
    model = OrdinalRegression(alpha=0.0).fit(X, codes)
    assert model.gap_ == pytest.approx(objective(model, X, codes, 0.0))
