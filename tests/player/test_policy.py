"""The player from separate files under the strictest policy that still runs scripts: no eval, nothing inline."""

import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import numpy as np
import pytest

from diorama.player import player_module, player_style, vega_bundle
from diorama.scenes.parts import image_url
from diorama.scenes.scene import Frame, Scene
from tests.player.small_scenes import small_scene

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

POLICY = "default-src 'none'; script-src 'self'; style-src 'self'; img-src data:; connect-src 'self'"
PAGE = """<!doctype html><link rel="stylesheet" href="/player.css"><link rel="icon" href="data:,">
<main id="player"></main><script src="/vega.js"></script><script type="module" src="/start.js"></script>"""
START = """import { mount } from "/player.js";
window.started = fetch("/scene.json").then((answer) => answer.json()).then((scene) => {
  window.player = mount(document.getElementById("player"), scene);
  return player.ready;
});"""


@pytest.fixture
def serve():
    """Serve a scene and the player's files on this machine; gives the page's address."""
    servers = []

    def serve_scene(scene):
        files = {
            "/": ("text/html", PAGE),
            "/vega.js": ("text/javascript", vega_bundle()),
            "/player.js": ("text/javascript", player_module()),
            "/start.js": ("text/javascript", START),
            "/player.css": ("text/css", player_style()),
            "/scene.json": ("application/json", json.dumps(scene.to_dict())),
        }

        class Files(BaseHTTPRequestHandler):
            def do_GET(self):
                kind, text = files[self.path]
                self.send_response(200)
                self.send_header("Content-Type", f"{kind}; charset=utf-8")
                self.send_header("Content-Security-Policy", POLICY)
                self.end_headers()
                self.wfile.write(text.encode())

            def log_message(self, *_):
                """Say nothing."""

        server = ThreadingHTTPServer(("127.0.0.1", 0), Files)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        servers.append(server)
        return f"http://127.0.0.1:{server.server_port}/"

    yield serve_scene
    for server in servers:
        server.shutdown()
        server.server_close()


def test_it_plays(serve, open_page):
    page = open_page(serve(small_scene()))
    page.evaluate("started")
    page.click("[aria-label='Last frame']")
    assert page.inner_text(".diorama-count") == "3 / 3"
    # an offending style or script would be in the console, which open_page reads
    assert page.evaluate("player.picture.view.data('curve').length") == 4


def test_surfaces_never_blink(serve, open_page):
    page = open_page(serve(surface_scene()))
    page.evaluate("started")
    greens = page.evaluate(
        """async () => {
          await Promise.all([...player.picture.images.values()].map((image) => image.decode()));
          const pixels = document.querySelector("canvas").getContext("2d");
          const seen = [];
          player.setSpeed(4);
          player.play();
          while (player.request) {
            await new Promise(requestAnimationFrame);
            // after the frame was drawn, before the screen shows it
            await new Promise((done) => queueMicrotask(() => queueMicrotask(done)));
            const [, green, , opaque] = pixels.getImageData(200, 100, 1, 1).data;
            seen.push(opaque ? green : -1);
          }
          return seen;
        }"""
    )
    assert -1 not in greens
    assert {20, 40, 60} <= set(greens)


def surface_scene():
    """An image that fills the panel, of another green in each frame."""
    scale = {"domain": [0, 10]}
    encoding = {axis: {"field": axis, "type": "quantitative", "scale": scale} for axis in ("x", "y")}
    encoding |= {"x2": {"field": "x2"}, "y2": {"field": "y2"}, "url": {"field": "url", "type": "nominal"}}
    corners = {"x": [0.0], "x2": [10.0], "y": [0.0], "y2": [10.0]}
    mark = {"type": "image", "aspect": False}
    return Scene(
        title="A surface",
        spec={"data": {"name": "surface"}, "mark": mark, "encoding": encoding, "width": 500, "height": 300},
        frames=tuple(
            Frame(
                {"surface": {**corners, "url": [image_url(np.full((9, 12, 3), (0, green, 0)))]}}, f"Green {green}.", ""
            )
            for green in (0, 20, 40, 60)
        ),
    )
