"""Mini-batch k-means against scikit-learn, exact cases, relations that must hold, and the edges."""

import numpy as np
import pytest
from scipy import sparse
from sklearn import cluster
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

import diorama
from diorama.clustering import KMeans, MiniBatchKMeans
from diorama.clustering.k_means_rows import DenseRows, unassigned
from diorama.clustering.mini_batch_k_means import move


@pytest.fixture(scope="module")
def blobs():
    return make_blobs(6_000, 4, centers=5, cluster_std=1.5, random_state=0)


@pytest.mark.parametrize("seed", range(3))
def test_it_ends_about_as_good_as_scikit_learns_and_near_the_whole(blobs, seed):
    X, groups = blobs
    ours = MiniBatchKMeans(5, random_state=seed).fit(X)
    theirs = cluster.MiniBatchKMeans(5, random_state=seed, n_init=3).fit(X)
    assert ours.inertia_ <= 1.02 * theirs.inertia_
    assert ours.inertia_ <= 1.05 * KMeans(5, random_state=0).fit(X).inertia_
    assert adjusted_rand_score(groups, ours.labels_) > 0.9


def test_a_centre_is_the_mean_of_all_that_joined_it():
    X = np.array([[1.0], [3.0], [11.0]])
    rows = DenseRows(X, np.array([1.0, 1.0, 2.0]), X.mean(axis=0))
    centers = np.array([[0.0], [10.0]])
    tally = rows.assign(centers, unassigned(3, 2, 1)).tally
    moved, weights = move(rows, tally, centers, np.array([2.0, 6.0]))
    np.testing.assert_allclose(moved, [[(0 * 2 + 1 + 3) / 4], [(10 * 6 + 2 * 11) / 8]])
    np.testing.assert_allclose(weights, [4.0, 8.0])


def test_partial_fit_keeps_the_means_of_its_batches(blobs):
    X, _ = blobs
    start = X[:5]
    model = MiniBatchKMeans(5, init=start, n_init=1, reassignment_ratio=0.0)
    sums, counts, centers = np.zeros((5, 4)), np.zeros(5), start
    for a in range(0, 3_000, 500):
        batch = X[a : a + 500]
        nearest = ((batch[:, None] - centers) ** 2).sum(axis=2).argmin(axis=1)
        np.add.at(sums, nearest, batch)
        counts += np.bincount(nearest, minlength=5)
        centers = np.where(counts[:, None] > 0, sums / np.maximum(counts, 1)[:, None], centers)
        model.partial_fit(batch)
        np.testing.assert_allclose(model.cluster_centers_, centers)
        np.testing.assert_array_equal(model.labels_, model.predict(batch))
    assert model.n_steps_ == 6


def test_a_moved_and_scaled_table_has_moved_and_scaled_centres(blobs):
    X, _ = blobs
    plain = MiniBatchKMeans(5, random_state=0).fit(X)
    moved = MiniBatchKMeans(5, random_state=0).fit(4 * X - 8)
    np.testing.assert_allclose(moved.cluster_centers_, 4 * plain.cluster_centers_ - 8, rtol=1e-6)


def test_sparse_rows_end_where_dense_ones_do(blobs):
    X = np.where(np.abs(blobs[0]) < 2, 0, blobs[0])
    start = X[:5]
    given = {"init": start, "n_init": 1, "random_state": 0}
    dense, thin = (MiniBatchKMeans(5, **given).fit(table) for table in (X, sparse.csr_array(X)))
    np.testing.assert_allclose(dense.cluster_centers_, thin.cluster_centers_, rtol=1e-6, atol=1e-8)


def test_as_many_clusters_as_rows_and_rows_that_are_all_equal():
    X = np.arange(6.0)[:, None] * 10
    assert MiniBatchKMeans(6, random_state=0).fit(X).inertia_ == pytest.approx(0.0)
    equal = MiniBatchKMeans(3, random_state=0).fit(np.ones((20, 2)))
    np.testing.assert_array_equal(equal.cluster_centers_, 1.0)
    assert MiniBatchKMeans(1, random_state=0).fit([[3.0]]).cluster_centers_.tolist() == [[3.0]]


def test_a_centre_that_nobody_joins_is_put_elsewhere(blobs):
    X, _ = blobs
    far = np.vstack([X[:4], np.full((1, 4), 1e4)])
    left = MiniBatchKMeans(5, init=far, n_init=1, random_state=0, reassignment_ratio=0.0).fit(X)
    helped = MiniBatchKMeans(5, init=far, n_init=1, random_state=0).fit(X)
    assert left.cluster_centers_.max() == 1e4
    assert helped.cluster_centers_.max() < 50


def test_it_stops_by_tolerance_by_patience_or_never(blobs):
    X, _ = blobs
    still = MiniBatchKMeans(5, random_state=0, tol=1.0, max_no_improvement=None).fit(X)
    tired = MiniBatchKMeans(5, random_state=0, max_no_improvement=1).fit(X)
    ever = MiniBatchKMeans(5, random_state=0, max_no_improvement=None, max_iter=3).fit(X)
    assert still.n_steps_ < ever.n_steps_
    assert tired.n_steps_ < ever.n_steps_
    assert ever.n_steps_ == 3 * 6_000 // 1_024


def test_labels_are_left_out_when_nobody_needs_them(blobs):
    model = MiniBatchKMeans(5, random_state=0, compute_labels=False).fit(blobs[0])
    assert not hasattr(model, "labels_")
    assert len(model.predict(blobs[0])) == 6_000


def test_what_cannot_be_is_said(capsys):
    with pytest.raises(ValueError, match="n_samples=2 should be >= n_clusters=8"):
        MiniBatchKMeans().fit([[0.0], [1.0]])
    with pytest.raises(ValueError, match="does not match"):
        MiniBatchKMeans(2, init=np.zeros((3, 1))).fit([[0.0], [1.0]])
    MiniBatchKMeans(2, verbose=1, max_iter=2, random_state=0).fit([[0.0], [1.0], [5.0]])
    assert "mean squared distance" in capsys.readouterr().out


def test_the_picture_leaves_those_grey_that_were_not_drawn(blobs):
    _, recording = diorama.watch(MiniBatchKMeans(5, batch_size=100, random_state=0), blobs[0][:500])
    frame = recording.scene().frames[1]
    coloured = sum(cluster != "none yet" for cluster in frame.data["points"]["cluster"])
    assert 50 < coloured <= 100
    assert "100 rows are drawn" in frame.narration
