"""AgglomerativeClustering against SciPy and scikit-learn, brute force, relations that must hold, and the edges."""

from functools import partial

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, fcluster, is_valid_linkage, linkage
from scipy.spatial.distance import pdist, squareform
from sklearn.cluster import AgglomerativeClustering as ScikitLearn
from sklearn.metrics import adjusted_rand_score

import diorama
from diorama.clustering import AgglomerativeClustering
from diorama.clustering import _linkage_kernels as kernels
from diorama.clustering._linkage import WIDE, linkage_matrix
from diorama.clustering.agglomerative_clustering import MOMENTS, moments
from diorama.scenes import Grip
from diorama.scenes.dendrogram import dendrogram as brackets

LINKAGES = ("single", "complete", "average", "ward", "centroid", "median")
MONOTONE = LINKAGES[:4]
each = pytest.mark.parametrize("how", LINKAGES)


def rows(seed, n=None, d=None):
    random = np.random.default_rng(seed)
    n, d = n or int(random.integers(2, 120)), d or int(random.integers(1, 9))
    return random.normal(size=(n, d)) + 4 * random.integers(0, 3, size=(n, 1)) + 30


def whole(X, how, **parameters):
    return AgglomerativeClustering(1, linkage=how, **parameters).fit(X)


# ---- oracles: SciPy, scikit-learn, brute force ----------------------------------------------------------------------


@each
@pytest.mark.parametrize("seed", range(12))
def test_same_tree_as_scipy(how, seed):
    X = rows(seed)
    expected = linkage(X, how)
    found = whole(X, how).linkage_matrix_
    np.testing.assert_array_equal(found[:, [0, 1, 3]], expected[:, [0, 1, 3]])
    np.testing.assert_allclose(found[:, 2], expected[:, 2], rtol=1e-10)
    assert is_valid_linkage(found)


@pytest.mark.parametrize("how", ["single", "complete", "average"])
@pytest.mark.parametrize(
    ("ours", "theirs"), [("manhattan", "cityblock"), ("cosine", "cosine"), ("chebyshev", "chebyshev")]
)
def test_same_tree_as_scipy_by_other_distances(how, ours, theirs):
    for seed in range(4):
        X = rows(seed, d=4)
        expected = linkage(X, how, theirs)
        found = whole(X, how, metric=ours).linkage_matrix_
        np.testing.assert_allclose(found[:, 2], expected[:, 2], rtol=1e-10, atol=1e-13)
        table = squareform(pdist(X, theirs))
        np.testing.assert_allclose(whole(table, how, metric="precomputed").distances_, expected[:, 2], rtol=1e-10)


def test_wide_rows_go_by_the_table_and_get_the_same_tree():
    X = rows(3, n=90, d=WIDE + 5)
    for how in ("ward", "average", "complete"):
        np.testing.assert_allclose(whole(X, how).linkage_matrix_, linkage(X, how), rtol=1e-10)


@pytest.mark.parametrize("how", MONOTONE)
def test_same_clusters_and_children_as_scikit_learn(how):
    for seed in range(6):
        X = rows(seed, n=80)
        ours, theirs = (kind(5, linkage=how).fit(X) for kind in (AgglomerativeClustering, ScikitLearn))
        assert adjusted_rand_score(ours.labels_, theirs.labels_) == 1.0
        whole_tree = ScikitLearn(5, linkage=how, compute_full_tree=True).fit(X)
        np.testing.assert_array_equal(ours.children_, np.sort(whole_tree.children_, axis=1))
        assert (ours.n_leaves_, ours.n_clusters_, ours.n_connected_components_) == (80, 5, 1)
        threshold = float(ours.distances_[40:42].mean())
        ours, theirs = (
            kind(None, distance_threshold=threshold, linkage=how).fit(X)
            for kind in (AgglomerativeClustering, ScikitLearn)
        )
        assert adjusted_rand_score(ours.labels_, theirs.labels_) == 1.0
        assert ours.n_clusters_ == theirs.n_clusters_


@pytest.mark.parametrize("how", ["single", "complete", "average", "ward"])
def test_brute_force_on_a_few_rows(how):
    def ward(A, B):
        return np.sqrt(2 * len(A) * len(B) / (len(A) + len(B))) * np.linalg.norm(A.mean(axis=0) - B.mean(axis=0))

    def pairs(reduce, A, B):
        return reduce(np.linalg.norm(A[:, None] - B, axis=2))

    reduce = {"single": np.min, "complete": np.max, "average": np.mean}
    far = ward if how == "ward" else partial(pairs, reduce[how])
    for seed in range(5):
        X = rows(seed, n=9, d=2)
        clusters, heights = [X[[i]] for i in range(9)], []
        while len(clusters) > 1:
            ways = [(far(clusters[i], clusters[j]), i, j) for i in range(len(clusters)) for j in range(i)]
            height, i, j = min(ways)
            heights.append(height)
            clusters[j] = np.concatenate([clusters[j], clusters.pop(i)])
        np.testing.assert_allclose(whole(X, how).distances_, heights, rtol=1e-12)


def test_a_cut_through_a_tree_with_inversions_is_scipys():
    X = np.random.default_rng(0).normal(size=(60, 2))
    tree = linkage(X, "centroid")
    assert np.any(np.diff(tree[:, 2]) < 0)
    for threshold in np.quantile(tree[:, 2], [0.3, 0.6, 0.9]):
        model = AgglomerativeClustering(None, distance_threshold=threshold, linkage="centroid").fit(X)
        # ours leaves clusters apart that are exactly so far apart; SciPy joins them
        expected = fcluster(tree, np.nextafter(threshold, 0), "distance")
        assert adjusted_rand_score(model.labels_, expected) == 1.0


# ---- constructed answers and relations ------------------------------------------------------------------------------


def test_the_tree_of_a_line_by_hand():
    X = [[0.0], [1.0], [5.0], [7.0]]
    expected = {
        "single": [1, 2, 4],
        "complete": [1, 2, 7],
        "average": [1, 2, 5.5],
        "ward": [1, 2, np.sqrt(2 * 2 * 2 / 4) * 5.5],
        "centroid": [1, 2, 5.5],
        "median": [1, 2, 5.5],
    }
    for how, heights in expected.items():
        model = whole(X, how)
        np.testing.assert_allclose(model.distances_, heights, rtol=1e-14)
        np.testing.assert_array_equal(model.children_, [[0, 1], [2, 3], [4, 5]])


def test_the_rise_of_the_sum_of_squares_is_half_the_squared_height_of_ward():
    X = rows(5, n=40, d=3)
    heights = whole(X, "ward").distances_
    total = ((X - X.mean(axis=0)) ** 2).sum()
    assert (heights**2).sum() / 2 == pytest.approx(total, rel=1e-12)


@each
def test_neither_order_nor_a_turn_nor_a_shift_changes_the_heights(how):
    X = rows(6, n=70, d=3)
    random = np.random.default_rng(0)
    turn = np.linalg.qr(random.normal(size=(3, 3)))[0]
    plain = AgglomerativeClustering(4, linkage=how).fit(X)
    order = random.permutation(70)
    for changed, labels in ((X[order], plain.labels_[order]), (X @ turn + 100, plain.labels_)):
        model = AgglomerativeClustering(4, linkage=how).fit(changed)
        np.testing.assert_allclose(model.distances_, plain.distances_, rtol=1e-9)
        assert adjusted_rand_score(model.labels_, labels) == 1.0


@each
def test_clusters_are_numbered_by_their_first_rows_and_nested(how):
    X = rows(7, n=60, d=2)
    fine, coarse = (AgglomerativeClustering(k, linkage=how).fit(X).labels_ for k in (9, 4))
    for labels in (fine, coarse):
        _, first = np.unique(labels, return_index=True)
        assert np.all(np.diff(first) > 0)
    assert all(len(np.unique(coarse[fine == cluster])) == 1 for cluster in range(9))


def test_heights_scale_with_the_rows():
    X = rows(8, n=50, d=2)
    for how in LINKAGES:
        np.testing.assert_allclose(whole(1e6 * X, how).distances_, 1e6 * whole(X, how).distances_, rtol=1e-9)


def test_far_from_the_origin_nothing_is_lost():
    X = rows(9, n=50, d=3).round(3)
    for how in LINKAGES:
        np.testing.assert_allclose(whole(X + 2.0**20, how).distances_, whole(X, how).distances_, rtol=1e-8)


@each
def test_scipy_draws_the_tree(how):
    model = whole(rows(10, n=30), how)
    assert sorted(dendrogram(model.linkage_matrix_, no_plot=True)["leaves"]) == list(range(30))


# ---- limits ---------------------------------------------------------------------------------------------------------


@each
def test_degenerate_rows(how):
    line = np.outer(np.arange(12.0) ** 1.3, [1.0, 2.0])
    for X in (np.full((9, 2), 3.0), np.repeat(rows(0, n=4, d=2), 5, axis=0), line, rows(1, n=2)):
        model = whole(X, how)
        assert is_valid_linkage(model.linkage_matrix_)
        assert np.isfinite(model.distances_).all()
        np.testing.assert_allclose(model.distances_, linkage(X, how)[:, 2], rtol=1e-9, atol=1e-9)


@each
def test_one_row_and_as_many_clusters_as_rows(how):
    model = whole([[3.0, 4.0]], how)
    assert (model.labels_.tolist(), model.linkage_matrix_.shape, model.n_clusters_) == ([0], (0, 4), 1)
    X = rows(2, n=7)
    assert AgglomerativeClustering(7, linkage=how).fit_predict(X).tolist() == list(range(7))


def test_thresholds_below_and_above_everything():
    X = rows(4, n=20)
    assert AgglomerativeClustering(None, distance_threshold=0).fit(X).n_clusters_ == 20
    assert AgglomerativeClustering(None, distance_threshold=1e9).fit(X).n_clusters_ == 1


@pytest.mark.parametrize(
    ("parameters", "X", "message"),
    [
        ({"n_clusters": 9}, rows(0, n=4), "n_clusters=9, n_samples=4; give more rows"),
        ({"n_clusters": None}, rows(0), "Exactly one of n_clusters and distance_threshold"),
        ({"distance_threshold": 1.0}, rows(0), "Exactly one of n_clusters and distance_threshold"),
        ({"metric": "manhattan"}, rows(0), 'ward measures .* metric="euclidean" alone'),
        ({"connectivity": np.eye(4)}, rows(0, n=4), "connectivity is not taken: any row"),
        ({"metric": "precomputed", "linkage": "average"}, np.zeros((3, 2)), r"should be square, got .* \(3, 2\)"),
        (
            {"metric": "precomputed", "linkage": "average"},
            np.array([[0.0, 1, 2], [1, 0, 3], [2, 4, 0]]),
            "from row 1 to row 2 it is 3, and back 4",
        ),
        ({"metric": "cosine", "linkage": "single"}, np.array([[1.0, 0], [0, 0]]), "zero vectors: row 1 is all zeros"),
        ({"metric": "nearly", "linkage": "single"}, rows(0), "nearly"),
    ],
)
def test_what_does_not_fit_is_refused(parameters, X, message):
    with pytest.raises(ValueError, match=message):
        AgglomerativeClustering(**parameters).fit(X)


def test_the_table_of_the_caller_stays_as_it_is():
    table = squareform(pdist(rows(0, n=10, d=2)))
    before = table.copy()
    whole(table, "complete", metric="precomputed")
    np.testing.assert_array_equal(table, before)


# ---- kernels and pictures -------------------------------------------------------------------------------------------


@each
def test_kernels_as_plain_python(how, monkeypatch):
    X = rows(11, n=14, d=5)
    expected = linkage_matrix(X, how, "euclidean")
    for name in (
        "chain",
        "span_points",
        "nearest_points",
        "merge_points",
        "name_clusters",
        "nearest_others",
        "fill_rows",
    ):
        monkeypatch.setattr(kernels, name, getattr(kernels, name).py_func)
    np.testing.assert_allclose(linkage_matrix(X, how, "euclidean"), expected, rtol=1e-12)


@pytest.mark.parametrize("run", [kernels.cut_tree, kernels.cut_tree.py_func], ids=["compiled", "plain"])
def test_a_cut_by_hand(run):
    tree = np.array([[2.0, 3.0, 1.0, 2.0], [1.0, 4.0, 2.0, 2.0], [5.0, 6.0, 3.0, 4.0], [0.0, 7.0, 4.0, 5.0]])
    for joined, expected in (([1, 1, 0, 0], [0, 1, 2, 2, 1]), ([1, 1, 1, 0], [0, 1, 1, 1, 1]), ([0] * 4, range(5))):
        labels = np.empty(5, np.intp)
        run(tree, np.array(joined, bool), np.arange(9), np.full(9, -1), labels)
        np.testing.assert_array_equal(labels, expected)


@pytest.mark.parametrize("n_merges", [0, 1, 2, 5, 38, 39, 40, 100, 5_999])
def test_moments_begin_and_end_and_are_few(n_merges):
    found = list(moments(n_merges))
    assert found[0] == 0
    assert found[-1] == n_merges
    assert found == sorted(set(found))
    assert len(found) <= MOMENTS


def test_brackets_stand_on_one_another():
    X = rows(12, n=40)
    tree = whole(X, "average").linkage_matrix_
    drawn = brackets(tree, 240)
    tops = sorted(sides[1] for sides in dendrogram(tree, no_plot=True)["dcoord"])
    np.testing.assert_allclose(np.sort(drawn.y[:, 1]), tops)
    np.testing.assert_array_equal(drawn.y[:, 1], drawn.y[:, 2])
    # every bracket but the top one carries a foot of another, at its middle and its height
    middles = {(x[[1, 2]].mean().round(9), y[1]) for x, y in zip(drawn.x, drawn.y, strict=True)}
    feet = {(x[foot].round(9), y[foot]) for x, y in zip(drawn.x, drawn.y, strict=True) for foot in (0, 3)}
    assert len(middles - feet) == 1
    few = brackets(tree, 5)
    assert few.first == 34
    assert few.x.min() > 0
    assert few.x.max() < 40


@each
@pytest.mark.parametrize("d", [1, 2, 5])
def test_the_scene_tells_what_happened(how, d):
    X = rows(13, n=60, d=d)
    model, recording = diorama.watch(AgglomerativeClustering(3, linkage=how), X)
    scene = recording.scene()
    assert "60 points" in scene.frames[0].narration
    assert any("all points are one cluster" in frame.narration for frame in scene.frames)
    assert any("these the cut leaves apart" in frame.narration for frame in scene.frames)
    assert scene.frames[-1].data["cut"]["label"] == ["cut: 3 clusters"]
    assert scene.frames[-1].data["points"]["cluster"] == [str(label) for label in model.labels_]
    assert scene.grips == (Grip("cut", y="y"),)
    assert ("principal components" in scene.caption) == (d > 2)


def test_the_line_can_be_dragged_from_one_cluster_to_twelve():
    X = rows(13, n=60, d=2)
    _, recording = diorama.watch(AgglomerativeClustering(3, linkage="average"), X)
    cuts = [frame for frame in recording.scene().frames if frame.narration.startswith("Cut at")]
    assert [frame.data["cut"]["label"][0].split()[1] for frame in cuts] == [*map(str, range(1, 13)), "3"]
    heights = [frame.data["cut"]["y"][0] for frame in cuts[:-1]]
    assert heights == sorted(heights, reverse=True)
    for frame, height in zip(cuts, heights, strict=False):
        theirs = AgglomerativeClustering(None, linkage="average", distance_threshold=height).fit(X).labels_
        assert adjusted_rand_score(theirs, frame.data["points"]["cluster"]) == 1
    # who keeps the first row of a cluster keeps its colour
    assert [frame.data["points"]["cluster"][0] for frame in cuts] == ["0"] * 13


def test_the_scene_of_a_table_says_that_places_are_not_known():
    table = squareform(pdist(rows(14, n=300, d=4)))
    _, recording = diorama.watch(AgglomerativeClustering(2, metric="precomputed", linkage="average"), table)
    scene = recording.scene()
    assert "Only distances are known" in scene.caption
    assert "last 240 of 299 merges" in scene.caption
