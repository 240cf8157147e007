"""The scene of a growing tree: its places, its regions, its words."""

import numpy as np
import pytest
from sklearn.datasets import load_iris, make_moons

import diorama
from diorama.scenes.tree_layout import Box, Slice, boxes, halves, places, two_features
from diorama.trees import CARTClassifier


def scene_of(X, y, **parameters):
    model, recording = diorama.watch(CARTClassifier(**parameters), X, y)
    return model, recording.scene()


@pytest.fixture(scope="module")
def iris():
    return load_iris(return_X_y=True, as_frame=True)


def test_parents_stand_midway_above_their_children():
    X, y = make_moons(100, noise=0.2, random_state=0)
    tree = CARTClassifier().fit(X, y).tree_
    x, height = places(tree)
    inner = tree.children_left >= 0
    left, right = tree.children_left[inner], tree.children_right[inner]
    np.testing.assert_allclose(x[inner], (x[left] + x[right]) / 2)
    assert (height[left] > height[inner]).all()
    leaves = np.sort(x[~inner])
    np.testing.assert_allclose(np.diff(leaves), 1 / len(leaves))


def test_a_box_holds_the_points_that_end_in_its_leaf():
    X, y = make_moons(200, noise=0.2, random_state=0)
    tree = CARTClassifier().fit(X, y).tree_
    found = boxes(tree, Slice((0, 1), np.zeros(2), Box(-3, 3, -3, 3)))
    for (x, height), leaf in zip(X, tree.apply(X), strict=True):
        box = found[leaf]
        assert box.left < x <= box.right
        assert box.bottom < height <= box.top
    area = sum((b.right - b.left) * (b.top - b.bottom) for node, b in found.items() if tree.feature[node] < 0)
    assert area == pytest.approx(36)


def test_off_the_plane_the_other_features_decide():
    X = np.array([[0.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    tree = CARTClassifier().fit(X, [0, 1]).tree_
    view = Box(0, 1, 0, 1)
    assert boxes(tree, Slice((0, 1), np.array([0, 0, 0.2]), view)) == {0: view, 1: view}
    assert boxes(tree, Slice((0, 1), np.array([0, 0, 0.8]), view)) == {0: view, 2: view}


def test_halves_of_a_box():
    box = Box(0, 4, 0, 2)
    assert halves(box, 0, 1.0) == (Box(0, 1, 0, 2), Box(1, 4, 0, 2))
    assert halves(box, 1, 1.0) == (Box(0, 4, 0, 1), Box(0, 4, 1, 2))
    assert halves(box, 0, np.inf) == (box, None)
    assert halves(box, 1, -1.0) == (None, box)


def test_the_plane_is_of_the_features_that_the_tree_owes_most_to():
    assert two_features([0.1, 0.5, 0.0, 0.4]) == (1, 3)
    assert two_features([1.0]) == (0, -1)


def test_each_frame_makes_one_split_and_says_it_with_its_numbers(iris):
    model, scene = scene_of(*iris)
    assert len(scene.frames) == model.get_n_leaves()
    assert "150 rows; its gini is 0.667" in scene.frames[0].narration
    second = scene.frames[2]
    assert "Split 2 of 8: you ask 100 rows whether petal width (cm) ≤ 1.75; 54 say yes, 46 say no" in second.narration
    assert second.step == "keep"
    assert second.values["impurity"] == "0.5"
    assert second.values["decrease"] == "0.26"
    assert "petal length (cm) and petal width (cm)" in scene.caption
    for number, frame in enumerate(scene.frames):
        assert len(frame.data["edges"]["x"]) == 2 * number
        assert len(frame.data["fresh"]["x"]) == (number > 0)


def test_colours_follow_the_order_of_the_classes(iris):
    X, y = iris
    _, scene = scene_of(X, y.map(dict(enumerate(["virginica", "setosa", "versicolor"]))))
    scale = scene.spec["hconcat"][1]["layer"][0]["encoding"]["color"]["scale"]
    assert scale["domain"] == ["setosa", "versicolor", "virginica"]


def test_a_large_tree_is_drawn_in_part_and_the_caption_says_so():
    X, y = make_moons(600, noise=0.5, random_state=0)
    model, scene = scene_of(X, y)
    assert len(scene.frames[-1].data["edges"]["x"]) == 30
    assert f"15 splits with the largest decrease, of {model.get_n_leaves() - 1}" in scene.caption
    assert scene.frames[-1].narration.startswith("Splits 21 to ")


@pytest.mark.parametrize(
    "case", ["one feature", "one class", "missing", "sparse", "many classes", "thinned", "entropy"]
)
def test_every_kind_of_table_makes_a_scene(case, iris):
    X, y = iris[0].to_numpy(), iris[1].to_numpy()
    parameters = {}
    if case == "one feature":
        X = X[:, :1]
    if case == "one class":
        y = np.zeros(len(y))
    if case == "missing":
        X = np.where(np.random.default_rng(0).random(X.shape) < 0.2, np.nan, X)
    if case == "sparse":
        from scipy.sparse import csr_array

        X = csr_array(X)
    if case == "many classes":
        y = np.arange(len(y)) // 10
    if case == "entropy":
        parameters = {"criterion": "log_loss"}
    with diorama.record(max_frames=4 if case == "thinned" else 120) as recording:
        CARTClassifier(**parameters).fit(X, y)
    scene = recording.scene()
    assert scene.to_dict()["frames"]
    if case == "one class":
        assert "stays like that" in scene.frames[0].narration
    if case == "missing":
        assert "lack a value" in scene.caption
    if case == "entropy":
        assert "log_2" in scene.formulas[""]


def test_the_picture_can_be_drawn(iris):
    import vl_convert

    _, scene = scene_of(*iris, max_depth=2)
    svg = vl_convert.vegalite_to_svg(scene.still(-1))
    assert "petal width (cm) ≤ 1.75" in svg
