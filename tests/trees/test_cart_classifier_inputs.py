"""CART at its limits: odd inputs, drawn features, threads, and what a recording of it holds."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
import scipy.sparse as sp
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_iris
from sklearn.exceptions import NotFittedError

import diorama
from diorama.trees import CARTClassifier
from diorama.trees.cart_classifier import State
from diorama.trees.growth import SPLITS_SHOWN
from tests.trees.tree_problems import LEAF, random_problem, risk

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
