"""A real Chromium for tests: the fixtures `browser` and `open_page`, there in every room."""

import os
import shutil
from collections.abc import Callable, Iterator
from typing import Any

import pytest

ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def chromium_path() -> str | None:
    """Where Chromium is, or None."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")
    return next(filter(None, map(shutil.which, names)), None)


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for all tests; without one they are skipped, or fail where DIORAMA_REQUIRE_BROWSER=1 says so."""
    path = chromium_path()
    if path is None:
        reason = "no Chromium is installed; install Debian's chromium or Google Chrome to run the browser tests"
        if os.environ.get("DIORAMA_REQUIRE_BROWSER") == "1":
            pytest.fail(reason)
        pytest.skip(reason)
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=ARGUMENTS)
        yield chromium
        chromium.close()


@pytest.fixture
def open_page(browser: Any) -> Iterator[Callable[..., Any]]:
    """Open a page with its own context: `open_page(url, offline=True, color_scheme="dark", ...)`.

    Whatever the page logs as an error, throws, or asks of another place is in `page.problems`, and fails the test.
    """
    contexts: list[Any] = []
    problems: list[str] = []

    def open_one(url: str, *, offline: bool = False, **options: Any) -> Any:
        context = browser.new_context(**{"viewport": {"width": 1120, "height": 760}, **options})
        context.set_default_timeout(10_000)
        context.set_offline(offline)
        contexts.append(context)
        page = context.new_page()
        page.problems = problems
        page.on("pageerror", lambda error: problems.append(f"thrown: {error}"))
        page.on("console", lambda message: problems.append(message.text) if message.type == "error" else None)
        page.on("request", lambda request: _note_foreign(request.url, url, problems))
        # the first look at a concept may have to compile its kernels
        page.goto(url, timeout=60_000)
        return page

    yield open_one
    for context in contexts:
        context.close()
    assert problems == []


def _note_foreign(requested: str, url: str, problems: list[str]) -> None:
    origin = "/".join(url.split("/")[:3])
    own = requested == url if url.startswith("file:") else requested.startswith(origin + "/")
    if not own and not requested.startswith(("data:", "blob:")):
        problems.append(f"asked for {requested}")
