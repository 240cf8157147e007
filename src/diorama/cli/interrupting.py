"""Ctrl-C, also when it comes while a library is loading."""

import signal
from types import FrameType, TracebackType
from typing import Any

from diorama._iterate import Fit, Observer


class Interrupts(Observer):
    """Ends a fit at its next step when Ctrl-C was pressed.

    A KeyboardInterrupt that is raised inside somebody's import, callback or clean-up may be swallowed there: it is
    remembered, and raised again where it counts.
    """

    def __init__(self) -> None:
        self._asked = False

    def __enter__(self) -> "Interrupts":
        self._usual = signal.signal(signal.SIGINT, self._interrupt)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        signal.signal(signal.SIGINT, self._usual)

    def see(self, fit: Fit, iteration: int, state: Any) -> None:
        if self._asked:
            raise KeyboardInterrupt

    def _interrupt(self, number: int, frame: FrameType | None) -> None:
        self._asked = True
        raise KeyboardInterrupt
