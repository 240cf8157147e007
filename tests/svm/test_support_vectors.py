"""Support vector machines held against scikit-learn, against margins known by hand, and against themselves."""

import warnings

import numpy as np
import pytest
import scipy.sparse as sp
from sklearn import svm
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics.pairwise import rbf_kernel

import diorama
from diorama.svm import SVC, SVR, LinearSVC
from diorama.svm import _smo as smo
from diorama.svm._kernel_function import KernelFunction
from diorama.svm._kernel_rows import KernelRows
from diorama.svm._linear_dual import sweep_dense, sweep_sparse


def problem(seed=0, n=120, d=4, n_classes=2):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d))
    score = X[:, 0] * X[:, 1] + X[:, 2] + 0.5 * random.normal(size=n)
    edges = np.quantile(score, np.linspace(0, 1, n_classes + 1)[1:-1])
    return X, np.array(list("abcd"))[np.digitize(score, edges)], random.integers(1, 4, n).astype(float)


def linear_cost(model, X, y, weight):
    sign = np.where(y == model.classes_[1], 1.0, -1.0)
    short = np.maximum(0, 1 - sign * model.decision_function(X))
    loss = short if model.loss == "hinge" else short**2
    return 0.5 * (model.coef_**2).sum() + 0.5 * (model.intercept_**2).sum() + model.C * weight @ loss


def dual_cost(model, matrix, targets, epsilon=0.0):
    beta = np.zeros(len(matrix))
    beta[model.support_] = model.dual_coef_[0]
    return beta @ targets - epsilon * np.abs(beta).sum() - 0.5 * beta @ matrix @ beta


@pytest.mark.parametrize("dual", [True, "auto"])
@pytest.mark.parametrize("loss", ["hinge", "squared_hinge"])
@pytest.mark.parametrize("seed", range(4))
def test_the_linear_cost_is_scikit_learns(loss, dual, seed):
    X, y, weight = problem(seed)
    given = {"loss": loss, "C": 0.3, "random_state": 0, "max_iter": 50_000}
    ours = LinearSVC(dual=dual, tol=1e-6, **given).fit(X, y, weight)
    theirs = svm.LinearSVC(dual=True, tol=1e-8, **given).fit(X, y, weight)
    least = linear_cost(theirs, X, y, weight)
    assert linear_cost(ours, X, y, weight) == pytest.approx(least, rel=1e-5)
    assert linear_cost(ours, X, y, weight) - ours.duality_gap_[0] <= least * (1 + 1e-9), "the gap is a bound"


@pytest.mark.parametrize("kernel", ["linear", "poly", "rbf", "sigmoid"])
@pytest.mark.parametrize("C", [0.3, 1.0, 30.0])
def test_the_dual_cost_is_scikit_learns(kernel, C):
    for seed in range(3):
        X, y, weight = problem(seed)
        # a steeper tanh is no inner product, and has more than one best place
        gamma, coef0 = (0.02, 0.0) if kernel == "sigmoid" else (0.2, 0.5)
        given = {"kernel": kernel, "C": C, "gamma": gamma, "coef0": coef0, "tol": 1e-6}
        ours, theirs = SVC(**given).fit(X, y, weight), svm.SVC(**given).fit(X, y, weight)
        matrix, sign = KernelFunction(kernel, gamma, 3, coef0)(X, X), np.where(y == "b", 1.0, -1.0)
        assert dual_cost(ours, matrix, sign) == pytest.approx(dual_cost(theirs, matrix, sign), rel=1e-3)
        new = problem(seed + 50)[0]
        clear = np.abs(theirs.decision_function(new)) > 1e-2
        np.testing.assert_array_equal(ours.predict(new)[clear], theirs.predict(new)[clear])


@pytest.mark.parametrize("n_classes", [3, 4])
def test_many_classes_are_told_apart_pair_by_pair_as_scikit_learn_does(n_classes):
    X, y, _ = problem(2, n_classes=n_classes)
    for given in ({}, {"decision_function_shape": "ovo"}, {"break_ties": True}, {"class_weight": "balanced"}):
        ours, theirs = SVC(tol=1e-6, **given).fit(X, y), svm.SVC(tol=1e-6, **given).fit(X, y)
        np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
        np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-4)
        np.testing.assert_array_equal(ours.support_, theirs.support_)
        np.testing.assert_array_equal(ours.n_support_, theirs.n_support_)
        np.testing.assert_allclose(ours.dual_coef_, theirs.dual_coef_, atol=1e-4)


@pytest.mark.parametrize("given", [{}, {"C": 10.0, "epsilon": 0.02}, {"kernel": "linear"}])
def test_the_tube_is_scikit_learns(given):
    X, _, weight = problem(3)
    y = X[:, 0] + np.sin(2 * X[:, 1])
    ours, theirs = SVR(tol=1e-5, **given).fit(X, y, weight), svm.SVR(tol=1e-5, gamma=1.0, **given).fit(X, y, weight)
    ours.set_params(gamma=1.0).fit(X, y, weight)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-3)


def test_working_sets_end_where_the_whole_matrix_does(monkeypatch):
    X, y, _ = problem(4, n=300)
    target = X[:, 0] ** 2 + X[:, 1]
    whole, curve = SVC(tol=1e-5).fit(X, y), SVR(tol=1e-5).fit(X, target)
    for name in ("diorama.svm._kernel_machine.WHOLE", "diorama.svm._smo.WHOLE"):
        monkeypatch.setattr(name, 0)
    for name in ("diorama.svm._kernel_machine.WORKING", "diorama.svm._smo.WORKING"):
        monkeypatch.setattr(name, 32)
    # room for few rows: they make way for each other
    parts = SVC(tol=1e-5, cache_size=0.01).fit(X, y)
    np.testing.assert_allclose(parts.decision_function(X), whole.decision_function(X), atol=1e-3)
    again = SVR(tol=1e-5, cache_size=0.01).fit(X, target)
    np.testing.assert_allclose(again.predict(X), curve.predict(X), atol=1e-3)


def test_two_points_have_the_margin_that_a_ruler_gives():
    X = np.array([[0.0, 0.0], [3.0, 4.0]])
    model = SVC(kernel="linear", C=100.0).fit(X, [0, 1])
    # the plane stands half-way and the weights are 2 d / |d|^2
    np.testing.assert_allclose(model.coef_, [[6 / 25, 8 / 25]])
    np.testing.assert_allclose(model.decision_function([[0, 0], [1.5, 2], [3, 4]]), [-1, 0, 1], atol=1e-9)
    np.testing.assert_allclose(model.dual_coef_, [[-2 / 25, 2 / 25]])


def test_exclusive_or_is_solved_by_a_product():
    X, y = [[0, 0], [1, 1], [0, 1], [1, 0]], ["same", "same", "other", "other"]
    assert SVC(kernel="poly", degree=2, gamma=1.0, coef0=1.0, C=1e3).fit(X, y).score(X, y) == 1.0


def test_rows_far_from_the_margin_can_be_thrown_away():
    X, y, _ = problem(5)
    model = SVC(C=0.5, gamma=0.2).fit(X, y)
    fewer = SVC(C=0.5, gamma=0.2).fit(X[np.sort(model.support_)], y[np.sort(model.support_)])
    np.testing.assert_allclose(fewer.decision_function(X), model.decision_function(X), atol=1e-6)


def test_a_tube_around_everything_needs_no_row():
    X = np.linspace(0, 1, 9)[:, None]
    model = SVR(epsilon=5.0).fit(X, np.linspace(0, 4, 9))
    assert len(model.support_) == 0
    np.testing.assert_allclose(model.predict(X), model.intercept_[0])
    assert np.abs(model.predict(X) - np.linspace(0, 4, 9)).max() <= 5.0


def test_given_matrices_functions_and_sparse_rows_agree():
    X, y, _ = problem(6)
    expected = SVC(gamma=0.3).fit(X, y).decision_function(X)
    matrix = rbf_kernel(X, gamma=0.3)
    np.testing.assert_allclose(SVC(kernel="precomputed").fit(matrix, y).decision_function(matrix), expected, atol=1e-8)
    named = SVC(kernel=lambda a, b: rbf_kernel(a, b, gamma=0.3)).fit(X, y)
    np.testing.assert_allclose(named.decision_function(X), expected, atol=1e-8)
    rows = sp.csr_array(X)
    np.testing.assert_allclose(SVC(gamma=0.3).fit(rows, y).decision_function(rows), expected, atol=1e-8)
    flat = LinearSVC(loss="hinge", random_state=0).fit(X, y)
    thin = LinearSVC(loss="hinge", random_state=0).fit(rows, y)
    np.testing.assert_allclose(thin.coef_, flat.coef_, atol=1e-8)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_follow_scikit_learns(n_classes):
    X, y, _ = problem(7, n=200, n_classes=n_classes)
    ours = SVC(probability=True, random_state=0).fit(X, y)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)
        theirs = svm.SVC(probability=True, random_state=0).fit(X, y)
    shares = ours.predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    assert np.abs(shares - theirs.predict_proba(X)).mean() < 0.05, "the folds are drawn otherwise"
    assert not hasattr(SVC(), "predict_proba")


def test_a_fit_that_ends_early_says_how_far_it_got():
    X, y, _ = problem(8)
    with pytest.warns(ConvergenceWarning, match=r"still up to .*% above its least value"):
        SVC(max_iter=3).fit(X, y)
    with pytest.warns(ConvergenceWarning, match=r"still up to .*% above its least value"):
        LinearSVC(loss="hinge", max_iter=1, random_state=0).fit(X, y)


def test_kernels_do_what_their_python_says():
    X, y, _ = problem(9, n=12)
    sign = np.where(y == "b", 1.0, -1.0)
    matrix = rbf_kernel(X)
    low, high = np.minimum(sign, 0), np.maximum(sign, 0)
    runs = [(np.zeros(12), sign.copy()), (np.zeros(12), sign.copy())]
    counts = [
        run(matrix, low, high, *pair, 1e-6, 500) for run, pair in zip((smo.trade, smo.trade.py_func), runs, strict=True)
    ]
    assert min(counts) > 0
    np.testing.assert_allclose(runs[0][0], runs[1][0], atol=1e-5)
    assert abs(runs[0][0].sum()) < 1e-12
    fitted = np.zeros(12)
    told = [run(runs[0][0], low, high, sign, matrix @ runs[0][0]) for run in (smo.judge, smo.judge.py_func)]
    np.testing.assert_allclose(told[0], told[1], atol=1e-12)
    slots, change = np.array([1, 4, 0, 3, 7, 2]), np.array([0.5, -2.0, 1.0, 3.0, -0.1, 0.3])
    smo.add_rows.py_func(matrix.astype(np.float32), slots, change, 3, 9, fitted)
    np.testing.assert_allclose(fitted[3:9], (change @ matrix[slots])[3:9], rtol=1e-5)
    assert not fitted[:3].any()
    block, columns = np.zeros((3, 2)), np.array([5, 11])
    smo.take_rows.py_func(matrix.astype(np.float32), slots[:3], columns, 1, 3, block)
    np.testing.assert_allclose(block[1:], matrix[np.ix_(slots[1:3], columns)], rtol=1e-6)
    assert not block[0].any()
    rows = (sign, np.ones(12), np.zeros(12), (X * X).sum(axis=1))
    entries = sp.csr_array(X)
    found = []
    for sweep, table in ((sweep_dense, X), (sweep_sparse, (entries.data, entries.indptr, entries.indices))):
        alpha, weights = np.zeros(12), np.zeros(5)
        kept = sweep.py_func(table, rows, np.arange(12), alpha, weights, np.array([np.inf, -np.inf]), 0.0)
        assert kept == 12
        np.testing.assert_allclose(weights[:4], (alpha * sign) @ X)
        found.append(alpha)
    np.testing.assert_allclose(*found)


def test_the_memory_of_kernel_rows_is_bounded_and_right():
    X = np.random.default_rng(0).normal(size=(90, 3))
    rows = KernelRows(KernelFunction("rbf", 0.4), X, cache_size=90 * 4 * 20 / 2**20, at_least=8)
    assert rows.values.shape == (20, 90)
    for seed in range(10):
        asked = np.random.default_rng(seed).choice(90, 8, replace=False)
        np.testing.assert_allclose(rows.values[rows.slots(asked)], rbf_kernel(X[asked], X, gamma=0.4), atol=1e-6)


def test_the_recorded_gap_closes_and_the_last_state_is_the_model():
    X, y, _ = problem(10)
    model, recording = diorama.watch(SVC(), X, y)
    states = [moment.state for moment in recording.fits[-1].moments]
    assert states[-1].gap < 1e-3 * states[0].gap
    np.testing.assert_allclose(states[-1].fitted + states[-1].bias, model.decision_function(X), atol=1e-9)
    assert all(state.dual <= states[-1].primal + 1e-9 for state in states)
    held = recording.scene().frames[-1].data["support"]
    assert len(held["x"]) == len(model.support_)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda X, y: SVC(kernel="precomputed").fit(X, y), "square matrix"),
        (lambda X, y: SVC().fit(X, np.ones(len(y))), "only one class"),
        (lambda X, y: LinearSVC().fit(X, np.ones(len(y))), "only one class"),
        (lambda X, y: SVC().fit(X, y, (y == "a").astype(float)), "positive weight belong to one class"),
        (lambda X, y: SVR().fit(X, X[:, 0], np.zeros(len(y))), "at least one non-zero"),
        (lambda X, y: SVC(C=0).fit(X, y), "C"),
        (lambda X, y: SVC(break_ties=True, decision_function_shape="ovo").fit(X, y).predict(X), "break_ties"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    X, y, _ = problem(11, n=40)
    with pytest.raises(ValueError, match=said):
        call(X, y)
