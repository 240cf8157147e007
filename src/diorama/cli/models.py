"""`diorama models`: what can be fitted, and with which parameters."""

import math
from typing import TYPE_CHECKING, Annotated, Any

import typer

from diorama.cli.options import Json

if TYPE_CHECKING:
    from diorama.workbench import ModelEntry


def models(
    name: Annotated[str | None, typer.Argument(metavar="[NAME]", help="Explain the parameters of this model.")] = None,
    json: Json = False,
) -> None:
    """List the models with their parameters."""
    from rich.padding import Padding
    from rich.text import Text

    from diorama.cli.showing import console, print_json
    from diorama.workbench import MODELS, find_model

    entries = list(MODELS.values()) if name is None else [find_model(name)]
    if json:
        print_json({"models": [_document(entry) for entry in entries]})
        return
    screen = console()
    for entry in entries:
        screen.print(f"{entry.name}  ({entry.task})", style="bold", markup=False)
        screen.print(f"  {entry.summary}", markup=False)
        screen.print(f"  scikit-learn's twin: {entry.twin}", markup=False)
        if name is None:
            parameters = ", ".join(f"{parameter.name}={parameter.default!r}" for parameter in entry.parameters)
            screen.print(Padding(Text(parameters), (0, 0, 0, 2), expand=False))
        else:
            _print_parameters(entry)
        screen.print()
    if name is None:
        screen.print("diorama models NAME says what each parameter takes.", markup=False)


def _print_parameters(entry: "ModelEntry") -> None:
    from rich import box
    from rich.table import Table
    from rich.text import Text

    from diorama.cli.showing import console

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("parameter", "default", "takes"):
        table.add_column(title)
    for parameter in entry.parameters:
        table.add_row(*(Text(cell) for cell in (parameter.name, repr(parameter.default), parameter.describe())))
    console().print(table)


def _document(entry: "ModelEntry") -> dict[str, Any]:
    return {
        "name": entry.name,
        "task": entry.task,
        "summary": entry.summary,
        "class": entry.path,
        "twin": entry.twin,
        "parameters": [
            {
                "name": parameter.name,
                "default": _plain(parameter.default),
                "kind": parameter.kind,
                "choices": list(parameter.choices),
                "low": parameter.low,
                "high": parameter.high,
                "takes": parameter.describe(),
            }
            for parameter in entry.parameters
        ],
    }


def _plain(default: Any) -> Any:
    """A default as JSON has it; infinity, which JSON lacks, by its name."""
    if isinstance(default, float) and math.isinf(default):
        return str(default)
    return default if isinstance(default, int | float | str | None) else None
