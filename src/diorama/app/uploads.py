"""Files that a reader hands over: kept under names of our own, read as tables and never run."""

import io
import json
import re
import secrets
from collections.abc import AsyncIterator
from pathlib import Path

from diorama._files import replacing
from diorama.app.settings import MEGABYTE
from diorama.datasets import BUILT_IN
from diorama.workbench import Table, TableError, read_table

_ID = re.compile(r"[0-9a-f]{32}")
_LONGEST_NAME = 120


class TooLarge(TableError):
    """More bytes than are taken."""


class _Named(io.BytesIO):
    """Bytes that know what their file was called, by which a table's format is chosen."""

    def __init__(self, content: bytes, name: str) -> None:
        super().__init__(content)
        self.name = name


class Uploads:
    """A folder of uploaded tables. Only ids that we drew ourselves become part of a path."""

    def __init__(self, folder: Path, limit: int) -> None:
        self.folder = folder
        self.limit = limit

    async def receive(self, name: str, chunks: AsyncIterator[bytes]) -> bytes:
        """All of the stream, or TooLarge as soon as it is more than is taken."""
        content = bytearray()
        async for chunk in chunks:
            content += chunk
            if len(content) > self.limit:
                raise TooLarge(
                    f"{display_name(name)} is larger than {_megabytes(self.limit)}, which is what this app takes; "
                    "use the command line, or a sample of its rows."
                )
        return bytes(content)

    def keep(self, name: str, content: bytes) -> tuple[str, Table]:
        """Keep a table that can be read, under a new id. TableError says what is wrong with another."""
        shown = display_name(name)
        table = read_table(_Named(content, shown))
        key = secrets.token_hex(16)
        self.folder.mkdir(parents=True, exist_ok=True)
        with replacing(self.folder / f"{key}.json") as draft:
            draft.write_text(json.dumps({"name": shown}), "utf-8")
        with replacing(self.folder / f"{key}.table") as draft:
            draft.write_bytes(content)
        return key, table

    def table(self, key: str) -> Table:
        """A built-in data set by its name, or an upload by its id. TableError when there is neither."""
        if key in BUILT_IN:
            return read_table(key)
        path = self.folder / f"{key}.table"
        if not _ID.fullmatch(key) or not path.is_file():
            raise TableError("This table is not here any more; choose it or hand it over again.")
        name = json.loads(path.with_suffix(".json").read_text("utf-8"))["name"]
        return read_table(_Named(path.read_bytes(), name))

    def keep_only(self, keys: set[str]) -> None:
        """Delete the uploads that no run needs any more."""
        for path in self.folder.glob("*"):
            if path.name.split(".")[0] not in keys:
                path.unlink(missing_ok=True)


def display_name(name: str) -> str:
    """The last part of a path, in printable letters, for people to read."""
    last = re.split(r"[/\\]", name)[-1]
    return "".join(letter for letter in last if letter.isprintable()).strip()[-_LONGEST_NAME:] or "upload.csv"


def _megabytes(limit: int) -> str:
    return f"{limit / MEGABYTE:g} MB"
