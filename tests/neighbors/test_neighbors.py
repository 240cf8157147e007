"""Nearest neighbours against measuring everybody, against scikit-learn, and against what holds whatever the data."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse
from scipy.spatial.distance import cdist
from sklearn import neighbors as theirs
from sklearn.datasets import load_iris

import diorama
from diorama.neighbors import KNeighborsClassifier, KNeighborsRegressor, NearestNeighbors
from diorama.scenes import Grip

METRICS = {"euclidean": 2.0, "manhattan": 1.0, "chebyshev": np.inf}
ALGORITHMS = ["auto", "brute", "kd_tree", "ball_tree"]


def truth(X, queries, k, p=2.0):
    """Distances and rows by measuring everybody, features added in their order, ties to the smaller row."""
    total = np.zeros((len(queries), len(X)))
    for j in range(X.shape[1]):
        gap = np.abs(np.asarray(queries, dtype=float)[:, j, None] - np.asarray(X, dtype=float)[None, :, j])
        total = np.maximum(total, gap) if np.isinf(p) else total + (gap * gap if p == 2 else gap**p)
    rows = np.argsort(total, axis=1, kind="stable")[:, :k]
    near = np.take_along_axis(total, rows, axis=1)
    return (near if np.isinf(p) else near ** (1 / p)), rows


@pytest.fixture(scope="module")
def cloud():
    random = np.random.default_rng(3)
    # on a grid, so that many distances are equal and the rule for ties is put to the test
    return random.integers(0, 6, size=(700, 3)).astype(float), random.integers(0, 6, size=(60, 3)).astype(float)


@pytest.mark.parametrize("algorithm", ALGORITHMS)
@pytest.mark.parametrize("metric", METRICS)
def test_every_way_of_searching_finds_what_measuring_everybody_finds(cloud, algorithm, metric):
    X, queries = cloud
    model = NearestNeighbors(n_neighbors=7, algorithm=algorithm, metric=metric, leaf_size=5).fit(X)
    distances, rows = model.kneighbors(queries)
    true_distances, true_rows = truth(X, queries, 7, METRICS[metric])
    np.testing.assert_array_equal(rows, true_rows)
    np.testing.assert_allclose(distances, true_distances, rtol=1e-14)


@pytest.mark.parametrize("p", [0.5, 1, 1.5, 3, 7.2])
@pytest.mark.parametrize("algorithm", ["brute", "kd_tree"])
def test_any_order_of_the_minkowski_distance(algorithm, p):
    random = np.random.default_rng(0)
    X, queries = random.normal(size=(300, 4)), random.normal(size=(20, 4))
    distances, rows = NearestNeighbors(n_neighbors=4, p=p, algorithm=algorithm).fit(X).kneighbors(queries)
    true_distances, true_rows = truth(X, queries, 4, p)
    np.testing.assert_array_equal(rows, true_rows)
    np.testing.assert_allclose(distances, true_distances, rtol=1e-12)


@pytest.mark.parametrize("n_features", [2, 20, 100])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_tree_and_products_give_the_same_bits_whatever_the_threads(n_features, dtype, monkeypatch):
    random = np.random.default_rng(1)
    X = random.normal(size=(5_000, n_features)).astype(dtype)
    queries = random.normal(size=(300, n_features)).astype(dtype)
    found = []
    for threads in ("1", "2", "3"):
        monkeypatch.setenv("DIORAMA_NUM_THREADS", threads)
        found += [NearestNeighbors(algorithm=a).fit(X).kneighbors(queries) for a in ("brute", "kd_tree")]
    assert all(d.tobytes() == found[0][0].tobytes() for d, _ in found)
    assert all(r.tobytes() == found[0][1].tobytes() for _, r in found)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
@pytest.mark.parametrize("offset", [0.0, 1e4, 1e6])
def test_far_from_the_origin_the_true_neighbours_are_still_found(dtype, offset):
    random = np.random.default_rng(2)
    X = (random.normal(size=(2_000, 25)) + offset).astype(dtype)
    queries = (random.normal(size=(50, 25)) + offset).astype(dtype)
    rows = NearestNeighbors(algorithm="brute").fit(X).kneighbors(queries, return_distance=False)
    np.testing.assert_array_equal(rows, truth(X, queries, 5)[1])


@pytest.mark.parametrize("scale", [1e-30, 1e30, 1e150])
def test_tiny_and_huge_numbers_and_far_queries(scale):
    random = np.random.default_rng(5)
    X = random.normal(size=(400, 20)) * scale
    queries = np.concatenate([X[:5], X[5:10] * 50, X[10:12] + 3 * scale])
    rows = NearestNeighbors(algorithm="brute").fit(X).kneighbors(queries, return_distance=False)
    np.testing.assert_array_equal(rows, truth(X, queries, 5)[1])


def test_queries_beyond_single_precision_among_small_rows():
    random = np.random.default_rng(6)
    X = random.normal(size=(300, 20))
    queries = np.full((2, 20), 1e60)
    rows = NearestNeighbors(algorithm="brute").fit(X).kneighbors(queries, return_distance=False)
    np.testing.assert_array_equal(rows, truth(X, queries, 5)[1])


def test_clusters_far_apart_in_many_dimensions():
    random = np.random.default_rng(7)
    X = random.normal(size=(1_500, 40)) + 1e5 * random.integers(0, 3, size=(1_500, 1))
    rows = NearestNeighbors(algorithm="brute").fit(X).kneighbors(X[:100], return_distance=False)
    np.testing.assert_array_equal(rows, truth(X, X[:100], 5)[1])


@settings(max_examples=40, deadline=None)
@given(
    n=st.integers(1, 60),
    d=st.integers(1, 5),
    leaf_size=st.integers(1, 8),
    levels=st.integers(1, 4),
    seed=st.integers(0, 999),
    data=st.data(),
)
def test_duplicates_constant_columns_one_feature_and_k_of_n(n, d, leaf_size, levels, seed, data):
    random = np.random.default_rng(seed)
    X = random.integers(0, levels, size=(n, d)).astype(float)
    k = data.draw(st.integers(1, n))
    queries = random.integers(-1, levels + 1, size=(4, d)).astype(float)
    expected = truth(X, queries, k)
    for algorithm in ("kd_tree", "brute"):
        found = NearestNeighbors(n_neighbors=k, algorithm=algorithm, leaf_size=leaf_size).fit(X).kneighbors(queries)
        np.testing.assert_array_equal(found[1], expected[1])
        np.testing.assert_array_equal(found[0], expected[0])


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
@pytest.mark.parametrize("metric", [*METRICS, "cosine"])
def test_within_a_radius_as_scikit_learn(metric, algorithm):
    if metric == "cosine" and algorithm == "kd_tree":
        algorithm = "auto"
    random = np.random.default_rng(4)
    X, queries = random.normal(size=(300, 3)), random.normal(size=(25, 3))
    radius = 0.1 if metric == "cosine" else 0.8
    ours = NearestNeighbors(radius=radius, metric=metric, algorithm=algorithm).fit(X)
    peer = theirs.NearestNeighbors(radius=radius, metric=metric, algorithm="brute").fit(X)
    distances, rows = ours.radius_neighbors(queries)
    expected_distances, expected_rows = peer.radius_neighbors(queries)
    for i in range(len(queries)):
        np.testing.assert_array_equal(rows[i], np.sort(expected_rows[i]))
        np.testing.assert_allclose(np.sort(distances[i]), np.sort(expected_distances[i]), atol=1e-12)
    sorted_distances, _ = ours.radius_neighbors(queries, sort_results=True)
    assert all((np.diff(d) >= 0).all() for d in sorted_distances)
    difference = ours.radius_neighbors_graph(mode="distance") - peer.radius_neighbors_graph(mode="distance")
    assert abs(difference).max() < 1e-12


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
def test_a_row_exactly_at_the_radius_is_within_it(algorithm):
    X = np.column_stack([np.sqrt(np.arange(1.0, 200.0)), np.zeros(199)])
    model = NearestNeighbors(algorithm=algorithm).fit(X)
    for i in range(0, 199, 9):
        rows = model.radius_neighbors([[0.0, 0.0]], radius=X[i, 0], return_distance=False)[0]
        np.testing.assert_array_equal(rows, np.arange(i + 1))


@pytest.mark.parametrize("metric", ["euclidean", "manhattan", "chebyshev", "cosine"])
def test_sparse_rows_give_what_dense_ones_give(metric):
    random = np.random.default_rng(8)
    X = random.integers(0, 3, size=(80, 30)) * (random.random((80, 30)) < 0.2).astype(float)
    queries = X[::4] + (random.random((20, 30)) < 0.05)
    X[3] = 0
    dense = NearestNeighbors(metric=metric).fit(X).kneighbors(queries)
    for rows, asked in ((sparse.csr_array(X), sparse.csr_matrix(queries)), (sparse.csc_matrix(X), queries)):
        found = NearestNeighbors(metric=metric).fit(rows).kneighbors(asked)
        np.testing.assert_allclose(found[0], dense[0], atol=1e-12)
        if metric != "cosine":
            np.testing.assert_array_equal(found[1], dense[1])


def test_the_cosine_distance_and_rows_without_a_direction():
    X = np.array([[1.0, 0.0], [0.0, 2.0], [3.0, 3.0], [0.0, 0.0]])
    queries = np.array([[2.0, 0.1], [0.0, 0.0]])
    distances, rows = NearestNeighbors(n_neighbors=4, metric="cosine").fit(X).kneighbors(queries)
    expected = theirs.NearestNeighbors(n_neighbors=4, metric="cosine").fit(X).kneighbors(queries)[0]
    np.testing.assert_allclose(distances, expected, atol=1e-12)
    np.testing.assert_array_equal(rows[1], [0, 1, 2, 3])


def test_distances_given_and_distances_of_any_kind():
    random = np.random.default_rng(9)
    X, queries = random.normal(size=(50, 3)), random.normal(size=(10, 3))
    expected = NearestNeighbors().fit(X).kneighbors(queries)
    given_table = NearestNeighbors(metric="precomputed").fit(cdist(X, X)).kneighbors(cdist(queries, X))
    function = NearestNeighbors(metric=lambda a, b: float(np.sqrt(((a - b) ** 2).sum()))).fit(X).kneighbors(queries)
    for found in (given_table, function):
        np.testing.assert_array_equal(found[1], expected[1])
        np.testing.assert_allclose(found[0], expected[0])
    named = NearestNeighbors(metric="canberra").fit(X).kneighbors(queries)[0]
    np.testing.assert_allclose(named, np.sort(cdist(queries, X, "canberra"), axis=1)[:, :5])
    weighted = NearestNeighbors(metric_params={"w": np.array([1.0, 2.0, 3.0])}).fit(X).kneighbors(queries)[0]
    np.testing.assert_allclose(weighted, np.sort(cdist(queries, X, "minkowski", p=2, w=[1.0, 2.0, 3.0]), axis=1)[:, :5])


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
def test_no_row_is_its_own_neighbour_even_among_its_equals(algorithm):
    X = np.repeat([[0.0], [5.0]], 6, axis=0)
    distances, rows = NearestNeighbors(n_neighbors=3, algorithm=algorithm, leaf_size=2).fit(X).kneighbors()
    assert (rows != np.arange(12)[:, None]).all()
    assert (distances == 0).all()
    np.testing.assert_array_equal(rows[0], [1, 2, 3])
    np.testing.assert_array_equal(rows[5], [0, 1, 2])


def test_the_graph_is_scikit_learns():
    X = load_iris().data + np.random.default_rng(0).normal(size=(150, 4)) * 1e-6
    ours, peer = NearestNeighbors().fit(X), theirs.NearestNeighbors().fit(X)
    for mode in ("connectivity", "distance"):
        assert abs(ours.kneighbors_graph(mode=mode) - peer.kneighbors_graph(mode=mode)).max() < 1e-12
        assert abs(ours.kneighbors_graph(X[:9], 3, mode) - peer.kneighbors_graph(X[:9], 3, mode)).max() < 1e-12


@pytest.mark.parametrize("weights", ["uniform", "distance", None, lambda d: np.exp(-d)])
@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_votes_and_means_are_scikit_learns(weights, dtype):
    random = np.random.default_rng(10)
    X, queries = random.normal(size=(200, 4)).astype(dtype), random.normal(size=(40, 4)).astype(dtype)
    queries[:3] = X[:3]
    labels = np.array(["a", "b", "c"])[random.integers(0, 3, 200)]
    several = np.column_stack([labels, labels[::-1]])
    numbers = random.normal(size=(200, 2))
    ours, peer = (
        kind(6, weights=weights).fit(X, labels) for kind in (KNeighborsClassifier, theirs.KNeighborsClassifier)
    )
    np.testing.assert_allclose(ours.predict_proba(queries), peer.predict_proba(queries), atol=1e-6)
    np.testing.assert_array_equal(ours.predict(queries), ours.classes_[ours.predict_proba(queries).argmax(axis=1)])
    both = [kind(6, weights=weights).fit(X, several) for kind in (KNeighborsClassifier, theirs.KNeighborsClassifier)]
    for mine, their in zip(*(model.predict_proba(queries) for model in both), strict=True):
        np.testing.assert_allclose(mine, their, atol=1e-6)
    assert both[0].predict(queries).shape == (40, 2)
    for target in (numbers, numbers[:, 0]):
        ours, peer = (
            kind(6, weights=weights).fit(X, target) for kind in (KNeighborsRegressor, theirs.KNeighborsRegressor)
        )
        np.testing.assert_allclose(ours.predict(queries), peer.predict(queries), rtol=1e-5)
        np.testing.assert_allclose(ours.predict(None), peer.predict(None), rtol=1e-5)


def test_a_worked_example_by_hand():
    model = KNeighborsClassifier(3, weights="distance").fit([[1.0], [-2.0], [2.0], [9.0]], ["A", "B", "B", "A"])
    np.testing.assert_allclose(model.predict_proba([[0.0]]), [[0.5, 0.5]])
    assert model.predict([[0.0]])[0] == "A", "a draw goes to the first class"
    np.testing.assert_array_equal(model.predict_proba([[9.0]]), [[1.0, 0.0]])


def test_moving_turning_and_reordering_the_rows_changes_no_neighbour():
    random = np.random.default_rng(11)
    X, queries = random.normal(size=(300, 3)), random.normal(size=(30, 3))
    turn, _ = np.linalg.qr(random.normal(size=(3, 3)))
    rows = NearestNeighbors().fit(X).kneighbors(queries, return_distance=False)
    turned = NearestNeighbors().fit(X @ turn + 5).kneighbors(queries @ turn + 5, return_distance=False)
    np.testing.assert_array_equal(rows, turned)
    order = random.permutation(300)
    shuffled = NearestNeighbors().fit(X[order]).kneighbors(queries, return_distance=False)
    np.testing.assert_array_equal(rows, order[shuffled])


def test_all_neighbours_together_say_the_share_of_each_class():
    X, y = load_iris(return_X_y=True)
    model = KNeighborsClassifier(150).fit(X, y)
    np.testing.assert_allclose(model.predict_proba(X[:5]), np.full((5, 3), 1 / 3))
    assert KNeighborsClassifier(1).fit(X, y).score(X, y) > 0.99


@pytest.mark.parametrize("kind", [NearestNeighbors, KNeighborsClassifier, KNeighborsRegressor])
def test_missing_numbers_are_refused(kind):
    X, y = np.arange(20.0).reshape(10, 2), np.arange(10) % 2
    with pytest.raises(ValueError, match="NaN"):
        kind().fit(np.where(X == 3, np.nan, X), y)
    with pytest.raises(ValueError, match="NaN"):
        kind().fit(X, y).kneighbors([[np.nan, 1.0]])


@pytest.mark.parametrize(
    ("parameters", "sentence"),
    [
        ({"metric": "euclidaen"}, "did you mean 'euclidean'"),
        ({"metric": "cosine", "algorithm": "kd_tree"}, "cannot search by the cosine"),
        ({"metric": "canberra", "algorithm": "kd_tree"}, "cannot search by the metric 'canberra'"),
        ({"metric": "precomputed"}, "a square table"),
        ({"metric_params": {"p": 0}}, "p must be above 0"),
        ({"n_neighbors": 0}, "n_neighbors"),
        ({"p": 0}, "'p' parameter"),
    ],
)
def test_a_wrong_parameter_has_its_sentence(parameters, sentence):
    with pytest.raises(ValueError, match=sentence):
        NearestNeighbors(**parameters).fit(np.eye(6)[:, :4])


def test_a_wrong_question_has_its_sentence():
    model = NearestNeighbors().fit(np.eye(4))
    with pytest.raises(ValueError, match="Expected n_neighbors <= n_samples_fit"):
        model.kneighbors(np.eye(4))
    with pytest.raises(ValueError, match="3 rows can be some"):
        model.kneighbors(n_neighbors=4)
    with pytest.raises(ValueError, match="at least 1"):
        model.kneighbors(np.eye(4), 0)
    with pytest.raises(TypeError, match="whole number"):
        model.kneighbors(np.eye(4), 1.5)
    with pytest.raises(ValueError, match="mode must be"):
        model.kneighbors_graph(np.eye(4), 1, "far")
    with pytest.raises(ValueError, match="mode must be"):
        model.radius_neighbors_graph(np.eye(4), 1, "far")
    with pytest.raises(ValueError, match="radius must not be negative"):
        model.radius_neighbors(np.eye(4), -1.0)
    with pytest.raises(ValueError, match="return_distance must be True"):
        model.radius_neighbors(np.eye(4), 1.0, return_distance=False, sort_results=True)
    with pytest.raises(ValueError, match="dense table of distances"):
        NearestNeighbors(metric="precomputed").fit(sparse.csr_array(np.eye(4)))


def test_neighbours_without_any_weight_are_refused():
    X, y = np.eye(6), np.arange(6) % 2
    for kind in (KNeighborsClassifier, KNeighborsRegressor):
        with pytest.raises(ValueError, match="zero weight"):
            kind(3, weights=np.zeros_like).fit(X, y).predict(X)
    with pytest.raises(ValueError, match="must return an array of shape"):
        KNeighborsClassifier(3, weights=lambda d: d[:1]).fit(X, y).predict(X)


def test_a_sparse_table_in_a_tree_is_measured_instead_and_says_so():
    with pytest.warns(UserWarning, match="sparse rows have no tree"):
        NearestNeighbors(n_neighbors=1, algorithm="kd_tree").fit(sparse.csr_array(np.eye(4)))


@pytest.mark.parametrize("algorithm", ["kd_tree", "brute"])
def test_a_watched_search_answers_the_same_and_ends_where_the_answer_is(algorithm):
    X, y = load_iris(return_X_y=True)
    model = KNeighborsClassifier(algorithm=algorithm, leaf_size=10).fit(X[:, :2], y)
    plain = model.predict_proba(X[60:63, :2])
    with diorama.record() as recording:
        watched = model.predict_proba(X[60:63, :2])
    assert plain.tobytes() == watched.tobytes()
    states = [moment.state for moment in recording.fits[-1].moments]
    distances, rows = model.kneighbors(X[60:61, :2])
    np.testing.assert_array_equal(states[-1].neighbors, rows[0])
    np.testing.assert_array_equal(states[-3].neighbors, rows[0], "what the boxes held is what was found")
    np.testing.assert_array_equal(states[-1].distances, distances[0])
    reach = [state.distances[-1] for state in states if len(state.distances) == 5]
    assert (np.diff(reach) <= 0).all(), "the farthest kept only comes nearer"
    scene = recording.scene()
    assert "vote" in scene.frames[-1].step
    assert "first of 3 queries" in scene.caption
    if algorithm == "kd_tree":
        assert states[-1].seen < 150, "some rows were never looked at"
        assert {"open", "read", "leave"} <= {frame.step for frame in scene.frames}


@pytest.mark.parametrize(
    ("model", "n_features"),
    [
        (KNeighborsRegressor(), 1),
        (KNeighborsRegressor(weights="distance"), 2),
        (KNeighborsClassifier(metric="manhattan"), 1),
        (KNeighborsClassifier(metric="cosine"), 3),
        (KNeighborsClassifier(algorithm="brute", p=1), 2),
    ],
)
def test_every_kind_of_search_has_its_picture(model, n_features):
    random = np.random.default_rng(12)
    X, y = random.normal(size=(60, n_features)), random.integers(0, 3, 60)
    with diorama.record() as recording:
        model.fit(X, y).predict(X[:1])
    assert len(recording.fits) == 2
    scene = recording.scene()
    assert scene.frames[-1].values["result"]
    assert scene.still()["hconcat"]


@pytest.mark.parametrize("d", [1, 2, 4])
def test_a_recorded_fit_can_be_asked_from_places_all_over_its_picture(d):
    random = np.random.default_rng(d)
    X, y = random.normal(size=(60, d)), random.choice(["a", "b"], 60)
    model, recording = diorama.watch(KNeighborsClassifier(3), X, y)
    scene = recording.scene()
    asked = [frame for frame in scene.frames if len(frame.data["query"]["x"])]
    assert len(asked) == 96
    assert scene.grips == (Grip("query", x="x", y="" if d == 1 else "y"),)
    assert "Drag the cross" in scene.caption
    if d == 2:
        places = np.array([[frame.data["query"][axis][0] for axis in "xy"] for frame in asked])
        np.testing.assert_array_equal([frame.data["heap"]["row"] for frame in asked], model.kneighbors(places)[1])
