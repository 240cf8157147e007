"""Voting of regressors: the mean of what different models predict."""

from typing import Any

import numpy as np
from sklearn.base import RegressorMixin
from sklearn.utils.validation import _check_y, check_is_fitted

from diorama._typing import Array
from diorama.ensembles._defaults import regressors
from diorama.ensembles._named import Named
from diorama.ensembles.voting import Poll, Voting, ask, count


class VotingRegressor(RegressorMixin, Voting):
    """Different regressors, and the mean of what they predict.

    Parameters
    ----------
    estimators : list of (str, regressor) or None, default=None
        Any of scikit-learn's kind, by name; "drop" in place of one leaves it out. None asks a ridge regression, splines
        and a tree of six questions.
    weights : (n_estimators,) or None, default=None
        How much each counts.
    n_jobs : int or None, default=None
        Processes that fit, as joblib counts them.

    Attributes
    ----------
    estimators_, named_estimators_, n_features_in_, feature_names_in_ : as of VotingClassifier

    Raises
    ------
    ValueError
        As of VotingClassifier.

    Examples
    --------
    >>> from diorama.ensembles import VotingRegressor
    >>> from sklearn.dummy import DummyRegressor
    >>> four, eight = (DummyRegressor(strategy="constant", constant=c) for c in (4.0, 8.0))
    >>> model = VotingRegressor([("four", four), ("eight", eight)], weights=[3, 1])
    >>> model.fit([[0.0], [1.0]], [1.0, 2.0]).predict([[0.0]])
    array([5.])
    """

    def __init__(
        self,
        estimators: Named | None = None,
        *,
        weights: Any = None,
        n_jobs: int | None = None,
    ) -> None:
        self.estimators = estimators
        self.weights = weights
        self.n_jobs = n_jobs

    def _default_estimators(self) -> Named:
        return regressors()

    def fit(self, X: Any, y: Any, **fit_params: Any) -> "VotingRegressor":
        """Fit every estimator to X (n_samples, n_features) and targets y (n_samples,), maybe with `sample_weight`."""
        self._validate_params()
        self._refuse_other_kinds("regressor")
        self._kept_weights()
        self._remember(X)
        y = _check_y(y, y_numeric=True, estimator=self)
        self.estimators_ = self._fit_members(X, y, fit_params)
        self._show(self._own_poll, X, y)
        return self

    @property
    def _own_poll(self) -> Poll:
        return self._poll(1, hard=False)

    def predict(self, X: Any) -> Array:
        """(n_samples,) the weighted mean of the estimators' predictions."""
        X = self._asked(X)
        poll = self._own_poll
        return count(ask(poll, X), poll.weights)[:, 0]

    def transform(self, X: Any) -> Array:
        """(n_samples, n_estimators) what each estimator predicts."""
        return np.hstack(ask(self._own_poll, self._asked(X)))

    def get_feature_names_out(self, input_features: Any = None) -> Array:
        """Names of the columns of `transform`."""
        check_is_fitted(self, "n_features_in_")
        kind = type(self).__name__.lower()
        return np.array([f"{kind}_{name}" for name in self._own_poll.names], dtype=object)
