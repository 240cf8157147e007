"""Save a scene by the ending of the file's name, or show it where this runs."""

import os
import tempfile
import webbrowser
from pathlib import Path
from typing import Any

from diorama._errors import UserError
from diorama._files import replacing, why_not_writable
from diorama._validation import did_you_mean
from diorama.player.html import to_html
from diorama.player.theme import Theme
from diorama.scenes.scene import Scene

ENDINGS = (".html", ".png", ".svg", ".gif")


class SaveError(UserError):
    """A replay or picture that cannot be written where it was asked for."""


def save_scene(
    scene: Scene,
    path: str | Path,
    *,
    frame: int = -1,
    scale: float | None = None,
    seconds: float = 0.4,
    theme: Theme = "light",
    autoplay: bool = False,
) -> Path:
    """Write `scene` to `path` as its ending says, whole or not at all, and give the path back.

    .html plays offline (`autoplay`: at once); .gif moves (`seconds` a frame, `scale` 1 by default); .png (`scale` 2 by
    default) and .svg show one `frame`, the last by default. `theme` is the paper of stills; a page follows its reader.

    Raises SaveError when the ending is another or the file cannot be written there.
    """
    target = Path(path).expanduser().absolute()
    if problem := why_not_writable(target):
        raise SaveError(problem)
    ending = target.suffix.lower()
    if ending not in ENDINGS:
        known = ", ".join(ENDINGS)
        hint = f" ({did_you_mean(ending, ENDINGS)})" if ending else ""
        raise SaveError(f"{path} ends in {ending or 'nothing'}; a replay can be saved as {known}{hint}.")
    content = _content(scene, ending, frame, scale, seconds, theme, autoplay)
    try:
        with replacing(target) as draft:
            draft.write_bytes(content)
    except OSError as error:
        raise SaveError(f"{target} cannot be written: {error.strerror or error}.") from error
    return target


def _content(
    scene: Scene, ending: str, frame: int, scale: float | None, seconds: float, theme: Theme, autoplay: bool
) -> bytes:
    if ending == ".html":
        return to_html(scene, autoplay=autoplay).encode()
    # pages need no drawing in Python, so its imports wait until a still is asked for
    from diorama.player.pictures import to_gif, to_png, to_svg

    if ending == ".png":
        return to_png(scene, frame, scale=2.0 if scale is None else scale, theme=theme)
    if ending == ".svg":
        return to_svg(scene, frame, theme=theme)
    return to_gif(scene, seconds=seconds, scale=1.0 if scale is None else scale, theme=theme)


def show(scene: Scene) -> None:
    """Play `scene` in the notebook that runs this, or else in the browser, from a file of yours alone."""
    if _in_notebook():
        import IPython.display

        from diorama.player.notebook import mimebundle

        data, metadata = mimebundle(scene)
        display: Any = IPython.display.display
        display(data, metadata=metadata, raw=True)
        return
    # the file stays after this process ends, for the browser may only then come to read it
    handle, name = tempfile.mkstemp(prefix="diorama-", suffix=".html")
    with os.fdopen(handle, "w", encoding="utf-8") as file:
        file.write(to_html(scene))
    opened = webbrowser.open(Path(name).as_uri())
    print(f"The replay is {name}" + ("" if opened else "; open it in a browser."))


def _in_notebook() -> bool:
    import sys

    ipython = sys.modules.get("IPython")
    shell = ipython.get_ipython() if ipython else None
    return shell is not None and "IPKernelApp" in getattr(shell, "config", {})
