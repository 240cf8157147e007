"""The live pictures of the calculus pages: functions to choose from, and where to look at them."""

import math
from collections.abc import Callable
from typing import Literal

from diorama._typing import Array
from diorama.mathematics import (
    Density,
    chain_rule,
    derivative,
    directional_derivative,
    gradient,
    integrate,
)
from diorama.recording import record
from diorama.scenes import Scene

FRAMES = 40
CURVES: dict[str, Callable[[float], float]] = {
    "x squared": lambda x: x * x,
    "sine": math.sin,
    "exponential": math.exp,
    "bell": lambda x: math.exp(-x * x),
}
HILLS: dict[str, Callable[[Array], float]] = {
    "bowl": lambda p: float(p[0] ** 2 + 2 * p[1] ** 2),
    "saddle": lambda p: float(p[0] ** 2 - p[1] ** 2),
    "waves": lambda p: math.sin(2 * p[0]) * math.cos(p[1]),
}
DENSITIES: dict[str, tuple[Callable[[float], float], tuple[float, float]]] = {
    "normal": (lambda x: math.exp(-x * x / 2) / math.sqrt(2 * math.pi), (-math.inf, math.inf)),
    "exponential": (lambda x: math.exp(-x), (0.0, math.inf)),
    "uniform": (lambda x: 0.25, (-2.0, 2.0)),
    "triangle": (lambda x: x / 2, (0.0, 2.0)),
}

Curve = Literal["x squared", "sine", "exponential", "bell"]
Composite = Literal["sin((k*x)**2)", "(x**2)**k", "exp(-x**k/2)", "1/(1 + exp(-k*x))", "log(1 + x**k)*x"]
Hill = Literal["bowl", "saddle", "waves"]
Shape = Literal["normal", "exponential", "uniform", "triangle"]


def slope(function: Curve = "sine", method: str = "forward", x: float = 1.0, step: float = 1e-4) -> Scene:
    """The slope of a curve at `x`, by secants that get narrower."""
    with record(max_frames=FRAMES) as recording:
        derivative(CURVES[function], x, method, step)
    return recording.scene()


def chain(formula: Composite = "sin((k*x)**2)", k: int = 4) -> Scene:
    """A formula taken apart, with a number in it that you choose."""
    with record(max_frames=FRAMES) as recording:
        chain_rule(formula.replace("k", str(k)))
    return recording.scene()


def arrow(function: Hill = "bowl", x: float = 1.0, y: float = 0.5) -> Scene:
    """The gradient on the contours of a hill."""
    with record(max_frames=FRAMES) as recording:
        gradient(HILLS[function], [x, y])
    return recording.scene()


def dial(function: Hill = "waves", x: float = 1.0, y: float = 0.5, angle: float = 60.0) -> Scene:
    """The slope in the direction `angle`, in degrees from the first axis."""
    direction = [math.cos(math.radians(angle)), math.sin(math.radians(angle))]
    with record(max_frames=FRAMES) as recording:
        directional_derivative(HILLS[function], [x, y], direction)
    return recording.scene()


def strips(function: Curve = "x squared", method: str = "left", a: float = 1.0, b: float = 3.0, n: int = 32) -> Scene:
    """The area under a curve, by strips that get finer."""
    with record(max_frames=FRAMES) as recording:
        integrate(CURVES[function], a, b, method, n=n)
    return recording.scene()


def interval(shape: Shape = "normal", a: float = -1.0, width: float = 2.0) -> Scene:
    """The probability of an interval that starts at `a`."""
    pdf, support = DENSITIES[shape]
    density = Density(pdf, support)
    with record(max_frames=FRAMES) as recording:
        density.probability(a, a + width)
    return recording.scene()
