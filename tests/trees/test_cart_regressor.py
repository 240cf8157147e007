"""CART for numbers held against scikit-learn, brute force, answers known by construction, and itself."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from sklearn.datasets import load_diabetes
from sklearn.tree import DecisionTreeRegressor

import diorama
from diorama._kernel import exact_kernel
from diorama.trees import CARTRegressor, absolute_cuts, squared_cuts
from diorama.trees.presort import presort
from diorama.trees.tables import AbsoluteTable, Rules, SquaredTable
from tests.trees.tree_problems import assert_same_tree, random_problem

CRITERIA = ["squared_error", "absolute_error"]


def numbers(seed, n=120, missing=0.0, d=4):
    """(X, y, weights): targets that follow the features loosely."""
    X, _, weights = random_problem(seed, n=n, d=d, missing=missing)
    random = np.random.default_rng(seed)
    return X, 3 * np.nan_to_num(X[:, 0]) + np.nan_to_num(X[:, -1]) ** 2 + random.normal(size=n), weights


def error(y, weights, criterion):
    """The weighted error of the best single answer, by trying every target and the mean."""
    if criterion == "squared_error":
        return weights @ (y - np.average(y, weights=weights)) ** 2
    return min(weights @ np.abs(y - answer) for answer in y)


# Oracle: scikit-learn. Leaves of nine rows and more leave no two questions equally good.


@pytest.mark.parametrize("missing", [0.0, 0.2])
@pytest.mark.parametrize("seed", range(6))
def test_every_split_by_squares_is_scikit_learns(missing, seed):
    X, y, weights = numbers(seed, missing=missing)
    ours = CARTRegressor(min_samples_leaf=9).fit(X, y, weights)
    theirs = DecisionTreeRegressor(min_samples_leaf=9, random_state=0).fit(X, y, weights)
    assert_same_tree(ours.tree_, theirs.tree_)
    new, _, _ = numbers(seed + 100, missing=missing)
    np.testing.assert_allclose(ours.predict(new), theirs.predict(new), rtol=1e-12)
    np.testing.assert_allclose(ours.feature_importances_, theirs.feature_importances_, atol=1e-12)


@pytest.mark.parametrize("seed", range(4))
def test_every_split_by_distances_is_scikit_learns(seed):
    X, y, weights = numbers(seed)
    parameters = {"criterion": "absolute_error", "min_samples_leaf": 9}
    ours = CARTRegressor(**parameters).fit(X, y, weights)
    theirs = DecisionTreeRegressor(**parameters, random_state=0).fit(X, y, weights)
    assert_same_tree(ours.tree_, theirs.tree_)


@pytest.mark.parametrize(
    "parameters",
    [
        {"max_depth": 3},
        {"min_samples_split": 0.2},
        {"min_weight_fraction_leaf": 0.05},
        {"min_impurity_decrease": 0.05},
        {"max_leaf_nodes": 7},
        {"ccp_alpha": 0.1},
        {"max_leaf_nodes": 9, "ccp_alpha": 0.05, "criterion": "absolute_error"},
    ],
    ids=str,
)
def test_every_rule_keeps_the_rows_together_that_scikit_learns_keeps(parameters):
    X, y, weights = numbers(1)
    ours = CARTRegressor(**{"min_samples_leaf": 4, **parameters}).fit(X, y, weights)
    theirs = DecisionTreeRegressor(**{"min_samples_leaf": 4, **parameters}, random_state=0).fit(X, y, weights)
    np.testing.assert_allclose(ours.predict(X), theirs.predict(X), rtol=1e-12)
    assert ours.get_n_leaves() == theirs.get_n_leaves()


def test_the_pruning_path_is_scikit_learns():
    X, y, weights = numbers(2)
    ours = CARTRegressor(min_samples_leaf=4).cost_complexity_pruning_path(X, y, weights)
    twin = DecisionTreeRegressor(min_samples_leaf=4, random_state=0)
    theirs = twin.cost_complexity_pruning_path(X, y, weights)
    np.testing.assert_allclose(ours.ccp_alphas, theirs.ccp_alphas, atol=1e-12)
    np.testing.assert_allclose(ours.impurities, theirs.impurities, atol=1e-12)


@pytest.mark.parametrize("max_depth", [1, 3])
def test_real_data_are_fitted_as_well_as_scikit_learn_does(max_depth):
    X, y = load_diabetes(return_X_y=True)
    ours = CARTRegressor(max_depth=max_depth).fit(X, y)
    assert ours.score(X, y) == pytest.approx(DecisionTreeRegressor(max_depth=max_depth).fit(X, y).score(X, y))


# Oracle: brute force, with ties and missing values


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("seed", range(6))
def test_no_question_at_any_node_would_have_been_better(criterion, seed):
    X, y, weights = numbers(seed, n=24, missing=0.15 * (seed % 2), d=2)
    y = np.round(y)
    weights = weights if seed % 3 else np.ones(len(y))
    tree = CARTRegressor(criterion=criterion).fit(X, y, weights if seed % 3 else None)
    passes, decreases = tree.decision_path(X).toarray().astype(bool), tree.tree_.decreases() * weights.sum()
    for node in np.flatnonzero(tree.tree_.feature >= 0):
        rows = passes[:, node]
        whole, best = error(y[rows], weights[rows], criterion), 0.0
        for column in X.T:
            missing = np.isnan(column)
            for threshold in np.unique(column[rows & ~missing]):
                for left in (rows & ~missing & (column <= threshold), rows & (missing | (column <= threshold))):
                    right = rows & ~left
                    if left.any() and right.any():
                        parts = error(y[left], weights[left], criterion) + error(y[right], weights[right], criterion)
                        best = max(best, whole - parts)
        assert decreases[node] == pytest.approx(best, rel=1e-9, abs=1e-9 * weights.sum())


# Constructed solutions


@pytest.mark.parametrize("criterion", CRITERIA)
def test_steps_are_recovered(criterion):
    x = np.arange(300.0)[:, None]
    y = np.select([x[:, 0] < 100, x[:, 0] < 250], [5.0, -2.0], 0.1)
    tree = CARTRegressor(criterion=criterion).fit(x, y)
    assert sorted(tree.tree_.threshold[tree.tree_.feature >= 0]) == [99.5, 249.5]
    np.testing.assert_array_equal(tree.predict(x), y)


def test_a_leaf_answers_with_the_mean_or_the_median():
    X, y = np.zeros((4, 1)), [1.0, 2.0, 4.0, 93.0]
    assert CARTRegressor().fit(X, y).predict(X[:1]) == [25.0]
    assert CARTRegressor(criterion="absolute_error").fit(X, y).predict(X[:1]) == [3.0]
    weighted = CARTRegressor(criterion="absolute_error").fit(X, y, [1, 1, 1, 9])
    assert weighted.predict(X[:1]) == [93.0]


def test_one_wild_target_does_not_move_the_median():
    X, y, _ = numbers(3)
    wild = y.copy()
    wild[np.argmax(y)] = 1e6
    calm = CARTRegressor(criterion="absolute_error", max_depth=1, min_samples_leaf=20)
    np.testing.assert_array_equal(calm.fit(X, y).tree_.value[0], calm.fit(X, wild).tree_.value[0])


# Metamorphic relations


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_row_given_twice_counts_like_a_row_of_weight_two(criterion):
    X, y, _ = numbers(5)
    twice = np.arange(len(X)) % 3 == 0
    model = CARTRegressor(criterion=criterion, max_depth=3)
    doubled = model.fit(np.vstack([X, X[twice]]), np.concatenate([y, y[twice]])).predict(X)
    np.testing.assert_allclose(doubled, model.fit(X, y, 1.0 + twice).predict(X), rtol=1e-12)


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize(("scale", "shift"), [(1e-9, 0.0), (1e9, 0.0), (1.0, 1e6)])
def test_the_unit_of_the_target_changes_no_question(criterion, scale, shift):
    X, y, _ = numbers(6)
    model = CARTRegressor(criterion=criterion, min_samples_leaf=3)
    plain, other = model.fit(X, y).apply(X), model.fit(X, shift + scale * y).apply(X)
    np.testing.assert_array_equal(plain, other)


def test_a_monotone_transform_of_the_features_leaves_the_partition():
    X, y, _ = numbers(7)
    np.testing.assert_array_equal(
        CARTRegressor().fit(X, y).apply(X), CARTRegressor().fit(np.exp(X), y).apply(np.exp(X))
    )


# Limits and inputs


@pytest.mark.parametrize("criterion", CRITERIA)
@pytest.mark.parametrize("value", [0.1, 1e300, -7.0])
def test_equal_targets_need_no_question(criterion, value):
    tree = CARTRegressor(criterion=criterion).fit(np.arange(7.0)[:, None], np.full(7, value))
    assert tree.get_n_leaves() == 1
    assert tree.predict([[3.0]]) == [value]


def test_weights_that_are_all_zero_are_refused():
    with pytest.raises(ValueError, match=r"(?i)weight"):
        CARTRegressor().fit([[0.0], [1.0]], [0.0, 1.0], [0.0, 0.0])


@settings(max_examples=40, deadline=None)
@given(
    data=st.data(),
    n=st.integers(1, 20),
    criterion=st.sampled_from(CRITERIA),
    dtype=st.sampled_from([float, np.float32]),
)
def test_any_table_gives_a_tree_that_answers_its_own_rows(data, n, criterion, dtype):
    width = 32 if dtype is np.float32 else 64
    X = data.draw(arrays(dtype, (n, 2), elements=st.floats(allow_infinity=False, width=width)))
    y = data.draw(arrays(float, n, elements=st.integers(-3, 3)))
    model = CARTRegressor(criterion=criterion).fit(X, y)
    leaves, found = model.apply(X), model.predict(X)
    for leaf in np.unique(leaves):
        rows = X[leaves == leaf].astype(float)
        if model.tree_.impurity[leaf] == 0:
            np.testing.assert_array_equal(found[leaves == leaf], y[leaves == leaf])
        else:  # rows that nothing tells apart
            assert (np.nan_to_num(rows, nan=0.5) == np.nan_to_num(rows[0], nan=0.5)).all()


# Kernels


@pytest.mark.parametrize("compiled", [True, False])
@pytest.mark.parametrize(("module", "criterion"), [(squared_cuts, "squared_error"), (absolute_cuts, "absolute_error")])
def test_the_best_cut_is_where_a_plain_search_finds_it(compiled, module, criterion):
    _, y, weights = numbers(9, n=12)
    columns = np.random.default_rng(0).permutation(12).astype(float)[None, :]
    plain = SquaredTable(columns, presort(columns), y, weights, weights.sum())
    by_y = presort(y[None, :])
    table = plain if module is squared_cuts else AbsoluteTable(*plain, by_y, np.argsort(y.argsort()) + 1)
    room = absolute_cuts.links_room(12) if module is absolute_cuts else np.empty((2, 16))
    answer = np.array([np.average(y, weights=weights)])
    run = exact_kernel(module.best_cut) if compiled else module.best_cut
    _, place = run(table, Rules(0, 9, 2, 1, 0.0, 0.0, 1), 0, 0, 12, 12, False, answer, room)
    order = columns[0].argsort()
    y, weights = y[order], weights[order]
    costs = [error(y[:i], weights[:i], criterion) + error(y[i:], weights[i:], criterion) for i in range(1, 12)]
    assert place == 1 + int(np.argmin(costs))


@pytest.mark.parametrize("criterion", CRITERIA)
def test_a_wide_node_is_split_like_a_narrow_one(monkeypatch, criterion):
    X, y, weights = numbers(15, n=300)
    whole = CARTRegressor(criterion=criterion).fit(X, y, weights).tree_
    monkeypatch.setattr("diorama.trees.growing.WIDE", 100)
    shared = CARTRegressor(criterion=criterion).fit(X, y, weights).tree_
    for column, same in zip(whole, shared, strict=True):
        assert column.tobytes() == same.tobytes()


# Pictures


def test_one_feature_is_shown_as_steps_that_are_the_answers():
    x = np.linspace(0, 1, 40)[:, None]
    model, recording = diorama.watch(CARTRegressor(max_depth=2), x, np.sin(6 * x[:, 0]))
    scene = recording.scene()
    line = scene.frames[-1].data["line"]
    flat = np.flatnonzero(np.asarray(line["y"]) == np.asarray(line["y2"]))
    middles = (np.asarray(line["x"])[flat] + np.asarray(line["x2"])[flat]) / 2
    np.testing.assert_array_equal(model.predict(middles[:, None]), np.asarray(line["y"])[flat])
    assert len(scene.frames) == model.get_n_leaves()
    assert "yes and get" in scene.frames[1].narration


def test_more_features_are_shown_as_answers_against_targets():
    X, y, _ = numbers(16, missing=0.1)
    model, recording = diorama.watch(CARTRegressor(max_depth=3, criterion="absolute_error"), X, y)
    points = recording.scene().frames[-1].data["points"]
    np.testing.assert_array_equal(points["x"], y)
    np.testing.assert_array_equal(points["y"], model.predict(X))
