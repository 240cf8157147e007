"""A scene as PNG, SVG or GIF, drawn by Vega without a browser."""

import io
import textwrap
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any, Protocol

from PIL import Image

from diorama.player.chart import check_frame
from diorama.player.theme import Theme, vega_config
from diorama.scenes.scene import Scene

_LINE = 110  # characters of narration over a picture of the usual 700 pixels


class _Track(Protocol):
    def __call__(self, frames: Iterable[int]) -> Iterable[int]: ...


def to_png(scene: Scene, frame: int = -1, *, scale: float = 2.0, theme: Theme = "light") -> bytes:
    """One frame as PNG, `scale` pixels for each of the specification's."""
    import vl_convert

    png: bytes = vl_convert.vegalite_to_png(
        _titled(scene, frame), scale=_positive("scale", scale), config=vega_config(theme)
    )
    return png


def to_svg(scene: Scene, frame: int = -1, *, theme: Theme = "light") -> bytes:
    """One frame as SVG."""
    import vl_convert

    svg: str = vl_convert.vegalite_to_svg(_titled(scene, frame), config=vega_config(theme))
    return svg.encode()


def to_gif(scene: Scene, *, seconds: float = 0.4, scale: float = 1.0, theme: Theme = "light") -> bytes:
    """All frames as a GIF that repeats: `seconds` for each, five times as long for the last."""
    milliseconds = round(1000 * _positive("seconds", seconds))
    with _progress(len(scene.frames)) as track:
        pngs = [to_png(scene, frame, scale=scale, theme=theme) for frame in track(range(len(scene.frames)))]
    images = list(_same_size([Image.open(io.BytesIO(png)).convert("RGB") for png in pngs]))
    file = io.BytesIO()
    durations = [milliseconds] * (len(images) - 1) + [5 * milliseconds]
    first, *others = [image.quantize(dither=Image.Dither.NONE) for image in images]
    first.save(file, "GIF", save_all=True, append_images=others, duration=durations, loop=0, optimize=False)
    return file.getvalue()


def _titled(scene: Scene, frame: int) -> dict[str, Any]:
    """The still of a frame under the scene's title and the frame's sentence, for a picture that stands alone."""
    check_frame(scene, frame)
    spec = scene.still(frame)
    # every frame gets as many lines as the longest, so that the picture under them keeps its place
    lines = max(len(textwrap.wrap(each.narration, _LINE)) for each in scene.frames)
    said = textwrap.wrap(scene.frames[frame].narration, _LINE)
    said += [" "] * (lines - len(said))
    return {**spec, "title": spec.get("title", {"text": scene.title, "subtitle": said})}


def _same_size(images: list[Image.Image]) -> Iterator[Image.Image]:
    """Images on paper as large as the largest: an axis label may make one a little wider."""
    size = (max(image.width for image in images), max(image.height for image in images))
    for image in images:
        paper = Image.new("RGB", size, image.getpixel((0, 0)))
        paper.paste(image)
        yield paper


def _positive(name: str, value: float) -> float:
    if not value > 0 or value == float("inf"):
        raise ValueError(f"{name} must be a positive number; got {value!r}.")
    return value


@contextmanager
def _progress(total: int) -> Iterator[_Track]:
    """A bar on a terminal for work that takes more than about a second, which is eight frames."""
    from rich.console import Console
    from rich.progress import Progress

    console = Console(stderr=True)
    with Progress(console=console, transient=True, disable=total < 8 or not console.is_terminal) as progress:
        yield lambda frames: progress.track(frames, total=total, description="Drawing frames")
