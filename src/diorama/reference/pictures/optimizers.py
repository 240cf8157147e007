"""The live pictures of the optimizers: each races plain gradient descent down a surface of your choice."""

from collections.abc import Callable, Mapping
from typing import Any, Literal

import numpy as np

from diorama._typing import Array
from diorama.optimization import (
    BFGS,
    LBFGS,
    SGD,
    SURFACES,
    Adadelta,
    Adagrad,
    Adam,
    AdamW,
    ConjugateGradient,
    GradientDescent,
    Method,
    Momentum,
    Nesterov,
    Newton,
    RMSProp,
    Surface,
    race,
)
from diorama.recording import record
from diorama.reference.pictures.gradient_descent import STEPS, Ground
from diorama.reference.pictures.gradient_descent_regression import N_POINTS, points
from diorama.scenes import Scene

PLAIN = "gradient descent"
Batch = Literal["1", "5", "20", "60"]


def momentum(surface: Ground = "ill-conditioned valley", rate: float = 0.4, keep: float = 0.8) -> Scene:
    """Both at the same `rate`, a share of what is safe at the start; the ball keeps this share of its velocity."""
    alpha = rate * _safe(surface)
    return _down(surface, {PLAIN: GradientDescent(alpha), "momentum": Momentum(alpha, momentum=keep)})


def nesterov_momentum(surface: Ground = "ill-conditioned valley", rate: float = 0.4, keep: float = 0.8) -> Scene:
    """The heavy ball and the one that looks ahead, at the same rate and the same share kept."""
    alpha = rate * _safe(surface)
    runners = {
        PLAIN: GradientDescent(alpha),
        "momentum": Momentum(alpha, momentum=keep),
        "Nesterov": Nesterov(alpha, momentum=keep),
    }
    return _down(surface, runners)


def adagrad(surface: Ground = "ill-conditioned valley", learning_rate: float = 0.8) -> Scene:
    """Adagrad beside plain descent at half of its safe rate."""
    return _down(surface, {PLAIN: _plain(surface), "Adagrad": Adagrad(learning_rate)})


def adadelta(
    surface: Ground = "ill-conditioned valley", rho: float = 0.9, eps: float = 0.01, learning_rate: float = 1.0
) -> Scene:
    """Adadelta beside plain descent at half of its safe rate."""
    return _down(surface, {PLAIN: _plain(surface), "Adadelta": Adadelta(learning_rate, rho=rho, eps=eps)})


def rmsprop(surface: Ground = "ill-conditioned valley", learning_rate: float = 0.1, alpha: float = 0.9) -> Scene:
    """RMSProp beside plain descent and beside Adagrad, which never forgets."""
    runners = {
        PLAIN: _plain(surface),
        "Adagrad": Adagrad(learning_rate),
        "RMSProp": RMSProp(learning_rate, alpha=alpha),
    }
    return _down(surface, runners)


def adam(
    surface: Ground = "ill-conditioned valley",
    learning_rate: float = 0.3,
    beta1: float = 0.9,
    beta2: float = 0.99,
    weight_decay: float = 0.0,
) -> Scene:
    """Adam beside plain descent; with a weight decay, AdamW too."""
    betas = (beta1, beta2)
    decaying: dict[str, Method] = (
        {"AdamW": AdamW(learning_rate, betas, weight_decay=weight_decay)} if weight_decay else {}
    )
    runners = {PLAIN: _plain(surface), **decaying, "Adam": Adam(learning_rate, betas, weight_decay=weight_decay)}
    return _down(surface, runners)


def conjugate_gradients(surface: Ground = "ill-conditioned valley", rate: float = 0.5) -> Scene:
    """Both kinds of conjugate gradients beside plain descent at a share of its safe rate."""
    runners = {
        PLAIN: GradientDescent(rate * _safe(surface)),
        "exact steps": ConjugateGradient.linear(),
        "line search": ConjugateGradient(),
    }
    return _down(surface, runners)


def bfgs(surface: Ground = "Rosenbrock", history_size: int = 2, rate: float = 0.5) -> Scene:
    """BFGS and L-BFGS beside plain descent at a share of its safe rate."""
    runners = {
        PLAIN: GradientDescent(rate * _safe(surface)),
        "L-BFGS": LBFGS(history_size=history_size),
        "BFGS": BFGS(),
    }
    return _down(surface, runners)


def newtons_method(surface: Ground = "Rosenbrock", rate: float = 0.5) -> Scene:
    """Newton's method beside plain descent at a share of its safe rate."""
    return _down(surface, {PLAIN: GradientDescent(rate * _safe(surface)), "Newton": Newton()})


def sgd(batch_size: Batch = "5", learning_rate: float = 0.1, seed: int = 0) -> Scene:
    """A line through 60 points: every step by all of them, and every step by a few drawn at random."""
    X, y = points(0.5, seed)
    rows = np.column_stack([X, np.ones(N_POINTS)])
    drawn = f"{batch_size} of {N_POINTS} points"
    runners: dict[str, Method] = {f"all {N_POINTS} points": GradientDescent(learning_rate), drawn: SGD(learning_rate)}
    return _race(_cost(rows, y), runners, {drawn: _noisy_slope(rows, y, int(batch_size), seed)})


def _cost(rows: Array, y: Array) -> Surface:
    """The mean squared error of a line, over its slope and its bias."""
    curvature = 2 * rows.T @ rows / len(y)
    best = np.linalg.lstsq(rows, y, rcond=None)[0]
    least = float(np.mean((rows @ best - y) ** 2))

    def value(x: Array) -> Array:
        away = (x.T - best).T
        return np.asarray(least + 0.5 * (away * (curvature @ away)).sum(axis=0))

    return Surface(
        name="the cost of a line",
        formula=r"\tfrac{1}{n}\textstyle\sum_i (w x_i + b - y_i)^2",
        value=value,
        gradient=lambda x: curvature @ (x - best),
        hessian=lambda x: curvature,
        domain=((float(best[0]) - 3.0, float(best[0]) + 3.0), (float(best[1]) - 3.0, float(best[1]) + 3.0)),
        start=(float(best[0]) - 2.5, float(best[1]) + 2.5),
        minima=((float(best[0]), float(best[1])),),
    )


def _noisy_slope(rows: Array, y: Array, batch_size: int, seed: int) -> Callable[[Array], Array]:
    """The gradient over other rows at each call, drawn without replacement."""
    random = np.random.default_rng(seed)

    def slope(x: Array) -> Array:
        few = random.choice(len(y), batch_size, replace=False)
        gradient: Array = 2 * (rows[few] @ x - y[few]) @ rows[few] / batch_size
        return gradient

    return slope


def _safe(surface: Ground) -> float:
    """2/L at the start, above which plain descent runs away from there."""
    function = SURFACES[surface]
    return 2 / function.largest_curvature(np.array(function.start))


def _plain(surface: Ground) -> GradientDescent:
    return GradientDescent(_safe(surface) / 2)


def _down(surface: Ground, runners: Mapping[str, Method]) -> Scene:
    return _race(SURFACES[surface], runners, None)


def _race(surface: Surface, runners: Mapping[str, Method], slopes: Mapping[str, Any] | None) -> Scene:
    with record(max_frames=STEPS + 2) as recording:
        race(surface, surface.start, runners, grad=slopes, max_iter=STEPS, tol=1e-6)
    return recording.scene()
