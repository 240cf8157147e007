"""CART held against scikit-learn, against brute force, against answers known by construction, and against itself."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_breast_cancer, load_iris, load_wine
from sklearn.exceptions import NotFittedError

import diorama
from diorama.trees import CARTClassifier
from diorama.trees.cart_classifier import State
from diorama.trees.growth import SPLITS_SHOWN
from tests.trees.tree_problems import best_decrease, random_problem, twin

LEAF = -1


def risk(tree):
    """Impurity of the leaves, weighted; works for ours and for scikit-learn's."""
    leaves = tree.children_left == LEAF
    return (tree.impurity * tree.weighted_n_node_samples)[leaves].sum() / tree.weighted_n_node_samples[0]


def assert_same_tree(ours, theirs):
    assert ours.node_count == theirs.node_count
    asks = ours.children_left != LEAF
    np.testing.assert_array_equal(ours.children_left, theirs.children_left)
    np.testing.assert_array_equal(ours.children_right, theirs.children_right)
    np.testing.assert_array_equal(ours.feature[asks], theirs.feature[asks])
    np.testing.assert_array_equal(ours.threshold[asks], theirs.threshold[asks])
    np.testing.assert_array_equal(ours.n_node_samples, theirs.n_node_samples)
    np.testing.assert_array_equal(ours.missing_go_to_left[asks], theirs.missing_go_to_left[asks].astype(bool))
    np.testing.assert_allclose(ours.impurity, theirs.impurity, atol=1e-12)
    np.testing.assert_allclose(ours.weighted_n_node_samples, theirs.weighted_n_node_samples)
    np.testing.assert_allclose(ours.value, theirs.value[:, 0, :], atol=1e-12)


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


# Limits


def test_one_class_needs_no_question():
    tree = CARTClassifier().fit([[1.0], [2.0]], ["only", "only"])
    assert tree.get_n_leaves() == 1
    assert tree.get_depth() == 0
    assert tree.predict([[5.0]]).tolist() == ["only"]
    np.testing.assert_array_equal(tree.feature_importances_, [0.0])


def test_one_row_is_a_tree():
    assert CARTClassifier().fit([[1.0, 2.0]], [3]).predict([[0.0, 0.0]]).tolist() == [3]


@pytest.mark.parametrize("value", [0.0, np.nan])
def test_constant_features_cannot_be_asked_about(value):
    tree = CARTClassifier().fit(np.full((4, 2), value), [0, 1, 0, 0])
    assert tree.get_n_leaves() == 1
    np.testing.assert_allclose(tree.predict_proba([[value, value]]), [[0.75, 0.25]])


def test_zero_and_minus_zero_are_one_value():
    assert CARTClassifier().fit([[0.0], [-0.0]], [0, 1]).get_n_leaves() == 1


def test_the_largest_doubles_do_not_overflow():
    x = np.array([[-1.7e308], [1.6e308], [1.7e308]])
    assert CARTClassifier().fit(x, [0, 1, 2]).predict(x).tolist() == [0, 1, 2]


def test_more_classes_than_a_byte_counts():
    x, y = np.arange(600.0)[:, None], np.arange(600) // 2
    np.testing.assert_array_equal(CARTClassifier().fit(x, y).predict(x), y)


def test_a_leaf_that_lacks_a_class_has_minus_infinity_without_a_warning():
    tree = CARTClassifier().fit([[0.0], [1.0]], [0, 1])
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        np.testing.assert_array_equal(tree.predict_log_proba([[0.0]]), [[0.0, -np.inf]])


# Inputs


def test_sparse_dense_column_order_and_single_precision_give_one_tree():
    X, y, weights = random_problem(10)
    X[np.abs(X) < 0.5] = 0
    plain = CARTClassifier().fit(X, y, weights)
    for other in (sp.csr_array(X), sp.csc_array(X), np.asfortranarray(X), X.astype(np.float32)):
        fitted = CARTClassifier().fit(other, y, weights)
        np.testing.assert_array_equal(fitted.tree_.threshold, plain.tree_.threshold)
        np.testing.assert_array_equal(fitted.predict_proba(other), plain.predict_proba(X))


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(ValueError, match=r"(?i)weight"):
        CARTClassifier().fit([[0.0], [1.0]], [0, 1], [0.0, 0.0])


def test_negative_weights_are_refused():
    with pytest.raises(ValueError, match=r"(?i)negative"):
        CARTClassifier().fit([[0.0], [1.0]], [0, 1], [1.0, -1.0])


def test_more_rows_than_their_numbers_have_bits_for_are_refused(monkeypatch):
    monkeypatch.setattr("diorama.trees.cart.MAX_ROWS", 3)
    with pytest.raises(ValueError, match="has 3 rows; a tree is grown on fewer than 3: fit it on a sample"):
        CARTClassifier().fit([[0.0], [1.0], [2.0]], [0, 1, 0])


def test_infinite_values_are_refused():
    with pytest.raises(ValueError, match="infinity"):
        CARTClassifier().fit([[0.0], [np.inf]], [0, 1])


def test_several_targets_at_once_are_refused():
    with pytest.raises(ValueError, match="1d array"):
        CARTClassifier().fit([[0.0], [1.0]], [[0, 1], [1, 0]])


def test_predicting_before_fitting_is_refused():
    with pytest.raises(NotFittedError):
        CARTClassifier().predict([[0.0]])


values = st.one_of(st.floats(allow_infinity=False, allow_nan=True), st.sampled_from([0.0, 1.0, -1.0]))


@settings(max_examples=60, deadline=None)
@given(data=st.data(), n=st.integers(1, 25), d=st.integers(1, 3), dtype=st.sampled_from([np.float64, np.float32, int]))
def test_any_table_gives_a_tree_that_answers_its_own_rows(data, n, d, dtype):
    elements = values if dtype is not int else st.integers(-3, 3)
    width = {"width": 32} if dtype is np.float32 else {}
    elements = st.floats(allow_infinity=False, **width) if dtype is np.float32 else elements
    X = data.draw(arrays(dtype, (n, d), elements=elements))
    y = data.draw(arrays(int, n, elements=st.integers(0, 2)))
    model = CARTClassifier().fit(X, y)
    leaves, tree = model.apply(X), model.tree_
    np.testing.assert_array_equal(
        np.bincount(leaves, minlength=tree.node_count)[tree.feature < 0], tree.n_node_samples[tree.feature < 0]
    )
    for leaf in np.unique(leaves):
        # rows that share a leaf with another class are equal in every column
        rows = X[leaves == leaf].astype(float)
        if tree.impurity[leaf] > 0:
            assert (np.nan_to_num(rows, nan=0.5) == np.nan_to_num(rows[0], nan=0.5)).all()


# Drawing of features, threads, recording


def test_drawn_features_depend_on_the_seed_alone():
    X, y, weights = random_problem(11, d=8)
    one, same, other = (CARTClassifier(max_features=2, random_state=seed).fit(X, y, weights) for seed in (1, 1, 2))
    np.testing.assert_array_equal(one.tree_.threshold, same.tree_.threshold)
    assert one.tree_.node_count != other.tree_.node_count or (one.tree_.feature != other.tree_.feature).any()


@pytest.mark.parametrize(("max_features", "n"), [(None, 10), ("sqrt", 3), ("log2", 3), (4, 4), (0.5, 5), (99, 10)])
def test_how_many_features_are_drawn(max_features, n):
    X, y, _ = random_problem(12, d=10)
    assert CARTClassifier(max_features=max_features, random_state=0).fit(X, y).max_features_ == n


def test_drawing_passes_over_features_that_do_not_vary():
    X, y, _ = random_problem(13, d=1)
    X = np.hstack([np.ones((len(X), 9)), X])
    tree = CARTClassifier(max_features=1, random_state=0).fit(X, y)
    assert tree.score(X, y) == 1
    assert set(tree.tree_.feature) == {-1, 9}


@pytest.mark.parametrize("max_features", [None, 3])
def test_threads_change_no_bit(monkeypatch, max_features):
    X, y, _ = random_problem(14, n=40_000, d=8)  # wide enough for the features to be shared out
    trees = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
        trees.append(CARTClassifier(max_features=max_features, random_state=0, min_samples_leaf=20).fit(X, y).tree_)
    for tree in trees[1:]:
        for column, same in zip(trees[0], tree, strict=True):
            assert column.tobytes() == same.tobytes()


def test_a_wide_node_is_split_like_a_narrow_one(monkeypatch):
    X, y, weights = random_problem(15, n=500)
    whole = CARTClassifier().fit(X, y, weights).tree_
    monkeypatch.setattr("diorama.trees.growing.WIDE", 100)
    shared = CARTClassifier().fit(X, y, weights).tree_
    for column, same in zip(whole, shared, strict=True):
        assert column.tobytes() == same.tobytes()


def test_the_recording_holds_the_tree_split_by_split_best_first():
    X, y = load_iris(return_X_y=True)
    model, recording = diorama.watch(CARTClassifier(), X, y)
    states = [moment.state for moment in recording.fits[-1].moments]
    assert [state.n_splits for state in states] == list(range(model.get_n_leaves()))
    assert states[0].tree.node_count == 1
    risks = [risk(state.tree) for state in states]
    assert all(after < before for before, after in pairwise(risks))
    for state in states[1:]:
        assert isinstance(state, State)
        children = state.tree.children_left[state.node], state.tree.children_right[state.node]
        assert [state.tree.feature[child] for child in children] == [LEAF, LEAF], "the last split has no splits below"
    for column, last in zip(model.tree_, states[-1].tree, strict=True):
        np.testing.assert_array_equal(column, last)


def test_of_a_large_tree_the_first_splits_and_the_whole_are_recorded():
    X, y, _ = random_problem(16, n=600)
    model, recording = diorama.watch(CARTClassifier(), X, y)
    counts = [moment.state.n_splits for moment in recording.fits[-1].moments]
    assert counts == [*range(SPLITS_SHOWN + 1), model.get_n_leaves() - 1]


def test_watching_changes_no_bit():
    X, y, weights = random_problem(17)
    alone = CARTClassifier(ccp_alpha=0.001).fit(X, y, weights).tree_
    watched, _ = diorama.watch(CARTClassifier(ccp_alpha=0.001), X, y, sample_weight=weights)
    for column, same in zip(alone, watched.tree_, strict=True):
        assert column.tobytes() == same.tobytes()
