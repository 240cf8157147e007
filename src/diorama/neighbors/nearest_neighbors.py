"""Nearest neighbours without a decision: who is near, and how far."""

from collections.abc import Callable
from numbers import Real
from typing import Any, Self

import numpy as np
from scipy import sparse
from sklearn.utils._param_validation import Interval
from sklearn.utils.validation import check_is_fitted, validate_data

from diorama._typing import Array
from diorama.neighbors._base import NeighborsBase
from diorama.neighbors._ragged import Ragged


class NearestNeighbors(NeighborsBase):
    r"""Finds the rows of the fit that are nearest to a query, or all within a radius [1]_.

    .. math:: d(x, y) = \Bigl(\sum_j |x_j - y_j|^p\Bigr)^{1/p}

    with :math:`p` as `p`: 1 is Manhattan, 2 Euclid, infinity (or metric "chebyshev") the largest gap. Ties go to the
    smaller row number, so that every way of searching, and any number of threads, gives the same answer.

    Parameters
    ----------
    n_neighbors : int, default=5
        How many neighbours `kneighbors` finds.
    radius : float, default=1.0
        How far `radius_neighbors` looks.
    algorithm : {"auto", "ball_tree", "kd_tree", "brute"}, default="auto"
        How it searches: by boxes in a tree, or by measuring all rows. "auto" takes the tree up to 15 features
        where searches for some of the rows read few others; "ball_tree" is taken for "auto". All find the same.
    leaf_size : int, default=30
        At most so many rows in a leaf of the tree.
    metric : str or callable, default="minkowski"
        "minkowski", "euclidean", "manhattan", "chebyshev", "cosine", "precomputed", any other name that
        `sklearn.metrics.pairwise_distances` knows, or a function of two rows. These last are measured pair by pair.
    p : float, default=2
        Order of the Minkowski distance.
    metric_params : dict, default=None
        What else the metric takes.
    n_jobs : int, default=None
        Taken and not needed: the environment variable DIORAMA_NUM_THREADS says how many threads work.

    Attributes
    ----------
    n_samples_fit_ : int
    effective_metric_ : str or callable
    effective_metric_params_ : dict

    Raises
    ------
    ValueError
        When numbers are missing or infinite, more neighbours are asked for than there are rows, or a tree is asked to
        search by a metric that its boxes cannot bound.

    References
    ----------
    .. [1] Friedman, Bentley and Finkel (1977), "An algorithm for finding best matches in logarithmic expected time",
       ACM Transactions on Mathematical Software 3(3).

    Examples
    --------
    >>> from diorama.neighbors import NearestNeighbors
    >>> distances, rows = NearestNeighbors(n_neighbors=2).fit([[0.0], [1.0], [5.0]]).kneighbors([[1.5]])
    >>> print(distances, rows)
    [[0.5 1.5]] [[1 0]]
    """

    _parameter_constraints = {
        **NeighborsBase._parameter_constraints,
        "radius": [Interval(Real, 0, None, closed="left")],
    }

    def __init__(
        self,
        *,
        n_neighbors: int = 5,
        radius: float = 1.0,
        algorithm: str = "auto",
        leaf_size: int = 30,
        metric: str | Callable[..., float] = "minkowski",
        p: float = 2,
        metric_params: dict[str, Any] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.radius = radius
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.metric = metric
        self.p = p
        self.metric_params = metric_params
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any = None) -> Self:
        """Keep the rows of `X` (n_samples, n_features), dense or sparse; `y` is not used."""
        self._validate_params()
        self._keep(validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], order="C"), None)
        return self

    def radius_neighbors(
        self, X: Any = None, radius: float | None = None, return_distance: bool = True, sort_results: bool = False
    ) -> Any:
        """All rows of the fit at most `radius` away from each row of `X` (None: from each of the fit's own).

        Returns
        -------
        distances : array of n_queries arrays
            Only with `return_distance`.
        indices : array of n_queries arrays
            Row numbers in rising order, or nearest first with `sort_results`.
        """
        if sort_results and not return_distance:
            raise ValueError("return_distance must be True if sort_results is True.")
        near = self._within(X, radius)
        if sort_results:
            near = near.by_distance()
        rows = near.lists(near.rows)
        return (near.lists(near.distances), rows) if return_distance else rows

    def radius_neighbors_graph(
        self, X: Any = None, radius: float | None = None, mode: str = "connectivity", sort_results: bool = False
    ) -> Any:
        """Who is within the radius of whom as a sparse table: 1, or with mode "distance" how far."""
        if mode not in ("connectivity", "distance"):
            raise ValueError(f"mode must be 'connectivity' or 'distance'; got {mode!r}.")
        near = self._within(X, radius)
        if sort_results:
            near = near.by_distance()
        values: Array = near.distances if mode == "distance" else np.ones_like(near.distances)
        return sparse.csr_matrix((values, near.rows, near.starts), shape=(len(near.starts) - 1, self.n_samples_fit_))

    def _within(self, X: Any, radius: float | None) -> Ragged:
        check_is_fitted(self, "n_samples_fit_")
        reach = float(self.radius if radius is None else radius)
        if not reach >= 0:
            raise ValueError(f"radius must not be negative; got {reach}.")
        near = self._index.within(self._searched(self._queries(X)), self._metric.searched(reach))
        near = near._replace(distances=self._metric.reported(near.distances))
        return near.only(near.rows != near.queries) if X is None else near
