"""Principal components beside their peers."""

from functools import partial
from typing import Any

import numpy as np
import sklearnex.decomposition as intelex
from sklearn import decomposition

from benchmarks.harness import OURS, Row
from diorama.decomposition import PCA


def _rows(n: int, d: int) -> Any:
    random = np.random.default_rng(0)
    return random.normal(size=(n, d)) @ np.diag(np.linspace(3, 1, d))


def _row(n: int, d: int, k: int) -> Row:
    return Row(
        f"PCA {k} of {n} x {d}",
        partial(_rows, n, d),
        {
            OURS: lambda X: PCA(k, random_state=0).fit(X),
            "scikit-learn": lambda X: decomposition.PCA(k, random_state=0).fit(X),
            "intelex": lambda X: intelex.PCA(k, svd_solver="covariance_eigh", random_state=0).fit(X),
        },
        lambda fitted, X: float(fitted.explained_variance_ratio_.sum()),
        "share of the variance",
    )


ROWS: list[Row] = [_row(200, 5, 2), _row(100_000, 60, 10), _row(2_000, 400, 10)]
