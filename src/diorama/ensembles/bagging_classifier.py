"""Bagging for classes: the mean of the probabilities of members that saw different rows."""

from typing import Any, ClassVar

import numpy as np
from sklearn.base import BaseEstimator, ClassifierMixin
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import validate_data

from diorama._typing import Array
from diorama.ensembles.bagging import ACCEPTED, Bagging
from diorama.trees import CARTClassifier


class BaggingClassifier(ClassifierMixin, Bagging):
    """One kind of classifier on many draws of the rows; the class that they hold likeliest on average.

    Parameters
    ----------
    estimator : classifier, default=CARTClassifier()
        Any of scikit-learn's kind. One without probabilities votes.
    n_estimators : int, default=10
        Members T.
    max_samples : int, float or None, default=None
        Rows drawn for each member; None draws as many as there are.
    max_features : int or float, default=1.0
        Columns drawn for each member.
    bootstrap, bootstrap_features : bool, default=True, False
        Whether a row, or a column, can be drawn twice. A row's weight says how often it is drawn.
    oob_score : bool, default=False
        Judge each row by the members that have not drawn it.
    warm_start : bool, default=False
        Keep the members of the fit before and add what is missing.
    n_jobs : int or None, default=None
        Processes that fit members, as joblib counts them.
    random_state : int, RandomState instance or None, default=None

    Attributes
    ----------
    estimators_, estimators_features_, estimators_samples_ : lists, an item a member
        The fitted members, which know classes as numbers from 0; the columns and the rows that each was given.
    classes_ : (n_classes,) labels in the order of `predict_proba`'s columns
    oob_score_, oob_decision_function_ : accuracy, and (n_samples, n_classes) probabilities, with `oob_score=True`
    estimator_, n_classes_, n_features_in_, feature_names_in_ : as everywhere

    Raises
    ------
    ValueError
        When y is no classification target, more rows or columns are asked for than there are, out-of-bag scores are
        asked for without `bootstrap`, a warm start would have to forget members, or a member refuses its data.

    Examples
    --------
    >>> from diorama.ensembles import BaggingClassifier
    >>> X, y = [[1.0], [2.0], [8.0], [9.0]], ["low", "low", "high", "high"]
    >>> BaggingClassifier(random_state=0).fit(X, y).predict([[1.5], [8.5]])
    array(['low', 'high'], dtype='<U4')
    """

    _default: ClassVar[type[BaseEstimator]] = CARTClassifier

    def fit(self, X: Any, y: Any, sample_weight: Any = None) -> "BaggingClassifier":
        """Fit the members on draws from X (n_samples, n_features) and labels y (n_samples,)."""
        self._validate_params()
        X, y = validate_data(self, X, y, **ACCEPTED)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self.n_classes_ = len(self.classes_)
        self._fit(X, labels, sample_weight, self.n_classes_)
        if self.oob_score:
            self.oob_decision_function_ = self._out_of_bag(X)
            judged = ~np.isnan(self.oob_decision_function_[:, 0])
            right = self.oob_decision_function_[judged].argmax(axis=1) == labels[judged]
            self.oob_score_ = float(right.mean())
        self._show(X, y)
        return self

    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) mean of the members' probabilities, or of their votes."""
        return self._mean(X)

    def predict_log_proba(self, X: Any) -> Array:
        """The logarithm of `predict_proba`; -inf where no member holds a class possible."""
        with np.errstate(divide="ignore"):
            return np.log(self.predict_proba(X))

    def predict(self, X: Any) -> Array:
        """(n_samples,) the likeliest class; of equals, the first in `classes_`."""
        shares = self.predict_proba(X)
        predicted: Array = self.classes_[shares.argmax(axis=1)]
        return predicted
