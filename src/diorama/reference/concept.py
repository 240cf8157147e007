"""A concept: a page of Markdown with front matter, and what it names in the library."""

import html
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from importlib import import_module
from typing import Any

from diorama.reference.parameters import Parameter, parse_all
from diorama.reference.questions import Question
from diorama.scenes.scene import Scene

# the sections of every page, in this order
SECTIONS = (
    "The idea",
    "The mathematics",
    "When to use it, and when not",
    "What the textbook snippet gets wrong",
    "Test yourself",
)


@dataclass(frozen=True)
class Reading:
    """Where more is written."""

    title: str
    url: str
    authors: str = ""
    year: int | None = None


@dataclass(frozen=True)
class Concept:
    """One concept of the reference, as its page has it."""

    slug: str
    title: str
    chapter: int
    summary: str
    implementation: tuple[str, ...]  # dotted names of what does it
    source: tuple[str, ...]  # dotted names of the functions whose source is shown
    picture: str  # dotted name of the function that makes its scene
    parameters: tuple[Parameter, ...]
    related: tuple[str, ...]
    reading: tuple[Reading, ...]
    sections: Mapping[str, str]  # title -> Markdown
    questions: tuple[Question, ...]

    def __str__(self) -> str:
        text = "\n\n".join(f"{title}\n{body}" for title, body in self.sections.items() if title != "Test yourself")
        return f"{self.title}: {self.summary}\n\n{text}"

    def __repr__(self) -> str:
        return f"<Concept {self.slug}: {self.summary}>"

    def _repr_html_(self) -> str:
        from diorama.reference.rendering import render_section

        top = f"<h2>{html.escape(self.title)}</h2><p>{html.escape(self.summary)}</p>"
        shown = SECTIONS[:-1]
        return top + "".join(f"<h3>{html.escape(title)}</h3>{render_section(self, title)}" for title in shown)

    def values(self, /, **given: Any) -> dict[str, Any]:
        """The parameters of the picture: those given, checked, and the page's for the rest."""
        return parse_all(self.parameters, given)

    def scene(self, /, **parameters: Any) -> Scene:
        """Its moving picture, fitted for real with these parameters.

        Raises ConceptError when a parameter is not there or out of its range.
        """
        from sklearn import config_context

        values = self.values(**parameters)
        # the picture makes its own data and has its parameters checked: every check again would slow a slider
        with config_context(assume_finite=True, skip_parameter_validation=True):
            scene: Scene = self._make(**values)
        return scene

    @cached_property
    def _make(self) -> Callable[..., Any]:
        made: Callable[..., Any] = resolve(self.picture)
        return made


def resolve(name: str) -> Any:
    """What a dotted name stands for; AttributeError or ModuleNotFoundError when there is no such thing.

    >>> resolve("diorama.reference.concept.SECTIONS")[0]
    'The idea'
    """
    parts = name.split(".")
    for cut in range(len(parts) - 1, 0, -1):
        module = ".".join(parts[:cut])
        try:
            found = import_module(module)
        except ModuleNotFoundError as error:
            # another module that is missing while this one is imported is not for us to hide
            if error.name is None or not f"{module}.".startswith(f"{error.name}."):
                raise
            continue
        for attribute in parts[cut:]:
            found = getattr(found, attribute)
        return found
    raise ModuleNotFoundError(f"no module named {parts[0]!r}", name=parts[0])
