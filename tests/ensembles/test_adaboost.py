"""AdaBoost beside scikit-learn's with the same members, its stumps beside CART's own, rounds by hand, and refusals."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.datasets import load_breast_cancer, load_iris, make_friedman1
from sklearn.dummy import DummyClassifier
from sklearn.ensemble import AdaBoostClassifier as Peer
from sklearn.ensemble import AdaBoostRegressor as PeerRegressor
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.tree import DecisionTreeRegressor

import diorama
from diorama.ensembles import AdaBoostClassifier, AdaBoostRegressor, adaboost_classifier, adaboost_regressor
from diorama.ensembles._stumps import weigh_cuts
from diorama.ensembles.adaboost import State
from diorama.ensembles.adaboost_regressor import losses, weighted_median
from diorama.trees import CARTClassifier


class OwnFit(CARTClassifier):
    """A derived class, which is fitted by its public `fit`."""


@pytest.fixture(scope="module", params=["two classes", "three classes"])
def problem(request):
    if request.param == "two classes":
        X, y = load_breast_cancer(return_X_y=True)
        X = (X[:240, :8] - X[:240, :8].mean(axis=0)) / X[:240, :8].std(axis=0)
        return X[::2], np.array(["bad", "good"])[y[:240:2]], X[1::2]
    X, y = load_iris(return_X_y=True)
    X = X + np.random.default_rng(0).normal(size=X.shape)
    return X[::2], np.array(list("abc"))[y[::2]], X[1::2]


@pytest.mark.parametrize("rate", [1.0, 0.3])
@pytest.mark.parametrize("member", [GaussianNB(), LogisticRegression(max_iter=1000)], ids=["bells", "line"])
def test_with_the_same_members_it_is_scikit_learns(problem, member, rate):
    X, y, others = problem
    given = {"n_estimators": 6, "learning_rate": rate}
    ours, theirs = (kind(member, **given).fit(X, y) for kind in (AdaBoostClassifier, Peer))
    close = {"rtol": 1e-6, "atol": 1e-8}
    np.testing.assert_allclose(ours.estimator_weights_, theirs.estimator_weights_, **close)
    np.testing.assert_allclose(ours.estimator_errors_, theirs.estimator_errors_, **close)
    np.testing.assert_allclose(ours.decision_function(others), theirs.decision_function(others), **close)
    np.testing.assert_allclose(ours.predict_proba(others), theirs.predict_proba(others), **close)
    np.testing.assert_allclose(ours.predict_log_proba(others), theirs.predict_log_proba(others), **close)
    np.testing.assert_array_equal(ours.predict(others), theirs.predict(others))
    for staged in ("staged_predict", "staged_predict_proba", "staged_decision_function"):
        for now, then in zip(getattr(ours, staged)(others), getattr(theirs, staged)(others), strict=True):
            (np.testing.assert_array_equal if now.dtype.kind == "U" else np.testing.assert_allclose)(now, then)
    assert list(ours.staged_score(X, y)) == pytest.approx(list(theirs.staged_score(X, y)))


def test_stumps_know_as_much_as_scikit_learns(problem):
    X, y, _ = problem
    ours = AdaBoostClassifier(n_estimators=20).fit(X, y)
    theirs = Peer(n_estimators=20, random_state=0).fit(X, y)
    assert ours.score(X, y) == pytest.approx(theirs.score(X, y), abs=0.04)
    assert ours.estimator_errors_[0] == pytest.approx(theirs.estimator_errors_[0])
    assert ours.feature_importances_.sum() == pytest.approx(1.0)
    assert ours.feature_importances_.argmax() == theirs.feature_importances_.argmax()


@pytest.mark.parametrize(
    "limits",
    [
        {"max_depth": 1},
        {"max_depth": 1, "min_samples_leaf": 9},
        {"max_depth": 1, "min_weight_fraction_leaf": 0.2},
        {"max_depth": 1, "min_impurity_decrease": 0.05},
        {"max_depth": 1, "criterion": "entropy"},
        {"max_depth": 1, "max_features": 2, "random_state": 0},
        {"max_depth": 3},
    ],
    ids=str,
)
@pytest.mark.parametrize("decimals", [6, 0])
def test_trees_on_columns_sorted_once_are_the_trees_of_cart(problem, limits, decimals):
    X, y, _ = problem
    X = X.round(decimals)
    weight = np.random.default_rng(0).integers(0, 3, len(y)) * 0.7
    quick = AdaBoostClassifier(CARTClassifier(**limits), n_estimators=8, random_state=0).fit(X, y, weight)
    plain = AdaBoostClassifier(OwnFit(**limits), n_estimators=8, random_state=0).fit(X, y, weight)
    assert len(quick.estimators_) == len(plain.estimators_)
    for ours, theirs in zip(quick.estimators_, plain.estimators_, strict=True):
        for column, expected in zip(ours.tree_, theirs.tree_, strict=True):
            np.testing.assert_array_equal(column, expected)
        assert ours.max_features_ == theirs.max_features_
        assert ours.n_features_in_ == theirs.n_features_in_
    np.testing.assert_array_equal(quick.estimator_weights_, plain.estimator_weights_)


def test_a_missing_value_can_be_what_tells_classes_apart():
    X = np.array([[1.0], [2.0], [3.0], [np.nan], [np.nan]])
    model = AdaBoostClassifier(n_estimators=3).fit(X, [0, 0, 0, 1, 1])
    assert model.predict([[np.nan], [2.5]]).tolist() == [1, 0]
    with pytest.raises(ValueError, match="NaN"):
        AdaBoostClassifier(GaussianNB()).fit(X, [0, 0, 0, 1, 1])


def test_a_kernel_as_plain_python_finds_what_numpy_finds():
    random = np.random.default_rng(0)
    X, labels, weights = random.integers(0, 4, (12, 2)).astype(float), random.integers(0, 3, 12), random.random(12)
    order = X.argsort(axis=0, kind="stable").T.astype(np.uint32)
    new = np.diff(np.take_along_axis(X.T, order.astype(int), axis=1), prepend=np.inf) != 0
    new[:, 0] = False
    marked = order | (new.astype(np.uint32) << np.uint32(31))
    counts = np.bincount(labels, weights, minlength=3)
    worths, places = np.empty(2), np.empty(2, dtype=np.int64)
    given = (marked, labels[order], weights, counts, np.empty(3), 0, 2, np.array([2.0, 0.0, 0.0]))
    for kernel in (weigh_cuts, weigh_cuts.py_func):
        kernel(*given, worths, places)
        for j in range(2):
            found = {}
            for place in np.flatnonzero(new[j]):
                if 2 <= place <= 10:
                    left = np.bincount(labels[order[j, :place]], weights[order[j, :place]], minlength=3)
                    right = counts - left
                    found[place] = (left**2).sum() / left.sum() + (right**2).sum() / right.sum()
            best = max(found, key=found.get)
            assert places[j] == best
            assert worths[j] == pytest.approx(found[best])


def learning(wrong):
    """A member that is wrong about these rows."""
    return lambda weights, seed: ("a member", np.array(wrong))


@settings(max_examples=30, deadline=None)
@given(st.lists(st.booleans(), min_size=3, max_size=20), st.integers(2, 5))
def test_after_a_round_a_member_is_as_good_as_guessing(wrong, n_classes):
    n = len(wrong)
    start = State(np.full(n, 1 / n), np.zeros(n), (), (), (), False)
    if not 0 < np.mean(wrong) < 1 - 1 / n_classes - 1e-9:
        return
    now = adaboost_classifier.step(learning(wrong), np.zeros(9, int), n_classes, 1.0, start)
    assert now.weights.sum() == pytest.approx(1)
    assert now.weights[wrong].sum() == pytest.approx(1 - 1 / n_classes)


def test_a_round_by_hand():
    start = State(np.full(5, 0.2), np.zeros(5), (), (), (), False)
    now = adaboost_classifier.step(learning([True, False, False, False, False]), np.zeros(9, int), 2, 1.0, start)
    assert now.errors == (pytest.approx(0.2),)
    assert now.voices == (pytest.approx(np.log(4)),)
    np.testing.assert_allclose(now.weights, [0.5, 0.125, 0.125, 0.125, 0.125])


def test_an_interval_needs_three_cuts():
    X = np.arange(30.0)[:, None]
    y = (X[:, 0] > 9) & (X[:, 0] < 20)
    model = AdaBoostClassifier(n_estimators=30).fit(X, y)
    scores = list(model.staged_score(X, y))
    assert scores[0] < 0.7
    assert scores[-1] == 1.0


def test_rounds_end_when_nothing_is_wrong_or_nothing_helps():
    X, y = np.arange(6.0)[:, None], [0, 0, 0, 1, 1, 1]
    perfect = AdaBoostClassifier(n_estimators=9).fit(X, y)
    assert len(perfect.estimators_) == 1
    assert perfect.estimator_weights_.tolist() == [1.0] + [0.0] * 8
    assert perfect.estimator_errors_.tolist() == [0.0] + [1.0] * 8
    same = AdaBoostClassifier(n_estimators=9).fit(np.zeros((5, 1)), [0, 0, 1, 1, 1])
    assert len(same.estimators_) == 1
    with pytest.raises(ValueError, match="no better than guessing"):
        AdaBoostClassifier(DummyClassifier(strategy="constant", constant=0)).fit(X[:5], y[1:])
    one = AdaBoostClassifier(n_estimators=2).fit(X, np.zeros(6))
    assert one.predict_proba(X).tolist() == [[1.0]] * 6


def test_what_cannot_be_is_refused():
    X, y = np.arange(6.0)[:, None], [0, 1] * 3
    with pytest.raises(ValueError, match="KNeighborsClassifier takes no sample_weight"):
        AdaBoostClassifier(KNeighborsClassifier()).fit(X, y)
    with pytest.raises(ValueError, match="max_depth"):
        AdaBoostClassifier(CARTClassifier(max_depth=0)).fit(X, y)
    with pytest.raises(AttributeError, match="feature_importances_"):
        _ = AdaBoostClassifier(GaussianNB(), n_estimators=2).fit(X, [0, 0, 0, 1, 1, 1]).feature_importances_


@pytest.mark.parametrize("loss", ["linear", "square", "exponential"])
def test_voices_of_the_same_members_are_those_of_scikit_learn(loss):
    X, y = make_friedman1(120, noise=1.0, random_state=0)
    theirs = PeerRegressor(
        DecisionTreeRegressor(max_depth=3, random_state=0),
        n_estimators=12,
        loss=loss,
        learning_rate=0.7,
        random_state=0,
    ).fit(X, y)
    members = iter(theirs.estimators_)

    def learn(weights, seed):
        member = next(members)
        return member, np.abs(member.predict(X) - y)

    state = State(np.full(120, 1 / 120), np.zeros(120), (), (), (), False)
    for _ in theirs.estimators_:
        state = adaboost_regressor.step(learn, np.zeros(12, int), loss, 0.7, state)
    np.testing.assert_allclose(state.voices, theirs.estimator_weights_[: len(state.voices)], rtol=1e-9)
    np.testing.assert_allclose(state.errors, theirs.estimator_errors_[: len(state.errors)], rtol=1e-9)
    said = np.array([member.predict(X) for member in state.members])
    np.testing.assert_array_equal(weighted_median(said, np.array(state.voices)), theirs.predict(X))


def test_boosted_regression_trees_know_as_much_as_scikit_learns():
    X, y = make_friedman1(400, noise=1.0, random_state=0)
    ours = AdaBoostRegressor(random_state=0).fit(X[:200], y[:200])
    theirs = PeerRegressor(random_state=0).fit(X[:200], y[:200])
    assert ours.score(X[200:], y[200:]) == pytest.approx(theirs.score(X[200:], y[200:]), abs=0.06)
    scores = list(ours.staged_score(X, y))
    assert scores[-1] == pytest.approx(ours.score(X, y))
    assert scores[-1] > scores[0]
    assert np.corrcoef(ours.feature_importances_, theirs.feature_importances_)[0, 1] > 0.9


def test_members_without_weights_can_be_boosted_on_draws():
    X, y = make_friedman1(60, random_state=0)
    model = AdaBoostRegressor(KNeighborsRegressor(3), n_estimators=4, random_state=0).fit(X, y)
    assert model.score(X, y) > 0.5


def test_units_of_the_target_are_the_units_of_the_prediction():
    X, y = make_friedman1(80, random_state=0)
    plain = AdaBoostRegressor(n_estimators=6, random_state=0).fit(X, y)
    scaled = AdaBoostRegressor(n_estimators=6, random_state=0).fit(X, 4 * y)
    # draws depend on what rows hold, targets included: the same members on the same rows
    np.testing.assert_allclose(losses(4 * np.abs(y), y > -1, "linear"), losses(np.abs(y), y > -1, "linear"))
    assert scaled.score(X, 4 * y) == pytest.approx(plain.score(X, y), abs=0.1)


def test_a_hopeless_first_member_stays_without_a_voice():
    # one far row sets the measure low, or as here, all errors are as large as the largest
    start = State(np.full(4, 0.25), np.zeros(4), (), (), (), False)
    now = adaboost_regressor.step(lambda weights, seed: ("m", np.ones(4)), np.zeros(1, int), "linear", 1.0, start)
    assert now.over
    assert (now.voices, now.errors) == ((0.0,), (1.0,))
    later = adaboost_regressor.step(lambda weights, seed: ("n", np.ones(4)), np.zeros(2, int), "linear", 1.0, now)
    assert later.members == ("m",)
    exact = AdaBoostRegressor(n_estimators=5, random_state=0).fit(np.arange(4.0)[:, None], np.ones(4))
    assert len(exact.estimators_) == 1
    assert exact.predict([[9.0]]).tolist() == [1.0]


def test_a_weighted_median_is_where_half_of_the_voices_lie():
    said = np.array([[1.0], [5.0], [9.0]])
    assert weighted_median(said, np.array([1.0, 1.0, 1.0])).tolist() == [5.0]
    assert weighted_median(said, np.array([1.0, 1.0, 3.0])).tolist() == [9.0]
    assert weighted_median(said, np.array([2.0, 1.0, 1.0])).tolist() == [1.0]


def test_rows_swell_where_the_newest_member_is_wrong(problem):
    X, y, _ = problem
    model, recording = diorama.watch(AdaBoostClassifier(n_estimators=3), X, y)
    frames = recording.scene().frames
    sizes = [np.asarray(frame.data["points newest"]["weight"]) for frame in frames]
    wrong = model.estimators_[0].predict(X) != y
    np.testing.assert_allclose(sizes[0], 1.0)
    assert sizes[1][wrong].min() > 1 > sizes[1][~wrong].max()


def test_of_many_rows_those_that_are_drawn_keep_their_own_weight():
    random = np.random.default_rng(0)
    X = random.uniform(size=(900, 1))
    y = np.where(random.random(900) < 0.02, 50.0, np.sin(9 * X[:, 0]))
    _, recording = diorama.watch(AdaBoostRegressor(n_estimators=3, random_state=0), X, y)
    points = recording.scene().frames[1].data["points newest"]
    outside = np.asarray(points["y"]) == 50.0
    assert 0 < outside.sum() < len(outside) < 900
    assert np.median(np.asarray(points["weight"])[outside]) > 2 * np.median(np.asarray(points["weight"])[~outside])
