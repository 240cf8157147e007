"""The one training loop: take a step, tell whoever watches, ask whether it is enough, repeat.

An algorithm hands over a first state, a function that makes the next state from the last, and a function that says
whether to stop. Observers (a recorder, a progress bar, early stopping) see every state and change none of them, so a
watched fit and an unwatched one give the same bits.
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Generic, NamedTuple, TypeVar

S = TypeVar("S")


class Cancelled(Exception):
    """Raised by an observer to abandon a fit; it passes through `fit` to whoever called it."""


class Fit(NamedTuple):
    """What is being iterated: enough for an observer to explain it."""

    subject: Any  # the estimator being fitted, or the function being minimised
    X: Any = None  # (n_samples, n_features) the data that the steps see, in the user's units
    y: Any = None  # (n_samples,) the target, or None
    part: str = ""  # which piece, when one fit runs several loops: "start 2 of 10", "class setosa"


class Outcome(NamedTuple, Generic[S]):
    """Where a loop ended."""

    state: S
    n_iter: int  # steps taken
    converged: bool  # `done` said so, rather than max_iter or an observer


class Observer:
    """Looks on while something is iterated. Override what you need; the arrays of a state are never yours to write."""

    def begin(self, fit: Fit, max_iter: int) -> None:
        """A loop of at most `max_iter` steps starts."""

    def see(self, fit: Fit, iteration: int, state: Any) -> bool | None:
        """State number `iteration` (0 is the start) is there. True asks the loop to end here and keep this state."""

    def end(self, fit: Fit) -> None:
        """The loop is over, also when it was interrupted."""


_observers: ContextVar[tuple[Observer, ...]] = ContextVar("diorama_observers", default=())


@contextmanager
def observing(*observers: Observer) -> Iterator[None]:
    """Let `observers` see every loop that runs inside the `with` block, besides those already looking."""
    token = _observers.set((*_observers.get(), *observers))
    try:
        yield
    finally:
        _observers.reset(token)


def watched() -> bool:
    """Whether anybody is looking: work that only a picture needs can be left out otherwise."""
    return bool(_observers.get())


@contextmanager
def unobserved() -> Iterator[None]:
    """Let nobody see the loops inside the `with` block: the parts of a fit whose whole is what is watched."""
    token = _observers.set(())
    try:
        yield
    finally:
        _observers.reset(token)


def iterate(
    start: S,
    step: Callable[[S], S],
    done: Callable[[S, S], bool],
    *,
    max_iter: int,
    fit: Fit,
) -> Outcome[S]:
    """Replace the state by `step(state)` until `done(previous, state)`, at most `max_iter` times.

    Raises whatever a step or an observer raises; `Cancelled` is an observer's way to abandon the fit.
    """
    observers = _observers.get()
    for observer in observers:
        observer.begin(fit, max_iter)
    try:
        return _loop(start, step, done, max_iter, fit, observers)
    finally:
        for observer in observers:
            observer.end(fit)


def _loop(
    state: S,
    step: Callable[[S], S],
    done: Callable[[S, S], bool],
    max_iter: int,
    fit: Fit,
    observers: tuple[Observer, ...],
) -> Outcome[S]:
    if _told_to_stop(observers, fit, 0, state):
        return Outcome(state, 0, False)
    for iteration in range(1, max_iter + 1):
        previous, state = state, step(state)
        stop = bool(observers) and _told_to_stop(observers, fit, iteration, state)
        if done(previous, state):
            return Outcome(state, iteration, True)
        if stop:
            return Outcome(state, iteration, False)
    return Outcome(state, max_iter, False)


def _told_to_stop(observers: tuple[Observer, ...], fit: Fit, iteration: int, state: Any) -> bool:
    # all are asked before any answer counts: every observer sees every state
    answers = [observer.see(fit, iteration, state) for observer in observers]
    return any(answers)


def show(states: Callable[[], Iterable[Any]], *, total: int, fit: Fit) -> None:
    """Tell observers of `total` states that a kernel has already passed through, in their order.

    For algorithms that are not loops here (a tree grown by one kernel, an exact solution). `states` is called only
    when somebody watches, so an unwatched fit pays nothing.
    """
    observers = _observers.get()
    if not observers:
        return
    for observer in observers:
        observer.begin(fit, total)
    try:
        for iteration, state in enumerate(states()):
            if _told_to_stop(observers, fit, iteration, state):
                break
    finally:
        for observer in observers:
            observer.end(fit)
