"""Several ways down the same function from the same start, step by step side by side.

Each runner takes one step a round. It rests where it arrived, where it finds no way down any more, or at the last
place before its values grew beyond all bounds.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, iterate
from diorama._typing import Array
from diorama._validation import described
from diorama.optimization import minimization
from diorama.optimization.methods import find_method
from diorama.optimization.minimization import checked_start, first_state, flat
from diorama.optimization.objective import CountedFunction
from diorama.optimization.optimizer import Method
from diorama.optimization.progress import RUNAWAY

RUNNING = ""


class State(NamedTuple):
    """Where the runners stand after a round."""

    runners: tuple[minimization.State, ...]
    n_steps: tuple[int, ...]  # each has taken
    rests: tuple[str, ...]  # "" while it runs, else "arrived", "stuck", "ran away" or "fell away"


class Race(NamedTuple):
    """Who runs on what: what an observer is told of the loop."""

    fun: Callable[[Array], float]
    names: tuple[str, ...]
    methods: tuple[Method, ...]


@dataclass(frozen=True)
class RaceResult:
    """Where each runner ended, in the order in which they were given."""

    names: tuple[str, ...]
    x: Array  # (n_runners, n)
    fun: Array  # (n_runners,) the values there
    n_iter: Array  # (n_runners,) steps taken
    n_evaluations: Array  # (n_runners,) calls of the function
    rests: tuple[str, ...]  # why each stopped: "arrived", "stuck", "ran away", "fell away", or "" at max_iter

    @property
    def ranking(self) -> list[str]:
        """The names, who arrived in the fewest steps first, then by height."""
        late = [np.inf if rest != "arrived" else float(n) for rest, n in zip(self.rests, self.n_iter, strict=True)]
        return [self.names[i] for i in np.lexsort((self.fun, np.array(late)))]


def step(
    functions: Sequence[CountedFunction], methods: Sequence[Method], tol: float, ceiling: float, state: State
) -> State:
    """One round: everyone who still runs takes a step."""
    runners, n_steps, rests = list(state.runners), list(state.n_steps), list(state.rests)
    for k, (function, method) in enumerate(zip(functions, methods, strict=True)):
        if rests[k] != RUNNING:
            continue
        before = runners[k]
        after = minimization.step(function, method, before)  #: step
        rests[k] = judged(before, after, tol, ceiling)
        n_steps[k] += 1
        if rests[k] != "ran away":
            runners[k] = after
    return State(tuple(runners), tuple(n_steps), tuple(rests))


def judged(before: minimization.State, after: minimization.State, tol: float, ceiling: float) -> str:
    """Whether a runner rests after this step, and why; above `ceiling`, and as far below zero, nobody runs on."""
    if not after.value < ceiling or not np.isfinite(after.gradient).all():
        return "ran away"
    if after.value < -ceiling:
        return "fell away"
    if flat(after, tol):
        return "arrived"
    return "stuck" if after.x is before.x else RUNNING


def race(
    fun: Callable[[Array], float],
    x0: ArrayLike,
    methods: Mapping[str, str | Method] | Sequence[str | Method],
    *,
    grad: Callable[[Array], Array] | Mapping[str, Callable[[Array], Array]] | None = None,
    hess: Callable[[Array], Array] | None = None,
    max_iter: int = 100,
    tol: float = 1e-6,
) -> RaceResult:
    r"""Let several ways down the same function run side by side. Recorded, it is a picture of the race.

    Parameters
    ----------
    fun : callable
        :math:`f`: an array of shape (n,) to a number, such as one of `SURFACES`.
    x0 : array-like of shape (n,)
        Where all of them start.
    methods : mapping or sequence
        Who runs: objects or names as `minimize` takes them, in a mapping under the names to show.
    grad : callable or mapping of callables, optional
        The gradient, where the function does not bring its own. A mapping gives the runners of these names a gradient
        of their own, for instance one of a random batch of rows.
    hess : callable, optional
        The Hessian, likewise.
    max_iter : int, default=100
        Rounds at most.
    tol : float, default=1e-6
        A runner has arrived when no entry of its gradient is larger than this in size.

    Returns
    -------
    RaceResult
        Always finite: who runs away stays at its last place before.

    Raises
    ------
    ValueError
        As `minimize` does; and when nobody runs, or `grad` names somebody who does not.

    Examples
    --------
    >>> from diorama.optimization import SURFACES, GradientDescent
    >>> result = race(SURFACES["ill-conditioned valley"], [-2.8, 1.5], [GradientDescent(0.15), "newton"])
    >>> result.ranking
    ['Newton', 'GradientDescent']
    """
    named = _named(methods)
    own: Mapping[str, Callable[[Array], Array]] = grad if isinstance(grad, Mapping) else {}
    if strangers := set(own) - set(named):
        raise ValueError(f"grad names {sorted(strangers)}, who do not run; the runners are {list(named)}.")
    shared = None if isinstance(grad, Mapping) else grad
    x = checked_start(x0, max_iter, tol)
    functions = [CountedFunction(fun, own.get(name, shared), hess) for name in named]
    runners = tuple(named.values())
    with np.errstate(over="ignore", invalid="ignore"):
        start = _lined_up(functions, runners, x, tol)
        ceiling = RUNAWAY * (abs(start.runners[0].value) + 1)
        outcome = iterate(
            start,
            partial(step, functions, runners, tol, ceiling),
            lambda before, after: RUNNING not in after.rests,
            max_iter=max_iter if RUNNING in start.rests else 0,
            fit=Fit(Race(fun, tuple(named), runners)),
        )
    end = outcome.state
    return RaceResult(
        names=tuple(named),
        x=np.array([runner.x for runner in end.runners]),
        fun=np.array([runner.value for runner in end.runners]),
        n_iter=np.array(end.n_steps),
        n_evaluations=np.array([function.n_evaluations for function in functions]),
        rests=end.rests,
    )


def _lined_up(functions: Sequence[CountedFunction], methods: Sequence[Method], x: Array, tol: float) -> State:
    """All of them at the start."""
    starts = tuple(first_state(function, method, x) for function, method in zip(functions, methods, strict=True))
    rests = tuple("arrived" if flat(start, tol) else RUNNING for start in starts)
    return State(starts, (0,) * len(starts), rests)


def _named(methods: Mapping[str, str | Method] | Sequence[str | Method]) -> dict[str, Method]:
    """Runners by name; those without one go by their class, counted from the second of a kind on."""
    if isinstance(methods, str) or not isinstance(methods, Mapping | Sequence):
        raise TypeError(f"methods must be a list of names and objects such as Adam(); got {described(methods)}.")
    if not methods:
        raise ValueError("methods is empty: a race needs at least one runner.")
    if isinstance(methods, Mapping):
        return {name: find_method(method, "each of methods") for name, method in methods.items()}
    named: dict[str, Method] = {}
    for method in (find_method(method, "each of methods") for method in methods):
        kind = type(method).__name__
        others = sum(type(other).__name__ == kind for other in named.values())
        named[f"{kind} {others + 1}" if others else kind] = method
    return named
