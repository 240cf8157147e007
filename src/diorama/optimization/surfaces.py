"""Surfaces to descend on: each is easy to draw, and each is hard in a way of its own.

A surface is called with a point of shape (2,) and has `gradient`, `hessian`, the `minima` it is known to have, and the
`domain` on which it is worth looking at.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from diorama._typing import Array


@dataclass(frozen=True)
class Surface:
    """A function of two numbers with its derivatives.

    Examples
    --------
    >>> import numpy as np
    >>> print(bowl(np.array([1.0, 2.0])), bowl.gradient(np.array([1.0, 2.0])))
    5.0 [2. 4.]
    """

    name: str
    formula: str  # LaTeX
    value: Callable[[Array], Array]  # of one point (2,), or of many as columns (2, n)
    gradient: Callable[[Array], Array]
    hessian: Callable[[Array], Array]
    domain: tuple[tuple[float, float], tuple[float, float]]  # x from, to; y from, to: what to draw
    start: tuple[float, float]  # a good place to begin
    minima: tuple[tuple[float, float], ...]  # none when it has no lowest point

    def __call__(self, x: Array) -> float:
        return float(self.value(x))

    def heights(self, places: Array) -> Array:
        """The values at many points (n, 2)."""
        return self.value(places.T)

    def __repr__(self) -> str:
        return f"<surface {self.name}>"

    def largest_curvature(self, x: Array) -> float:
        """Largest eigenvalue of the Hessian at `x`: there, gradient descent is safe below 2 over this."""
        return float(np.linalg.eigvalsh(self.hessian(x))[-1])


def _quadratic(name: str, formula: str, a: float, b: float, start: tuple[float, float]) -> Surface:
    """a x^2 + b y^2."""
    curvatures = np.array([2.0 * a, 2.0 * b])
    return Surface(
        name=name,
        formula=formula,
        value=lambda x: np.asarray(a * x[0] ** 2 + b * x[1] ** 2),
        gradient=lambda x: curvatures * x,
        hessian=lambda x: np.diag(curvatures),
        domain=((-3.0, 3.0), (-3.0, 3.0)),
        start=start,
        minima=((0.0, 0.0),) if min(a, b) > 0 else (),
    )


bowl = _quadratic("bowl", "x^2 + y^2", 1.0, 1.0, (-2.5, 2.0))

# curvatures 0.2 and 10: what is safe across the valley is slow along it
valley = _quadratic("ill-conditioned valley", r"\tfrac{1}{10}x^2 + 5y^2", 0.1, 5.0, (-2.8, 1.5))

# flat in the middle, up one way and down the other, without end
saddle = _quadratic("saddle", r"\tfrac{1}{2}x^2 - \tfrac{1}{2}y^2", 0.5, -0.5, (-2.5, 0.001))


def _rosenbrock(x: Array) -> Array:
    return np.asarray((1 - x[0]) ** 2 + 100 * (x[1] - x[0] ** 2) ** 2)


def _rosenbrock_gradient(x: Array) -> Array:
    bend = x[1] - x[0] ** 2
    return np.array([-2 * (1 - x[0]) - 400 * x[0] * bend, 200 * bend])


def _rosenbrock_hessian(x: Array) -> Array:
    return np.array([[2 - 400 * (x[1] - 3 * x[0] ** 2), -400 * x[0]], [-400 * x[0], 200.0]])


# H. H. Rosenbrock (1960), "An automatic method for finding the greatest or least value of a function", The Computer
# Journal 3(3), 175-184: a bent valley with an almost flat floor
rosenbrock = Surface(
    name="Rosenbrock",
    formula="(1 - x)^2 + 100(y - x^2)^2",
    value=_rosenbrock,
    gradient=_rosenbrock_gradient,
    hessian=_rosenbrock_hessian,
    domain=((-2.0, 2.0), (-1.0, 3.0)),
    start=(-1.2, 1.0),
    minima=((1.0, 1.0),),
)

_BEALE = np.array([1.5, 2.25, 2.625])
_POWERS = np.array([1, 2, 3])


def _beale_terms(x: Array) -> tuple[Array, Array]:
    """The three residuals, and y^k - 1 for k = 1, 2, 3."""
    rise = x[1] ** _POWERS - 1
    return _BEALE + x[0] * rise, rise


def _beale(x: Array) -> Array:
    residuals = [c + x[0] * (x[1] ** power - 1) for c, power in zip(_BEALE, _POWERS, strict=True)]
    return np.asarray(sum(residual**2 for residual in residuals))


def _beale_gradient(x: Array) -> Array:
    residuals, rise = _beale_terms(x)
    slope = x[0] * _POWERS * x[1] ** (_POWERS - 1)
    return np.array([2 * residuals @ rise, 2 * residuals @ slope])


def _beale_hessian(x: Array) -> Array:
    residuals, rise = _beale_terms(x)
    turn = _POWERS * x[1] ** (_POWERS - 1)
    # k (k - 1) y^(k - 2), whose first entry is 0 whatever y is
    bend = np.array([0.0, 2.0, 6.0 * x[1]])
    mixed = 2 * (x[0] * turn @ rise + residuals @ turn)
    return np.array([[2 * rise @ rise, mixed], [mixed, 2 * (x[0] ** 2 * turn @ turn + x[0] * residuals @ bend)]])


# E. M. L. Beale (1958), "On an iterative method of finding a local minimum of a function of more than one variable",
# Princeton Statistical Techniques Research Group, report 25: plains with steep walls at the corners
beale = Surface(
    name="Beale",
    formula="(1.5 - x + xy)^2 + (2.25 - x + xy^2)^2 + (2.625 - x + xy^3)^2",
    value=_beale,
    gradient=_beale_gradient,
    hessian=_beale_hessian,
    domain=((-1.0, 4.0), (-1.5, 1.5)),
    start=(0.5, -1.0),
    minima=((3.0, 0.5),),
)

SURFACES = {surface.name: surface for surface in (bowl, valley, rosenbrock, beale, saddle)}
