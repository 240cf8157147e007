"""What every page needs: settings, concepts, templates, the store of runs, the trainer."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import jinja2
from starlette.requests import Request
from starlette.responses import HTMLResponse

from diorama.app import assets
from diorama.app.runs import Runs
from diorama.app.settings import Settings
from diorama.app.training import Trainer
from diorama.app.uploads import Uploads
from diorama.reference import Concept, concepts, load_folder
from diorama.reference.chapters import CHAPTERS

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True)
class Site:
    """The parts of one running app."""

    settings: Settings
    concepts: Mapping[str, Concept]  # slug -> concept, in the order of the contents
    templates: jinja2.Environment
    runs: Runs
    uploads: Uploads
    trainer: Trainer

    @classmethod
    def of(cls, settings: Settings) -> "Site":
        """Open the data folder and load the pages."""
        settings.data.mkdir(parents=True, exist_ok=True)
        runs = Runs(settings.data / "runs.sqlite")
        uploads = Uploads(settings.data / "uploads", settings.upload_limit)
        known = load_folder(settings.pages) if settings.pages else {page.slug: page for page in concepts()}
        environment = jinja2.Environment(
            loader=jinja2.FileSystemLoader(TEMPLATES),
            autoescape=True,
            undefined=jinja2.StrictUndefined,
            trim_blocks=True,
            lstrip_blocks=True,
        )
        environment.globals["asset"] = assets.address
        return cls(settings, known, environment, runs, uploads, Trainer(runs, uploads))

    def tidy(self) -> None:
        """At the start: say which runs were cut off, and delete uploads that no run used."""
        self.runs.interrupt_unfinished()
        self.uploads.keep_only({run.plan.table for run in self.runs.all()})

    def chapters(self, words: str = "") -> list[tuple[str, list[Concept]]]:
        """Chapter title -> its concepts whose title or summary has every word asked for."""
        wanted = words.casefold().split()
        found: dict[int, list[Concept]] = {}
        for page in self.concepts.values():
            text = f"{page.title} {page.summary} {page.slug}".casefold()
            if all(word in text for word in wanted):
                found.setdefault(page.chapter, []).append(page)
        return [(CHAPTERS[chapter], pages) for chapter, pages in found.items()]

    def page(self, request: Request, template: str, *, status: int = 200, **values: Any) -> HTMLResponse:
        """A template filled in, with the contents beside it."""
        shown = {"words": "", "path": request.url.path, "contents": self.chapters(), **values}
        return HTMLResponse(self.templates.get_template(template).render(shown), status_code=status)


def site_of(request: Request) -> Site:
    """The site that a request came to."""
    site: Site = request.app.state.site
    return site
