"""The kernels of the trees, compiled and as plain Python, beside NumPy twins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from diorama._kernel import exact_kernel
from diorama._scramble import scramble
from diorama.trees.class_cuts import best_cut, sides_room
from diorama.trees.growing import depth_first, features_room, part, spare_room
from diorama.trees.presort import (
    GREATER,
    ROW,
    columns_of,
    insertion_sort,
    presort,
    sort_column,
    sort_few,
    transpose,
)
from diorama.trees.splitting import best_split, candidates
from diorama.trees.tables import ENTROPY, GINI, NOWHERE, Rules, Table
from diorama.trees.tree import walk
from tests.trees.tree_problems import impurity


def both(function):
    """A kernel, or a step of kernels, as compiled and as the Python that it was written in."""
    python = getattr(function, "py_func", function)
    return pytest.mark.parametrize("run", [exact_kernel(python), python], ids=["compiled", "python"])


def starts_new_value(sorted_values):
    """True where a value differs from the one before it; missing values are all alike."""
    before, now = sorted_values[:-1], sorted_values[1:]
    return ~((now == before) | (np.isnan(now) & np.isnan(before)))


floats = st.one_of(st.floats(allow_infinity=False), st.sampled_from([0.0, -0.0, np.nan, 1.0, 1.0 + 2**-52, 5e-324]))


@settings(max_examples=150, deadline=None)
@given(arrays(float, st.integers(1, 40), elements=floats))
def test_presorting_is_a_stable_sort_with_missing_values_last(values):
    by_kernel = np.empty(len(values), np.uint32)
    sort_column(values, values.view(np.uint64), by_kernel)
    for order in (presort(values[None, :])[0], by_kernel):
        rows = (order & ROW).astype(int)
        np.testing.assert_array_equal(rows, np.argsort(values, kind="stable"))
        np.testing.assert_array_equal(order[1:] >= GREATER, starts_new_value(values[rows]))


@pytest.mark.parametrize("scale", [1.0, 1e-12, 1e300])
def test_presorting_more_than_a_few_numbers(scale):
    random = np.random.default_rng(0)
    columns = 1e3 * (scale == 1e-12) + scale * random.normal(size=(3, 8_000))
    columns[1] = np.round(random.normal(size=8_000), 1)
    columns[2, ::7] = np.nan
    order = presort(columns)
    np.testing.assert_array_equal(order & ROW, np.argsort(columns, axis=1, kind="stable"))
    np.testing.assert_array_equal(order, sort_few(columns))


@both(sort_column)
def test_sorting_a_column(run):
    # the upper halves of the first four agree, and too many are out of order for insertion alone
    values = np.array([1 + 4e-15, 1 + 3e-15, 1 + 2e-15, 1 + 1e-15, -0.0, 0.0, -2.0, np.nan])
    order = np.empty(8, np.uint32)
    run(values, values.view(np.uint64), order)
    np.testing.assert_array_equal(order & ROW, [6, 4, 5, 3, 2, 1, 0, 7])
    np.testing.assert_array_equal(order >= GREATER, [False, True, False, True, True, True, True, True])


@both(insertion_sort)
def test_insertion_gives_up_on_what_is_far_from_sorted(run):
    keys = np.array([5, 4, 3, 2, 1], np.uint64)
    assert not run(np.arange(5, dtype=np.uint64), keys)
    nearly = np.array([1, 3, 2, 5, 4], np.uint64)
    cards = np.arange(5, dtype=np.uint64)
    assert run(cards, nearly)
    np.testing.assert_array_equal(cards, [0, 2, 1, 4, 3])


@both(transpose)
def test_transposing(run):
    X = np.arange(12.0).reshape(4, 3)
    columns = np.zeros((3, 4))
    run(X, columns, 1, 4)
    np.testing.assert_array_equal(columns[:, 1:], X.T[:, 1:])
    np.testing.assert_array_equal(columns[:, 0], 0)


def test_columns_of_any_layout():
    X = (
        np.random.default_rng(0).normal(size=(6_000, 7)).astype(np.float32)
    )  # many, so that some are transposed by blocks
    for layout in (X, np.asfortranarray(X), X[::2], X.astype(float)):
        columns = columns_of(layout)
        assert columns.dtype == float
        assert columns.flags.c_contiguous
        np.testing.assert_array_equal(columns, layout.T)


def rules(criterion, **changes):
    return Rules(criterion, 10, 2, 1, 0.0, 0.0, 2)._replace(**changes)


def table(X, y, weights=None, criterion=GINI):
    counts = np.arange(len(y) + 1.0 if criterion == ENTROPY and weights is None else 0)
    logs = counts * np.log2(np.maximum(counts, 1))
    columns = columns_of(X)
    weights = np.empty(0) if weights is None else weights
    total = float(weights.sum() if len(weights) else len(y))
    return Table(columns, presort(columns), y.astype(np.uint8), weights, logs, total)


def purities(y, weights, criterion):
    """For each place of a cut in sorted labels: minus the weighted impurity of both sides."""

    def risk(part):
        counts = np.bincount(y[part], weights=weights[part], minlength=y.max() + 1)
        return counts.sum() * impurity(counts, criterion)

    return np.array([-risk(slice(None, i)) - risk(slice(i, None)) for i in range(1, len(y))])


@pytest.mark.parametrize(("criterion", "name"), [(GINI, "gini"), (ENTROPY, "entropy")])
@pytest.mark.parametrize("weighted", [False, True])
@both(best_cut)
def test_the_best_cut_is_where_a_plain_search_finds_it(run, weighted, criterion, name):
    random = np.random.default_rng(1)
    y = random.integers(0, 3, 12)
    weights = random.integers(1, 9, 12).astype(float) if weighted else np.ones(12)
    X = random.permutation(12).astype(float)[:, None]
    data = table(X, y, weights if weighted else None, criterion)
    counts = np.bincount(y, weights=weights)
    _, place = run(data, rules(criterion), 0, 0, 12, 12, False, counts, sides_room(3))
    order = X[:, 0].argsort()
    found = purities(y[order], weights[order], name)
    assert found[place - 1] == pytest.approx(found.max())


@both(best_split)
def test_missing_values_are_tried_on_both_sides(run):
    X = np.array([[1.0], [2.0], [3.0], [np.nan]])
    y = np.array([0, 1, 1, 0])
    counts = np.array([2.0, 2.0])
    worth, feature, place, missing_left = run(table(X, y), rules(GINI), np.array([0]), 1, 0, 4, counts, sides_room(2))
    assert (worth, feature, place, missing_left) == (4.0, 0, 1, True)


@both(best_split)
def test_no_cut_is_found_where_none_is_allowed(run):
    data = table(np.array([[1.0], [2.0]]), np.array([0, 1]))
    _, feature, place, _ = run(data, rules(GINI, min_samples_leaf=2), np.array([0]), 1, 0, 2, np.ones(2), sides_room(2))
    assert (feature, place) == (NOWHERE, NOWHERE)
    _, feature, _, _ = run(data, rules(GINI, min_weight_leaf=1.5), np.array([0]), 1, 0, 2, np.ones(2), sides_room(2))
    assert feature == NOWHERE


@both(part)
def test_parting_keeps_the_order_and_the_marks_of_new_values(run):
    values = np.array([3.0, 1.0, 2.0, 2.0, 1.0, np.nan])
    data = table(values[:, None], np.zeros(6))
    goes_left = np.array([True, False, False, True, True, False])
    with np.errstate(over="ignore"):  # unsigned numbers wrap on purpose
        run(data.order, np.array([0]), 1, 0, 6, goes_left, spare_room(6))
    order = data.order[0]
    np.testing.assert_array_equal(order & ROW, [4, 3, 0, 1, 2, 5])
    for side in (slice(0, 3), slice(3, 6)):
        np.testing.assert_array_equal(order[side][1:] >= GREATER, starts_new_value(values[order[side] & ROW]))


@both(candidates)
def test_only_features_that_vary_are_looked_at(run):
    X = np.array([[1.0, 5.0, np.nan, 1.0], [1.0, 6.0, np.nan, np.nan]])
    data = table(X, np.array([0, 1]))
    with np.errstate(over="ignore"):
        features, one = features_room(4), features_room(4)
        assert run(data, rules(GINI, max_features=4), 0, 2, 7, features) == (2, 2)
        assert run(data, rules(GINI, max_features=1), 0, 2, 7, one) == (1, 2)
    np.testing.assert_array_equal(features[:, :2], [[1, 3], [1, 3]])
    assert one[0, 0] in (1, 3)


@both(scramble)
def test_the_random_numbers_are_splitmix64s(run):
    # the generator's first outputs from the state 0 (Steele, Lea and Flood 2014), without their last bit
    with np.errstate(over="ignore"):
        assert run(0) == 0xE220A8397B1DCDAF >> 1


def test_numbering_depth_first():
    assert depth_first(np.array([1, -1, 3, 5, -1, -1, -1])) == [0, 1, 2, 3, 5, 6, 4]


@both(walk)
def test_walking(run):
    X = np.array([[0.0], [2.0], [np.nan]])
    leaves = np.empty(3, int)
    run(
        X,
        np.array([1, -1, -1]),
        np.array([2, -1, -1]),
        np.array([0, -1, -1]),
        np.array([1.0, np.nan, np.nan]),
        np.array([False, False, False]),
        leaves,
    )
    np.testing.assert_array_equal(leaves, [1, 2, 2])
