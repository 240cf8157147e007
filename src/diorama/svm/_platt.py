"""From distances to probabilities: a sigmoid over the decision values, and one answer from many pairs.

Platt's sigmoid 1 / (1 + exp(A f + B)) is fitted to decision values of rows that the model had not seen [1]_; with more
than two classes, the pairs' probabilities are coupled into the ones that contradict them least [2]_.

.. [1] Lin, Lin, Weng (2007). A note on Platt's probabilistic outputs for support vector machines. Machine Learning 68.
.. [2] Wu, Lin, Weng (2004). Probability estimates for multi-class classification by pairwise coupling. JMLR 5.
"""

import numpy as np
from scipy.special import expit

from diorama._typing import Array

# no pair is ever surer than this
_SUREST = 1e-7


def sigmoid_of(decision: Array, positive: Array, weight: Array) -> tuple[float, float]:
    """(A, B) for decision values (n,), whether each row is of the positive class, and its weight.

    The targets stop short of 0 and 1 by what a row more of each class would change.
    """
    more, less = float(weight[positive].sum()), float(weight[~positive].sum())
    target = np.where(positive, (more + 1) / (more + 2), 1 / (less + 2))
    theta = np.array([0.0, np.log((less + 1) / (more + 1))])
    table = np.column_stack([decision, np.ones(len(decision))])
    for _ in range(100):
        sums = table @ theta
        share = expit(-sums)
        slope = table.T @ (weight * (target - share))
        bend = (table * (weight * share * (1 - share))[:, None]).T @ table + 1e-12 * np.eye(2)
        if np.abs(slope).max() < 1e-5:
            break
        direction = -np.linalg.solve(bend, slope)
        theta = _shorter(theta, direction, slope, table, target, weight)
    return float(theta[0]), float(theta[1])


def _shorter(theta: Array, direction: Array, slope: Array, table: Array, target: Array, weight: Array) -> Array:
    """As far along `direction`, halved and halved again, as the cost falls."""
    before, length = _cost(theta, table, target, weight), 1.0
    while length >= 1e-10:
        new: Array = theta + length * direction
        if _cost(new, table, target, weight) < before + 1e-4 * length * float(slope @ direction):
            return new
        length /= 2
    return theta


def _cost(theta: Array, table: Array, target: Array, weight: Array) -> float:
    sums = table @ theta
    return float(weight @ (np.logaddexp(0, sums) - (1 - target) * sums))


def pair_probabilities(decision: Array, A: Array, B: Array) -> Array:
    """(n, n_pairs) probability of the positive class of each pair."""
    shares: Array = expit(-(decision * A + B))
    return np.clip(shares, _SUREST, 1 - _SUREST)


def coupled(pairs: Array, n_classes: int) -> Array:
    """(n, n_classes) probabilities from those of the pairs (0, 1), (0, 2) ... (n, n_pairs).

    Minimises sum_ij (r_ji p_i - r_ij p_j)^2 over probabilities p, where r_ij is the share of i in the pair.
    """
    first, second = np.triu_indices(n_classes, 1)
    r = np.zeros((len(pairs), n_classes, n_classes))
    r[:, first, second], r[:, second, first] = pairs, 1 - pairs
    Q = -np.swapaxes(r, 1, 2) * r
    each = np.arange(n_classes)
    Q[:, each, each] = (r**2).sum(axis=1)
    # the least of p.Q p with sum p = 1, by its multiplier
    system = np.ones((len(pairs), n_classes + 1, n_classes + 1))
    system[:, :n_classes, :n_classes], system[:, n_classes, n_classes] = Q, 0.0
    right = np.zeros((len(pairs), n_classes + 1, 1))
    right[:, n_classes] = 1.0
    p: Array = np.maximum(np.linalg.solve(system, right)[:, :n_classes, 0], 0)
    shares: Array = p / p.sum(axis=1, keepdims=True)
    return shares
