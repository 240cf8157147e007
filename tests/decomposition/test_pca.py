"""PCA against scikit-learn, exact cases, relations that must hold, and what is refused."""

from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy.sparse import csr_array
from sklearn import decomposition

import diorama
from diorama.decomposition import PCA
from diorama.decomposition.pca import mean_and_covariance


def table(n=200, d=6, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, d)) @ random.normal(size=(d, d)) + 3.0


@pytest.mark.parametrize("solver", ["full", "covariance_eigh", "randomized", "auto"])
@pytest.mark.parametrize("n_components", [1, 3, 6, None, 0.8])
@pytest.mark.parametrize("whiten", [False, True])
def test_it_is_scikit_learns(solver, n_components, whiten):
    if solver == "randomized" and n_components == 0.8:
        with pytest.raises(ValueError, match="a number of axes, not the share"):
            PCA(0.8, svd_solver=solver).fit(table())
        return
    X = table()
    ours = PCA(n_components, svd_solver=solver, whiten=whiten, random_state=0).fit(X)
    theirs = decomposition.PCA(n_components, svd_solver=solver, whiten=whiten, random_state=0).fit(X)
    names = ("components_", "explained_variance_", "explained_variance_ratio_", "singular_values_", "mean_")
    for name in (*names, "noise_variance_"):
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-6, atol=1e-9)
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X), atol=1e-7)
    np.testing.assert_allclose(ours.inverse_transform(ours.transform(X)), theirs.inverse_transform(theirs.transform(X)))
    if not whiten:  # theirs is another model's then
        np.testing.assert_allclose(ours.get_covariance(), theirs.get_covariance(), atol=1e-9)
    assert ours.get_feature_names_out().tolist() == theirs.get_feature_names_out().tolist()


@pytest.mark.parametrize("shape", [(5, 40), (40, 5), (30, 30)])
def test_fewer_rows_than_columns_are_scikit_learns_too(shape):
    X = np.random.default_rng(1).normal(size=shape)
    ours, theirs = PCA(3).fit(X), decomposition.PCA(3).fit(X)
    np.testing.assert_allclose(ours.components_, theirs.components_, atol=1e-9)
    np.testing.assert_allclose(ours.noise_variance_, theirs.noise_variance_)


def test_a_sketch_finds_the_few_long_directions_of_a_large_table():
    random = np.random.default_rng(0)
    X = random.normal(size=(700, 4)) @ random.normal(size=(4, 600)) + 0.01 * random.normal(size=(700, 600))
    sketched, exact = PCA(4, svd_solver="randomized", random_state=0).fit(X), PCA(4, svd_solver="full").fit(X)
    np.testing.assert_allclose(sketched.explained_variance_, exact.explained_variance_, rtol=1e-6)
    np.testing.assert_allclose(np.abs(np.sum(sketched.components_ * exact.components_, axis=1)), 1.0, rtol=1e-6)


def test_points_on_a_line_have_one_axis():
    x = np.arange(6.0)
    model = PCA().fit(np.column_stack([x, 2 * x, -2 * x]) + 100)
    np.testing.assert_allclose(np.abs(model.components_[0]), np.array([1, 2, 2]) / 3)
    np.testing.assert_allclose(model.explained_variance_, [9 * 3.5, 0, 0], atol=1e-9)
    assert model.components_[0][np.abs(model.components_[0]).argmax()] > 0


def test_columns_far_from_zero_lose_no_digits():
    X = table(400, 3)
    far = PCA(svd_solver="covariance_eigh").fit(X + 1e7)
    np.testing.assert_allclose(far.explained_variance_, PCA().fit(X).explained_variance_, rtol=1e-6)


def test_sparse_rows_are_dense_rows():
    X = table() * (np.random.default_rng(0).random((200, 6)) < 0.4)
    dense, sparse = PCA(2).fit(X), PCA(2).fit(csr_array(X))
    np.testing.assert_allclose(sparse.components_, dense.components_, atol=1e-9)
    np.testing.assert_allclose(sparse.transform(csr_array(X)), dense.transform(X), atol=1e-9)
    with pytest.raises(ValueError, match="takes no sparse X"):
        PCA(2, svd_solver="full").fit(csr_array(X))


def test_turning_the_rows_turns_the_axes():
    X = table(100, 3)
    turn, _ = np.linalg.qr(np.random.default_rng(3).normal(size=(3, 3)))
    plain, turned = PCA().fit(X), PCA().fit(X @ turn)
    np.testing.assert_allclose(plain.explained_variance_, turned.explained_variance_)
    np.testing.assert_allclose(np.abs(plain.transform(X)), np.abs(turned.transform(X @ turn)), atol=1e-9)


def test_whitened_places_vary_alike_and_apart():
    places = PCA(3, whiten=True).fit_transform(table())
    np.testing.assert_allclose(np.cov(places.T), np.eye(3), atol=1e-9)


@settings(max_examples=30, deadline=None)
@given(arrays(float, st.tuples(st.integers(2, 9), st.integers(1, 4)), elements=st.floats(-100, 100, width=32)))
def test_any_rows_come_back_from_all_axes(X):
    model = PCA().fit(X)
    np.testing.assert_allclose(model.inverse_transform(model.transform(X)), X, atol=1e-6)
    assert np.isfinite(model.explained_variance_ratio_).all()


def test_the_turning_axes_arrive_where_the_fit_is():
    X = table(100, 4)
    with diorama.record(max_frames=200) as recording:
        model = PCA().fit(X)
    states = [moment.state for moment in recording.fits[0].moments]
    standing = [state for state in states if state.settled]
    assert len(standing) == 2
    np.testing.assert_allclose(standing[1].axes, model.components_[:2])
    # the last turn of each axis is there, or nearly
    for state, after in pairwise(states):
        if after.settled:
            assert abs(state.axes[-1] @ after.axes[-1]) > 0.9
    first = [state.variances[0] for state in states if len(state.axes) == 1]
    assert (np.diff(first) >= -1e-9).all()


def test_mean_and_covariance_are_numpys():
    X = table(50, 3)
    mean, covariance = mean_and_covariance(X)
    np.testing.assert_allclose(mean, X.mean(axis=0))
    np.testing.assert_allclose(covariance, np.cov(X.T))


def test_what_cannot_be_is_said():
    with pytest.raises(ValueError, match="n_components=7 must be at most 6: X has 200 rows and 6 columns"):
        PCA(7).fit(table())
    with pytest.raises(ValueError, match="must be at most 5"):
        PCA(6, svd_solver="randomized").fit(table(5, 9))
    with pytest.raises(ValueError, match="minimum of 2 is required"):
        PCA().fit([[1.0, 2.0]])


@pytest.mark.parametrize("kind", [np.float64, np.float32])
def test_few_long_rows_give_the_axes_of_their_singular_vectors(kind):
    X = (np.random.default_rng(0).normal(size=(40, 700)) * np.linspace(3, 1, 700) + 50).astype(kind)
    quick, full = PCA(5).fit(X), PCA(5, svd_solver="full").fit(X)
    tight = 1e-9 if kind is np.float64 else 1e-4
    np.testing.assert_allclose(quick.components_, full.components_, atol=tight)
    np.testing.assert_allclose(quick.explained_variance_, full.explained_variance_, rtol=tight)
    np.testing.assert_allclose(quick.explained_variance_ratio_, full.explained_variance_ratio_, rtol=tight)
    assert quick.noise_variance_ == pytest.approx(full.noise_variance_, rel=1e-4)


def test_axes_beyond_the_extent_of_long_rows_still_stand_square():
    random = np.random.default_rng(0)
    X = random.normal(size=(40, 3)) @ random.normal(size=(3, 700))
    model = PCA(6).fit(X)
    np.testing.assert_allclose(model.components_ @ model.components_.T, np.eye(6), atol=1e-9)
    np.testing.assert_allclose(model.explained_variance_[3:], 0.0, atol=1e-9)


def test_a_sketch_is_the_same_on_any_number_of_threads(monkeypatch):
    X = np.random.default_rng(0).normal(size=(700, 620))
    found = []
    for threads in "123":
        monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
        found.append(PCA(3, random_state=0).fit(X).components_.tobytes())
    assert len(set(found)) == 1
