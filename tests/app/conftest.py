"""A served app: on a free port of this machine, with a data folder of its own and a few small pages."""

import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from diorama.app import Settings, create_app
from diorama.app.server import Server, listen
from tests.reference.small_page import write_page


class Served:
    """An app that listens, on a thread."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.app = create_app(settings)
        self.site = self.app.state.site
        self.url = ""
        listening = threading.Event()

        def note(url: str) -> None:
            self.url = url
            listening.set()

        self._ear = listen(0)
        self._server = Server(self.app, note)
        self._thread = threading.Thread(target=self._server.run, args=([self._ear],))
        self._thread.start()
        assert listening.wait(20)
        # what a page of ours sends of itself
        self.client = httpx.Client(base_url=self.url, headers={"Origin": self.url}, timeout=30)

    def stop(self) -> None:
        self.client.close()
        self._server.should_exit = True
        self._thread.join(20)
        self._ear.close()

    def train(self, **plan: Any) -> str:
        """Start a run as the Lab does; gives its address when it is over."""
        answer = self.client.post("/runs", json=plan)
        assert answer.status_code == 201, answer.text
        self.client.get(f"{answer.json()['address']}/events")
        return answer.json()["address"]


@pytest.fixture(scope="session")
def pages(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one small concept page."""
    return write_page(tmp_path_factory.mktemp("pages"))


@pytest.fixture
def serve(tmp_path: Path, pages: Path) -> Iterator[Callable[..., Served]]:
    """Serve an app: `serve(upload_limit=1000)`; twice with the same data folder is a restart."""
    running: list[Served] = []

    def start(**settings: Any) -> Served:
        running.append(Served(Settings(**{"data": tmp_path / "data", "pages": pages, **settings})))
        return running[-1]

    yield start
    for served in running:
        served.stop()


@pytest.fixture
def served(serve: Callable[..., Served]) -> Served:
    """One served app."""
    return serve()
