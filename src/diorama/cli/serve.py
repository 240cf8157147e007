"""`diorama serve`: the app in the browser."""

from typing import Annotated

import typer


def serve(
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on 127.0.0.1; 0 takes any that is free.")] = 8765,
    open: Annotated[bool, typer.Option("--open", help="Open the browser.")] = False,
) -> None:
    """Start the app: the concepts with their live pictures, and the Lab."""
    from diorama.app import serve as run
    from diorama.cli import garbage

    garbage.for_a_server()
    run(port=port, open_browser=open)
