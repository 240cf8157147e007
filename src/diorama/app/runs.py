"""Runs, kept in SQLite. One transaction makes a run finished, with all that it left: a crash loses no earlier one."""

import json
import secrets
import sqlite3
import time
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from diorama.workbench import MODELS

SCHEMA = """
CREATE TABLE IF NOT EXISTS runs (
    id TEXT PRIMARY KEY,
    created REAL NOT NULL,      -- seconds since 1970
    state TEXT NOT NULL,        -- running, done, failed, cancelled or interrupted
    message TEXT NOT NULL,      -- why it failed, or ""
    plan TEXT NOT NULL,         -- JSON of Plan
    result TEXT,                -- JSON: scores, notes, code
    scene BLOB,                 -- compressed JSON of the replay
    model BLOB                  -- the file that diorama.load reads
) STRICT
"""
INTERRUPTED = "The app ended while this run was training; nothing of it could be kept. Train it again."


@dataclass(frozen=True)
class Plan:
    """What was asked for."""

    table: str  # name of a built-in data set, or id of an upload
    name: str  # what the table is called
    target: str | None
    model: str
    parameters: dict[str, str] = field(default_factory=dict)
    test: float = 0.25
    seed: int = 0


@dataclass(frozen=True)
class Run:
    """One row, without what is large."""

    id: str
    created: float
    state: str
    message: str
    plan: Plan
    result: dict[str, Any] | None

    @property
    def title(self) -> str:
        """Model, table and target, in words."""
        predicts = self.plan.target and MODELS[self.plan.model].task != "clustering"
        of = f", predicting {self.plan.target}" if predicts else ""
        return f"{self.plan.model} on {self.plan.name}{of}"

    @property
    def file_name(self) -> str:
        """A name for its downloads of letters, digits and hyphens, whatever the table is called."""
        words = f"{self.plan.model} {Path(self.plan.name).stem}"
        kept = "".join(letter if letter.isascii() and letter.isalnum() else "-" for letter in words)
        return "-".join(filter(None, kept.split("-")))[:80]


class Runs:
    """The store. Every call opens the file anew, so any thread may make it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._open() as database:
            # readers and one writer at once, and a crash leaves the file as the last transaction made it
            database.execute("PRAGMA journal_mode = WAL")
            database.execute(SCHEMA)

    @contextmanager
    def _open(self) -> Iterator[sqlite3.Connection]:
        database = sqlite3.connect(self.path, timeout=10)
        database.row_factory = sqlite3.Row
        try:
            with database:
                yield database
        finally:
            database.close()

    def interrupt_unfinished(self) -> None:
        """At the start nothing trains, so what is still called running was cut off.

        Should another app of the same user be training it, that one's `finish` puts the word right.
        """
        with self._open() as database:
            statement = "UPDATE runs SET state = 'interrupted', message = ? WHERE state = 'running'"
            database.execute(statement, [INTERRUPTED])

    def begin(self, plan: Plan) -> str:
        """Note that a run starts; gives its id."""
        name = secrets.token_hex(8)
        with self._open() as database:
            statement = "INSERT INTO runs (id, created, state, message, plan) VALUES (?, ?, 'running', '', ?)"
            database.execute(statement, [name, time.time(), json.dumps(vars(plan))])
        return name

    def finish(self, name: str, result: dict[str, Any], scene: str | None, model: bytes) -> None:
        """Keep what a run left."""
        packed = None if scene is None else zlib.compress(scene.encode())
        with self._open() as database:
            statement = "UPDATE runs SET state = 'done', message = '', result = ?, scene = ?, model = ? WHERE id = ?"
            database.execute(statement, [json.dumps(result), packed, model, name])

    def end(self, name: str, state: str, message: str) -> None:
        """Note that a run came to nothing, and why."""
        with self._open() as database:
            database.execute("UPDATE runs SET state = ?, message = ? WHERE id = ?", [state, message, name])

    def delete(self, name: str) -> None:
        """Forget a run."""
        with self._open() as database:
            database.execute("DELETE FROM runs WHERE id = ?", [name])

    def all(self) -> list[Run]:
        """Every run, the latest first."""
        with self._open() as database:
            rows = database.execute(f"SELECT {_COLUMNS} FROM runs ORDER BY created DESC, id").fetchall()
        return [_run(row) for row in rows]

    def get(self, name: str) -> Run | None:
        """One run, or None when there is none of that id."""
        with self._open() as database:
            row = database.execute(f"SELECT {_COLUMNS} FROM runs WHERE id = ?", [name]).fetchone()
        return _run(row) if row else None

    def scene(self, name: str) -> str | None:
        """JSON of its replay."""
        packed = self._blob(name, "scene")
        return None if packed is None else zlib.decompress(packed).decode()

    def model(self, name: str) -> bytes | None:
        """Its model as a file."""
        return self._blob(name, "model")

    def _blob(self, name: str, column: str) -> bytes | None:
        with self._open() as database:
            row = database.execute(f"SELECT {column} FROM runs WHERE id = ?", [name]).fetchone()
        return row[0] if row else None


_COLUMNS = "id, created, state, message, plan, result"


def _run(row: sqlite3.Row) -> Run:
    result = json.loads(row["result"]) if row["result"] else None
    return Run(row["id"], row["created"], row["state"], row["message"], Plan(**json.loads(row["plan"])), result)
