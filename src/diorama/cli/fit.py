"""`diorama fit`: fit a model to a table and say how good it is."""

import shlex
from typing import TYPE_CHECKING, Annotated

import typer

from diorama.cli.options import Json, ModelName, Out, Seed, Settings, TableArgument, Target, Test, parsed_settings

if TYPE_CHECKING:
    from diorama.cli.fitting import Request
    from diorama.workbench import Result


def fit(
    table: TableArgument,
    target: Target = None,
    model: ModelName = None,
    settings: Settings = None,
    test: Test = 0.25,
    seed: Seed = 0,
    out: Out = None,
    replay: Annotated[
        str | None, typer.Option(metavar="FILE.html", help="Write the moving picture of the fit here.")
    ] = None,
    json: Json = False,
) -> None:
    """Fit a model to a table; compare it with the trivial one and with scikit-learn's."""
    from diorama.cli.fitting import Request, carry_out
    from diorama.cli.showing import print_json, result_document

    request = Request(table, target, model, parsed_settings(settings), test, seed, out, replay)
    result = carry_out(request)
    if json:
        print_json(result_document(result, out=out, replay=replay))
    else:
        report(result, request)


def report(result: "Result", request: "Request") -> None:
    """The answer, how it was reached, what to try next."""
    from diorama.cli.showing import answer, console, print_commands, print_notes, print_scores

    screen = console()
    screen.print(answer(result), style="bold", markup=False)
    print_scores(screen, result.metrics, result.scores)
    print_notes(screen, "How it was reached", result.notes)
    kept = [f"{what}: {path}" for what, path in (("model", request.out), ("replay", request.replay)) if path]
    print_notes(screen, "Written", kept)
    print_commands(screen, "Try next", _suggestions(result, request))


def _suggestions(result: "Result", request: "Request") -> list[str]:
    table = shlex.quote(request.table)
    target = f" --target {shlex.quote(request.target)}" if request.target else ""
    settings = "".join(f" --set {shlex.quote(f'{name}={value}')}" for name, value in request.settings.items())
    fit = f"{table}{target} --model {result.model.model}{settings}"
    suggestions = []
    if request.out:
        suggestions.append(f"diorama predict {shlex.quote(request.out)} {table}")
    else:
        suggestions.append(f"diorama fit {fit} --out model.diorama")
    if not request.replay:
        suggestions.append(f"diorama watch {fit}")
    suggestions.append(f"diorama models {result.model.model}")
    return suggestions
