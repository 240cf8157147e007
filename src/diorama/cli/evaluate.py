"""`diorama evaluate`: how good a kept model is on another table."""

from diorama.cli.options import Json, ModelFile, TableArgument, Target


def evaluate(model: ModelFile, table: TableArgument, target: Target = None, json: Json = False) -> None:
    """Score a kept model on a table that has the answers."""
    from diorama.cli.showing import console, number, print_json, print_notes
    from diorama.workbench import evaluate as score
    from diorama.workbench import load_model, read_table

    kept = load_model(model)
    result = score(kept, read_table(table), target)
    if json:
        print_json(
            {
                "model": kept.model,
                "task": kept.task,
                "n_rows": result.n_rows,
                **result.values,
                "notes": list(result.notes),
            }
        )
        return
    screen = console()
    of = f" of {target or kept.target}" if kept.target else ""
    screen.print(f"{kept.model}{of} on {result.n_rows:,} rows:", style="bold", markup=False)
    for metric in result.metrics:
        better = "higher" if metric.higher_is_better else "lower"
        screen.print(f"  {metric.name}: {number(result.values[metric.name])} ({better} is better)", markup=False)
    screen.print()
    print_notes(screen, "How it was reached", [*result.notes, *kept.preparation.notes_])
