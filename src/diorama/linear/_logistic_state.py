"""The state that every solver of logistic regression passes through, and the search along a direction they share."""

from typing import NamedTuple

import numpy as np

from diorama._typing import Array
from diorama.linear._logistic_objective import Objective
from diorama.optimization.two_loops import Pair

# Armijo's share of the promised decrease that a step must keep
_SHARE = 1e-4
_HALVINGS = 30


class State(NamedTuple):
    """Where the fit stands."""

    theta: Array  # (n_rows, n_features + 1) coefficients, the intercept last; one row for two classes
    cost: float  # mean loss plus penalties
    gradient: Array  # (n_rows, n_features + 1) of the smooth part
    slope: float  # the steepest way down along one coordinate: 0 at the optimum
    gap: float  # about how far the loss lies above its least value
    step: float  # how much of the proposed step was taken; 0 when none lowers the loss any more
    memory: tuple[Pair, ...] = ()  # the last steps, for L-BFGS
    direction: Array | None = None  # (n_rows, n_features + 1) where L-BFGS goes next, once it is known

    @property
    def coef(self) -> Array:
        """(n_rows, n_features) coefficients."""
        return self.theta[:, :-1]

    @property
    def intercept(self) -> Array:
        """(n_rows,) intercepts."""
        return self.theta[:, -1]


def start(objective: Objective, theta: Array) -> State:
    """The state at `theta`, before any step."""
    return arrived(objective, theta, 1.0, np.inf)


def arrived(
    objective: Objective,
    theta: Array,
    step: float,
    gap: float,
    memory: tuple[Pair, ...] = (),
    direction: Array | None = None,
) -> State:
    """The state at `theta`, with what can be seen from there."""
    gradient = objective.at(theta).gradient
    slope = steepest(objective, theta, gradient)
    return State(theta, objective.penalised(theta), gradient, slope, gap, step, memory, direction)


def steepest(objective: Objective, theta: Array, gradient: Array) -> float:
    """Largest entry of the gradient; where |theta| has a corner, of the subgradient nearest to zero."""
    if not objective.cornered:
        return float(np.abs(gradient).max())
    at_corner = np.maximum(np.abs(gradient) - objective.l1, 0)
    beside = np.abs(gradient + objective.l1 * np.sign(theta))
    return float(np.where(theta == 0, at_corner, beside).max())


def promise(objective: Objective, state: State, direction: Array) -> float:
    """The change of the loss (below 0) that its slope promises along `direction`."""
    slope = float(np.vdot(state.gradient, direction))
    if not objective.cornered:
        return slope
    return slope + float((objective.l1 * (np.abs(state.theta + direction) - np.abs(state.theta))).sum())


def search(objective: Objective, state: State, direction: Array, promised: float | None = None) -> tuple[Array, float]:
    """The first of steps 1, 1/2, 1/4 ... that keeps a share of the promised decrease, and its length.

    Length 0, and theta as it was, when rounding hides any decrease.
    """
    promised = promise(objective, state, direction) if promised is None else promised
    rounding = 4 * np.finfo(float).eps * abs(state.cost)
    length = 1.0
    for _ in range(_HALVINGS):
        theta = state.theta + length * direction
        if objective.penalised(theta) <= state.cost + _SHARE * length * promised + rounding:
            return theta, length
        length /= 2
    return state.theta, 0.0


def done(previous: State, state: State, tol: float) -> bool:
    """Whether the slope is within `tol` and the gap within that share of the loss, or no step lowers the loss."""
    return (state.slope <= tol and state.gap <= tol * max(state.cost, tol)) or state.step == 0
