"""`diorama concept`: a concept's page in the terminal."""

from typing import Annotated

import typer

from diorama.cli.options import Json


def concept(
    slug: Annotated[str, typer.Argument(metavar="SLUG", help="The concept's short name, such as k-means.")],
    json: Json = False,
) -> None:
    """Explain a concept: the idea, the mathematics, when to use it."""
    from diorama.cli.showing import console, print_json
    from diorama.reference import concept as find

    page = find(slug)
    if json:
        print_json({"slug": slug, "title": page.title, "summary": page.summary, "sections": dict(page.sections)})
        return
    from rich.markdown import Markdown

    screen = console()
    screen.print(Markdown(f"# {page.title}\n\n{page.summary}"))
    for title, text in page.sections.items():
        screen.print(Markdown(f"## {title}\n\n{text}"))
    screen.print(f"\nWith its moving picture: diorama serve --open, then {slug}", markup=False)
