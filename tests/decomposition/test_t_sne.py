"""t-SNE against scikit-learn, sums over all pairs, constructed answers, relations that must hold, and the edges."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn import manifold
from sklearn.datasets import load_iris
from sklearn.manifold import trustworthiness

import diorama
from diorama._iterate import Observer, observing
from diorama.decomposition import TSNE
from diorama.decomposition import _map_kernels as kernels
from diorama.decomposition._affinities import conditional, joint_probabilities
from diorama.decomposition._map_forces import PairForces, TreeForces


def groups(n=90, seed=0):
    random = np.random.default_rng(seed)
    return random.normal(size=(n, 6)) + 12 * np.eye(6)[np.arange(n) % 3]


def entropies(chances):
    return -np.sum(np.where(chances > 0, chances * np.log(np.where(chances > 0, chances, 1)), 0), axis=1)


@pytest.fixture(scope="module")
def small():
    """Shares and a map of 70 points, in single precision as the forces take it."""
    X = groups(70)
    shares = joint_probabilities(X, 10.0, 31, "euclidean", None)
    return shares, np.random.default_rng(1).normal(size=(2, 70)).astype(np.float32) * 5


@pytest.mark.parametrize("method", ["barnes_hut", "exact"])
def test_maps_are_as_good_as_scikit_learns(method):
    X = load_iris().data
    settings_ = {"perplexity": 30, "random_state": 0, "method": method, "max_iter": 500}
    ours, theirs = TSNE(**settings_).fit(X), manifold.TSNE(**settings_).fit(X)
    assert ours.kl_divergence_ <= theirs.kl_divergence_ * 1.05
    near = {"n_neighbors": 7}
    assert trustworthiness(X, ours.embedding_, **near) >= trustworthiness(X, theirs.embedding_, **near) - 0.003


def test_the_divergence_is_that_of_the_definition(small):
    shares, places = small
    p, w = shares.toarray(), 1 / (1 + cdist(places.T, places.T, "sqeuclidean"))
    np.fill_diagonal(w, 0)
    pairs = p > 0
    expected = np.sum(p[pairs] * np.log(p[pairs] / (w / w.sum())[pairs]))
    assert PairForces(p).divergence(places) == pytest.approx(expected, rel=1e-6)
    assert TreeForces(shares, 0.0).divergence(places) == pytest.approx(expected, rel=1e-5)


def test_without_an_angle_the_tree_has_the_forces_of_all_pairs(small):
    shares, places = small
    exact, tree = PairForces(shares.toarray()), TreeForces(shares, 0.0)
    pulled, pushed, total = exact.act(places)
    ours = tree.act(places)
    np.testing.assert_allclose(ours[0], pulled, atol=1e-6)
    np.testing.assert_allclose(ours[1], pushed[:, tree.order[0]], rtol=1e-3, atol=1e-5)
    assert ours[2] == pytest.approx(total, rel=1e-5)


@pytest.mark.parametrize("angle", [0.3, 0.5, 0.8])
def test_a_wider_angle_costs_little(small, angle):
    random = np.random.default_rng(0)
    places = random.normal(size=(2, 800)).astype(np.float32) * 20
    shares = sparse.eye_array(800, format="csr") * 0
    tree = TreeForces(sparse.csr_array(shares), angle)
    _, pushed, total = tree.act(places)
    _, expected, whole = PairForces(np.zeros((800, 800))).act(places)
    error = pushed - expected[:, tree.order[0]]
    assert total == pytest.approx(whole, rel=0.01)
    assert np.sqrt((error**2).sum() / (expected**2).sum()) < 0.05 * angle


def test_the_forces_are_the_slope_of_the_divergence(small):
    shares, places = small
    forces = PairForces(shares.toarray())
    pulled, pushed, total = forces.act(places)
    slope = 4 * (pulled - pushed / total)
    step = 1e-2
    for d, i in [(0, 0), (1, 5), (0, 69)]:
        up, down = places.copy(), places.copy()
        up[d, i] += step
        down[d, i] -= step
        measured = (forces.divergence(up) - forces.divergence(down)) / (float(up[d, i]) - float(down[d, i]))
        assert slope[d, i] == pytest.approx(measured, rel=1e-3, abs=1e-6)


@given(st.integers(0, 10_000), st.floats(1.5, 20.0))
@settings(max_examples=30, deadline=None)
def test_every_row_has_the_perplexity_asked_for(seed, perplexity):
    random = np.random.default_rng(seed)
    squares = random.gamma(2.0, size=(5, 40)) * 10.0 ** random.integers(-8, 8, size=(5, 1))
    chances = conditional(squares, perplexity)
    np.testing.assert_allclose(chances.sum(axis=1), 1)
    np.testing.assert_allclose(np.exp(entropies(chances)), perplexity, rtol=1e-6)


def test_neighbours_that_nobody_can_tell_apart_share_evenly():
    np.testing.assert_allclose(conditional(np.full((2, 8), 3.0), 4.0), 1 / 8)
    # two at the same place and perplexity 1.5: that is as sharp as it gets
    np.testing.assert_allclose(conditional(np.array([[0.0, 0.0, 1.0]]), 1.5), [[0.5, 0.5, 0.0]], atol=1e-12)


def test_the_shares_are_those_of_both_directions():
    X = groups(40)
    shares = joint_probabilities(X, 8.0, 39, "euclidean", None).toarray()
    one_way = np.zeros((40, 40))
    for i in range(40):
        others = np.delete(np.arange(40), i)
        one_way[i, others] = conditional(cdist(X[[i]], X[others], "sqeuclidean"), 8.0)
    np.testing.assert_allclose(shares, (one_way + one_way.T) / 80, atol=1e-9)


def test_groups_far_apart_become_islands():
    X = groups()
    places = TSNE(random_state=0, max_iter=300).fit_transform(X)
    apart = cdist(places, places)
    np.fill_diagonal(apart, np.inf)
    assert (apart.argmin(axis=1) % 3 == np.arange(len(X)) % 3).all()


@pytest.mark.parametrize("method", ["barnes_hut", "exact"])
def test_once_the_pulls_are_even_the_divergence_only_falls(method):
    class Looks(Observer):
        seen = ()

        def see(self, fit, iteration, state):
            if not state.exploring:
                self.seen = (*self.seen, state.divergence)

    looks = Looks()
    with observing(looks):
        TSNE(method=method, random_state=0, max_iter=600).fit(groups())
    later = np.array(looks.seen[8:])
    assert len(later) > 10
    # momentum may carry it a little past the floor, and back
    assert (np.diff(later) <= 2e-3 * later[1:]).all()
    assert later[-1] < looks.seen[0]


def test_a_turned_and_moved_table_has_the_same_divergence():
    X = groups()
    turn = np.linalg.qr(np.random.default_rng(3).normal(size=(6, 6)))[0]
    plain = TSNE(random_state=0, method="exact").fit(X)
    moved = TSNE(random_state=0, method="exact").fit(7 * X @ turn + 100)
    assert moved.kl_divergence_ == pytest.approx(plain.kl_divergence_, rel=0.02)


def test_rows_in_another_order_have_the_same_islands():
    X = groups()
    order = np.random.default_rng(0).permutation(len(X))
    plain, other = TSNE(random_state=0, max_iter=400).fit(X), TSNE(random_state=0, max_iter=400).fit(X[order])
    assert other.kl_divergence_ == pytest.approx(plain.kl_divergence_, rel=0.05)


@pytest.mark.parametrize("n_components", [1, 2])
def test_equal_rows_stay_together_and_nothing_breaks(n_components):
    places = TSNE(n_components, random_state=0, max_iter=60).fit_transform(np.ones((20, 3)))
    assert places.shape == (20, n_components)
    assert np.isfinite(places).all()


def test_two_rows_and_duplicates_have_a_map():
    assert np.isfinite(TSNE(random_state=0).fit_transform([[0.0], [1.0]])).all()
    X = np.repeat(groups(12), 6, axis=0)
    places = TSNE(random_state=0, max_iter=400).fit_transform(X)
    assert np.isfinite(places).all()
    assert cdist(places, places)[0, 1:6].max() < cdist(places, places)[0].max() / 5


def test_distances_and_sparse_rows_are_taken():
    X = groups(60)
    D = cdist(X, X)
    by_distance = TSNE(metric="precomputed", init="random", random_state=0, max_iter=200).fit(D)
    by_rows = TSNE(init="random", random_state=0, max_iter=200).fit(X)
    np.testing.assert_allclose(by_distance.kl_divergence_, by_rows.kl_divergence_, rtol=0.1)
    X[np.abs(X) < 1] = 0
    from_sparse = TSNE(random_state=0, max_iter=200).fit(sparse.csr_array(X))
    assert from_sparse.kl_divergence_ == pytest.approx(
        TSNE(random_state=0, max_iter=200).fit(X).kl_divergence_, rel=0.1
    )


def test_a_start_of_ones_own_and_three_dimensions():
    X = groups(50)
    start = np.random.default_rng(0).normal(size=(50, 2)) * 1e-4
    once, twice = (TSNE(init=start, max_iter=100).fit_transform(X) for _ in range(2))
    np.testing.assert_array_equal(once, twice)
    assert TSNE(3, method="exact", max_iter=50, random_state=0).fit_transform(X).shape == (50, 3)


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"perplexity": 50}, "perplexity=50 must be less than n_samples=50"),
        ({"n_components": 3}, "takes method='exact'"),
        ({"init": np.zeros((3, 2))}, r"shape \(50, 2\)"),
        ({"metric": "precomputed"}, "init='random'"),
        ({"learning_rate": 1e30}, "flew apart"),
        ({"metric": "eucliden"}, "euclidean"),
    ],
)
def test_what_cannot_be_is_said(parameters, message):
    with pytest.raises(ValueError, match=message):
        TSNE(random_state=0, **parameters).fit(groups(50))


def test_it_ends_early_on_level_ground():
    model = TSNE(random_state=0, min_grad_norm=1e3).fit(groups())
    assert model.n_iter_ == 300
    assert TSNE(random_state=0, n_iter_without_progress=-1).fit(groups()).n_iter_ < 1000


def test_progress_is_printed_when_asked_for(capsys):
    TSNE(random_state=0, verbose=1, max_iter=100).fit(groups())
    assert "step 50: KL divergence" in capsys.readouterr().out


def test_the_kernels_are_plain_python_too(small):
    shares, places = small
    compiled = TreeForces(shares, 0.6).act(places)
    slow = TreeForces(shares, 0.6)
    arguments = (slow.order, slow.codes, slow.counts, slow.ordered, slow.sums, slow.ints, slow.floats)
    nodes = kernels.plant.py_func(places, *arguments)
    tree = (slow.ordered, slow.ints, slow.floats, nodes, 0.6)
    total = kernels.push.py_func(*tree, 0, 70, slow.near[0], slow.pushed)
    kernels.pull.py_func(places, slow.starts, slow.columns, slow.shares, 0, 70, slow.pulled)
    np.testing.assert_allclose(slow.pulled, compiled[0], atol=1e-6)
    np.testing.assert_allclose(slow.pushed, compiled[1], rtol=1e-4, atol=1e-5)
    assert total == pytest.approx(compiled[2], rel=1e-5)


def test_a_picture_colours_by_class_or_by_the_start():
    X, y = groups(), np.arange(90) % 3
    _, recording = diorama.watch(TSNE(random_state=0, max_iter=60), X, y)
    assert set(recording.scene().frames[0].data["points"]["group"]) == {"0", "1", "2"}
    _, recording = diorama.watch(TSNE(1, random_state=0, max_iter=60), X)
    scene = recording.scene()
    assert "keeps its colour" in scene.caption
    assert "last step allowed" in scene.frames[-1].narration
