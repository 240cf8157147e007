"""Stacking: let a second model learn from rows whom of the first models to trust, and how much.

Each first model is fitted on all folds but one and asked about that one, fold by fold: a column of predictions for rows
that it had not seen. A final model learns the target from these columns [1]_. With predictions on rows that a model was
fitted to, the final model would trust whoever knows his rows by heart.

.. [1] D. H. Wolpert, "Stacked generalization", Neural Networks 5 (1992), 241-259.
"""

from abc import abstractmethod
from collections.abc import Callable, Iterable, Mapping
from copy import deepcopy
from numbers import Integral
from typing import Any, ClassVar, NamedTuple

import numpy as np
import scipy.sparse as sp
from sklearn.base import clone, is_classifier
from sklearn.model_selection import check_cv, cross_val_predict
from sklearn.utils._param_validation import HasMethods, StrOptions
from sklearn.utils.metadata_routing import MetadataRouter, MethodMapping
from sklearn.utils.metaestimators import available_if
from sklearn.utils.parallel import Parallel, delayed
from sklearn.utils.validation import _check_feature_names_in, check_is_fitted

from diorama._iterate import show, unobserved
from diorama._typing import Array
from diorama.ensembles._members import dense_fit, fit_member
from diorama.ensembles._named import NamedEnsemble

AUTO = ("predict_proba", "decision_function", "predict")
PREFIT = "prefit"


class Stack(NamedTuple):
    """Both floors."""

    names: tuple[str, ...]
    members: tuple[Any, ...]  # first models, fitted to all rows
    methods: tuple[str, ...]  # how each is asked
    widths: tuple[int, ...]  # columns that each gives
    labels: Array | None  # classes as members name them that were fitted elsewhere; None where they are 0, 1, 2 ...
    columns: Array  # (n, sum(widths), and more with passthrough) out-of-fold predictions: what `final` learnt from
    final: Any  # the second model


class State(NamedTuple):
    """A stack of which the first columns are filled; when all members have spoken, the final model comes last."""

    n_members: int  # members whose column is there
    finished: bool  # whether the final model is there, too
    stack: Stack


def out_of_fold(member: Any, X: Any, y: Array, cv: Any, method: str, params: Mapping[str, Any]) -> Array:
    """What a model says of each row when it was fitted to the other folds."""
    with unobserved():
        said: Array = cross_val_predict(member, X, y, cv=cv, method=method, params=dict(params))  #: fold
    return said


def column_of(said: Array, method: str) -> Array:
    """(n, width) one model's predictions as columns; of two probabilities one says it all."""
    if said.ndim == 1:
        return said.reshape(-1, 1)
    return said[:, 1:] if method == "predict_proba" and said.shape[1] == 2 else said


def first_floor(members: Iterable[Any], methods: Iterable[str], labels: Array | None, X: Any) -> list[Array]:
    """The columns of what fitted members say of X; see Stack."""
    columns = []
    for member, method in zip(members, methods, strict=True):
        said = getattr(member, method)(X)
        numbered = np.searchsorted(labels, said) if method == "predict" and labels is not None else said
        columns.append(column_of(numbered, method))
    return columns


def side_by_side(columns: list[Array], X: Any) -> Any:
    """The table that the final model learns from; with X at its right end where X is not None."""
    table = columns if X is None else [*columns, X]
    return sp.hstack(table, format=X.format) if sp.issparse(X) else np.hstack(table)  #: columns


def _final_has(name: str) -> Callable[[Any], bool]:
    def check(self: "Stacking") -> bool:
        final = self.final_estimator_ if hasattr(self, "final_estimator_") else self._final()
        getattr(final, name)  # its own AttributeError says most
        return True

    return check


Method = Callable[..., Any]
_if_predicts: Callable[[Method], Method] = available_if(_final_has("predict"))


class Stacking(NamedEnsemble):
    """What both kinds of stacking share."""

    _parameter_constraints: ClassVar[dict[str, Any]] = {
        "estimators": [list, None],
        "final_estimator": [HasMethods("fit"), None],
        "cv": ["cv_object", StrOptions({PREFIT})],
        "n_jobs": [Integral, None],
        "passthrough": ["boolean"],
    }

    final_estimator: Any
    cv: Any
    stack_method: str
    passthrough: bool

    @abstractmethod
    def _final(self) -> Any:
        """The final model, not fitted."""

    def _fit(self, X: Any, y: Array, fit_params: Mapping[str, Any]) -> Stack:
        """Fit both floors; y (n,) numbers, or classes from 0."""
        kept, params = self._kept(), self._routed(fit_params)
        if self.cv == PREFIT:
            for _, estimator in kept:
                check_is_fitted(estimator)
            self.estimators_ = [estimator for _, estimator in kept]
        else:
            self.estimators_ = self._fit_members(X, y, fit_params)
        self.stack_method_ = [
            self._method(name, fitted) for (name, _), fitted in zip(kept, self.estimators_, strict=True)
        ]
        columns = self._said(X) if self.cv == PREFIT else self._out_of_fold(X, y, params)
        self._widths = tuple(column.shape[1] for column in columns)
        table = side_by_side(columns, X if self.passthrough else None)
        given = {name: value for name, value in fit_params.items() if value is not None}
        self.final_estimator_ = fit_member(clone(self._final()), table, y, given)
        return Stack(
            names=tuple(name for name, _ in kept),
            members=tuple(self.estimators_),
            methods=tuple(self.stack_method_),
            widths=self._widths,
            labels=self._labels,
            columns=table,
            final=self.final_estimator_,
        )

    def _method(self, name: str, estimator: Any) -> str:
        """How a member is asked."""
        for method in AUTO if self.stack_method == "auto" else (self.stack_method,):
            if hasattr(estimator, method):
                return method
        raise ValueError(f"Underlying estimator {name} does not implement the method {self.stack_method}.")

    def _out_of_fold(self, X: Any, y: Array, params: Mapping[str, Mapping[str, Any]]) -> list[Array]:
        folds = check_cv(self.cv, y=y, classifier=is_classifier(self))
        if hasattr(folds, "random_state") and folds.random_state is None:
            # all members are to meet the same folds
            folds.random_state = np.random.RandomState()
        jobs = [
            delayed(out_of_fold)(clone(estimator), X, y, deepcopy(folds), method, params[name])
            for (name, estimator), method in zip(self._kept(), self.stack_method_, strict=True)
        ]
        said = Parallel(n_jobs=self.n_jobs)(jobs)
        return [column_of(column, method) for column, method in zip(said, self.stack_method_, strict=True)]

    @property
    def _labels(self) -> Array | None:
        """How members that were fitted elsewhere name classes."""
        return self.classes_ if self.cv == PREFIT and is_classifier(self) else None

    def _said(self, X: Any) -> list[Array]:
        """Columns of what the fitted members say of X."""
        return first_floor(self.estimators_, self.stack_method_, self._labels, X)

    def transform(self, X: Any) -> Any:
        """(n_samples, n_columns) what each member says of X: the table that the final model reads."""
        X = self._asked(X)
        return side_by_side(self._said(X), X if self.passthrough else None)

    @_if_predicts
    def predict(self, X: Any, **predict_params: Any) -> Array:
        """(n_samples,) what the final model makes of the members' predictions; it is given `predict_params`."""
        check_is_fitted(self)
        predicted: Array = self.final_estimator_.predict(self.transform(X), **predict_params)
        return predicted

    def get_feature_names_out(self, input_features: Any = None) -> Array:
        """Names of the columns of `transform`."""
        check_is_fitted(self, "n_features_in_")
        given = _check_feature_names_in(self, input_features, generate_names=self.passthrough)
        kind, names = type(self).__name__.lower(), []
        for (name, _), width in zip(self._kept(), self._widths, strict=True):
            names += [f"{kind}_{name}"] if width == 1 else [f"{kind}_{name}{k}" for k in range(width)]
        return np.array([*names, *(given if self.passthrough else ())], dtype=object)

    def get_metadata_routing(self) -> MetadataRouter:
        """Which estimator asks for what."""
        router = super().get_metadata_routing()
        final = self.final_estimator_ if hasattr(self, "final_estimator_") else self._final()
        mapping = MethodMapping().add(caller="predict", callee="predict")
        return router.add(final_estimator_=final, method_mapping=mapping)

    def _show(self, stack: Stack, X: Any, y: Any) -> None:
        """Let observers see column after column, and the final model at last."""
        n = len(stack.names)
        states = [*(State(k, False, stack) for k in range(1, n + 1)), State(n, True, stack)]
        show(lambda: states, total=n, fit=dense_fit(self, X, y))
