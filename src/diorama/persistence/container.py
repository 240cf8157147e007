"""The file: safetensors for the arrays, one JSON document in its metadata, and a checksum over both.

A safetensors file is eight bytes with the length of its header, the header (JSON), and the arrays' bytes. Nothing in it
is ever run. Every length that a file claims is held against the bytes that are there before memory is asked for.
Source: the format's description at github.com/huggingface/safetensors.
"""

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
from safetensors import SafetensorError
from safetensors import numpy as safetensors

from diorama._files import replacing, why_not_writable
from diorama._typing import Array
from diorama.persistence.errors import LoadError, SaveError

FORMAT = "diorama"
FORMAT_VERSION = 1
_LENGTH = 8


def write(path: Path, document: Mapping[str, Any], arrays: Mapping[str, Array]) -> None:
    """Write both to `path`, whole or not at all. Raises SaveError when the place cannot be written."""
    if problem := why_not_writable(path):
        raise SaveError(problem)
    envelope = {"format_version": FORMAT_VERSION, "checksum": _checksum(document, arrays), "document": document}
    # one entry: the library writes several in an order of its own, and the same model should give the same file
    data = safetensors.save(dict(arrays), {FORMAT: _text(envelope)})
    try:
        with replacing(path) as draft:
            draft.write_bytes(data)
    except OSError as error:
        raise SaveError(f"{path} cannot be written: {error.strerror}.") from error


def read(path: Path) -> tuple[dict[str, Any], dict[str, Array]]:
    """The document and the arrays that `write` put there. Raises LoadError for everything else."""
    if not path.exists():
        raise LoadError(f"there is no file {path}; check its name.")
    if not path.is_file():
        raise LoadError(f"{path} is no regular file; name a file that diorama.save wrote.")
    try:
        data = path.read_bytes()
    except OSError as error:
        raise LoadError(f"{path} cannot be read: {error.strerror}.") from error
    envelope = _envelope(path, data)
    try:
        # copies: what is loaded may be written to, like what was saved
        arrays = {name: array.copy() for name, array in safetensors.load(data).items()}
    except (SafetensorError, ValueError, KeyError, TypeError) as error:
        raise LoadError(f"{path} is damaged: its arrays do not fit its header ({error}).") from error
    document = envelope.get("document")
    if not isinstance(document, dict) or _checksum(document, arrays) != envelope.get("checksum"):
        raise LoadError(f"{path} is damaged: its contents do not match its checksum; save the model anew.")
    return document, arrays


def _envelope(path: Path, data: bytes) -> dict[str, Any]:
    """Version, checksum and document, from the header."""
    length = int.from_bytes(data[:_LENGTH], "little")
    if len(data) < _LENGTH or not data[_LENGTH : _LENGTH + 1] == b"{":
        raise LoadError(f"{path} is no file that diorama.save wrote.")
    if length > len(data) - _LENGTH:
        raise LoadError(
            f"{path} is cut short: its header claims {length:,} bytes and {len(data) - _LENGTH:,} are there."
        )
    header = _parsed(path, data[_LENGTH : _LENGTH + length])
    metadata = header.get("__metadata__")
    if not isinstance(metadata, dict) or not isinstance(metadata.get(FORMAT), str):
        raise LoadError(f"{path} is no file that diorama.save wrote.")
    envelope = _parsed(path, metadata[FORMAT])
    version = envelope.get("format_version")
    if type(version) is not int:
        raise LoadError(f"{path} is damaged: it does not say which version of the format it has.")
    if version != FORMAT_VERSION:
        raise LoadError(
            f"{path} has format version {version} and this package reads {FORMAT_VERSION}; install the newest diorama."
        )
    return envelope


def _text(plain: Mapping[str, Any]) -> str:
    return json.dumps(plain, separators=(",", ":"), allow_nan=False)


def _parsed(path: Path, text: str | bytes) -> dict[str, Any]:
    try:
        parsed = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LoadError(f"{path} is damaged: what should be JSON in it is none.") from error
    if not isinstance(parsed, dict):
        raise LoadError(f"{path} is damaged: what should be a JSON object in it is none.")
    return parsed


def _checksum(document: Mapping[str, Any], arrays: Mapping[str, Array]) -> str:
    """SHA-256 over the document and each array's name, type, shape and bytes."""
    try:
        text = _text(document)
    except (ValueError, RecursionError):
        return "none: a number in it is infinite or it is nested too deeply"
    digest = hashlib.sha256(text.encode("ascii"))
    for name in sorted(arrays):
        array = arrays[name]
        digest.update(f"\0{name}\0{array.dtype.str}\0{array.shape}\0".encode("utf-8", "surrogatepass"))
        digest.update(np.ascontiguousarray(array).data if array.size else b"")
    return digest.hexdigest()
