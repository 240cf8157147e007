"""Stacking of regressors: a final regressor reads what the others predict."""

from typing import Any

from sklearn.base import RegressorMixin, is_regressor
from sklearn.utils.validation import _check_y

from diorama.ensembles._defaults import final_regressor, regressors
from diorama.ensembles._named import Named
from diorama.ensembles.stacking import Stacking


class StackingRegressor(RegressorMixin, Stacking):
    """Different regressors, and one that learns whom of them to trust.

    Parameters
    ----------
    estimators : list of (str, estimator) or None, default=None
        Any of scikit-learn's kind, by name; "drop" in place of one leaves it out. None takes a ridge regression,
        splines and a tree of six questions.
    final_estimator : regressor or None, default=None
        Reads the others' predictions; None is a Ridge.
    cv, n_jobs, passthrough
        As of StackingClassifier; None for `cv` is five folds in the order of the rows.

    Attributes
    ----------
    estimators_, named_estimators_, final_estimator_, stack_method_, n_features_in_, feature_names_in_
        As of StackingClassifier; every estimator is asked by `predict`.

    Raises
    ------
    ValueError
        As of StackingClassifier.

    Examples
    --------
    >>> from diorama.ensembles import StackingRegressor
    >>> from sklearn.linear_model import LinearRegression
    >>> X, y = [[1.0], [2.0], [3.0], [4.0]], [10.0, 20.0, 30.0, 40.0]
    >>> model = StackingRegressor([("line", LinearRegression())], LinearRegression(), cv=2)
    >>> model.fit(X, y).predict([[5.0]]).round(6)
    array([50.])
    """

    stack_method = "predict"

    def __init__(
        self,
        estimators: Named | None = None,
        final_estimator: Any = None,
        *,
        cv: Any = None,
        n_jobs: int | None = None,
        passthrough: bool = False,
    ) -> None:
        self.estimators = estimators
        self.final_estimator = final_estimator
        self.cv = cv
        self.n_jobs = n_jobs
        self.passthrough = passthrough

    def _default_estimators(self) -> Named:
        return regressors()

    def _final(self) -> Any:
        return final_regressor() if self.final_estimator is None else self.final_estimator

    def fit(self, X: Any, y: Any, **fit_params: Any) -> "StackingRegressor":
        """Fit both floors to X (n_samples, n_features) and targets y (n_samples,), maybe with `sample_weight`."""
        self._validate_params()
        if not is_regressor(self._final()):
            raise ValueError(f"'final_estimator' parameter should be a regressor. Got {self.final_estimator!r}")
        self._remember(X)
        y = _check_y(y, y_numeric=True, estimator=self)
        self._show(self._fit(X, y, fit_params), X, y)
        return self
