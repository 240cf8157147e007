"""A scene in a notebook: a widget where widgets work, a page in a frame elsewhere."""

import html
from functools import cache
from typing import Any

from diorama.player.assets import player_module, player_style
from diorama.player.bundle import vega_bundle
from diorama.player.html import to_html
from diorama.scenes.scene import Scene

# the notebook says whether it is light or dark on its body; the widget follows it, not the reader's system
_RENDER = """
function notebookTheme() {
  const { jpThemeLight, vscodeThemeKind = "" } = document.body.dataset;
  if (jpThemeLight) return jpThemeLight === "true" ? "light" : "dark";
  if (vscodeThemeKind) return /dark|high-contrast$/.test(vscodeThemeKind) ? "dark" : "light";
  return "";
}

function render({ model, el }) {
  const theme = notebookTheme();
  if (theme) el.dataset.theme = theme;
  const player = mount(el, model.get("scene"));
  model.on("change:scene", () => player.update(model.get("scene")));
  return () => player.destroy();
}

export default { render };
"""


def mimebundle(scene: Scene, **kwargs: Any) -> tuple[dict[str, Any], dict[str, Any]]:
    """What a notebook shows, as data and metadata by type: the widget with anywidget, the page in a frame without.

    `kwargs` are what IPython gives. Where neither can be shown, in a terminal, stands the scene's title.
    """
    plain = {"text/plain": f"{scene.title}, {len(scene.frames)} frames"}
    try:
        widget = scene_widget(scene)
    except ImportError:
        return {**plain, "text/html": to_frame(scene)}, {}
    data, metadata = widget._repr_mimebundle_(**kwargs)
    return {**data, **plain}, metadata


def to_frame(scene: Scene) -> str:
    """The page in a frame of its own, which can reach nothing of the notebook around it."""
    page = html.escape(to_html(scene), quote=True)
    title = html.escape(scene.title, quote=True)
    style = "width:100%;height:640px;border:0"
    return f'<iframe sandbox="allow-scripts" title="{title}" style="{style}" srcdoc="{page}"></iframe>'


def scene_widget(scene: Scene) -> Any:
    """An anywidget that plays `scene`; ImportError without anywidget."""
    return _widget_class()(scene=scene.to_dict())


@cache
def _widget_class() -> type:
    import anywidget
    import traitlets

    class SceneWidget(anywidget.AnyWidget):
        """Plays the scene it holds; set `scene` to play another in its place."""

        # a block keeps the names of Vega's script out of the player's module
        _esm = f"{{\n{vega_bundle()}\n}}\n{player_module()}\n{_RENDER}"
        _css = player_style()
        scene = traitlets.Dict().tag(sync=True)

    return SceneWidget
