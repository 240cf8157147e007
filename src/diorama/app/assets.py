"""Scripts and styles: the app's own, the player's, Vega's. Their address holds a fingerprint, so browsers keep them."""

import hashlib
from collections.abc import Mapping
from functools import cache
from pathlib import Path

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from diorama.player import player_module, player_style, vega_bundle

STATIC = Path(__file__).parent / "static"
_TYPES = {".js": "text/javascript", ".css": "text/css", ".svg": "image/svg+xml"}
_YEAR = 31_536_000


@cache
def files() -> Mapping[str, bytes]:
    """Name -> content of everything that pages load."""
    own = {path.name: path.read_bytes() for path in STATIC.iterdir() if path.suffix in _TYPES}
    made = {"player.js": player_module(), "player.css": player_style(), "vega.js": vega_bundle()}
    return {**own, **{name: text.encode() for name, text in made.items()}}


@cache
def version() -> str:
    """A fingerprint of all of them: it changes when one does."""
    digest = hashlib.sha256()
    for name, content in sorted(files().items()):
        digest.update(name.encode() + b"\0" + content + b"\0")
    return digest.hexdigest()[:12]


def address(name: str) -> str:
    """Where a page finds a file. Modules import each other by relative names, hence one fingerprint for all."""
    return f"/static/{version()}/{name}"


def static(request: Request) -> Response:
    """One of the files; an address with the fingerprint of another version finds nothing."""
    name = request.path_params["name"]
    if request.path_params["version"] != version() or name not in files():
        raise HTTPException(404, f"There is no file {name!r} here.")
    headers = {"Cache-Control": f"public, max-age={_YEAR}, immutable"}
    return Response(files()[name], media_type=_TYPES[Path(name).suffix], headers=headers)
