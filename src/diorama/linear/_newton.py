"""Newton's method: step to the minimum of the parabola that touches the objective here.

Solves hessian @ direction = -gradient by Cholesky's factor. It doubles the number of right digits in each of its last
steps; each costs n_samples (n_rows n_features)^2, so it is for few coefficients and many rows [1]_.

.. [1] Nocedal, Wright (2006). Numerical Optimization, chapter 3.3.
"""

from typing import Any

import numpy as np
from scipy.linalg import LinAlgError, cho_factor, cho_solve

from diorama._typing import Array
from diorama.linear._logistic_objective import Objective
from diorama.linear._logistic_state import State, arrived, search

# ridge, as a share of each curvature, for a singular Hessian; it grows until there is a factor
_FIRST_RIDGE = 1e-12


def newton_step(objective: Objective, state: State) -> State:
    """One step to the minimum of the local parabola, shortened until the loss falls."""
    hessian = objective.hessian(state.theta)  #: curvature
    factor = cholesky(objective, hessian)
    direction = -solve(factor, state.gradient)  #: solve
    theta, length = search(objective, state, direction)  #: step
    gradient = objective.at(theta).gradient  #: gradient
    # the curvature of one step ago still tells how deep the valley is
    gap = 0.5 * float(np.vdot(gradient, solve(factor, gradient)))
    return arrived(objective, theta, length, gap)


def cholesky(objective: Objective, hessian: Array) -> Any:
    """Cholesky's factor of a Hessian, with just enough added where it is singular."""
    if objective.n_rows > 1:
        # softmax does not feel the same amount added to all rows; no gradient points there, so any curvature will do
        free = np.where(objective.l2 == 0, np.diag(hessian).mean(), 0)
        hessian = hessian + np.tile(np.diag(free), (objective.n_rows, objective.n_rows))
    diagonal = np.diag_indices_from(hessian)
    curvature = hessian[diagonal]
    curvature = np.maximum(curvature, max(curvature.max() * 1e-16, np.finfo(float).tiny))
    ridge = 0.0
    while True:
        hessian[diagonal] = curvature * (1 + ridge)
        try:
            return cho_factor(hessian, lower=True, check_finite=False)
        except LinAlgError:
            ridge = max(10 * ridge, _FIRST_RIDGE)


def solve(factor: Any, gradient: Array) -> Array:
    """hessian^-1 gradient, in the shape of the gradient."""
    solution: Array = cho_solve(factor, gradient.ravel(), check_finite=False)
    return solution.reshape(gradient.shape)
