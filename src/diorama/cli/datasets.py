"""`diorama datasets`: the tables that need no file."""

from diorama.cli.options import Json


def datasets(json: Json = False) -> None:
    """List the built-in data sets, with what each is about and its target."""
    from diorama.cli.showing import console, print_json
    from diorama.datasets import BUILT_IN

    if json:
        print_json({"datasets": [data._asdict() for data in BUILT_IN.values()]})
        return
    screen = console()
    for data in BUILT_IN.values():
        screen.print(f"{data.name}", style="bold", markup=False)
        screen.print(f"  {data.about}", markup=False)
        screen.print(f"  {data.rows:,} rows, {data.columns} columns; target {data.target} ({data.task})", markup=False)
    screen.print("\nTry: diorama fit iris --model CARTClassifier", markup=False)
