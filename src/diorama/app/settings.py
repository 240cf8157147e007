"""What whoever starts the app may decide."""

import os
from dataclasses import dataclass, field
from pathlib import Path

import platformdirs

MEGABYTE = 2**20


def data_folder() -> Path:
    """Where runs and uploads are kept: DIORAMA_DATA_DIR, or the user's data folder."""
    return Path(os.environ.get("DIORAMA_DATA_DIR") or platformdirs.user_data_dir("diorama"))


@dataclass(frozen=True)
class Settings:
    """Where the app keeps things, what it takes, what it shows."""

    data: Path = field(default_factory=data_folder)
    upload_limit: int = 50 * MEGABYTE
    pages: Path | None = None  # folder of concept pages; those of the package by default
