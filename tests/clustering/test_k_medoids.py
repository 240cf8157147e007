"""k-medoids against the package kmedoids and brute force, exact cases, relations that must hold, and the edges."""

from itertools import combinations

import kmedoids
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from scipy.spatial.distance import cdist
from sklearn.exceptions import ConvergenceWarning

import diorama
from diorama.clustering import KMedoids
from diorama.clustering._medoid_kernels import eager_swap
from diorama.clustering.k_medoids import STARTS, begin, step


def table(n=120, d=3, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)) + 4 * random.integers(0, 3, (n, 1))


@pytest.mark.parametrize("seed", range(8))
@pytest.mark.parametrize("k", [2, 5])
def test_from_the_same_start_it_ends_as_good_as_fasterpam(seed, k):
    X = table(seed=seed)
    start = np.random.default_rng(seed).choice(len(X), k, replace=False)
    ours = KMedoids(k, init=start).fit(X)
    theirs = kmedoids.fasterpam(cdist(X, X), start.astype(np.uint64))
    assert ours.inertia_ <= theirs.loss * 1.02
    # nobody can lower it by a swap, which is all that either promises
    D = cdist(X, X)
    for place in range(k):
        others = np.delete(ours.medoid_indices_, place)
        costs = [np.minimum(D[others].min(axis=0), D[row]).sum() for row in range(len(X))]
        assert min(costs) >= ours.inertia_ - 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_of_ten_rows_the_best_start_ends_at_the_best_there_is(seed):
    X = table(10, 2, seed)
    D = cdist(X, X)
    best = min(D[list(rows)].min(axis=0).sum() for rows in combinations(range(10), 3))
    found = min(KMedoids(3, init=list(rows)).fit(X).inertia_ for rows in combinations(range(10), 3))
    assert found == pytest.approx(best)


def test_far_rows_do_not_drag_the_medoid_along():
    model = KMedoids(1).fit([[0.0], [1.0], [2.0], [3.0], [1000.0]])
    assert model.cluster_centers_.tolist() == [[2.0]]
    assert model.inertia_ == 2 + 1 + 0 + 1 + 998


@pytest.mark.parametrize("init", STARTS)
def test_every_start_ends_where_no_swap_helps(init):
    X = table()
    model = KMedoids(3, init=init, random_state=0).fit(X)
    again = KMedoids(3, init=model.medoid_indices_).fit(X)
    assert again.n_iter_ == 0
    assert again.inertia_ == pytest.approx(model.inertia_)


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "cosine", "chebyshev", lambda a, b: abs(a - b).max()])
def test_given_distances_are_as_good_as_rows(metric):
    X = table(60) + 5
    rows = KMedoids(3, metric=metric, random_state=0).fit(X)
    D = rows.transform(X)
    full = cdist(X, X, {"manhattan": "cityblock"}.get(metric, metric) if isinstance(metric, str) else metric)
    given_ = KMedoids(3, metric="precomputed", random_state=0).fit(full)
    np.testing.assert_allclose(D, full[:, rows.medoid_indices_], atol=1e-9)
    assert rows.inertia_ == pytest.approx(given_.inertia_)
    assert given_.cluster_centers_ is None
    np.testing.assert_array_equal(given_.predict(full[:5]), given_.labels_[:5])


def test_turning_moving_and_shuffling_change_no_group():
    X = table(80, 2)
    turn = np.array([[0.6, -0.8], [0.8, 0.6]])
    start = [0, 30, 60]
    plain = KMedoids(3, init=start).fit(X)
    turned = KMedoids(3, init=start).fit(X @ turn + 7.0)
    np.testing.assert_array_equal(plain.labels_, turned.labels_)
    order = np.random.default_rng(1).permutation(80)
    moved = KMedoids(3, init=[int(np.flatnonzero(order == row)[0]) for row in start]).fit(X[order])
    assert moved.inertia_ == pytest.approx(plain.inertia_, rel=0.02)


def test_sparse_rows_are_dense_rows():
    X = table() * (np.random.default_rng(0).random((120, 3)) < 0.5)
    start = [0, 40, 80]
    dense, sparse = KMedoids(3, init=start).fit(X), KMedoids(3, init=start).fit(csr_array(X))
    assert sparse.inertia_ == pytest.approx(dense.inertia_)
    np.testing.assert_allclose(sparse.transform(csr_array(X)), dense.transform(X), atol=1e-6)


def test_no_swap_raises_the_cost():
    X = table(200)
    with diorama.record(max_frames=500) as recording:
        KMedoids(6, init="heuristic").fit(X)
    costs = [moment.state.cost for moment in recording.fits[0].moments]
    assert (np.diff(costs) <= 0).all()
    assert len(costs) > 5


@settings(max_examples=30, deadline=None)
@given(arrays(float, st.tuples(st.integers(1, 12), st.integers(1, 3)), elements=st.integers(-3, 3)), st.data())
def test_any_rows_even_equal_ones_are_grouped(X, data):
    k = data.draw(st.integers(1, len(X)))
    model = KMedoids(k, random_state=0).fit(X)
    assert len(set(model.medoid_indices_.tolist())) == k
    D = cdist(X, X)
    assert model.inertia_ == pytest.approx(D[model.medoid_indices_].min(axis=0).sum(), abs=1e-9)
    if k == len(X):
        assert model.inertia_ == 0


def test_the_kernel_as_plain_python_does_the_same():
    X = table(40)
    D = cdist(X, X)
    compiled = begin(D, np.array([0, 1, 2]))
    plain = begin(D, np.array([0, 1, 2]))
    losses = np.empty((2, 3))
    arrays_ = [part.copy() for part in plain[:5]]
    row = eager_swap.py_func(D, *arrays_, losses, 0, 0.0)
    compiled = step(D, compiled)
    assert (row + 1) % 40 == compiled.tried
    for ours, theirs in zip(arrays_, compiled[:5], strict=True):
        np.testing.assert_array_equal(ours, theirs)


def test_a_fit_that_ran_out_of_swaps_says_so():
    with pytest.warns(ConvergenceWarning, match="raise max_iter"):
        KMedoids(3, init="heuristic", max_iter=1).fit(table(300))


@pytest.mark.parametrize(
    ("settings_", "X", "said"),
    [
        ({"n_clusters": 9}, np.ones((3, 1)), "n_samples=3 should be >= n_clusters=9"),
        ({"n_clusters": 2, "init": [0, 0]}, np.ones((3, 1)), "2 different rows of X, numbers from 0 to 2"),
        ({"n_clusters": 2, "init": [0, 5]}, np.ones((3, 1)), "2 different rows of X"),
        ({"n_clusters": 1, "metric": "precomputed"}, np.ones((3, 2)), "must be square"),
        ({"n_clusters": 1, "metric": "precomputed"}, -np.ones((2, 2)), "some are negative"),
    ],
)
def test_what_cannot_be_is_said(settings_, X, said):
    with pytest.raises(ValueError, match=said):
        KMedoids(**settings_).fit(X)
