"""Where the nodes of a tree stand in its drawing, and which boxes of a plane through feature space belong to them."""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.trees.tree import Tree


class Box(NamedTuple):
    """A rectangle of the plane."""

    left: float
    right: float
    bottom: float
    top: float


class Slice(NamedTuple):
    """The plane of two features through feature space, all other features held at one value."""

    features: tuple[int, int]  # across and up; the second is -1 when there is one feature only
    values: Array  # (n_features,) where the others are held
    box: Box  # the part that is drawn


def places(tree: Tree) -> tuple[Array, Array]:
    """(x, y) of every node, from 0 to 1: leaves side by side with equal gaps, parents midway above their children."""
    leaf = tree.children_left < 0
    x = np.empty(tree.node_count)
    x[leaf] = (np.arange(leaf.sum()) + 0.5) / leaf.sum()
    for node in np.flatnonzero(~leaf)[::-1]:  # children come after their parents
        x[node] = (x[tree.children_left[node]] + x[tree.children_right[node]]) / 2
    return x, tree.depth / max(tree.max_depth, 1)


def boxes(tree: Tree, plane: Slice) -> dict[int, Box]:
    """The box of every node that the plane passes through; a node that it misses has none."""
    found: dict[int, Box] = {}
    waiting = [(0, plane.box)]
    while waiting:
        node, box = waiting.pop()
        found[node] = box
        feature, threshold = int(tree.feature[node]), float(tree.threshold[node])
        if feature < 0:
            continue
        left, right = int(tree.children_left[node]), int(tree.children_right[node])
        if feature in plane.features:
            below, above = halves(box, plane.features.index(feature), threshold)
            waiting += [(child, half) for child, half in ((left, below), (right, above)) if half is not None]
            continue
        waiting.append((left if tree.goes_left(node, plane.values[feature]) else right, box))
    return found


def halves(box: Box, axis: int, threshold: float) -> tuple[Box | None, Box | None]:
    """The parts of a box up to a threshold and beyond it, along axis 0 (across) or 1 (up); None for an empty one."""
    low, high = box[2 * axis : 2 * axis + 2]
    if threshold >= high:
        return box, None
    if threshold <= low:
        return None, box
    if axis == 0:
        return box._replace(right=threshold), box._replace(left=threshold)
    return box._replace(top=threshold), box._replace(bottom=threshold)


def two_features(importances: Sequence[float] | Array, nominal: Array | None = None) -> tuple[int, int]:
    """The two features that a tree owes most to, the lower number across; -1 for the second of only one.

    Features of categories are passed over, unless there are no others.
    """
    importance = np.asarray(importances, dtype=float)
    numbers = np.arange(len(importance)) if nominal is None else np.flatnonzero(~nominal)
    if len(numbers) < 2:
        return (int(numbers[0]) if len(numbers) else int(importance.argmax())), -1
    first, second = sorted(numbers[np.argsort(-importance[numbers], kind="stable")[:2]].tolist())
    return first, second
