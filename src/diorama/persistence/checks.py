"""What must hold of a rebuilt object before anybody uses it.

A checksum finds damage; these find a file that was made to do harm: kernels trust their arrays, so an index that points
outside of one must not reach them.
"""

from collections.abc import Callable
from functools import cache
from typing import Any

import numpy as np
from sklearn.base import BaseEstimator

from diorama._typing import Array
from diorama.persistence.errors import LoadError


def check(rebuilt: Any) -> None:
    """Raise LoadError when the parts of `rebuilt` do not fit together."""
    if isinstance(rebuilt, BaseEstimator):
        _check_parameters(rebuilt)
        _check_learned(rebuilt)


def _check_parameters(estimator: BaseEstimator) -> None:
    """Every parameter is there and is one that `fit` would take."""
    missing = [name for name in estimator._get_param_names() if name not in vars(estimator)]
    if missing:
        raise LoadError(f"its {type(estimator).__name__} lacks {', '.join(missing)}")
    if hasattr(estimator, "_parameter_constraints"):
        estimator._validate_params()


def _check_learned(estimator: BaseEstimator) -> None:
    name = type(estimator).__name__
    n_features = getattr(estimator, "n_features_in_", None)
    if n_features is not None and (type(n_features) is not int or n_features < 0):
        raise LoadError(f"its {name} does not say how many features it takes")
    for attribute, dimensions in (("coef_", (1, 2)), ("cluster_centers_", (2,))):
        array = vars(estimator).get(attribute)
        if array is None:
            continue
        _refuse(
            not isinstance(array, np.ndarray) or array.dtype.kind != "f" or array.ndim not in dimensions,
            name,
            attribute,
        )
        _refuse(array.shape[-1] != _n_columns(estimator, n_features), name, attribute)
    tree = vars(estimator).get("tree_")
    if tree is not None:
        check_tree = _checks_of_trees().get(type(tree))
        if check_tree is None:
            raise LoadError(f"the tree_ of its {name} does not fit the rest")
        check_tree(tree, n_features, vars(estimator).get("classes_"))


def _n_columns(estimator: BaseEstimator, n_features: Any) -> Any:
    """How many columns a model weighs: those of its table, or the monomials that it makes of them."""
    powers = vars(estimator).get("powers_")
    if powers is None:
        return n_features
    name = type(estimator).__name__
    wrong = not isinstance(powers, np.ndarray) or powers.dtype.kind != "i" or powers.ndim != 2
    _refuse(wrong or powers.shape[1] != n_features, name, "powers_")
    return len(powers)


def _refuse(wrong: bool, name: str, attribute: str) -> None:
    if wrong:
        raise LoadError(f"the {attribute} of its {name} does not fit the rest")


@cache
def _checks_of_trees() -> dict[type[Any], Callable[[Any, Any, Any], None]]:
    from diorama.trees import multiway
    from diorama.trees.tree import Tree

    return {Tree: _check_binary_tree, multiway.Tree: _check_multiway_tree}


def _check_binary_tree(tree: Any, n_features: Any, classes: Any) -> None:
    """Every path from the root goes down, to nodes that exist, and asks about features that exist."""
    columns: list[Array] = list(tree)
    n_nodes = len(columns[0]) if isinstance(columns[0], np.ndarray) else 0
    for name, column in zip(tree._fields, columns, strict=True):
        wrong = (
            not isinstance(column, np.ndarray)
            or len(column) != n_nodes
            or column.ndim != 1 + (name in ("value", "sets"))
        )
        _refuse(n_nodes == 0 or wrong, "tree", name)
    left, right, feature = columns[:3]
    _refuse(any(column.dtype.kind != "i" for column in (left, right, feature)), "tree", "children_left")
    numbers = np.arange(n_nodes)
    inner = feature >= 0
    for children in (left, right):
        _refuse(bool(((children <= numbers) | (children >= n_nodes))[inner].any()), "tree", "children_left")
    _refuse(bool((feature >= (n_features or 0)).any()), "tree", "feature")
    _refuse(classes is not None and len(classes) != tree.value.shape[1], "tree", "value")
    _refuse(tree.sets.dtype != np.uint64, "tree", "sets")
    _refuse(bool((inner & np.isnan(tree.threshold)).any()) and tree.sets.shape[1] == 0, "tree", "sets")


def _check_multiway_tree(tree: Any, n_features: Any, classes: Any) -> None:
    """Every node hangs from one that comes before it, the nodes below one stand together, and features exist."""
    columns: list[Array] = list(tree)
    n_nodes = len(columns[0]) if isinstance(columns[0], np.ndarray) else 0
    for name, column in zip(tree._fields, columns, strict=True):
        shared = name in ("gains", "worth")  # have a row for each node that asks
        table = shared or name == "counts"
        wrong = not isinstance(column, np.ndarray) or column.ndim != 1 + table
        _refuse(n_nodes == 0 or wrong or (len(column) != n_nodes and not shared), "tree", name)
    feature, _, parent, branch, depth = columns[:5]
    _refuse(any(column.dtype.kind != "i" for column in (feature, parent, branch, depth)), "tree", "parent")
    _refuse(parent[0] != -1 or bool((np.diff(parent) < 0).any()), "tree", "parent")
    _refuse(bool(((parent[1:] < 0) | (parent[1:] >= np.arange(1, n_nodes))).any()), "tree", "parent")
    _refuse(bool((feature >= (n_features or 0)).any()), "tree", "feature")
    _refuse(classes is not None and len(classes) != tree.counts.shape[1], "tree", "counts")
