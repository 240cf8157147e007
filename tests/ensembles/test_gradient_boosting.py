"""Gradient boosting against scikit-learn's, exact cases, relations that must hold, and what is refused."""

import numpy as np
import polars as pl
import pytest
from sklearn.datasets import load_iris
from sklearn.ensemble import HistGradientBoostingClassifier, HistGradientBoostingRegressor

from diorama._categories import find_categories
from diorama._crew import new_crew
from diorama.ensembles import GradientBoostingClassifier, GradientBoostingRegressor
from diorama.ensembles._binning import find_bins
from diorama.ensembles._boosting_losses import (
    AbsoluteError,
    BinaryLogLoss,
    Gamma,
    MultinomialLogLoss,
    Poisson,
    Quantile,
    SquaredError,
    weighted_quantile,
)
from diorama.ensembles._boosting_rounds import whole_numbers
from diorama.ensembles._gradient_cut import COUNT, COUNT_BITS, HESSIAN_UNIT, MIN_ROWS, N_RULES, STOP, G, H
from diorama.ensembles._gradient_growth import Columns, grouped, room_for
from diorama.ensembles._gradient_tree import grow_leaves


def table(n=400, seed=0):
    """Few enough different values for every one to have its bin, in both libraries."""
    random = np.random.default_rng(seed)
    X = random.normal(size=(n, 4)).round(1)
    return X, np.sin(2 * X[:, 0]) + X[:, 1] * X[:, 2] + 0.1 * random.normal(size=n)


@pytest.mark.parametrize(
    "limits",
    [
        {},
        {"max_leaf_nodes": None, "max_depth": 3},
        {"l2_regularization": 5.0, "learning_rate": 0.5},
        {"max_leaf_nodes": 7, "min_samples_leaf": 3},
    ],
)
def test_predictions_are_those_of_scikit_learn(limits):
    X, y = table()
    ours = GradientBoostingRegressor(max_iter=15, **limits).fit(X, y)
    theirs = HistGradientBoostingRegressor(max_iter=15, **limits).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-6)


def test_distances_are_lowered_as_far_as_by_scikit_learn():
    # gradients are 1 or -1, so many cuts are equally good and the two libraries take different ones
    X, y = table()
    ours = GradientBoostingRegressor("absolute_error", max_iter=40).fit(X, y)
    theirs = HistGradientBoostingRegressor(loss="absolute_error", max_iter=40).fit(X, y)
    assert np.abs(ours.predict(X) - y).mean() == pytest.approx(np.abs(theirs.predict(X) - y).mean(), rel=0.1)


@pytest.mark.parametrize("loss", ["poisson", "gamma"])
def test_counts_and_amounts_are_those_of_scikit_learn(loss):
    X, y = table()
    y = np.random.default_rng(1).poisson(np.exp(X[:, 0])) + (loss == "gamma")
    ours = GradientBoostingRegressor(loss, max_iter=15).fit(X, y)
    theirs = HistGradientBoostingRegressor(loss=loss, max_iter=15).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-6)


@pytest.mark.parametrize("n_classes", [2, 3])
def test_probabilities_are_those_of_scikit_learn(n_classes):
    X, y = table()
    labels = np.digitize(y, np.quantile(y, np.arange(1, n_classes) / n_classes))
    ours = GradientBoostingClassifier(max_iter=12).fit(X, labels)
    theirs = HistGradientBoostingClassifier(max_iter=12).fit(X, labels)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-6)
    np.testing.assert_allclose(ours.decision_function(X), theirs.decision_function(X), atol=1e-5)


def test_missing_values_go_where_scikit_learn_sends_them():
    X, y = table()
    X[np.random.default_rng(2).random(X.shape) < 0.2] = np.nan
    ours = GradientBoostingRegressor(max_iter=15).fit(X, y)
    theirs = HistGradientBoostingRegressor(max_iter=15).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), atol=1e-6)


def test_a_stump_says_what_arithmetic_says():
    X, y = np.arange(6.0)[:, None], np.array([0.0, 0.0, 0.0, 6.0, 6.0, 6.0])
    model = GradientBoostingRegressor(max_iter=1, learning_rate=0.5, min_samples_leaf=1, max_leaf_nodes=2)
    # the mean is 3; what is left is -3 and 3, and half of it is added
    np.testing.assert_allclose(model.fit(X, y).predict(X), [1.5] * 3 + [4.5] * 3)
    np.testing.assert_allclose(model.set_params(l2_regularization=3.0).fit(X, y).predict(X), [2.25] * 3 + [3.75] * 3)
    assert model.feature_importances_.tolist() == [1.0]
    np.testing.assert_allclose(-model.train_score_, [4.5, 2.25**2 / 2])


def test_the_best_of_all_trees_of_three_leaves_by_brute_force():
    X, y = table(40)
    x = X[:, :1]
    model = GradientBoostingRegressor(max_iter=1, learning_rate=1.0, min_samples_leaf=1, max_leaf_nodes=2).fit(x, y)
    cuts = np.unique(x)[:-1]
    errors = [min_error(y, x[:, 0] <= cut) for cut in cuts]
    assert np.sum((model.predict(x) - y) ** 2) == pytest.approx(min(errors))


def min_error(y, left):
    return sum(np.sum((y[side] - y[side].mean()) ** 2) for side in (left, ~left))


def test_a_set_of_categories_is_one_question():
    X = np.repeat([[3.0], [5.0], [7.0], [9.0]], 10, axis=0)
    y = np.where(np.isin(X[:, 0], [3.0, 9.0]), 1.0, -1.0)
    model = GradientBoostingRegressor(
        max_iter=1, learning_rate=1.0, max_leaf_nodes=2, min_samples_leaf=1, categorical_features=[0]
    )
    np.testing.assert_allclose(model.fit(X, y).predict(X), y)
    # an unknown category goes with the larger side, which is neither here, so with one of them
    assert abs(model.predict([[4.0]])[0]) == pytest.approx(1.0)


def test_categories_may_be_words():
    frame = pl.DataFrame({"colour": ["red", "blue", "green"] * 20, "size": np.arange(60.0)})
    y = np.array([1.0, 0.0, 1.0] * 20)
    kinds = {"colour": pl.Categorical}
    model = GradientBoostingRegressor(max_iter=20, learning_rate=0.5, min_samples_leaf=2)
    np.testing.assert_allclose(model.fit(frame.cast(kinds), y).predict(frame.cast(kinds)), y, atol=1e-4)
    model.set_params(categorical_features=["colour"]).fit(frame, y)
    np.testing.assert_allclose(model.predict(frame), y, atol=1e-4)
    assert model.feature_names_in_.tolist() == ["colour", "size"]
    with pytest.raises(ValueError, match="names 'shape', which X does not have: its columns are colour, size"):
        model.set_params(categorical_features=["shape"]).fit(frame, y)
    with pytest.raises(ValueError, match="a mask of 3 columns, and X has 2"):
        find_categories(np.ones((3, 2)), [True, False, True])
    with pytest.raises(ValueError, match="X has columns 0 to 1"):
        find_categories(np.ones((3, 2)), [2])


@pytest.mark.parametrize("direction", [1, -1])
def test_a_monotonic_feature_never_turns(direction):
    X, y = table()
    model = GradientBoostingRegressor(max_iter=30, monotonic_cst=[direction, 0, 0, 0]).fit(X, y)
    asked = np.repeat(X[:50, None, :], 30, axis=1)
    asked[:, :, 0] = np.linspace(-3, 3, 30)
    said = model.predict(asked.reshape(-1, 4)).reshape(50, 30)
    assert (direction * np.diff(said, axis=1) >= -1e-12).all()
    assert np.ptp(said[0]) > 0
    classes = GradientBoostingClassifier(max_iter=10, monotonic_cst=[direction, 0, 0, 0]).fit(X, y > 0)
    likely = classes.predict_proba(asked.reshape(-1, 4))[:, 1].reshape(50, 30)
    assert (direction * np.diff(likely, axis=1) >= -1e-12).all()


@pytest.mark.parametrize("q", [0.1, 0.5, 0.9])
def test_a_quantile_has_that_share_of_the_rows_below_it(q):
    X, y = table(1000)
    model = GradientBoostingRegressor("quantile", quantile=q, max_iter=60).fit(X, y)
    assert np.mean(y <= model.predict(X)) == pytest.approx(q, abs=0.06)


def test_a_row_twice_is_a_row_of_weight_two():
    X, y = table(200)
    twice = np.random.default_rng(3).integers(0, 3, len(X))
    ours = GradientBoostingRegressor(max_iter=10).fit(X, y, sample_weight=twice)
    many = GradientBoostingRegressor(max_iter=10).fit(np.repeat(X, twice, axis=0), np.repeat(y, twice))
    np.testing.assert_allclose(ours.predict(X), many.predict(X), atol=1e-7)


def test_neither_stretching_nor_shuffling_columns_nor_rows_matters():
    X, y = table(300)
    plain = GradientBoostingRegressor(max_iter=10).fit(X, y).predict(X)
    stretched = GradientBoostingRegressor(max_iter=10).fit(np.exp(X), y).predict(np.exp(X))
    np.testing.assert_array_equal(plain, stretched)
    rows = np.random.default_rng(0).permutation(len(X))
    shuffled = GradientBoostingRegressor(max_iter=10).fit(X[rows], y[rows]).predict(X)
    np.testing.assert_allclose(plain, shuffled, atol=1e-9)
    turned = GradientBoostingRegressor(max_iter=10).fit(X[:, ::-1], y).predict(X[:, ::-1])
    np.testing.assert_allclose(plain, turned, atol=1e-9)


def test_it_stops_when_rows_kept_aside_are_predicted_no_better():
    X, y = table(600)
    noise = np.random.default_rng(4).normal(size=600)
    model = GradientBoostingRegressor(max_iter=300, early_stopping=True, n_iter_no_change=5, random_state=0)
    model.fit(X, noise)
    assert model.n_iter_ < 60
    assert len(model.validation_score_) == len(model.train_score_) == model.n_iter_ + 1
    model.set_params(validation_fraction=None, tol=1e-2).fit(X, y)
    assert model.n_iter_ < 300
    assert len(model.validation_score_) == 0
    assert not GradientBoostingRegressor().fit(X, y).do_early_stopping_


def test_stages_lead_to_the_prediction():
    X, y = load_iris(return_X_y=True)
    model = GradientBoostingClassifier(max_iter=5).fit(X, y)
    np.testing.assert_array_equal(list(model.staged_predict_proba(X))[-1], model.predict_proba(X))
    np.testing.assert_array_equal(list(model.staged_decision_function(X))[-1], model.decision_function(X))
    assert len(list(model.staged_predict(X))) == 5
    numbers = GradientBoostingRegressor(max_iter=5).fit(X, y)
    np.testing.assert_array_equal(list(numbers.staged_predict(X))[-1], numbers.predict(X))


def test_balanced_classes_weigh_the_same():
    X, y = np.zeros((10, 1)), np.array([0] * 8 + [1] * 2)
    model = GradientBoostingClassifier(class_weight="balanced").fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X[:1]), [[0.5, 0.5]])


def test_what_cannot_be_is_refused():
    X, y = table(60)
    with pytest.raises(ValueError, match="needs a quantile"):
        GradientBoostingRegressor("quantile").fit(X, y)
    with pytest.raises(ValueError, match="is for counts"):
        GradientBoostingRegressor("poisson").fit(X, y)
    with pytest.raises(ValueError, match="is for amounts"):
        GradientBoostingRegressor("gamma").fit(X, y)
    with pytest.raises(ValueError, match="categories have no order"):
        GradientBoostingRegressor(categorical_features=[0], monotonic_cst=[1, 0, 0, 0]).fit(X, y)
    with pytest.raises(ValueError, match="one class only"):
        GradientBoostingClassifier().fit(X, np.ones(60))
    with pytest.raises(ValueError, match="is for two classes"):
        GradientBoostingClassifier(monotonic_cst=[1, 0, 0, 0]).fit(X, np.arange(60) % 3)
    with pytest.raises(ValueError, match="at least one"):
        GradientBoostingRegressor().fit(X, y, sample_weight=np.zeros(60))


LOSSES = {
    "squares": (SquaredError(), [0.3, -2.0, 5.0]),
    "distances": (AbsoluteError(), [0.3, -2.0, 5.0]),
    "quantile": (Quantile(0.2), [0.3, -2.0, 5.0]),
    "poisson": (Poisson(), [0.0, 1.0, 7.0]),
    "gamma": (Gamma(), [0.1, 1.0, 7.0]),
    "two classes": (BinaryLogLoss(), [0.0, 1.0, 1.0]),
}


def judged(loss, y, raw, w=None):
    """What each row costs by itself, and the gradients and hessians of all together."""
    gradients, hessians = np.empty_like(raw, order="F"), np.empty_like(raw, order="F")
    w = np.ones(len(y)) if w is None else w
    total = loss.judge(y, w, raw, gradients, hessians)
    alone = np.empty((2, 1, raw.shape[1]))
    costs = np.array([loss.judge(y[i : i + 1], w[i : i + 1], raw[i : i + 1], *alone) for i in range(len(y))])
    assert total == pytest.approx(costs.sum())
    return costs, gradients, hessians


@pytest.mark.parametrize("name", LOSSES)
def test_gradients_are_central_differences_of_the_loss(name):
    loss, y = LOSSES[name]
    y, raw, step = np.array(y), np.array([[0.4], [1.3], [-0.7]]), 1e-5
    w = np.array([1.0, 2.0, 3.0])
    above, below = judged(loss, y, raw + step, w), judged(loss, y, raw - step, w)
    _, gradients, hessians = judged(loss, y, raw, w)
    np.testing.assert_allclose(gradients[:, 0], (above[0] - below[0]) / (2 * step), rtol=1e-5, atol=1e-8)
    if name in ("squares", "poisson", "gamma", "two classes"):
        np.testing.assert_allclose(hessians, (above[1] - below[1]) / (2 * step), rtol=1e-5)
    # no constant near the start is better
    start = loss.start(y, w)[0]
    around = [judged(loss, y, np.full((3, 1), start + d), w)[0].sum() for d in (-0.01, 0.0, 0.01)]
    assert around[1] <= min(around) + 1e-9


def test_gradients_of_many_classes_are_central_differences():
    loss, y, raw = MultinomialLogLoss(3), np.array([0.0, 2.0]), np.array([[0.1, -1.0, 0.5], [2.0, 0.0, 0.3]])
    gradients = judged(loss, y, raw)[1]
    for k in range(3):
        step = 1e-5 * np.eye(3)[k]
        slope = (judged(loss, y, raw + step)[0] - judged(loss, y, raw - step)[0]) / 2e-5
        np.testing.assert_allclose(gradients[:, k], slope, rtol=1e-5)
    assert loss.start(y, np.array([1.0, 3.0])).sum() == pytest.approx(0.0, abs=1e-9)


def test_a_weighted_median_lies_between_halves():
    assert weighted_quantile(np.array([3.0, 1.0, 2.0]), np.ones(3), 0.5) == 2.0
    assert weighted_quantile(np.array([1.0, 2.0]), np.ones(2), 0.5) == 1.5
    assert weighted_quantile(np.array([1.0, 2.0]), np.array([1.0, 3.0]), 0.5) == 2.0


def test_kernels_as_plain_python_do_the_same():
    X, y = table(60)
    bins = find_bins(X)
    columns = Columns(grouped(bins.codes(X)), bins.n_bins, np.zeros(4, np.int64), np.zeros(4, np.int64))
    rules = np.zeros(N_RULES)
    rules[MIN_ROWS] = 3
    words, rules = whole_numbers(y.mean() - y, np.ones(60), np.ones(60, dtype=np.int64), rules)
    np.testing.assert_allclose((words[:, 1] >> COUNT_BITS) * rules[HESSIAN_UNIT], 1.0)
    assert (words[:, 1] & COUNT == 1).all()
    found = []
    for grow in (grow_leaves, grow_leaves.py_func):
        room = room_for(columns, 5, 60)
        room.holders[:], room.whole[:] = -1, 0
        room.whole[0, [STOP, G, H]] = 60, words[:, 0].sum(), words[:, 1].sum()
        room.real[0] = 0.0, -np.inf, np.inf
        rows = np.arange(60, dtype=np.int32)
        room.sets[:] = 0
        n_nodes = grow(columns.codes, words, rows, *columns[1:], rules, new_crew(), *room[1:], room.max_splits)
        found.append((n_nodes, rows, room.whole[:n_nodes], room.real[:n_nodes]))
    for ours, plain in zip(*found, strict=True):
        np.testing.assert_array_equal(ours, plain)
