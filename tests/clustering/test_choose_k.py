"""Choosing k: what is known by construction, scikit-learn's figures, and what is refused."""

import numpy as np
import pytest
from sklearn.cluster import KMeans
from sklearn.metrics import silhouette_score
from sklearn.mixture import GaussianMixture

import diorama
from diorama.clustering import choose_k
from diorama.clustering.choose_k import below_the_line, first_that_suffices, mean_silhouette, without_clusters


def groups(k, n=40, apart=9.0, seed=0):
    random = np.random.default_rng(seed)
    turns = 2 * np.pi * np.arange(k) / k
    centers = apart * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    return np.repeat(centers, n, axis=0) + random.normal(size=(k * n, 2))


@pytest.mark.parametrize("k", [2, 4])
def test_clear_groups_are_counted_by_all(k):
    found = choose_k(groups(k), range(1, 7), random_state=0)
    assert found.chosen["silhouette"] == found.chosen["bic"] == found.chosen["gap"] == k
    assert found.chosen["elbow"] == k
    assert (np.diff(found.inertia) < 0).all()


def test_only_the_gap_can_say_that_there_is_nothing():
    X = np.random.default_rng(0).uniform(size=(300, 2))
    assert choose_k(X, range(1, 6), methods=["gap"], random_state=0).chosen == {"gap": 1}


def test_figures_are_scikit_learns():
    X = groups(3)
    found = choose_k(X, (2, 3, 4), random_state=0)
    theirs = KMeans(3, n_init=10, random_state=0).fit(X)
    assert found.inertia[1] == pytest.approx(theirs.inertia_, rel=1e-6)
    assert found.silhouette[1] == pytest.approx(silhouette_score(X, theirs.labels_))
    assert found.bic[1] == pytest.approx(GaussianMixture(3, random_state=0).fit(X).bic(X), rel=1e-3)


@pytest.mark.parametrize(("n", "k"), [(7, 3), (600, 2), (1_100, 40)])
def test_the_silhouette_is_scikit_learns_in_blocks_and_with_lone_rows(n, k):
    random = np.random.default_rng(n)
    X, labels = random.normal(size=(n, 3)), random.integers(0, k, n) * 2
    labels[0] = 99
    X[3] = X[4]
    assert mean_silhouette(X, labels) == pytest.approx(silhouette_score(X, labels), rel=1e-10)
    assert np.isnan(mean_silhouette(X, np.zeros(n)))
    assert np.isnan(mean_silhouette(X, np.arange(n)))


def test_what_was_not_asked_for_is_no_number():
    found = choose_k(groups(2), (1, 2, 3), methods=["silhouette"], random_state=0)
    assert found.chosen == {"silhouette": 2}
    assert np.isnan(found.gap).all()
    assert np.isnan(found.bic).all()
    assert np.isnan(found.silhouette[0])


def test_the_same_seed_gives_the_same_numbers_watched_or_not():
    X = groups(3)
    plain = choose_k(X, (1, 2, 3, 4), random_state=1)
    with diorama.record() as recording:
        watched = choose_k(X, (1, 2, 3, 4), random_state=1)
    np.testing.assert_array_equal(plain.gap, watched.gap)
    assert [moment.state.k for moment in recording.fits[0].moments] == [1, 2, 3, 4]
    assert len(recording.scene().frames) == 4


def test_rows_without_clusters_fill_the_same_box():
    X = groups(3)
    other = without_clusters(X, np.random.RandomState(0))
    assert other.shape == X.shape
    axes = np.linalg.svd(X - X.mean(axis=0), full_matrices=False)[2]
    own, drawn = (X - X.mean(axis=0)) @ axes.T, (other - X.mean(axis=0)) @ axes.T
    assert (drawn.min(axis=0) >= own.min(axis=0) - 1e-9).all()
    assert (drawn.max(axis=0) <= own.max(axis=0) + 1e-9).all()


def test_an_elbow_and_a_gap_by_hand():
    np.testing.assert_allclose(below_the_line(np.array([1, 2, 3]), np.array([10.0, 1.0, 0.0])), [0, 0.4, 0])
    assert below_the_line(np.array([1, 2, 3]), np.zeros(3)).tolist() == [0, 0, 0]
    assert first_that_suffices(np.array([0.1, 0.5, 0.6]), np.array([0.0, 0.0, 0.2])) == 1
    assert first_that_suffices(np.array([0.1, 0.5, 0.9]), np.zeros(3)) == 2


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"methods": ["knee"]}, "methods must be some of elbow, silhouette, gap, bic"),
        ({"k": [2, 3]}, "three rising numbers at least"),
        ({"k": [3, 2, 4]}, "three rising numbers"),
        ({"k": [0, 1, 2]}, "between 1 and the 8 rows"),
        ({"k": [1, 2, 30]}, "between 1 and the 8 rows"),
    ],
)
def test_what_cannot_be_is_said(settings, said):
    with pytest.raises(ValueError, match=said):
        choose_k(groups(2, 4), **settings)
