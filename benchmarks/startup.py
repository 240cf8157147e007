"""How long a newcomer waits: imports, help, the first fit of a fresh machine, a fit from the command line."""

import os
import statistics
import subprocess
import sys
import tempfile
import time

FIRST_FIT = """
import time, sys
started = time.perf_counter()
import numpy as np
from importlib import import_module
room, name = sys.argv[1].split(":")
model = getattr(import_module(room), name)()
X = np.random.default_rng(0).normal(size=(300, 4))
y = (X[:, 0] > 0).astype(int)
model.fit(X) if "clustering" in room else model.fit(X, y)
print(time.perf_counter() - started)
"""
MODELS = (
    "diorama.linear:LinearRegression",
    "diorama.linear:LogisticRegression",
    "diorama.linear:GradientDescentRegressor",
    "diorama.linear:GradientDescentClassifier",
    "diorama.clustering:KMeans",
    "diorama.trees:CARTClassifier",
    "diorama.trees:CARTRegressor",
)


def seconds(command: list[str], repeats: int = 5, **environment: str) -> float:
    """Median wall time of a command, its output thrown away."""
    times = []
    for _ in range(repeats):
        before = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True, env={**os.environ, **environment})
        times.append(time.perf_counter() - before)
    return statistics.median(times)


def first_fit(model: str, cache: str) -> float:
    """Seconds from the first import to a fitted model, in a process of its own with this folder of compiled kernels."""
    command = [sys.executable, "-c", FIRST_FIT, model]
    environment = {**os.environ, "NUMBA_CACHE_DIR": cache}
    return float(subprocess.run(command, check=True, capture_output=True, text=True, env=environment).stdout)


def rows() -> list[tuple[str, float, float]]:
    """(what, seconds, at most) for each thing that a newcomer waits for."""
    python, diorama = sys.executable, os.path.join(os.path.dirname(sys.executable), "diorama")
    bare = seconds([python, "-c", "pass"])
    found = [
        ("import diorama (beyond a bare python)", seconds([python, "-c", "import diorama"]) - bare, 0.1),
        ("diorama --help", seconds([diorama, "--help"]), 0.4),
        ("diorama fit iris, compiled before", seconds([diorama, "fit", "iris", "--model", "CARTClassifier"]), 2.5),
    ]
    for model in MODELS:
        with tempfile.TemporaryDirectory() as cache:
            name = model.split(":")[1]
            found.append((f"first fit of {name}, nothing compiled", first_fit(model, cache), 5.0))
            found.append((f"first fit of {name}, compiled before", first_fit(model, cache), 2.5))
    return found
