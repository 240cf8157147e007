"""Concept pages as they lie in the package: reference/concepts/<chapter>/<slug>.md."""

import re
import tomllib
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from diorama._validation import did_you_mean
from diorama.reference.concept import SECTIONS, Concept, Reading
from diorama.reference.errors import ConceptError, PageError
from diorama.reference.parameters import Parameter
from diorama.reference.questions import questions_of

FOLDER = Path(__file__).parent / "concepts"

_PAGE = re.compile(r"\A\+\+\+\n(?P<front>.*?)^\+\+\+\n(?P<body>.*)\Z", re.MULTILINE | re.DOTALL)
_HEADING = re.compile(r"^## +(.+?)\s*$", re.MULTILINE)


def concept(slug: str) -> Concept:
    """The concept of that short name.

    Raises ConceptError, which suggests the nearest name, when there is none.
    """
    known = _shipped()
    if slug not in known:
        raise ConceptError(f"there is no concept {slug!r}; {did_you_mean(slug, known)}")
    return known[slug]


def concepts() -> tuple[Concept, ...]:
    """Every concept, by chapter and then by title."""
    return tuple(_shipped().values())


@cache
def _shipped() -> Mapping[str, Concept]:
    return load_folder(FOLDER)


def load_folder(folder: Path) -> dict[str, Concept]:
    """Slug -> concept of every page in a folder; PageError names the page that is not as it should be."""
    pages = [load_page(path) for path in folder.glob("*/*.md")]
    found: dict[str, Concept] = {}
    for page in sorted(pages, key=lambda page: (page.chapter, page.title.casefold())):
        if page.slug in found:
            raise PageError(f"two pages are called {page.slug}; a slug is the name of one page.")
        found[page.slug] = page
    return found


def load_page(path: Path) -> Concept:
    """One page; PageError says what about it is not as pages are written."""
    match = _PAGE.match(path.read_text("utf-8"))
    if match is None:
        raise PageError(f"{path.name} must begin with TOML between two lines of +++.")
    try:
        return _concept(path, tomllib.loads(match["front"]), _sections(match["body"]))
    except tomllib.TOMLDecodeError as error:
        raise PageError(f"{path.name}: its front matter is no TOML: {error}.") from error
    except KeyError as error:
        raise PageError(f"{path.name}: its front matter has no {error}.") from error
    except (TypeError, PageError) as error:
        raise PageError(f"{path.name}: {error}") from error


def _concept(path: Path, front: dict[str, Any], sections: dict[str, str]) -> Concept:
    if path.parent.name != f"{front['chapter']:02d}":
        raise PageError(f"it is of chapter {front['chapter']} and lies in the folder {path.parent.name}.")
    made = Concept(
        slug=path.stem,
        title=front.pop("title"),
        chapter=front.pop("chapter"),
        summary=front.pop("summary"),
        implementation=tuple(front.pop("implementation")),
        source=tuple(front.pop("source")),
        picture=front.pop("scene"),
        parameters=tuple(_parameter(entry) for entry in front.pop("parameters", ())),
        related=tuple(front.pop("related")),
        reading=tuple(Reading(**entry) for entry in front.pop("reading")),
        sections=sections,
        questions=questions_of(sections["Test yourself"]),
    )
    if front:
        raise PageError(f"its front matter has {', '.join(front)}, which pages do not have.")
    return made


def _parameter(entry: dict[str, Any]) -> Parameter:
    return Parameter(**{**entry, "options": tuple(entry.get("options", ()))})


def _sections(body: str) -> dict[str, str]:
    """Title -> Markdown below it."""
    titles = _HEADING.findall(body)
    if titles != list(SECTIONS):
        raise PageError(f"its sections must be {', '.join(SECTIONS)}; they are {', '.join(titles) or 'none'}.")
    texts = _HEADING.split(body)[2::2]
    return {title: text.strip() for title, text in zip(titles, texts, strict=True)}
