"""The app: which address leads where, and how it is served."""

import contextlib
import os
import socket
import threading
import webbrowser
from collections.abc import AsyncIterator, Callable
from typing import Any

import uvicorn
from anyio import to_thread
from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from diorama._errors import UserError
from diorama.app import assets, lab, pages, results
from diorama.app.security import Security
from diorama.app.settings import Settings
from diorama.app.site import Site, site_of
from diorama.reference import concepts

HOST = "127.0.0.1"

ROUTES = [
    Route("/", pages.contents),
    Route("/concepts/{slug}", pages.concept_page),
    Route("/concepts/{slug}/scene", pages.scene),
    Route("/lab", lab.lab),
    Route("/lab/tables", lab.upload, methods=["POST"]),
    Route("/lab/tables/{key}", lab.table),
    Route("/runs", results.runs, methods=["GET"]),
    Route("/runs", lab.start, methods=["POST"]),
    Route("/runs/{run}", results.run_page),
    Route("/runs/{run}/events", results.events),
    Route("/runs/{run}/cancel", results.cancel, methods=["POST"]),
    Route("/runs/{run}/delete", results.delete, methods=["POST"]),
    Route("/runs/{run}/scene", results.scene),
    Route("/runs/{run}/replay.html", results.replay),
    Route("/runs/{run}/model.diorama", results.model),
    Route("/static/{version}/{name}", assets.static),
]


def create_app(settings: Settings | None = None) -> Starlette:
    """The app, to be served by any ASGI server; `settings` say where it keeps its data and what it takes.

    Runs that were cut off when it last ended are called interrupted from now on.
    """
    site = Site.of(settings or Settings())

    @contextlib.asynccontextmanager
    async def lifespan(app: Starlette) -> AsyncIterator[None]:
        await to_thread.run_sync(site.tidy)
        yield
        await to_thread.run_sync(site.trainer.close)

    app = Starlette(
        routes=ROUTES,
        middleware=[Middleware(Security), Middleware(GZipMiddleware, minimum_size=1024, compresslevel=4)],
        exception_handlers={HTTPException: _refuse, Exception: _fail},
        lifespan=lifespan,
    )
    app.state.site = site
    return app


def serve(port: int = 8765, open_browser: bool = False, settings: Settings | None = None) -> None:
    """Serve the app on 127.0.0.1 until Ctrl-C. Port 0 takes any that is free; UserError when the port is taken."""

    def tell(address: str) -> None:
        threading.Thread(target=_draw_once, name="diorama-first-pictures", daemon=True).start()
        print(f"Diorama is at {address} (Ctrl-C ends it).", flush=True)
        if open_browser:
            webbrowser.open(address)

    with listen(port) as ear:
        Server(create_app(settings), tell).run([ear])


def _draw_once() -> None:
    """Draw every concept's picture, so that its kernels are loaded, or compiled, by the time somebody looks."""
    for concept in concepts():
        concept.scene()


def listen(port: int) -> socket.socket:
    """A socket at that port of the loopback interface; UserError says why there can be none."""
    ear = socket.socket()
    # a port that an app has just left may be taken again; on Windows this would share it with one that runs
    if os.name == "posix":
        ear.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        ear.bind((HOST, port))
    except OSError as error:
        ear.close()
        reason = (error.strerror or str(error)).lower()
        raise UserError(f"port {port} cannot be used: {reason}; choose another with --port, or 0 for any.") from error
    return ear


class Server(uvicorn.Server):
    """Serves an app, and calls `listening` with its address once it does."""

    def __init__(self, app: Starlette, listening: Callable[[str], object]) -> None:
        # a run's open stream of events must not keep the app from ending
        options: dict[str, Any] = {"log_level": "warning", "server_header": False, "timeout_graceful_shutdown": 1}
        super().__init__(uvicorn.Config(app, lifespan="on", **options))
        self.listening = listening

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and sockets:
            self.listening(f"http://{HOST}:{sockets[0].getsockname()[1]}")


def _refuse(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return _error(request, error.status_code, error.detail)


def _fail(request: Request, error: Exception) -> Response:
    return _error(request, 500, f"This is an error of Diorama's own: {type(error).__name__}: {error}")


def _error(request: Request, status: int, sentence: str) -> Response:
    """A page for a reader, JSON for a script."""
    if "text/html" in request.headers.get("accept", ""):
        return site_of(request).page(request, "error.html", status=status, sentence=sentence)
    return JSONResponse({"error": sentence}, status_code=status)
