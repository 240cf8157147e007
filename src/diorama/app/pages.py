"""The contents and the concepts' pages, with their pictures computed anew for every value of a slider."""

import json
import logging
import math
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from diorama._validation import did_you_mean
from diorama.app.site import site_of
from diorama.reference import Concept, Parameter
from diorama.reference.errors import ConceptError
from diorama.reference.parameters import LOG_POSITIONS, option_text
from diorama.reference.rendering import anchor, render_line, render_section
from diorama.reference.source import highlighted_source

LOG = logging.getLogger("diorama.app")


def contents(request: Request) -> Response:
    """Every concept by chapter, or those that have the words asked for."""
    site = site_of(request)
    words = request.query_params.get("q", "")[:200]
    return site.page(request, "contents.html", words=words, found=site.chapters(words))


def concept_page(request: Request) -> Response:
    """One concept."""
    site, page = site_of(request), _concept(request)
    return site.page(
        request,
        "concept.html",
        concept=page,
        summary=render_line(page.summary),
        controls=[control(parameter) for parameter in page.parameters],
        sections=[(title, anchor(title), render_section(page, title)) for title in page.sections],
        sources=[(name, highlighted_source(name)) for name in page.source],
        related=[site.concepts[slug] for slug in page.related if slug in site.concepts],
    )


def scene(request: Request) -> Response:
    """The picture for the values in the query, fitted now. Starlette runs this on a thread of its own."""
    page = _concept(request)
    try:
        plain = page.scene(**dict(request.query_params)).to_dict()
    except ConceptError as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    except Exception as error:  # whatever a fit ran into, the reader is told and the page goes on
        LOG.exception("the picture of %s failed", page.slug)
        sentence = f"The fit ended with an error: {type(error).__name__}: {error}"
        return JSONResponse({"error": sentence}, status_code=500)
    return Response(json.dumps(plain, separators=(",", ":")), media_type="application/json")


def control(parameter: Parameter) -> dict[str, Any]:
    """What the template needs to draw a slider or a choice."""
    made: dict[str, Any] = {"name": parameter.name, "label": parameter.label, "kind": parameter.kind}
    if parameter.kind == "choice":
        return {**made, "value": option_text(parameter.value), "options": [option_text(o) for o in parameter.options]}
    made |= {"low": parameter.min, "high": parameter.max, "scale": parameter.scale, "value": parameter.value}
    made["axis"] = parameter.axis
    made["ends"] = [f"{end:g}".replace("-", "\N{MINUS SIGN}") for end in (parameter.min, parameter.max)]
    if parameter.scale == "linear":
        return {**made, "min": parameter.min, "max": parameter.max, "step": parameter.step, "at": parameter.value}
    span = math.log(parameter.max / parameter.min)
    at = round((LOG_POSITIONS - 1) * math.log(parameter.value / parameter.min) / span)
    return {**made, "min": 0, "max": LOG_POSITIONS - 1, "step": 1, "at": at}


def _concept(request: Request) -> Concept:
    known, slug = site_of(request).concepts, request.path_params["slug"]
    if slug not in known:
        raise HTTPException(404, f"There is no concept {slug[:80]!r}; {did_you_mean(slug[:80], known)}")
    return known[slug]
