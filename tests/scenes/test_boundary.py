"""The picture of a classifier: where its boundary runs, what its colours say, on one, two and more features."""

from types import SimpleNamespace

import numpy as np
import pytest

from diorama._iterate import Fit
from diorama.scenes.boundary import Boundary, boundary_segments


def linear(weights, bias):
    """Probabilities of a softmax over linear scores."""

    def probabilities(points):
        scores = points @ np.asarray(weights).T + bias
        shares = np.exp(scores - scores.max(axis=1, keepdims=True))
        return shares / shares.sum(axis=1, keepdims=True)

    return probabilities


def picture(X, y, **options):
    return Boundary.of(Fit(SimpleNamespace(classes_=np.unique(y)), X, y), **options)


@pytest.fixture
def plane_data():
    random = np.random.default_rng(0)
    X = random.uniform(-2, 2, size=(60, 2))
    return X, np.where(X.sum(axis=1) > 0, "yes", "no")


def test_the_boundary_of_a_linear_model_is_its_line(plane_data):
    frame = picture(*plane_data).frame(linear([[0, 0], [3.0, -5.0]], [0, 0.7]))
    line = frame["boundary"]
    assert len(line["x"]) > 20
    for x, y in ((line["x"], line["y"]), (line["x2"], line["y2"])):
        np.testing.assert_allclose(3 * x - 5 * y + 0.7, 0, atol=1e-9)


def test_a_higher_threshold_moves_the_boundary_to_its_probability(plane_data):
    frame = picture(*plane_data, threshold=0.9).frame(linear([[0, 0], [3.0, -5.0]], [0, 0.7]))
    line = frame["boundary"]
    np.testing.assert_allclose(3 * line["x"] - 5 * line["y"] + 0.7, np.log(9), atol=1e-9)


def test_three_classes_meet_in_one_point_and_no_boundary_runs_on_beyond_it():
    angles = np.deg2rad([90, 210, 330])
    weights = np.column_stack([np.cos(angles), np.sin(angles)])
    grid = np.stack(np.meshgrid(np.linspace(-1, 1, 42), np.linspace(1, -1, 42)), axis=-1)
    shares = linear(4 * weights, np.zeros(3))(grid.reshape(-1, 2)).reshape(42, 42, 3)
    segments = boundary_segments(grid, shares)
    middle = (segments[:, :2] + segments[:, 2:]) / 2
    scores = np.sort(middle @ weights.T, axis=1)
    # on the boundary the two best tie, and the third is worse
    np.testing.assert_allclose(scores[:, 2], scores[:, 1], atol=1e-9)
    assert len(segments) > 60


def test_a_checkerboard_cell_is_crossed_twice():
    grid = np.stack(np.meshgrid([0.0, 1.0], [1.0, 0.0]), axis=-1)
    likely = np.array([[0.9, 0.1], [0.1, 0.9]])
    assert boundary_segments(grid, np.stack([1 - likely, likely], axis=-1)).shape == (2, 4)


def test_one_feature_shows_the_curve_and_where_it_crosses_the_threshold():
    X = np.linspace(0, 10, 30)[:, None]
    frame = picture(X, np.where(X[:, 0] > 4, 1, 0)).frame(linear([[0.0], [2.0]], [0.0, -8.0]))
    np.testing.assert_allclose(frame["boundary"]["x"], [4.0], atol=1e-9)
    np.testing.assert_allclose(frame["curves"]["y"], 1 / (1 + np.exp(8 - 2 * frame["curves"]["x"])))


def test_more_features_are_shown_by_two_components_and_it_says_so():
    X = np.random.default_rng(1).normal(size=(50, 5))
    shown = picture(X, np.arange(50) % 3)
    frame = shown.frame(linear(np.eye(3, 5), np.zeros(3)))
    assert "5 features" in shown.caption
    assert set(frame) == {"surface", "boundary"}
    assert frame["surface"]["url"][0].startswith("data:image/png")


def test_a_sure_model_without_any_boundary_draws_none(plane_data):
    frame = picture(*plane_data).frame(lambda points: np.tile([1.0, 0.0], (len(points), 1)))
    assert len(frame["boundary"]["x"]) == 0
