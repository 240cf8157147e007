"""Gradient boosting of numbers: squares, distances, quantiles, counts or amounts."""

from collections.abc import Callable, Iterator
from numbers import Real
from typing import Any, ClassVar

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils._param_validation import Interval, StrOptions
from sklearn.utils.validation import _check_y

from diorama._categories import find_categories
from diorama._typing import Array
from diorama.ensembles._boosting_losses import AbsoluteError, Gamma, Loss, Poisson, Quantile, SquaredError
from diorama.ensembles.gradient_boosting import GradientBoosting

LOG_LINK = ("poisson", "gamma")
PLAIN: dict[str, Callable[[], Loss]] = {
    "squared_error": SquaredError,
    "absolute_error": AbsoluteError,
    "poisson": Poisson,
    "gamma": Gamma,
}


class GradientBoostingRegressor(RegressorMixin, GradientBoosting):
    """Trees that are added one by one, each to mend what is still wrong; they predict a number.

    Parameters
    ----------
    loss : {"squared_error", "absolute_error", "quantile", "poisson", "gamma"}, default="squared_error"
        What is lowered; "poisson" and "gamma" predict the exponential of the trees' sum.
    quantile : float or None, default=None
        Which quantile `loss="quantile"` predicts, between 0 and 1.
    learning_rate : float, default=0.1
        How much of each tree is added.
    max_iter : int, default=100
        Most rounds, one tree each.
    max_leaf_nodes : int or None, default=31
        Leaves of a tree; the leaf that gains most is split first.
    max_depth : int or None, default=None
    min_samples_leaf : int, default=20
    l2_regularization : float, default=0.0
        Times half the squares of the leaves' values, added to the loss.
    max_bins : int, default=255
        Bins of a column; missing values have one more.
    categorical_features : "from_dtype", mask, places, names or None, default="from_dtype"
        Columns of categories (at most `max_bins` in each), which are parted into sets.
    monotonic_cst : array-like, dict or None, default=None
        For each feature 1 when the prediction must not fall as it rises, -1 when it must not rise, else 0.
    early_stopping : "auto" or bool, default="auto"
        Stop when rows kept aside are predicted no better; "auto" does with more than 10,000 rows.
    validation_fraction : float, int or None, default=0.1
        Rows kept aside; with None, the training loss decides.
    n_iter_no_change : int, default=10
        Rounds without an improvement of more than `tol` after which it stops.
    tol : float, default=1e-7
    random_state : int, RandomState instance or None, default=None
        Which rows are kept aside; nothing else is left to chance.

    Attributes
    ----------
    n_iter_ : rounds made
    train_score_, validation_score_ : (n_iter_ + 1,) minus the mean loss before the first round and after each
    feature_importances_ : (n_features,) share of all questions' gain that is owed to each feature
    baseline_ : (1,) raw prediction before the first tree
    grove_, bins_, categories_ : the trees as flat arrays, where columns are cut, and how categories became numbers
    do_early_stopping_, n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    Parameters are those of scikit-learn's HistGradientBoostingRegressor; `scoring`, `max_features`, `interaction_cst`,
    `warm_start` and `verbose` are not there. Whole-number weights count as so many rows for `min_samples_leaf`.
    Gradients are rounded to 2^-30 of the largest, so sums are exact and neither threads nor the rows' order change the
    result. Histograms take 4 kB a feature and leaf: 31 leaves of 100 features, 13 MB.

    Raises
    ------
    ValueError
        When y has values that the loss cannot have, a quantile is missing, a column has too many categories, or no row
        has a positive weight.

    Examples
    --------
    >>> import numpy as np
    >>> from diorama.ensembles import GradientBoostingRegressor
    >>> X = np.arange(100.0)[:, None]
    >>> model = GradientBoostingRegressor(min_samples_leaf=5).fit(X, np.sin(X[:, 0] / 15))
    >>> bool(abs(model.predict([[50.0]])[0] - np.sin(50 / 15)) < 0.05)
    True
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **GradientBoosting._parameter_constraints,
        "loss": [StrOptions({*PLAIN, "quantile"})],
        "quantile": [Interval(Real, 0, 1, closed="neither"), None],
    }

    def __init__(
        self,
        loss: str = "squared_error",
        *,
        quantile: float | None = None,
        learning_rate: float = 0.1,
        max_iter: int = 100,
        max_leaf_nodes: int | None = 31,
        max_depth: int | None = None,
        min_samples_leaf: int = 20,
        l2_regularization: float = 0.0,
        max_bins: int = 255,
        categorical_features: Any = "from_dtype",
        monotonic_cst: Any = None,
        early_stopping: str | bool = "auto",
        validation_fraction: float | int | None = 0.1,
        n_iter_no_change: int = 10,
        tol: float = 1e-7,
        random_state: Any = None,
    ) -> None:
        self.loss = loss
        self.quantile = quantile
        self.learning_rate = learning_rate
        self.max_iter = max_iter
        self.max_leaf_nodes = max_leaf_nodes
        self.max_depth = max_depth
        self.min_samples_leaf = min_samples_leaf
        self.l2_regularization = l2_regularization
        self.max_bins = max_bins
        self.categorical_features = categorical_features
        self.monotonic_cst = monotonic_cst
        self.early_stopping = early_stopping
        self.validation_fraction = validation_fraction
        self.n_iter_no_change = n_iter_no_change
        self.tol = tol
        self.random_state = random_state

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "GradientBoostingRegressor":
        """Add trees for X (n_samples, n_features), possibly with NaN, and y (n_samples,)."""
        self._validate_params()
        self.categories_ = find_categories(X, self.categorical_features)
        X, y = self._table(X, y)
        y = _check_y(y, y_numeric=True).astype(np.float64)
        weight = self._weights(X, sample_weight)
        some = weight > 0
        self._boost(X[some], y[some], y[some], weight[some], self._loss(y[some]))
        return self

    def _loss(self, y: Array) -> Loss:
        if self.loss == "quantile":
            if self.quantile is None:
                raise ValueError('loss="quantile" needs a quantile between 0 and 1, for example quantile=0.9.')
            return Quantile(self.quantile)
        if self.loss == "poisson" and (y.min() < 0 or y.sum() == 0):
            raise ValueError('loss="poisson" is for counts: y must not be negative, and not 0 everywhere.')
        if self.loss == "gamma" and y.min() <= 0:
            raise ValueError('loss="gamma" is for amounts: every y must be above 0.')
        return PLAIN[self.loss]()

    def predict(self, X: Any) -> Array:
        """(n_samples,) predictions."""
        return self._linked(self._raw(X))

    def staged_predict(self, X: Any) -> Iterator[Array]:
        """Predictions after each round."""
        return map(self._linked, self._staged_raw(X))

    def _linked(self, raw: Array) -> Array:
        return np.exp(raw[:, 0]) if self.loss in LOG_LINK else raw[:, 0]
