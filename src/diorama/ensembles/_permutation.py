"""Importance by permutation: how much worse a tree judges rows that it has not drawn when one column is shuffled.

Of tree t with left-out rows O_t, a permutation pi of them, and a loss L,

    importance_j = mean over t of  mean over i in O_t of  L(y_i, f_t(x_i with x_ij from row pi(i))) - L(y_i, f_t(x_i)),

where L is 1 for a wrong class, or the squared error [1]_. Shuffled, a column keeps its values and loses what they say
of y; a column that only helped a tree to learn its rows by heart comes out at 0, which importances by impurity, taken
from the training rows, do not show.

.. [1] L. Breiman, "Random forests", Machine Learning 45 (2001), section 10.
"""

from collections.abc import Callable, Iterable

import numpy as np

from diorama._parallel import run
from diorama._typing import Array
from diorama.ensembles._histogram_walk import Grove, add_leaves
from diorama.ensembles._urn import Urn

# L of what a tree says (m, n_outputs) about targets (m,)
Loss = Callable[[Array, Array], Array]


def wrong_class(said: Array, target: Array) -> Array:
    """1 where the class with the largest share is not the row's."""
    wrong: Array = said.argmax(axis=1) != target
    return wrong.astype(float)


def squared_error(said: Array, target: Array) -> Array:
    """(f(x) - y)^2."""
    return np.asarray((said[:, 0] - target) ** 2)


def importances_out_of_bag(
    grove: Grove, codes: Array, target: Array, urn: Urn, left_out: Iterable[Array], loss: Loss
) -> Array:
    """(n_features,) importance of each column of `codes` (n_samples, n_features); NaN where no tree left a row out."""
    jobs = []
    for number, rows in enumerate(left_out):
        mine = np.zeros(len(codes), dtype=bool)
        mine[rows] = True
        # in the order of what rows hold, so that shuffling the table shuffles nothing here
        rows = urn.order[mine[urn.order] & (urn.shares[urn.order] > 0)]
        if len(rows):
            jobs.append((grove.only(number, number + 1), codes[rows], target[rows], urn.shares[rows], loss, number))
    if not jobs:
        return np.full(codes.shape[1], np.nan)
    rises = run(rise_of_loss, jobs, work=20.0 * codes.size * len(jobs))
    return np.asarray(np.mean(rises, axis=0))


def rise_of_loss(tree: Grove, codes: Array, target: Array, weight: Array, loss: Loss, seed: int) -> Array:
    """(n_features,) what shuffling each column adds to the weighted mean loss of one tree."""
    order = np.random.default_rng(seed).permutation(len(codes))
    n_features, n_outputs = codes.shape[1], tree.values.shape[1]
    before = loss(_said(tree, codes, n_outputs), target)
    rises = np.zeros(n_features)
    shuffled = codes.copy()
    for j in np.unique(tree_features(tree)):
        shuffled[:, j] = codes[order, j]
        rises[j] = np.average(loss(_said(tree, shuffled, n_outputs), target) - before, weights=weight)
        shuffled[:, j] = codes[:, j]
    return rises


def tree_features(tree: Grove) -> Array:
    """The features that a single tree asks for."""
    asked = tree._replace(nodes=tree.nodes[tree.roots[0] : tree.roots[1]]).features()
    return asked[asked >= 0]


def _said(tree: Grove, codes: Array, n_outputs: int) -> Array:
    said = np.zeros((len(codes), n_outputs))
    add_leaves(codes, *tree, said)
    return said
