"""Stacking beside scikit-learn's on the same folds with the same members, by hand, and what is refused."""

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import clone
from sklearn.datasets import load_breast_cancer, load_iris, make_friedman1
from sklearn.ensemble import StackingClassifier as Peer
from sklearn.ensemble import StackingRegressor as PeerRegressor
from sklearn.linear_model import LinearRegression, LogisticRegression, Ridge
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.naive_bayes import GaussianNB
from sklearn.neighbors import KNeighborsClassifier, KNeighborsRegressor
from sklearn.svm import LinearSVC
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

import diorama
from diorama.ensembles import StackingClassifier, StackingRegressor
from diorama.ensembles.stacking import column_of

MEMBERS = [
    ("margin", LinearSVC(random_state=0)),
    ("bells", GaussianNB()),
    ("tree", DecisionTreeClassifier(max_depth=3, random_state=0)),
]
NUMBERS = [("line", LinearRegression()), ("tree", DecisionTreeRegressor(max_depth=4, random_state=0))]
FINAL = LogisticRegression(max_iter=1000)


@pytest.fixture(scope="module", params=["two classes", "three classes"])
def problem(request):
    if request.param == "two classes":
        X, y = load_breast_cancer(return_X_y=True)
        X = (X[:200, :6] - X[:200, :6].mean(axis=0)) / X[:200, :6].std(axis=0)
        return X[::2], np.array(["bad", "good"])[y[:200:2]], X[1::2]
    X, y = load_iris(return_X_y=True)
    X = X + np.random.default_rng(0).normal(size=X.shape)
    return X[::2], np.array(list("abc"))[y[::2]], X[1::2]


@pytest.mark.parametrize(
    "given",
    [
        {},
        {"passthrough": True},
        {"stack_method": "predict"},
        {"cv": StratifiedKFold(3, shuffle=True, random_state=0)},
        {"cv": KFold(4, shuffle=True, random_state=1)},
    ],
    ids=["plain", "passthrough", "predict", "stratified", "folds"],
)
def test_on_the_same_folds_it_predicts_what_scikit_learns_does(problem, given):
    X, y, others = problem
    ours, theirs = (kind(MEMBERS, FINAL, **given).fit(X, y) for kind in (StackingClassifier, Peer))
    assert ours.stack_method_ == theirs.stack_method_
    np.testing.assert_array_equal(ours.transform(others), theirs.transform(others))
    np.testing.assert_array_equal(ours.predict_proba(others), theirs.predict_proba(others))
    np.testing.assert_array_equal(ours.decision_function(others), theirs.decision_function(others))
    np.testing.assert_array_equal(ours.predict(others), theirs.predict(others))
    np.testing.assert_array_equal(ours.get_feature_names_out(), theirs.get_feature_names_out())


@pytest.mark.parametrize("passthrough", [False, True])
def test_on_the_same_folds_it_predicts_the_same_numbers(passthrough):
    X, y = make_friedman1(80, random_state=0)
    given = {"final_estimator": Ridge(), "cv": KFold(4, shuffle=True, random_state=0), "passthrough": passthrough}
    ours, theirs = (kind(NUMBERS, **given).fit(X, y) for kind in (StackingRegressor, PeerRegressor))
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    np.testing.assert_array_equal(ours.transform(X), theirs.transform(X))
    np.testing.assert_array_equal(ours.get_feature_names_out(), theirs.get_feature_names_out())


def test_it_is_two_floors_built_by_hand(problem):
    X, y, others = problem
    model = StackingClassifier([MEMBERS[1]], FINAL, cv=4).fit(X, y)
    cut = slice(1, None) if len(model.classes_) == 2 else slice(None)
    columns = cross_val_predict(GaussianNB(), X, y, cv=4, method="predict_proba")[:, cut]
    final = clone(FINAL).fit(columns, y)
    upstairs = GaussianNB().fit(X, y).predict_proba(others)[:, cut]
    np.testing.assert_array_equal(model.predict(others), final.predict(upstairs))


def test_row_weights_reach_both_floors(problem):
    X, y, others = problem
    weight = np.random.default_rng(1).uniform(0.1, 3, len(y))
    ours, theirs = (kind(MEMBERS, FINAL, cv=3).fit(X, y, sample_weight=weight) for kind in (StackingClassifier, Peer))
    np.testing.assert_array_equal(ours.predict_proba(others), theirs.predict_proba(others))
    with pytest.raises(ValueError, match="KNeighborsClassifier takes none"):
        StackingClassifier([("near", KNeighborsClassifier())]).fit(X, y, sample_weight=weight)


def test_fitted_members_are_taken_as_they_are(problem):
    X, y, others = problem
    fitted = [(name, clone(member).fit(X, y)) for name, member in MEMBERS]
    model = StackingClassifier(fitted, FINAL, cv="prefit").fit(X, y)
    assert [member is own for (_, own), member in zip(fitted, model.estimators_, strict=True)] == [True] * 3
    theirs = Peer(fitted, FINAL, cv="prefit").fit(X, y)
    np.testing.assert_array_equal(model.predict_proba(others), theirs.predict_proba(others))
    # labels that are no numbers are numbered
    said = StackingClassifier(fitted, FINAL, cv="prefit", stack_method="predict").fit(X, y)
    np.testing.assert_array_equal(said.classes_[said.transform(others)[:, 1]], fitted[1][1].predict(others))
    recorded = diorama.watch(said, X, y)[1].scene()
    assert len(recorded.frames) == 4


def test_a_final_model_that_copies_gives_what_its_member_gives():
    X, y = make_friedman1(60, random_state=0)
    model = StackingRegressor([("line", LinearRegression())], LinearRegression(), cv=5).fit(X, y)
    assert np.corrcoef(model.predict(X), LinearRegression().fit(X, y).predict(X))[0, 1] == pytest.approx(1)


def test_a_member_that_knows_its_rows_by_heart_is_not_trusted():
    random = np.random.default_rng(0)
    X = random.normal(size=(300, 2))
    y = (X[:, 0] + random.normal(size=300) > 0).astype(int)
    members = [("line", LogisticRegression()), ("heart", DecisionTreeClassifier(random_state=0))]
    line, heart = StackingClassifier(members, LogisticRegression()).fit(X, y).final_estimator_.coef_[0]
    assert line > 3 * heart
    fitted = [(name, member.fit(X, y)) for name, member in members]
    cheated = StackingClassifier(fitted, LogisticRegression(), cv="prefit").fit(X, y).final_estimator_.coef_[0]
    assert cheated[1] > 3 * cheated[0]


@settings(max_examples=10, deadline=None)
@given(seed=st.integers(0, 1000), folds=st.integers(2, 5))
def test_units_of_the_target_are_the_units_of_the_prediction(seed, folds):
    random = np.random.default_rng(seed)
    X, y = random.normal(size=(30, 2)), random.normal(size=30)
    members = [("line", LinearRegression()), ("near", KNeighborsRegressor(3))]
    model = StackingRegressor(members, LinearRegression(), cv=folds)
    np.testing.assert_allclose(
        model.fit(X, 1000 * y).predict(X), 1000 * model.fit(X, y).predict(X), rtol=1e-6, atol=1e-6
    )


def test_sparse_tables_stay_sparse():
    X, y = make_friedman1(40, random_state=0)
    X = sp.csr_matrix(np.where(X > 0.5, X, 0.0))
    given = {"estimators": NUMBERS[1:], "final_estimator": Ridge(), "passthrough": True}
    ours, theirs = (kind(**given).fit(X, y) for kind in (StackingRegressor, PeerRegressor))
    assert sp.issparse(ours.transform(X))
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_members_can_be_dropped():
    X, y = make_friedman1(40, random_state=0)
    model = StackingRegressor(NUMBERS, Ridge()).set_params(tree="drop").fit(X, y)
    assert model.named_estimators_["tree"] == "drop"
    assert model.transform(X).shape == (40, 1)


def test_what_cannot_be_is_refused():
    X, y = make_friedman1(40, random_state=0)
    with pytest.raises(ValueError, match="should be a regressor"):
        StackingRegressor(NUMBERS, LogisticRegression()).fit(X, y)
    with pytest.raises(ValueError, match="should be a classifier"):
        StackingClassifier(MEMBERS, Ridge()).fit(X, y > 10)
    with pytest.raises(ValueError, match="margin does not implement the method predict_proba"):
        StackingClassifier(MEMBERS, FINAL, stack_method="predict_proba").fit(X, y > 14)
    assert not hasattr(StackingClassifier(MEMBERS, LinearSVC()), "predict_proba")


def test_of_two_probabilities_one_says_it_all():
    two, three = np.array([[0.2, 0.8]]), np.array([[0.1, 0.2, 0.7]])
    assert column_of(two, "predict_proba").tolist() == [[0.8]]
    assert column_of(three, "predict_proba").tolist() == three.tolist()
    assert column_of(two, "decision_function").tolist() == two.tolist()
    assert column_of(np.array([3.0]), "predict").tolist() == [[3.0]]


def test_a_recording_fills_the_table_column_by_column(problem):
    X, y, _ = problem
    _, recording = diorama.watch(StackingClassifier(MEMBERS, FINAL), X, y)
    frames = recording.scene().frames
    assert [frame.step for frame in frames] == ["fold"] * 3 + ["columns"]
    spread = [
        np.std(frame.data["points upstairs"]["x"]) + np.std(frame.data["points upstairs"]["y"]) for frame in frames
    ]
    assert spread[0] < spread[-1]
    assert spread[2] == spread[3]
