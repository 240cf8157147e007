"""`diorama predict`: what a kept model says of another table."""

from typing import Annotated

import typer

from diorama.cli.options import Json, ModelFile, TableArgument


def predict(
    model: ModelFile,
    table: TableArgument,
    probabilities: Annotated[bool, typer.Option("--probabilities", help="Add a column for each class.")] = False,
    out: Annotated[
        str | None,
        typer.Option(metavar="FILE", help="Write the table with the predictions here (.csv, .parquet, .jsonl)."),
    ] = None,
    json: Json = False,
) -> None:
    """Predict each row of a table with a kept model; prints CSV."""
    import sys

    from diorama.cli.showing import print_json
    from diorama.workbench import load_model, predictions, read_table, refuse_unwritable_table, write_table

    if out is not None:
        refuse_unwritable_table(out)
    predicted = predictions(load_model(model), read_table(table), probabilities=probabilities)
    for note in predicted.notes:
        typer.echo(f"diorama: {note}", err=True)
    if out is not None:
        write_table(predicted.joined, out)
    if json:
        print_json({"n_rows": predicted.frame.height, "predictions": predicted.frame.to_dicts(), "out": out})
    elif out is not None:
        typer.echo(f"{predicted.frame.height} rows with their predictions are in {out}.")
    else:
        sys.stdout.write(predicted.frame.write_csv())
