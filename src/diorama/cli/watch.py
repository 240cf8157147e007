"""`diorama watch`: fit, and open the moving picture of it."""

from diorama.cli.options import ModelName, Out, Seed, Settings, TableArgument, Target, Test, parsed_settings


def watch(
    table: TableArgument,
    target: Target = None,
    model: ModelName = None,
    settings: Settings = None,
    test: Test = 0.25,
    seed: Seed = 0,
    out: Out = None,
) -> None:
    """Fit a model to a table and watch in the browser how it learned."""
    import tempfile
    import webbrowser
    from pathlib import Path

    from diorama.cli.fit import report
    from diorama.cli.fitting import Request, carry_out

    # the file stays after this process ends, for the browser may only then come to read it
    replay = Path(tempfile.mkdtemp(prefix="diorama-")) / "replay.html"
    request = Request(table, target, model, parsed_settings(settings), test, seed, out, str(replay))
    report(carry_out(request), request)
    webbrowser.open(replay.as_uri())
