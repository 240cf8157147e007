"""The grid of clusterings: every method on every shape, coloured after what was drawn, fitted for real."""

import numpy as np
import pytest

from diorama.reference.pictures.clusterings import asked, clusterings, labels_of, points_of
from diorama.scenes.clusterings import STAR, Drawn, clusterings_scene
from diorama.scenes.source import Code

SHAPES = ("blobs", "moons", "circles", "slanted", "uneven", "noise")
METHODS = tuple(asked(2, 0.4, 4, 0.2, 0.2, "ward", 0))
CODE = Code(("fit()",), {"fit": 0})


def test_every_method_meets_every_shape():
    frame = clusterings(n_points=60).frames[0]
    assert len(METHODS) == 9
    for method in METHODS:
        assert len(frame.data[method]["cluster"]) == 6 * 60
        counts = [int(told.split(",")[0].removesuffix(STAR)) for told in frame.data[f"{method}: told"]["told"]]
        for shape, count in zip(SHAPES, counts, strict=True):
            X, groups = points_of(shape, 60, 1)
            k = 3 if shape == "noise" else groups.max() + 1
            model, told = asked(k, 0.4, 4, 0.25, 0.25, "ward", 1)[method]
            labels = np.asarray(model(**told).fit_predict(X))
            assert count == len(set(labels[labels >= 0].tolist())), (method, shape)


@pytest.mark.parametrize(
    ("change", "touched"),
    [
        ({"eps": 0.57}, 1),
        ({"linkage": "complete"}, 1),
        ({"min_samples": 7}, 3),
        ({"xi": 0.37}, 1),
        ({"quantile": 0.41}, 1),
    ],
)
def test_only_what_a_slider_touches_is_fitted_again(change, touched):
    clusterings(n_points=62)
    before = labels_of.cache_info().misses
    clusterings(n_points=62, **change)
    assert labels_of.cache_info().misses == before + touched * len(SHAPES)


def test_a_cluster_has_the_name_of_the_group_that_it_is_most_of():
    X, groups = np.arange(12.0).reshape(6, 2), np.array([0, 0, 0, 1, 1, 1])
    found = {"swapped": np.array([1, 1, 1, 0, 0, 0]), "cut": np.array([2, 2, 0, 1, 1, -1])}
    frame = clusterings_scene({"pairs": Drawn(X, groups)}, {"pairs": found}, CODE).frames[0]
    assert frame.data["swapped"]["cluster"] == ["0", "0", "0", "1", "1", "1"]
    assert frame.data["cut"]["cluster"] == ["0", "0", "2", "1", "1", "noise"]
    assert frame.data["swapped: told"]["told"] == [f"2{STAR}"]
    assert frame.data["cut: told"]["told"] == ["3, 1 noise"]
    assert frame.narration == "The groups that were drawn are found in pairs by swapped."


def test_nothing_found_at_all_can_be_drawn():
    drawn = {"pairs": Drawn(np.arange(8.0).reshape(4, 2), np.array([0, 0, 1, 1]))}
    frame = clusterings_scene(drawn, {"pairs": {"none": np.full(4, -1)}}, CODE).frames[0]
    assert frame.data["none: told"]["told"] == ["0, 4 noise"]
    assert frame.narration == "No method finds what was drawn."
