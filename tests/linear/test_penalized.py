"""Ridge, lasso and elastic net held against scikit-learn, against answers worked by hand, and against themselves."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import linear_model
from sklearn.exceptions import ConvergenceWarning

import diorama
from diorama.linear import ElasticNet, Lasso, LinearRegression, Ridge, enet_path, lasso_path
from diorama.linear._coordinate_descent import begin, leap, penalized, sweep, sweep_rows
from diorama.linear._tables import TallTable, WideTable, table_of

SHAPES = [(80, 6), (300, 40), (60, 200)]


def problem(n, d, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, d)) * random.uniform(0.5, 3, d) + random.normal(size=d)
    coef = np.where(np.arange(d) < 5, random.normal(size=d) * 2, 0.0)
    return X, X @ coef + random.normal(size=n), random.integers(1, 4, n).astype(float)


def objective(model, X, y, weight, share):
    weight = np.ones(len(y)) if weight is None else weight
    loss = weight @ (y - X @ model.coef_ - model.intercept_) ** 2 / (2 * weight.sum())
    return loss + model.alpha * (share * np.abs(model.coef_).sum() + (1 - share) / 2 * (model.coef_**2).sum())


@pytest.mark.filterwarnings("ignore::sklearn.exceptions.ConvergenceWarning")
@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("settings_", [{}, {"positive": True}, {"fit_intercept": False}])
@pytest.mark.parametrize("share", [1.0, 0.5])
@pytest.mark.parametrize("weighted", [False, True])
def test_no_objective_is_above_scikit_learns(shape, settings_, share, weighted):
    X, y, weight = problem(*shape)
    weight = weight if weighted else None
    for alpha in (0.02, 0.5):
        given_ = {"alpha": alpha, "l1_ratio": share, "tol": 1e-9, "max_iter": 20_000, **settings_}
        ours = ElasticNet(**given_).fit(X, y, weight)
        theirs = linear_model.ElasticNet(**given_).fit(X, y, weight)
        best = objective(theirs, X, y, weight, share)
        assert objective(ours, X, y, weight, share) <= best * (1 + 1e-7)
        assert ours.dual_gap_ <= 1e-9 * np.var(y) * 10
        if shape[0] > shape[1]:
            np.testing.assert_allclose(ours.coef_, theirs.coef_, atol=1e-3)


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("alpha", [1e-3, 1.0, 100.0])
@pytest.mark.parametrize("fit_intercept", [True, False])
def test_ridge_is_scikit_learns(shape, alpha, fit_intercept):
    X, y, weight = problem(*shape)
    targets = np.column_stack([y, -2 * y + X[:, 0]])
    ours = Ridge(alpha, fit_intercept=fit_intercept).fit(X, targets, weight)
    theirs = linear_model.Ridge(alpha, fit_intercept=fit_intercept, solver="svd").fit(X, targets, weight)
    np.testing.assert_allclose(ours.coef_, theirs.coef_, rtol=1e-6, atol=1e-8)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6, atol=1e-6)


def test_every_target_may_have_a_penalty_of_its_own():
    X, y, _ = problem(80, 6)
    targets = np.column_stack([y, y])
    both = Ridge(np.array([0.1, 50.0])).fit(X, targets)
    for k, alpha in enumerate((0.1, 50.0)):
        np.testing.assert_allclose(both.coef_[k], Ridge(alpha).fit(X, y).coef_)


def test_positive_ridge_leaves_no_slope_to_go_down():
    X, y, _ = problem(60, 200)
    model = Ridge(0.5, positive=True).fit(X, y)
    centred = X - X.mean(axis=0)
    slope = centred.T @ (y - y.mean() - centred @ model.coef_) - 0.5 * model.coef_
    assert (model.coef_ >= 0).all()
    np.testing.assert_allclose(slope[model.coef_ > 0], 0, atol=1e-6)
    assert slope[model.coef_ == 0].max() < 1e-6


def orthonormal(n=64, d=8):
    Q, _ = np.linalg.qr(np.random.default_rng(1).normal(size=(n, d)))
    return Q * np.sqrt(n)


def test_on_orthonormal_columns_the_lasso_is_the_soft_threshold():
    X = orthonormal()
    y = X @ np.array([3.0, -2.0, 0.4, 0.0, 1.0, -0.3, 0.0, 0.6])
    model = Lasso(0.5, fit_intercept=False, tol=1e-12).fit(X, y)
    np.testing.assert_allclose(model.coef_, [2.5, -1.5, 0.0, 0.0, 0.5, 0.0, 0.0, 0.1], atol=1e-9)
    assert (model.coef_[[2, 3, 5, 6]] == 0).all()


def test_on_orthonormal_columns_ridge_shrinks_all_alike():
    X = orthonormal()
    coef = np.arange(8.0)
    np.testing.assert_allclose(Ridge(64.0, fit_intercept=False).fit(X, X @ coef).coef_, coef / 2, atol=1e-12)


def test_equal_columns_share_the_weight_in_all_but_the_lasso():
    X, y, _ = problem(80, 3)
    twice = np.column_stack([X[:, 0], X[:, 0], X[:, 1]])
    for model in (Ridge(1.0), ElasticNet(0.1, l1_ratio=0.5, tol=1e-12)):
        coef = model.fit(twice, y).coef_
        np.testing.assert_allclose(coef[0], coef[1], rtol=1e-6)


@pytest.mark.parametrize("model", [Ridge(1.0), Lasso(0.1, tol=1e-10), ElasticNet(0.1, tol=1e-10)])
def test_a_weight_of_two_is_a_row_twice(model):
    X, y, weight = problem(80, 6)
    rows = np.repeat(np.arange(80), weight.astype(int))
    weighted = model.fit(X, y, weight).coef_.copy()
    np.testing.assert_allclose(weighted, model.fit(X[rows], y[rows]).coef_, atol=1e-6)


def test_without_a_penalty_all_are_least_squares():
    X, y, weight = problem(80, 6)
    expected = LinearRegression().fit(X, y, weight).coef_
    for model in (Ridge(0.0), Lasso(0.0), ElasticNet(0.0), Ridge(0.0, positive=False)):
        np.testing.assert_allclose(model.fit(X, y, weight).coef_, expected, atol=1e-8)


@pytest.mark.parametrize("shape", SHAPES)
def test_from_the_strongest_pull_on_all_weights_are_exactly_zero(shape):
    X, y, _ = problem(*shape)
    strongest = np.abs((X - X.mean(axis=0)).T @ (y - y.mean())).max() / len(y)
    assert not Lasso(strongest * 1.0001).fit(X, y).coef_.any()
    assert Lasso(strongest * 0.99, tol=1e-8).fit(X, y).coef_.any()


@given(scale=st.floats(1e-3, 1e3), seed=st.integers(0, 50))
@settings(max_examples=15, deadline=None)
def test_units_of_the_target_scale_the_answer(scale, seed):
    X, y, _ = problem(40, 5, seed)
    plain, scaled = Lasso(0.1, tol=1e-9).fit(X, y), Lasso(0.1 * scale, tol=1e-9).fit(X, y * scale)
    np.testing.assert_allclose(scaled.coef_, plain.coef_ * scale, rtol=1e-4, atol=1e-4 * scale)


@pytest.mark.parametrize("model", [Ridge(1.0), Lasso(0.1), ElasticNet(0.1)])
@pytest.mark.parametrize("shape", [(5, 1), (3, 40), (30, 6)])
def test_repeated_and_constant_columns_leave_finite_answers(model, shape):
    X, y, _ = problem(*shape)
    X = np.column_stack([X, X[:, 0], np.full(len(X), 7.0)])
    model.fit(X, y)
    assert np.isfinite(model.coef_).all()
    assert model.coef_[-1] == 0


@pytest.mark.parametrize("model", [Ridge(1.0), Lasso(0.1, tol=1e-10), ElasticNet(0.1, tol=1e-10)])
@pytest.mark.parametrize("shape", SHAPES)
def test_sparse_tables_give_what_dense_ones_give(model, shape):
    X, y, weight = problem(*shape)
    X[np.abs(X) < 1] = 0
    dense = model.fit(X, y, weight).coef_.copy()
    np.testing.assert_allclose(model.fit(sp.csr_array(X), y, weight).coef_, dense, atol=1e-5)


def test_far_from_the_origin_the_answer_is_the_same():
    X, y, _ = problem(300, 20)
    near = Lasso(0.05, tol=1e-8).fit(X, y).coef_.copy()
    np.testing.assert_allclose(Lasso(0.05, tol=1e-8).fit(X + 1e5, y + 1e5).coef_, near, atol=1e-5)


def test_a_warm_start_begins_where_the_last_fit_ended():
    X, y, _ = problem(300, 40)
    model = Lasso(0.1, warm_start=True, tol=1e-8).fit(X, y)
    assert model.set_params(alpha=0.1).fit(X, y).n_iter_ == 0


def test_a_fit_that_ran_out_of_passes_says_how_far_it_may_be_and_what_to_do():
    X, y, _ = problem(300, 40)
    with pytest.warns(ConvergenceWarning, match=r"above its least value after 1 passes.*Raise max_iter \(now 1\)"):
        model = Lasso(0.001, tol=1e-14, max_iter=1).fit(X, y)
    best = Lasso(0.001, tol=1e-12).fit(X, y)
    assert objective(model, X, y, None, 1.0) - objective(best, X, y, None, 1.0) <= model.dual_gap_
    assert best.converged_
    assert not model.converged_


@pytest.mark.parametrize("shape", [(80, 6), (40, 150)])
def test_paths_are_scikit_learns(shape):
    X, y, _ = problem(*shape)
    X, y = X - X.mean(axis=0), y - y.mean()
    alphas, coefs, gaps = lasso_path(X, y, eps=0.05, alphas=12, tol=1e-9)
    expected_alphas, expected, _ = linear_model.lasso_path(X, y, eps=0.05, alphas=12, tol=1e-11, max_iter=50_000)
    np.testing.assert_allclose(alphas, expected_alphas)
    np.testing.assert_allclose(coefs, expected, atol=2e-3)
    assert (gaps <= 1e-9 * np.mean(y**2)).all()


def test_a_path_ends_where_a_single_fit_does():
    X, y, _ = problem(80, 6)
    _, coefs, _, passes = enet_path(X, y, alphas=[1.0, 0.1], tol=1e-10, return_n_iter=True)
    single = ElasticNet(0.1, fit_intercept=False, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(coefs[:, -1], single.coef_, atol=1e-5)
    assert passes.shape == (2,)
    with pytest.raises(ValueError, match="alphas must be given when l1_ratio is 0"):
        enet_path(X, y, l1_ratio=0.0)


def test_a_recorded_path_is_a_picture():
    X, y, _ = problem(80, 6)
    with diorama.record() as recording:
        lasso_path(X, y, alphas=10)
    scene = recording.scene()
    assert len(scene.frames) == 10
    assert "0 of 6 coefficients are not zero" in scene.frames[0].narration


def test_the_gap_never_lies_and_the_cost_never_grows():
    X, y, _ = problem(60, 200)
    _, recording = diorama.watch(Lasso(0.05, tol=1e-10, max_iter=10_000), X, y)
    states = [moment.state for moment in recording.fits[-1].moments]
    costs = np.array([state.cost for state in states])
    assert (np.diff(costs) <= 1e-12 * costs[0]).all()
    assert all(state.cost - state.gap <= costs[-1] + 1e-12 for state in states)


def test_both_kinds_of_sweeps_and_their_python_agree():
    X, y, _ = problem(30, 4)
    X, y = X - X.mean(axis=0), (y - y.mean())[:, None]
    gram, cross, curvature = X.T @ X, X.T @ y[:, 0], (X**2).sum(axis=0)
    ends = []
    for run in (sweep, sweep.py_func):
        coef, slope = np.zeros(4), cross.copy()
        run(gram, curvature, slope, coef, 5.0, 1.0, False)
        np.testing.assert_allclose(slope, cross - gram @ coef, atol=1e-9)
        ends.append(coef)
    for run in (sweep_rows, sweep_rows.py_func):
        coef, left = np.zeros(4), y[:, 0].copy()
        run(np.ascontiguousarray(X.T), curvature, left, coef, 5.0, 1.0, False)
        np.testing.assert_allclose(left, y[:, 0] - X @ coef, atol=1e-9)
        ends.append(coef)
    for coef in ends[1:]:
        np.testing.assert_allclose(coef, ends[0], atol=1e-10)


def test_a_leap_lands_on_the_solution_or_on_the_first_change_of_sign():
    table = TallTable(_moments_of(np.eye(2) * 2.0, np.array([3.0, 1.0])), np.eye(2) * 2.0)
    problem_ = penalized(table, 0, 0.5, 1.0, False)
    part = table.part(np.arange(2))
    there, _ = leap(problem_, part, np.array([0.5, 0.1]), part.left(0, np.array([0.5, 0.1])))
    np.testing.assert_allclose(there, [1.0, 0.0], atol=1e-12)


def _moments_of(gram, cross):
    from diorama.linear._moments import Moments

    return Moments(2.0, np.zeros(2), np.zeros(1), gram, cross[:, None], np.array([10.0]))


def test_tall_and_wide_tables_tell_the_same():
    X, y, weight = problem(50, 8)
    tall, wide = table_of(X, y[:, None], weight, True), WideTable(X, y[:, None], weight, True)
    assert isinstance(tall, TallTable)
    coef = np.arange(8.0)
    for name in ("total", "mean_x", "mean_y", "square", "cross", "curvature"):
        np.testing.assert_allclose(getattr(tall, name), getattr(wide, name), err_msg=name)
    np.testing.assert_allclose(tall.slope(0, coef), wide.slope(0, coef), atol=1e-8)
    columns = np.array([5, 1])
    np.testing.assert_allclose(wide.part(columns).gram(np.arange(2)), tall.gram[np.ix_(columns, columns)])
    assert begin(penalized(wide, 0, 0.1, 1.0, False), np.zeros(8)).gap >= 0


@pytest.mark.parametrize("kind", [Ridge, Lasso, ElasticNet])
@pytest.mark.parametrize("where", ["X", "y"])
def test_what_is_no_number_is_refused_by_name(kind, where):
    X, y, _ = problem(60, 5)
    (X[3:4] if where == "X" else y[3:4])[...] = np.nan
    with pytest.raises(ValueError, match=f"Input {where} contains NaN"):
        kind().fit(X, y)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda X, y: Ridge(np.array([1.0, 2.0])).fit(X, y), "alpha must be one number or 1, one for each target"),
        (lambda X, y: Lasso(-1.0).fit(X, y), "'alpha' parameter of Lasso"),
        (lambda X, y: ElasticNet(l1_ratio=2.0).fit(X, y), "'l1_ratio' parameter of ElasticNet"),
        (lambda X, y: Lasso().fit(X, y, np.zeros(len(y))), "at least one non-zero number"),
        (lambda X, y: Lasso().fit(X * 1e200, y), "too large for a float"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    X, y, _ = problem(60, 5)
    with pytest.raises(ValueError, match=said):
        call(X, y)
