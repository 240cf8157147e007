"""How each model's time and memory grow with the number of rows: the times, their exponent, and the peak.

Each model runs in a process of its own, size after size, so that its peak is its own. The exponent is the slope of the
logarithms of time and size.
"""

import json
import os
import subprocess
import sys
from typing import NamedTuple

import numpy as np

FIT = """
import json, resource, statistics, sys, time, warnings
from importlib import import_module
import numpy as np
path, settings, sizes = sys.argv[1], json.loads(sys.argv[2]), json.loads(sys.argv[3])
room, name = path.split(":")
kind = getattr(import_module(room), name)
random = np.random.default_rng(0)
X = random.normal(size=(max(sizes), 10))
X += 4 * random.integers(0, 5, (len(X), 1))
y = (X[:, 0] + random.normal(size=len(X)) > 8).astype(int)
warnings.simplefilter("ignore")
def fit(n, **more):
    model = kind(**settings)
    if "random_state" in model.get_params():
        model.set_params(random_state=0)
    rows = X[:n] if not hasattr(model, "alpha") or "NB" not in name else np.abs(X[:n])
    started = time.perf_counter()
    model.fit(rows, y[:n]) if hasattr(model, "score") and "cluster" not in room else model.fit(rows)
    if "Neighbors" in name:
        model.predict(rows[:2000])
    return time.perf_counter() - started
fit(min(sizes))
before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
for n in sizes:
    first = fit(n)
    seconds = first if first > 1 else statistics.median([first, fit(n), fit(n)])
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(json.dumps([n, seconds, (peak - before) / 1024]), flush=True)
"""


class Case(NamedTuple):
    """A model, and how many rows it is meant for."""

    path: str
    settings: dict[str, object]
    sizes: tuple[int, ...]


class Growth(NamedTuple):
    """What was measured."""

    name: str
    sizes: tuple[int, ...]
    seconds: list[float]
    megabytes: list[float]  # above what the process took before, at most so far
    exponent: float


MANY, SOME, FEW = (2_000, 20_000, 200_000), (1_000, 5_000, 20_000), (500, 1_000, 4_000)
CASES = (
    Case("diorama.linear:LinearRegression", {}, MANY),
    Case("diorama.linear:LogisticRegression", {}, MANY),
    Case("diorama.linear:GradientDescentRegressor", {}, MANY),
    Case("diorama.linear:GradientDescentClassifier", {}, MANY),
    Case("diorama.bayes:GaussianNB", {}, MANY),
    Case("diorama.neighbors:KNeighborsClassifier", {}, MANY),
    Case("diorama.svm:LinearSVC", {}, MANY),
    Case("diorama.svm:SVC", {}, FEW),
    Case("diorama.trees:CARTClassifier", {}, MANY),
    Case("diorama.trees:CARTRegressor", {}, MANY),
    Case("diorama.ensembles:RandomForestClassifier", {"n_estimators": 20}, MANY),
    Case("diorama.ensembles:AdaBoostClassifier", {"n_estimators": 20}, MANY),
    Case("diorama.ensembles:GradientBoostingClassifier", {"max_iter": 20, "early_stopping": False}, MANY),
    Case("diorama.clustering:KMeans", {}, MANY),
    Case("diorama.clustering:MiniBatchKMeans", {}, MANY),
    Case("diorama.clustering:GaussianMixture", {"n_components": 5}, MANY),
    Case("diorama.clustering:DBSCAN", {"eps": 1.5}, SOME),
    Case("diorama.clustering:HDBSCAN", {}, SOME),
    Case("diorama.clustering:OPTICS", {}, FEW),
    Case("diorama.clustering:MeanShift", {"bin_seeding": True, "bandwidth": 3.0}, SOME),
    Case("diorama.clustering:AgglomerativeClustering", {}, FEW),
    Case("diorama.clustering:KMedoids", {}, FEW),
    Case("diorama.decomposition:PCA", {"n_components": 3}, MANY),
    Case("diorama.decomposition:TSNE", {}, FEW),
)


def rows() -> list[Growth]:
    """Time, exponent and peak memory of every model."""
    return [measure(case) for case in CASES]


def measure(case: Case) -> Growth:
    """One model at all its sizes."""
    command = [sys.executable, "-c", FIT, case.path, json.dumps(case.settings), json.dumps(case.sizes)]
    done = subprocess.run(command, check=True, capture_output=True, text=True, env=dict(os.environ))
    found = [json.loads(line) for line in done.stdout.splitlines()]
    seconds = [float(second) for _, second, _ in found]
    exponent = float(np.polyfit(np.log(case.sizes), np.log(seconds), 1)[0])
    return Growth(case.path.split(":")[1], case.sizes, seconds, [float(peak) for *_, peak in found], exponent)
