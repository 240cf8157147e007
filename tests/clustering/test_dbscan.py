"""DBSCAN against scikit-learn, brute force, constructed answers, relations that must hold, and the edges."""

import warnings

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn import cluster as scikit_learn
from sklearn.datasets import make_moons

import diorama
from diorama.clustering import DBSCAN, _forest, _reach, _reach_table, _reach_tiles
from diorama.clustering.dbscan import numbered


def problem(seed):
    random = np.random.default_rng(seed)
    n, d = int(random.integers(1, 260)), int(random.integers(1, 13))
    X = random.normal(size=(n, d)) * random.choice([0.3, 1.0]) + random.integers(0, 3, size=(n, 1))
    # on a lattice distances tie, also with eps
    X = np.round(2 * X) / 2 if seed % 3 == 0 else X
    return X, float(random.choice([0.5, 1.0, 2.0])), int(random.integers(1, 8)), random


def assert_same(ours, theirs):
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    np.testing.assert_array_equal(ours.core_sample_indices_, theirs.core_sample_indices_)


# ---- oracle: scikit-learn -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(30))
def test_same_labels_and_core_rows_as_scikit_learn(seed):
    X, eps, min_samples, random = problem(seed)
    weights = np.append(random.integers(-1, 3, size=len(X) - 1), 1.0) if seed % 2 else None
    ours, theirs = (
        kind(eps=eps, min_samples=min_samples).fit(X, sample_weight=weights) for kind in (DBSCAN, scikit_learn.DBSCAN)
    )
    assert_same(ours, theirs)
    np.testing.assert_array_equal(ours.components_, theirs.components_)


@pytest.mark.parametrize("metric", ["manhattan", "chebyshev", "cosine", "canberra", "minkowski", "precomputed"])
def test_same_by_any_metric(metric):
    for seed in range(4):
        X, eps, min_samples, _ = problem(seed)
        data = cdist(X, X) if metric == "precomputed" else X
        settings = {"eps": eps, "min_samples": min_samples, "metric": metric, "p": 3 if metric == "minkowski" else None}
        assert_same(DBSCAN(**settings).fit(data), scikit_learn.DBSCAN(**settings).fit(data))


@pytest.mark.parametrize("metric", ["euclidean", "precomputed"])
def test_same_on_sparse_input(metric):
    for seed in range(4):
        X, eps, min_samples, random = problem(seed)
        distances = cdist(X, X)
        stored = np.where(distances <= 1.5 * eps, distances, 0)
        data = sparse.csr_array(stored if metric == "precomputed" else X * (random.random(X.shape) < 0.4))
        settings = {"eps": eps, "min_samples": min_samples, "metric": metric}
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", sparse.SparseEfficiencyWarning)
            theirs = scikit_learn.DBSCAN(**settings).fit(data)
        assert_same(DBSCAN(**settings).fit(data), theirs)


@pytest.mark.parametrize("d", [2, 12])
def test_same_where_several_threads_and_tiles_are_at_work(d):
    X = np.random.default_rng(0).normal(size=(3_000, d))
    eps = 0.1 if d == 2 else 2.2
    assert_same(DBSCAN(eps=eps).fit(X), scikit_learn.DBSCAN(eps=eps).fit(X))


# ---- constructed answers and brute force ----------------------------------------------------------------------------


def test_two_chains_a_bridge_that_is_no_core_and_a_hermit():
    X = np.array([[0.0], [1], [2], [3], [4], [5], [6], [20]])
    model = DBSCAN(eps=1, min_samples=3).fit(X, sample_weight=[1, 1, 1, 0, 1, 1, 1, 1])
    # the middle weighs nothing: 2 and 4 are left with two rows each, and nobody crosses
    assert model.labels_.tolist() == [0, 0, 0, -1, 1, 1, 1, -1]
    assert model.core_sample_indices_.tolist() == [1, 5]


def test_a_border_row_between_two_clusters_joins_the_one_with_the_smaller_number():
    line = np.array([[0.0], [0.2], [0.4], [1.4], [2.4], [2.6], [2.8]])
    assert DBSCAN(eps=1, min_samples=4).fit(line).labels_.tolist() == [0, 0, 0, 0, 1, 1, 1]
    assert DBSCAN(eps=1, min_samples=4).fit(line[::-1]).labels_.tolist() == [0, 0, 0, 0, 1, 1, 1]


def brute_force(X, eps, min_samples):
    near = cdist(X, X) <= eps
    core = near.sum(axis=1) >= min_samples
    labels = np.full(len(X), -1)
    for row in np.flatnonzero(core):
        if labels[row] < 0:
            waiting, labels[row] = [row], labels.max() + 1
            while waiting:
                here = waiting.pop()
                for other in np.flatnonzero(near[here] & (labels < 0)):
                    labels[other] = labels[row]
                    waiting += [other] if core[other] else []
    return labels, np.flatnonzero(core)


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(st.integers(0, 6), st.integers(0, 6)), min_size=1, max_size=40),
    st.sampled_from([1.0, 1.5, 2.0, 3.0]),
    st.integers(1, 5),
)
def test_brute_force_agrees_on_tiny_lattices(places, eps, min_samples):
    X = np.array(places, dtype=float)
    model = DBSCAN(eps=eps, min_samples=min_samples).fit(X)
    labels, core = brute_force(X, eps, min_samples)
    np.testing.assert_array_equal(model.labels_, labels)
    np.testing.assert_array_equal(model.core_sample_indices_, core)


# ---- relations ------------------------------------------------------------------------------------------------------


def same_groups(a, b):
    pairs = len(np.unique(np.stack([a, b]), axis=1).T)
    return pairs == len(np.unique(a)) == len(np.unique(b)) and bool(np.array_equal(a < 0, b < 0))


@pytest.mark.parametrize("seed", range(4))
def test_order_turning_and_scale_do_not_matter(seed):
    random = np.random.default_rng(seed)
    X, _ = make_moons(400, noise=0.08, random_state=seed)
    core, labels = (lambda m: (m.core_sample_indices_, m.labels_))(DBSCAN(eps=0.15).fit(X))
    order = random.permutation(len(X))
    shuffled = DBSCAN(eps=0.15).fit(X[order])
    np.testing.assert_array_equal(np.sort(order[shuffled.core_sample_indices_]), core)
    assert same_groups(shuffled.labels_[np.argsort(order)][core], labels[core])
    np.testing.assert_array_equal(shuffled.labels_[np.argsort(order)] < 0, labels < 0)
    turned = X @ np.linalg.qr(random.normal(size=(2, 2)))[0]
    assert same_groups(DBSCAN(eps=0.15).fit(turned).labels_, labels)
    np.testing.assert_array_equal(DBSCAN(eps=15).fit(100 * X).labels_, labels)


def test_weights_are_copies():
    X, _ = make_moons(150, noise=0.1, random_state=0)
    weights = np.random.default_rng(0).integers(1, 4, len(X))
    weighted = DBSCAN(eps=0.2, min_samples=9).fit(X, sample_weight=weights)
    copied = DBSCAN(eps=0.2, min_samples=9).fit(np.repeat(X, weights, axis=0))
    np.testing.assert_array_equal(np.repeat(weighted.labels_, weights), copied.labels_)


def test_trees_tiles_and_tables_agree():
    X = np.random.default_rng(0).normal(size=(700, 9))
    weights = np.random.default_rng(1).random(700)
    found = []
    ways = (
        _reach.Reach.of(X, 2.0, 2.0),
        _reach_tiles.ReachTiles.of(X, 2.0),
        _reach_table.ReachTable.of(X, 2.0, "minkowski", {"p": 2.0}),
    )
    for near in ways:
        core = near.core(weights, 3.0)
        found.append((core, near.adopt(core, numbered(near.sets(core))), near.around(np.array([3, 77]))))
    assert found[0][0].any()
    for others in found[1:]:
        for one, other in zip(found[0], others, strict=True):
            np.testing.assert_array_equal(one, other)


# ---- edges ----------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("d", [2, 9])
def test_one_row_equal_rows_and_noise_alone(d):
    assert DBSCAN(min_samples=1).fit(np.ones((1, d))).labels_.tolist() == [0]
    assert DBSCAN(min_samples=2).fit(np.ones((1, d))).labels_.tolist() == [-1]
    assert set(DBSCAN(min_samples=90).fit(np.ones((90, d))).labels_) == {0}
    alone = DBSCAN(eps=0.5, min_samples=2).fit(10.0 * np.arange(60)[:, None] * np.ones(d))
    assert set(alone.labels_) == {-1}
    assert alone.components_.shape == (0, d)


def test_collinear_rows_are_one_chain():
    line = np.arange(500.0)[:, None] * np.array([[0.6, 0.8]])
    model = DBSCAN(eps=1.001, min_samples=3).fit(line)
    assert set(model.labels_) == {0}
    assert len(model.core_sample_indices_) == 498


def test_a_table_that_is_not_square_is_refused():
    with pytest.raises(ValueError, match="square table; got \\(3, 2\\)"):
        DBSCAN(metric="precomputed").fit(np.ones((3, 2)))


def test_an_unknown_metric_is_refused_with_the_nearest():
    with pytest.raises(ValueError, match="did you mean 'euclidean'"):
        DBSCAN(metric="euclidian").fit(np.ones((3, 2)))


# ---- pictures and kernels -------------------------------------------------------------------------------------------


def test_the_waves_end_at_the_labels_and_the_scene_tells_all_kinds_apart():
    X, _ = make_moons(200, noise=0.12, random_state=1)
    model, recording = diorama.watch(DBSCAN(eps=0.2, min_samples=6), X)
    last = recording.fits[-1].moments[-1].state
    np.testing.assert_array_equal(last.labels, model.labels_)
    assert len(last.wave) == 0
    scene = recording.scene()
    assert set(scene.frames[-1].data["points"]["kind"]) == {"core", "border", "noise"}
    assert scene.frames[-1].data["counts"]["points"].sum() == 200
    assert f"{last.cluster + 1} cluster" in scene.frames[-1].narration
    assert "noise" in scene.frames[-1].narration


def test_a_scene_of_given_distances_and_many_columns_says_what_it_shows():
    X = np.random.default_rng(0).normal(size=(60, 3))
    _, recording = diorama.watch(DBSCAN(eps=1.0), X)
    assert "first two principal components" in recording.scene().caption
    _, recording = diorama.watch(DBSCAN(eps=1.0, metric="precomputed"), cdist(X, X))
    assert "Only distances are known" in recording.scene().caption


def test_kernels_are_plain_python_too(monkeypatch):
    X, _ = make_moons(40, noise=0.1, random_state=0)
    compiled = [DBSCAN(eps=0.3).fit(X).labels_, DBSCAN(eps=0.3).fit(np.hstack([X] * 4)).labels_]
    for module in (_reach, _reach_tiles, _reach_table):
        for name in ("mark_core", "join", "adopt", "weigh", "one_set", "lead"):
            if hasattr(module, name):
                monkeypatch.setattr(module, name, getattr(module, name).py_func)
    plain = [DBSCAN(eps=0.3).fit(X).labels_, DBSCAN(eps=0.3).fit(np.hstack([X] * 4)).labels_]
    np.testing.assert_array_equal(compiled, plain)
    np.testing.assert_array_equal(DBSCAN(eps=0.3, metric="precomputed").fit(cdist(X, X)).labels_, plain[0])
    parent = np.arange(5)
    assert _forest.unite(parent, 4, 2) == 2
    assert _forest.unite(parent, 1, 4) == 1
    assert _forest.find(parent, 4) == 1
