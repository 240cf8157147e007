"""Minimise any function step by step, and keep the path that was taken.

From a start x, a method finds the next x from what it sees there, until the gradient is as good as zero.
"""

import math
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._differences import largest_curvature
from diorama._iterate import Fit, Outcome, iterate
from diorama._typing import Array
from diorama._validation import check_real, check_whole, described
from diorama.optimization.methods import find_method
from diorama.optimization.objective import CountedFunction
from diorama.optimization.optimizer import Method, Objective, Place
from diorama.optimization.progress import DivergenceWarning, Progress, divergence_message


class State(NamedTuple):
    """One point of the path."""

    x: Array  # (n,) where we stand
    value: float  # the function there
    gradient: Array  # (n,) its slope there
    memory: Any  # what the method remembers

    @property
    def cost(self) -> float:
        """The value, under the name that all descents share."""
        return self.value


class Problem(NamedTuple):
    """What is minimised and how: what an observer is told of the loop."""

    fun: Callable[[Array], float]
    gradient: Callable[[Array], Array]
    optimizer: Method


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
    n_hessians: int  # Hessians taken
    hessian_from: str  # "hess", "fun.hessian" or "central differences"; "" when none was taken


def step(objective: Objective, method: Method, state: State) -> State:
    """One step down."""
    place = Place(state.x, state.value, state.gradient)
    place, memory = method.advance(objective, place, state.memory)  #: move
    return State(*place, memory)


def minimize(
    fun: Callable[[Array], float],
    x0: ArrayLike,
    *,
    method: str | Method = "gradient-descent",
    grad: Callable[[Array], Array] | None = None,
    hess: Callable[[Array], Array] | None = None,
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
    method : str or Method, default="gradient-descent"
        How to step: an optimizer such as ``GradientDescent(learning_rate=0.1)``, or a name for one with its usual
        settings: "gradient-descent", "sgd", "momentum", "nesterov", "adagrad", "adadelta", "rmsprop", "adam", "adamw",
        "conjugate-gradient", "bfgs", "lbfgs" or "newton".
    grad : callable, optional
        :math:`\nabla f`: an array of shape (n,) to one of the same shape. Without it `fun.gradient` is taken when there
        is one, and central differences when not; the result says which.
    hess : callable, optional
        :math:`\nabla^2 f`: an array of shape (n,) to one of shape (n, n). Without it `fun.hessian` is taken when there
        is one, and differences of the gradient when not. Only `Newton` asks for it.
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
    TypeError
        For a `fun`, `grad` or `hess` that cannot be called, and other arguments of the wrong kind.

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
    optimizer = find_method(method)
    x = checked_start(x0, max_iter, tol)
    function = CountedFunction(fun, grad, hess)
    # numbers too large are what a divergence is made of: noticed below, not warned of one by one
    with np.errstate(over="ignore", invalid="ignore"):
        start = first_state(function, optimizer, x)
        progress = Progress(start)

        def done(previous: State, state: State) -> bool:
            # a method that finds no way down hands back the place it was given
            return progress.done(previous, state) or flat(state, tol) or state.x is previous.x

        if flat(start, tol):
            max_iter = 0
        fit = Fit(Problem(fun, function.uncounted_gradient, optimizer))
        outcome = iterate(start, partial(step, function, optimizer), done, max_iter=max_iter, fit=fit)
        if progress.diverged:
            _warn(progress, function.gradient, optimizer)
    kept = progress.kept
    return MinimizeResult(
        x=kept.x,
        fun=kept.value,
        grad=kept.gradient,
        n_iter=outcome.n_iter,
        converged=flat(kept, tol),
        message=_message(progress, kept, tol, outcome, function.gradient_from),
        n_evaluations=function.n_evaluations,
        n_gradients=function.n_gradients,
        gradient_from=function.gradient_from,
        n_hessians=function.n_hessians,
        hessian_from=function.hessian_from if function.n_hessians else "",
    )


def first_state(objective: Objective, method: Method, x: Array) -> State:
    """The state at the start; ValueError when the function has no finite value and gradient there."""
    value, gradient = objective.value_and_gradient(x)
    if gradient.shape != x.shape:
        raise ValueError(f"the gradient must have the shape {x.shape} of x0; it has {gradient.shape}.")
    if not (math.isfinite(value) and np.isfinite(gradient).all()):
        raise ValueError(f"the function and its gradient must be finite at x0 = {x}; start elsewhere.")
    return State(x, value, gradient, method.init(x))


def flat(state: State, tol: float) -> bool:
    """Whether no entry of the gradient is larger than `tol`."""
    return bool(abs(state.gradient).max() <= tol)


def checked_start(x0: ArrayLike, max_iter: int, tol: float) -> Array:
    """The start as a vector of floats; ValueError for what cannot be one, or cannot be an end."""
    try:
        x = np.atleast_1d(np.array(x0, dtype=float))
    except (TypeError, ValueError, OverflowError) as error:
        raise ValueError(f"x0 must be a vector of numbers; got {described(x0)}.") from error
    if x.ndim != 1 or x.size == 0:
        raise ValueError(f"x0 must be a vector of at least one number; its shape is {np.shape(x0)}.")
    if not np.isfinite(x).all():
        raise ValueError(f"x0 must be finite; entry {int(np.flatnonzero(~np.isfinite(x))[0])} is not.")
    check_whole("max_iter", max_iter, at_least=0)
    check_real("tol", tol, "a finite number, 0 or more", lambda size: 0 <= size < math.inf)
    return x


def _warn(progress: Progress[State], gradient: Callable[[Array], Array], optimizer: Method) -> None:
    curvature = largest_curvature(gradient, progress.best.x)
    safe_rate = optimizer.safe_rate(curvature) if curvature > 0 else math.nan
    message = divergence_message(
        "value", progress, optimizer.plain_rate, safe_rate, "The result is the lowest point seen."
    )
    warnings.warn(message, DivergenceWarning, stacklevel=3)


def _message(progress: Progress[State], kept: State, tol: float, outcome: Outcome[State], source: str) -> str:
    if progress.diverged:
        reason = "the values went up: the learning rate is too large, and this is the lowest point seen"
    elif progress.fell_away:
        reason = "the values fall without end: the function has no minimum on this way down"
    elif flat(kept, tol):
        reason = f"no entry of the gradient is larger than {tol:g}"
    else:
        why = "no step lowers the value any more" if outcome.converged else "stopped"
        reason = f"{why} after {outcome.n_iter} steps with a gradient as large as {abs(kept.gradient).max():.3g}"
    return f"{reason} (gradient from {source})."
