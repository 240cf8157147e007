"""One frame as an Altair chart."""

from typing import TYPE_CHECKING

from diorama.scenes.scene import Scene

if TYPE_CHECKING:
    import altair


def chart(scene: Scene, frame: int = -1) -> "altair.TopLevelMixin":
    """The picture of one frame, with its data in it, to be styled, layered and saved like any other chart.

    Raises IndexError when the scene has no such frame.
    """
    import altair

    check_frame(scene, frame)
    return altair.Chart.from_dict(scene.still(frame))


def check_frame(scene: Scene, frame: int) -> None:
    """IndexError with the numbers that frames have, when `frame` is none of them."""
    n = len(scene.frames)
    if not -n <= frame < n:
        raise IndexError(f"frame must be from 0 to {n - 1}, or from -{n} to -1 counted from the end; got {frame}.")
