"""CART held against scikit-learn, against brute force, against answers known by construction, and against itself."""

import numpy as np
import pytest
from sklearn.datasets import load_breast_cancer, load_iris, load_wine

from diorama.trees import CARTClassifier
from tests.trees.tree_problems import assert_same_tree, best_decrease, random_problem, risk, twin

# Oracle: scikit-learn. Leaves of five rows and more leave no two questions equally good.


@pytest.mark.parametrize("criterion", ["gini", "entropy", "log_loss"])
@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("seed", range(8))
def test_every_split_is_scikit_learns(criterion, missing, seed):
    X, y, weights = random_problem(seed, n_classes=2 + seed % 3, missing=missing)
    parameters = {"criterion": criterion, "min_samples_leaf": 5}
    ours = CARTClassifier(**parameters).fit(X, y, weights)
    theirs = twin(**parameters).fit(X, y, weights)
    assert_same_tree(ours.tree_, theirs.tree_)
    new, _, _ = random_problem(seed + 1_000, n=500, missing=missing)
    np.testing.assert_array_equal(ours.apply(new), theirs.apply(new))
    np.testing.assert_array_equal(ours.predict(new), theirs.predict(new))
    np.testing.assert_allclose(ours.predict_proba(new), theirs.predict_proba(new), atol=1e-12)
    np.testing.assert_allclose(ours.feature_importances_, theirs.feature_importances_, atol=1e-12)
    assert (ours.decision_path(new) != theirs.decision_path(new)).nnz == 0


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_depth": 3},
        {"min_samples_split": 20},
        {"min_samples_split": 0.2},
        {"min_samples_leaf": 0.07},
        {"min_weight_fraction_leaf": 0.05},
        {"min_impurity_decrease": 0.01},
        {"class_weight": {0: 1, 1: 5, 2: 2}},
        {"max_leaf_nodes": 7},
        {"ccp_alpha": 0.01},
        {"ccp_alpha": 0.02, "criterion": "entropy"},
        {"max_leaf_nodes": 9, "ccp_alpha": 0.005, "max_depth": 4},
    ],
    ids=str,
)
@pytest.mark.parametrize("seed", [1, 2])
def test_every_rule_keeps_the_rows_together_that_scikit_learns_keeps(parameters, seed):
    X, y, weights = random_problem(seed)
    parameters = {"min_samples_leaf": 5, **parameters}
    ours = CARTClassifier(**parameters).fit(X, y, weights)
    theirs = twin(**parameters).fit(X, y, weights)
    # nodes may be numbered otherwise: a best-first search numbers them as it finds them
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-12)
    assert ours.get_n_leaves() == theirs.get_n_leaves()
    assert ours.get_depth() == theirs.get_depth()
    assert risk(ours.tree_) == pytest.approx(risk(theirs.tree_), abs=1e-12)


@pytest.mark.parametrize("seed", range(5))
def test_rows_that_weigh_nothing_take_no_part(seed):
    X, y, weights = random_problem(seed)
    weights[::3] = 0
    ours = CARTClassifier(min_samples_leaf=5).fit(X, y, weights)
    assert_same_tree(ours.tree_, twin(min_samples_leaf=5).fit(X, y, weights).tree_)


@pytest.mark.parametrize("load", [load_iris, load_wine, load_breast_cancer])
@pytest.mark.parametrize("max_depth", [1, 2, None])
def test_real_data_are_told_apart_as_well_as_scikit_learn_does(load, max_depth):
    X, y = load(return_X_y=True)
    ours, theirs = CARTClassifier(max_depth=max_depth).fit(X, y), twin(max_depth=max_depth).fit(X, y)
    assert ours.score(X, y) == theirs.score(X, y)
    assert risk(ours.tree_) == pytest.approx(risk(theirs.tree_), abs=1e-12)


def test_balanced_classes_weigh_the_same():
    X, y, _ = random_problem(3)
    y[:60] = 0
    ours = CARTClassifier(class_weight="balanced", max_depth=3).fit(X, y)
    np.testing.assert_allclose(ours.tree_.value[0], 1 / 3)
    assert ours.score(X, y) == twin(class_weight="balanced", max_depth=3).fit(X, y).score(X, y)


# Oracle: brute force


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
@pytest.mark.parametrize("seed", range(6))
def test_no_question_at_any_node_would_have_been_better(criterion, seed):
    X, y, weights = random_problem(seed, n=25, d=3, missing=0.1 * (seed % 2))
    leaf = 1 + seed % 3
    tree = CARTClassifier(criterion=criterion, min_samples_leaf=leaf).fit(X, y, weights)
    passes = tree.decision_path(X).toarray().astype(bool)
    decreases = tree.tree_.decreases()
    for node in np.flatnonzero(tree.tree_.feature >= 0):
        rows = passes[:, node]
        best = best_decrease(X[rows], y[rows], weights[rows], criterion, leaf) * weights[rows].sum() / weights.sum()
        assert decreases[node] == pytest.approx(best, rel=1e-9)


# Constructed solutions


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_an_axis_aligned_rule_is_recovered(criterion):
    random = np.random.default_rng(0)
    X = random.random((400, 5))
    y = np.where(X[:, 3] <= 0.4, "a", np.where(X[:, 1] <= 0.7, "b", "c"))
    tree = CARTClassifier(criterion=criterion).fit(X, y).tree_
    asked = sorted((int(f), round(float(t), 2)) for f, t in zip(tree.feature, tree.threshold, strict=True) if f >= 0)
    assert [feature for feature, _ in asked] == [1, 3]
    np.testing.assert_allclose([threshold for _, threshold in asked], [0.7, 0.4], atol=0.02)


def test_the_threshold_is_the_middle_between_neighbours():
    tree = CARTClassifier().fit([[1.0], [4.0], [10.0]], [0, 0, 1]).tree_
    assert tree.threshold[0] == 7.0
    assert tree.impurity[0] == pytest.approx(4 / 9)
    np.testing.assert_array_equal(tree.n_node_samples, [3, 2, 1])


def test_doubles_that_single_precision_cannot_tell_apart_are_told_apart():
    x = 1 + np.arange(6.0)[:, None] * 1e-13
    y = [0, 0, 0, 1, 1, 1]
    assert CARTClassifier().fit(x, y).score(x, y) == 1


def test_neighbouring_doubles_are_told_apart():
    low = 1.0
    x = np.array([[low], [np.nextafter(low, 2)]])
    assert CARTClassifier().fit(x, [0, 1]).predict(x).tolist() == [0, 1]


def test_what_is_missing_can_be_the_answer():
    X = np.array([[1.0], [5.0], [3.0], [np.nan], [np.nan]])
    tree = CARTClassifier().fit(X, ["there", "there", "there", "gone", "gone"])
    assert tree.tree_.threshold[0] == np.inf
    assert tree.predict([[np.nan], [100.0]]).tolist() == ["gone", "there"]


def test_a_value_missing_only_at_prediction_goes_with_most_rows():
    tree = CARTClassifier().fit([[1.0], [2.0], [3.0], [9.0]], [0, 0, 0, 1])
    assert tree.predict([[np.nan]]).tolist() == [0]


# Metamorphic relations


def test_a_row_given_twice_counts_like_a_row_of_weight_two():
    X, y, _ = random_problem(5)
    twice = np.arange(len(X)) % 3 == 0
    doubled = CARTClassifier(max_depth=4).fit(np.vstack([X, X[twice]]), np.concatenate([y, y[twice]]))
    weighted = CARTClassifier(max_depth=4).fit(X, y, 1.0 + twice)
    np.testing.assert_allclose(doubled.predict_proba(X), weighted.predict_proba(X))
    np.testing.assert_array_equal(doubled.tree_.threshold, weighted.tree_.threshold)


def test_the_order_of_rows_changes_nothing():
    X, y, weights = random_problem(6)
    shuffled = np.random.default_rng(0).permutation(len(X))
    one = CARTClassifier().fit(X, y, weights)
    other = CARTClassifier().fit(X[shuffled], y[shuffled], weights[shuffled])
    np.testing.assert_array_equal(one.tree_.threshold, other.tree_.threshold)


def test_the_order_of_features_changes_only_their_numbers():
    X, y, weights = random_problem(7)
    order = [2, 0, 3, 1]
    one = CARTClassifier(min_samples_leaf=5).fit(X, y, weights)
    other = CARTClassifier(min_samples_leaf=5).fit(X[:, order], y, weights)
    asks = one.tree_.feature >= 0
    np.testing.assert_array_equal(one.tree_.feature[asks], np.array(order)[other.tree_.feature[asks]])
    np.testing.assert_array_equal(one.tree_.threshold, other.tree_.threshold)


@pytest.mark.parametrize("transform", [np.exp, np.cbrt, lambda x: -1 / (x - 10)])
def test_a_monotone_transform_leaves_the_partition(transform):
    X, y, weights = random_problem(8)
    one = CARTClassifier().fit(X, y, weights)
    other = CARTClassifier().fit(transform(X), y, weights)
    np.testing.assert_array_equal(one.apply(X), other.apply(transform(X)))


def test_a_lookalike_of_a_class_name_changes_nothing():
    X, y, weights = random_problem(9)
    names = np.array(["b", "c", "d"])
    one, other = CARTClassifier().fit(X, y, weights), CARTClassifier().fit(X, names[y], weights)
    np.testing.assert_array_equal(names[one.predict(X)], other.predict(X))
