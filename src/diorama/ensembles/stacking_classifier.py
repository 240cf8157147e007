"""Stacking of classifiers: a final classifier reads what the others hold likely."""

from collections.abc import Callable
from typing import Any, ClassVar

import numpy as np
from sklearn.base import ClassifierMixin, is_classifier
from sklearn.utils._param_validation import StrOptions
from sklearn.utils.metaestimators import available_if
from sklearn.utils.multiclass import check_classification_targets
from sklearn.utils.validation import _check_y, check_is_fitted

from diorama._typing import Array
from diorama.ensembles._defaults import classifiers, final_classifier
from diorama.ensembles._named import Named
from diorama.ensembles.stacking import Method, Stacking, _final_has

_if_probable: Callable[[Method], Method] = available_if(_final_has("predict_proba"))
_if_decides: Callable[[Method], Method] = available_if(_final_has("decision_function"))


class StackingClassifier(ClassifierMixin, Stacking):
    """Different classifiers, and one that learns whom of them to trust.

    Parameters
    ----------
    estimators : list of (str, estimator) or None, default=None
        Any of scikit-learn's kind, by name; "drop" in place of one leaves it out. None takes a logistic regression, a
        Gaussian naive Bayes and a tree of six questions.
    final_estimator : classifier or None, default=None
        Reads the others' predictions; None is a LogisticRegression.
    cv : int, splitter, iterable, "prefit" or None, default=None
        Folds by which predictions of rows not seen are made; None is five, with equal shares of the classes. "prefit"
        takes the estimators as they are, fitted, and asks them about all rows.
    stack_method : {"auto", "predict_proba", "decision_function", "predict"}, default="auto"
        How estimators are asked; "auto" is the first of these that one has.
    n_jobs : int or None, default=None
        Processes that fit, as joblib counts them.
    passthrough : bool, default=False
        Whether the final classifier also reads X.

    Attributes
    ----------
    estimators_ : list of those not dropped, fitted to all rows and to classes as numbers from 0
    named_estimators_ : the same by name
    final_estimator_ : the final classifier
    stack_method_ : list of how each is asked
    classes_, n_features_in_, feature_names_in_ : as everywhere

    Raises
    ------
    ValueError
        When names are not unique, all estimators are dropped, one cannot be asked as wanted, the final one is no
        classifier, or one has no weights of rows where some are given.

    Examples
    --------
    >>> from diorama.ensembles import StackingClassifier
    >>> X = [[1.0], [2.0], [3.0], [7.0], [8.0], [9.0]]
    >>> y = ["low", "low", "low", "high", "high", "high"]
    >>> StackingClassifier(cv=3).fit(X, y).predict([[2.5], [7.5]])
    array(['low', 'high'], dtype='<U4')
    """

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        **Stacking._parameter_constraints,
        "stack_method": [StrOptions({"auto", "predict_proba", "decision_function", "predict"})],
    }

    def __init__(
        self,
        estimators: Named | None = None,
        final_estimator: Any = None,
        *,
        cv: Any = None,
        stack_method: str = "auto",
        n_jobs: int | None = None,
        passthrough: bool = False,
    ) -> None:
        self.estimators = estimators
        self.final_estimator = final_estimator
        self.cv = cv
        self.stack_method = stack_method
        self.n_jobs = n_jobs
        self.passthrough = passthrough

    def _default_estimators(self) -> Named:
        return classifiers()

    def _final(self) -> Any:
        return final_classifier() if self.final_estimator is None else self.final_estimator

    def fit(self, X: Any, y: Any, **fit_params: Any) -> "StackingClassifier":
        """Fit both floors to X (n_samples, n_features) and labels y (n_samples,), with `sample_weight` if given."""
        self._validate_params()
        if not is_classifier(self._final()):
            raise ValueError(f"'final_estimator' parameter should be a classifier. Got {self.final_estimator!r}")
        self._remember(X)
        y = _check_y(y, estimator=self)
        check_classification_targets(y)
        self.classes_, labels = np.unique(y, return_inverse=True)
        self._show(self._fit(X, labels, fit_params), X, y)
        return self

    def predict(self, X: Any, **predict_params: Any) -> Array:
        """(n_samples,) the class that the final classifier makes of the members' predictions."""
        numbers = super().predict(X, **predict_params)
        predicted: Array = self.classes_[numbers]
        return predicted

    @_if_probable
    def predict_proba(self, X: Any) -> Array:
        """(n_samples, n_classes) probabilities of the final classifier."""
        check_is_fitted(self)
        shares: Array = self.final_estimator_.predict_proba(self.transform(X))
        return shares

    @_if_decides
    def decision_function(self, X: Any) -> Array:
        """The final classifier's sums."""
        check_is_fitted(self)
        sums: Array = self.final_estimator_.decision_function(self.transform(X))
        return sums
