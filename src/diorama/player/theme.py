"""The look of the player's pictures for those drawn without a browser: the same roles, the same colours."""

import json
import re
from functools import cache
from typing import Any, Literal

from diorama.player.assets import asset

Theme = Literal["light", "dark"]

_PAIR = re.compile(r"--([\w-]+): light-dark\((#\w+), (#\w+)\)")
_CONFIG = re.compile(r"const VEGA_CONFIG = (\{.*?\n\});", re.DOTALL)


@cache
def role_colors(theme: Theme) -> dict[str, str]:
    """Role -> colour, as tokens.css gives them to the browser."""
    return {role: light if theme == "light" else dark for role, light, dark in _PAIR.findall(asset("tokens.css"))}


@cache
def vega_config(theme: Theme) -> dict[str, Any]:
    """The player's Vega configuration with its roles filled in, on paper of the theme's colour."""
    found = _CONFIG.search(asset("theme.js"))
    if found is None:
        raise RuntimeError("theme.js has no VEGA_CONFIG.")
    colors = role_colors(theme)
    config: dict[str, Any] = json.loads(found[1], object_hook=lambda part: _filled(part, colors))
    return {**config, "background": colors["paper"], "font": "sans-serif", "padding": 16}


def _filled(part: dict[str, Any], colors: dict[str, str]) -> dict[str, Any]:
    return {key: colors.get(v[2:], v) if isinstance(v, str) and v.startswith("--") else v for key, v in part.items()}
