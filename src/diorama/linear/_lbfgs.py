"""L-BFGS: Newton's direction guessed from how the gradient changed over the last steps, at the price of a gradient.

The guess starts from the curvature at theta = 0, one matrix for all steps and classes, so that columns of unlike scale
or that vary together do not slow it down. Two loops over the remembered pairs give the direction [1]_.

.. [1] Liu, Nocedal (1989). On the limited memory BFGS method for large scale optimization. Mathematical Programming 45.
"""

import math
from typing import Any

import numpy as np
from scipy.linalg import cho_factor, lapack

from diorama._typing import Array
from diorama.linear._logistic_objective import Objective
from diorama.linear._logistic_state import Pair, State, arrived, search

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
    memory = remember(state, theta, gradient, metric)  #: remember
    onward = -two_loops(gradient, memory, metric)  #: direction
    gap = -0.5 * float(np.vdot(gradient, onward))
    return arrived(objective, theta, length, gap, memory, onward)


def remember(state: State, theta: Array, gradient: Array, metric: Metric) -> tuple[Pair, ...]:
    """The memory with this step in it, if the gradient told anything about the curvature along it."""
    moved, change = theta - state.theta, gradient - state.gradient
    along = float(np.vdot(moved, change))
    if along <= 1e-14 * math.sqrt(np.vdot(moved, moved) * np.vdot(change, change)):
        return state.memory
    pair = Pair(moved, change, along, along / float(np.vdot(change, metric.solve(change))))
    return (*state.memory, pair)[-_MEMORY:]


def two_loops(gradient: Array, memory: tuple[Pair, ...], metric: Metric) -> Array:
    """The remembered inverse curvature applied to a gradient."""
    rest, taken = gradient.copy(), []
    for pair in reversed(memory):
        share = float(np.vdot(pair.moved, rest)) / pair.along
        rest -= share * pair.change
        taken.append(share)
    # the first guess is scaled to the curvature last seen
    result = metric.solve(rest) * (memory[-1].scale if memory else 1.0)
    for pair, share in zip(memory, reversed(taken), strict=True):
        result += pair.moved * (share - float(np.vdot(pair.change, result)) / pair.along)
    return result
