"""Server-sent events: how far a run is, told to its page as it happens."""

import json
import math
from collections.abc import AsyncIterator, Callable
from typing import Any

import anyio

from diorama.app.training import Progress

INTERVAL = 0.1  # seconds between looks; a fit may take a thousand steps in one
SILENCE = 15.0  # seconds after which a comment keeps the connection open


def event(name: str, data: dict[str, Any]) -> bytes:
    """One event. JSON has no line breaks, so nothing in the data can begin another."""
    return f"event: {name}\ndata: {json.dumps(data, allow_nan=False)}\n\n".encode()


async def progress_events(look: Callable[[], Progress]) -> AsyncIterator[bytes]:
    """An event "progress" whenever it changed, and one "over" at the end."""
    told: Progress | None = None
    silent = 0.0
    while True:
        progress = look()
        if progress.over:
            yield event("over", {})
            return
        if progress != told:
            told, silent = progress, 0.0
            yield event("progress", plain(progress))
        elif silent >= SILENCE:
            silent = 0.0
            yield b": still here\n\n"
        await anyio.sleep(INTERVAL)
        silent += INTERVAL


def plain(progress: Progress) -> dict[str, Any]:
    """As JSON has it, which knows no infinite number."""
    objective = progress.objective
    finite = objective if objective is not None and math.isfinite(objective) else None
    return {**vars(progress), "objective": finite}
