"""Keep what a loop passes through: an observer that thins while it records, so that memory stays bounded."""

from typing import Any, NamedTuple

from diorama._iterate import Fit, Observer

MAX_FRAMES = 120
MAX_FITS = 16


class Moment(NamedTuple):
    """One state and when it was reached."""

    iteration: int  # 0 is the start
    state: Any


class RecordedFit:
    """States of one loop: every 1st, 2nd, 4th ... so that at most `max_frames` stay, the first and the last always."""

    def __init__(self, fit: Fit, max_iter: int, max_frames: int = MAX_FRAMES) -> None:
        self.fit = fit
        self.max_iter = max_iter
        self.max_frames = max_frames
        self._stride = 1
        self._kept: list[Moment] = []
        self._latest: Moment | None = None

    def keep(self, iteration: int, state: Any) -> None:
        self._latest = Moment(iteration, state)
        if iteration % self._stride:
            return
        self._kept.append(self._latest)
        # one place stays free for the last state, which may fall between two strides
        while len(self._kept) >= self.max_frames:
            self._stride *= 2
            self._kept = [moment for moment in self._kept if moment.iteration % self._stride == 0]

    @property
    def moments(self) -> list[Moment]:
        if self._latest is None or (self._kept and self._kept[-1].iteration == self._latest.iteration):
            return list(self._kept)
        return [*self._kept, self._latest]

    @property
    def n_iter(self) -> int:
        """Number of the last iteration seen."""
        return 0 if self._latest is None else self._latest.iteration

    def __len__(self) -> int:
        return len(self.moments)

    def __repr__(self) -> str:
        part = f", {self.fit.part}" if self.fit.part else ""
        return f"<{type(self.fit.subject).__name__}{part}: {len(self)} of {self.n_iter + 1} states>"


class Recorder(Observer):
    """Records every loop it sees; of many (a search over parameters) the last `max_fits` stay."""

    def __init__(self, max_frames: int = MAX_FRAMES, max_fits: int = MAX_FITS) -> None:
        if max_frames < 2:
            raise ValueError(f"max_frames must be at least 2 (the first state and the last); got {max_frames}.")
        self.max_frames = max_frames
        self.max_fits = max_fits
        self.fits: list[RecordedFit] = []
        self._open: list[RecordedFit] = []

    def begin(self, fit: Fit, max_iter: int) -> None:
        self._open.append(RecordedFit(fit, max_iter, self.max_frames))

    def see(self, fit: Fit, iteration: int, state: Any) -> None:
        self._open[-1].keep(iteration, state)

    def end(self, fit: Fit) -> None:
        # an outer loop ends after the loops inside it, and so stays the last, which is the one shown
        self.fits.append(self._open.pop())
        del self.fits[: -self.max_fits]
