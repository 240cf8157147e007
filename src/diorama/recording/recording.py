"""What a watched fit leaves behind: the states it passed through, ready to be replayed, drawn and kept."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol, TypeVar

from diorama._iterate import observing
from diorama.recording.recorder import MAX_FRAMES, RecordedFit, Recorder

if TYPE_CHECKING:
    import altair

    from diorama.scenes.scene import Scene


class Fittable(Protocol):
    """Anything with scikit-learn's `fit`."""

    @property
    def fit(self) -> Callable[..., Any]:
        """Learns from X, y and what else the model takes."""


Model = TypeVar("Model", bound=Fittable)


class Recording:
    """The loops that ran while it was open, each as a thinned sequence of states.

    Shown, saved and charted is the last of them: of a Pipeline its final model, of a search the refit.
    """

    def __init__(self, fits: list[RecordedFit]) -> None:
        self.fits = fits

    def __repr__(self) -> str:
        return f"Recording({', '.join(map(repr, self.fits))})"

    def __len__(self) -> int:
        """Number of states kept of the last loop."""
        return len(self.fits[-1]) if self.fits else 0

    def scene(self, fit: int = -1) -> "Scene":
        """The moving picture of one loop, as plain data."""
        from diorama.scenes.registry import scene_of

        if not self.fits:
            raise ValueError(
                "nothing was recorded: fit one of Diorama's models inside `with diorama.record() as recording:`, "
                "in this process (a search with n_jobs > 1 fits in others)."
            )
        return scene_of(self.fits[fit])

    def show(self) -> None:
        """Replay in the notebook that runs this, or else in the browser."""
        from diorama.player import show

        show(self.scene())

    def save(self, path: str | Path, **options: Any) -> Path:
        """Write the replay to `path`, by its ending.

        .html plays offline, .gif moves, .png and .svg show one `frame` (the last by default), .diorama keeps the states
        themselves, for `Recording.load`.
        """
        if Path(path).suffix == ".diorama":
            from diorama.persistence import save

            return save(self, path)
        from diorama.player import save_scene

        return save_scene(self.scene(), path, **options)

    @classmethod
    def load(cls, path: str | Path) -> "Recording":
        """The recording that `save("....diorama")` wrote."""
        from diorama.persistence import load

        loaded = load(path)
        if not isinstance(loaded, cls):
            raise ValueError(f"{path} holds a {type(loaded).__name__}, not a recording; read it with diorama.load.")
        return loaded

    def chart(self, frame: int = -1) -> "altair.TopLevelMixin":
        """One frame as an Altair chart, to be styled, layered and saved like any other."""
        from diorama.player import chart

        return chart(self.scene(), frame)

    def _repr_mimebundle_(self, **kwargs: Any) -> Any:
        from diorama.player import mimebundle

        return mimebundle(self.scene(), **kwargs)


@contextmanager
def record(max_frames: int = MAX_FRAMES) -> Iterator[Recording]:
    """Record every fit of a Diorama model inside the `with` block, also within a Pipeline or a search.

    At most `max_frames` states of each stay: the first, the last, and every 1st, 2nd, 4th ... between.

    >>> import diorama
    >>> from diorama.clustering import KMeans
    >>> with diorama.record() as recording:
    ...     model = KMeans(2, random_state=0).fit([[0.0], [1.0], [9.0], [10.0]])
    >>> len(recording) > 1
    True
    """
    recorder = Recorder(max_frames)
    recording = Recording(recorder.fits)
    with observing(recorder):
        yield recording


def watch(model: Model, X: Any, y: Any = None, *, max_frames: int = MAX_FRAMES, **fit: Any) -> tuple[Model, Recording]:
    """Fit `model` and record it: `model, recording = diorama.watch(KMeans(3), X)`. `fit` goes to `model.fit`."""
    with record(max_frames) as recording:
        model.fit(X, y, **fit)
    return model, recording
