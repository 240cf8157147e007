"""How each family's time grows with the number of rows: three sizes or more, and the exponent (log-log slope)."""

import statistics
import time
import warnings
from importlib import import_module

import numpy as np

from benchmarks.startup import MODELS

SIZES = (2_000, 20_000, 200_000)


def _median_fit(model, X, y, repeats: int = 3) -> float:
    times = []
    for _ in range(repeats):
        before = time.perf_counter()
        model.fit(X, y)
        times.append(time.perf_counter() - before)
    return statistics.median(times)


def rows() -> list[tuple[str, list[float], float]]:
    """(model, seconds at each of SIZES, exponent)."""
    random = np.random.default_rng(0)
    X = random.normal(size=(max(SIZES), 10))
    y = (X[:, 0] + random.normal(size=len(X)) > 0).astype(int)
    found = []
    for path in MODELS:
        room, name = path.split(":")
        model = getattr(import_module(room), name)()
        if "random_state" in model.get_params():
            model.set_params(random_state=0)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X[:2000], y[:2000])
            seconds = [_median_fit(model, X[:n], y[:n]) for n in SIZES]
        exponent = float(np.polyfit(np.log(SIZES), np.log(seconds), 1)[0])
        found.append((name, seconds, exponent))
    return found
