"""Options that several commands take, each said once."""

from typing import Annotated

import typer

TableArgument = Annotated[
    str,
    typer.Argument(metavar="TABLE", help="CSV, TSV, Parquet or JSON-lines file, - for standard input, or a data set."),
]
ModelFile = Annotated[str, typer.Argument(metavar="MODEL", help="File that `diorama fit --out` wrote.")]
Target = Annotated[str | None, typer.Option(metavar="COLUMN", help="The column to predict.")]
ModelName = Annotated[
    str | None, typer.Option("--model", metavar="NAME", help="The model to fit; `diorama models` lists them.")
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", metavar="NAME=VALUE", help="A parameter of the model. May be repeated.")
]
Test = Annotated[float, typer.Option(help="Share of the rows held out to judge on.")]
Seed = Annotated[int, typer.Option(help="What decides everything random: same seed, same result.")]
Out = Annotated[str | None, typer.Option(metavar="FILE", help="Keep the fitted model here, for `diorama predict`.")]
Json = Annotated[bool, typer.Option("--json", help="Print one JSON document for a program to read.")]


def parsed_settings(settings: list[str] | None) -> dict[str, str]:
    """`["n_clusters=3"]` as a mapping; ParameterError for one without an equals sign, or given twice."""
    from diorama.workbench import ParameterError

    parsed: dict[str, str] = {}
    for setting in settings or []:
        name, equals, value = setting.partition("=")
        if not equals or not name.strip():
            raise ParameterError(f"--set {setting} says no value; write it as --set name=value.")
        if name.strip() in parsed:
            raise ParameterError(f"--set {name.strip()} is given twice; give it once.")
        parsed[name.strip()] = value
    return parsed
