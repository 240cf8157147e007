"""All commands under one name. What they need is imported when they run, so that help comes at once."""

from typing import Annotated

import typer

from diorama.cli import garbage
from diorama.cli.concept import concept
from diorama.cli.datasets import datasets
from diorama.cli.evaluate import evaluate
from diorama.cli.failing import Commands
from diorama.cli.fit import fit
from diorama.cli.models import models
from diorama.cli.predict import predict
from diorama.cli.serve import serve
from diorama.cli.warmup import warmup
from diorama.cli.watch import watch

app = typer.Typer(
    name="diorama",
    cls=Commands,
    help="Machine learning you can watch work: fit real models to tables, compare them, replay how they learned.",
    epilog="Start with: diorama watch iris --model CARTClassifier",
    no_args_is_help=True,
    # plain help comes three times as fast, and in any width
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)

for command in (fit, watch, predict, evaluate, models, datasets, concept, serve, warmup):
    app.command()(command)


def _version(wanted: bool) -> None:
    if wanted:
        from importlib.metadata import version

        typer.echo(f"diorama {version('diorama')}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool, typer.Option("--version", callback=_version, is_eager=True, help="Show the version and end.")
    ] = False,
    debug: Annotated[
        bool, typer.Option("--debug", help="When something goes wrong, show where in the code. Taken anywhere.")
    ] = False,
) -> None:
    """What goes before a command's name."""


def main() -> None:
    """The `diorama` script."""
    garbage.for_a_command()
    app(prog_name="diorama")
