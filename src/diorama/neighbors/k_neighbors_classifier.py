"""k nearest neighbours as a classifier: the nearest rows of the fit vote."""

import warnings
from collections.abc import Callable
from typing import Any, Self

import numpy as np
from sklearn.base import ClassifierMixin
from sklearn.exceptions import DataConversionWarning
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from diorama._typing import Array
from diorama.neighbors._base import NeighborsBase
from diorama.neighbors._votes import WEIGHTS, Weights, say, vote


class KNeighborsClassifier(ClassifierMixin, NeighborsBase):
    r"""Predicts the class that has the most say among the `n_neighbors` nearest rows of the fit [1]_.

    .. math:: P(c \mid x) = \frac{\sum_{i \in N_k(x)} w_i \, [y_i = c]}{\sum_{i \in N_k(x)} w_i}

    where :math:`N_k(x)` are the nearest rows and :math:`w_i` is 1 or, with `weights="distance"`, 1 / distance. Nothing
    is learned beyond the rows themselves. An equal vote goes to the class that comes first in `classes_`.

    Parameters
    ----------
    n_neighbors : int, default=5
        How many neighbours vote.
    weights : {"uniform", "distance"}, callable or None, default="uniform"
        How much each has to say: the same; 1 / distance, where neighbours at distance 0 decide alone; or what a
        function makes of the distances (n_queries, n_neighbors).
    algorithm, leaf_size, p, metric, metric_params, n_jobs
        As in `NearestNeighbors`.

    Attributes
    ----------
    classes_ : array of shape (n_classes,), or a list of them for several targets
    outputs_2d_ : bool
        Whether several targets were given.
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
    .. [1] Cover and Hart (1967), "Nearest neighbor pattern classification", IEEE Transactions on Information
       Theory 13(1).

    Examples
    --------
    >>> from diorama.neighbors import KNeighborsClassifier
    >>> model = KNeighborsClassifier(3).fit([[0.0], [1.0], [2.0], [8.0], [9.0]], ["low", "low", "low", "high", "high"])
    >>> print(model.predict([[1.4], [7.0]]), model.predict_proba([[7.0]]).round(2))
    ['low' 'high'] [[0.67 0.33]]
    """

    _parameter_constraints = {**NeighborsBase._parameter_constraints, "weights": WEIGHTS}

    classes_: Any
    outputs_2d_: bool
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
        """Keep the rows of `X` (n_samples, n_features) with their classes `y` (n_samples[, n_outputs])."""
        self._validate_params()
        X, y = validate_data(
            self, X, y, accept_sparse="csr", dtype=[np.float64, np.float32], order="C", multi_output=True
        )
        check_classification_targets(y)
        y = np.asarray(y)
        self.outputs_2d_ = y.ndim == 2 and y.shape[1] > 1
        columns = y.reshape(len(y), -1)
        if y.ndim == 2 and not self.outputs_2d_:
            warnings.warn(
                "A column-vector y was passed when a 1d array was expected; pass y.ravel().",
                DataConversionWarning,
                stacklevel=2,
            )
        pairs = [np.unique(column, return_inverse=True) for column in columns.T]
        self.classes_ = [classes for classes, _ in pairs] if self.outputs_2d_ else pairs[0][0]
        self._y = np.column_stack([codes for _, codes in pairs])
        self._keep(X, None if self.outputs_2d_ else columns[:, 0])
        return self

    def predict_proba(self, X: Any) -> Any:
        """Shares of the vote: (n_queries, n_classes), a list of them for several targets; None as in kneighbors."""
        shares = self._shares(X)
        return shares if self.outputs_2d_ else shares[0]

    def predict(self, X: Any) -> Array:
        """The winning class of each query: (n_queries,) or (n_queries, n_outputs)."""
        shares = self._shares(X)
        if not self.outputs_2d_:
            winners: Array = self.classes_[shares[0].argmax(axis=1)]
            return winners
        return np.column_stack(
            [classes[share.argmax(axis=1)] for classes, share in zip(self.classes_, shares, strict=True)]
        )

    def _shares(self, X: Any) -> list[Array]:
        queries, k = self._asked(X, None)
        found = self._nearest(queries, k, own=X is None)
        weights = say(found[0], self.weights)
        n_classes = [len(classes) for classes in (self.classes_ if self.outputs_2d_ else [self.classes_])]
        shares = [vote(self._y[found[1], j], weights, n) for j, n in enumerate(n_classes)]
        targets = None if self.outputs_2d_ else self.classes_[self._y[:, 0]]
        self._show_search(queries, found, weights, targets)
        return shares

    def shares_at(self, points: Array) -> Array:
        """(n, n_classes) shares of the vote at plain points (n, n_features), of which observers hear nothing."""
        found = self._nearest(points, min(self.n_neighbors, len(self._y)), own=False)
        return vote(self._y[found[1], 0], say(found[0], self.weights), len(self.classes_))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.classifier_tags.multi_label = True
        tags.target_tags.multi_output = True
        return tags
