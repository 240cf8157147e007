"""A walk of predictions: the numbers, the states that it shows, and the errors."""

import numpy as np
import pytest

import diorama
from diorama.losses import RMSE, CrossEntropy, Huber, sweep


def test_a_sweep_gives_each_place_its_value_and_slope():
    places = np.linspace(-3, 3, 7)
    result = sweep(Huber(1.0), 0.0, places)
    np.testing.assert_array_equal(result.values, Huber(1.0, reduction="none")(np.zeros(7), places))
    np.testing.assert_array_equal(result.slopes, np.clip(places, -1, 1))


def test_watched_or_not_it_is_the_same_and_has_a_scene():
    rows = np.column_stack([np.linspace(0.1, 0.9, 5), np.linspace(0.9, 0.1, 5)])
    plain = sweep(CrossEntropy(from_logits=False), [1.0, 0.0], rows)
    with diorama.record() as recording:
        seen = sweep(CrossEntropy(from_logits=False), [1.0, 0.0], rows)
    np.testing.assert_array_equal(plain.values, seen.values)
    np.testing.assert_array_equal(plain.slopes, seen.slopes)
    scene = recording.scene()
    assert scene.frames[0].values["value"] == "2.3"
    # along the walk p and 1 - p move together: the slope is that of -log p
    assert scene.frames[0].values["slope"] == "\N{MINUS SIGN}10"


def test_a_root_shows_its_own_lines():
    with diorama.record() as recording:
        sweep(RMSE(), 1.0, [0.0, 1.0])
    scene = recording.scene()
    assert "root" in "\n".join(scene.code.lines)
    assert "no slope" in scene.frames[1].narration


def test_predictions_must_look_like_the_target():
    with pytest.raises(ValueError, match=r"y_pred has shape \(2, 3\); expected"):
        sweep(CrossEntropy(), [1.0, 0.0], np.zeros((2, 3)))
