"""What AdaBoost fits in a round: any classifier, or a tree of ours on rows that are sorted once for all rounds."""

from collections.abc import Callable
from typing import Any

import numpy as np
import scipy.sparse as sp

from diorama._categories import nominal_columns
from diorama._iterate import unobserved
from diorama._typing import Array
from diorama.ensembles._members import fit_member, seeded
from diorama.ensembles._stumps import grow_stump, labels_along, one_question
from diorama.trees import CARTClassifier
from diorama.trees.cart import sorted_rows

# (weights (n,), seed) -> a fitted member, and which of the n rows it gets wrong
Learner = Callable[[Array, int], tuple[Any, Array]]


def learner_of(prototype: Any, X: Any, y: Array, classes: Array, weights: Array) -> Learner:
    """The quickest way to fit `prototype` again and again to X (n, n_features) and labels y (n,).

    `weights` (n,) are those of the first round: a row that weighs nothing then never weighs anything.
    """
    # not for a class that somebody derived from it, which may do otherwise
    numbers = type(prototype) is CARTClassifier and not nominal_columns(X, prototype.categorical_features).any()
    if numbers and prototype.class_weight is None:
        return _trees(prototype, X, y, classes, weights)

    def fit(weights: Array, seed: int) -> tuple[Any, Array]:
        member = fit_member(seeded(prototype, seed), X, y, {"sample_weight": weights})
        return member, member.predict(X) != y

    return fit


def _trees(prototype: CARTClassifier, X: Any, y: Array, classes: Array, weights: Array) -> Learner:
    """The trees that CARTClassifier's own `fit` grows; its columns are sorted once."""
    prototype._validate_params()
    table = X.toarray() if sp.issparse(X) else X
    table = np.ascontiguousarray(table, dtype=table.dtype if table.dtype in (np.float32, np.float64) else np.float64)
    labels, heavy = np.searchsorted(classes, y), weights > 0
    rows = sorted_rows(table, labels, weights)
    in_order = labels_along(rows) if one_question(prototype, table) else None

    def fit(weights: Array, seed: int) -> tuple[Any, Array]:
        member = seeded(prototype, seed)
        member.classes_, member.n_classes_, member.n_features_in_ = classes, len(classes), table.shape[1]
        own = weights[heavy]
        weighed = rows._replace(weights=own, total_weight=float(own.sum()))
        if in_order is not None:
            grow_stump(member, weighed, in_order)
        else:
            with unobserved():
                member.grow_on(weighed._replace(order=rows.order.copy()), table, y)
        return member, chosen(member, table, classes) != labels

    return fit


def chosen(member: Any, X: Any, classes: Array) -> Array:
    """(n,) places in `classes` of what a member predicts for X, which has been looked at already."""
    if type(member) is CARTClassifier and isinstance(X, np.ndarray) and X.dtype in (np.float32, np.float64):
        likeliest = np.searchsorted(classes, member.classes_)[member.tree_.value.argmax(axis=1)]
        return np.asarray(likeliest[member.tree_.apply(np.ascontiguousarray(X))])
    return np.asarray(np.searchsorted(classes, member.predict(X)))
