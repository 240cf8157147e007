"""How scikit-learn's models of the same kind are told our parameters, where its words for them are others."""

import math
from collections.abc import Mapping
from typing import Any

from diorama.workbench.entries import imported


def stochastic(parameters: Mapping[str, Any], **fixed: Any) -> dict[str, Any]:
    """scikit-learn's stochastic gradient descent calls a step's length eta0, and its rule for it learning_rate."""
    given = {**fixed, "penalty": None, **parameters}
    rate = given.pop("learning_rate", "auto")
    return given if rate == "auto" else {**given, "learning_rate": "constant", "eta0": rate}


def logistic(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """scikit-learn says the penalty by C and l1_ratio alone, and has one solver for a penalty with an L1 part."""
    given = dict(parameters)
    penalty = given.pop("penalty", "deprecated")
    if penalty is None:
        given["C"] = math.inf
    if penalty in ("l1", "l2"):
        given["l1_ratio"] = 1.0 if penalty == "l1" else 0.0
    if given.get("l1_ratio", 0.0) > 0:
        given = {"solver": "saga", "max_iter": 1000, **given}
    return given


def three_classifiers(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """scikit-learn's committees must be given their members: those that ours has by itself."""
    line, bells, tree = "linear_model.LogisticRegression", "naive_bayes.GaussianNB", "tree.DecisionTreeClassifier"
    members = [("line", _theirs(line)), ("bells", _theirs(bells)), ("tree", _theirs(tree, max_depth=6))]
    return {"estimators": members, **parameters}


def three_regressors(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """The same for numbers."""
    curve = imported("sklearn.pipeline.make_pipeline")(
        _theirs("preprocessing.SplineTransformer"), _theirs("linear_model.LinearRegression")
    )
    line, tree = _theirs("linear_model.Ridge"), _theirs("tree.DecisionTreeRegressor", max_depth=6)
    return {"estimators": [("line", line), ("curve", curve), ("tree", tree)], **parameters}


def entropy_tree(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """scikit-learn has one kind of tree: by entropy it is the nearest, with the limits that both know."""
    both = ("max_depth", "min_samples_split", "min_samples_leaf")
    return {"criterion": "entropy", **{name: parameters[name] for name in both if name in parameters}}


def _theirs(path: str, **parameters: Any) -> Any:
    return imported(f"sklearn.{path}")(**parameters)
