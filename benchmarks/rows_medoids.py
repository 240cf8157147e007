"""k-medoids beside the package kmedoids: distances and swaps, each with its own random start."""

from functools import partial
from typing import Any

import numpy as np
from kmedoids import KMedoids as Peer

from benchmarks.harness import OURS, Row
from diorama.clustering import KMedoids


def _rows(n: int, d: int, k: int) -> Any:
    return np.random.default_rng(0).normal(size=(n, d)), k


def _row(n: int, d: int, k: int) -> Row:
    return Row(
        f"k-medoids {n} x {d}, k = {k}",
        partial(_rows, n, d, k),
        {
            OURS: lambda data: KMedoids(data[1], init="random", random_state=0).fit(data[0]),
            "kmedoids": lambda data: Peer(data[1], metric="euclidean", method="fasterpam", random_state=0).fit(data[0]),
        },
        lambda fitted, data: fitted.inertia_,
        "sum of distances",
        lower_is_better=True,
        tolerance=2e-2,  # each draws its own start and ends in its own minimum
    )


ROWS: list[Row] = [_row(200, 2, 3), _row(3_000, 10, 10), _row(3_000, 10, 50)]
