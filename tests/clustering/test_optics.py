"""OPTICS against scikit-learn, brute force, constructed answers, relations that must hold, and the edges."""

import warnings

import numpy as np
import pytest
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn import cluster as scikit_learn
from sklearn.datasets import make_moons

import diorama
from diorama.clustering import DBSCAN, OPTICS, _ordering
from diorama.clustering._steep import named
from diorama.clustering.optics import _few_near, _through_rows


def points(seed):
    random = np.random.default_rng(seed)
    n, d = int(random.integers(20, 220)), int(random.integers(1, 5))
    return random.normal(size=(n, d)) + 4 * random.integers(0, 4, size=(n, 1)) * random.random(d), random


def fitted(model, X):
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "All reachability")
        warnings.filterwarnings("ignore", "divide by zero", RuntimeWarning)
        return model.fit(X)


def assert_same(ours, theirs):
    for name in ("ordering_", "predecessor_", "labels_"):
        np.testing.assert_array_equal(getattr(ours, name), getattr(theirs, name), err_msg=name)
    for name in ("reachability_", "core_distances_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-9, err_msg=name)
    if hasattr(theirs, "cluster_hierarchy_"):
        np.testing.assert_array_equal(ours.cluster_hierarchy_, theirs.cluster_hierarchy_.reshape(-1, 2))


# ---- oracle: scikit-learn -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_the_walk_and_its_clusters_are_scikit_learns(seed):
    X, random = points(seed)
    settings = {
        "min_samples": int(random.integers(2, 12)) if seed % 3 else 0.1,
        "max_eps": float(random.choice([np.inf, np.inf, 0.3, 1.0])),
        "xi": float(random.choice([0.01, 0.05, 0.2])),
        "predecessor_correction": bool(random.integers(2)),
        "min_cluster_size": [None, 0.1, 3][random.integers(3)],
        "p": [2, 2, 1, 3][random.integers(4)],
    }
    assert_same(fitted(OPTICS(**settings), X), fitted(scikit_learn.OPTICS(**settings), X))


@pytest.mark.parametrize("max_eps", [np.inf, 0.8])
def test_a_cut_is_scikit_learns(max_eps):
    for seed in range(4):
        settings = {"max_eps": max_eps, "cluster_method": "dbscan", "eps": 0.6}
        X, _ = points(seed)
        assert_same(fitted(OPTICS(**settings), X), fitted(scikit_learn.OPTICS(**settings), X))


@pytest.mark.parametrize("metric", ["chebyshev", "canberra", "precomputed"])
def test_same_by_other_metrics(metric):
    X, _ = points(3)
    data = cdist(X, X) if metric == "precomputed" else X + 10
    assert_same(OPTICS(metric=metric).fit(data), scikit_learn.OPTICS(metric=metric).fit(data))


# ---- brute force and constructed answers ----------------------------------------------------------------------------


def brute_force(X, k, max_eps):
    distances = cdist(X, X)
    core = np.sort(distances, axis=1)[:, k - 1]
    core[core > max_eps] = np.inf
    reach, waiting, ordering = np.full(len(X), np.inf), list(range(len(X))), []
    while waiting:
        here = min(waiting, key=lambda row: (reach[row], row))
        waiting.remove(here)
        ordering.append(here)
        for row in waiting:
            if distances[here, row] <= max_eps and core[here] < np.inf:
                reach[row] = min(reach[row], max(core[here], distances[here, row]))
    return ordering, reach


@pytest.mark.parametrize("max_eps", [np.inf, 1.5, 1.0])
def test_brute_force_agrees_on_lattices_where_everything_ties(max_eps):
    for seed in range(6):
        X = np.random.default_rng(seed).integers(0, 6, size=(40, 2)).astype(float)
        model = fitted(OPTICS(min_samples=4, max_eps=max_eps), X)
        ordering, reach = brute_force(X, 4, max_eps)
        assert model.ordering_.tolist() == ordering
        np.testing.assert_array_equal(model.reachability_, reach)


def test_two_valleys_and_a_quarter_within_one():
    x = np.concatenate([np.arange(20) * 1.0, 30 + np.arange(20) * 0.1, 33 + np.arange(20) * 0.1])[:, None]
    model = OPTICS(min_samples=3, xi=0.3).fit(x)
    assert [0, 19] in model.cluster_hierarchy_.tolist()
    # the two dense runs are apart, and also together one valley
    inner = [tuple(valley) for valley in model.cluster_hierarchy_ if valley[0] >= 19]
    assert len(inner) >= 3
    assert any(a <= c and d <= b and (a, b) != (c, d) for a, b in inner for c, d in inner)
    assert len(set(model.labels_[20:40])) <= 2


def test_of_valleys_within_one_another_the_smallest_gives_the_name():
    labels = named(np.array([[0, 2], [4, 5], [0, 5]]), np.array([5, 4, 3, 2, 1, 0]))
    assert labels.tolist() == [1, 1, -1, 0, 0, 0]


# ---- relations ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(4))
def test_a_cut_has_the_core_rows_of_dbscan_together(seed):
    X, _ = make_moons(300, noise=0.1, random_state=seed)
    walk = OPTICS(cluster_method="dbscan", eps=0.15).fit(X)
    clusters = DBSCAN(eps=0.15).fit(X)
    core = clusters.core_sample_indices_
    pairs = np.unique(np.stack([walk.labels_[core], clusters.labels_[core]]), axis=1).T
    assert len(pairs) == len(np.unique(pairs[:, 0])) == len(np.unique(pairs[:, 1]))
    assert (walk.labels_[clusters.labels_ < 0] < 0).all()


@pytest.mark.parametrize("seed", range(3))
def test_order_and_turning_do_not_matter_from_the_same_start(seed):
    random = np.random.default_rng(seed)
    X, _ = make_moons(200, noise=0.1, random_state=seed)
    # with two rows for a core distance a row is as easy to reach as another by accident alone
    model = OPTICS(min_samples=2).fit(X)
    order = np.append(0, 1 + random.permutation(199))
    shuffled = OPTICS(min_samples=2).fit(X[order])
    np.testing.assert_array_equal(order[shuffled.ordering_], model.ordering_)
    np.testing.assert_array_equal(shuffled.reachability_, model.reachability_[order])
    turned = OPTICS(min_samples=2).fit(X @ np.linalg.qr(random.normal(size=(2, 2)))[0])
    np.testing.assert_array_equal(turned.ordering_, model.ordering_)
    np.testing.assert_allclose(turned.reachability_, model.reachability_, rtol=1e-9)
    np.testing.assert_array_equal(OPTICS(min_samples=2).fit(8 * X).labels_, model.labels_)


def test_lists_of_near_rows_vectors_and_a_table_walk_the_same_way():
    X = np.random.default_rng(0).normal(size=(600, 2)) * 4
    near = OPTICS(max_eps=1.0).fit(X)
    far = OPTICS(max_eps=9.0).fit(X)
    assert _through_rows(X, 5, 1.0, 2.0)[2] == "near"
    assert _through_rows(X, 5, 9.0, 2.0)[2] == "everywhere"
    table = cdist(X, X)
    for model, max_eps in ((near, 1.0), (far, 9.0)):
        given = OPTICS(max_eps=max_eps, metric="precomputed").fit(table)
        np.testing.assert_array_equal(given.ordering_, model.ordering_)
        np.testing.assert_array_equal(given.labels_, model.labels_)
    assert not _few_near(None, X, np.inf, 2.0)
    stored = sparse.csr_array(np.where(table <= 1.0, table, 0.0))
    np.testing.assert_array_equal(OPTICS(max_eps=1.0, metric="precomputed").fit(stored).ordering_, near.ordering_)


def test_few_columns_and_many_agree():
    X, _ = points(1)
    wide = np.hstack([X, np.zeros((len(X), 16))])
    np.testing.assert_array_equal(OPTICS().fit(X).ordering_, OPTICS().fit(wide).ordering_)


# ---- edges ----------------------------------------------------------------------------------------------------------


def test_equal_rows_and_noise_alone():
    same = OPTICS().fit(np.ones((30, 2)))
    assert same.ordering_.tolist() == list(range(30))
    assert np.isinf(same.reachability_[0])
    assert (same.reachability_[1:] == 0).all()
    with pytest.warns(UserWarning, match="no row has 5 rows within max_eps=0.5"):
        alone = OPTICS(max_eps=0.5).fit(np.arange(30.0)[:, None])
    assert set(alone.labels_) == {-1}
    assert (alone.predecessor_ == -1).all()
    assert alone.cluster_hierarchy_.shape == (0, 2)


def test_what_cannot_be_is_refused():
    X = np.ones((4, 2))
    with pytest.raises(ValueError, match="min_samples must be no greater than the number of samples"):
        OPTICS().fit(X)
    with pytest.raises(ValueError, match="min_cluster_size must be no greater"):
        OPTICS(min_samples=2, min_cluster_size=5).fit(X)
    with pytest.raises(ValueError, match=r"eps=2.0 is above max_eps=1.0"):
        OPTICS(min_samples=2, cluster_method="dbscan", eps=2.0, max_eps=1.0).fit(X)
    with pytest.raises(ValueError, match="a square table"):
        OPTICS(min_samples=2, metric="precomputed").fit(X)


# ---- pictures and kernels -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("max_eps", [np.inf, 0.1])
def test_the_plot_grows_with_the_walk_and_takes_its_colours_at_the_end(max_eps):
    X = np.hstack([make_moons(250, noise=0.08, random_state=0)[0], np.zeros((250, 1))])
    model, recording = diorama.watch(OPTICS(max_eps=max_eps), X)
    scene = recording.scene()
    bars = [len(frame.data["bars"]["place"]) for frame in scene.frames]
    assert bars[0] == 0
    assert bars == sorted(bars)
    assert bars[-1] == 250
    names = ["noise" if k < 0 else str(k) for k in model.labels_[model.ordering_]]
    assert scene.frames[-1].data["bars"]["cluster"] == names
    assert "first two principal components" in scene.caption
    assert {frame.step for frame in scene.frames} >= {"take", "offer"} if max_eps == 0.1 else {"offer"}


def test_kernels_are_plain_python_too(monkeypatch):
    X, _ = make_moons(60, noise=0.1, random_state=0)
    models = [OPTICS(), OPTICS(max_eps=0.3), OPTICS(p=3), OPTICS(p=1)]
    compiled = [model.fit(X).ordering_ for model in models]
    table = OPTICS(metric="precomputed").fit(cdist(X, X)).ordering_
    for name in ("walk_columns", "walk_rows", "walk_lists"):
        monkeypatch.setattr(_ordering, name, getattr(_ordering, name).py_func)
    for ordering, model in zip(compiled, models, strict=True):
        np.testing.assert_array_equal(model.fit(X).ordering_, ordering)
    np.testing.assert_array_equal(OPTICS(metric="precomputed").fit(cdist(X, X)).ordering_, table)
