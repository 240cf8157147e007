"""HDBSCAN against scikit-learn, hdbscan's outlier scores, brute force, relations that must hold, and the edges."""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, is_valid_linkage
from scipy.spatial.distance import cdist
from sklearn import cluster as scikit_learn
from sklearn.datasets import make_blobs, make_moons
from sklearn.metrics import adjusted_rand_score

import diorama
from diorama._kd_tree import KDTree
from diorama.clustering import HDBSCAN, _condensed, _spanning
from diorama.clustering._condensed import condense
from diorama.clustering._spanning import Edges, boruvka, prim, prim_of_table
from diorama.clustering.hdbscan import choose


def points(seed):
    random = np.random.default_rng(seed)
    n, d = int(random.integers(20, 220)), int(random.integers(1, 5))
    return random.normal(size=(n, d)) + 4 * random.integers(0, 4, size=(n, 1)) * random.random(d), random


def same_groups(a, b):
    pairs = len(np.unique(np.stack([a, b]), axis=1).T)
    return pairs == len(np.unique(a)) == len(np.unique(b)) and bool(np.array_equal(a < 0, b < 0))


def settings_of(random):
    return {
        "min_cluster_size": int(random.integers(2, 12)),
        "allow_single_cluster": bool(random.integers(2)),
        "cluster_selection_method": ["eom", "leaf"][random.integers(2)],
        "cluster_selection_epsilon": float(random.choice([0.0, 0.0, 0.3])),
        "max_cluster_size": [None, None, 40][random.integers(3)],
    }


# ---- oracles --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(40))
def test_same_as_scikit_learn_where_no_two_merges_tie(seed):
    # with one row for a core distance, mutual reachability is the distance itself
    X, random = points(seed)
    settings = settings_of(random)
    ours = HDBSCAN(min_samples=1, **settings).fit(X)
    try:
        theirs = scikit_learn.HDBSCAN(min_samples=1, copy=True, **settings).fit(X)
    except TypeError:
        # scikit-learn cannot search upwards from a cluster whose number is an array
        assert settings["cluster_selection_epsilon"] > 0
        return
    assert same_groups(ours.labels_, theirs.labels_)
    np.testing.assert_allclose(ours.probabilities_, theirs.probabilities_)


@pytest.mark.parametrize("seed", range(20))
def test_merges_are_as_high_as_scikit_learns_and_its_tree_gives_its_answer(seed):
    X, random = points(seed)
    settings = {**settings_of(random), "cluster_selection_epsilon": 0.0, "min_samples": int(random.integers(2, 9))}
    ours = HDBSCAN(**settings).fit(X)
    theirs = scikit_learn.HDBSCAN(copy=True, **settings).fit(X)
    merges = theirs._single_linkage_tree_
    np.testing.assert_allclose(ours.single_linkage_tree_[:, 2], merges["value"], rtol=1e-12)
    # ties taken in scikit-learn's order
    table = np.column_stack([merges[name] for name in merges.dtype.names]).astype(float)
    tree = condense(table, np.arange(len(table)), settings["min_cluster_size"])
    chosen = choose(tree, ours)
    own = tree.owners(chosen)[tree.row_cluster]
    if 0 not in chosen:
        assert same_groups(own, theirs.labels_)


def test_on_the_whole_scikit_learn_says_the_same():
    agreement = []
    for seed in range(12):
        X, _ = make_blobs(300, 2, centers=4, random_state=seed)
        theirs = scikit_learn.HDBSCAN(15, copy=True).fit_predict(X)
        agreement.append(adjusted_rand_score(theirs, HDBSCAN(15).fit_predict(X)))
    assert np.mean(agreement) > 0.9


@pytest.mark.parametrize("metric", ["manhattan", "chebyshev", "cosine", "precomputed"])
def test_same_by_other_metrics(metric):
    X, _ = points(3)
    data = cdist(X, X) if metric == "precomputed" else X + 10
    ours = HDBSCAN(6, 1, metric=metric).fit(data)
    theirs = scikit_learn.HDBSCAN(6, 1, metric=metric, copy=True).fit(data)
    assert same_groups(ours.labels_, theirs.labels_)


def test_centers_are_scikit_learns():
    X, _ = make_blobs(150, 3, centers=3, random_state=0)
    ours = HDBSCAN(8, 1, store_centers="both").fit(X)
    theirs = scikit_learn.HDBSCAN(8, 1, store_centers="both", copy=True).fit(X)
    for name in ("centroids_", "medoids_"):
        mine, yours = np.sort(getattr(ours, name), axis=0), np.sort(getattr(theirs, name), axis=0)
        np.testing.assert_allclose(mine, yours)


def test_clusters_at_one_reach_are_scikit_learns():
    X, _ = points(5)
    ours, theirs = HDBSCAN(5, 4).fit(X), scikit_learn.HDBSCAN(5, 4, copy=True).fit(X)
    for reach in (0.2, 0.5, 1.0, 3.0):
        assert same_groups(ours.dbscan_clustering(reach, 4), theirs.dbscan_clustering(reach, 4))


# ---- brute force ----------------------------------------------------------------------------------------------------


def mutual(X, k, alpha):
    distances = cdist(X, X)
    core = np.sort(distances, axis=1)[:, k - 1]
    return np.maximum(np.maximum(distances / alpha, core[:, None]), core[None])


@pytest.mark.parametrize("alpha", [1.0, 1.4, 0.6])
@pytest.mark.parametrize("seed", range(6))
def test_all_ways_find_one_shortest_tree(seed, alpha):
    X, random = points(seed)
    X = np.round(2 * X) / 2 if seed % 3 == 2 else X
    k = int(random.integers(1, 9))
    near = KDTree.build(X).nearest(X, k)[1]
    distances = cdist(X, X)
    found = [
        boruvka(X, k, alpha, 2.0),
        prim(X, near, alpha, 2.0),
        prim_of_table(distances, np.sort(distances, axis=1)[:, k - 1].copy(), alpha),
    ]
    reach = mutual(X, k, alpha)
    for edges in found:
        np.testing.assert_allclose(reach[tuple(edges.rows.T)], edges.lengths)
        np.testing.assert_allclose(edges.lengths, found[0].lengths)
    if seed % 3 != 2:
        # without ties in the distances there is one tree
        sets = [{frozenset(pair) for pair in edges.rows.tolist()} for edges in found]
        assert sets[0] == sets[1] == sets[2]


def outlier_scores_of_definition(model, X):
    tree, scores = model.condensed_tree_, np.zeros(len(X))
    for row in range(len(X)):
        below = {int(tree.row_cluster[row])}
        for cluster in range(1, len(tree.parent)):
            if int(tree.parent[cluster]) in below:
                below.add(cluster)
        largest = tree.row_lambda[np.isin(tree.row_cluster, list(below))].max()
        scores[row] = 1 - tree.row_lambda[row] / largest
    return scores


def test_outlier_scores_are_as_defined():
    X, _ = points(8)
    model = HDBSCAN(6, 3).fit(X)
    np.testing.assert_allclose(model.outlier_scores_, outlier_scores_of_definition(model, X), atol=1e-12)
    assert model.outlier_scores_.min() >= 0
    assert model.outlier_scores_.max() <= 1


def test_no_other_set_of_clusters_has_more_excess_of_mass():
    X, _ = points(11)
    model = HDBSCAN(4, 2).fit(X)
    tree = model.condensed_tree_
    stability = tree.stability

    def best(cluster):
        below = sum(best(child) for child in np.flatnonzero(tree.parent == cluster))
        return below if cluster == 0 else max(stability[cluster], below)

    chosen = choose(tree, model)
    assert len(chosen) >= 2
    assert stability[chosen].sum() == pytest.approx(best(0))


def test_the_merges_are_a_linkage_that_scipy_takes():
    X, _ = points(2)
    model = HDBSCAN(5, 1).fit(X)
    assert is_valid_linkage(model.single_linkage_tree_)
    flat = fcluster(model.single_linkage_tree_, 0.7, "distance")
    assert same_groups(flat, model.dbscan_clustering(np.nextafter(0.7, 1), 1))


# ---- constructed answers and relations ------------------------------------------------------------------------------


def test_a_cluster_a_thin_one_and_a_hermit():
    x = np.concatenate([np.arange(10) * 0.1, 50 + np.arange(10) * 1.0, [1000.0]])[:, None]
    model = HDBSCAN(5, 2).fit(x)
    assert model.labels_.tolist() == [0] * 10 + [1] * 10 + [-1]
    np.testing.assert_allclose(model.probabilities_, [1.0] * 20 + [0.0])
    assert model.outlier_scores_.argmax() == 20
    tree = model.condensed_tree_
    np.testing.assert_allclose(1 / tree.birth[1:], 49.1)
    assert tree.size.tolist()[1:] == [10, 10]


@pytest.mark.parametrize("seed", range(4))
def test_order_turning_and_scale_do_not_matter(seed):
    random = np.random.default_rng(seed)
    X, _ = make_moons(300, noise=0.1, random_state=seed)
    model = HDBSCAN(8).fit(X)
    order = random.permutation(len(X))
    shuffled = HDBSCAN(8).fit(X[order])
    assert same_groups(shuffled.labels_, model.labels_[order])
    np.testing.assert_array_equal(shuffled.probabilities_, model.probabilities_[order])
    np.testing.assert_array_equal(shuffled.outlier_scores_, model.outlier_scores_[order])
    # a power of two changes no digit
    np.testing.assert_array_equal(HDBSCAN(8).fit(4 * X).labels_, model.labels_)
    turned = HDBSCAN(8, 1).fit(X @ np.linalg.qr(random.normal(size=(2, 2)))[0])
    assert same_groups(turned.labels_, HDBSCAN(8, 1).fit(X).labels_)


def test_few_columns_and_many_agree():
    X, _ = make_blobs(250, 3, centers=4, random_state=0)
    wide = np.hstack([X, np.zeros((250, 12))])
    np.testing.assert_array_equal(HDBSCAN(6).fit(X).labels_, HDBSCAN(6).fit(wide).labels_)
    by_p = {"metric": "minkowski", "metric_params": {"p": 3}}
    np.testing.assert_array_equal(HDBSCAN(6, **by_p).fit(X).labels_, HDBSCAN(6, **by_p).fit(wide).labels_)


# ---- edges ----------------------------------------------------------------------------------------------------------


def test_equal_rows_are_never_parted_and_one_row_is_noise():
    assert HDBSCAN(5, 1).fit(np.ones((1, 2))).labels_.tolist() == [-1]
    assert set(HDBSCAN(5).fit(np.ones((40, 2))).labels_) == {-1}
    assert set(HDBSCAN(5, allow_single_cluster=True).fit(np.ones((40, 2))).labels_) == {0}
    twice = np.repeat([[0.0, 0.0], [1.0, 0.0], [9.0, 0.0]], 12, axis=0)
    model = HDBSCAN(5).fit(twice)
    assert model.labels_.tolist() == [0] * 12 + [1] * 12 + [2] * 12
    assert np.isfinite(model.outlier_scores_).all()
    assert np.isfinite(model.probabilities_).all()


def test_ties_on_a_line_break_into_all_pieces_at_once():
    x = np.concatenate([k * 10 + np.arange(5) * 1.0 for k in range(3)])[:, None]
    tree = HDBSCAN(5, 1).fit(x).condensed_tree_
    assert tree.parent.tolist() == [-1, 0, 0, 0]
    np.testing.assert_allclose(tree.birth[1:], 1 / 6)


def test_noise_alone():
    labels = HDBSCAN(20).fit(np.arange(30.0)[:, None] ** 3).labels_
    assert set(labels) == {-1}


def test_more_samples_than_rows_and_bad_tables_are_refused():
    with pytest.raises(ValueError, match="n_samples=3 should be >= min_samples=5"):
        HDBSCAN().fit(np.ones((3, 2)))
    with pytest.raises(ValueError, match="square and symmetric"):
        HDBSCAN(2, metric="precomputed").fit(np.triu(np.ones((4, 4))))
    with pytest.raises(ValueError, match="store_centers needs dense rows"):
        HDBSCAN(2, metric="precomputed", store_centers="medoid").fit(1.0 - np.eye(4))


# ---- pictures and kernels -------------------------------------------------------------------------------------------


def test_the_levels_go_down_to_the_answer_and_the_scene_draws_the_tree():
    X, _ = make_blobs(200, 3, centers=3, random_state=1)
    model, recording = diorama.watch(HDBSCAN(10), X)
    states = [moment.state for moment in recording.fits[-1].moments]
    levels = [state.level for state in states]
    assert levels == sorted(levels)
    assert levels[-1] == np.inf
    assert (states[0].cluster == 0).all()
    scene = recording.scene()
    assert "first two principal components" in scene.caption
    last = scene.frames[-1]
    assert last.data["points"]["cluster"] == ["noise" if k < 0 else str(k) for k in model.labels_]
    # the bands of the chosen clusters have their colours
    assert {str(k) for k in range(model.labels_.max() + 1)} <= set(last.data["grown"]["cluster"])
    assert len(scene.frames[0].data["grown"]["node"]) < len(last.data["grown"]["node"])
    # the formula of the choice is what the chosen clusters hold, not a distance that nobody has reached
    assert float(last.values["mass"]) == pytest.approx(states[-1].tree.stability[states[-1].selected].sum(), rel=5e-3)


def test_the_tree_knows_where_each_row_is_at_each_level():
    X, _ = points(4)
    model = HDBSCAN(5, 3).fit(X)
    tree = model.condensed_tree_
    for level in np.quantile(tree.row_lambda, [0.1, 0.5, 0.9]):
        at = tree.at(level)
        flat = model.dbscan_clustering(1 / level * (1 - 1e-12), 5)
        assert same_groups(at, flat)


def test_kernels_are_plain_python_too(monkeypatch):
    X, _ = make_moons(40, noise=0.1, random_state=0)
    tables = [X, np.hstack([X] * 8), np.round(3 * X)]
    compiled = [HDBSCAN(4).fit(T).labels_ for T in tables]
    by_table = HDBSCAN(4, metric="precomputed").fit(cdist(X, X)).labels_
    for module in (_spanning, _condensed):
        for name in vars(module):
            if hasattr(getattr(module, name), "py_func") and name != "measure_pairs":
                monkeypatch.setattr(module, name, getattr(module, name).py_func)
    for labels, T in zip(compiled, tables, strict=True):
        np.testing.assert_array_equal(HDBSCAN(4).fit(T).labels_, labels)
    np.testing.assert_array_equal(HDBSCAN(4, metric="precomputed").fit(cdist(X, X)).labels_, by_table)
    assert Edges.sorted(np.array([[0, 1], [1, 2]]), np.ones(2), np.ones(2)).ranks.tolist() == [1, 1]
