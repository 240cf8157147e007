"""Voting beside scikit-learn's with the same members, by hand, and what is refused."""

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn import config_context
from sklearn.base import clone
from sklearn.compose import make_column_transformer
from sklearn.datasets import load_iris, make_friedman1
from sklearn.dummy import DummyRegressor
from sklearn.ensemble import VotingClassifier as Peer
from sklearn.ensemble import VotingRegressor as PeerRegressor
from sklearn.feature_extraction.text import CountVectorizer
from sklearn.linear_model import LinearRegression, LogisticRegression, Perceptron
from sklearn.naive_bayes import GaussianNB, MultinomialNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import OneHotEncoder
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import diorama
from diorama.ensembles import VotingClassifier, VotingRegressor
from diorama.ensembles.voting import count

THREE = [
    ("line", LogisticRegression(max_iter=1000)),
    ("bells", GaussianNB()),
    ("tree", DecisionTreeClassifier(random_state=0)),
]
NUMBERS = [("line", LinearRegression()), ("tree", DecisionTreeRegressor(random_state=0))]


@pytest.fixture(scope="module")
def iris():
    X, y = load_iris(return_X_y=True)
    X = X + np.random.default_rng(0).normal(size=X.shape)
    labels = np.array(["setosa", "versicolor", "virginica"])[y]
    return X[::2], labels[::2], X[1::2]


@pytest.mark.parametrize("voting", ["hard", "soft"])
@pytest.mark.parametrize("weights", [None, [3, 1, 1], [0.2, 0.5, 0.3]])
def test_the_same_members_choose_what_scikit_learns_committee_chooses(iris, voting, weights):
    X, y, others = iris
    ours = VotingClassifier(THREE, voting=voting, weights=weights).fit(X, y)
    theirs = Peer(THREE, voting=voting, weights=weights).fit(X, y)
    np.testing.assert_array_equal(ours.predict(others), theirs.predict(others))
    np.testing.assert_array_equal(ours.transform(others), theirs.transform(others))
    np.testing.assert_array_equal(ours.get_feature_names_out(), theirs.get_feature_names_out())
    np.testing.assert_array_equal(ours.le_.classes_, theirs.le_.classes_)
    if voting == "soft":
        np.testing.assert_array_equal(ours.predict_proba(others), theirs.predict_proba(others))
        apart = clone(ours).set_params(flatten_transform=False).fit(X, y)
        assert apart.transform(others).shape == (3, len(others), 3)
        with pytest.raises(ValueError, match="no columns that could have names"):
            apart.get_feature_names_out()
    else:
        assert not hasattr(ours, "predict_proba")


@pytest.mark.parametrize("weights", [None, [3, 1]])
def test_the_same_members_predict_what_scikit_learns_do(weights):
    X, y = make_friedman1(80, random_state=0)
    ours, theirs = (kind(NUMBERS, weights=weights).fit(X, y) for kind in (VotingRegressor, PeerRegressor))
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-14)
    np.testing.assert_array_equal(ours.transform(X), theirs.transform(X))
    np.testing.assert_array_equal(ours.get_feature_names_out(), theirs.get_feature_names_out())


def test_row_weights_reach_every_member(iris):
    X, y, others = iris
    weight = np.random.default_rng(1).integers(0, 4, len(y)).astype(float)
    ours = VotingClassifier(THREE, voting="soft").fit(X, y, sample_weight=weight)
    theirs = Peer(THREE, voting="soft").fit(X, y, sample_weight=weight)
    np.testing.assert_array_equal(ours.predict_proba(others), theirs.predict_proba(others))
    with pytest.raises(ValueError, match="KNeighborsClassifier takes none"):
        VotingClassifier([("near", KNeighborsClassifier())]).fit(X, y, sample_weight=weight)
    with pytest.raises(TypeError, match="colour"):
        VotingClassifier(THREE).fit(X, y, colour="red")


def test_requested_parameters_are_routed(iris):
    X, y, others = iris
    weight = np.linspace(0.1, 3, len(y))
    with config_context(enable_metadata_routing=True):
        asks = LogisticRegression(max_iter=1000).set_fit_request(sample_weight=True)
        does_not = GaussianNB().set_fit_request(sample_weight=False)
        model = VotingClassifier([("line", asks), ("bells", does_not)], voting="soft").fit(X, y, sample_weight=weight)
        line, bells = asks.fit(X, y, sample_weight=weight), does_not.fit(X, y)
        mean = (line.predict_proba(others) + bells.predict_proba(others)) / 2
        np.testing.assert_allclose(model.predict_proba(others), mean)


def test_members_can_be_named_dropped_and_reached_into(iris):
    X, y, others = iris
    model = VotingClassifier(THREE, voting="soft", weights=[1, 5, 1]).set_params(bells="drop", tree__max_depth=1)
    model.fit(X, y)
    assert model.named_estimators_["bells"] == "drop"
    assert model.named_estimators_.tree.get_depth() == 1
    assert model.named_estimators["line"] is THREE[0][1]
    two = [member.predict_proba(others) for member in (model.named_estimators_.line, model.named_estimators_.tree)]
    np.testing.assert_allclose(model.predict_proba(others), (two[0] + two[1]) / 2)
    assert model.get_params()["tree__max_depth"] == 1
    THREE[2][1].set_params(max_depth=None)


def test_members_with_tables_of_their_own_liking():
    table = pd.DataFrame(
        {"word": ["good", "bad", "good", "awful"], "kind": list("abab"), "stars": [5.0, 1.0, 4.0, 0.0]}
    )
    text = make_pipeline(make_column_transformer((CountVectorizer(), "word")), MultinomialNB())
    kind = make_pipeline(make_column_transformer((OneHotEncoder(), ["kind"])), Perceptron())
    y = ["yes", "no", "yes", "no"]
    model = VotingClassifier([("text", text), ("kind", kind)]).fit(table, y)
    assert model.predict(table).tolist() == y
    assert model.feature_names_in_.tolist() == ["word", "kind", "stars"]
    with pytest.raises(ValueError, match="feature names"):
        model.predict(table.rename(columns={"word": "term"}))


@settings(max_examples=20, deadline=None)
@given(constants=st.lists(st.floats(-1e6, 1e6), min_size=1, max_size=4), data=st.data())
def test_the_mean_of_constants(constants, data):
    weights = data.draw(st.lists(st.floats(0.1, 10), min_size=len(constants), max_size=len(constants)))
    members = [(f"m{i}", DummyRegressor(strategy="constant", constant=c)) for i, c in enumerate(constants)]
    model = VotingRegressor(members, weights=weights).fit([[0.0], [1.0]], [0.0, 1.0])
    assert model.predict([[0.0]])[0] == pytest.approx(np.dot(constants, weights) / np.sum(weights), abs=1e-6)


def test_a_tie_goes_to_the_first_class():
    said = [np.array([[0.0, 1.0, 0.0]]), np.array([[1.0, 0.0, 0.0]])]
    assert count(said, None).argmax() == 0
    assert count(said, np.array([1.0, 2.0])).argmax() == 0
    assert count(said, np.array([2.0, 1.0])).argmax() == 1


def test_the_order_of_members_does_not_matter():
    X, y = make_friedman1(60, random_state=0)
    members = [*NUMBERS, ("near", KNeighborsRegressor())]
    plain = VotingRegressor(members, weights=[1, 2, 3]).fit(X, y).predict(X)
    turned = VotingRegressor(members[::-1], weights=[3, 2, 1]).fit(X, y).predict(X)
    np.testing.assert_allclose(plain, turned, rtol=1e-12)


@pytest.mark.parametrize(
    ("estimators", "weights", "message"),
    [
        ([], None, "non-empty list"),
        ([("a", "drop"), ("b", "drop")], None, "All estimators are dropped"),
        ([("a", GaussianNB()), ("a", GaussianNB())], None, "not unique"),
        ([("a__b", GaussianNB())], None, "must not contain __"),
        ([("weights", GaussianNB())], None, "conflict with constructor"),
        ([("a", LinearRegression())], None, "should be a classifier"),
        ([("a", GaussianNB())], [1, 2], "got 2 weights, 1 estimators"),
        ([("a", GaussianNB())], [-1], "at least 0"),
        ([GaussianNB()], None, "non-empty list"),
    ],
)
def test_what_cannot_be_is_refused(iris, estimators, weights, message):
    X, y, _ = iris
    with pytest.raises(ValueError, match=message):
        VotingClassifier(estimators, weights=weights).fit(X, y)


def test_a_recording_asks_one_after_the_other(iris):
    X, y, _ = iris
    model, recording = diorama.watch(VotingClassifier(THREE, voting="soft", weights=[0, 1, 1]), X, y)
    frames = recording.scene().frames
    assert [frame.narration.split(" (")[0] for frame in frames] == ["line", "bells", "tree"]
    assert f"{model.score(X, y):.0%}" in frames[-1].narration.partition("asked so far")[2]
