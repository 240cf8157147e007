"""What `fit` and `watch` share: check where results go, run, keep."""

from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from diorama.workbench import Result


class Request(NamedTuple):
    """A run as the command line asks for it."""

    table: str
    target: str | None
    model: str | None
    settings: dict[str, str]
    test: float
    seed: int
    out: str | None
    replay: str | None


def carry_out(request: Request) -> "Result":
    """Fit, compare, and write what was asked for. Places that cannot be written are refused before anything runs."""
    from diorama.cli.interrupting import Interrupts
    from diorama.recording.progress import Progress
    from diorama.workbench import MODELS, ParameterError, find_model, read_table, run

    if request.model is None:
        raise ParameterError(f"name the model to fit with --model, one of {', '.join(MODELS)}.")
    entry = find_model(request.model)
    for path in (request.out, request.replay):
        _refuse_unwritable(path)
    _refuse_ending(request.replay)
    table = read_table(request.table)
    with Interrupts() as interrupts, Progress(f"fitting {entry.name}") as progress:
        result = run(
            table,
            request.target,
            entry.name,
            request.settings,
            test=request.test,
            seed=request.seed,
            record=request.replay is not None,
            observers=(interrupts, progress),
        )
        _keep(result, request)
    return result


def _keep(result: "Result", request: Request) -> None:
    if request.out is not None:
        from diorama.persistence import save

        save(result.model, request.out)
    if request.replay is not None and result.recording is not None:
        result.recording.save(request.replay)


def _refuse_unwritable(path: str | None) -> None:
    from diorama._errors import UserError
    from diorama._files import why_not_writable

    if path is not None and (problem := why_not_writable(path)):
        raise UserError(problem)


def _refuse_ending(replay: str | None) -> None:
    if replay is None:
        return
    from diorama._errors import UserError
    from diorama.player.saving import ENDINGS

    if Path(replay).suffix.lower() not in (*ENDINGS, ".diorama"):
        raise UserError(f"a replay can be written as {', '.join(ENDINGS)}; {replay} has another ending.")
