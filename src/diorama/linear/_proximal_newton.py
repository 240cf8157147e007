"""Proximal Newton: minimise the local parabola plus the penalty with corners, coordinate by coordinate.

An L1 penalty has a corner at zero, where many coefficients end, exactly. Each outer step fits a parabola to the smooth
part; coordinate descent on it knows each coordinate's best value by the soft threshold. On wide tables only the
columns that matter take part: those in use and those whose gradient exceeds the penalty [1]_.

.. [1] Friedman, Hastie, Tibshirani (2010). Regularization paths for generalized linear models via coordinate descent.
   Journal of Statistical Software 33(1).
"""

import numpy as np

from diorama._kernel import kernel
from diorama._typing import Array
from diorama.linear._logistic_objective import Objective
from diorama.linear._logistic_state import State, arrived, promise, search

# up to so many coefficients all columns take part in every step
_WHOLE = 400
# columns that may join in one step, at least
_JOINING = 50
_SWEEPS = 1_000


def proximal_step(objective: Objective, tol: float, state: State) -> State:
    """One step to the minimum of the local parabola plus L1, shortened until the whole objective falls."""
    columns = working_set(objective, state)
    hessian = objective.hessian(state.theta, columns)  #: curvature
    direction = model_minimum(objective, state, hessian, columns, tol)  #: threshold
    promised = promise(objective, state, direction)
    theta, length = search(objective, state, direction, promised)  #: step
    # what was promised before this step bounds what is left to gain after it
    return arrived(objective, theta, length, abs(promised))  #: gradient


def working_set(objective: Objective, state: State) -> Array | None:
    """Features that take part in this step, or None for all."""
    if state.theta.size <= _WHOLE:
        return None
    excess = np.maximum(np.abs(state.gradient) - objective.l1, 0)
    violation = np.where(state.theta == 0, excess, np.inf)[:, :-1].max(axis=0)
    used = int(np.isinf(violation).sum())
    most = used + max(_JOINING, used)
    chosen = np.argsort(-violation, kind="stable")[:most]
    columns: Array = np.sort(chosen[violation[chosen] > 0])
    return columns


def model_minimum(objective: Objective, state: State, hessian: Array, columns: Array | None, tol: float) -> Array:
    """The direction (n_rows, n_features + 1) to the minimum of parabola plus penalty on `columns`."""
    width = state.theta.shape[1]
    places = np.arange(width) if columns is None else np.append(columns, width - 1)
    theta = np.ascontiguousarray(state.theta[:, places])
    gradient = state.gradient[:, places].ravel()
    l1 = np.tile(objective.l1[places], len(theta))
    # each outer step needs its parabola's minimum only a little better than where it stands
    inner = max(0.1 * state.slope * min(1.0, 10 * state.slope), 0.01 * tol)
    moved = coordinate_descent(hessian, gradient, theta.ravel(), l1, inner, _SWEEPS)
    direction = np.zeros_like(state.theta)
    direction[:, places] = moved.reshape(theta.shape)
    return direction


@kernel
def coordinate_descent(hessian: Array, gradient: Array, theta: Array, l1: Array, tol: float, max_sweeps: int) -> Array:
    """argmin over d (n,) of gradient . d + d . hessian d / 2 + sum_j l1_j |theta_j + d_j|.

    Each coordinate in turn goes to its best value; ends when none would change the slope by more than `tol`.
    """
    n = theta.size
    direction = np.zeros(n)
    slope = gradient.copy()
    for _ in range(max_sweeps):
        largest = 0.0
        for j in range(n):
            curvature = hessian[j, j]
            if curvature <= 0.0:
                continue
            here = theta[j] + direction[j]
            target = here - slope[j] / curvature
            threshold = l1[j] / curvature
            if target > threshold:
                target -= threshold
            elif target < -threshold:
                target += threshold
            else:
                target = 0.0
            change = target - here
            if change != 0.0:
                # written so that a zero stays an exact zero once theta is added back
                direction[j] = target - theta[j]
                for i in range(n):
                    slope[i] += change * hessian[j, i]
                largest = max(largest, abs(change) * curvature)
        if largest <= tol:
            break
    return direction
