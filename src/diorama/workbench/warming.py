"""Tiny fits that pass through every kernel once, so that they are compiled and on the disk."""

import warnings
from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

import numpy as np

from diorama.workbench.models import MODELS, ModelEntry

# settings that reach kernels which the defaults do not
_VARIANTS: Mapping[str, tuple[Mapping[str, Any], ...]] = {
    "CARTClassifier": ({}, {"criterion": "entropy"}, {"ccp_alpha": 0.01}),
    "CARTRegressor": ({}, {"criterion": "absolute_error"}),
    "GradientDescentClassifier": ({"max_iter": 3}, {"max_iter": 3, "batch_size": 16}),
    "GradientDescentRegressor": ({"max_iter": 3}, {"max_iter": 3, "batch_size": 16}),
    "LogisticRegression": ({}, {"l1_ratio": 1.0, "solver": "saga", "max_iter": 5}),
    "KMeans": ({"n_clusters": 3}, {"n_clusters": 3, "init": "random"}),
}


def steps() -> list[tuple[str, Callable[[], None]]]:
    """What there is to compile, as a name and a call each."""
    return [
        (f"{entry.name} ({np.dtype(kind).name})", partial(_fit, entry, settings, kind))
        for entry in MODELS.values()
        for settings in _VARIANTS.get(entry.name, ({},))
        for kind in (np.float64, np.float32)
    ]


def _fit(entry: ModelEntry, settings: Mapping[str, Any], kind: type[Any]) -> None:
    random = np.random.default_rng(0)
    with warnings.catch_warnings(action="ignore"):
        # few rows and many: some models choose their way by size
        for n_samples, n_features in ((60, 3), (5_000, 12)):
            X = random.normal(size=(n_samples, n_features)).astype(kind)
            n_classes = 2 if n_samples == 60 else 3
            y = X[:, 0].astype(kind) if entry.task == "regression" else np.arange(n_samples) % n_classes
            model = entry.make(settings)
            if model.__sklearn_tags__().input_tags.positive_only:
                X = np.abs(X)
            model.fit(X, y)
            if hasattr(model, "predict"):
                model.predict(X)
