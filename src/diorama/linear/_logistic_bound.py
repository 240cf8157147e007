"""How far a logistic loss with its penalty is from its least value, at most: the duality gap, proven from one point.

With q a probability for each row and class, and u = q minus one for the row's own class, the number

    sum_i w_i entropy(q_i) - sum_j max(|x_j . u| - l1_j, 0)^2 / (2 l2_j)

is below the objective everywhere, as long as u sums to nothing over the rows (the intercept) and no column without L2
is pulled harder than its l1 [1]_. The q of the fit itself, drawn back towards the labels until that holds, proves most.

Without a penalty, slope and curvature at the point say it (see `_descent_bound`). The objective is never below zero, so
where nothing better is proven it is the bound itself.

.. [1] Boyd, Vandenberghe (2004). Convex Optimization, chapter 5.
"""

import numpy as np
import scipy.sparse as sp
from scipy.special import expit, xlogy

from diorama._typing import Array
from diorama.linear._descent_bound import logistic_excess, worth
from diorama.linear._logistic_objective import Objective

# steps of Newton's method on the intercepts alone, from where a fit has left them
_POLISH = 20
# the largest of them, for the one intercept of two classes
_FURTHEST = 2.0


def most_above(objective: Objective, theta: Array, cost: float, at_bottom: bool) -> float:
    """How far the objective, `cost` at `theta` (n_rows, n_features + 1), lies above its least value, at most."""
    if not (objective.l1 + objective.l2)[:-1].all():
        return _unpenalised_gap(objective, theta, cost)
    # at the bottom of a smooth valley the gradient proves enough; elsewhere the proof takes passes over X
    if at_bottom and not objective.cornered:
        return min(smooth_gap(objective, theta, objective.at(theta).gradient, cost), cost)
    return min(proven_gap(objective, theta, cost), cost)


def _unpenalised_gap(objective: Objective, theta: Array, cost: float) -> float:
    if not worth(objective.X.shape[0], theta.size):
        return cost
    last = np.full((objective.X.shape[0], 1), float(objective.fit_intercept))
    rows = sp.hstack([objective.X, last], format="csr") if sp.issparse(objective.X) else np.hstack([objective.X, last])
    raw = np.asarray(rows @ theta.T)
    shares = expit(raw) if objective.n_rows == 1 else _shares(raw)
    return logistic_excess(cost, objective.at(theta).gradient, objective.hessian(theta), rows, shares, objective.weight)


def proven_gap(objective: Objective, theta: Array, cost: float) -> float:
    """The objective `cost` at `theta` (n_rows, n_features + 1), with a penalty, less a proven lower bound."""
    l1, l2 = objective.l1[:-1], objective.l2[:-1]
    X, weight = objective.X, objective.weight
    raw = np.asarray(X @ theta[:, :-1].T) + theta[:, -1]
    free = objective.fit_intercept and objective.l1[-1] + objective.l2[-1] == 0
    own, u = _residuals(objective, raw, free)
    pull = np.abs(np.asarray(X.T @ (weight[:, None] * u))).T
    hard = l2 == 0
    shrink = min(1.0, float((l1[hard] / np.maximum(pull[:, hard], np.finfo(float).tiny)).min(initial=1.0)))
    q = own + shrink * u
    bound = -float(weight @ xlogy(q, q).sum(axis=1))
    if objective.n_rows == 1:
        bound -= float(weight @ xlogy(1 - q, 1 - q).sum(axis=1))
    over = np.maximum(shrink * pull - l1, 0.0)[:, ~hard]
    bound -= float((over**2 / (2 * l2[~hard])).sum())
    if not free and objective.fit_intercept:
        bound -= _paid_intercept(objective, shrink * np.abs(weight @ u))
    return max(cost - bound, 0.0)


def smooth_gap(objective: Objective, theta: Array, gradient: Array, cost: float) -> float:
    """The same for a penalty without L1, from the `gradient` that a fit ends with: X is not asked for scores again.

    The entropy of the fit's own q is its loss less theta . (sum of w u x), and both are there. What the intercept still
    lacks is made up by mixing in, with a small share, one q for all rows.
    """
    l2 = objective.l2
    pull = gradient - l2 * theta
    entropy = cost - 0.5 * float(np.vdot(l2 * theta, theta)) - float(np.vdot(theta, pull))
    paid = l2 > 0
    if not paid[:-1].all():
        return np.inf
    if objective.fit_intercept and not paid[-1] and pull[:, -1].any():
        share, more = _made_up(objective, pull[:, -1])
        pull, entropy = (1 - share) * pull + share * more, (1 - share) * entropy
    bound = entropy - float((pull[:, paid] ** 2 / (2 * l2[paid])).sum())
    return max(cost - bound, 0.0)


def _made_up(objective: Objective, lack: Array) -> tuple[float, Array]:
    """The share of one q for all rows after which residuals sum to nothing, and what that q pulls at theta."""
    two = objective.n_rows == 1
    labels = objective.y.astype(np.intp)
    own = np.zeros((len(labels), 2 if two else objective.n_rows))
    own[np.arange(len(labels)), labels] = objective.weight
    mass = own.sum(axis=0)
    over = np.concatenate([-lack, lack]) if two else lack
    share = float(np.max(over / np.maximum(mass + over, np.finfo(float).tiny), initial=0.0))
    share = min(max(share, np.finfo(float).eps), 1.0)
    q = (share * mass - (1 - share) * over) / share
    sums = np.hstack([np.asarray(objective.X.T @ own).T, mass[:, None]])
    more = q[:, None] * sums.sum(axis=0) - sums
    return share, more[1:] if two else more


def _paid_intercept(objective: Objective, pull: Array) -> float:
    """What an intercept that is charged like a weight takes off the bound."""
    l1, l2 = objective.l1[-1], objective.l2[-1]
    over = np.maximum(pull - l1, 0.0)
    if l2 == 0:
        return 0.0 if not over.any() else np.inf
    return float((over**2).sum() / (2 * l2))


def _shares(raw: Array) -> Array:
    """(n, n_classes) probabilities for the scores; scipy's own takes ten times as long on few rows."""
    powers = np.exp(raw - raw.max(axis=1, keepdims=True))
    shares: Array = powers / powers.sum(axis=1, keepdims=True)
    return shares


def _residuals(objective: Objective, raw: Array, free: bool) -> tuple[Array, Array]:
    """The labels' own probabilities and how far those of the scores are from them, (n, n_rows) both.

    Of two classes the second says it all. Where the intercept goes free, it ends where the residuals sum to nothing.
    """
    y, weight = objective.y, objective.weight
    if objective.n_rows == 1:
        own = y[:, None]
        return own, expit(raw + _risen(raw[:, 0], y, weight) if free else raw) - own
    own = np.zeros_like(raw)
    own[np.arange(len(raw)), y] = 1.0
    return own, _shares(raw + _polished(raw, own, weight) if free else raw) - own


def _risen(raw: Array, y: Array, weight: Array) -> float:
    """What to add to the scores of two classes so that the residuals sum to nothing."""
    shift = 0.0
    for _ in range(_POLISH):
        share = expit(raw + shift)
        slope = float(weight @ (share - y))
        curvature = float(weight @ (share * (1 - share)))
        if abs(slope) <= 1e-15:
            break
        # where nearly all shares are 0 or 1 the parabola reaches too far
        shift -= min(max(slope / max(curvature, 1e-300), -_FURTHEST), _FURTHEST)
    return shift


def _polished(raw: Array, own: Array, weight: Array) -> Array:
    """(n_classes,) what to add to the scores so that the residuals sum to nothing."""
    shift = np.zeros(raw.shape[1])
    for _ in range(_POLISH):
        share = _shares(raw + shift)
        slope = weight @ (share - own)
        if np.abs(slope).max() <= 1e-15:
            break
        weighed = weight[:, None] * share
        curvature = np.diag(weighed.sum(axis=0)) - weighed.T @ share
        # adding the same to all scores changes nothing: the shortest of all answers is taken
        shift -= np.linalg.lstsq(curvature, slope, rcond=None)[0]
    return shift
