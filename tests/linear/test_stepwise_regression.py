"""Stepwise regression held against fits of every subset, statsmodels, scikit-learn, and steps made by hand."""

from itertools import combinations, pairwise

import numpy as np
import pytest
import scipy.sparse
from hypothesis import given, settings
from hypothesis import strategies as st
from numpy.testing import assert_allclose
from sklearn.linear_model import LinearRegression as Twin
from sklearn.model_selection import KFold, cross_val_score
from statsmodels.api import OLS, add_constant

import diorama
from diorama.linear import LinearRegression, StepwiseRegression
from diorama.linear._sweep import sweep

CRITERIA = ["aic", "bic", "cv"]
DIRECTIONS = ["forward", "backward", "both"]
TRUE = np.array([1.0, 0.0, 0.4, 0.0, 0.0, -2.0, 0.2])


def problem(n=80, seed=0):
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, len(TRUE))) * random.uniform(0.5, 3, len(TRUE)) + random.normal(size=len(TRUE))
    X[:, 1] += X[:, 0]
    return X, X @ TRUE + random.normal(size=n), random.integers(0, 4, n).astype(float)


def criterion_of(X, y, columns, criterion, intercept=True):
    """The criterion of a set of columns by a fit of its own."""
    columns = list(columns)
    if criterion != "cv":
        table = add_constant(X[:, columns]) if intercept else X[:, columns]
        return getattr(OLS(y, table).fit(), criterion)
    errors = 0.0
    for k in range(5):
        left_out = np.arange(len(y)) % 5 == k
        if columns:
            model = Twin(fit_intercept=intercept).fit(X[~left_out][:, columns], y[~left_out])
            predicted = model.predict(X[left_out][:, columns])
        else:
            predicted = y[~left_out].mean() if intercept else 0.0
        errors += ((y[left_out] - predicted) ** 2).sum()
    return errors / len(y)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("direction", DIRECTIONS)
@pytest.mark.parametrize("intercept", [True, False])
def test_every_step_is_the_best_of_all_moves_fitted_one_by_one(criterion, direction, intercept):
    X, y, _ = problem()
    model = StepwiseRegression(direction, criterion=criterion, fit_intercept=intercept).fit(X, y)
    inside = set(range(X.shape[1])) if direction == "backward" else set()
    if inside or intercept:
        assert_allclose(model.criterion_history_[0], criterion_of(X, y, sorted(inside), criterion, intercept))
    for step in range(model.n_iter_ + 1):
        moves = [j for j in range(X.shape[1]) if direction == "both" or (j in inside) == (direction == "backward")]
        scores = {j: criterion_of(X, y, sorted(inside ^ {j}), criterion, intercept) for j in moves if inside ^ {j}}
        if step == model.n_iter_:
            assert min(scores.values(), default=np.inf) > model.criterion_history_[-1]
            break
        best = min(scores, key=scores.get)
        assert model.moves_[step] == best
        assert_allclose(model.criterion_history_[step + 1], scores[best])
        inside ^= {best}
    assert model.selected_.tolist() == sorted(inside)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_where_columns_are_orthogonal_the_search_finds_the_best_of_all_subsets(criterion):
    Q, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(60, 8)))
    X = Q[:, 1:] - Q[:, 1:].mean(axis=0)
    X = np.linalg.qr(X)[0] * 8
    y = X @ np.array([1.0, 0.3, 0.0, -0.2, 0.15, 0.0, 0.05]) + np.random.default_rng(3).normal(size=60)
    subsets = [s for k in range(8) for s in combinations(range(7), k)]
    scores = [criterion_of(X, y, s, criterion) if s or criterion == "cv" else np.inf for s in subsets]
    if criterion != "cv":
        scores[0] = getattr(OLS(y, np.ones(60)).fit(), criterion)
    for direction in DIRECTIONS:
        model = StepwiseRegression(direction, criterion=criterion).fit(X, y)
        if criterion != "cv":
            assert model.selected_.tolist() == list(subsets[int(np.argmin(scores))])
        assert_allclose(model.criterion_history_[-1], min(scores), rtol=0.02 if criterion == "cv" else 1e-9)


def test_no_search_ends_below_the_best_of_all_subsets_and_both_ways_do_no_worse():
    for seed in range(4):
        X, y, _ = problem(30, seed)
        everything = min(criterion_of(X, y, s, "bic") for k in range(1, 8) for s in combinations(range(7), k))
        for direction in DIRECTIONS:
            found = StepwiseRegression(direction, criterion="bic").fit(X, y).criterion_history_[-1]
            assert everything - 1e-8 <= found <= everything + 6


def test_a_column_that_came_first_goes_when_two_others_do_its_work():
    random = np.random.default_rng(0)
    a, b, blur, noise = random.normal(size=(4, 200))
    X, y = np.column_stack([a, b, a + b + 0.3 * blur]), a + b + 0.1 * noise
    model, recording = diorama.watch(StepwiseRegression("both", criterion="bic"), X, y)
    assert model.moves_[0] == 2
    assert model.moves_[-1] == 2
    assert model.selected_.tolist() == [0, 1]
    assert StepwiseRegression(criterion="bic").fit(X, y).selected_.tolist() == [0, 1, 2]
    moves = [moment.state.move for moment in recording.fits[-1].moments]
    assert moves == ["start", "add", "add", "add", "drop", "stop"]
    scene = recording.scene()
    assert "feature 3 goes out: BIC falls" in scene.frames[4].narration
    assert "No allowed move lowers BIC" in scene.frames[-1].narration


def test_steps_by_hand_on_orthogonal_columns():
    X = np.array([[1.0, 1.0, 1.0], [1.0, -1.0, -1.0], [-1.0, 1.0, -1.0], [-1.0, -1.0, 1.0]] * 5)
    y = 3 * X[:, 0] - X[:, 1] + np.tile([0.5] * 4 + [-0.5] * 4, 3)[:20]
    model = StepwiseRegression().fit(X, y)
    assert model.moves_.tolist() == [0, 1]
    rss = [((y - y.mean()) ** 2).sum()]
    rss += [rss[0] - 9 * 20, rss[0] - 10 * 20]
    expected = [20 * (np.log(2 * np.pi * r / 20) + 1) + 2 * (k + 1) for k, r in enumerate(rss)]
    assert_allclose(model.criterion_history_, expected)
    assert_allclose(model.coef_, [3.0, -1.0, 0.0], atol=1e-12)


def test_the_coefficients_are_least_squares_on_the_selected_columns():
    X, y, weight = problem()
    for w in (None, weight):
        model = StepwiseRegression(criterion="bic").fit(X, y, w)
        twin = Twin().fit(X[:, model.selected_], y, w)
        assert_allclose(model.coef_[model.selected_], twin.coef_)
        assert_allclose(model.intercept_, twin.intercept_)
        assert not model.coef_[~model.support_].any()


def test_splits_of_scikit_learn_give_scikit_learns_error():
    X, y, _ = problem()
    folds = KFold(4, shuffle=True, random_state=0)
    model = StepwiseRegression(criterion="cv", cv=folds).fit(X, y)
    theirs = -cross_val_score(Twin(), X[:, model.selected_], y, cv=folds, scoring="neg_mean_squared_error").mean()
    assert_allclose(model.criterion_history_[-1], theirs)
    again = StepwiseRegression(criterion="cv", cv=list(folds.split(X))).fit(X, y)
    assert again.moves_.tolist() == model.moves_.tolist()


@given(order=st.permutations(range(5)), seed=st.integers(0, 20))
@settings(max_examples=25, deadline=None)
def test_a_sweep_lets_columns_in_and_out_in_any_order(order, seed):
    random = np.random.default_rng(seed)
    table = random.normal(size=(12, 6))
    gram = table.T @ table
    swept = gram
    for j in order[:3]:
        swept = sweep(swept, j)
    inside = sorted(order[:3])
    coef, rss = np.linalg.lstsq(table[:, inside], table[:, 5], rcond=None)[:2]
    assert_allclose(swept[inside, 5], coef, rtol=1e-6, atol=1e-9)
    assert_allclose(swept[5, 5], rss[0], rtol=1e-6)
    assert_allclose(swept[np.ix_(inside, inside)], -np.linalg.inv(gram[np.ix_(inside, inside)]), rtol=1e-6, atol=1e-9)
    for j in order[:3]:
        swept = sweep(swept, j)
    assert_allclose(swept, gram, rtol=1e-6, atol=1e-8)


@pytest.mark.parametrize("criterion", ["aic", "bic"])
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_a_weight_of_two_is_a_row_twice_and_of_zero_none(criterion, direction):
    X, y, weight = problem()
    rows = np.repeat(np.arange(len(y)), weight.astype(int))
    weighted = StepwiseRegression(direction, criterion=criterion).fit(X, y, weight)
    repeated = StepwiseRegression(direction, criterion=criterion).fit(X[rows], y[rows])
    assert weighted.moves_.tolist() == repeated.moves_.tolist()
    assert_allclose(weighted.criterion_history_, repeated.criterion_history_)
    assert_allclose(weighted.coef_, repeated.coef_)


@pytest.mark.parametrize("criterion", CRITERIA)
def test_units_and_places_change_no_move(criterion):
    X, y, _ = problem()
    plain = StepwiseRegression("both", criterion=criterion).fit(X, y)
    moved = StepwiseRegression("both", criterion=criterion).fit(X * np.geomspace(1e-4, 1e4, 7) + 50, 1e3 * y - 7)
    assert plain.moves_.tolist() == moved.moves_.tolist()


def test_bic_keeps_no_more_than_aic_and_noise_alone_leaves_nothing():
    X, y, _ = problem()
    counts = [len(StepwiseRegression("backward", criterion=c).fit(X, y).selected_) for c in ("bic", "aic")]
    assert counts[0] <= counts[1]
    noise = np.random.default_rng(5).normal(size=2000)
    empty = StepwiseRegression(criterion="bic").fit(np.random.default_rng(6).normal(size=(2000, 4)), noise)
    assert empty.n_iter_ == 0
    assert_allclose(empty.predict(np.zeros((2, 4))), noise.mean())


def test_with_all_columns_needed_it_is_linear_regression():
    X, _, _ = problem()
    y = X @ np.arange(1.0, 8.0)
    for direction in DIRECTIONS:
        model = StepwiseRegression(direction).fit(X, y)
        assert model.support_.all()
        assert_allclose(model.coef_, LinearRegression().fit(X, y).coef_)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_there_are_never_more_columns_than_allowed(criterion, direction):
    X, y, _ = problem()
    for most in (0, 2):
        model = StepwiseRegression(direction, criterion=criterion, max_features=most).fit(X, y)
        assert len(model.selected_) <= most
    assert model.selected_.tolist() == [0, 5]


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("direction", DIRECTIONS)
def test_repeated_and_constant_columns_never_come_in_twice(criterion, direction):
    X, y, _ = problem()
    X = np.column_stack([X, X[:, 5], np.full(len(y), 7.0), X[:, 0] - 2 * X[:, 5]])
    model = StepwiseRegression(direction, criterion=criterion).fit(X, y)
    assert np.isfinite(model.coef_).all()
    assert not model.support_[8]
    assert np.linalg.matrix_rank(X[:, model.selected_]) == len(model.selected_)
    plain = StepwiseRegression(direction, criterion=criterion).fit(X[:, :7], y)
    assert model.criterion_history_[-1] <= plain.criterion_history_[-1] * (1 + 0.01)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("direction", ["forward", "both"])
@pytest.mark.parametrize("shape", [(6, 1), (6, 30), (12, 12)])
def test_wide_tables_leave_finite_answers(criterion, direction, shape):
    random = np.random.default_rng(0)
    X, y = random.normal(size=shape), random.normal(size=shape[0])
    model = StepwiseRegression(direction, criterion=criterion).fit(X, y)
    assert np.isfinite(model.coef_).all()
    assert len(model.selected_) < shape[0]
    assert all(before >= after for before, after in pairwise(model.criterion_history_))


def test_recorded_states_tell_of_every_column_and_end_at_the_fit():
    X, y, _ = problem()
    model, recording = diorama.watch(StepwiseRegression("both", criterion="cv"), X, y)
    states = [moment.state for moment in recording.fits[-1].moments]
    assert len(states) == model.n_iter_ + 2
    assert_allclose([state.score for state in states[:-1]], model.criterion_history_)
    assert_allclose(states[-1].coef, model.coef_)
    assert_allclose(states[-1].intercept, model.intercept_)
    assert_allclose(states[-1].cost, np.mean((y - model.predict(X)) ** 2))
    assert_allclose(states[0].scores, [criterion_of(X, y, [j], "cv") for j in range(7)])
    scene = recording.scene()
    assert set(scene.frames[0].data["places"]["place"].tolist()) == {"out"}
    assert scene.frames[0].data["moves"]["kind"].count("best move") == 1


def test_many_columns_are_drawn_in_part_and_said_so():
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 40))
    _, recording = diorama.watch(StepwiseRegression(criterion="bic"), X, X[:, 33] + random.normal(size=200))
    scene = recording.scene()
    assert "Drawn: 20 of 40 columns." in scene.caption
    assert "feature 34" in scene.frames[0].data["moves"]["feature"]


def test_a_model_is_kept_in_a_file(tmp_path):
    X, y, _ = problem()
    model, recording = diorama.watch(StepwiseRegression(), X, y)
    diorama.save(model, tmp_path / "model.diorama")
    assert (diorama.load(tmp_path / "model.diorama").predict(X) == model.predict(X)).all()
    diorama.save(recording, tmp_path / "recording.diorama")
    assert len(diorama.load(tmp_path / "recording.diorama").scene().frames) == len(recording.scene().frames)


@pytest.mark.parametrize(
    ("call", "said"),
    [
        (lambda X, y: StepwiseRegression("sideways").fit(X, y), "'direction' parameter of StepwiseRegression"),
        (lambda X, y: StepwiseRegression(criterion="r2").fit(X, y), "'criterion' parameter of StepwiseRegression"),
        (lambda X, y: StepwiseRegression(max_features=-1).fit(X, y), "'max_features' parameter of StepwiseRegression"),
        (lambda X, y: StepwiseRegression(criterion="cv", cv=90).fit(X, y), "cv=90 folds need as many rows"),
        (lambda X, y: StepwiseRegression("backward").fit(X[:7], y[:7]), "fit 7 rows without a remainder to judge by"),
        (lambda X, y: StepwiseRegression().fit(np.where(X > 3, np.nan, X), y), "Input X contains NaN"),
        (lambda X, y: StepwiseRegression().fit(X, np.where(y > 3, np.inf, y)), "Input y contains infinity"),
        (lambda X, y: StepwiseRegression().fit(X, y, np.zeros(len(y))), "at least one non-zero number"),
        (lambda X, y: StepwiseRegression().fit(X[:0], y[:0]), "0 sample"),
        (lambda X, y: StepwiseRegression().fit(X, y * 1e200), "too large for a float"),
        (lambda X, y: StepwiseRegression().fit(X, y).predict(X[:, 1:]), "expecting 7 features"),
    ],
)
def test_what_cannot_be_is_said(call, said):
    X, y, _ = problem()
    with pytest.raises(ValueError, match=said):
        call(X, y)


@pytest.mark.parametrize("criterion", ["bic", "cv"])
@pytest.mark.parametrize("n", [12, 120])
def test_sparse_rows_choose_what_dense_rows_choose(criterion, n):
    random = np.random.default_rng(0)
    X = random.normal(size=(n, 20)) * (random.random((n, 20)) < 0.5)
    y = X[:, 0] - 2 * X[:, 3] + 0.1 * random.normal(size=n)
    settings_ = {"criterion": criterion, "max_features": 3}
    dense = StepwiseRegression(**settings_).fit(X, y)
    sparse = StepwiseRegression(**settings_).fit(scipy.sparse.csc_array(X), y)
    assert sparse.selected_.tolist() == dense.selected_.tolist()
    np.testing.assert_allclose(sparse.predict(scipy.sparse.csr_array(X)), dense.predict(X), atol=1e-9)
