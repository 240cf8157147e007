"""A scene as one page that plays anywhere: offline, from a file, with no server."""

import base64
import hashlib
import html
import json
from typing import Any

from diorama.player.assets import player_module, player_style
from diorama.player.bundle import vega_bundle
from diorama.scenes.scene import Scene

_PAGE = """<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{policy}">
<title>{title}</title>
<style>{style}</style>
</head>
<body>
<header><h1>{title}</h1><button id="theme" type="button" title="Light or dark">Light / dark</button></header>
<main id="player"></main>
<noscript>This replay needs JavaScript.</noscript>
<script type="application/json" id="scene">{scene}</script>
<script>{vega}</script>
<script type="module">{player}</script>
</body>
</html>
"""

_PAGE_STYLE = """
body { max-width: 1080px; margin: 0 auto; padding: 24px 20px 40px; background: var(--paper); color: var(--ink); }
header { display: flex; justify-content: space-between; align-items: baseline; gap: 16px; margin-bottom: 20px; }
h1 { margin: 0; font: 600 26px/1.25 var(--prose); overflow-wrap: anywhere; min-width: 0; }
#theme { flex: none; padding: 8px 12px; border: 1px solid var(--rule); border-radius: 6px; background: none;
  color: var(--soft-ink); font: 13px var(--controls); cursor: pointer; }
#theme:focus-visible { outline: 2px solid var(--accent); outline-offset: 3px; }
@media (pointer: coarse) { #theme { min-height: 44px; } }
@media (max-width: 480px) { body { padding: 16px 12px 24px; } h1 { font-size: 21px; } }
"""

_BOOT = """
const text = document.getElementById("scene").textContent;
window.player = mount(document.getElementById("player"), JSON.parse(text), OPTIONS);
themeSwitch(document.getElementById("theme"));
"""


def to_html(scene: Scene, *, autoplay: bool = False) -> str:
    """The page: Vega, the player, its style and the scene, about 1 MB and the data. It can load nothing more."""
    player = player_module() + _BOOT.replace("OPTIONS", json.dumps({"autoplay": autoplay}))
    style = player_style() + _PAGE_STYLE
    vega = vega_bundle()
    policy = (
        f"default-src 'none'; script-src {_hash(vega)} {_hash(player)}; style-src {_hash(style)}; img-src data:; "
        "base-uri 'none'; form-action 'none'"
    )
    return _PAGE.format(
        title=html.escape(scene.title),
        policy=policy,
        style=style,
        scene=script_json(scene.to_dict()),
        vega=vega,
        player=player,
    )


def script_json(plain: Any) -> str:
    """JSON that can stand in a script element: no `<` in it, so nothing in the data can end the element."""
    return json.dumps(plain, separators=(",", ":"), allow_nan=False).replace("<", "\\u003c")


def _hash(text: str) -> str:
    digest = hashlib.sha256(text.encode()).digest()
    return f"'sha256-{base64.b64encode(digest).decode('ascii')}'"
