"""The saved page in a real browser: from a file, with the network off."""

import pytest

from diorama.player import save_scene
from tests.player.small_scenes import small_scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]


@pytest.fixture
def opened(open_page, tmp_path):
    """Save a scene as a page and open it, offline; gives the page with its picture drawn."""

    def open_scene(scene, autoplay=False, **options):
        path = save_scene(scene, tmp_path / "replay.html", autoplay=autoplay)
        page = open_page(path.as_uri(), offline=True, **options)
        page.evaluate("player.ready")
        return page

    return open_scene


def narration(page):
    return page.inner_text(".diorama-narration")


def centre(page):
    """Where the gliding mark is now, as Vega has it."""
    return page.evaluate("player.picture.view.data('centre')[0].x")


def settle(page):
    """Wait until nothing glides."""
    # not wait_for_function: it evaluates a string in the page, which the page's policy forbids
    page.evaluate(
        "new Promise((done) => { const look = () => (player.request ? setTimeout(look, 10) : done()); look(); })"
    )


def test_first_frame_rests_until_asked(opened):
    page = opened(small_scene())
    assert narration(page) == "Step 0: the cost is 100.0."
    assert page.inner_text(".diorama-count") == "0 of 3"
    page.wait_for_timeout(600)
    assert page.inner_text(".diorama-count") == "0 of 3"
    assert page.locator("canvas").count() == 1


def test_steps_forward_and_back_bring_picture_code_formula_and_sentence(opened):
    page = opened(small_scene())
    assert page.inner_text("[aria-current=step]").strip() == "labels = assign(X, state.centers)  # the nearest"
    page.click("[aria-label='Step forward']")
    settle(page)
    assert narration(page) == "Step 1: the cost is 50.0."
    assert page.inner_text("[aria-current=step]").strip() == "return move(X, labels)"
    assert page.text_content("[data-slot=J]") == "50.0"
    assert centre(page) == 3
    page.click("[aria-label='Step back']")
    settle(page)
    assert narration(page) == "Step 0: the cost is 100.0."
    assert centre(page) == 1
