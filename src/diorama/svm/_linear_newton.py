"""Newton's method for the linear support vector machine with the squared hinge, for more rows than columns.

The loss is a bowl made of pieces of parabolas: on the rows inside their margin the curvature is known exactly, and
few steps lead to the bottom [1]_. The dual point that belongs to weights w pushes each row by 2 C_i times what it is
short of its margin, and its gap is half the squared length of the gradient at w.

.. [1] Chapelle (2007). Training a support vector machine in the primal. Neural Computation 19(5).
"""

from typing import Any

import numpy as np
from scipy.linalg import cho_factor, cho_solve

from diorama._parallel import blocks, run
from diorama._typing import Array
from diorama.svm._linear_problem import BLOCK, Problem, State, done

# a step's length is found to this share: the next step mends what is left
_FINE = 1e-3
# a gap of this share is rounding
_NOTHING = 1e-20


def newton_start(problem: Problem, n_features: int) -> State:
    """All weights are zero, and every row is short of its margin."""
    return arrived(problem, np.zeros(n_features + 1), np.zeros(len(problem.sign)))


def newton_step(problem: Problem, state: State) -> State:
    """To the bottom of the parabola that fits here, or as far on that line as the cost still falls."""
    gradient, margins = state.memory
    direction = -cho_solve(cho_factor(curvature(problem, margins)), gradient)  #: solve
    turn = problem.margins(direction)
    length = lowest(problem, state.weights, margins, direction, turn)  #: search
    return arrived(problem, state.weights + length * direction, margins + length * turn)  #: step


def arrived(problem: Problem, weights: Array, margins: Array) -> State:
    """The state at these weights, with the slope there."""
    push = 2 * problem.cost * np.maximum(1 - margins, 0)
    gradient = weights - problem.pull(push)
    gap = 0.5 * float(gradient @ gradient)
    return State(weights, push, problem.primal(weights, margins), gap, (gradient, margins))


def lowest(problem: Problem, weights: Array, margins: Array, direction: Array, turn: Array) -> float:
    """How far along `direction`, which turns the margins by `turn`, the cost is least: a safeguarded Newton in 1-D."""
    start, bend = float(weights @ direction), float(direction @ direction)
    low, high, length = 0.0, np.inf, 1.0
    for _ in range(30):
        short = 1 - margins - length * turn
        pull = np.where(short > 0, 2 * problem.cost * turn, 0.0)
        slope = start + length * bend - float(pull @ short)
        low, high = (length, high) if slope < 0 else (low, length)
        new = length - slope / (bend + float(pull @ turn)) if bend > 0 else length
        if not low <= new <= high:
            new = (low + high) / 2
        if abs(new - length) <= _FINE * length:
            return float(new)
        length = new
    return float(length)


def newton_done(previous: State, state: State, tol: float) -> bool:
    """Whether the gap is within `tol` and the last step ended on the parabola that it was made for: at its bottom."""
    if not done(previous, state, tol):
        return False
    (_, before), (_, after) = previous.memory, state.memory
    return state.gap <= _NOTHING * state.primal or np.array_equal(before < 1, after < 1)


def curvature(problem: Problem, margins: Array) -> Array:
    """(n_features + 1, n_features + 1) second derivatives of the cost at these margins."""
    size = problem.X.shape[1] + 1
    arguments = [
        (problem.X[low:high], margins[low:high], problem.cost[low:high], problem.constant)
        for low, high in blocks(len(margins), BLOCK)
    ]
    total = np.eye(size)
    for part in run(_block_curvature, arguments, work=float(len(margins)) * size * size):
        total += part
    return total


def _block_curvature(X: Any, margins: Array, cost: Array, constant: float) -> Array:
    rows = np.flatnonzero(margins < 1)
    chosen = X[rows]
    table = chosen.toarray() if hasattr(chosen, "toarray") else chosen
    root = np.sqrt(2 * cost[rows])
    table *= root[:, None]
    bend = np.empty((X.shape[1] + 1, X.shape[1] + 1))
    bend[:-1, :-1] = table.T @ table
    bend[-1, :-1] = bend[:-1, -1] = constant * (root @ table)
    bend[-1, -1] = constant**2 * (root @ root)
    return bend
