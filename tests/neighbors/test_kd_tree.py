"""The k-d tree by itself: what its nodes promise, and its kernels as plain Python."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial import cKDTree

from diorama._k_smallest import offer, put_in_order
from diorama._kd_tree import KDTree, collect, grow, search
from diorama._minkowski import distances, measure_pairs, reduced_radius
from diorama.neighbors._product import ProductIndex, sift
from diorama.neighbors._table import keep_smallest, measure, measure_sparse


@pytest.mark.parametrize("n", [1, 2, 31, 500, 6_000])
def test_every_row_stands_in_one_leaf_and_inside_every_box_above_it(n):
    X = np.random.default_rng(0).normal(size=(n, 3))
    tree = KDTree.build(X, leaf_size=7)
    np.testing.assert_array_equal(tree.points, X[tree.order])
    np.testing.assert_array_equal(tree.columns, tree.points.T)
    np.testing.assert_array_equal(np.sort(tree.order), np.arange(n))
    leaves = tree.ranges[len(tree.ranges) // 2 :]
    assert leaves[0, 0] == 0
    assert leaves[-1, 1] == n
    assert (np.diff(leaves, axis=1) <= 7).all()
    for (start, stop), box in zip(tree.ranges, tree.boxes, strict=True):
        np.testing.assert_array_equal(
            box, [X[tree.order[start:stop]].min(axis=0), X[tree.order[start:stop]].max(axis=0)]
        )


def test_no_rows_are_refused():
    with pytest.raises(ValueError, match="at least one row"):
        KDTree.build(np.empty((0, 2)))


@pytest.mark.parametrize("p", [1.0, 2.0, 3.0, np.inf])
def test_nearest_and_within_as_scipy(p):
    random = np.random.default_rng(1)
    X, queries = random.normal(size=(2_000, 3)), random.normal(size=(50, 3))
    tree, peer = KDTree.build(X), cKDTree(X)
    expected = peer.query(queries, 6, p=p)
    found = tree.nearest(queries, 6, p)
    np.testing.assert_array_equal(found[1], expected[1])
    np.testing.assert_allclose(found[0], expected[0], rtol=1e-13)
    starts, rows = tree.within(queries, 0.5, p)
    for i, near in enumerate(peer.query_ball_point(queries, 0.5, p)):
        np.testing.assert_array_equal(np.sort(rows[starts[i] : starts[i + 1]]), np.sort(near))


def test_within_nothing_and_within_everything():
    X = np.arange(10.0)[:, None]
    tree = KDTree.build(X, leaf_size=3)
    starts, rows = tree.within([[100.0], [200.0]], 1.0)
    assert starts.tolist() == [0, 0, 0]
    assert len(rows) == 0
    starts, rows = tree.within([[4.5]], 100.0)
    assert sorted(rows.tolist()) == list(range(10))


def test_a_search_leaves_most_of_a_large_tree_closed():
    X = np.random.default_rng(2).normal(size=(5_000, 2))
    tree = KDTree.build(X, leaf_size=10)
    trail = tree.trail(np.zeros(2), 3)
    assert trail[0] == 0
    assert len(trail) < len(tree.ranges) / 5


@settings(max_examples=50, deadline=None)
@given(st.lists(st.integers(0, 5), min_size=1, max_size=30), st.data())
def test_the_k_smallest_by_value_and_then_by_index(values, data):
    k = data.draw(st.integers(1, len(values)))
    order = data.draw(st.permutations(range(len(values))))
    kept, indices = np.full((1, k), np.inf), np.full((1, k), len(values))
    for i in order:
        offer(kept, indices, 0, float(values[i]), i)
    put_in_order(kept, indices, 0)
    expected = sorted((value, i) for i, value in enumerate(values))[:k]
    assert list(zip(kept[0], indices[0], strict=True)) == expected


@given(st.floats(0, 1e6), st.sampled_from([1.0, 1.5, 2.0, 3.0, np.inf]))
def test_the_radius_of_a_search_is_the_last_that_counts(radius, p):
    limit = reduced_radius(radius, p)
    assert float(distances(limit, p)) <= radius
    assert float(distances(np.nextafter(limit, np.inf), p)) > radius


def test_the_kernels_as_plain_python():
    random = np.random.default_rng(3)
    X, queries = random.normal(size=(40, 2)), random.normal(size=(3, 2))
    tree = KDTree.build(X, leaf_size=4)
    points, order = X.copy(), np.arange(40)
    ranges, boxes = np.zeros_like(tree.ranges), np.empty_like(tree.boxes)
    ranges[0, 1] = 40
    grow.py_func(points, order, ranges, boxes, 0, tree.levels + 1)
    np.testing.assert_array_equal(order, tree.order)
    np.testing.assert_array_equal(boxes, tree.boxes)
    stack, away, none = np.empty((tree.levels + 2, 2)), np.empty(4), np.empty(0, dtype=int)
    kept, indices = np.full((3, 4), np.inf), np.full((3, 4), 40)
    search.py_func(*tree[1:], queries, 2.0, kept, indices, stack, away, none)
    far = np.sqrt(((queries[:, None] - X) ** 2).sum(axis=2))
    np.testing.assert_array_equal(indices, np.argsort(far, axis=1)[:, :4])
    counts = np.zeros(3, dtype=int)
    collect.py_func(tree.points, *tree[2:], queries, 2.0, 1.0, counts, none, stack)
    np.testing.assert_array_equal(counts, (far <= 1.0).sum(axis=1))


def test_the_kernels_of_products_and_tables_as_plain_python():
    random = np.random.default_rng(4)
    X, queries = random.normal(size=(30, 3)), random.normal(size=(2, 3))
    X[X < -0.5] = 0
    far = ((queries[:, None] - X) ** 2).sum(axis=2)
    table = np.empty((2, 30))
    measure.py_func(queries, X, 2.0, table)
    np.testing.assert_allclose(table, far)
    measure_sparse.py_func(queries.ravel(), np.tile(np.arange(3), 2), np.array([0, 3, 6]), *_csr(X), 2.0, table)
    np.testing.assert_allclose(table, far)
    kept, indices = np.full((2, 4), np.inf), np.full((2, 4), 30)
    keep_smallest.py_func(table, kept, indices)
    np.testing.assert_array_equal(indices, np.argsort(far, axis=1)[:, :4])
    index = ProductIndex.build(X)
    factors, excess, _ = index.rough(queries)
    kept, indices = np.full((2, 4), np.inf), np.full((2, 4), 30)
    sift.py_func(factors @ index.factors.T, 30, 0, X, queries, excess, index.scale**2, kept, indices, True)
    np.testing.assert_array_equal(indices, np.argsort(far, axis=1)[:, :4])
    pairs = np.empty(2)
    measure_pairs.py_func(queries, np.array([0, 1]), X, np.array([5, 6]), 1.0, pairs)
    np.testing.assert_allclose(pairs, np.abs(queries - X[5:7]).sum(axis=1))


def _csr(X):
    at = X != 0
    return X[at], np.nonzero(at)[1], np.concatenate([[0], at.sum(axis=1).cumsum()])


def test_a_product_never_turns_away_a_near_row_for_its_rounding():
    random = np.random.default_rng(5)
    X, queries = random.normal(size=(500, 60)) + 300, random.normal(size=(40, 60)) + 300
    index = ProductIndex.build(X)
    factors, excess, _ = index.rough(queries)
    reduced = ((queries[:, None] - X) ** 2).sum(axis=2)
    assert (factors @ index.factors.T <= reduced * index.scale**2 + excess[:, None]).all()
