"""`diorama datasets`: the tables that need no file."""

from diorama.cli.options import Json


def datasets(json: Json = False) -> None:
    """List the built-in data sets, with what each is about and its target."""
    from diorama.cli.showing import console, print_json
    from diorama.datasets import BUILT_IN

    if json:
        print_json({"datasets": [data._asdict() for data in BUILT_IN.values()]})
        return
    from rich import box
    from rich.table import Table

    table = Table(box=box.SIMPLE_HEAD, pad_edge=False)
    for title in ("name", "target", "task", "rows", "columns", "about"):
        table.add_column(title, justify="right" if title in {"rows", "columns"} else "left")
    for data in BUILT_IN.values():
        table.add_row(data.name, data.target, data.task, f"{data.rows:,}", str(data.columns), data.about)
    screen = console()
    screen.print(table)
    screen.print("Try: diorama fit iris --model CARTClassifier", markup=False)
