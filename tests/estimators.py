"""All estimators of the package, found by themselves, and small data that fits each."""

from importlib import import_module
from typing import Any, NamedTuple

import numpy as np
from sklearn.base import BaseEstimator, is_classifier, is_regressor

ROOMS = ("bayes", "clustering", "decomposition", "ensembles", "linear", "neighbors", "svm", "trees")


# of those whose work grows faster than the rows, fewer rows are enough
ROWS_WORTH_THREADS = {
    **dict.fromkeys(("AgglomerativeClustering", "KMedoids", "MeanShift", "OPTICS", "SVC", "SVR"), 2_500),
    **dict.fromkeys(("HDBSCAN", "ID3Classifier", "TSNE"), 1_000),
    **dict.fromkeys(("AdaBoostRegressor", "RandomForestClassifier", "RandomForestRegressor"), 5_000),
}


class Problem(NamedTuple):
    X: np.ndarray
    y: np.ndarray | None


def all_estimators() -> list[type[BaseEstimator]]:
    """Every public estimator class, in the order of its name."""
    modules = [import_module(f"diorama.{room}") for room in ROOMS]
    public = {getattr(module, name) for module in modules for name in module.__all__}
    classes = {item for item in public if isinstance(item, type) and issubclass(item, BaseEstimator)}
    return sorted(classes, key=lambda estimator: estimator.__name__)


def small_problem(estimator: BaseEstimator, n: int = 300, dtype: Any = np.float64) -> Problem:
    """Rows that no model of this kind finds trivial: overlapping classes, a noisy line, blurred clusters."""
    random = np.random.default_rng(7)
    X = random.normal(size=(n, 4)).astype(dtype)
    if estimator.__sklearn_tags__().input_tags.positive_only:
        X = np.floor(np.exp(X))
    signal = X @ np.array([1.5, -2.0, 0.5, 0.0], dtype=dtype)
    if is_classifier(estimator):
        noisy = signal + random.logistic(size=n)
        return Problem(X, np.array(["low", "middle", "high"])[np.digitize(noisy, [-1.0, 1.0])])
    if is_regressor(estimator):
        return Problem(X, (signal + random.normal(size=n)).astype(dtype))
    return Problem(X + 3 * random.integers(0, 3, size=(n, 1)).astype(dtype), None)


def learned(estimator: BaseEstimator) -> dict[str, Any]:
    """What fitting left behind: the attributes that end in an underscore."""
    return {k: v for k, v in vars(estimator).items() if k.endswith("_") and not k.startswith("_")}


def same_bits(a: Any, b: Any) -> bool:
    """Whether two learned things are equal to the last bit, looking inside arrays, objects and containers."""
    if isinstance(a, np.ndarray):
        same_kind = isinstance(b, np.ndarray) and a.dtype == b.dtype and a.shape == b.shape
        if same_kind and a.dtype == object:
            return all(same_bits(x, y) for x, y in zip(a.flat, b.flat, strict=True))
        return same_kind and a.tobytes() == b.tobytes()
    if isinstance(a, dict):
        return set(a) == set(b) and all(same_bits(a[key], b[key]) for key in a)
    if isinstance(a, list | tuple):
        return len(a) == len(b) and all(same_bits(x, y) for x, y in zip(a, b, strict=True))
    if hasattr(a, "__dict__") and type(a).__module__.startswith("diorama"):
        return same_bits(vars(a), vars(b))
    return type(a) is type(b) and (a == b or (a != a and b != b))
