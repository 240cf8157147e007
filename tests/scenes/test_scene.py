"""A scene as plain data: what fits together, what is refused, and that nothing is lost on the way out and in."""

import json

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from diorama.scenes.columns import decode, encode, n_rows, to_rows
from diorama.scenes.scene import Frame, Scene, SceneError, slots, to_mathml
from diorama.scenes.source import marked_source

SPEC = {
    "layer": [
        {"data": {"name": "points"}, "mark": "point", "encoding": {"x": {"field": "x", "type": "quantitative"}}},
        {"data": {"name": "centre"}, "mark": "rule", "encoding": {"x": {"field": "x", "type": "quantitative"}}},
    ]
}


def add(a, b):
    """Adds.

    In two lines.
    """
    return a + b  #: add


def a_scene(**changes):
    frames = tuple(
        Frame({"centre": {"x": [float(i)]}}, f"Step {i}.", f"a line at {i}", "add", {"J": str(i)}) for i in range(3)
    )
    parts = {
        "title": "centre",
        "spec": SPEC,
        "frames": frames,
        "data": {"points": {"x": np.arange(4.0)}},
        "code": marked_source(add),
        "formulas": {"add": r"J = \slot{J}"},
        "tween": ("centre",),
    }
    return Scene(**{**parts, **changes})


def test_code_is_the_source_without_docstring_and_marks():
    code = marked_source(add)
    assert code.lines == ("def add(a, b):", "    return a + b")
    assert code.steps == {"add": 1}


def test_plain_data_comes_back_as_it_was():
    scene = a_scene()
    plain = json.loads(json.dumps(scene.to_dict()))
    again = Scene.from_dict(plain)
    assert json.loads(json.dumps(again.to_dict())) == plain
    assert again.still(1) == scene.still(1)


def test_a_column_shared_by_frames_is_written_once():
    frames = tuple(Frame({"centre": {"x": np.arange(500.0)}}, "still", "still") for _ in range(50))
    plain = a_scene(frames=frames, formulas={}, tween=()).to_dict()
    assert len(plain["columns"]) == 2


def test_a_still_has_all_its_data():
    assert a_scene().still(-1)["datasets"] == {"points": [{"x": float(i)} for i in range(4)], "centre": [{"x": 2.0}]}


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"frames": ()}, "no frames"),
        ({"data": {}}, "never given"),
        ({"data": {"points": {"x": [1.0]}, "extra": {"x": [1.0]}}}, "drawn by nothing"),
        ({"tween": ("points",)}, "do not move"),
        ({"code": marked_source()}, "no line of its code"),
        ({"formulas": {"add": r"\slot{K}"}}, "unfilled"),
        ({"frames": (Frame({"centre": {"x": np.zeros(2001)}}, "", ""),), "formulas": {}}, "at most 2000"),
    ],
)
def test_parts_that_do_not_fit_are_refused(changes, problem):
    with pytest.raises(SceneError, match=problem):
        a_scene(**changes)


def test_another_version_and_incomplete_data_are_refused():
    plain = a_scene().to_dict()
    with pytest.raises(SceneError, match="version 99"):
        Scene.from_dict({**plain, "version": 99})
    del plain["frames"]
    with pytest.raises(SceneError, match="incomplete"):
        Scene.from_dict(plain)


def test_columns_of_different_lengths_are_named():
    with pytest.raises(ValueError, match="'b': 1"):
        n_rows({"a": [1, 2], "b": [1]})


@given(st.lists(st.floats(width=32)))
def test_numbers_survive(values):
    assert decode(encode(np.array(values, dtype=np.float32))) == [v if np.isfinite(v) else None for v in values]


@given(st.lists(st.integers(-(2**31), 2**31 - 1)))
def test_whole_numbers_survive(values):
    assert decode(encode(np.array(values, dtype=np.int64))) == values


@given(st.lists(st.text()))
def test_text_survives(values):
    assert decode(encode(values)) == values or values == []


def test_rows_are_what_vega_takes():
    assert to_rows({"x": [1.5, np.nan], "class": ["a", "b"]}) == [{"x": 1.5, "class": "a"}, {"x": None, "class": "b"}]


def test_formula_slots_become_places_to_fill():
    latex = r"J = \sum_i \slot{cost} - \slot{old}"
    assert slots(latex) == ["cost", "old"]
    mathml = to_mathml(latex)
    assert mathml.startswith("<math")
    assert '<mn data-slot="cost"></mn>' in mathml
    assert "@" not in mathml
