"""The saved page in a real browser, from a file, with the network off: what plays, and what is said."""

from dataclasses import replace

import pytest

from diorama.scenes.scene import Frame, Scene
from tests.player.pages import centre, count, narration, settle
from tests.player.small_scenes import HOSTILE, moving_scene, small_scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

PATH = """
async (act) => {
  const seen = [];
  act === "play" ? player.play() : act === "step" ? player.step(1) : player.seek(1);
  while (player.request) {
    await new Promise(requestAnimationFrame);
    seen.push(player.picture.view.data("centre")[0].x);
  }
  return seen;
}
"""


def test_the_first_frame_rests_until_asked(opened):
    page = opened(small_scene())
    assert narration(page) == "Step 0: the cost is 100.0."
    assert page.locator("canvas").count() == 1
    page.wait_for_timeout(500)
    assert count(page) == "0 / 3"


def test_a_page_that_was_asked_to_plays_at_once(opened):
    page = opened(small_scene(), autoplay=True)
    settle(page)
    assert count(page) == "3 / 3"


def test_a_step_changes_picture_code_formula_and_sentence(opened):
    page = opened(small_scene())
    assert page.inner_text("[aria-current=step]").strip() == "labels = assign(X, state.centers)  # the nearest"
    page.click("[aria-label='Step forward']")
    settle(page)
    assert narration(page) == "Step 1: the cost is 50.0."
    assert page.inner_text("[aria-current=step]").strip() == "return move(X, labels)"
    assert page.text_content("[data-slot=J]") == "50.0"
    assert page.evaluate("player.picture.view.data('curve').length") == 2
    assert centre(page) == 3
    page.click("[aria-label='Step back']")
    settle(page)
    assert narration(page) == "Step 0: the cost is 100.0."
    assert centre(page) == 1


def test_buttons_go_to_the_first_frame_and_the_last(opened):
    page = opened(small_scene())
    page.click("[aria-label='Last frame']")
    settle(page)
    assert (count(page), centre(page)) == ("3 / 3", 7)
    page.click("[aria-label='Step forward']")
    assert count(page) == "3 / 3"
    page.click("[aria-label='First frame']")
    settle(page)
    assert (count(page), centre(page)) == ("0 / 3", 1)


def test_play_ends_at_the_last_frame_and_begins_again_from_it(opened):
    page = opened(small_scene())
    page.evaluate("player.setSpeed(2)")
    page.click("[aria-label=Play]")
    assert page.locator("[aria-label=Pause]").count() == 1
    settle(page)
    assert count(page) == "3 / 3"
    page.click("[aria-label=Play]")
    assert count(page) in {"0 / 3", "1 / 3"}


def test_pause_rests_where_it_is(opened):
    page = opened(small_scene(frames=30))
    page.click("[aria-label=Play]")
    page.wait_for_timeout(600)
    page.click("[aria-label=Pause]")
    settle(page)
    rested = count(page)
    assert rested not in {"0 / 29", "29 / 29"}
    page.wait_for_timeout(500)
    assert count(page) == rested


def test_speed_changes_how_long_a_step_lasts(opened):
    page = opened(small_scene(frames=3))
    lasted = {}
    for speed in ("0.5", "4"):
        page.select_option("[aria-label=Speed]", speed)
        began = page.evaluate("(player.play(), performance.now())")
        settle(page)
        lasted[speed] = page.evaluate("performance.now()") - began
    # two steps: 1 600 ms at half the speed, 200 ms at four times it; a busy machine only makes them longer
    assert lasted["0.5"] >= 1600
    assert lasted["4"] >= 200
    assert page.evaluate("player.speed") == 4


def test_dragging_the_scrubber_jumps_without_gliding(opened):
    page = opened(small_scene())
    page.fill("[aria-label=Frame]", "2")
    settle(page)
    assert (count(page), centre(page)) == ("2 / 3", 5)
    assert page.get_attribute("[aria-label=Frame]", "aria-valuetext") == "frame 2 of 3"
    assert set(page.evaluate(PATH, "seek")) == {3}


def test_a_step_glides_through_places_between(opened):
    page = opened(small_scene())
    passed = page.evaluate(PATH, "step")
    assert passed[-1] == 3
    assert any(1 < x < 3 for x in passed)
    assert passed == sorted(passed)


def test_with_reduced_motion_frames_change_at_once(opened):
    page = opened(small_scene(), reduced_motion="reduce")
    assert set(page.evaluate(PATH, "step")) == {3}
    assert set(page.evaluate(PATH, "play")) == {5, 7}


def test_keys(opened):
    page = opened(small_scene())
    page.focus(".diorama-player")
    for key, expected in [("ArrowRight", "1 / 3"), ("End", "3 / 3"), ("ArrowLeft", "2 / 3"), ("Home", "0 / 3")]:
        page.keyboard.press(key)
        assert count(page) == expected
    page.keyboard.press("Space")
    assert page.locator("[aria-label=Pause]").count() == 1
    page.keyboard.press("Space")
    assert page.locator("[aria-label=Play]").count() == 1


def test_keys_that_belong_to_others_are_left_to_them(opened):
    page = opened(small_scene())
    page.evaluate("document.body.append(document.createElement('input'))")
    page.focus("body > input")
    page.keyboard.type(" ")
    page.keyboard.press("End")
    assert page.input_value("body > input") == " "
    assert count(page) == "0 / 3"
    # the space key presses the button that has the focus, once
    page.focus("[aria-label='Step forward']")
    page.keyboard.press("Space")
    assert count(page) == "1 / 3"
    assert page.locator("[aria-label=Play]").count() == 1


def test_roles_and_labels(opened):
    page = opened(small_scene())
    assert page.get_attribute(".diorama-player", "aria-label") == "Two groups, a moving picture"
    assert page.get_attribute("[role=img]", "aria-label") == "60 points and a centre at 1."
    assert page.get_attribute(".diorama-narration", "aria-live") == "polite"
    assert page.locator("button:not([aria-label]):not(:has-text('Light'))").count() == 0
    page.evaluate("(player.setSpeed(2), player.play())")
    # while it plays, a screen reader is not told every frame
    assert page.get_attribute(".diorama-narration", "aria-live") == "off"
    settle(page)
    assert page.get_attribute(".diorama-narration", "aria-live") == "polite"
    assert page.get_attribute("[role=img]", "aria-label") == "60 points and a centre at 7."


def test_text_from_data_stays_text(opened):
    page = opened(hostile_scene())
    page.on("dialog", lambda dialog: page.problems.append(f"dialog: {dialog.message}"))
    assert page.title() == HOSTILE
    assert page.inner_text("h1") == HOSTILE
    assert narration(page) == f"{HOSTILE} </script><script>alert(2)</script>"
    assert page.text_content("[data-slot=J]") == HOSTILE
    canvas = page.locator("canvas").bounding_box()
    page.mouse.move(canvas["x"] + canvas["width"] / 2, canvas["y"] + canvas["height"] / 2 - 10)
    page.wait_for_timeout(100)
    assert HOSTILE in page.inner_text(".diorama-tip")
    assert page.locator("img").count() == 0


def hostile_scene():
    """One large bar whose name, and every other text around it, would run as HTML."""
    encoding = {"y": {"field": "name", "type": "nominal"}, "x": {"field": "value", "type": "quantitative"}}
    return Scene(
        title=HOSTILE,
        spec={
            "data": {"name": "bars"},
            "mark": {"type": "bar", "tooltip": {"content": "data"}},
            "encoding": encoding,
            "width": 300,
            "height": 300,
        },
        frames=(
            Frame(
                {"bars": {"name": [HOSTILE], "image": [HOSTILE], "value": [3.0]}},
                f"{HOSTILE} </script><script>alert(2)</script>",
                HOSTILE,
                values={"J": HOSTILE},
            ),
        ),
        formulas={"": r"J = \slot{J}"},
        caption=HOSTILE,
    )


def test_a_picture_that_cannot_be_drawn_says_so(opened):
    page = opened(
        replace(small_scene(), spec={**small_scene().spec, "transform": [{"calculate": "nonsense(", "as": "a"}]})
    )
    assert "could not be drawn" in page.inner_text("[role=alert]")
    assert narration(page) == "Step 0: the cost is 100.0."


def test_another_scene_of_the_same_picture_swaps_the_data(opened):
    page = opened(small_scene())
    page.evaluate("window.before = player.picture.view, 0")
    page.evaluate("player.seek(2)")
    page.evaluate("(scene) => player.update(scene)", small_scene(n=10, seed=1).to_dict())
    assert page.evaluate("before === player.picture.view")
    assert page.evaluate("player.picture.view.data('points').length") == 10
    assert (count(page), centre(page)) == ("2 / 3", 5)


def test_only_data_that_changed_is_given_to_vega(opened):
    page = opened(small_scene())
    page.evaluate(
        """() => {
          const { view } = player.picture, taken = view.data.bind(view);
          window.given = [];
          view.data = (name, ...rows) => {
            if (rows.length) given.push(name);
            return taken(name, ...rows);
          };
        }"""
    )
    page.evaluate("(scene) => player.update(scene)", small_scene().to_dict())
    assert page.evaluate("given") == []
    page.evaluate("(scene) => player.update(scene)", small_scene(n=10, seed=1).to_dict())
    assert "points" in page.evaluate("given")
    assert page.evaluate("player.picture.view.data('points').length") == 10


def test_another_picture_is_embedded_anew_and_the_last_wins(opened):
    page = opened(small_scene())
    page.evaluate("player.seek(3)")
    scenes = [
        moving_scene(50, frames=5).to_dict(),
        small_scene(frames=7).to_dict(),
        moving_scene(40, frames=9).to_dict(),
    ]
    page.evaluate("(scenes) => Promise.all(scenes.map((scene) => player.update(scene)))", scenes)
    assert count(page) == "8 / 8"
    assert page.evaluate("player.picture.view.data('points').length") == 40
    assert page.locator("canvas").count() == 1


def test_a_destroyed_player_leaves_nothing(opened):
    page = opened(small_scene())
    page.evaluate("(player.play(), player.destroy())")
    assert page.inner_html("#player") == ""
    page.wait_for_timeout(300)


def test_a_frame_of_2000_moving_points_is_drawn(opened, record_property):
    page = opened(moving_scene(2000))
    milliseconds = page.evaluate(
        """async () => {
          const times = [];
          for (let i = 0; i < 40; i++) {
            player.index = i % 20;
            const began = performance.now();
            player.picture.show(player.allRows());
            await player.picture.view.runAsync();
            times.push(performance.now() - began);
            await new Promise(requestAnimationFrame);
          }
          return times.slice(10).sort((a, b) => a - b)[15];
        }"""
    )
    record_property("frame_milliseconds", milliseconds)
    print(f"a frame of 2 000 moving points: {milliseconds:.1f} ms")
    assert page.evaluate("player.picture.view.data('points').length") == 2000
