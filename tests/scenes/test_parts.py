"""What scenes share: the plane, the sample, images and numbers in words."""

import base64
import io

import numpy as np
import pytest
from PIL import Image
from sklearn.decomposition import PCA

from diorama.scenes.parts import Plane, class_scales, image_url, number, padded_range, rgb, sample_rows


def test_two_features_are_drawn_as_they_are():
    X = np.array([[1.0, 2.0], [3.0, 5.0]])
    plane = Plane.of(X, ["a", "b"])
    assert plane.titles == ("a", "b")
    assert plane.caption == ""
    np.testing.assert_array_equal(plane.project(X), X)


def test_one_feature_lies_on_the_axis():
    plane = Plane.of(np.array([[1.0], [4.0]]))
    np.testing.assert_array_equal(plane.project([[1.0], [4.0]]), [[1, 0], [4, 0]])


def test_many_features_are_drawn_by_their_principal_components():
    X = np.random.default_rng(0).normal(size=(50, 5)) * [5, 3, 1, 0.5, 0.1]
    plane = Plane.of(X)
    expected = PCA(2).fit_transform(X)
    np.testing.assert_allclose(np.abs(plane.project(X)), np.abs(expected), atol=1e-10)
    assert "5 features" in plane.caption


def test_a_grid_lies_on_the_plane_top_row_first():
    plane = Plane.of(np.random.default_rng(0).normal(size=(50, 4)))
    points = plane.grid([0, 2], [0, 1], 2, 1)
    np.testing.assert_allclose(plane.project(points), [[0.5, 0.5], [1.5, 0.5]], atol=1e-12)
    tall = Plane.of(np.zeros((2, 2))).grid([0, 1], [0, 2], 1, 2)
    np.testing.assert_allclose(tall, [[0.5, 1.5], [0.5, 0.5]])


def test_a_sample_is_fair_and_said_so():
    rows, sentence = sample_rows(10)
    np.testing.assert_array_equal(rows, np.arange(10))
    assert sentence == ""
    rows, sentence = sample_rows(10_000, 100)
    assert len(set(rows)) == 100
    assert rows.max() > 9_000
    assert "100 of 10,000" in sentence


def test_an_image_holds_its_pixels():
    pixels = np.array([[[255, 0, 0], [0, 255, 0]]], dtype=np.uint8)
    data = base64.b64decode(image_url(pixels).split(",")[1])
    np.testing.assert_array_equal(np.asarray(Image.open(io.BytesIO(data))), pixels)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0, "0"),
        (3.14159, "3.14"),
        (-2, "\u22122"),
        (123456.7, "123,457"),
        (2.5e-7, "2.50e\u22127"),
        (np.inf, "infinity"),
        (-np.inf, "\u2212infinity"),
        (np.nan, "not a number"),
    ],
)
def test_numbers_as_shown(value, text):
    assert number(value) == text


def test_ranges_have_air_and_never_vanish():
    assert padded_range([0, 100]) == [-6, 106]
    low, high = padded_range([3, 3, np.nan, np.inf])
    assert low < 3 < high
    assert padded_range([]) == [0, 1]


def test_classes_get_distinct_colour_and_shape_pairs():
    colors, shapes = class_scales([str(i) for i in range(12)])
    assert len(set(zip(colors["range"], shapes["range"], strict=True))) == 12
    np.testing.assert_array_equal(rgb("#0072B2"), [0, 114, 178])
