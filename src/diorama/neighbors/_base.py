"""What the three models of neighbours share: rows kept for later, and a search through them."""

import warnings
from collections.abc import Callable
from numbers import Integral, Real
from typing import Any

import numpy as np
from scipy import sparse
from sklearn.base import BaseEstimator
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import check_is_fitted, check_non_negative, validate_data

from diorama._iterate import Fit, show
from diorama._kd_tree import KDTree
from diorama._typing import Array
from diorama.neighbors._metric import Metric
from diorama.neighbors._product import ProductIndex
from diorama.neighbors._search_states import MOST_STATES, Index, building, searching
from diorama.neighbors._table import TableIndex
from diorama.neighbors._tree import TreeIndex

# above so many features, boxes no longer keep a search away from most rows; up to so few, they do
TREE_UP_TO, SURELY_UP_TO = 15, 5
# a search that reads a larger share of all rows leaf by leaf takes longer than products with all of them
READ_AT_MOST = 0.08
PROBES = 16
NOBODY = np.empty(0)


class NeighborsBase(BaseEstimator):
    """Keeps the rows of a fit and finds the nearest of them to others."""

    _parameter_constraints = {
        "n_neighbors": [Interval(Integral, 1, None, closed="left")],
        "algorithm": [StrOptions({"auto", "ball_tree", "kd_tree", "brute"})],
        "leaf_size": [Interval(Integral, 1, None, closed="left")],
        "p": [Interval(Real, 0, None, closed="right")],
        "metric": [str, callable],
        "metric_params": [dict, None],
        "n_jobs": [Integral, None],
    }

    n_neighbors: int
    algorithm: str
    leaf_size: int
    p: float
    metric: str | Callable[..., float]
    metric_params: dict[str, Any] | None
    n_jobs: int | None
    n_samples_fit_: int
    n_features_in_: int
    effective_metric_: str | Callable[..., float]
    effective_metric_params_: dict[str, Any]
    _index: Index
    _metric: Metric
    _rows: Any

    def _keep(self, X: Any, targets: Any) -> None:
        """Index validated rows; `targets` as the user gave them, for those who watch."""
        metric = Metric.of(self.metric, self.p, self.metric_params)
        if metric.kind == "precomputed":
            _check_square(X, type(self).__name__)
        index = self._indexed(X, metric)
        self._metric, self._index, self._rows = metric, index, X
        self.effective_metric_ = metric.name
        self.effective_metric_params_ = metric.options
        total = index.tree.levels + 1 if isinstance(index, TreeIndex) else 1
        # until all is done, a fit that somebody cancels leaves nothing to ask
        self.__dict__.pop("n_samples_fit_", None)
        show(lambda: building(index, metric, X.shape[0]), total=total, fit=Fit(self, X, targets))
        self.n_samples_fit_ = X.shape[0]

    def _indexed(self, X: Any, metric: Metric) -> Index:
        if metric.kind in ("precomputed", "other"):
            self._refuse_tree(f"the metric {self.metric!r}")
            name = "precomputed" if metric.kind == "precomputed" else metric.name
            return TableIndex(X, name, metric.p, metric.options)
        rows = metric.prepared(X)
        if sparse.issparse(rows):
            if self.algorithm in ("kd_tree", "ball_tree"):
                warnings.warn("sparse rows have no tree: every distance is measured instead.", stacklevel=4)
            return TableIndex(rows, "minkowski", metric.p, {})
        if metric.kind == "cosine":
            self._refuse_tree("the cosine")
            return ProductIndex.build(rows)
        n, n_features = X.shape
        small = n_features <= TREE_UP_TO and 2 * self.n_neighbors < n
        # without a matrix product to lean on, a tree is the better bet in any dimension
        in_tree = small or metric.p != 2
        if self.algorithm == "kd_tree" or (self.algorithm != "brute" and in_tree):
            tree = KDTree.build(rows, self.leaf_size)
            certain = self.algorithm == "kd_tree" or metric.p != 2 or n_features <= SURELY_UP_TO
            if certain or self._reads_few(tree):
                return TreeIndex(tree, metric.p)
        if metric.p == 2:
            return ProductIndex.build(rows)
        return TableIndex(np.ascontiguousarray(rows, dtype=np.float64), "minkowski", metric.p, {})

    def _reads_few(self, tree: KDTree) -> bool:
        """Whether boxes keep a search away from most rows: that depends on how the rows lie, so some are looked for."""
        n = len(tree.points)
        probes = tree.points[np.linspace(0, n - 1, PROBES).astype(int)]
        return bool(np.mean([tree.read(probe, self.n_neighbors) for probe in probes]) <= READ_AT_MOST * n)

    def _refuse_tree(self, what: str) -> None:
        if self.algorithm in ("kd_tree", "ball_tree"):
            raise ValueError(
                f"algorithm={self.algorithm!r} cannot search by {what}: its boxes bound Minkowski distances alone; "
                "use algorithm='auto' or 'brute'."
            )

    def kneighbors(self, X: Any = None, n_neighbors: int | None = None, return_distance: bool = True) -> Any:
        """The nearest rows of the fit to each row of `X` (n_queries, n_features).

        Parameters
        ----------
        X : array-like or sparse matrix, default=None
            Queries; the distances (n_queries, n_samples_fit_) for metric "precomputed". None asks for the neighbours of
            the fit's own rows, none of which is its own neighbour.
        n_neighbors : int, default=None
            How many; None takes the estimator's.
        return_distance : bool, default=True
            Whether distances come along.

        Returns
        -------
        distances : array of shape (n_queries, n_neighbors)
            Nearest first; only with `return_distance`.
        indices : array of shape (n_queries, n_neighbors)
            Row numbers of the fit; of equally near rows the one with the smaller number comes first.
        """
        queries, k = self._asked(X, n_neighbors)
        found = self._nearest(queries, k, own=X is None)
        self._show_search(queries, found, NOBODY)
        return found if return_distance else found[1]

    def kneighbors_graph(self, X: Any = None, n_neighbors: int | None = None, mode: str = "connectivity") -> Any:
        """Who is near whom as a sparse table (n_queries, n_samples_fit_): 1, or with mode "distance" how far."""
        if mode not in ("connectivity", "distance"):
            raise ValueError(f"mode must be 'connectivity' or 'distance'; got {mode!r}.")
        distances, rows = self.kneighbors(X, n_neighbors)
        starts = np.arange(len(rows) + 1) * rows.shape[1]
        values = distances if mode == "distance" else np.ones_like(distances)
        return sparse.csr_matrix((values.ravel(), rows.ravel(), starts), shape=(len(rows), self.n_samples_fit_))

    def neighbors_at(self, points: Array) -> tuple[Array, Array]:
        """Distances and rows nearest to plain points (n, n_features), of which observers hear nothing."""
        return self._nearest(points, min(self.n_neighbors, self.n_samples_fit_), own=False)

    def _asked(self, X: Any, n_neighbors: int | None) -> tuple[Any, int]:
        """Validated queries, in the user's units, and how many neighbours each is to have."""
        check_is_fitted(self, "n_samples_fit_")
        k: Any = self.n_neighbors if n_neighbors is None else n_neighbors
        if not isinstance(k, int | np.integer):
            raise TypeError(f"n_neighbors must be a whole number; got {k!r}.")
        if k < 1:
            raise ValueError(f"n_neighbors must be at least 1; got {k}.")
        there = self.n_samples_fit_ - (X is None)
        if k > there:
            raise ValueError(
                f"Expected n_neighbors <= n_samples_fit: {k} neighbours are asked for and {there} rows can be some; "
                "lower n_neighbors."
            )
        return self._queries(X), int(k)

    def _queries(self, X: Any) -> Any:
        if X is None:
            return self._rows
        X = validate_data(self, X, accept_sparse="csr", dtype=[np.float64, np.float32], order="C", reset=False)
        if self._metric.kind == "precomputed":
            check_non_negative(X, type(self).__name__)
        return X

    def _nearest(self, queries: Any, k: int, *, own: bool) -> tuple[Array, Array]:
        searched = self._searched(queries)
        if not own:
            distances, rows = self._index.nearest(searched, k)
            return self._metric.reported(distances), rows
        distances, rows = self._index.nearest(searched, k + 1)
        # a row that many others equal may not be among its own nearest: then the farthest is left out instead
        mine = rows == np.arange(len(rows))[:, None]
        mine[~mine.any(axis=1), -1] = True
        shape = (len(rows), k)
        return self._metric.reported(distances[~mine].reshape(shape)), rows[~mine].reshape(shape)

    def _searched(self, queries: Any) -> Any:
        searched = self._metric.queried(queries)
        dense_rows = isinstance(self._index, TreeIndex | ProductIndex)
        if sparse.issparse(searched) and (dense_rows or self._metric.kind == "precomputed"):
            return searched.toarray()
        return searched

    def _show_search(self, queries: Any, found: tuple[Array, Array], weights: Array, targets: Any = None) -> None:
        """Tell who watches how the first query was searched; `weights` (n_queries, k) once there is a vote."""
        if len(found[1]) == 0:
            return

        def states() -> Any:
            first = queries[:1]
            shown = np.asarray(first.toarray() if sparse.issparse(first) else first, dtype=float)[0]
            say = weights[0] if len(weights) else NOBODY
            best = found[0][0], found[1][0]
            return searching(self._index, self._metric, self._searched(first), shown, best, say)

        which = f"the first of {len(found[1])} queries" if len(found[1]) > 1 else "one query"
        show(states, total=MOST_STATES, fit=Fit(self, self._rows, targets, which))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = True
        tags.input_tags.pairwise = self.metric == "precomputed"
        tags.input_tags.positive_only = tags.input_tags.pairwise
        return tags


def _check_square(X: Any, name: str) -> None:
    if sparse.issparse(X):
        raise ValueError("metric='precomputed' takes a dense table of distances; use X.toarray().")
    if X.shape[0] != X.shape[1]:
        raise ValueError(
            f"metric='precomputed' needs the distances between all rows of the fit, a square table; got {X.shape}."
        )
    check_non_negative(X, name)
