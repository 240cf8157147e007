"""Bagging against scikit-learn's, its identity of error and spread, weights as repeated rows, and what is refused."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from joblib import parallel_config
from sklearn.datasets import load_breast_cancer, make_friedman1
from sklearn.ensemble import BaggingClassifier as Peer
from sklearn.ensemble import BaggingRegressor as PeerRegressor
from sklearn.linear_model import LinearRegression, Perceptron
from sklearn.neighbors import KNeighborsClassifier
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler
from sklearn.svm import LinearSVC

import diorama
from diorama.ensembles import BaggingClassifier, BaggingRegressor
from diorama.ensembles._urn import draw, draw_once, urn_of
from diorama.trees import CARTClassifier, CARTRegressor


@pytest.fixture(scope="module")
def cancer():
    X, y = load_breast_cancer(return_X_y=True)
    return X[::2], y[::2], X[1::2], y[1::2]


@pytest.fixture(scope="module")
def bagged(cancer):
    return BaggingClassifier(n_estimators=25, oob_score=True, random_state=0).fit(*cancer[:2])


def test_it_knows_as_much_as_scikit_learns(cancer, bagged):
    X, y, others, held_out = cancer
    theirs = Peer(n_estimators=25, oob_score=True, random_state=0).fit(X, y)
    assert bagged.score(others, held_out) == pytest.approx(theirs.score(others, held_out), abs=0.03)
    assert bagged.oob_score_ == pytest.approx(theirs.oob_score_, abs=0.03)


def test_bagged_regression_trees_know_as_much_as_scikit_learns():
    X, y = make_friedman1(400, random_state=0)
    ours = BaggingRegressor(n_estimators=40, oob_score=True, random_state=0).fit(X[:200], y[:200])
    theirs = PeerRegressor(n_estimators=40, oob_score=True, random_state=0).fit(X[:200], y[:200])
    assert ours.score(X[200:], y[200:]) == pytest.approx(theirs.score(X[200:], y[200:]), abs=0.06)
    assert ours.oob_score_ == pytest.approx(theirs.oob_score_, abs=0.08)


def test_without_drawing_it_is_its_member(cancer):
    X, y, others, _ = cancer
    model = BaggingClassifier(CARTClassifier(max_depth=4), 3, bootstrap=False).fit(X, y)
    np.testing.assert_array_equal(model.predict(others), CARTClassifier(max_depth=4).fit(X, y).predict(others))


def test_probabilities_are_the_mean_of_the_members_and_of_nobody_elses(cancer, bagged):
    _, _, others, _ = cancer
    mean = np.mean([member.predict_proba(others) for member in bagged.estimators_], axis=0)
    np.testing.assert_allclose(bagged.predict_proba(others), mean, rtol=1e-12)
    with np.errstate(divide="ignore"):
        np.testing.assert_array_equal(bagged.predict_log_proba(others), np.log(bagged.predict_proba(others)))


def test_the_members_can_be_fitted_again_from_the_rows_they_are_said_to_have_drawn(cancer, bagged):
    X, y, others, _ = cancer
    for rows, member in zip(bagged.estimators_samples_[:3], bagged.estimators_[:3], strict=True):
        again = CARTClassifier().fit(X[rows], y[rows])
        np.testing.assert_array_equal(member.predict(others), again.predict(others))


def test_the_out_of_bag_vote_on_a_row_is_that_of_members_without_it(cancer, bagged):
    X, _, _, _ = cancer
    row = 7
    without = [m for m, rows in zip(bagged.estimators_, bagged.estimators_samples_, strict=True) if row not in rows]
    assert 0 < len(without) < 25
    expected = np.mean([member.predict_proba(X[[row]])[0] for member in without], axis=0)
    np.testing.assert_allclose(bagged.oob_decision_function_[row], expected, atol=1e-12)


@settings(max_examples=15, deadline=None)
@given(seed=st.integers(0, 1000), n=st.integers(5, 40), members=st.integers(1, 6))
def test_the_error_of_the_mean_is_the_mean_error_less_the_spread(seed, n, members):
    random = np.random.default_rng(seed)
    X, y = random.normal(size=(n, 1)), random.normal(size=n)
    model = BaggingRegressor(CARTRegressor(max_depth=3), members, random_state=seed)
    _, recording = diorama.watch(model, X, y)
    shown = {
        (part, number): error
        for part, number, error in zip(
            *(recording.scene().frames[-1].data["errors"][name] for name in ("part", "members", "error")), strict=True
        )
    }
    alone = shown["one member, on average", members]
    together, spread = shown["the mean of all", members], shown["their spread", members]
    assert together == pytest.approx(np.mean((model.predict(X) - y) ** 2))
    assert together == pytest.approx(alone - spread, abs=1e-12)


def test_a_weight_of_two_is_two_rows_in_any_order(cancer):
    X, y, others, _ = cancer
    weight = np.random.default_rng(0).integers(0, 3, len(y))
    rows = np.random.default_rng(1).permutation(np.repeat(np.arange(len(y)), weight))
    weighted = BaggingClassifier(n_estimators=4, random_state=0).fit(X, y, sample_weight=weight)
    repeated = BaggingClassifier(n_estimators=4, random_state=0).fit(X[rows], y[rows])
    np.testing.assert_array_equal(weighted.predict_proba(others), repeated.predict_proba(others))


@pytest.mark.parametrize(
    "member", [KNeighborsClassifier(3), Perceptron(), LinearSVC(), make_pipeline(StandardScaler(), Perceptron())]
)
def test_any_classifier_can_be_a_member(cancer, member):
    X, y, others, held_out = cancer
    labels = np.array(["malignant", "benign"])[y]
    model = BaggingClassifier(member, 5, max_features=8, random_state=0).fit(X, labels)
    assert set(model.predict(others)) <= set(model.classes_)
    assert model.score(others, np.array(["malignant", "benign"])[held_out]) > 0.7
    assert {len(features) for features in model.estimators_features_} == {8}


def test_a_member_that_has_not_met_a_class_holds_it_impossible():
    X, y = np.arange(9.0)[:, None], np.array(list("aaaabbbbc"))
    model = BaggingClassifier(KNeighborsClassifier(1), 12, random_state=0).fit(X, y)
    shares = model.predict_proba([[8.0]])[0]
    met = np.mean(["c" in y[rows] for rows in model.estimators_samples_])
    assert 0 < met < 1
    assert shares[2] == pytest.approx(met)


def test_a_warm_start_keeps_members_and_adds_what_is_missing(cancer):
    X, y, others, _ = cancer
    grown = BaggingClassifier(n_estimators=2, warm_start=True, random_state=0).fit(X, y)
    first = grown.estimators_[0]
    grown.set_params(n_estimators=5).fit(X, y)
    at_once = BaggingClassifier(n_estimators=5, random_state=0).fit(X, y)
    assert grown.estimators_[0] is first
    np.testing.assert_array_equal(grown.predict_proba(others), at_once.predict_proba(others))
    with pytest.raises(ValueError, match="a warm start only adds"):
        grown.set_params(n_estimators=3).fit(X, y)


def test_workers_change_nothing():
    X, y = make_friedman1(80, random_state=0)
    alone = BaggingRegressor(n_estimators=3, random_state=0).fit(X, y)
    # threads start sooner than processes, and are handed their work the same way
    with parallel_config(backend="threading"):
        shared = BaggingRegressor(n_estimators=3, random_state=0, n_jobs=2).fit(X, y)
    np.testing.assert_array_equal(alone.predict(X), shared.predict(X))


def test_what_cannot_be_is_refused():
    X, y = np.arange(6.0)[:, None], [0.0, 1.0] * 3
    with pytest.raises(ValueError, match="needs bootstrap=True"):
        BaggingRegressor(oob_score=True, bootstrap=False).fit(X, y)
    with pytest.raises(ValueError, match="max_samples=7 is more than the 6 rows"):
        BaggingRegressor(max_samples=7, bootstrap=False).fit(X, y)
    with pytest.raises(ValueError, match="max_features=2 is more than the 1 features"):
        BaggingRegressor(max_features=2).fit(X, y)
    with pytest.raises(ValueError, match="KNeighborsClassifier takes no sample_weight"):
        BaggingClassifier(KNeighborsClassifier(1), bootstrap=False).fit(X, y, sample_weight=np.full(6, 0.5))


def test_rows_are_drawn_as_often_as_they_weigh():
    weight = np.array([0.0, 1.0, 3.0])
    urn = urn_of(np.arange(3, dtype=np.uint64)[None], np.zeros(3), weight)
    assert urn.n_draws == 4
    total = np.sum([draw(urn, seed) for seed in range(500)], axis=0)
    assert total[0] == 0
    assert total[2] / total[1] == pytest.approx(3, rel=0.15)
    once = [draw_once(urn._replace(n_draws=1), seed) for seed in range(500)]
    assert {int(drawn.sum()) for drawn in once} == {1}
    assert np.mean([drawn[2] for drawn in once]) == pytest.approx(0.75, abs=0.06)
    assert draw_once(urn, 0).tolist() == [0, 1, 1]


def test_half_of_the_rows_without_drawing_twice():
    X, y = make_friedman1(50, random_state=0)
    model = BaggingRegressor(LinearRegression(), 3, max_samples=0.5, bootstrap=False, random_state=0).fit(X, y)
    assert all(len(rows) == len(set(rows)) == 25 for rows in model.estimators_samples_)
