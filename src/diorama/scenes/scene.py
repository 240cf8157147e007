"""A scene: one Vega-Lite picture, the data sets that stay, and for each frame those that change and what to say.

A scene is plain data with a version, so that the player, a saved page, a notebook and a chart all show the same thing.
It computes nothing and draws nothing.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from latex2mathml.converter import convert

from diorama.scenes.columns import Columns, decode, encode, n_rows, to_rows
from diorama.scenes.source import Code

VERSION = 1
NO_CODE = Code((), {})
MAX_MOVING_ROWS = 2_000

_SLOT = re.compile(r"\\slot\{(\w+)\}")


class SceneError(ValueError):
    """A scene that does not fit together, or data that is no scene of this version."""


@dataclass(frozen=True)
class Frame:
    """One moment of a scene."""

    data: Mapping[str, Columns]  # data set name -> columns; each frame brings every data set that moves
    narration: str  # one sentence: what happens here, with its numbers
    alt: str  # what the picture shows, for who cannot see it
    step: str = ""  # the mark of the line of code that runs here, or none
    values: Mapping[str, str] = field(default_factory=dict)  # slot of the formula -> number as shown


class Grip(NamedTuple):
    """A mark that the pointer can take and lead: then the frame is shown in which it stands nearest."""

    data: str  # the moving data set whose first row it is
    x: str = ""  # the column that is its place along the horizontal axis; "" where it cannot be led that way
    y: str = ""  # and along the vertical one


@dataclass(frozen=True)
class Scene:
    """A moving picture as plain data. Raises SceneError when its parts do not fit together."""

    title: str
    spec: Mapping[str, Any]  # Vega-Lite, whose layers name their data sets: {"data": {"name": "points"}}
    frames: tuple[Frame, ...]
    data: Mapping[str, Columns] = field(default_factory=dict)  # the data sets that stay
    code: Code = NO_CODE
    formulas: Mapping[str, str] = field(default_factory=dict)  # step -> LaTeX with \slot{name}; "" for every other step
    tween: tuple[str, ...] = ()  # data sets whose numbers glide from frame to frame
    caption: str = ""  # what a reader must know of how it was drawn: a sample, a projection
    grips: tuple[Grip, ...] = ()  # what can be dragged

    def __post_init__(self) -> None:
        for problem in self._problems():
            raise SceneError(f"scene {self.title!r}: {problem}")

    def _problems(self) -> Iterator[str]:
        if not self.frames:
            yield "it has no frames."
        drawn = set(_named_data(self.spec))
        moving = set(self.frames[0].data) if self.frames else set()
        if undrawn := (moving | set(self.data)) - drawn:
            yield f"data sets {sorted(undrawn)} are drawn by nothing in its specification."
        if missing := drawn - moving - set(self.data):
            yield f"data sets {sorted(missing)} are drawn and never given."
        if still := set(self.tween) - moving:
            yield f"data sets {sorted(still)} are to glide and do not move."
        for grip in self.grips:
            if not {grip.x, grip.y} - {""} or grip.data not in moving:
                yield f"{grip} is to be dragged and does not move."
        for number, frame in enumerate(self.frames):
            if set(frame.data) != moving:
                yield f"frame {number} has the data sets {sorted(frame.data)}, the first {sorted(moving)}."
            if frame.step and frame.step not in self.code.steps:
                yield f"frame {number} is at step {frame.step!r}, which no line of its code is marked with."
            if unfilled := set(slots(self.formula(frame))) - set(frame.values):
                yield f"frame {number} leaves {sorted(unfilled)} of its formula unfilled."
            for name, columns in frame.data.items():
                if n_rows(columns) > MAX_MOVING_ROWS:
                    yield f"frame {number} moves {n_rows(columns)} rows of {name!r}; at most {MAX_MOVING_ROWS} may."

    def formula(self, frame: Frame) -> str:
        """LaTeX of the formula that belongs to a frame, its slots still open."""
        return self.formulas.get(frame.step, self.formulas.get("", ""))

    def still(self, frame: int = -1) -> dict[str, Any]:
        """The Vega-Lite specification of one frame, with its data in it: complete by itself."""
        datasets = {**self.data, **self.frames[frame].data}
        spec = dict(self.spec)
        spec.setdefault("$schema", "https://vega.github.io/schema/vega-lite/v6.json")
        return {**spec, "datasets": {name: to_rows(columns) for name, columns in datasets.items()}}

    def to_dict(self) -> dict[str, Any]:
        """Plain data for JSON. A column that several frames share is written once."""
        pool = _Pool()
        return {
            "version": VERSION,
            "title": self.title,
            "caption": self.caption,
            "spec": self.spec,
            "code": {"lines": list(self.code.lines), "steps": dict(self.code.steps)},
            "latex": dict(self.formulas),
            "formulas": {step: to_mathml(latex) for step, latex in self.formulas.items()},
            "tween": list(self.tween),
            "grips": [grip._asdict() for grip in self.grips],
            "data": pool.add(self.data),
            "frames": [
                {
                    "step": frame.step,
                    "values": dict(frame.values),
                    "narration": frame.narration,
                    "alt": frame.alt,
                    "data": pool.add(frame.data),
                }
                for frame in self.frames
            ],
            "columns": pool.columns,
        }

    @classmethod
    def from_dict(cls, plain: Mapping[str, Any]) -> "Scene":
        """The scene that `to_dict` wrote; SceneError when it is none, or of another version."""
        if plain.get("version") != VERSION:
            raise SceneError(f"scene version {plain.get('version')!r} cannot be read; this package reads {VERSION}.")
        try:
            columns = [decode(column) for column in plain["columns"]]

            def tables(names: Mapping[str, Mapping[str, int]]) -> dict[str, Columns]:
                return {name: {key: columns[at] for key, at in table.items()} for name, table in names.items()}

            frames = tuple(
                Frame(tables(frame["data"]), frame["narration"], frame["alt"], frame["step"], frame["values"])
                for frame in plain["frames"]
            )
            return cls(
                title=plain["title"],
                spec=plain["spec"],
                frames=frames,
                data=tables(plain["data"]),
                code=Code(tuple(plain["code"]["lines"]), plain["code"]["steps"]),
                formulas=plain["latex"],
                tween=tuple(plain["tween"]),
                caption=plain["caption"],
                grips=tuple(Grip(**grip) for grip in plain["grips"]),
            )
        except (KeyError, IndexError, TypeError, AttributeError) as error:
            raise SceneError(f"scene data is incomplete: {type(error).__name__} {error}.") from error


class _Pool:
    """Distinct encoded columns, and where each is."""

    def __init__(self) -> None:
        self.columns: list[dict[str, Any]] = []
        self._known: dict[str, int] = {}

    def add(self, tables: Mapping[str, Columns]) -> dict[str, dict[str, int]]:
        return {name: {key: self._index(encode(v)) for key, v in table.items()} for name, table in tables.items()}

    def _index(self, column: dict[str, Any]) -> int:
        key = column["data"] + column["type"] if "data" in column else json.dumps(column)
        if key not in self._known:
            self._known[key] = len(self.columns)
            self.columns.append(column)
        return self._known[key]


def slots(latex: str) -> list[str]:
    """Names of the places of a formula that a frame fills."""
    return _SLOT.findall(latex)


@lru_cache(maxsize=512)
def to_mathml(latex: str) -> str:
    r"""LaTeX as MathML; each `\slot{name}` becomes an empty `<mn data-slot="name">` for the player to fill."""
    if not latex:
        return ""
    mathml = convert(_SLOT.sub(r"\\text{@\1@}", latex), display="block")
    return re.sub(r"<mtext>@(\w+)@</mtext>", r'<mn data-slot="\1"></mn>', mathml)


def _named_data(spec: Any) -> Iterator[str]:
    """Names of the data sets that a specification draws, at any depth."""
    if isinstance(spec, Mapping):
        data = spec.get("data")
        if isinstance(data, Mapping) and set(data) == {"name"}:
            yield data["name"]
        for key, part in spec.items():
            if key != "datasets":
                yield from _named_data(part)
    elif isinstance(spec, list | tuple):
        for part in spec:
            yield from _named_data(part)
