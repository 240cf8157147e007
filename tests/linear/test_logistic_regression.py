"""LogisticRegression: the bottom of the valley, whatever the penalty and the solver, and always finite."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from scipy.optimize import approx_fprime
from sklearn.datasets import load_breast_cancer, load_iris
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import LogisticRegression as Twin
from sklearn.metrics import log_loss
from sklearn.multiclass import OneVsRestClassifier
from sklearn.preprocessing import scale

import diorama
from diorama._class_losses import binary_losses, softmax_losses
from diorama._exponential import exponentials
from diorama.linear import LogisticRegression
from diorama.linear._logistic_objective import Objective, binary_pass
from diorama.linear._proximal_newton import coordinate_descent

SMOOTH = ["lbfgs", "newton-cholesky", "sag"]


def problem(n=400, d=6, k=2, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d))
    y = (X @ random.normal(size=(d, k)) + 2 * random.gumbel(size=(n, k))).argmax(axis=1)
    return X, y, random.random(n) * 3


def loss(model, X, y, weight=1.0):
    log_proba = model.predict_log_proba(X)[np.arange(len(y)), np.searchsorted(model.classes_, y)]
    norms = (1 - model.l1_ratio) / 2 * (model.coef_**2).sum() + model.l1_ratio * np.abs(model.coef_).sum()
    return -model.C * (weight * log_proba).sum() + norms


@pytest.mark.parametrize("solver", SMOOTH)
@pytest.mark.parametrize("k", [2, 4])
@pytest.mark.parametrize("form", [np.asarray, np.asfortranarray, sp.csr_array])
@pytest.mark.parametrize("options", [{}, {"C": 0.01}, {"fit_intercept": False}, {"class_weight": "balanced"}])
def test_agrees_with_scikit_learn(solver, k, form, options):
    X, y, weight = problem(k=k)
    ours = LogisticRegression(solver=solver, tol=1e-9, **options).fit(form(X), y, sample_weight=weight)
    twin = Twin(solver="newton-cholesky", tol=1e-9, **options).fit(X, y, sample_weight=weight)
    assert_allclose(ours.coef_, twin.coef_, rtol=1e-4, atol=1e-6)
    assert_allclose(ours.intercept_, twin.intercept_, rtol=1e-4, atol=1e-6)
    assert_allclose(ours.predict_proba(form(X)), twin.predict_proba(X), atol=1e-6)
    assert (ours.predict(form(X)) == twin.predict(X)).all()


@pytest.mark.parametrize("solver", SMOOTH)
@pytest.mark.parametrize("load", [load_breast_cancer, load_iris])
def test_raw_columns_of_unlike_scale_are_no_trouble(solver, load):
    X, y = load(return_X_y=True)
    ours = LogisticRegression(solver=solver).fit(X, y)
    twin = Twin(solver="newton-cholesky", tol=1e-10).fit(X, y)
    assert loss(ours, X, y) <= loss(twin, X, y) * (1 + 1e-4)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("l1_ratio", [1.0, 0.4])
def test_sparse_penalties_reach_the_bottom_with_exact_zeros(k, l1_ratio):
    X, y, _ = problem(k=k, d=12)
    ours = LogisticRegression(C=0.05, l1_ratio=l1_ratio, tol=1e-7).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        twin = Twin(C=0.05, l1_ratio=l1_ratio, solver="saga", tol=1e-8, max_iter=3000).fit(X, y)
    assert loss(ours, X, y) <= loss(twin, X, y) * (1 + 1e-7)
    assert_allclose(ours.coef_, twin.coef_, atol=1e-4)
    assert (ours.coef_ == 0).sum() == (np.abs(twin.coef_) < 1e-5).sum() > 0


def test_a_strong_l1_penalty_leaves_only_the_shares_of_the_classes():
    X, y, _ = problem(k=3)
    model = LogisticRegression(C=1e-4, l1_ratio=1).fit(X, y)
    assert (model.coef_ == 0).all()
    assert_allclose(model.predict_proba(X[:1])[0], np.bincount(y) / len(y), atol=1e-4)


def test_l1_on_a_wide_table_works_on_few_columns():
    random = np.random.default_rng(0)
    X = random.normal(size=(80, 700))
    y = (X[:, 3] - X[:, 600] + 0.1 * random.normal(size=80) > 0).astype(int)
    for form in (np.asarray, sp.csr_array):
        model = LogisticRegression(l1_ratio=1, C=0.3, tol=1e-6, fit_intercept=False).fit(form(X), y)
        twin = Twin(l1_ratio=1, C=0.3, tol=1e-8, solver="liblinear", fit_intercept=False, max_iter=5000).fit(X, y)
        assert_allclose(model.coef_, twin.coef_, atol=1e-3)
        assert set(np.argsort(-np.abs(model.coef_[0]))[:2]) == {3, 600}


def test_liblinear_penalises_the_intercept_too():
    X, y, _ = problem()
    for options in ({"C": 0.1}, {"C": 0.1, "l1_ratio": 1}, {"C": 0.1, "intercept_scaling": 10.0}):
        ours = LogisticRegression(solver="liblinear", tol=1e-8, **options).fit(X + 1, y)
        twin = Twin(solver="liblinear", tol=1e-8, **options).fit(X + 1, y)
        assert_allclose(ours.coef_, twin.coef_, atol=1e-4)
        assert_allclose(ours.intercept_, twin.intercept_, atol=1e-4)


@pytest.mark.parametrize("l1_ratio", [0.0, 1.0])
def test_one_versus_rest_is_a_model_for_each_class(l1_ratio):
    X, y, _ = problem(k=3)
    ours = LogisticRegression(multi_class="ovr", l1_ratio=l1_ratio, tol=1e-8).fit(X, y)
    apart = OneVsRestClassifier(LogisticRegression(l1_ratio=l1_ratio, tol=1e-8)).fit(X, y)
    assert_allclose(ours.coef_, np.concatenate([one.coef_ for one in apart.estimators_]), rtol=1e-7)
    assert_allclose(ours.predict_proba(X), apart.predict_proba(X), rtol=1e-6)
    assert ours.n_iter_.shape == (3,)


@pytest.mark.parametrize(
    ("penalty", "same"),
    [("l1", {"l1_ratio": 1.0}), ("l2", {}), ("elasticnet", {"l1_ratio": 0.3}), (None, {"C": np.inf})],
)
def test_a_penalty_by_name_is_its_share_of_l1(penalty, same):
    X, y, _ = problem()
    named = LogisticRegression(penalty, l1_ratio=0.3 if penalty == "elasticnet" else 0.0).fit(X, y)
    assert_allclose(named.coef_, LogisticRegression(**same).fit(X, y).coef_)


def test_without_a_penalty_the_gradient_vanishes():
    X, y, _ = problem()
    model = LogisticRegression(C=np.inf, tol=1e-9).fit(X, y)
    residual = model.predict_proba(X)[:, 1] - y
    assert_allclose(X.T @ residual / len(y), 0, atol=1e-8)
    # with an intercept the mean probability is the share of the class
    assert_allclose(residual.mean(), 0, atol=1e-8)


def test_two_points_have_a_known_answer():
    # coef w on x = -1, 1 with C = 1: w = 2 / (1 + exp(w))
    model = LogisticRegression(tol=1e-10).fit([[-1.0], [1.0]], [0, 1])
    w = model.coef_[0, 0]
    assert_allclose(w, 2 / (1 + np.exp(w)), rtol=1e-7)
    assert_allclose(model.intercept_, 0, atol=1e-9)


def test_exam(exam):
    X = np.column_stack([exam["Studied"], exam["Slept"]])
    ours, twin = LogisticRegression(tol=1e-8).fit(X, exam["Passed"]), Twin(tol=1e-10).fit(X, exam["Passed"])
    assert_allclose(ours.coef_, twin.coef_, rtol=1e-4)
    assert ours.score(X, exam["Passed"]) == twin.score(X, exam["Passed"])


@pytest.mark.parametrize("k", [2, 3])
def test_sure_predictions_stay_finite(k):
    X, y, _ = problem(k=k)
    for options in ({}, {"multi_class": "ovr"}):
        model = LogisticRegression(**options).fit(X, y)
        far = np.array([[1e300] * 6, [-1e300] * 6, [1e5] * 6]) * np.sign(model.coef_[0])
        assert np.isfinite(model.predict_proba(far)).all()
        assert_allclose(model.predict_proba(far).sum(axis=1), 1)
        assert np.isfinite(model.predict_log_proba(far[2:])).all()


@pytest.mark.parametrize("solver", SMOOTH)
@pytest.mark.parametrize("k", [2, 3])
def test_classes_told_apart_without_penalty_end_with_a_warning(solver, k):
    X = np.repeat(np.arange(k), 10)[:, None] + np.tile(np.linspace(0, 0.5, 10), k)[:, None]
    y = np.repeat(np.arange(k), 10)
    with pytest.warns(ConvergenceWarning, match=r"without a penalty|can still fall"):
        model = LogisticRegression(C=np.inf, solver=solver).fit(X, y)
    assert np.isfinite(model.coef_).all()
    assert model.score(X, y) == 1


def test_too_few_steps_say_how_far_it_is():
    X, y, _ = problem()
    with pytest.warns(ConvergenceWarning, match=r"after 1 steps: its slope is .* above its least value"):
        LogisticRegression(max_iter=1, C=100).fit(3 * X, y)


def test_one_class_is_refused():
    with pytest.raises(ValueError, match="only one class"):
        LogisticRegression().fit([[1.0], [2.0]], ["yes", "yes"])


def test_a_warm_start_continues_where_the_last_fit_ended():
    X, y, _ = problem(k=3)
    model = LogisticRegression(warm_start=True, tol=1e-6).fit(X, y)
    assert model.n_iter_[0] > 1
    coef = model.coef_
    assert model.fit(X, y).n_iter_[0] <= 1
    assert_allclose(model.coef_, coef, atol=1e-5)


def test_a_row_of_weight_two_is_a_row_given_twice():
    X, y, _ = problem(k=3)
    weight = np.random.default_rng(1).integers(0, 4, len(y))
    weighted = LogisticRegression(tol=1e-9).fit(X, y, sample_weight=weight)
    repeated = LogisticRegression(tol=1e-9).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert_allclose(weighted.coef_, repeated.coef_, rtol=1e-5, atol=1e-7)


@settings(max_examples=20, deadline=None)
@given(
    n=st.integers(6, 60),
    d=st.integers(1, 8),
    k=st.integers(2, 4),
    spread=st.floats(1e-3, 1e3),
    l1_ratio=st.sampled_from([0.0, 0.5, 1.0]),
    seed=st.integers(0, 99),
)
def test_no_other_coefficients_nearby_are_better(n, d, k, spread, l1_ratio, seed):
    random = np.random.default_rng(seed)
    X, y = spread * random.normal(size=(n, d)), np.arange(n) % k
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model = LogisticRegression(l1_ratio=l1_ratio, tol=1e-8, max_iter=1_000).fit(X, y)
    least = loss(model, X, y)
    for _ in range(5):
        other = LogisticRegression(l1_ratio=l1_ratio)
        other.__dict__.update(vars(model))
        other.coef_ = model.coef_ + random.normal(size=model.coef_.shape) / (10 * spread)
        assert loss(other, X, y) >= least * (1 - 1e-6)


def test_every_step_lowers_the_loss():
    X, y = load_iris(return_X_y=True)
    for options in ({}, {"solver": "newton-cg"}, {"l1_ratio": 0.5}):
        model, recording = diorama.watch(LogisticRegression(**options), scale(X), y)
        losses = [moment.state.cost for moment in recording.fits[0].moments]
        assert (np.diff(losses) <= 1e-12).all()
        assert_allclose(recording.fits[0].moments[-1].state.coef, model.coef_)


@pytest.mark.parametrize("n_rows", [1, 3])
def test_gradient_and_curvature_are_derivatives(n_rows):
    X, y, weight = problem(n=40, d=3, k=max(n_rows, 2))
    l2 = np.array([0.1, 0.2, 0.3, 0.0])
    target = y.astype(float) if n_rows == 1 else y
    objective = Objective(X, target, weight / weight.sum(), n_rows, l2, np.zeros(4), True)
    theta = np.random.default_rng(2).normal(size=(n_rows, 4))
    numeric = approx_fprime(theta.ravel(), lambda t: objective.at(t.reshape(theta.shape)).value, 1e-7)
    assert_allclose(objective.at(theta).gradient.ravel(), numeric, atol=1e-5)
    slopes = approx_fprime(theta.ravel(), lambda t: objective.at(t.reshape(theta.shape)).gradient.ravel(), 1e-7)
    assert_allclose(objective.hessian(theta), slopes, atol=1e-5)


def test_exponentials_are_right_to_the_last_digits():
    x = -np.concatenate([np.linspace(0, 40, 4001), np.linspace(40, 708, 1001), [1e4, 1e300]])
    for exp in (exponentials, exponentials.py_func):
        out = np.empty_like(x)
        exp(x, out, np.empty_like(x))
        assert_allclose(out[:-2], np.exp(x[:-2]), rtol=5e-16)
        assert (out[-2:] < 1e-300).all()


@pytest.mark.parametrize("plain", [False, True])
def test_losses_agree_with_plain_numpy(plain):
    random = np.random.default_rng(0)
    raw, y, weight = 30 * random.normal(size=(600, 3)), random.integers(0, 2, 600), random.random(600)
    weight[:550] = 0.5
    residual, curvature = np.empty(600), np.empty(600)
    binary = binary_losses.py_func if plain else binary_losses
    total = binary(raw[:, 0], y.astype(float), weight, residual, curvature)
    p = np.exp(-np.logaddexp(0, -raw[:, 0]))
    assert_allclose(total, weight @ (np.logaddexp(0, raw[:, 0]) - y * raw[:, 0]), rtol=1e-12)
    assert_allclose(residual, weight * (p - y), atol=1e-15)
    assert_allclose(curvature, weight * p * (1 - p), atol=1e-15)
    residual, probability = np.empty_like(raw), np.empty_like(raw)
    softmax = softmax_losses.py_func if plain else softmax_losses
    total = softmax(raw, y, weight, residual, probability)
    log_p = raw - np.logaddexp.reduce(raw, axis=1, keepdims=True)
    assert_allclose(total, -weight @ log_p[np.arange(600), y], rtol=1e-12)
    assert_allclose(probability, np.exp(log_p), atol=1e-15)
    assert_allclose(residual, weight[:, None] * (probability - np.eye(3)[y]), atol=1e-15)


@pytest.mark.parametrize("descend", [coordinate_descent, coordinate_descent.py_func])
def test_coordinate_descent_ends_where_no_coordinate_wants_to_move(descend):
    random = np.random.default_rng(0)
    root = random.normal(size=(8, 8))
    hessian, gradient, theta = root @ root.T + np.eye(8), 5 * random.normal(size=8), random.normal(size=8)
    l1 = np.full(8, 2.0)
    end = theta + descend(hessian, gradient, theta, l1, 1e-12, 5000)
    slope = gradient + hessian @ (end - theta)
    assert (end == 0).any()
    assert (np.abs(slope[end == 0]) <= 2 + 1e-9).all()
    assert_allclose(slope[end != 0], -2 * np.sign(end[end != 0]), atol=1e-8)


@pytest.mark.parametrize("one_pass", [binary_pass, binary_pass.py_func])
@pytest.mark.parametrize("n", [1, 6, 131])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_one_pass_gives_what_two_products_give(one_pass, n, dtype):
    random = np.random.default_rng(0)
    X, y, weight = random.normal(size=(n, 3)).astype(dtype), random.integers(0, 2, n).astype(float), random.random(n)
    theta, curvature, gradient = random.normal(size=4), np.empty(n), np.empty(4)
    total = one_pass(X, y, weight, theta, curvature, gradient)
    raw = X.astype(float) @ theta[:3] + theta[3]
    p = 1 / (1 + np.exp(-raw))
    assert_allclose(total, weight @ (np.logaddexp(0, raw) - y * raw), rtol=1e-12)
    assert_allclose(curvature, weight * p * (1 - p), rtol=1e-12)
    assert_allclose(gradient, np.column_stack([X, np.ones(n)]).T @ (weight * (p - y)), rtol=1e-10, atol=1e-12)


def test_a_column_that_is_seldom_seen_does_not_upset_the_walk():
    # among the rows from which the first guess of the curvature is taken, the last column never shows
    X, y, _ = problem(n=20_000, d=3)
    seldom = np.zeros(20_000)
    seldom[1:400:2] = 100.0
    X = np.column_stack([X, seldom])
    ours = LogisticRegression().fit(X, y)
    twin = Twin(solver="newton-cholesky", tol=1e-8).fit(X, y)
    assert ours.n_iter_[0] < 30
    assert loss(ours, X, y) <= loss(twin, X, y) * (1 + 1e-4)


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("l1_ratio", [0.0, 0.5, 1.0])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_the_proven_gap_never_lies_and_closes(k, l1_ratio, fit_intercept):
    X, y, _ = problem(k=k)
    settings_ = {"l1_ratio": l1_ratio, "fit_intercept": fit_intercept, "C": 0.3}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        early = LogisticRegression(max_iter=2, tol=1e-12, **settings_).fit(X, y)
    best = LogisticRegression(max_iter=1_000, tol=1e-10, **settings_).fit(X, y)
    # `loss` sums over the rows, where the fit takes their mean
    assert early.dual_gap_[0] * 0.3 * len(y) >= loss(early, X, y) - loss(best, X, y) >= 0
    assert early.dual_gap_[0] * 0.3 * len(y) <= loss(early, X, y) + 1e-9
    assert best.dual_gap_[0] < 1e-8
    assert best.converged_
    assert not early.converged_
    for solver in ("lbfgs", "newton-cholesky"):
        loose = LogisticRegression(solver=solver, tol=1e-2, **settings_).fit(X, y)
        assert loose.dual_gap_[0] * 0.3 * len(y) >= loss(loose, X, y) - loss(best, X, y) - 1e-9
        assert loose.dual_gap_[0] < 0.1


@pytest.mark.parametrize("k", [2, 3])
@pytest.mark.parametrize("sparse", [False, True])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_without_a_penalty_too_the_gap_never_lies_and_closes(k, sparse, fit_intercept):
    X, _, _ = problem(k=k)
    y = np.random.default_rng(3).integers(0, k, len(X))
    table = sp.csr_matrix(X) if sparse else X
    best = LogisticRegression(C=np.inf, fit_intercept=fit_intercept, tol=1e-12).fit(table, y)
    assert best.dual_gap_[0] < 1e-12
    least = log_loss(y, best.predict_proba(X))
    for max_iter in (1, 2, 4):
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ConvergenceWarning)
            early = LogisticRegression(
                C=np.inf, fit_intercept=fit_intercept, solver="lbfgs", max_iter=max_iter, tol=1e-12
            ).fit(table, y)
        reached = log_loss(y, early.predict_proba(X))
        assert reached - least - 1e-12 <= early.dual_gap_[0] <= reached + 1e-12


def test_classes_without_a_best_plane_are_as_far_from_it_as_their_loss():
    with pytest.warns(ConvergenceWarning, match="without a mistake"):
        model = LogisticRegression(C=np.inf).fit([[0.0], [1.0], [2.0], [3.0]], [0, 0, 1, 1])
    reached = log_loss([0, 0, 1, 1], model.predict_proba([[0.0], [1.0], [2.0], [3.0]]))
    assert reached / 2 < model.dual_gap_[0] <= reached * (1 + 1e-9)


def test_a_fit_that_ran_out_of_steps_says_how_far_it_is_at_most():
    X, y, _ = problem(k=2)
    with pytest.warns(ConvergenceWarning, match="at most .* above its least value"):
        LogisticRegression(max_iter=1, tol=1e-12).fit(X, y)
