"""The linear support vector machine's problem, its two objectives, and the state of a walk towards their meeting."""

from typing import Any, NamedTuple

import numpy as np

from diorama._parallel import blocks, run
from diorama._typing import Array

BLOCK = 4_096


class State(NamedTuple):
    """Where a walk stands."""

    weights: Array  # (n_features + 1,) coefficients; the last is of the constant column, the intercept
    alpha: Array  # (n_samples,) how hard each row pushes the boundary; 0 for rows beyond their margin
    primal: float  # penalty plus loss of these weights: never below the optimum
    gap: float  # primal minus dual: at most so far above the optimum
    memory: tuple[Any, ...] = ()  # what the walk itself remembers

    @property
    def coef(self) -> Array:
        """(n_features,) coefficients."""
        return self.weights[:-1]


class Problem(NamedTuple):
    """One class against the others. Rows may be sparse (CSR)."""

    X: Any  # (n_samples, n_features) float64
    sign: Array  # (n_samples,) +1 for the class, -1 for the others
    cost: Array  # (n_samples,) C times the row's weight
    constant: float  # value of the constant column; 0 for no intercept
    squared: bool  # whether the loss is the square of the hinge

    def margins(self, weights: Array) -> Array:
        """(n_samples,) sign times weighted sum: 1 and more costs nothing."""
        out = np.empty(len(self.sign))
        coef, shift = weights[:-1], self.constant * weights[-1]
        arguments = [
            (self.X[low:high], coef, shift, self.sign[low:high], out[low:high]) for low, high in blocks(len(out), BLOCK)
        ]
        run(_margins_of, arguments, work=2.0 * len(out) * len(weights))
        return out

    def pull(self, alpha: Array) -> Array:
        """(n_features + 1,) sum_i alpha_i sign_i x_i: the weights that these pushes add up to."""
        push = alpha * self.sign
        arguments = [(self.X[low:high], push[low:high]) for low, high in blocks(len(push), BLOCK)]
        parts = run(_pull_of, arguments, work=2.0 * len(push) * self.X.shape[1])
        return np.append(np.sum(parts, axis=0), self.constant * push.sum())

    def primal(self, weights: Array, margins: Array) -> float:
        """Half the squared length of the weights plus the cost of every row inside its margin."""
        short = np.maximum(1 - margins, 0)
        loss = short * short if self.squared else short
        return float(0.5 * weights @ weights + self.cost @ loss)

    def dual(self, weights: Array, alpha: Array) -> float:
        """The dual objective of `alpha`, whose weights are sum_i alpha_i sign_i x_i: never above the optimum."""
        return float(alpha.sum() - 0.5 * weights @ weights - 0.5 * self.softness() @ (alpha * alpha))

    def softness(self) -> Array:
        """(n_samples,) what the squared hinge adds to the diagonal of the dual; rows without weight stay at 0."""
        if not self.squared:
            return np.zeros(len(self.cost))
        with np.errstate(divide="ignore"):
            return np.where(self.cost > 0, 0.5 / self.cost, 0.0)

    def upper(self) -> Array:
        """(n_samples,) the most that each row may push."""
        return np.where(self.cost > 0, np.inf, 0.0) if self.squared else self.cost


def _margins_of(X: Any, coef: Array, shift: float, sign: Array, out: Array) -> None:
    np.multiply(X @ coef + shift, sign, out=out)


def _pull_of(X: Any, push: Array) -> Array:
    pulled: Array = push @ X
    return pulled


def done(previous: State, state: State, tol: float) -> bool:
    """Whether the objective is known to lie within `tol` of its least value."""
    return state.gap <= tol * state.primal
