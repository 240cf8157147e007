"""`make bench`: every row. `python -m benchmarks k-means` runs those whose name has it."""

import os
import sys

# one number of threads for all contenders, set before any of them is imported
CORES = str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, CORES)

from rich.console import Console  # noqa: E402 - the thread settings come first
from rich.table import Table  # noqa: E402

from benchmarks import growth, overhead, startup  # noqa: E402
from benchmarks.harness import OURS, Result, measure  # noqa: E402
from benchmarks.rows import ROWS  # noqa: E402


def main(wanted: list[str]) -> int:
    """Measure the rows whose names contain one of `wanted` (all when none is given)."""
    console = Console(width=None if sys.stdout.isatty() else 120)

    def asked(name: str) -> bool:
        return not wanted or any(word in name for word in wanted)

    console.print(
        f"threads: {os.environ['OMP_NUM_THREADS']}; medians of 5 interleaved runs; ratio = best peer / diorama"
    )
    results = []
    for row in filter(lambda row: asked(row.name), ROWS):
        results.append(measure(row))
        console.print(f"{row.name}: {results[-1].ratio:.2f} {results[-1].verdict}")
    if results:
        console.print(_peers(results))
    for name, table in (("startup", _startup), ("overhead", _overhead), ("growth", _growth)):
        if asked(name):
            console.print(table())
    return 0


def _peers(results: list[Result]) -> Table:
    table = Table("row", "ms (diorama)", "ms (peers)", "ratio", "quality", "verdict", title="beside the peers")
    for result in results:
        table.add_row(*_cells(result))
    return table


def _startup() -> Table:
    table = Table("what", "seconds", "at most", title="startup")
    for what, seconds, limit in startup.rows():
        table.add_row(what, f"{seconds:.2f}", f"{limit:g}")
    return table


def _overhead() -> Table:
    table = Table("fit", "cost of the loop being watchable", title="overhead when nobody watches (at most 1 %)")
    for what, share in overhead.rows():
        table.add_row(what, f"{share:.3%}")
    return table


def _growth() -> Table:
    table = Table("model", "rows", "ms", "exponent", "peak MB", title="growth with the number of rows (10 columns)")
    for grown in growth.rows():
        sizes, times = (" / ".join(part) for part in zip(*_sizes_and_times(grown), strict=True))
        table.add_row(grown.name, sizes, times, f"{grown.exponent:.2f}", f"{grown.megabytes[-1]:.0f}")
    return table


def _sizes_and_times(grown: growth.Growth) -> list[tuple[str, str]]:
    return [(f"{n:,}", f"{s * 1e3:.1f}") for n, s in zip(grown.sizes, grown.seconds, strict=True)]


def _cells(result: Result) -> tuple[str, ...]:
    peers = sorted((name for name in result.seconds if name != OURS), key=result.seconds.__getitem__)
    return (
        result.row.name,
        f"{result.seconds[OURS] * 1e3:.1f}",
        "\n".join(f"{name} {result.seconds[name] * 1e3:.1f}" for name in peers),
        f"{result.ratio:.2f}",
        f"{result.row.measure} {result.quality[OURS]:.6g} (best peer {result.quality[result.best_peer]:.6g})",
        result.verdict,
    )


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
