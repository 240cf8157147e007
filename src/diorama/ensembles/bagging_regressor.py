"""Bagging for numbers: the mean of what members predict that saw different rows."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, RegressorMixin
from sklearn.metrics import r2_score
from sklearn.utils.validation import validate_data

from diorama._typing import Array
from diorama.ensembles.bagging import ACCEPTED, Bagging
from diorama.trees import CARTRegressor


class BaggingRegressor(RegressorMixin, Bagging):
    """One kind of regressor on many draws of the rows; the mean of what they predict.

    Parameters
    ----------
    estimator : regressor, default=CARTRegressor()
        Any of scikit-learn's kind.
    n_estimators, max_samples, max_features, bootstrap, bootstrap_features, oob_score, warm_start, n_jobs, random_state
        As of BaggingClassifier.

    Attributes
    ----------
    estimators_, estimators_features_, estimators_samples_ : lists, an item a member
        The fitted members; the columns and the rows that each was given.
    oob_score_, oob_prediction_ : R2, and (n_samples,) predictions, with `oob_score=True`
    estimator_, n_features_in_, feature_names_in_ : as everywhere

    Raises
    ------
    ValueError
        As of BaggingClassifier.

    Examples
    --------
    >>> from diorama.ensembles import BaggingRegressor
    >>> from sklearn.linear_model import LinearRegression
    >>> X, y = [[1.0], [2.0], [3.0], [4.0]], [10.0, 20.0, 30.0, 40.0]
    >>> BaggingRegressor(LinearRegression(), bootstrap=False).fit(X, y).predict([[5.0]]).round(6)
    array([50.])
    """

    _default: ClassVar[type[BaseEstimator]] = CARTRegressor

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "BaggingRegressor":
        """Fit the members on draws from X (n_samples, n_features) and targets y (n_samples,)."""
        self._validate_params()
        X, y = validate_data(self, X, y, y_numeric=True, **ACCEPTED)
        self._fit(X, y, sample_weight, 1)
        if self.oob_score:
            self.oob_prediction_ = self._out_of_bag(X)[:, 0]
            judged = ~np.isnan(self.oob_prediction_)
            self.oob_score_ = float(r2_score(y[judged], self.oob_prediction_[judged]))
        self._show(X, y)
        return self

    def predict(self, X: Any) -> Array:
        """(n_samples,) mean of the members' predictions."""
        return self._mean(X)[:, 0]
