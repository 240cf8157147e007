"""When a descent is over: it has settled, or it has run away.

Every descent of the package (a function's, a model's) asks the same questions after each step. Its states carry their
`cost`; what has been seen of it is kept here, so that the states themselves stay small.
"""

import math
from typing import Generic, Protocol, TypeVar

# a cost this many times the first is past saving: enough to be seen, and far from the largest float
RUNAWAY = 1e6
# a swing of a method with momentum takes this many times the patience, at most
SWINGS = 10


class DivergenceWarning(UserWarning):
    """A descent went up instead of down. The message says the largest learning rate that is safe, where it is known."""


class HasCost(Protocol):
    """A state of a descent."""

    @property
    def cost(self) -> float: ...


S = TypeVar("S", bound=HasCost)


class Progress(Generic[S]):
    """The costs so far and the best state; `done` is the stopping rule to hand to the loop.

    A descent has settled when `patience` steps in a row each failed to lower the best cost by the share `tol` of it.
    Where costs are no matter of chance they must also have changed by less than that, for a method with momentum swings
    past the best place and back; `SWINGS` times as many steps without a better one settle it, too. With `tol=None` it
    never settles. It has run away when its cost is no number or `RUNAWAY` times the first, and
    fallen away when it sinks below zero as far as that, squared: it has no lowest point to find. It diverged when it
    ran away, or ended above its start by more than the share `slack` of it.
    """

    def __init__(
        self, start: S, tol: float | None = None, patience: int = 5, slack: float = 1e-9, by_chance: bool = False
    ) -> None:
        self.start = self.best = self.last = start
        self.tol = tol
        self.patience = patience
        self.slack = slack
        self.costs = [start.cost]
        self.settled = self.ran_away = self.fell_away = False
        self.by_chance = by_chance
        self._stalled = self._still = 0
        self._ceiling = RUNAWAY * (abs(start.cost) + 1.0)

    def done(self, previous: S, state: S) -> bool:
        """Take note of a new state; True when the descent is over."""
        cost = state.cost
        self.costs.append(cost)
        self.last = state
        if not -RUNAWAY * self._ceiling < cost < self._ceiling:
            self.fell_away = cost < 0
            self.ran_away = not self.fell_away
            return True
        best = self.best.cost
        if cost < best:
            self.best = state
        if self.tol is None:
            return False
        little = self.tol * abs(best)
        self._stalled = 0 if best - cost > little else self._stalled + 1
        self._still = 0 if abs(previous.cost - cost) > little else self._still + 1
        most = self.patience if self.by_chance or self._still >= self.patience else SWINGS * self.patience
        self.settled = self._stalled >= most
        return self.settled

    def stuck(self, still: bool) -> bool:
        """Take note of whether there is no way down from here, which settles the descent."""
        self.settled = self.settled or still
        return still

    @property
    def diverged(self) -> bool:
        """Whether the descent ended higher than it began."""
        start = self.start.cost
        return self.ran_away or self.last.cost > start + self.slack * abs(start)

    @property
    def kept(self) -> S:
        """The state to keep: the last, or the best of a descent that ended badly."""
        return self.best if self.diverged or self.fell_away else self.last

    @property
    def growth(self) -> float:
        """How many times its best value the cost reached in the end; infinity when that is beyond all numbers."""
        if not math.isfinite(self.last.cost) or self.best.cost <= 0:
            return math.inf
        return self.last.cost / self.best.cost


def divergence_message(quantity: str, progress: Progress[S], rate: float | None, safe_rate: float, kept: str) -> str:
    """What went wrong and what to do: how far `quantity` went up, at which learning rate, and which is safe."""
    growth = progress.growth
    grew = f"grew to {growth:.3g} times its lowest value" if math.isfinite(growth) else "grew beyond all bounds"
    at = f" at learning rate {rate:.4g}" if rate is not None else ""
    known = math.isfinite(safe_rate) and safe_rate > 0
    # only of plain steps is the limit 2/L itself
    limit = "2/L = " if rate is not None else "about "
    remedy = f"the largest safe rate is {limit}{safe_rate:.4g}" if known else "try a smaller learning rate"
    return f"The {quantity} {grew}{at}; {remedy}. {kept}"
