"""A progress bar: one more observer. It appears only when something takes longer than a second."""

import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Any

from diorama._iterate import Fit, Observer

if TYPE_CHECKING:
    from rich.progress import Progress as Bar
    from rich.progress import TaskID

# what is over sooner needs no bar
PATIENCE = 1.0


class Progress(Observer):
    """Shows on standard error how far a fit is, and clears the line when it is over.

    with Progress("fitting KMeans") as progress, observing(progress):
        model.fit(X)

    Nothing is shown when standard error is no terminal, or before `patience` seconds have passed. A fit whose one
    kernel says nothing until it is done shows a bar that only moves.
    """

    def __init__(self, title: str, *, patience: float = PATIENCE, terminal: bool | None = None) -> None:
        self.title = title
        self.patience = patience
        self._terminal = sys.stderr.isatty() if terminal is None else terminal
        self._lock = threading.Lock()
        self._bar: Bar | None = None
        self._task: TaskID | None = None
        self._timer: threading.Timer | None = None

    @property
    def shown(self) -> bool:
        """Whether the bar is on the screen."""
        return self._bar is not None

    def __enter__(self) -> "Progress":
        if self._terminal:
            self._timer = threading.Timer(self.patience, self._appear)
            self._timer.daemon = True
            self._timer.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        with self._lock:
            if self._timer is not None:
                self._timer.cancel()
                self._timer = None
            if self._bar is not None:
                self._bar.stop()
                self._bar = None

    def begin(self, fit: Fit, max_iter: int) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, total=max_iter, completed=0, description=self._description(fit))

    def see(self, fit: Fit, iteration: int, state: Any) -> None:
        if self._bar is not None and self._task is not None:
            self._bar.update(self._task, completed=iteration, description=self._description(fit), detail=f"{iteration}")

    def end(self, fit: Fit) -> None:
        if self._bar is not None and self._task is not None:
            # what comes after the loop (the next start, the scores) has no known length
            self._bar.update(self._task, total=None, detail="")

    def _description(self, fit: Fit) -> str:
        return f"{self.title}, {fit.part}" if fit.part else self.title

    def _appear(self) -> None:
        """On the timer's thread: the fit may be inside a kernel that says nothing for long."""
        from rich.console import Console
        from rich.progress import BarColumn, TextColumn, TimeElapsedColumn
        from rich.progress import Progress as Bar

        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[detail]}"),
            TimeElapsedColumn(),
        )
        bar = Bar(*columns, console=Console(stderr=True), transient=True)
        with self._lock:
            if self._timer is None:
                return
            self._task = bar.add_task(self.title, total=None, detail="")
            bar.start()
            self._bar = bar
