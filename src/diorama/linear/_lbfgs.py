"""L-BFGS: Newton's direction guessed from how the gradient changed over the last steps, at the price of a gradient.

The guess starts from the curvature at theta = 0, one matrix for all steps and classes, so that columns of unlike scale
or that vary together do not slow it down. Two loops over the remembered pairs give the direction [1]_.

.. [1] Liu, Nocedal (1989). On the limited memory BFGS method for large scale optimization. Mathematical Programming 45.
"""

from typing import Any

import numpy as np
from scipy.linalg import cho_factor, lapack

from diorama._typing import Array
from diorama.linear._logistic_objective import Objective
from diorama.linear._logistic_state import State, arrived, search
from diorama.optimization.two_loops import remember, two_loops

# pairs of (step, change of gradient) remembered
_MEMORY = 10
# wider tables start from the diagonal of the curvature: the matrix would cost more than it saves
_WIDEST = 1_000
# ridge, as a share of each curvature, where columns repeat
_RIDGE = 1e-10


class Metric:
    """The curvature at theta = 0, the same for every row of theta; `solve` divides by it."""

    def __init__(self, objective: Objective) -> None:
        n, width = objective.X.shape[0], objective.shape[1]
        self._factor: Any = None
        if width <= min(_WIDEST, n):
            matrix = objective.first_curvature()
            diagonal = np.diag_indices_from(matrix)
            matrix[diagonal] = np.where(matrix[diagonal] > 0, matrix[diagonal] * (1 + _RIDGE), 1.0)
            self._factor = cho_factor(matrix, lower=True, check_finite=False)[0]
        else:
            curvature = objective.first_curvature_diagonal()
            self._curvature = np.where(curvature > 0, curvature, 1.0)

    def solve(self, gradient: Array) -> Array:
        """curvature^-1 applied to each row of (n_rows, n_features + 1)."""
        if self._factor is None:
            scaled: Array = gradient / self._curvature
            return scaled
        solution: Array = lapack.dpotrs(self._factor, gradient.T, lower=1)[0]
        return solution.T


def lbfgs_step(objective: Objective, metric: Metric, state: State) -> State:
    """One step along the two-loop direction, shortened until the loss falls."""
    direction = state.direction
    if direction is None:
        direction = -metric.solve(state.gradient)
    theta, length = search(objective, state, direction)  #: step
    gradient = objective.at(theta).gradient  #: gradient
    moved, change = theta - state.theta, gradient - state.gradient
    memory = remember(state.memory, moved, change, metric.solve, _MEMORY)  #: remember
    onward = -two_loops(gradient, memory, metric.solve)  #: direction
    gap = -0.5 * float(np.vdot(gradient, onward))
    return arrived(objective, theta, length, gap, memory, onward)
