"""Training rows as a picture takes them: few enough, and every value there."""

import warnings
from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np

from diorama._iterate import Fit
from diorama._typing import Array
from diorama.scenes.parts import sample_rows

# fits on more rows are drawn and judged on a sample
ROWS = 2_000


def drawn_rows(n: int) -> Array:
    """Which of `n` rows `drawn` keeps."""
    return sample_rows(n, ROWS)[0]


def drawn(fit: Fit) -> Fit:
    """At most so many rows, missing values where the median is: a picture has no place for what is not there."""
    rows = drawn_rows(len(fit.X))
    X = np.asarray(fit.X, dtype=float)[rows]
    if np.isnan(X).any():
        middle = np.zeros(X.shape[1])
        some = ~np.isnan(X).all(axis=0)
        middle[some] = np.nanmedian(X[:, some], axis=0)
        X = np.where(np.isnan(X), middle, X)
    return fit._replace(X=X, y=np.asarray(fit.y)[rows])


@contextmanager
def nameless() -> Iterator[None]:
    """Models that were fitted to named columns are asked about points of a plane, which have none."""
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="X does not have valid feature names")
        yield
