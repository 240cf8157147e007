"""Past runs and the one under way: their list, their pages, their downloads."""

import json
from datetime import datetime
from typing import Any

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from diorama.app.events import plain, progress_events
from diorama.app.runs import Run
from diorama.app.site import site_of
from diorama.player import to_html
from diorama.reference.source import highlighted
from diorama.scenes.parts import number
from diorama.scenes.scene import Scene


def runs(request: Request) -> Response:
    """Every run, the latest first."""
    site = site_of(request)
    rows = [{"run": run, "when": when(run), "score": headline(run)} for run in site.runs.all()]
    return site.page(request, "runs.html", rows=rows)


def run_page(request: Request) -> Response:
    """One run: its progress while it trains, then what it left."""
    site, run = site_of(request), _run(request)
    progress = plain(site.trainer.progress(run.id))
    result = run.result or {}
    return site.page(
        request,
        "run.html",
        run=run,
        when=when(run),
        progress=progress,
        result=result,
        table=score_table(result) if result else [],
        code=highlighted(result["code"]) if result else "",
    )


async def events(request: Request) -> Response:
    """Server-sent events until the run is over."""
    trainer, name = site_of(request).trainer, request.path_params["run"]
    return StreamingResponse(progress_events(lambda: trainer.progress(name)), media_type="text/event-stream")


def cancel(request: Request) -> Response:
    """Ask a run to end."""
    run = _run(request)
    site_of(request).trainer.cancel(run.id)
    return RedirectResponse(f"/runs/{run.id}", status_code=303)


def delete(request: Request) -> Response:
    """Forget a run. The file it was handed goes at the next start, when no other run uses it."""
    site, run = site_of(request), _run(request)
    if run.state == "running":
        site.trainer.cancel(run.id)
    site.runs.delete(run.id)
    return RedirectResponse("/runs", status_code=303)


def scene(request: Request) -> Response:
    """The replay as the player takes it."""
    return Response(_scene(request), media_type="application/json")


def replay(request: Request) -> Response:
    """The replay as one page to keep."""
    page = to_html(Scene.from_dict(json.loads(_scene(request))))
    return _download(page.encode(), f"{_run(request).file_name}.html", "text/html")


def model(request: Request) -> Response:
    """The model, for `diorama predict` and `diorama.load`."""
    run = _run(request)
    content = site_of(request).runs.model(run.id)
    if content is None:
        raise HTTPException(404, "This run left no model.")
    return _download(content, f"{run.file_name}.diorama", "application/octet-stream")


def when(run: Run) -> str:
    """The local time at which it was begun."""
    return datetime.fromtimestamp(run.created).astimezone().strftime("%d %B %Y, %H:%M").lstrip("0")


def headline(run: Run) -> str:
    """The first metric of ours, in a few characters."""
    if not run.result:
        return ""
    metric, ours = run.result["metrics"][0]["name"], run.result["scores"][0]
    value = ours["values"].get(metric)
    return f"{metric} {number(value)}" if value is not None else ""


def score_table(result: dict[str, Any]) -> list[dict[str, Any]]:
    """Rows of the table of scores, the best value of each metric marked."""
    best = {metric["name"]: _best(result["scores"], metric) for metric in result["metrics"]}
    return [
        {
            "who": {"ours": "Diorama", "baseline": "trivial baseline", "twin": "scikit-learn"}[score["who"]],
            "name": score["name"].removeprefix("scikit-learn's "),
            "ours": score["who"] == "ours",
            "cells": [_cell(score["values"].get(name), value) for name, value in best.items()],
            "seconds": _duration(score["seconds"]),
        }
        for score in result["scores"]
    ]


def _cell(value: float | None, best: float | None) -> dict[str, Any]:
    if value is None:
        return {"text": "\N{EN DASH}", "best": False}
    return {"text": number(value, 4), "best": value == best}


def _best(scores: list[dict[str, Any]], metric: dict[str, Any]) -> float | None:
    values = [value for score in scores if (value := score["values"].get(metric["name"])) is not None]
    if not values:
        return None
    return float(max(values) if metric["higher_is_better"] else min(values))


def _duration(seconds: float) -> str:
    return f"{number(seconds)} s" if seconds >= 1 else f"{number(1000 * seconds)} ms"


def _run(request: Request) -> Run:
    run = site_of(request).runs.get(request.path_params["run"])
    if run is None:
        raise HTTPException(404, "There is no such run; it may have been deleted.")
    return run


def _scene(request: Request) -> str:
    text = site_of(request).runs.scene(_run(request).id)
    if text is None:
        raise HTTPException(404, "This run left no replay.")
    return text


def _download(content: bytes, name: str, kind: str) -> Response:
    return Response(content, media_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
