"""From a Scene to something that plays: a page, a notebook widget, a chart, a picture."""

from diorama.player.assets import player_module, player_style
from diorama.player.bundle import vega_bundle
from diorama.player.chart import chart
from diorama.player.html import to_html
from diorama.player.notebook import mimebundle
from diorama.player.saving import SaveError, save_scene, show

__all__ = [
    "SaveError",
    "chart",
    "mimebundle",
    "player_module",
    "player_style",
    "save_scene",
    "show",
    "to_html",
    "vega_bundle",
]
