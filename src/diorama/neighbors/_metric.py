"""Which way of measuring a name means, and which search can use it."""

import math
from collections.abc import Callable
from typing import Any, NamedTuple

import numpy as np
from scipy import sparse
from sklearn.preprocessing import normalize

from diorama._typing import Array
from diorama._validation import did_you_mean

# names of the Minkowski family and their order
ORDERS = {
    "euclidean": 2.0,
    "l2": 2.0,
    "manhattan": 1.0,
    "l1": 1.0,
    "cityblock": 1.0,
    "chebyshev": math.inf,
    "infinity": math.inf,
}
SCIPY = ("braycurtis", "canberra", "correlation", "dice", "hamming", "jaccard", "mahalanobis")
OTHERS = (*SCIPY, "rogerstanimoto", "russellrao", "seuclidean", "sokalsneath", "sqeuclidean", "yule")
# what scikit-learn's pairwise_distances has its own functions for, named here so that they need not be loaded
PAIRWISE = ("cityblock", "cosine", "euclidean", "haversine", "l1", "l2", "manhattan", "nan_euclidean", "precomputed")
KNOWN = tuple(sorted({"minkowski", "p", *ORDERS, *OTHERS, *PAIRWISE}))


class Metric(NamedTuple):
    """A resolved way of measuring."""

    kind: str  # "minkowski", "cosine", "precomputed" or "other"
    p: float  # order of a Minkowski distance (2 for the cosine, which is searched among unit rows)
    name: str | Callable[..., float]
    options: dict[str, Any]  # what else the function takes

    @classmethod
    def of(cls, name: Any, p: float, options: dict[str, Any] | None) -> "Metric":
        """The metric of these parameters of an estimator; ValueError for a name that nobody knows."""
        given = dict(options or {})
        if isinstance(name, str) and name not in KNOWN:
            raise ValueError(f"metric={name!r} is unknown; {did_you_mean(name, KNOWN)}")
        if name in ("minkowski", "p"):
            order = float(given.pop("p", p))
            if not order > 0:
                raise ValueError(f"p must be above 0; got {order}.")
            if not given:
                return cls("minkowski", order, name, {"p": order})
            return cls("other", order, "minkowski", {**given, "p": order})
        if name in ORDERS and not given:
            return cls("minkowski", ORDERS[name], name, {})
        if name in ("cosine", "precomputed"):
            return cls(str(name), 2.0, name, {})
        return cls("other", 2.0, name, given)

    def prepared(self, X: Any) -> Any:
        """Rows as they are searched: for the cosine of length 1, everything else as it is.

        Between unit rows the square of Euclid's distance is twice the cosine distance. A row of zeros has no direction
        and is 1 away from all: it gets a direction of its own, see `queried`.
        """
        return _unit(X, 0) if self.kind == "cosine" else X

    def queried(self, X: Any) -> Any:
        """Queries as they are searched; zero queries have a direction other than zero rows."""
        return _unit(X, 1) if self.kind == "cosine" else X

    def reported(self, distances: Array) -> Array:
        """Distances as the user knows them from those of the search."""
        return 0.5 * distances * distances if self.kind == "cosine" else distances

    def searched(self, radius: float) -> float:
        """The radius of the search for a radius of the user's."""
        return math.sqrt(2.0 * radius) if self.kind == "cosine" else radius


def _unit(X: Any, side: int) -> Any:
    """Rows of length 1, with two more columns in which a row of zeros can stand: at 1 in that of its `side`."""
    unit = normalize(sparse.csr_array(X, dtype=np.float64) if sparse.issparse(X) else np.asarray(X, dtype=np.float64))
    extra = np.zeros((unit.shape[0], 2))
    length = np.asarray(abs(unit).sum(axis=1)).ravel()
    extra[:, side] = length == 0
    if sparse.issparse(unit):
        return sparse.csr_array(sparse.hstack([unit, sparse.csr_array(extra)], format="csr"))
    return np.hstack([unit, extra])
