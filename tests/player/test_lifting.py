"""A picture whose axes end elsewhere takes the new numbers; it is not made anew."""

import copy
from dataclasses import replace

import pytest

from diorama.player import save_scene
from tests.player.small_scenes import small_scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def until(scene, end):
    """The same scene with every x axis of its first panel ending at `end`."""
    spec = copy.deepcopy(scene.spec)
    for layer in spec["hconcat"][0]["layer"]:
        layer["encoding"]["x"]["scale"]["domain"] = [0, end]
    return replace(scene, spec=spec)


def test_new_ends_of_an_axis_are_taken_into_the_picture_that_is_there(open_page, tmp_path):
    page = open_page(save_scene(small_scene(), tmp_path / "replay.html").as_uri(), offline=True)
    page.evaluate("player.ready")
    page.evaluate("document.querySelector('canvas').dataset.kept = 'yes'")
    page.evaluate("(scene) => player.update(scene)", until(small_scene(), 40).to_dict())
    assert page.get_attribute("canvas", "data-kept") == "yes"
    domains = "Object.entries(player.picture.view.getState().signals).filter(([name]) => name.startsWith('at_'))"
    assert 40 in [value for _, value in page.evaluate(domains)]
