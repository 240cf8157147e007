"""MeanShift against scikit-learn, constructed answers, relations that must hold, and the edges of what it takes."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import MeanShift as ScikitLearn
from sklearn.cluster import estimate_bandwidth as scikit_learns_estimate
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

import diorama
from diorama.clustering import MeanShift, _mean_shift_rows, estimate_bandwidth
from diorama.clustering._mean_shift_rows import ClimbedRows

KERNELS = ("flat", "gaussian")
each_kernel = pytest.mark.parametrize("kernel", KERNELS)


def rows(seed, n=None, d=None):
    random = np.random.default_rng(seed)
    n, d = n or int(random.integers(5, 200)), d or int(random.integers(1, 6))
    return random.normal(size=(n, d)) + 4 * random.integers(0, 3, size=(n, 1)) + 10


# ---- oracle: scikit-learn -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
@pytest.mark.parametrize(
    "settings", [{}, {"bin_seeding": True}, {"cluster_all": False}, {"bin_seeding": True, "min_bin_freq": 2}]
)
def test_same_modes_as_scikit_learn(seed, settings):
    X = rows(seed, n=80 + 10 * seed)
    bandwidth = scikit_learns_estimate(X, quantile=0.15 + 0.05 * seed)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Binning data failed")
        ours, theirs = (kind(bandwidth=bandwidth, **settings).fit(X) for kind in (MeanShift, ScikitLearn))
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))


def test_same_as_scikit_learn_from_given_seeds_and_by_default():
    X = rows(3, n=100, d=2)
    for settings in ({"seeds": X[::7], "bandwidth": 1.5}, {}, {"bandwidth": 1.5, "max_iter": 2}):
        ours, theirs = (kind(**settings).fit(X) for kind in (MeanShift, ScikitLearn))
        np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=1e-9)
        assert ours.n_iter_ == theirs.n_iter_


@pytest.mark.parametrize("quantile", [0, 0.01, 0.3, 0.77, 1])
def test_same_bandwidth_as_scikit_learn(quantile):
    for seed in range(3):
        X = rows(seed)
        for settings in ({}, {"n_samples": 20, "random_state": seed}):
            expected = scikit_learns_estimate(X, quantile=quantile, **settings)
            assert estimate_bandwidth(X, quantile=quantile, **settings) == pytest.approx(expected, rel=1e-9, abs=1e-9)


@each_kernel
def test_a_step_is_the_weighted_mean_by_brute_force(kernel):
    X, h = rows(5, n=150, d=3), 1.7
    places = np.concatenate([X[:30] + 0.1, [[90.0, 90.0, 90.0]]])
    weights, means = ClimbedRows(X, h, kernel).climb(places)
    away = cdist(places, X)
    shares = (away <= h).astype(float) if kernel == "flat" else np.exp(-(away**2) / (2 * h**2))
    np.testing.assert_allclose(weights[:-1], shares[:-1].sum(axis=1), rtol=1e-12)
    np.testing.assert_allclose(means[:-1], shares[:-1] @ X / shares[:-1].sum(axis=1)[:, None])
    assert weights[-1] == 0
    np.testing.assert_array_equal(means[-1], places[-1])


# ---- constructed answers and relations ------------------------------------------------------------------------------


@each_kernel
def test_groups_far_apart_are_their_means(kernel):
    square = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
    X = np.concatenate([square, square, square + 100])
    model = MeanShift(bandwidth=2.5, kernel=kernel).fit(X)
    np.testing.assert_allclose(model.cluster_centers_, [[0, 0], [100, 100]], atol=5e-3)
    assert model.labels_.tolist() == [0] * 8 + [1] * 4
    assert model.predict([[60.0, 60.0], [-9.0, 3.0]]).tolist() == [1, 0]


@each_kernel
def test_no_step_goes_downhill(kernel):
    """The density through the kernel's shadow: the flat one's is 1 - |u|^2 / h^2, the Gaussian one's is itself."""
    X, h = rows(6, n=120, d=2), 1.3
    _, recording = diorama.watch(MeanShift(bandwidth=h, kernel=kernel), X)

    def density(places):
        squared = cdist(places, X, "sqeuclidean") / h**2
        seen = np.maximum(1 - squared, 0) if kernel == "flat" else np.exp(-squared / 2)
        return seen.sum(axis=1)

    states = [moment.state for moment in recording.fits[-1].moments]
    heights = [density(state.places) for state in states]
    assert len(heights) > 3
    assert all((after >= before - 1e-9).all() for before, after in pairwise(heights))
    assert all(after.moving.sum() <= before.moving.sum() for before, after in pairwise(states))


@each_kernel
def test_neither_order_nor_a_turn_nor_a_shift_changes_the_clusters(kernel):
    X = rows(7, n=120, d=3)
    random = np.random.default_rng(0)
    turn, order = np.linalg.qr(random.normal(size=(3, 3)))[0], random.permutation(120)
    plain = MeanShift(bandwidth=2.2, kernel=kernel).fit(X)
    for changed, labels in ((X[order], plain.labels_[order]), (X @ turn + 1000, plain.labels_)):
        model = MeanShift(bandwidth=2.2, kernel=kernel).fit(changed)
        assert adjusted_rand_score(model.labels_, labels) == 1.0
        assert len(model.cluster_centers_) == len(plain.cluster_centers_)


def test_rows_and_bandwidth_may_have_another_unit():
    X = rows(8, n=100, d=2)
    plain, scaled = MeanShift(bandwidth=1.5).fit(X), MeanShift(bandwidth=1.5e6).fit(1e6 * X)
    np.testing.assert_allclose(scaled.cluster_centers_, 1e6 * plain.cluster_centers_, rtol=1e-9)


def test_both_kernels_see_blobs_the_same():
    X, y = make_blobs(300, 2, centers=[[0, 0], [8, 8], [-8, 8]], random_state=0)
    for kernel in KERNELS:
        assert adjusted_rand_score(MeanShift(bandwidth=2.0, kernel=kernel).fit_predict(X), y) == 1.0


# ---- limits ---------------------------------------------------------------------------------------------------------


@each_kernel
def test_degenerate_rows(kernel):
    line = np.outer(np.arange(20.0), [1.0, 2.0])
    for X, bandwidth in ((np.full((9, 2), 3.0), None), (line, 3.0), (np.repeat(rows(0, n=4, d=2), 5, axis=0), 0.1)):
        model = MeanShift(bandwidth=bandwidth, kernel=kernel).fit(X)
        assert np.isfinite(model.cluster_centers_).all()
        assert model.labels_.min() == 0
    assert MeanShift(kernel=kernel).fit([[3.0, 4.0]]).cluster_centers_.tolist() == [[3.0, 4.0]]


@each_kernel
def test_a_small_bandwidth_leaves_every_row_alone_and_a_large_one_none(kernel):
    X = rows(9, n=30, d=2)
    assert len(MeanShift(bandwidth=1e-6, kernel=kernel).fit(X).cluster_centers_) == 30
    assert len(MeanShift(bandwidth=100, kernel=kernel).fit(X).cluster_centers_) == 1


def test_orphans_are_labelled_so():
    X = np.array([[0.0], [0.2], [0.4], [50.0]])
    assert MeanShift(bandwidth=1, seeds=[[0.0]], cluster_all=False).fit(X).labels_.tolist() == [0, 0, 0, -1]
    assert MeanShift(bandwidth=1, seeds=[[0.0]]).fit(X).labels_.tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"bandwidth": 1, "seeds": [[500.0, 500.0]]}, "No point was within bandwidth=1 of any seed"),
        ({"bandwidth": 1, "seeds": [[1.0]]}, "seeds have 1 columns and X has 2"),
        ({"bandwidth": 1, "bin_seeding": True, "min_bin_freq": 99}, "no bin has min_bin_freq=99 rows, the fullest has"),
        ({"bandwidth": 0}, "bandwidth"),
        ({"kernel": "flattish"}, "kernel"),
    ],
)
def test_what_does_not_fit_is_refused(parameters, message):
    with pytest.raises(ValueError, match=message):
        MeanShift(**parameters).fit(rows(0, n=20, d=2))


def test_a_quantile_is_a_share():
    with pytest.raises(ValueError, match=r"from 0 to 1; got 1\.5"):
        estimate_bandwidth(rows(0), quantile=1.5)


def test_bins_that_hold_one_row_each_warn():
    X = np.arange(10.0)[:, None] * 10
    with pytest.warns(UserWarning, match="Binning data failed"):
        MeanShift(bandwidth=1, bin_seeding=True).fit(X)


# ---- kernels and pictures -------------------------------------------------------------------------------------------


@each_kernel
def test_the_kernel_as_plain_python(kernel, monkeypatch):
    X = rows(10, n=70, d=2)
    climbed = ClimbedRows(X, 1.1, kernel)
    expected = climbed.climb(X[:9])
    monkeypatch.setattr(_mean_shift_rows, "climb", _mean_shift_rows.climb.py_func)
    for found, wanted in zip(climbed.climb(X[:9]), expected, strict=True):
        np.testing.assert_allclose(found, wanted, rtol=1e-12)


@each_kernel
@pytest.mark.parametrize("d", [1, 2, 5])
def test_the_scene_tells_what_happened(kernel, d):
    X = rows(11, n=90, d=d)
    model, recording = diorama.watch(MeanShift(bandwidth=2.5, kernel=kernel), X)
    scene = recording.scene()
    n_modes = len(model.cluster_centers_)
    assert f"stand on {n_modes} mode" in scene.frames[-1].narration
    assert [int(mode) for mode in scene.frames[-1].data["rows"]["mode"]] == model.labels_.tolist()
    assert set(scene.frames[-1].data["seeds"]["mode"]) == {str(mode) for mode in range(n_modes)}
    assert ("principal components" in scene.caption) == (d > 2)


def test_the_scene_of_a_fit_that_ran_out_of_steps_and_of_seeds_that_see_nothing():
    X = rows(12, n=90, d=2)
    seeds = np.concatenate([X, [[500.0, 500.0]]])
    _, recording = diorama.watch(MeanShift(bandwidth=1.0, seeds=seeds, max_iter=1), X)
    scene = recording.scene()
    assert "the last step allowed" in scene.frames[-1].narration
    assert scene.frames[-1].data["seeds"]["mode"][-1] == "sees no row"
