"""GaussianMixture against scikit-learn, constructed answers, relations that must hold, and the edges of its input."""

import warnings
from itertools import pairwise

import numpy as np
import pytest
from sklearn.datasets import make_blobs
from sklearn.exceptions import ConvergenceWarning
from sklearn.mixture import GaussianMixture as ScikitLearn

import diorama
from diorama.clustering import GaussianMixture, _covariances
from diorama.clustering._covariances import KINDS, Mixture, log_densities
from diorama.clustering._mixture_rows import TiledRows

TYPES = ("full", "tied", "diag", "spherical")
each_type = pytest.mark.parametrize("covariance_type", TYPES)
LEARNED = ("weights_", "means_", "covariances_", "precisions_", "precisions_cholesky_", "lower_bound_")

pytestmark = pytest.mark.filterwarnings("ignore:Best performing initialization:sklearn.exceptions.ConvergenceWarning")


def problem(seed, n=None, d=None):
    random = np.random.default_rng(seed)
    n, d = n or int(random.integers(40, 400)), d or int(random.integers(1, 7))
    X = random.normal(size=(n, d)) @ random.normal(size=(d, d)) + 5 * random.integers(0, 3, size=(n, 1)) + 50
    return X, int(random.integers(1, 5))


# ---- oracle: scikit-learn -------------------------------------------------------------------------------------------


@each_type
@pytest.mark.parametrize("seed", range(8))
def test_same_steps_as_scikit_learn_from_the_same_shares(covariance_type, seed):
    X, k = problem(seed)
    settings = {"covariance_type": covariance_type, "init_params": "random", "random_state": seed, "max_iter": 40}
    ours, theirs = GaussianMixture(k, **settings).fit(X), ScikitLearn(k, **settings).fit(X)
    for name in LEARNED:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-6, atol=1e-8, err_msg=name)
    assert (ours.n_iter_, ours.converged_) == (theirs.n_iter_, theirs.converged_)
    np.testing.assert_allclose(ours.lower_bounds_, theirs.lower_bounds_, rtol=1e-9)
    np.testing.assert_allclose(ours.score_samples(X), theirs.score_samples(X), rtol=1e-7)
    np.testing.assert_allclose(ours.predict_proba(X), theirs.predict_proba(X), atol=1e-7)
    np.testing.assert_array_equal(ours.predict(X), theirs.predict(X))
    for judge in ("score", "bic", "aic"):
        assert getattr(ours, judge)(X) == pytest.approx(getattr(theirs, judge)(X))


@pytest.mark.parametrize("covariance_type", ["full", "diag", "spherical"])
@pytest.mark.parametrize("reg_covar", [0.0, 1e-6, 0.3])
def test_same_as_scikit_learn_from_rows_drawn(covariance_type, reg_covar):
    X, _ = problem(3, n=300, d=3)
    settings = {"covariance_type": covariance_type, "reg_covar": reg_covar, "random_state": 1}
    if reg_covar:  # without it a single row is no start
        settings["init_params"] = "random_from_data"
    ours, theirs = GaussianMixture(3, **settings).fit(X), ScikitLearn(3, **settings).fit(X)
    assert ours.lower_bound_ == pytest.approx(theirs.lower_bound_, rel=1e-6)


@each_type
def test_same_as_scikit_learn_from_a_given_start(covariance_type):
    X, _ = problem(5, n=250, d=3)
    precisions = {"full": np.array([np.eye(3), 2 * np.eye(3) + 0.5]), "tied": np.eye(3) + 0.5}
    precisions |= {"diag": np.array([[1.0, 2.0, 3.0], [0.5, 1.0, 4.0]]), "spherical": np.array([0.5, 2.0])}
    start = {"weights_init": [0.3, 0.7], "means_init": X[:2], "precisions_init": precisions[covariance_type]}
    settings = {"covariance_type": covariance_type, "random_state": 0, **start}
    ours, theirs = GaussianMixture(2, **settings).fit(X), ScikitLearn(2, **settings).fit(X)
    for name in LEARNED:
        np.testing.assert_allclose(getattr(ours, name), getattr(theirs, name), rtol=1e-6, atol=1e-9, err_msg=name)


def test_as_good_as_scikit_learn_from_scratch():
    X, _ = make_blobs(400, 3, centers=5, cluster_std=1.5, random_state=1)
    for init in ("kmeans", "k-means++"):
        settings = {"init_params": init, "n_init": 3, "random_state": 0}
        ours, theirs = GaussianMixture(5, **settings).fit(X), ScikitLearn(5, **settings).fit(X)
        assert ours.lower_bound_ >= theirs.lower_bound_ - 0.02


# ---- constructed answers --------------------------------------------------------------------------------------------


def test_one_bell_is_the_mean_and_covariance_of_the_rows():
    X, _ = problem(1, d=4)
    model = GaussianMixture(reg_covar=0).fit(X)
    np.testing.assert_allclose(model.means_[0], X.mean(axis=0))
    np.testing.assert_allclose(model.covariances_[0], np.cov(X.T, bias=True))
    np.testing.assert_allclose(model.precisions_[0] @ model.covariances_[0], np.eye(4), atol=1e-9)


def test_groups_far_apart_are_found_exactly():
    square = np.array([[-1.0, -2.0], [1.0, -2.0], [-1.0, 2.0], [1.0, 2.0]])
    X = np.concatenate([square, square + 1000, square + np.array([1000, 0]), square])
    model = GaussianMixture(3, covariance_type="diag", reg_covar=0, random_state=0).fit(X)
    order = np.lexsort(model.means_.T[::-1])
    np.testing.assert_allclose(model.means_[order], [[0, 0], [1000, 0], [1000, 1000]], atol=1e-9)
    np.testing.assert_allclose(model.covariances_, [[1, 4]] * 3)
    np.testing.assert_allclose(model.weights_[order], [0.5, 0.25, 0.25])


def test_far_from_the_origin_and_far_from_one_another_little_is_lost():
    random = np.random.default_rng(0)
    X = 1e7 + np.repeat([[0.0, 0.0], [1e5, 0.0]], 200, axis=0) + 1e-2 * random.normal(size=(400, 2))
    model = GaussianMixture(2, reg_covar=0, random_state=0).fit(X)
    for group in (X[:200], X[200:]):
        nearest = np.abs(model.means_ - group.mean(axis=0)).sum(axis=1).argmin()
        np.testing.assert_allclose(model.covariances_[nearest], np.cov(group.T, bias=True), rtol=1e-3, atol=1e-8)


@each_type
def test_drawn_rows_have_the_moments_of_the_model(covariance_type):
    X, _ = problem(2, n=300, d=2)
    model = GaussianMixture(2, covariance_type=covariance_type, random_state=0).fit(X)
    drawn, labels = model.sample(40_000)
    assert drawn.shape == (40_000, 2)
    np.testing.assert_allclose(np.bincount(labels) / 40_000, model.weights_, atol=0.01)
    matrices = KINDS[covariance_type].matrices(model.covariances_, 2, 2)
    for component in range(2):
        mine = drawn[labels == component]
        np.testing.assert_allclose(mine.mean(axis=0), model.means_[component], atol=0.15)
        np.testing.assert_allclose(np.cov(mine.T), matrices[component], rtol=0.1, atol=0.15)


# ---- relations ------------------------------------------------------------------------------------------------------


@each_type
@pytest.mark.parametrize("reg_covar", [0.0, 1e-6, 0.5])
def test_no_step_lowers_the_likelihood_by_more_than_the_ridge_allows(covariance_type, reg_covar):
    for seed in range(4):
        X, _ = problem(seed + 20, n=200, d=2 + seed % 3)
        k = 3
        settings = {"init_params": "random", "tol": 0, "max_iter": 60, "random_state": seed}
        model = GaussianMixture(k, covariance_type=covariance_type, reg_covar=reg_covar, **settings)
        _, recording = diorama.watch(model, X)
        states = [moment.state for moment in recording.fits[-1].moments]
        assert len(states) == 61
        kind, d = KINDS[covariance_type], X.shape[1]
        for before, after in pairwise(states):
            traces = [
                np.trace(np.linalg.inv(kind.matrices(state.mixture.covariances, k, d)), axis1=1, axis2=2)
                for state in (before, after)
            ]
            allowed = reg_covar / 2 * after.mixture.weights @ (traces[0] - traces[1])
            assert after.log_likelihood >= before.log_likelihood - allowed - 1e-11
            assert after.gain == pytest.approx(after.log_likelihood - before.log_likelihood, abs=1e-15)


@each_type
def test_the_recorded_likelihood_is_that_of_the_recorded_mixture(covariance_type):
    X, _ = problem(7, n=150, d=3)
    model, recording = diorama.watch(GaussianMixture(3, covariance_type=covariance_type, random_state=0), X)
    for _, state in recording.fits[-1].moments:
        logs = log_densities(KINDS[covariance_type], state.mixture, X)
        assert state.log_likelihood == pytest.approx(np.logaddexp.reduce(logs, axis=1).mean(), rel=1e-10)
        assert state.moments.counts.sum() == pytest.approx(len(X))
        assert state.mixture.weights.sum() == pytest.approx(1.0)
    assert recording.fits[-1].moments[-1].state.log_likelihood == pytest.approx(model.score(X))


def test_neither_order_nor_a_turn_of_the_rows_changes_the_likelihood():
    X, _ = problem(8, n=300, d=4)
    random = np.random.default_rng(0)
    order, turn = random.permutation(len(X)), np.linalg.qr(random.normal(size=(4, 4)))[0]
    start = {"means_init": X[:3], "weights_init": np.ones(3) / 3, "precisions_init": np.array([np.eye(4) / 30] * 3)}
    plain = GaussianMixture(3, **start, reg_covar=0).fit(X)
    shuffled = GaussianMixture(3, **start, reg_covar=0).fit(X[order])
    turned = GaussianMixture(3, **{**start, "means_init": X[:3] @ turn}, reg_covar=0).fit(X @ turn)
    assert plain.lower_bound_ == pytest.approx(shuffled.lower_bound_, rel=1e-9)
    assert plain.lower_bound_ == pytest.approx(turned.lower_bound_, rel=1e-9)
    np.testing.assert_array_equal(plain.predict(X)[order], shuffled.predict(X[order]))
    np.testing.assert_allclose(plain.means_ @ turn, turned.means_, rtol=1e-6)


def test_every_row_twice_changes_nothing():
    X, _ = problem(9, n=120, d=2)
    start = {"means_init": X[:2], "weights_init": [0.5, 0.5], "precisions_init": np.array([np.eye(2) / 20] * 2)}
    once, twice = (GaussianMixture(2, **start).fit(rows) for rows in (X, np.repeat(X, 2, axis=0)))
    np.testing.assert_allclose(once.covariances_, twice.covariances_, rtol=1e-8)
    assert once.lower_bound_ == pytest.approx(twice.lower_bound_)


def test_a_warm_start_goes_on_where_the_last_fit_ended():
    X, _ = problem(10, n=300, d=3)
    model = GaussianMixture(3, warm_start=True, max_iter=3, tol=0, random_state=0)
    through = GaussianMixture(3, max_iter=9, tol=0, random_state=0).fit(X)
    for _ in range(3):
        model.fit(X)
    np.testing.assert_allclose(model.means_, through.means_, rtol=1e-9)
    assert model.n_iter_ == 3


@each_type
def test_the_passes_are_what_they_say(covariance_type, monkeypatch):
    """Kernels as plain Python, and as compiled, beside NumPy."""
    X, _ = problem(11, n=140, d=3)
    kind, random = KINDS[covariance_type], np.random.default_rng(0)
    rows, k = TiledRows(X), 2
    covariances = kind.estimate(rows, *_spread_moments(kind, rows, k, random), 0.1)
    mixture = Mixture(np.array([0.4, 0.6]), X[:k].copy(), covariances, kind.factor(covariances))
    logs = log_densities(kind, mixture, X)
    shares = np.exp(logs - np.logaddexp.reduce(logs, axis=1)[:, None])
    log_likelihood, moments = kind.expect(rows, mixture)
    assert log_likelihood == pytest.approx(np.logaddexp.reduce(logs, axis=1).sum())
    np.testing.assert_allclose(moments.counts, shares.sum(axis=0))
    for c in range(k):
        away = X - mixture.means[c]
        np.testing.assert_allclose(moments.sums[c], shares[:, c] @ away, atol=1e-8)
        if not kind.shared:
            np.testing.assert_allclose(moments.squares[c], kind.squares(away, shares[:, c]), atol=1e-7)
    names = ["full_heights", "full_moments", "diagonal_heights", "diagonal_moments"]
    for name in names:
        monkeypatch.setattr(_covariances, name, getattr(_covariances, name).py_func)
    plain_likelihood, plain = kind.expect(rows, mixture)
    assert plain_likelihood == pytest.approx(log_likelihood)
    np.testing.assert_allclose(plain.sums, moments.sums, atol=1e-9)
    np.testing.assert_allclose(plain.squares, moments.squares, atol=1e-7)


def _spread_moments(kind, rows, k, random):
    from diorama.clustering._mixture_starts import first_moments

    means, moments = first_moments(rows, kind, random.random((rows.n, k)))
    return moments, means


# ---- limits ---------------------------------------------------------------------------------------------------------


def finite(model):
    return all(np.isfinite(getattr(model, name)).all() for name in LEARNED)


@each_type
@pytest.mark.parametrize("init_params", ["kmeans", "k-means++", "random", "random_from_data"])
@pytest.mark.filterwarnings("ignore:Number of distinct clusters:sklearn.exceptions.ConvergenceWarning")
@pytest.mark.filterwarnings("ignore:no row is left:sklearn.exceptions.ConvergenceWarning")
def test_nothing_ever_becomes_nan(covariance_type, init_params):
    random = np.random.default_rng(0)
    line = np.outer(np.arange(20.0), [1.0, 2.0, 3.0])
    tables = {
        "all equal": np.full((12, 2), 7.0),
        "collinear": line,
        "collinear and large": 1e9 * line,
        "duplicates": np.repeat(random.normal(size=(4, 2)), 6, axis=0),
        "k = n": random.normal(size=(4, 3)),
        "a row far away": np.concatenate([random.normal(size=(30, 2)), [[1e8, 0.0]]]),
        "tiny": 1e-9 * random.normal(size=(30, 2)),
    }
    for name, X in tables.items():
        model = GaussianMixture(4, covariance_type=covariance_type, init_params=init_params, random_state=0).fit(X)
        assert finite(model), name
        assert np.isfinite(model.predict_proba(X)).all(), name
        np.testing.assert_allclose(model.predict_proba(X).sum(axis=1), 1.0)


def test_one_row():
    model = GaussianMixture().fit([[3.0, 4.0]])
    np.testing.assert_array_equal(model.means_, [[3.0, 4.0]])
    np.testing.assert_allclose(model.covariances_[0], 1e-6 * np.eye(2))


@each_type
def test_a_collapse_without_a_ridge_is_reported(covariance_type):
    X = np.column_stack([np.arange(10.0), np.full(10, 3.0)])
    if covariance_type == "spherical":
        X = np.full((10, 2), 3.0)
    with pytest.raises(ValueError, match=r"collapsed: .* Raise reg_covar above 0"):
        GaussianMixture(covariance_type=covariance_type, reg_covar=0).fit(X)


def test_a_component_that_loses_all_rows_waits_and_is_reported():
    X = np.random.default_rng(0).normal(size=(60, 2))
    start = {"means_init": [[0, 0], [1e4, 1e4]], "weights_init": [0.5, 0.5], "precisions_init": [np.eye(2)] * 2}
    with pytest.warns(ConvergenceWarning, match="no row is left to component 1"):
        model = GaussianMixture(2, **start).fit(X)
    assert finite(model)
    np.testing.assert_array_equal(model.means_[1], [1e4, 1e4])
    assert model.score(X) == pytest.approx(GaussianMixture(1).fit(X).score(X))


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"n_components": 9}, "n_components = 9, n_samples = 8: give more rows"),
        ({"weights_init": [0.5, 0.4]}, "should be normalized"),
        ({"weights_init": [1.5, -0.5]}, r"range \[0, 1\]"),
        ({"weights_init": [1.0]}, "'weights' should have the shape of"),
        ({"means_init": [[0.0, 0.0]]}, "'means' should have the shape of"),
        ({"precisions_init": [[[1.0, 2.0], [0.0, 1.0]]] * 2}, "symmetric, positive-definite"),
        ({"precisions_init": [[-1.0, 1.0]] * 2, "covariance_type": "diag"}, "should be positive"),
        ({"precisions_init": [1.0], "covariance_type": "spherical"}, "precision' should have the shape of"),
    ],
)
def test_starts_that_do_not_fit_are_refused(parameters, message):
    X = np.random.default_rng(0).normal(size=(8, 2))
    with pytest.raises(ValueError, match=message):
        GaussianMixture(**{"n_components": 2, **parameters}).fit(X)


def test_no_rows_are_drawn_when_none_are_asked_for():
    model = GaussianMixture().fit(np.random.default_rng(0).normal(size=(9, 2)))
    with pytest.raises(ValueError, match="n_samples must be at least 1"):
        model.sample(0)


def test_steps_that_do_not_suffice_warn_and_none_at_all_is_the_start():
    X, _ = problem(12, n=300, d=3)
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with pytest.raises(ConvergenceWarning, match="did not converge in 2 steps"):
            GaussianMixture(4, max_iter=2, tol=1e-9, random_state=0).fit(X)
        model = GaussianMixture(4, max_iter=0, random_state=0).fit(X)
    assert (model.n_iter_, model.converged_, model.lower_bounds_) == (0, False, [])


def test_the_best_of_many_starts_is_kept_and_recorded_last():
    X, _ = make_blobs(200, 2, centers=6, random_state=3)
    settings = {"init_params": "random_from_data", "random_state": 0}
    model, recording = diorama.watch(GaussianMixture(6, n_init=6, **settings), X)
    assert model.lower_bound_ >= GaussianMixture(6, **settings).fit(X).lower_bound_
    assert recording.fits[-1].moments[-1].state.mixture.means.tobytes() == model.means_.tobytes()


def test_single_precision_in_and_out():
    X, _ = problem(13, n=200, d=3)
    model = GaussianMixture(2, random_state=0).fit(X.astype(np.float32))
    assert {getattr(model, name).dtype for name in LEARNED[:-1]} == {np.dtype(np.float32)}
    np.testing.assert_allclose(model.means_, GaussianMixture(2, random_state=0).fit(X).means_, rtol=1e-3)


def test_verbose_tells_steps(capsys):
    X, _ = problem(14, n=200, d=2)
    model = GaussianMixture(3, verbose=1, verbose_interval=1, random_state=0).fit(X)
    assert len(capsys.readouterr().out.splitlines()) == model.n_iter_


@pytest.mark.parametrize("d", [1, 2, 5])
def test_the_scene_tells_what_happened(d):
    X, _ = problem(15, n=120, d=d)
    _, recording = diorama.watch(GaussianMixture(3, random_state=0), X)
    scene = recording.scene()
    assert {frame.step for frame in scene.frames} == {"", "maximise", "expect"}
    assert "converged" in scene.frames[-1].narration
    assert ("principal components" in scene.caption) == (d > 2)
    assert ("density" in scene.caption) == (d == 1)
