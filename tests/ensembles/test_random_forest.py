"""Random forests against scikit-learn's, single exact trees, relations that must hold, and small exact cases."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, make_friedman1
from sklearn.ensemble import RandomForestClassifier as Peer
from sklearn.ensemble import RandomForestRegressor as PeerRegressor
from sklearn.tree import DecisionTreeClassifier, DecisionTreeRegressor

from diorama.ensembles import RandomForestClassifier, RandomForestRegressor, _planting
from diorama.ensembles._binning import MISSING, cuts, encode, find_bins
from diorama.ensembles._histogram_walk import add_leaves
from diorama.ensembles._urn import draw, draw_lots, urn_of


@pytest.fixture(scope="module")
def cancer():
    return load_breast_cancer(return_X_y=True)


def one_tree(kind=RandomForestClassifier, **parameters):
    return kind(1, bootstrap=False, max_features=None, random_state=0, **parameters)


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("limits", [{"max_depth": 3}, {"min_samples_leaf": 7}, {"min_weight_fraction_leaf": 0.1}])
def test_a_single_tree_on_all_rows_is_as_pure_as_scikit_learns(criterion, limits):
    X, y = load_iris(return_X_y=True)
    ours = one_tree(criterion=criterion, **limits).fit(X, y)
    theirs = DecisionTreeClassifier(criterion=criterion, random_state=0, **limits).fit(X, y)
    np.testing.assert_allclose(np.sort(ours.predict_proba(X), 0), np.sort(theirs.predict_proba(X), 0), atol=0.05)
    assert ours.n_nodes_[0] == theirs.tree_.node_count


def test_a_single_regression_tree_has_the_error_of_scikit_learns():
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 3))
    y = X[:, 0] ** 2 + X[:, 1] + 0.1 * random.normal(size=200)
    ours = one_tree(RandomForestRegressor, max_depth=4).fit(X, y)
    theirs = DecisionTreeRegressor(max_depth=4, random_state=0).fit(X, y)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-9, atol=1e-9)
    # the peer keeps features by a draw of its own where cuts are equally good
    np.testing.assert_allclose(ours.feature_importances_, theirs.feature_importances_, atol=0.01)


def test_forests_know_as_much_as_scikit_learns_on_rows_they_have_not_seen(cancer):
    X, y = cancer
    seen = np.arange(len(X)) % 2 == 0
    ours = RandomForestClassifier(random_state=0, oob_score=True).fit(X[seen], y[seen])
    theirs = Peer(random_state=0, oob_score=True).fit(X[seen], y[seen])
    assert ours.score(X[~seen], y[~seen]) == pytest.approx(theirs.score(X[~seen], y[~seen]), abs=0.02)
    assert ours.oob_score_ == pytest.approx(theirs.oob_score_, abs=0.03)
    assert np.corrcoef(ours.feature_importances_, theirs.feature_importances_)[0, 1] > 0.8


def test_regression_forests_know_as_much_as_scikit_learns():
    X, y = make_friedman1(600, random_state=0)
    ours = RandomForestRegressor(60, random_state=0, oob_score=True).fit(X[:300], y[:300])
    theirs = PeerRegressor(60, random_state=0, oob_score=True).fit(X[:300], y[:300])
    assert ours.score(X[300:], y[300:]) == pytest.approx(theirs.score(X[300:], y[300:]), abs=0.04)
    assert ours.oob_score_ == pytest.approx(theirs.oob_score_, abs=0.05)


def test_the_order_of_rows_does_not_matter(cancer):
    X, y = cancer[0][:150], cancer[1][:150]
    shuffled = np.random.default_rng(0).permutation(len(X))
    plain = RandomForestClassifier(5, random_state=0).fit(X, y).predict_proba(X)
    other = RandomForestClassifier(5, random_state=0).fit(X[shuffled], y[shuffled]).predict_proba(X)
    np.testing.assert_array_equal(plain, other)


def test_stretching_columns_does_not_matter(cancer):
    X, y = cancer[0][:150, :5], cancer[1][:150]
    plain = RandomForestClassifier(5, random_state=0, bootstrap=False).fit(X, y).predict(X)
    other = RandomForestClassifier(5, random_state=0, bootstrap=False).fit(X**3, y).predict(X**3)
    np.testing.assert_array_equal(plain, other)


def test_a_missing_value_can_be_what_tells_classes_apart():
    X = np.array([[1.0], [2.0], [3.0], [np.nan], [np.nan]])
    model = one_tree().fit(X, [0, 0, 0, 1, 1])
    assert model.predict([[np.nan], [2.5], [100.0]]).tolist() == [1, 0, 0]
    both = one_tree().fit([[1.0], [np.nan], [9.0], [8.0]], [0, 0, 1, 1])
    assert both.predict([[np.nan], [9.0]]).tolist() == [0, 1]


def test_exclusive_or_needs_both_features():
    X = np.array([[0.0, 0.0], [0.0, 1.0], [1.0, 0.0], [1.0, 1.0]] * 3 + [[0.0, 0.0]])
    y = (X[:, 0] != X[:, 1]).astype(int)
    assert one_tree().fit(X, y).score(X, y) == 1.0


def test_balanced_classes_weigh_the_same():
    X = np.zeros((10, 1))
    y = np.array([0] * 8 + [1] * 2)
    for weight in ("balanced", {0: 1, 1: 4}):
        shares = RandomForestClassifier(2, bootstrap=False, class_weight=weight).fit(X, y).predict_proba(X[:1])
        np.testing.assert_allclose(shares, [[0.5, 0.5]])
    drawn = RandomForestClassifier(5, class_weight="balanced_subsample", random_state=1).fit(X, y)
    np.testing.assert_allclose(drawn.predict_proba(X[:1]), [[0.5, 0.5]])


def test_what_cannot_be_is_refused():
    X, y = np.arange(6.0)[:, None], [0, 1] * 3
    with pytest.raises(ValueError, match="needs bootstrap=True"):
        RandomForestClassifier(oob_score=True, bootstrap=False).fit(X, y)
    with pytest.raises(ValueError, match="more than the 6 rows"):
        RandomForestClassifier(max_samples=7).fit(X, y)
    with pytest.raises(ValueError, match="at least one non-zero"):
        RandomForestClassifier().fit(X, y, sample_weight=np.zeros(6))
    with pytest.raises(ValueError, match="300 categories, and at most 255"):
        find_bins(np.arange(300.0)[:, None], categorical=np.array([True]))


def test_memory_stays_within_what_is_said(cancer):
    X = cancer[0]
    model = RandomForestClassifier(10, random_state=0, bootstrap=False).fit(X, np.arange(len(X)) % 2)
    assert model.n_nodes_.max() < 2 * len(X)
    assert model.grove_.nodes.nbytes + model.grove_.values.nbytes == 24 * model.n_nodes_.sum()


def test_bins_count_the_edges_below():
    random = np.random.default_rng(0)
    X = random.normal(size=(50, 2))
    X[3, 1] = np.nan
    bins = find_bins(X, 8)
    codes = np.empty(X.shape, dtype=np.uint8)
    encode.py_func(X, bins.edges, codes)
    for j in range(2):
        expected = np.searchsorted(bins.edges[j, :7], X[:, j])
        np.testing.assert_array_equal(codes[:, j], np.where(np.isnan(X[:, j]), MISSING, expected))
    np.testing.assert_array_equal(codes, bins.codes(X))
    assert cuts(np.array([1.0, 4.0, 4.0, np.nan, 10.0]), 255).tolist() == [2.5, 7.0]


def test_an_unknown_category_counts_as_missing():
    bins = find_bins(np.array([[2.0], [5.0], [7.0]]), categorical=np.array([True]))
    assert bins.codes(np.array([[5.0], [6.0], [np.nan], [99.0]]))[:, 0].tolist() == [1, MISSING, MISSING, MISSING]


def test_walking_as_plain_python_ends_in_the_same_leaves(cancer):
    X, y = cancer[0][:30], cancer[1][:30]
    model = RandomForestClassifier(3, random_state=0).fit(X, y)
    total = np.zeros((30, 2))
    add_leaves.py_func(model.bins_.codes(X), *model.grove_, total)
    np.testing.assert_allclose(total / 3, model.predict_proba(X))


def test_lots_are_found_with_and_without_a_search():
    urn = urn_of(np.arange(40, dtype=np.uint64)[None] % 7, np.zeros(40), np.ones(40))
    plain = draw(urn, 5)
    assert plain.sum() == 40
    np.testing.assert_array_equal(plain, draw(urn._replace(shares=np.full(40, 2.0)), 5))
    slow = np.zeros(40, dtype=np.int64)
    with np.errstate(over="ignore"):
        draw_lots.py_func(urn.ends, urn.order, 40, 5, slow)
    np.testing.assert_array_equal(plain, slow)


@pytest.mark.parametrize("weights", [{}, {"class_weight": "balanced_subsample", "criterion": "entropy"}])
def test_growing_as_plain_python_gives_the_same_trees(cancer, monkeypatch, weights):
    X, y = cancer[0][:25, :4], cancer[1][:25]
    model = RandomForestClassifier(2, random_state=0, **weights)
    compiled = model.fit(X, y).grove_
    monkeypatch.setattr(_planting, "grow_trees", _planting.grow_trees.py_func)
    with np.errstate(over="ignore"):
        plain = model.fit(X, y).grove_
    np.testing.assert_array_equal(compiled.nodes, plain.nodes)
    np.testing.assert_allclose(compiled.values, plain.values, rtol=1e-12)
