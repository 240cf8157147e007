"""What being watchable costs an unwatched fit: the loop's own time for a step, as a share of real fits."""

import statistics
import time
import warnings
from importlib import import_module

import numpy as np

from benchmarks.startup import MODELS
from diorama._iterate import Fit, iterate

STEPS = 200_000


def _bare_loop(state, step, done, max_iter):
    for iteration in range(1, max_iter + 1):
        previous, state = state, step(state)
        if done(previous, state):
            return state, iteration
    return state, max_iter


def seconds_per_step() -> float:
    """Time that the watchable loop adds to each step of a plain one, in seconds (median of 7 pairs, in turns)."""

    def step(x):
        return x + 1

    def done(previous, state):
        return False

    differences = []
    for _ in range(7):
        before = time.perf_counter()
        _bare_loop(0, step, done, STEPS)
        between = time.perf_counter()
        iterate(0, step, done, max_iter=STEPS, fit=Fit(None))
        differences.append((time.perf_counter() - between) - (between - before))
    return max(statistics.median(differences), 0.0) / STEPS


def rows() -> list[tuple[str, float]]:
    """(model, share of its fit that the loop's watching costs when nobody watches) on a tiny table, the worst case."""
    extra = seconds_per_step()
    random = np.random.default_rng(0)
    X = random.normal(size=(200, 4))
    y = (X[:, 0] + random.normal(size=200) > 0).astype(int)
    found = []
    for path in MODELS:
        room, name = path.split(":")
        model = getattr(import_module(room), name)()
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            model.fit(X, y)
            times = []
            for _ in range(5):
                before = time.perf_counter()
                model.fit(X, y)
                times.append(time.perf_counter() - before)
        steps = int(np.max(getattr(model, "n_iter_", 1)))
        found.append((f"{name}, {steps} steps on 200 x 4", extra * steps / statistics.median(times)))
    return found
