"""Write a file whole or not at all, and say in a sentence why one cannot be written."""

import contextlib
import os
import tempfile
from pathlib import Path


class SaveError(OSError):
    """A replay or picture that cannot be written where it was asked for; the message says why and what to do."""


def write_whole(path: Path, content: bytes) -> None:
    """Write beside `path` and rename, so that a crash or a full disk leaves what was there before."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
        # mkstemp makes it for the owner only; give it what any new file gets here
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with contextlib.suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0o022)
    os.umask(mask)
    return mask


def writable(path: Path) -> Path:
    """`path`, made absolute; SaveError when nothing can be written there."""
    path = path.expanduser().absolute()
    if path.is_dir():
        raise SaveError(f"{path} is a folder; give the name of a file in it, such as {path / 'replay.html'}.")
    if not path.parent.is_dir():
        raise SaveError(f"{path} cannot be written: there is no folder {path.parent}. Make it first.")
    if not os.access(path.parent, os.W_OK):
        raise SaveError(f"{path} cannot be written: you may not write in {path.parent}. Choose another folder.")
    return path


def save_bytes(path: Path, content: bytes) -> Path:
    """`write_whole`, its failure as a SaveError."""
    path = writable(path)
    try:
        write_whole(path, content)
    except OSError as error:
        raise SaveError(f"{path} cannot be written: {error.strerror or error}.") from error
    return path
