"""Pessimistic pruning: judge a leaf by the most errors it may make, and cut branches that promise no fewer.

A leaf that errs on E of its N training rows will err more often on new ones. Take its rows for a sample: the upper end
U of a one-sided confidence interval for its error rate is where a binomial count of E or fewer has the probability CF,

    sum_{i <= E} C(N, i) U^i (1 - U)^(N - i) = CF

so U = 1 - CF^(1/N) when E = 0. A branch is expected to make the sum of N U over its leaves; where its root, as a leaf,
promises no more, the branch is cut [1]_. U is computed from the incomplete beta function, which also takes the parts of
rows that missing values leave; Quinlan's program comes close by a normal curve.

References
----------
.. [1] Quinlan, J. R. (1993). C4.5: Programs for Machine Learning, chapter 4.
"""

from typing import NamedTuple

import numpy as np
from scipy.special import betaincinv

from diorama._typing import Array
from diorama.trees.entropy import ROUNDING
from diorama.trees.multiway import NOBODY, Tree


class Promise(NamedTuple):
    """Errors that are to be expected on as many new rows as a node has of the old."""

    as_leaf: Array  # (n_nodes,) if it asks nothing
    as_branches: Array  # (n_nodes,) if it asks, with all worthwhile cuts made below it; for a leaf, as a leaf


def upper_error(errors: Array, rows: Array, confidence: float) -> Array:
    """U: the upper confidence limit of an error rate, of which `errors` among `rows` were seen.

    >>> upper_error(0, [6, 9, 1], 0.25).round(3).tolist()
    [0.206, 0.143, 0.75]
    """
    right = np.maximum(np.asarray(rows, dtype=float) - errors, 0.0)
    limit: Array = betaincinv(np.asarray(errors, dtype=float) + 1.0, np.maximum(right, 1e-12), 1.0 - confidence)
    return np.where(right > 0, limit, 1.0)


def promises(tree: Tree, confidence: float) -> Promise:
    """What every node promises."""
    rows = tree.counts.sum(axis=1)
    as_leaf = rows * upper_error(rows - tree.counts.max(axis=1), rows, confidence)  #: leaf
    as_branches = np.where(tree.feature == NOBODY, as_leaf, 0.0)
    for node in range(tree.node_count - 1, 0, -1):  # children come after their parents
        as_branches[tree.parent[node]] += min(as_branches[node], as_leaf[node])  #: branches
    return Promise(as_leaf, as_branches)


def cuts(tree: Tree, confidence: float) -> list[int]:
    """The nodes whose branches are cut, from the bottom up."""
    as_leaf, as_branches = promises(tree, confidence)
    cut = tree.asking[as_leaf[tree.asking] <= as_branches[tree.asking] + ROUNDING]  #: cut
    return [int(node) for node in cut[::-1]]
