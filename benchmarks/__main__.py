"""`make bench`: every row. `python -m benchmarks k-means` runs those whose name has it."""

import os
import sys

# one number of threads for all contenders, set before any of them is imported
CORES = str(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1)
for variable in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMBA_NUM_THREADS"):
    os.environ.setdefault(variable, CORES)

from rich.console import Console  # noqa: E402 - the thread settings come first
from rich.table import Table  # noqa: E402

from benchmarks.harness import OURS, Result, measure  # noqa: E402
from benchmarks.rows import ROWS  # noqa: E402


def main(wanted: list[str]) -> int:
    """Measure the rows whose names contain one of `wanted` (all when none is given)."""
    console = Console()
    console.print(
        f"threads: {os.environ['OMP_NUM_THREADS']}; medians of 5 interleaved runs; ratio = best peer / diorama"
    )
    table = Table("row", "ms (diorama)", "ms (peers)", "ratio", "quality", "verdict")
    for row in ROWS:
        if wanted and not any(word in row.name for word in wanted):
            continue
        result = measure(row)
        table.add_row(*_cells(result))
        console.print(f"{row.name}: {result.ratio:.2f} {result.verdict}")
    console.print(table)
    return 0


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
