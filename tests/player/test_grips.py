"""A mark that the pointer takes and leads: the frame in which it stands nearest is shown, or a page answers anew."""

from dataclasses import replace

import pytest

from diorama.scenes import Grip
from diorama.scenes.scene import Scene, SceneError
from tests.player.pages import count, settle
from tests.player.small_scenes import small_scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

CENTRE = """
() => {
  const view = player.picture.view;
  const box = view.container().querySelector("canvas").getBoundingClientRect();
  const panel = view.scenegraph().root.items[0].items.find((mark) => mark.name === "concat_0_group").items[0];
  const [left, top] = view.origin();
  const at = (x) => view.scale("concat_0_x")(x);
  const y = box.top + view.padding().top + top + panel.y + view.scale("concat_0_y")(5);
  return { x: [0, 1, 2, 3].map((i) => box.left + view.padding().left + left + panel.x + at(1 + 2 * i)), y };
}
"""


def grasped_scene() -> Scene:
    return replace(small_scene(), grips=(Grip("centre", x="x", y="y"),))


def test_dragging_goes_to_the_frame_in_which_the_mark_is_nearest(opened):
    page = opened(grasped_scene())
    where = page.evaluate(CENTRE)
    page.mouse.move(where["x"][0] + 3, where["y"] - 2)
    assert page.evaluate("player.panels.stage.style.cursor") == "grab"
    page.mouse.down()
    page.mouse.move(where["x"][2] + 9, where["y"] + 30)
    settle(page)
    assert count(page) == "2 / 3"
    page.mouse.move(where["x"][1] - 5, where["y"])
    settle(page)
    assert count(page) == "1 / 3"
    page.mouse.up()
    page.mouse.move(where["x"][3], where["y"])
    settle(page)
    assert count(page) == "1 / 3"


def test_what_is_far_from_the_pointer_is_not_taken(opened):
    page = opened(grasped_scene())
    where = page.evaluate(CENTRE)
    page.mouse.move(where["x"][0] + 40, where["y"])
    page.mouse.down()
    page.mouse.move(where["x"][2], where["y"])
    settle(page)
    assert count(page) == "0 / 3"


def test_a_page_that_answers_by_itself_is_told_the_place_in_units_of_the_axes(opened):
    page = opened(grasped_scene())
    page.evaluate(
        "window.led = []; player.root.addEventListener('diorama-lead',"
        " (event) => { led.push(event.detail); event.preventDefault(); })"
    )
    where = page.evaluate(CENTRE)
    page.mouse.move(where["x"][0], where["y"])
    page.mouse.down()
    page.mouse.move(where["x"][2], where["y"])
    settle(page)
    last = page.evaluate("led.at(-1)")
    assert (last["x"], last["y"]) == pytest.approx((5, 5), abs=0.1)
    assert count(page) == "0 / 3"


def test_grips_travel_with_the_scene_and_must_move():
    scene = grasped_scene()
    assert Scene.from_dict(scene.to_dict()).grips == scene.grips
    for grip in (Grip("points", x="x"), Grip("centre")):
        with pytest.raises(SceneError, match="is to be dragged and does not move"):
            replace(scene, grips=(grip,))
