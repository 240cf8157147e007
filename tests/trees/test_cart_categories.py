"""Questions about categories: against every way to part them, trees on numbers, and what must change nothing."""

from itertools import combinations

import numpy as np
import pandas as pd
import polars as pl
import pytest
import scipy.sparse as sp

import diorama
from diorama.trees import CARTClassifier, CARTRegressor
from diorama.trees import growing as growing_module
from diorama.trees.nominal import walk_sets

KINDS = (CARTClassifier, CARTRegressor)
LETTERS = np.array(list("abcdefgh"))


def gini(y, w):
    shares = np.array([w[y == label].sum() for label in np.unique(y)]) / w.sum()
    return 1 - (shares**2).sum()


def variance(y, w):
    return w @ (y - np.average(y, weights=w)) ** 2 / w.sum()


def best_of_all(codes, y, w, impurity):
    """The largest decrease of the impurity over all sets of categories, missing values (-1) on either side."""
    present, best = sorted(set(codes[codes >= 0])), 0.0
    for size in range(len(present) + 1):
        for chosen in combinations(present, size):
            for missing_left in (False, True):
                left = np.isin(codes, chosen) | ((codes < 0) & missing_left)
                if left.any() and not left.all():
                    sides = sum(w[side].sum() * impurity(y[side], w[side]) for side in (left, ~left))
                    best = max(best, impurity(y, w) - sides / w.sum())
    return best


def problem(kind, n=300, n_categories=8, missing=0.0, seed=0, n_classes=2):
    """Letters that matter, numbers that matter less, and words of what they do together."""
    random = np.random.default_rng(seed)
    codes = random.integers(0, n_categories, n)
    effect = random.normal(size=n_categories)[codes] + 0.5 * random.normal(size=n)
    y = (
        effect
        if kind is CARTRegressor
        else np.digitize(effect, np.quantile(effect, np.linspace(0, 1, n_classes + 1)[1:-1]))
    )
    letters = np.array([f"c{code:03d}" for code in codes], dtype=object)
    letters[random.random(n) < missing] = None
    frame = pd.DataFrame({"letter": pd.Categorical(letters), "size": random.normal(size=n)})
    return frame, y


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize(("kind", "impurity"), [(CARTClassifier, gini), (CARTRegressor, variance)])
def test_no_way_to_part_the_categories_is_better(kind, impurity, seed):
    random = np.random.default_rng(seed)
    X, y = problem(kind, n=40, n_categories=6, missing=0.2 * (seed % 2), seed=seed)
    w = random.integers(1, 4, 40).astype(float) if seed % 3 == 0 else np.ones(40)
    tree = kind(max_depth=1).fit(X[["letter"]], y, w).tree_
    found = tree.decreases()[0]
    codes = np.asarray(X["letter"].cat.codes)
    assert found == pytest.approx(best_of_all(codes, y, w, impurity), rel=1e-9, abs=1e-12)
    assert np.isnan(tree.threshold[0]) or np.isinf(tree.threshold[0])


@pytest.mark.parametrize("criterion", ["gini", "entropy"])
def test_of_more_classes_no_single_category_is_better(criterion):
    X, y = problem(CARTClassifier, n=400, n_classes=4)
    found = CARTClassifier(criterion=criterion, max_depth=1).fit(X[["letter"]], y).tree_.decreases()[0]
    one_hot = pd.get_dummies(X[["letter"]]).astype(float)
    single = CARTClassifier(criterion=criterion, max_depth=1).fit(one_hot, y).tree_.decreases()[0]
    assert found > single


@pytest.mark.parametrize("kind", KINDS)
def test_two_categories_are_a_column_of_zeros_and_ones(kind):
    X, y = problem(kind, n_categories=2)
    as_numbers = X.assign(letter=X["letter"].cat.codes.astype(float))
    ours, plain = kind(max_depth=4).fit(X, y), kind(max_depth=4).fit(as_numbers, y)
    np.testing.assert_allclose(ours.predict(X), plain.predict(as_numbers), rtol=1e-12)
    np.testing.assert_allclose(ours.feature_importances_, plain.feature_importances_, rtol=1e-9)


@pytest.mark.parametrize("kind", KINDS)
def test_what_categories_are_called_changes_no_prediction(kind):
    X, y = problem(kind, missing=0.1)
    names = {old: f"{9 - i} {old}" for i, old in enumerate(X["letter"].cat.categories)}
    renamed = X.assign(letter=X["letter"].cat.rename_categories(names).cat.reorder_categories(sorted(names.values())))
    one, other = kind(max_depth=5).fit(X, y), kind(max_depth=5).fit(renamed, y)
    np.testing.assert_allclose(one.predict(X), other.predict(renamed), rtol=1e-12)


@pytest.mark.parametrize("kind", KINDS)
def test_every_way_to_say_which_columns_are_categories(kind):
    X, y = problem(kind)
    expected = kind(max_depth=3).fit(X, y).predict(X)
    texts = X.assign(letter=X["letter"].astype(str))
    for asked in (["letter"], [0], [True, False]):
        np.testing.assert_array_equal(
            kind(max_depth=3, categorical_features=asked).fit(texts, y).predict(texts), expected
        )
    frame = pl.DataFrame({"letter": texts["letter"].tolist(), "size": X["size"].to_numpy()})
    frame = frame.with_columns(pl.col("letter").cast(pl.Categorical))
    np.testing.assert_array_equal(kind(max_depth=3).fit(frame, y).predict(frame), expected)
    numbers = np.column_stack([10.5 * X["letter"].cat.codes, X["size"]])
    fitted = kind(max_depth=3, categorical_features=[0]).fit(numbers, y)
    np.testing.assert_array_equal(fitted.predict(numbers), expected)
    sparse = sp.csr_matrix(numbers)
    np.testing.assert_array_equal(kind(max_depth=3, categorical_features=[0]).fit(sparse, y).predict(sparse), expected)


def test_a_column_that_is_not_there_is_refused():
    X, y = problem(CARTClassifier)
    with pytest.raises(ValueError, match="names 'colour', which X does not have"):
        CARTClassifier(categorical_features=["colour"]).fit(X, y)


@pytest.mark.parametrize("criterion", ["squared_error", "absolute_error"])
def test_more_categories_than_a_word_has_bits(criterion):
    X, y = problem(CARTRegressor, n=2000, n_categories=150)
    model = CARTRegressor(criterion=criterion, min_samples_leaf=5).fit(X[["letter"]], y)
    assert model.tree_.sets.shape[1] == 3
    means = (
        pd.Series(y).groupby(np.asarray(X["letter"])).transform("mean" if criterion == "squared_error" else "median")
    )
    # with leaves for all, each category answers for itself
    full = CARTRegressor(criterion=criterion).fit(X[["letter"]], y)
    assert np.abs(full.predict(X[["letter"]]) - means).max() < (1e-9 if criterion == "squared_error" else 0.6)


@pytest.mark.parametrize("kind", KINDS)
def test_unknown_categories_go_where_missing_values_go(kind):
    X, y = problem(kind, missing=0.3)
    model = kind(max_depth=4).fit(X, y)
    size = X["size"].iloc[:20]
    unknown = pd.DataFrame({"letter": pd.Categorical(["new"] * 20), "size": size})
    missing = pd.DataFrame({"letter": pd.Categorical([None] * 20, categories=["c000"]), "size": size})
    np.testing.assert_array_equal(model.predict(unknown), model.predict(missing))


@pytest.mark.parametrize("kind", KINDS)
def test_none_is_missing_like_nan(kind):
    X, y = problem(kind, missing=0.3)
    expected = kind(max_depth=4).fit(X, y)
    cells = X.astype(object).where(X.notna(), None).to_numpy()
    frame = pl.DataFrame({"letter": cells[:, 0].tolist(), "size": X["size"].to_numpy()})
    for table in (frame.with_columns(pl.col("letter").cast(pl.Categorical)), cells):
        model = kind(max_depth=4, categorical_features=[0]).fit(table, y)
        np.testing.assert_array_equal(model.predict(table), expected.predict(X))
        assert all(found.tobytes() == own.tobytes() for found, own in zip(model.tree_, expected.tree_, strict=True))


@pytest.mark.parametrize(("n_a", "answer"), [(5, 0.0), (2, 1.0)])
def test_a_category_that_a_node_lacks_goes_with_most_of_its_rows(n_a, answer):
    letters, first = ["a"] * n_a + ["b"] * 3 + ["c"] * 4, [0.0] * (n_a + 3) + [1.0] * 4
    X = pd.DataFrame({"first": first, "letter": pd.Categorical(letters)})
    model = CARTRegressor().fit(X, [0.0] * n_a + [1.0] * 3 + [10.0] * 4)
    np.testing.assert_array_equal(model.tree_.feature, [0, 1, -1, -1, -1])
    assert model.predict(pd.DataFrame({"first": [0.0], "letter": pd.Categorical(["c"])}))[0] == answer


@pytest.mark.parametrize("kind", KINDS)
def test_one_category_or_none_asks_nothing(kind):
    _, y = problem(kind, n=30)
    for letters in (["a"] * 30, [None] * 30):
        frame = pd.DataFrame({"letter": pd.Categorical(letters, categories=["a", "b"])})
        assert kind().fit(frame, y).get_n_leaves() == 1


@pytest.mark.parametrize("kind", KINDS)
def test_the_number_of_threads_changes_no_bit(kind, monkeypatch):
    X, y = problem(kind, n=40_000, n_categories=40, missing=0.05)
    wide = X.join(pd.DataFrame(np.random.default_rng(1).normal(size=(40_000, 8))).add_prefix("n"))
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
        tree = kind(max_depth=6).fit(wide, y).tree_
        found.append([column.tobytes() for column in tree])
    assert found[0] == found[1] == found[2]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("n_classes", [2, 3])
def test_a_tree_is_the_same_whether_compiled_or_not(kind, n_classes, monkeypatch):
    X, y = problem(kind, n=80, missing=0.1, n_classes=n_classes)
    compiled = kind().fit(X, y).tree_
    monkeypatch.setattr(growing_module, "small", lambda kernel, *arguments: kernel.py_func(*arguments))
    with np.errstate(over="ignore"):
        in_python = kind().fit(X, y).tree_
    monkeypatch.setattr(growing_module, "small", lambda kernel, *arguments: kernel(*arguments))
    again = kind().fit(X, y).tree_
    for first, second, third in zip(compiled, in_python, again, strict=True):
        assert first.tobytes() == second.tobytes() == third.tobytes()


@pytest.mark.parametrize("kind", KINDS)
def test_pruned_and_limited_trees_keep_their_sets(kind):
    X, y = problem(kind)
    whole = kind().fit(X, y)
    few = kind(max_leaf_nodes=4).fit(X, y)
    assert few.get_n_leaves() == 4
    alpha = whole.cost_complexity_pruning_path(X, y).ccp_alphas[-2]
    for model in (few, kind(ccp_alpha=alpha).fit(X, y)):
        assert not model.tree_.sets[model.tree_.feature < 0].any()
        assert model.score(X, y) > 0.3
        assert model.feature_importances_.sum() == pytest.approx(1)
    paths = few.decision_path(X)
    np.testing.assert_array_equal(paths.sum(axis=1).A1 - 1, few.tree_.depth[few.apply(X)])


@pytest.mark.parametrize("kind", KINDS)
def test_it_comes_back_from_a_file(kind, tmp_path):
    X, y = problem(kind, missing=0.1)
    model = kind(max_depth=5).fit(X, y)
    diorama.save(model, tmp_path / "tree.diorama")
    np.testing.assert_array_equal(diorama.load(tmp_path / "tree.diorama").predict(X), model.predict(X))


def test_a_number_beyond_all_sets_goes_the_way_of_missing_ones():
    leaves = np.empty(3, np.int64)
    branches = [np.array(numbers) for numbers in ([1, -1, -1], [2, -1, -1], [0, -1, -1])]
    walk_sets(
        np.array([[1.0], [64.0], [-1.0]]),
        *branches,
        np.full(3, np.nan),
        np.array([True, False, False]),
        np.zeros((3, 1), np.uint64),
        leaves,
    )
    np.testing.assert_array_equal(leaves, [2, 1, 1])


@pytest.mark.parametrize("kind", KINDS)
def test_the_picture_names_the_categories(kind):
    X, y = problem(kind)
    recording = diorama.watch(kind(max_depth=3), X, y)[1]
    assert any("letter is" in frame.narration for frame in recording.scene().frames)


@pytest.mark.parametrize("kind", KINDS)
def test_a_table_of_nothing_but_categories_has_a_picture(kind):
    X, y = problem(kind)
    recording = diorama.watch(kind(max_depth=3), X[["letter"]], y)[1]
    scene = recording.scene()
    assert scene.frames[-1].data["bars"]
    assert kind is CARTRegressor or "no regions" in scene.caption
