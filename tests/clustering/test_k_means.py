"""KMeans against scikit-learn, constructed answers, relations that must hold, and the edges of what it takes."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays
from scipy import sparse
from sklearn.base import clone
from sklearn.cluster import KMeans as ScikitLearn
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import diorama
from diorama.clustering import KMeans, k_means_rows


def blobs(n=300, d=3, k=4, seed=0, std=2.0):
    X, _ = make_blobs(n, d, centers=k, cluster_std=std, random_state=seed)
    return X


def j_of(X, centers, labels, weights=None):
    distances = ((np.asarray(X, float) - np.asarray(centers, float)[labels]) ** 2).sum(axis=1)
    return float(distances.sum() if weights is None else distances @ weights)


# ---- oracle: scikit-learn -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("kind", ["plain", "weighted", "sparse", "float32", "blocks"])
def test_same_as_scikit_learn_from_the_same_centers(seed, kind, monkeypatch):
    if kind == "blocks":
        monkeypatch.setattr(k_means_rows, "FEW", 0)
    random = np.random.default_rng(seed)
    n, d, k = int(random.integers(20, 600)), int(random.integers(1, 12)), int(random.integers(1, 12))
    X = random.normal(size=(n, d)) + 3 * random.integers(0, 3, size=(n, 1)) + 20
    weights = random.integers(1, 5, size=n).astype(float) if kind == "weighted" else None
    if kind == "sparse":
        X = sparse.csr_array(np.where(random.random(X.shape) < 0.4, X, 0.0))
    if kind == "float32":
        X = X.astype(np.float32)
    dense = X.toarray() if sparse.issparse(X) else X
    init = dense[random.choice(n, k, replace=False)]
    ours = KMeans(k, init=init, algorithm="elkan" if seed == 0 else "lloyd").fit(X, sample_weight=weights)
    theirs = ScikitLearn(k, init=init).fit(X, sample_weight=weights)
    tight = 1e-4 if kind == "float32" else 1e-9
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_, rtol=tight, atol=tight)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.inertia_ == pytest.approx(theirs.inertia_, rel=tight)
    assert ours.n_iter_ == theirs.n_iter_
    np.testing.assert_array_equal(ours.predict(X), ours.labels_)
    assert ours.cluster_centers_.dtype == X.dtype


@pytest.mark.parametrize("init", ["k-means++", "random"])
def test_on_average_as_good_as_scikit_learn_from_scratch(init):
    X = blobs(n=400, k=9, std=1.0)
    ours, theirs = (
        np.mean([kind(9, init=init, n_init=1, random_state=seed).fit(X).inertia_ for seed in range(30)])
        for kind in (KMeans, ScikitLearn)
    )
    assert ours <= 1.1 * theirs


def test_empty_clusters_are_filled_as_scikit_learn_fills_them():
    X = blobs(n=200, d=2, k=3)
    init = np.vstack([X[:2], [[500.0, 500.0], [-500.0, 800.0]]])
    ours, theirs = KMeans(4, init=init).fit(X), ScikitLearn(4, init=init).fit(X)
    np.testing.assert_allclose(ours.cluster_centers_, theirs.cluster_centers_)
    np.testing.assert_array_equal(ours.labels_, theirs.labels_)
    assert ours.n_iter_ == theirs.n_iter_
    assert len(np.unique(ours.labels_)) == 4


def test_transform_and_score_are_scikit_learns():
    X = blobs()
    weights = np.arange(1.0, len(X) + 1)
    ours, theirs = (kind(4, init=X[:4]).fit(X) for kind in (KMeans, ScikitLearn))
    np.testing.assert_allclose(ours.transform(X), theirs.transform(X))
    np.testing.assert_allclose(KMeans(4, init=X[:4]).fit_transform(X), theirs.transform(X))
    np.testing.assert_array_equal(KMeans(4, init=X[:4]).fit_predict(X), theirs.labels_)
    assert ours.score(X) == pytest.approx(theirs.score(X))
    assert ours.score(X, sample_weight=weights) == pytest.approx(theirs.score(X, sample_weight=weights))
    assert list(ours.get_feature_names_out()) == ["kmeans0", "kmeans1", "kmeans2", "kmeans3"]


# ---- constructed answers --------------------------------------------------------------------------------------------


def test_four_points_on_a_line_by_hand():
    model, recording = diorama.watch(KMeans(2, init=[[0.0], [1.0]]), [[0.0], [1.0], [5.0], [6.0]])
    states = [moment.state for moment in recording.fits[-1].moments]
    assert [state.centers.ravel().tolist() for state in states] == [[0, 1], [0, 4], [0.5, 5.5], [0.5, 5.5]]
    assert [state.labels.tolist() for state in states[1:]] == [[0, 1, 1, 1], [0, 0, 1, 1], [0, 0, 1, 1]]
    assert [state.inertia for state in states[1:]] == pytest.approx([41.0, 6.0, 1.0])
    assert [state.settled for state in states[1:]] == pytest.approx([14.0, 1.0, 1.0])
    assert model.inertia_ == 1.0
    assert model.n_iter_ == 3


def test_groups_far_apart_are_found_exactly():
    offsets = np.array([[-1.0, 0.0], [1.0, 0.0], [0.0, -1.0], [0.0, 1.0]])
    centers = np.array([[0.0, 0.0], [100.0, 0.0], [0.0, 100.0]])
    X = (centers[:, None, :] + offsets).reshape(-1, 2)
    model = KMeans(3, random_state=0).fit(X)
    np.testing.assert_allclose(sorted(model.cluster_centers_.tolist()), sorted(centers.tolist()), atol=1e-12)
    assert model.inertia_ == pytest.approx(12.0)


def test_far_from_the_origin_nothing_is_lost_to_rounding():
    X = np.array([[0.0], [1.0], [10.0], [11.0]])
    far = KMeans(2, init=[[1e9], [1e9 + 11]]).fit(X + 1e9)
    assert far.inertia_ == 1.0
    np.testing.assert_array_equal(far.labels_, [0, 0, 1, 1])
    np.testing.assert_array_equal(far.predict(X + 1e9), far.labels_)


# ---- relations ------------------------------------------------------------------------------------------------------


def test_a_row_twice_is_a_row_of_weight_two():
    X = blobs(n=150)
    weights = np.random.default_rng(0).integers(0, 4, size=len(X))
    init = X[np.flatnonzero(weights)[:4]]
    weighted = KMeans(4, init=init, tol=0).fit(X, sample_weight=weights)
    repeated = KMeans(4, init=init, tol=0).fit(np.repeat(X, weights, axis=0))
    np.testing.assert_allclose(weighted.cluster_centers_, repeated.cluster_centers_)
    assert weighted.inertia_ == pytest.approx(repeated.inertia_)
    np.testing.assert_array_equal(np.repeat(weighted.labels_, weights), repeated.labels_)


def test_the_order_of_rows_does_not_matter():
    X = blobs(n=5_000, d=4, k=7)
    order = np.random.default_rng(1).permutation(len(X))
    straight, shuffled = KMeans(7, init=X[:7]).fit(X), KMeans(7, init=X[:7]).fit(X[order])
    np.testing.assert_array_equal(straight.labels_[order], shuffled.labels_)
    np.testing.assert_allclose(straight.cluster_centers_, shuffled.cluster_centers_)


@pytest.mark.parametrize(("kind", "n"), [(np.asarray, 700), (np.asarray, 9_000), (sparse.csr_array, 700)])
def test_neither_order_nor_repetition_of_rows_changes_the_start(kind, n):
    X = blobs(n=n, d=4, k=7).round(1)
    random = np.random.default_rng(1)
    weights = random.integers(0, 3, size=len(X))
    order = random.permutation(len(X))
    repeated = KMeans(7, random_state=0).fit(kind(X.repeat(weights, axis=0)))
    weighted = KMeans(7, random_state=0).fit(kind(X[order]), sample_weight=weights[order])
    np.testing.assert_allclose(repeated.cluster_centers_, weighted.cluster_centers_)


def test_turning_the_data_turns_the_centers():
    X = blobs(d=5)
    turn = np.linalg.qr(np.random.default_rng(0).normal(size=(5, 5)))[0]
    straight, turned = KMeans(4, init=X[:4]).fit(X), KMeans(4, init=X[:4] @ turn).fit(X @ turn)
    np.testing.assert_array_equal(straight.labels_, turned.labels_)
    np.testing.assert_allclose(straight.cluster_centers_ @ turn, turned.cluster_centers_)


def test_sparse_and_dense_agree():
    X = np.where(np.random.default_rng(0).random((200, 6)) < 0.5, blobs(n=200, d=6), 0.0)
    dense, thin = (KMeans(5, random_state=3).fit(rows) for rows in (X, sparse.csr_matrix(X)))
    np.testing.assert_array_equal(dense.labels_, thin.labels_)
    np.testing.assert_allclose(dense.cluster_centers_, thin.cluster_centers_)
    np.testing.assert_array_equal(thin.predict(sparse.csr_array(X)), thin.predict(X))
    assert thin.inertia_ == pytest.approx(dense.inertia_)


def test_neither_half_of_a_step_raises_j():
    for seed, n, d, k in [(0, 400, 2, 5), (1, 6_000, 3, 20), (2, 3_000, 10, 9)]:
        X = np.random.default_rng(seed).random((n, d))
        model, recording = diorama.watch(KMeans(k, init="random", n_init=1, random_state=seed), X)
        states = [moment.state for moment in recording.fits[-1].moments[1:]]
        js = [j for state in states for j in (state.inertia, state.settled)]
        assert len(js) > 4
        assert all(after <= before for before, after in pairwise(js))
        assert model.inertia_ == pytest.approx(js[-1], rel=1e-3)
        for before, state in zip(recording.fits[-1].moments, states, strict=False):
            assert state.inertia == pytest.approx(j_of(X, before.state.centers, state.labels), rel=1e-10)
            assert state.settled == pytest.approx(j_of(X, state.centers, state.labels), rel=1e-10)


def test_every_step_gives_each_row_its_nearest_center():
    X = np.random.default_rng(4).random((3_000, 3))
    _, recording = diorama.watch(KMeans(25, init="random", n_init=1, random_state=0, tol=0), X)
    moments = recording.fits[-1].moments
    for (_, before), (_, state) in pairwise(moments):
        distances = ((X[:, None, :] - before.centers) ** 2).sum(axis=2)
        np.testing.assert_allclose(distances[np.arange(len(X)), state.labels], distances.min(axis=1), rtol=1e-12)


# ---- limits ---------------------------------------------------------------------------------------------------------


def test_as_many_clusters_as_rows():
    X = blobs(n=12)
    model = KMeans(12, random_state=0).fit(X)
    assert model.inertia_ == pytest.approx(0.0, abs=1e-20)
    assert sorted(model.labels_) == list(range(12))


def test_one_row_and_one_cluster():
    model = KMeans(1).fit([[3.0, 4.0]])
    np.testing.assert_array_equal(model.cluster_centers_, [[3.0, 4.0]])
    assert (model.inertia_, model.n_iter_, model.labels_.tolist()) == (0.0, 1, [0])


def test_one_cluster_is_the_mean():
    X = blobs()
    np.testing.assert_allclose(KMeans(1).fit(X).cluster_centers_[0], X.mean(axis=0))


@pytest.mark.parametrize("kind", [np.asarray, sparse.csr_array])
def test_rows_that_are_all_equal_warn_and_end(kind):
    with pytest.warns(ConvergenceWarning, match=r"distinct clusters \(1\).*n_clusters \(3\)"):
        model = KMeans(3, random_state=0).fit(kind(np.full((10, 2), 7.0)))
    assert np.isfinite(model.cluster_centers_).all()
    np.testing.assert_allclose(model.cluster_centers_, 7.0)


def test_more_clusters_than_rows_is_refused():
    with pytest.raises(ValueError, match=r"n_samples=3 should be >= n_clusters=8: .* ask for fewer clusters"):
        KMeans(8).fit(np.zeros((3, 2)))


@pytest.mark.parametrize("init", [np.zeros((2, 2)), np.zeros((3, 5)), lambda X, k, random_state: X[: k - 1]])
def test_centers_of_the_wrong_shape_are_refused(init):
    with pytest.raises(ValueError, match="shape of the initial centers"):
        KMeans(3, init=init).fit(np.zeros((5, 2)))


def test_starts_given_and_tried_many_times_warn():
    X = blobs()
    with pytest.warns(RuntimeWarning, match="performing only one init"):
        KMeans(4, init=X[:4], n_init=5).fit(X)


def test_a_callable_start():
    X = blobs()
    asked = []

    def start(X, n_clusters, random_state):
        asked.append(random_state)
        return X[random_state.choice(len(X), n_clusters, replace=False)]

    KMeans(4, init=start, random_state=0).fit(X)
    assert len(asked) == 10
    KMeans(4, init=start, n_init=2, random_state=0).fit(X)
    assert len(asked) == 12


def test_negative_and_no_weights_are_refused():
    X = blobs()
    with pytest.raises(ValueError, match=r"[Nn]egative"):
        KMeans(2).fit(X, sample_weight=np.full(len(X), -1.0))
    with pytest.raises(ValueError, match="zero"):
        KMeans(2).fit(X, sample_weight=np.zeros(len(X)))


def test_verbose_tells_each_step(capsys):
    model = KMeans(3, random_state=0, verbose=1).fit(blobs())
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == model.n_iter_
    assert all("inertia" in line for line in lines)


def test_the_last_step_allowed_is_the_last():
    X = np.random.default_rng(0).random((500, 2))
    model = KMeans(10, random_state=0, max_iter=2).fit(X)
    assert model.n_iter_ == 2
    np.testing.assert_array_equal(model.labels_, model.predict(X))
    assert model.inertia_ == pytest.approx(-model.score(X))


# ---- the house's promises -------------------------------------------------------------------------------------------


def same_bits(one, other):
    assert one.cluster_centers_.tobytes() == other.cluster_centers_.tobytes()
    assert one.labels_.tobytes() == other.labels_.tobytes()
    assert (one.inertia_, one.n_iter_) == (other.inertia_, other.n_iter_)


@pytest.mark.parametrize("parameters", [{}, {"init": "random", "n_init": 3}, {"tol": 0}])
def test_watched_and_unwatched_give_the_same_bits(parameters):
    X = blobs(n=5_000, k=8)
    model = KMeans(8, random_state=1, **parameters)
    alone = clone(model).fit(X)
    watched, recording = diorama.watch(clone(model), X)
    same_bits(alone, watched)
    last = recording.fits[-1].moments[-1].state
    assert last.centers.tobytes() == alone.cluster_centers_.tobytes()


def test_any_number_of_threads_gives_the_same_bits(monkeypatch):
    X = np.random.default_rng(0).random((30_000, 5))
    models = []
    for threads in "123":
        monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
        models.append(KMeans(12, random_state=0, max_iter=40).fit(X))
    same_bits(models[0], models[1])
    same_bits(models[0], models[2])


def test_neither_data_nor_recorded_states_are_written():
    X = blobs(n=2_500)
    X.flags.writeable = False
    kept = []

    class Keeper(diorama._iterate.Observer):
        def see(self, fit, iteration, state):
            kept.append((state, [np.array(part) for part in (state.centers, state.labels, *state.search)]))

    with diorama._iterate.observing(Keeper()):
        KMeans(5, random_state=0, copy_x=False).fit(X)
    assert len(kept) > 2
    for state, copies in kept:
        for part, copy in zip((state.centers, state.labels, *state.search), copies, strict=True):
            np.testing.assert_array_equal(part, copy)


def test_recorded_inside_a_pipeline():
    with diorama.record() as recording:
        make_pipeline(StandardScaler(), KMeans(3, random_state=0)).fit(blobs())
    assert len(recording) > 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    X=st.tuples(st.integers(1, 30), st.integers(1, 6)).flatmap(
        lambda shape: arrays(
            st.sampled_from([np.float64, np.float32, np.int64]),
            shape,
            elements=st.integers(-3, 3),
        )
    ),
    n_clusters=st.integers(1, 8),
    seed=st.integers(0, 3),
)
def test_any_small_table(X, n_clusters, seed):
    model = KMeans(n_clusters, random_state=seed)
    if n_clusters > len(X):
        with pytest.raises(ValueError, match="n_samples"):
            model.fit(X)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)
        model.fit(X)
    centers, labels = model.cluster_centers_, model.labels_
    assert np.isfinite(centers).all()
    assert centers.dtype == (np.float32 if X.dtype == np.float32 else np.float64)
    distances = ((X[:, None, :].astype(float) - centers) ** 2).sum(axis=2)
    np.testing.assert_allclose(distances[np.arange(len(X)), labels], distances.min(axis=1), atol=1e-5)
    assert model.inertia_ == pytest.approx(j_of(X, centers, labels), rel=1e-5, abs=1e-9)


@pytest.mark.parametrize("bad", [np.nan, np.inf])
def test_what_is_not_finite_is_refused(bad):
    X = blobs()
    X[3, 1] = bad
    with pytest.raises(ValueError, match=r"NaN|infinity"):
        KMeans(2).fit(X)
