"""The player's own files, as they are shipped, and as the one module and the one style sheet that pages take."""

import re
from functools import cache
from importlib.resources import files

# in the order in which they need each other
_MODULES = (
    "theme.js",
    "interpreter.js",
    "elements.js",
    "scene.js",
    "grips.js",
    "lifting.js",
    "picture.js",
    "panels.js",
    "player.js",
)
_IMPORT = re.compile(r"^import .*;\n", re.MULTILINE)


@cache
def asset(name: str) -> str:
    """Text of one of the player's files."""
    return files("diorama.player").joinpath(name).read_text("utf-8")


@cache
def player_module() -> str:
    """The player as one ES module that exports `mount` and `themeSwitch`; `window.vegaEmbed` must be there first."""
    # one file after another needs no imports of each other
    return "\n".join(_IMPORT.sub("", asset(name)) for name in _MODULES)


@cache
def player_style() -> str:
    """The colours and type by role, and the player's style sheet."""
    return asset("tokens.css") + asset("player.css")
