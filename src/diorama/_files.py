"""Results are written beside their place and renamed into it: nobody ever finds half a file."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


@contextmanager
def replacing(path: str | Path) -> Iterator[Path]:
    """A path to write to; it takes the place of `path` when the block ends well and vanishes when it does not.

    >>> import tempfile
    >>> place = Path(tempfile.mkdtemp()) / "result.txt"
    >>> with replacing(place) as draft:
    ...     _ = draft.write_text("whole")
    >>> place.read_text()
    'whole'
    """
    path = Path(path)
    # the ending stays, because writers choose the format by it
    draft = path.with_name(f".{path.stem}.{os.getpid()}.part{path.suffix}")
    try:
        yield draft
        draft.replace(path)
    finally:
        draft.unlink(missing_ok=True)


def why_not_writable(path: str | Path) -> str:
    """The sentence that says why nothing can be written to `path`, or "" when it can."""
    path = Path(path)
    folder = path.parent
    if path.is_dir():
        return f"{path} is a folder; name a file in it."
    if not folder.exists():
        return f"{path} cannot be written: the folder {folder} does not exist; make it, or write elsewhere."
    if not folder.is_dir():
        return f"{path} cannot be written: {folder} is a file and not a folder; write elsewhere."
    if not os.access(folder, os.W_OK | os.X_OK):
        return f"{path} cannot be written: you may not write in the folder {folder}; write elsewhere."
    if path.exists() and not os.access(path, os.W_OK):
        return f"{path} cannot be written: it is read-only; write elsewhere."
    return ""
