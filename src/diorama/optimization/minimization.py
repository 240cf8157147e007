"""Minimise any function step by step, and keep the path that was taken.

From a start x, an optimizer turns the gradient there into the next x, until the gradient is as good as zero.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, iterate
from diorama._typing import Array
from diorama._validation import did_you_mean
from diorama.optimization.differences import central_differences, largest_curvature
from diorama.optimization.gradient_descent import GradientDescent
from diorama.optimization.optimizer import Optimizer
from diorama.optimization.progress import DivergenceWarning, Progress, divergence_message

METHODS: dict[str, type[GradientDescent]] = {"gradient-descent": GradientDescent}


class State(NamedTuple):
    """One point of the path."""

    x: Array  # (n,) where we stand
    value: float  # the function there
    gradient: Array  # (n,) its slope there
    memory: Any  # what the optimizer remembers

    @property
    def cost(self) -> float:
        """The value, under the name that all descents share."""
        return self.value


class Problem(NamedTuple):
    """What is minimised and how: what an observer is told of the loop."""

    fun: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    optimizer: Optimizer


@dataclass(frozen=True)
class MinimizeResult:
    """Where a minimisation ended. The names are SciPy's where SciPy has them."""

    x: Array  # (n,) the lowest point when it diverged, else the last
    fun: float  # the value there
    grad: Array  # (n,) the gradient there
    n_iter: int  # steps taken
    converged: bool  # whether the gradient came below the tolerance
    message: str  # why it ended
    n_evaluations: int  # calls of the function, those for differences included
    n_gradients: int  # gradients taken
    gradient_from: str  # "grad", "fun.gradient" or "central differences"


class _Counted:
    """A function that counts its calls."""

    def __init__(self, function: Callable[[Array], Any]) -> None:
        self.function = function
        self.calls = 0

    def __call__(self, x: Array) -> Any:
        self.calls += 1
        return self.function(x)


def step(fun: Callable[[Array], float], slope: Callable[[Array], Array], optimizer: Optimizer, state: State) -> State:
    """One step down."""
    x, memory = optimizer.update(state.gradient, state.memory, state.x)  #: move
    return State(x, float(fun(x)), slope(x), memory)  #: look


def minimize(
    fun: Callable[[Array], float],
    x0: ArrayLike,
    *,
    method: str | Optimizer = "gradient-descent",
    grad: Callable[[Array], Array] | None = None,
    max_iter: int = 1000,
    tol: float = 1e-6,
) -> MinimizeResult:
    r"""Minimise a function of n numbers from a start.

    Parameters
    ----------
    fun : callable
        :math:`f`: an array of shape (n,) to a number. It may bring its own `gradient` method, as the test surfaces do.
    x0 : array-like of shape (n,)
        The start.
    method : str or Optimizer, default="gradient-descent"
        How to step: a name, for that optimizer with its usual settings, or an optimizer such as
        ``GradientDescent(learning_rate=0.1)``.
    grad : callable, optional
        :math:`\nabla f`: an array of shape (n,) to one of the same shape. Without it `fun.gradient` is taken when there
        is one, and central differences when not; the result says which.
    max_iter : int, default=1000
        Steps at most.
    tol : float, default=1e-6
        Converged when no entry of the gradient is larger than this in size.

    Returns
    -------
    MinimizeResult
        Always finite. When the values went up instead of down it is the best point seen, and a `DivergenceWarning`
        names the largest safe learning rate, 2/L, with L the curvature measured around that point.

    Raises
    ------
    ValueError
        For a start that is not finite or not a vector, a function without finite value there, a gradient of another
        shape, an unknown method, or a negative `tol` or `max_iter`.

    References
    ----------
    Nocedal and Wright (2006), "Numerical Optimization", 2nd edition, chapters 2, 3 and 8.

    Examples
    --------
    >>> from diorama.optimization import GradientDescent, minimize
    >>> result = minimize(lambda x: (x[0] - 3) ** 2, [0.0], method=GradientDescent(0.2))
    >>> print(result.x.round(4), result.converged, result.gradient_from)
    [3.] True central differences
    """
    optimizer = _optimizer(method)
    x = _checked_start(x0, max_iter, tol)
    values = _Counted(fun)
    source, given = _gradient_of(fun, values, grad)
    slopes = _Counted(given)
    # numbers too large are what a divergence is made of: noticed below, not warned of one by one
    with np.errstate(over="ignore", invalid="ignore"):
        start = _checked_state(State(x, float(values(x)), np.asarray(slopes(x), dtype=float), optimizer.init(x)))
        progress = Progress(start)

        def done(previous: State, state: State) -> bool:
            return progress.done(previous, state) or _flat(state, tol)

        if _flat(start, tol):
            max_iter = 0
        fit = Fit(Problem(fun, given, optimizer))
        outcome = iterate(start, partial(step, values, slopes, optimizer), done, max_iter=max_iter, fit=fit)
        if progress.diverged:
            _warn(progress, slopes, optimizer)
    kept = progress.kept
    return MinimizeResult(
        x=kept.x,
        fun=kept.value,
        grad=kept.gradient,
        n_iter=outcome.n_iter,
        converged=_flat(kept, tol),
        message=_message(progress, kept, tol, outcome.n_iter, source),
        n_evaluations=values.calls,
        n_gradients=slopes.calls,
        gradient_from=source,
    )


def _optimizer(method: str | Optimizer) -> Optimizer:
    if isinstance(method, Optimizer):
        return method
    if method not in METHODS:
        raise ValueError(f"there is no method {method!r}; {did_you_mean(str(method), METHODS)}")
    return METHODS[method]()


def _checked_start(x0: ArrayLike, max_iter: int, tol: float) -> Array:
    x = np.atleast_1d(np.array(x0, dtype=float))
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"x0 must be a vector of at least one number; its shape is {np.shape(x0)}.")
    if not np.isfinite(x).all():
        raise ValueError(f"x0 must be finite; entry {int(np.flatnonzero(~np.isfinite(x))[0])} is not.")
    if max_iter < 0 or not tol >= 0:
        raise ValueError(f"max_iter and tol must not be negative; got max_iter={max_iter!r}, tol={tol!r}.")
    return x


def _checked_state(state: State) -> State:
    if state.gradient.shape != state.x.shape:
        raise ValueError(f"the gradient must have the shape {state.x.shape} of x0; it has {state.gradient.shape}.")
    if not (math.isfinite(state.value) and np.isfinite(state.gradient).all()):
        raise ValueError(f"the function and its gradient must be finite at x0 = {state.x}; start elsewhere.")
    return state


def _gradient_of(
    fun: Callable[[Array], float], counted: _Counted, grad: Callable[[Array], Array] | None
) -> tuple[str, Callable[[Array], Array]]:
    if grad is not None:
        return "grad", grad
    own: Callable[[Array], Array] | None = getattr(fun, "gradient", None)
    if own is not None:
        return "fun.gradient", own
    return "central differences", partial(central_differences, counted)


def _flat(state: State, tol: float) -> bool:
    return bool(abs(state.gradient).max() <= tol)


def _warn(progress: Progress[State], gradient: Callable[[Array], Array], optimizer: Optimizer) -> None:
    curvature = largest_curvature(gradient, progress.best.x)
    safe_rate = 2 / curvature if curvature > 0 else math.nan
    message = divergence_message(
        "value", progress, optimizer.plain_rate, safe_rate, "The result is the lowest point seen."
    )
    warnings.warn(message, DivergenceWarning, stacklevel=3)


def _message(progress: Progress[State], kept: State, tol: float, n_iter: int, source: str) -> str:
    if progress.diverged:
        reason = "the values went up: the learning rate is too large, and this is the lowest point seen"
    elif progress.fell_away:
        reason = "the values fall without end: the function has no minimum on this way down"
    elif _flat(kept, tol):
        reason = f"no entry of the gradient is larger than {tol:g}"
    else:
        reason = f"stopped after {n_iter} steps with a gradient as large as {abs(kept.gradient).max():.3g}"
    return f"{reason} (gradient from {source})."
