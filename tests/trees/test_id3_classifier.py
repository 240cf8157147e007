"""ID3 against worked examples, a plain recursion, scikit-learn where the two agree, and itself."""

from collections import Counter
from math import log2

import numpy as np
import pandas as pd
import polars as pl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.tree import DecisionTreeClassifier

import diorama
from diorama._iterate import Observer, observing
from diorama.trees import ID3Classifier
from diorama.trees.growth import SPLITS_SHOWN
from tests.trees.play_tennis import NAMES, PLAY, WORDS

EVERYTHING = 20


def bits(labels):
    return -sum(n / len(labels) * log2(n / len(labels)) for n in Counter(labels).values())


def gain(rows, labels, j):
    parts = [[y for row, y in zip(rows, labels, strict=True) if row[j] == v] for v in {row[j] for row in rows}]
    return bits(labels) - sum(len(part) / len(labels) * bits(part) for part in parts)


def recursion(rows, labels, open_columns):
    """(labels here, column asked, answer -> branch), the textbook's way."""
    varying = [j for j in open_columns if len({row[j] for row in rows}) > 1]
    if len(set(labels)) == 1 or not varying:
        return labels, None, {}
    best = max(varying, key=lambda j: gain(rows, labels, j))
    branches = {}
    for value in {row[best] for row in rows}:
        there = [i for i, row in enumerate(rows) if row[best] == value]
        left = [j for j in varying if j != best]
        branches[value] = recursion([rows[i] for i in there], [labels[i] for i in there], left)
    return labels, best, branches


def shares_of(branch, row, classes):
    labels, column, branches = branch
    if column is not None and row[column] in branches:
        return shares_of(branches[row[column]], row, classes)
    return [labels.count(c) / len(labels) for c in classes]


def random_table(seed, n=150, sizes=(3, 4, 2, 5, 3)):
    random = np.random.default_rng(seed)
    X = np.column_stack([random.integers(0, size, n) for size in sizes])
    score = X @ random.normal(size=len(sizes)) + random.normal(size=n)
    return X, np.digitize(score, np.quantile(score, [0.4, 0.8]))


# Worked examples


@pytest.fixture(scope="module")
def tennis():
    return ID3Classifier().fit(WORDS, PLAY)


def test_the_gains_of_the_saturday_mornings(tennis):
    np.testing.assert_allclose(tennis.gains_, [0.2467, 0.0292, 0.1518, 0.0481], atol=5e-5)
    np.testing.assert_allclose(tennis.tree_.entropies()[0], 0.9403, atol=5e-5)


def test_the_tree_of_the_saturday_mornings(tennis):
    assert tennis.rules() == [
        "If outlook is overcast, the answer is yes (4 of 4 rows).",
        "If outlook is rain and wind is strong, the answer is no (2 of 2 rows).",
        "If outlook is rain and wind is weak, the answer is yes (3 of 3 rows).",
        "If outlook is sunny and humidity is high, the answer is no (3 of 3 rows).",
        "If outlook is sunny and humidity is normal, the answer is yes (2 of 2 rows).",
    ]
    assert (tennis.get_depth(), tennis.get_n_leaves()) == (2, 5)
    np.testing.assert_array_equal(tennis.predict(WORDS), PLAY)


def test_gains_below_the_root(tennis):
    tree = tennis.tree_
    sunny = int(tree.children(0)[2])
    row = tree.asking.tolist().index(sunny)
    np.testing.assert_allclose(tree.gains[row], [np.nan, 0.5710, 0.9710, 0.0200], atol=5e-5)


# Oracles


@pytest.mark.parametrize("seed", range(4))
def test_it_is_the_textbooks_recursion(seed):
    X, y = random_table(seed)
    rows, classes = X.tolist(), sorted(set(y))
    expected = recursion(rows, y.tolist(), range(X.shape[1]))
    new = random_table(seed + 100)[0]
    ours = ID3Classifier().fit(X, y)
    np.testing.assert_allclose(ours.gains_, [gain(rows, y.tolist(), j) for j in range(X.shape[1])])
    np.testing.assert_allclose(ours.predict_proba(new), [shares_of(expected, row, classes) for row in new.tolist()])


@pytest.mark.parametrize("seed", range(3))
def test_on_yes_or_no_columns_it_is_a_binary_tree_by_entropy(seed):
    X, y = random_table(seed, n=400, sizes=(2,) * 6)
    theirs = DecisionTreeClassifier(criterion="entropy", max_depth=3).fit(X, y)
    ours = ID3Classifier(max_depth=3).fit(X, y)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X))
    np.testing.assert_allclose(ours.tree_.entropies()[0], theirs.tree_.impurity[0])


# Constructed


def test_a_question_that_gains_only_with_the_next_is_asked():
    X, y = [["a", "a"], ["a", "b"], ["b", "a"], ["b", "b"]], [0, 1, 1, 0]
    tree = ID3Classifier().fit(X, y)
    np.testing.assert_allclose(tree.gains_, [0.0, 0.0], atol=1e-12)
    assert tree.predict(X).tolist() == y
    assert ID3Classifier(min_gain=0.01).fit(X, y).get_n_leaves() == 1


def test_limits_on_depth_and_rows():
    X, y = random_table(0)
    assert ID3Classifier(max_depth=2).fit(X, y).get_depth() == 2
    tree = ID3Classifier(min_samples_split=40).fit(X, y).tree_
    assert tree.counts[tree.asking].sum(axis=1).min() >= 40
    assert ID3Classifier(min_samples_split=1000).fit(X, y).get_n_leaves() == 1


def test_one_class_and_constant_columns_need_no_question():
    tree = ID3Classifier().fit([["a"], ["b"]], ["only", "only"])
    assert tree.rules() == ["The answer is only (2 of 2 rows)."]
    assert np.isnan(tree.gains_).all()
    flat = ID3Classifier().fit([["a"], ["a"], ["a"]], [0, 1, 1])
    np.testing.assert_allclose(flat.predict_proba([["a"], ["z"]]), [[1 / 3, 2 / 3]] * 2)


# Metamorphic relations


@pytest.mark.parametrize("seed", range(2))
def test_names_of_categories_and_order_of_columns_do_not_matter(seed):
    X, y = random_table(seed)
    expected = ID3Classifier().fit(X, y).predict_proba(X)
    names = np.array(["pear", "apple", "fig", "quince", "date"])
    np.testing.assert_allclose(ID3Classifier().fit(names[X], y).predict_proba(names[X]), expected)
    order = np.random.default_rng(seed).permutation(X.shape[1])
    np.testing.assert_allclose(ID3Classifier().fit(X[:, order], y).predict_proba(X[:, order]), expected)


def test_a_row_of_weight_two_is_two_rows():
    random = np.random.default_rng(3)
    X, y = random.normal(size=(60, 3)).round(1), random.integers(0, 3, 60)
    weight = random.integers(0, 4, 60)
    weighted = ID3Classifier(max_categories=4).fit(X, y, sample_weight=weight)
    repeated = ID3Classifier(max_categories=4).fit(np.repeat(X, weight, axis=0), np.repeat(y, weight))
    assert weighted.rules() == repeated.rules()
    np.testing.assert_allclose(weighted.predict_proba(X), repeated.predict_proba(X))


# What columns are taken for


def test_an_answer_nobody_gave_gets_the_shares_of_the_node(tennis):
    new = pd.DataFrame([["snow", "hot", "high", "weak"], ["sunny", "hot", "dripping", "weak"]], columns=NAMES)
    np.testing.assert_allclose(tennis.predict_proba(new), [[5 / 14, 9 / 14], [3 / 5, 2 / 5]])


@pytest.mark.parametrize("missing", [None, np.nan, pd.NA])
def test_missing_is_an_answer_of_its_own(missing):
    X = np.array([["a"], ["a"], [missing], [missing]], dtype=object)
    tree = ID3Classifier().fit(X, [0, 0, 1, 1])
    assert tree.rules()[1] == "If feature 1 is missing, the answer is 1 (2 of 2 rows)."
    assert tree.predict([[None], ["a"]]).tolist() == [1, 0]


def test_many_numbers_are_cut_into_intervals_of_equal_weight():
    x, y = np.arange(40.0)[:, None], np.repeat([0, 1, 0, 1], 10)
    tree = ID3Classifier(max_categories=4).fit(x, y)
    assert tree.attributes_[0].kind == "intervals"
    assert tree.tree_.counts[1:].sum(axis=1).tolist() == [10.0] * 4
    assert tree.rules()[1] == "If feature 1 is above 9.5 and at most 19.5, the answer is 1 (10 of 10 rows)."
    assert tree.predict([[-5.0], [15.0], [1e9]]).tolist() == [0, 1, 1]
    each = ID3Classifier(max_categories=None).fit(x, y)
    assert each.get_n_leaves() == 40
    assert each.rules()[3] == "If feature 1 is 3, the answer is 0 (1 of 1 rows)."
    np.testing.assert_allclose(each.predict_proba([[0.5]]), [[0.5, 0.5]])


def test_numbers_next_to_words_stay_numbers():
    X = [["a", i, i % 2 == 0] for i in range(30)]
    tree = ID3Classifier(max_categories=3).fit(X, [i >= 20 for i in range(30)])
    assert [attribute.kind for attribute in tree.attributes_] == ["names", "intervals", "names"]
    assert tree.predict([["a", 7, True], ["a", 29, None]]).tolist() == [False, True]


def test_tables_of_pandas_and_polars_and_their_categories_agree(tennis):
    for table in (
        WORDS.astype("category"),
        pl.DataFrame(WORDS.to_dict("list")),
        WORDS.to_numpy(),
        WORDS.to_numpy().astype(str),
    ):
        tree = ID3Classifier().fit(table, PLAY)
        np.testing.assert_array_equal(tree.gains_, tennis.gains_)


def test_numpys_own_words_and_numbers_are_words_and_numbers():
    X = np.array([[np.str_("a"), np.int64(3), np.bool_(True)], ["b", 4, False]], dtype=object)
    tree = ID3Classifier().fit(X, [0, 1])
    values = [value for attribute in tree.attributes_ for value in attribute.values]
    assert [type(value) for value in values] == [str, str, int, int, bool, bool]
    assert tree.predict(X).tolist() == [0, 1]


# Refusals


def test_what_is_no_category_is_refused_in_words():
    with pytest.raises(TypeError, match="column 'feature 2' of X holds a list: each argument must be a string, a num"):
        ID3Classifier().fit(np.array([["a", [1]], ["b", None]], dtype=object), [0, 1])
    with pytest.raises(TypeError, match="holds a Timestamp"):
        ID3Classifier().fit(np.array([[pd.Timestamp("2026-01-01")], [None]], dtype=object), [0, 1])
    with pytest.raises(ValueError, match="column 'feature 1' held numbers when the model was fitted, and now has 'x'"):
        ID3Classifier().fit([[1], [2]], [0, 1]).predict([["x"]])
    with pytest.raises(ValueError, match="column 'feature 1' holds infinity in row 1"):
        ID3Classifier().fit([[1, "a"], [np.inf, "b"]], [0, 1])
    with pytest.raises(ValueError, match="at least one non-zero"):
        ID3Classifier().fit([["a"], ["b"]], [0, 1], sample_weight=[0, 0])


CELLS = st.sampled_from(["x", "y", "z", None, 0, 1.5, True])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(CELLS, CELLS, st.integers(0, 2)), min_size=1, max_size=12))
def test_any_table_is_learned_as_far_as_its_rows_differ(table):
    X, y = [list(row[:2]) for row in table], [row[2] for row in table]
    tree = ID3Classifier().fit(X, y)
    shares = tree.predict_proba(X)
    np.testing.assert_allclose(shares.sum(axis=1), 1.0)
    for row, share in zip(X, shares, strict=True):
        # 1 and True are one value; so are all that are missing
        same = [label for other, label in zip(X, y, strict=True) if other == row]
        np.testing.assert_allclose(share, [same.count(c) / len(same) for c in tree.classes_])


# Recording


def test_the_tree_grows_question_by_question_in_the_recording():
    class Keeper(Observer):
        def __init__(self):
            self.states = []

        def begin(self, fit, max_iter):
            self.total = max_iter

        def see(self, fit, iteration, state):
            self.states.append(state)

    X, y = random_table(0)
    keeper = Keeper()
    with observing(keeper):
        fitted = ID3Classifier().fit(X, y)
    states = keeper.states
    assert [state.n_splits for state in states[: SPLITS_SHOWN + 1]] == list(range(SPLITS_SHOWN + 1))
    assert len(states) == keeper.total + 1
    assert states[0].tree.node_count == 1
    assert states[-1].tree.node_count == fitted.tree_.node_count
    for state in states[1 : SPLITS_SHOWN + 1]:
        assert len(state.tree.asking) == state.n_splits
        assert state.grown.feature[state.node] >= 0


def test_a_column_of_many_names_is_drawn_in_part_and_said_so():
    X = np.array([[f"name {i}"] for i in range(300)])
    _, recording = diorama.watch(ID3Classifier(), X, np.arange(300) % 2)
    scene = recording.scene()
    assert scene.caption == "Drawn: 11 of the tree's 301 nodes."
    assert len(scene.frames[-1].data["bars"]["x"]) == 12  # the root is divided in two


def test_many_attributes_get_no_bar_and_it_is_said():
    X = np.random.default_rng(0).integers(0, 2, (80, EVERYTHING))
    _, recording = diorama.watch(ID3Classifier(), X, X[:, 7])
    scene = recording.scene()
    assert scene.caption == "Bars: the 11 attributes worth most, of 20."
    assert "feature 8" in scene.frames[-1].data["names"]["text"]
