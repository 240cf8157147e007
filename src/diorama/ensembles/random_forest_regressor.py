"""Random forest for numbers: the mean of what many randomised trees predict."""

from typing import Any, ClassVar

import numpy as np
import scipy.sparse as sp
from sklearn.base import RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.validation import validate_data

from diorama._typing import Array
from diorama.ensembles._histogram_tree import SQUARED
from diorama.ensembles._permutation import squared_error
from diorama.ensembles.random_forest import ACCEPTED, RandomForest


class RandomForestRegressor(RegressorMixin, RandomForest):
    """Many trees on rows drawn at random; the mean of their predictions.

    Parameters
    ----------
    n_estimators : int, default=100
        Trees T.
    criterion : {"squared_error"}, default="squared_error"
        What a question is to lower; a leaf says the mean of its rows.
    max_depth, min_samples_split, min_samples_leaf, min_weight_fraction_leaf, min_impurity_decrease
        Limits of each tree, as of CARTRegressor; by default trees grow until their leaves hold equal targets.
    max_features : int, float, {"sqrt", "log2"} or None, default=1.0
        Features tried at each node: a number, or a share of all; one that is constant there does not count.
    bootstrap, oob_score, oob_importances, random_state, max_samples
        As of RandomForestClassifier.

    Attributes
    ----------
    feature_importances_ : (n_features,) share of the squared error's fall that is owed to each feature, mean over trees
    oob_importances_ : (n_features,) by permutation: how much larger the squared error of a tree becomes on rows that it
        has not drawn when the feature is shuffled among them, mean over trees; with `oob_importances=True`
    oob_score_, oob_prediction_ : R^2, and (n_samples,) predictions, with `oob_score=True`
    n_nodes_ : (n_estimators,) nodes of each tree
    bins_, grove_ : where columns are cut, and all trees as flat arrays
    n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    As of RandomForestClassifier; a node takes 16 bytes, so 100 trees on 20,000 rows at most 41 MB. One target only.

    Raises
    ------
    ValueError
        When X or y has infinite values, no row has a positive weight, out-of-bag figures are asked for without
        `bootstrap`, or `max_samples` is more than the rows.

    Examples
    --------
    >>> from diorama.ensembles import RandomForestRegressor
    >>> X, y = [[1.0], [2.0], [8.0], [9.0]], [0.0, 0.0, 5.0, 5.0]
    >>> RandomForestRegressor(bootstrap=False, random_state=0).fit(X, y).predict([[3.0], [7.0]])
    array([0., 5.])
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **RandomForest._parameter_constraints,
        "criterion": [StrOptions({"squared_error"})],
    }

    def __init__(
        self,
        n_estimators: int = 100,
        *,
        criterion: str = "squared_error",
        max_depth: int | None = None,
        min_samples_split: int | float = 2,
        min_samples_leaf: int | float = 1,
        min_weight_fraction_leaf: float = 0.0,
        max_features: int | float | str | None = 1.0,
        min_impurity_decrease: float = 0.0,
        bootstrap: bool = True,
        oob_score: bool = False,
        oob_importances: bool = False,
        random_state: Any = None,
        max_samples: int | float | None = None,
    ) -> None:
        self.n_estimators = n_estimators
        self.criterion = criterion
        self.max_depth = max_depth
        self.min_samples_split = min_samples_split
        self.min_samples_leaf = min_samples_leaf
        self.min_weight_fraction_leaf = min_weight_fraction_leaf
        self.max_features = max_features
        self.min_impurity_decrease = min_impurity_decrease
        self.bootstrap = bootstrap
        self.oob_score = oob_score
        self.oob_importances = oob_importances
        self.random_state = random_state
        self.max_samples = max_samples

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "RandomForestRegressor":
        """Grow the trees on X (n_samples, n_features), possibly with NaN, and targets y (n_samples,)."""
        self._validate_params()
        X, y = validate_data(self, X, y, y_numeric=True, **ACCEPTED)
        dense = X.toarray() if sp.issparse(X) else X
        plot = self._plot(dense, y, sample_weight, 1)
        # sums of squares lose fewer digits around the mean
        middle = float(np.average(plot.target, weights=plot.urn.shares))
        seeds = self._grow(plot._replace(target=plot.target - middle), SQUARED)
        self.grove_ = self.grove_._replace(values=self.grove_.values + middle)
        if self.oob_score:
            self.oob_prediction_ = self._out_of_bag(plot, seeds)[:, 0]
            judged = ~np.isnan(self.oob_prediction_)
            self.oob_score_ = float(r2_score(y[judged], self.oob_prediction_[judged]))
        if self.oob_importances:
            self.oob_importances_ = self._permuted(plot, seeds, squared_error)
        self._show(dense, y)
        return self

    def predict(self, X: Any) -> Array:
        """(n_samples,) mean of the trees' predictions."""
        return self._mean(X)[:, 0]
