"""Fixtures of the player's tests."""

import pytest

from diorama.player import save_scene


@pytest.fixture
def opened(open_page, tmp_path):
    """Save a scene as a page and open it, offline; gives the page with its picture drawn."""

    def open_scene(scene, autoplay=False, **options):
        path = save_scene(scene, tmp_path / "replay.html", autoplay=autoplay)
        page = open_page(path.as_uri(), offline=True, **options)
        page.evaluate("player.ready")
        return page

    return open_scene
