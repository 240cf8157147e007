"""The Lab: a table, a target, a model and its parameters, handed to the workbench."""

import json
from typing import Any

import polars as pl
from anyio import to_thread
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from diorama.app.runs import Plan
from diorama.app.site import site_of
from diorama.app.uploads import TooLarge
from diorama.datasets import BUILT_IN
from diorama.workbench import MODELS, ModelEntry, Table, UserError, find_model, parse_parameters

PREVIEW_ROWS = 5
PREVIEW_COLUMNS = 12
LARGEST_PLAN = 100_000  # bytes of JSON
# a column of numbers with at most this many distinct values may well be of classes
FEW_VALUES = 10


def lab(request: Request) -> Response:
    """The form. Every model's parameters are in it; the script shows those of the model that is chosen."""
    site = site_of(request)
    earlier = site.runs.get(request.query_params.get("again", ""))
    forms = [{"entry": entry, "fields": fields(entry)} for entry in MODELS.values()]
    plan = vars(earlier.plan) if earlier else None
    limit = site.uploads.limit // 2**20
    return site.page(request, "lab.html", data_sets=list(BUILT_IN.values()), forms=forms, plan=plan, limit=limit)


def fields(entry: ModelEntry) -> list[dict[str, Any]]:
    """The parameters that a form can ask for; the seed has its own field."""
    return [
        {
            "name": parameter.name,
            "kind": parameter.kind,
            "value": "" if parameter.default is None else str(parameter.default),
            "choices": ["true", "false"] if parameter.kind == "bool" else parameter.choices,
            "hint": parameter.describe(),
        }
        for parameter in entry.parameters
        if parameter.kind != "other" and parameter.name not in ("random_state", "n_jobs", "verbose")
    ]


async def upload(request: Request) -> Response:
    """A file in the body, its name in the query. Read as it comes, and refused as soon as it is too large."""
    uploads = site_of(request).uploads
    name = request.query_params.get("name", "")
    try:
        content = await uploads.receive(name, request.stream())
        key, table = await to_thread.run_sync(uploads.keep, name, content)
    except TooLarge as error:
        # the rest of the file is not read, so this connection can carry nothing more
        return JSONResponse({"error": str(error)}, status_code=413, headers={"Connection": "close"})
    except UserError as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    return JSONResponse(await to_thread.run_sync(describe, key, table), status_code=201)


def table(request: Request) -> Response:
    """A table's columns and first rows."""
    key = request.path_params["key"]
    try:
        return JSONResponse(describe(key, site_of(request).uploads.table(key)))
    except UserError as error:
        return JSONResponse({"error": str(error)}, status_code=404)


def describe(key: str, table: Table) -> dict[str, Any]:
    """What the form shows of a table."""
    frame = table.frame
    shown = frame.head(PREVIEW_ROWS).select(frame.columns[:PREVIEW_COLUMNS])
    return {
        "key": key,
        "name": table.name,
        "rows": frame.height,
        "target": table.target or frame.columns[-1],
        "columns": [{"name": column.name, "kind": _kind(column), "task": _task(column)} for column in frame],
        "preview": {"names": shown.columns, "rows": [[_cell(value) for value in row] for row in shown.iter_rows()]},
        "notes": list(table.notes),
    }


async def start(request: Request) -> Response:
    """Begin a run as the JSON in the body says; 400 with a sentence when it cannot be begun."""
    site = site_of(request)
    try:
        plan = await to_thread.run_sync(_plan, await _json(request), site.uploads.table)
    except UserError as error:
        return JSONResponse({"error": str(error)}, status_code=400)
    name = await to_thread.run_sync(site.trainer.start, plan)
    return JSONResponse({"run": name, "address": f"/runs/{name}"}, status_code=201)


async def _json(request: Request) -> dict[str, Any]:
    content = bytearray()
    async for chunk in request.stream():
        content += chunk
        if len(content) > LARGEST_PLAN:
            raise HTTPException(413, "That is more than a form of this app sends.")
    try:
        plain = json.loads(content)
    except ValueError as error:
        raise HTTPException(400, "The body must be JSON.") from error
    if not isinstance(plain, dict):
        raise HTTPException(400, "The body must be a JSON object.")
    return plain


def _plan(plain: dict[str, Any], table_of: Any) -> Plan:
    """What the form sent, checked as far as that is quick; the rest is said when the run fails."""
    table = table_of(str(plain.get("table", "")))
    entry = find_model(str(plain.get("model", "")))
    given = plain.get("parameters", {})
    if not isinstance(given, dict):
        raise HTTPException(400, "The parameters must be a JSON object.")
    parameters = {str(name): str(value) for name, value in given.items()}
    parse_parameters(entry, parameters)
    target = plain.get("target")
    return Plan(
        table=str(plain["table"]),
        name=table.name,
        target=None if target in (None, "") else str(target),
        model=entry.name,
        parameters=parameters,
        test=_number(plain, "test", 0.25, 0.01, 0.99),
        seed=int(_number(plain, "seed", 0, 0, 2**32 - 1)),
    )


def _number(plain: dict[str, Any], name: str, default: float, low: float, high: float) -> float:
    try:
        value = float(plain.get(name, default))
    except (TypeError, ValueError):
        value = float("nan")
    if not low <= value <= high:
        raise UserError(f"{name} must be a number from {low:g} to {high:g}; got {str(plain[name])[:80]!r}.")
    return value


def _kind(column: pl.Series) -> str:
    if column.dtype.is_numeric():
        return "number"
    return {pl.Boolean: "true or false", pl.Date: "date", pl.Datetime: "date"}.get(column.dtype.base_type(), "text")


def _task(column: pl.Series) -> str:
    """What predicting this column is."""
    many = column.dtype.is_numeric() and column.n_unique() > FEW_VALUES
    return "regression" if many or (column.dtype.is_float() and not _whole(column)) else "classification"


def _whole(column: pl.Series) -> bool:
    return bool((column.drop_nulls() % 1 == 0).all())


def _cell(value: Any) -> str:
    if value is None:
        return ""
    text = f"{value:.6g}" if isinstance(value, float) else str(value)
    return text if len(text) <= 40 else text[:39] + "…"
