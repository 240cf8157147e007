"""`diorama warmup`: compile everything now, so that nothing waits later."""


def warmup() -> None:
    """Compile the kernels of every model once; later runs take them from the disk."""
    import sys
    import time

    from rich.progress import Progress

    from diorama.cli.showing import console, duration
    from diorama.workbench.warming import steps

    start = time.perf_counter()
    todo = steps()
    with Progress(console=console(), transient=True, disable=not sys.stdout.isatty()) as progress:
        task = progress.add_task("compiling", total=len(todo))
        for name, compile_it in todo:
            progress.update(task, description=f"compiling {name}")
            compile_it()
            progress.advance(task)
    console().print(f"Compiled {len(todo)} fits in {duration(time.perf_counter() - start)}; they are kept on the disk.")
