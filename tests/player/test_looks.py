"""How the saved page looks: light and dark, large and small, whatever a scene brings."""

from dataclasses import replace

import pytest

from tests.player.pages import narration, overflow
from tests.player.small_scenes import small_scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


def test_dark_from_the_system_and_from_the_switch(opened):
    page = opened(small_scene(), color_scheme="dark")
    paper = "getComputedStyle(document.body).backgroundColor"
    axis = "player.picture.options().config.axis.labelColor"
    dark = page.evaluate(paper), page.evaluate(axis)
    assert dark[0] == "rgb(23, 25, 28)"
    page.click("#theme")
    assert page.evaluate(paper) == "rgb(255, 253, 249)"
    assert page.evaluate(axis) != dark[1]
    assert page.locator("canvas").count() == 1


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_words_stand_out_from_the_paper(opened, theme):
    page = opened(small_scene(), color_scheme=theme)
    contrast = page.evaluate(
        """() => {
          const light = (text) => {
            const parts = text.match(/[\\d.]+/g).slice(0, 3).map((v) => v / 255);
            const [r, g, b] = parts.map((v) => (v <= 0.04045 ? v / 12.92 : ((v + 0.055) / 1.055) ** 2.4));
            return 0.2126 * r + 0.7152 * g + 0.0722 * b + 0.05;
          };
          const paperOf = (at) => {
            const paper = getComputedStyle(at).backgroundColor;
            return paper === "rgba(0, 0, 0, 0)" && at.parentElement ? paperOf(at.parentElement) : paper;
          };
          const found = {};
          for (const at of document.querySelectorAll(".diorama-player *, #theme, h1")) {
            if (![...at.childNodes].some((node) => node.nodeType === 3 && node.textContent.trim())) continue;
            const pair = [light(getComputedStyle(at).color), light(paperOf(at))].sort((a, b) => b - a);
            found[at.getAttribute("class") ?? at.localName] = pair[0] / pair[1];
          }
          return found;
        }"""
    )
    assert len(contrast) > 8
    assert {name: ratio for name, ratio in contrast.items() if ratio < 4.5} == {}


def test_a_small_screen_stacks_the_panels_and_never_scrolls_sideways(opened):
    phone = {"viewport": {"width": 360, "height": 740}, "has_touch": True, "is_mobile": True, "device_scale_factor": 2}
    page = opened(small_scene(), **phone)
    assert overflow(page) <= 0
    picture, code = page.locator(".diorama-picture").bounding_box(), page.locator(".diorama-code").bounding_box()
    assert code["y"] >= picture["y"] + picture["height"]
    canvas = page.locator("canvas").bounding_box()
    assert canvas["width"] <= picture["width"] + 1
    # one panel over the other
    assert canvas["height"] > canvas["width"]
    sizes = [box.bounding_box() for box in page.locator(".diorama-button, #theme, .diorama-speed").all()]
    assert min(box["height"] for box in sizes) >= 44


def test_many_changes_at_once_leave_one_picture(opened):
    page = opened(small_scene())
    other = small_scene(frames=9).to_dict()
    for width in (500, 900, 1000):
        page.set_viewport_size({"width": width, "height": 700})
        page.evaluate("(scene) => { document.getElementById('theme').click(); player.update(scene); }", other)
        page.evaluate(
            "(scene) => { player.update(scene); document.getElementById('theme').click(); }", small_scene().to_dict()
        )
    page.wait_for_timeout(800)
    assert page.locator("canvas").count() == 1
    assert page.locator("[role=alert]").count() == 0
    assert page.locator("canvas").bounding_box()["width"] == pytest.approx(
        page.locator(".diorama-view").bounding_box()["width"], abs=6
    )


def test_a_picture_made_off_the_page_is_drawn_when_it_comes_on(opened):
    page = opened(small_scene())
    page.evaluate(
        """async () => {
          const place = document.createElement("div");
          window.second = new player.constructor(place, player.scene, {});
          await second.ready;
          document.body.append(place);
        }"""
    )
    page.wait_for_timeout(700)
    boxes = [box.bounding_box() for box in page.locator("canvas").all()]
    assert boxes[1]["width"] == pytest.approx(boxes[0]["width"], abs=3)
    colours = "each => each.picture.config.axis.labelColor"
    assert page.evaluate(f"[player, second].map({colours})") == [page.evaluate(f"({colours})(player)")] * 2


def test_a_long_formula_breaks_after_commas_and_before_equals_signs(opened):
    latex = r"J = \tfrac{1}{n}\textstyle\sum_i (w^T x_i + b - y_i)^2 = \slot{J}, \quad f(w, b) = \slot{J}"
    page = opened(replace(small_scene(), formulas={"": latex}), viewport={"width": 360, "height": 740})
    pieces = page.evaluate("[...document.querySelectorAll('.diorama-formula math')].map((each) => each.textContent)")
    assert pieces == ["J=1n∑i(wTxi+b\N{MINUS SIGN}yi)2", "=100.0,", "f(w,b)=100.0"]
    assert page.evaluate("(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(player.panels.formula)") == 0


def test_a_long_line_of_numbers_breaks_before_its_terms(opened):
    latex = r"d = a - b c = \slot{J} - \slot{J} \cdot \slot{J} - \slot{J} \cdot \slot{J} + \slot{J} = \slot{J}"
    page = opened(replace(small_scene(), formulas={"": latex}), viewport={"width": 360, "height": 740})
    pieces = page.evaluate("[...document.querySelectorAll('.diorama-formula math')].map((each) => each.textContent)")
    less = "\N{MINUS SIGN}"
    assert pieces == [f"d=a{less}bc=100.0{less}100.0·100.0", f"{less}100.0·100.0", "+100.0=100.0"]
    assert page.evaluate("(({ scrollWidth, clientWidth }) => scrollWidth - clientWidth)(player.panels.formula)") == 0


def test_controls_stay_where_they_are_whatever_is_said(opened):
    first, *rest = small_scene().frames
    frames = (first, *(replace(frame, narration=f"{frame.narration} " * 9) for frame in rest))
    page = opened(replace(small_scene(), frames=frames))
    before = page.locator(".diorama-controls").bounding_box()
    page.evaluate("player.seek(2)")
    assert page.locator(".diorama-controls").bounding_box() == before


def test_the_picture_follows_its_place(opened):
    page = opened(small_scene())
    wide = page.locator("canvas").bounding_box()
    assert wide["width"] > wide["height"]
    page.set_viewport_size({"width": 400, "height": 700})
    page.wait_for_timeout(600)
    narrow = page.locator("canvas").bounding_box()
    assert narrow["width"] < 400 < narrow["height"]
    assert overflow(page) <= 0


def test_a_single_frame_is_a_picture_without_controls(opened):
    page = opened(small_scene(frames=1))
    assert not page.locator(".diorama-controls").is_visible()
    page.focus(".diorama-player")
    page.keyboard.press("Space")
    page.keyboard.press("ArrowRight")
    assert narration(page) == "Step 0: the cost is 100.0."
