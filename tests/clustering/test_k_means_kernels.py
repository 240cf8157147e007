"""The kernels of k-means as plain Python, against NumPy."""

import numpy as np
import pytest

from diorama.clustering.k_means_kernels import adopt_block, choose_few, lifted_centers, settle, settle_few


def a_few(n=9, d=3, k=4, seed=0):
    random = np.random.default_rng(seed)
    rows = np.ones((n, d + 1))
    rows[:, :-1] = random.normal(size=(n, d))
    return rows, random.normal(size=(k, d)), random.integers(0, 3, size=n).astype(float)


def squared_distances(rows, centers):
    return ((rows[:, None, :-1] - centers) ** 2).sum(axis=2)


def test_a_product_is_half_the_squared_distance_less_half_the_norm():
    rows, centers, _ = a_few()
    norms = (rows[:, :-1] ** 2).sum(axis=1)
    np.testing.assert_allclose(
        2 * lifted_centers(centers) @ rows.T + norms, squared_distances(rows, centers).T, atol=1e-12
    )


@pytest.mark.parametrize("run", [settle, settle.py_func], ids=["compiled", "plain"])
@pytest.mark.parametrize("start", ["none", "elsewhere"])
def test_settle(run, start):
    rows, centers, weights = a_few()
    distances = squared_distances(rows, centers)
    before = np.full(len(rows), -1, np.int32) if start == "none" else (np.arange(len(rows)) % 4).astype(np.int32)
    lifted, tally = lifted_centers(centers), np.zeros((4, 5))
    labels, slack, travel = np.empty_like(before), np.empty(len(rows), np.float32), np.arange(4.0)
    gain = run(rows, lifted, lifted @ rows.T, weights, before, travel, labels, slack, tally)

    nearest, each = distances.argmin(axis=1), np.arange(len(rows))
    np.testing.assert_array_equal(labels, nearest)
    joined = np.eye(4)[nearest] - (np.eye(4)[before] if start == "elsewhere" else 0.0)
    counted = np.column_stack([weights[:, None] * rows, weights > 0])
    np.testing.assert_allclose(tally, joined.T @ counted, atol=1e-12)
    own = distances[each, before] if start == "elsewhere" else np.zeros(len(rows))
    assert gain == pytest.approx(weights @ (own - distances.min(axis=1)))
    least, second = np.sqrt(np.sort(distances, axis=1)[:, :2]).T
    np.testing.assert_allclose(slack - travel[nearest], second - least, atol=1e-5)


@pytest.mark.parametrize("run", [settle, settle.py_func], ids=["compiled", "plain"])
def test_what_is_too_near_to_call_is_settled_by_differences_and_stays_where_it_is(run):
    rows = np.array([[0.0, 1.0], [0.0, 1.0], [0.0, 1.0]])
    lifted, before = lifted_centers(np.array([[3.0], [1.0], [-1.0]])), np.array([-1, 1, 2], np.int32)
    # products off by their rounding, the wrong way for the first
    products = lifted @ rows.T - np.array([[0.0], [0.0], [1e-16]])
    labels, slack, tally = np.empty_like(before), np.empty(3, np.float32), np.zeros((3, 3))
    run(rows, lifted, products, np.ones(3), before, np.zeros(3), labels, slack, tally)
    np.testing.assert_array_equal(labels, [1, 1, 2])
    assert (slack <= 0).all()


@pytest.mark.parametrize("run", [adopt_block, adopt_block.py_func], ids=["compiled", "plain"])
def test_adopt(run):
    rows, centers, _ = a_few(k=2)
    first, second = squared_distances(rows, centers).T
    closest, near = first.copy(), np.zeros(len(rows), np.int32)
    reach = np.array([((centers[0] - centers[1]) ** 2).sum() / 4])
    run(rows, lifted_centers(centers), reach, closest, near)
    np.testing.assert_allclose(closest, np.minimum(first, second))
    np.testing.assert_array_equal(near, second < first)


@pytest.mark.parametrize("run", [settle_few, settle_few.py_func], ids=["compiled", "plain"])
@pytest.mark.parametrize("start", [-1, 2])
def test_settle_few(run, start):
    rows, centers, weights = a_few()
    distances = squared_distances(rows, centers)
    before, tally = np.full(len(rows), start, np.int32), np.zeros((4, 5))
    labels = np.empty_like(before)
    inertia = run(rows, -centers, weights, before, labels, tally)
    np.testing.assert_array_equal(labels, distances.argmin(axis=1))
    counted = np.column_stack([weights[:, None] * rows, weights > 0])
    np.testing.assert_allclose(tally, np.eye(4)[labels].T @ counted, atol=1e-12)
    assert inertia == pytest.approx(weights @ distances.min(axis=1))


@pytest.mark.parametrize("run", [settle_few, settle_few.py_func], ids=["compiled", "plain"])
def test_half_way_between_a_row_stays_or_else_goes_to_the_first(run):
    rows, before = np.array([[0.0, 1.0], [0.0, 1.0]]), np.array([-1, 1], np.int32)
    labels = np.empty_like(before)
    run(rows, -np.array([[1.0], [-1.0]]), np.ones(2), before, labels, np.zeros((2, 3)))
    np.testing.assert_array_equal(labels, [0, 1])


@pytest.mark.parametrize("run", [choose_few, choose_few.py_func], ids=["compiled", "plain"])
def test_choose_few(run):
    rows, _, weights = a_few()
    chances = np.random.default_rng(1).random((3, 4))
    chosen = np.empty(3, np.intp)
    run(rows, weights, chances, chosen, np.ones(len(rows)), np.empty(len(rows)), np.empty(len(rows)))

    closest, expected = np.ones(len(rows)), []
    for tries in [chances[0, :1], *chances[1:]]:
        passed = np.cumsum(weights * closest)
        drawn = passed.searchsorted(tries * passed[-1], side="right")
        distances = squared_distances(rows, rows[drawn, :-1]).T
        left = np.minimum(distances, closest) if expected else distances
        best = np.argmin(left @ weights)
        expected.append(drawn[best])
        closest = left[best]
    np.testing.assert_array_equal(chosen, expected)
