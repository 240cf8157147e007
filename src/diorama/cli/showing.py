"""How results look in a terminal: the answer first, then how it was reached, then what to try next."""

import json
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING, Any

import typer

if TYPE_CHECKING:
    from rich.console import Console

    from diorama.workbench import Metric, Result, Score

# columns of a terminal below which a table of scores becomes a list
NARROW = 76


def console() -> "Console":
    """Standard output: colours only in a terminal that wants them, wrapped at its width, 80 in a pipe."""
    from rich.console import Console

    return Console(highlight=False, soft_wrap=False)


def print_json(document: dict[str, Any]) -> None:
    """One document, its numbers as they are; what is not defined is null."""
    typer.echo(json.dumps(document, ensure_ascii=False, indent=2, allow_nan=False, default=str))


def number(value: float | None) -> str:
    """A score with as many digits as mean something."""
    if value is None:
        return "\N{EN DASH}"
    if abs(value) >= 1e7:
        return f"{value:.3g}"
    return f"{value:,.3f}" if abs(value) < 1_000 else f"{value:,.0f}"


def duration(seconds: float) -> str:
    """Seconds as a person says them."""
    if seconds < 1:
        return f"{seconds * 1_000:.3g} ms"
    return f"{seconds:.2f} s" if seconds < 60 else f"{seconds / 60:.1f} min"


def print_scores(out: "Console", metrics: Sequence["Metric"], scores: Iterable["Score"]) -> None:
    """One row a model, one column a metric; the arrow says which way is better."""
    from rich import box
    from rich.table import Table

    if out.width < NARROW:
        _print_scores_as_lines(out, metrics, scores)
        return
    table = Table(box=box.SIMPLE_HEAD, pad_edge=False, collapse_padding=True)
    # where it is narrow the names take more lines, never the numbers
    table.add_column("")
    for metric in metrics:
        arrow = "\N{UPWARDS ARROW}" if metric.higher_is_better else "\N{DOWNWARDS ARROW}"
        header = f"{metric.name} {arrow}" if len(metrics) < 4 else f"{metric.name.replace(' ', chr(10))} {arrow}"
        table.add_column(header, justify="right", no_wrap=True)
    table.add_column("fit", justify="right", no_wrap=True)
    for score in scores:
        style = "bold" if score.who == "ours" else ""
        cells = [number(score.values.get(metric.name)) for metric in metrics]
        table.add_row(score.name, *cells, duration(score.seconds), style=style)
    out.print(table)


def _print_scores_as_lines(out: "Console", metrics: Sequence["Metric"], scores: Iterable["Score"]) -> None:
    for score in scores:
        out.print(score.name, style="bold" if score.who == "ours" else "", markup=False)
        for metric in metrics:
            out.print(f"  {metric.name}: {number(score.values.get(metric.name))}", markup=False)
        out.print(f"  fit: {duration(score.seconds)}", markup=False)
    out.print()


def print_notes(out: "Console", title: str, notes: Sequence[str]) -> None:
    """A list under a title, or nothing."""
    if not notes:
        return
    from rich.padding import Padding
    from rich.text import Text

    out.print(Text(title, style="bold"))
    for note in notes:
        out.print(Padding(Text(note), (0, 0, 0, 2), expand=False))
    out.print()


def print_commands(out: "Console", title: str, commands: Sequence[str]) -> None:
    """Commands under a title, each on one line however long, to be copied."""
    out.print(title, style="bold", markup=False)
    for command in commands:
        out.print(f"  {command}", soft_wrap=True, markup=False)


def answer(result: "Result") -> str:
    """The result in one sentence."""
    metric = result.metrics[0]
    ours = result.scores[0]
    rivals = ", ".join(f"{score.name} {number(score.values[metric.name])}" for score in result.scores[1:])
    value = f"{metric.name} {number(ours.values[metric.name])}"
    if result.task == "clustering":
        return f"{ours.name} groups {result.n_train:,} rows: {value} ({rivals})."
    return f"{ours.name} predicts {result.target} of {result.n_test:,} rows it has not seen: {value} ({rivals})."


def result_document(result: "Result", **more: Any) -> dict[str, Any]:
    """A result as plain data."""
    return {
        "model": result.model.model,
        "task": result.task,
        "target": result.target,
        "n_train": result.n_train,
        "n_test": result.n_test,
        "scores": [
            {"who": score.who, "name": score.name, "seconds": score.seconds, **score.values} for score in result.scores
        ],
        "notes": list(result.notes),
        "code": result.code,
        **more,
    }
