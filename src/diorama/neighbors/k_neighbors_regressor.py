"""k nearest neighbours as a regression: the mean of what the nearest rows of the fit have."""

from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import validate_data

from diorama._typing import Array
from diorama.neighbors._base import NeighborsBase
from diorama.neighbors._votes import WEIGHTS, Weights, average, say


class KNeighborsRegressor(RegressorMixin, NeighborsBase):
    r"""Predicts the weighted mean of the targets of the `n_neighbors` nearest rows of the fit [1]_.

    .. math:: \hat y(x) = \frac{\sum_{i \in N_k(x)} w_i \, y_i}{\sum_{i \in N_k(x)} w_i}

    where :math:`N_k(x)` are the nearest rows and :math:`w_i` is 1 or, with `weights="distance"`, 1 / distance.

    Parameters
    ----------
    n_neighbors : int, default=5
        How many neighbours are averaged.
    weights : {"uniform", "distance"}, callable or None, default="uniform"
        As in `KNeighborsClassifier`.
    algorithm, leaf_size, p, metric, metric_params, n_jobs
        As in `NearestNeighbors`.

    Attributes
    ----------
    n_samples_fit_ : int
    effective_metric_ : str or callable
    effective_metric_params_ : dict

    Raises
    ------
    ValueError
        When numbers are missing or infinite, more neighbours are asked for than there are rows, or all neighbours of a
        query have zero weight.

    References
    ----------
    .. [1] Hastie, Tibshirani and Friedman (2009), "The Elements of Statistical Learning", section 2.3.2.

    Examples
    --------
    >>> from diorama.neighbors import KNeighborsRegressor
    >>> model = KNeighborsRegressor(2).fit([[0.0], [1.0], [2.0], [9.0]], [0.0, 10.0, 20.0, 90.0])
    >>> print(model.predict([[1.6], [8.0]]))
    [15. 55.]
    """

    _parameter_constraints = {**NeighborsBase._parameter_constraints, "weights": WEIGHTS}

    _y: Array

    def __init__(
        self,
        n_neighbors: int = 5,
        *,
        weights: Weights = "uniform",
        algorithm: str = "auto",
        leaf_size: int = 30,
        p: float = 2,
        metric: str | Callable[..., float] = "minkowski",
        metric_params: dict[str, Any] | None = None,
        n_jobs: int | None = None,
    ) -> None:
        self.n_neighbors = n_neighbors
        self.weights = weights
        self.algorithm = algorithm
        self.leaf_size = leaf_size
        self.p = p
        self.metric = metric
        self.metric_params = metric_params
        self.n_jobs = n_jobs

    def fit(self, X: Any, y: Any) -> Self:
        """Keep the rows of `X` (n_samples, n_features) with their targets `y` (n_samples[, n_outputs])."""
        self._validate_params()
        X, y = validate_data(
            self,
            X,
            y,
            accept_sparse="csr",
            dtype=[np.float64, np.float32],
            order="C",
            multi_output=True,
            y_numeric=True,
        )
        self._y = np.asarray(y)
        self._keep(X, self._y)
        return self

    def predict(self, X: Any) -> Array:
        """Means of the neighbours' targets: (n_queries,) or (n_queries, n_outputs); X of None as in `kneighbors`."""
        queries, k = self._asked(X, None)
        found = self._nearest(queries, k, own=X is None)
        weights = say(found[0], self.weights)
        targets = self._y.reshape(len(self._y), -1)
        mean = average(targets[found[1]].astype(float), weights)
        self._show_search(queries, found, weights, self._y)
        return mean if self._y.ndim == 2 else mean[:, 0]

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.target_tags.multi_output = True
        return tags
