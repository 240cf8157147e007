"""Slopes and curvature from values alone: central differences."""

from collections.abc import Callable

import numpy as np

from diorama._typing import Array

# the cube root of the spacing of floats balances rounding against the error of the difference (Nocedal, Wright, 8.1)
_STEP = np.finfo(float).eps ** (1 / 3)


def central_differences(fun: Callable[[Array], float], x: Array) -> Array:
    """Gradient of `fun` at `x`, two values for each coordinate; its error falls with the square of the step.

    Each call of `fun` gets an array of its own, to keep if it likes.

    >>> import numpy as np
    >>> central_differences(lambda x: x[0] ** 2 + 3 * x[1], np.array([3.0, 1.0])).round(6)
    array([6., 3.])
    """
    above, below = _beside(x)
    rises = np.empty(x.size)
    for i, (high, low) in enumerate(zip(above.tolist(), below.tolist(), strict=True)):
        point = x.copy()
        point[i] = high
        rise = fun(point)
        point = x.copy()
        point[i] = low
        rises[i] = rise - fun(point)
    gradient: Array = rises / (above - below)
    return gradient


def differenced_jacobian(fun: Callable[[Array], Array], x: Array) -> Array:
    """Jacobian at `x` of a function from n numbers to m, of shape (m, n), two values for each coordinate.

    >>> import numpy as np
    >>> differenced_jacobian(lambda x: np.array([x[0] * x[1], x[1]]), np.array([3.0, 2.0])).round(6)
    array([[2., 3.],
           [0., 1.]])
    """
    above, below = _beside(x)
    columns = []
    for i in range(x.size):
        points = x.copy(), x.copy()
        points[0][i], points[1][i] = above[i], below[i]
        columns.append((fun(points[0]) - fun(points[1])) / (above[i] - below[i]))
    return np.stack(columns, axis=1)


def differenced_hessian(gradient: Callable[[Array], Array], x: Array) -> Array:
    """Hessian at `x` from two gradients for each coordinate, made symmetric.

    >>> import numpy as np
    >>> differenced_hessian(lambda x: np.array([2 * x[0] + x[1], x[0]]), np.array([3.0, 1.0])).round(6)
    array([[2., 1.],
           [1., 0.]])
    """
    rows = differenced_jacobian(gradient, x)
    hessian: Array = (rows + rows.T) / 2
    return hessian


def _beside(x: Array) -> tuple[Array, Array]:
    """Each coordinate a step up and a step down."""
    steps = _STEP * np.maximum(1.0, np.abs(x))
    return x + steps, x - steps


def largest_curvature(gradient: Callable[[Array], Array], x: Array, n_products: int = 30) -> float:
    """Largest curvature of a function around `x`, by power iteration on differences of its gradient.

    Power iteration finds the eigenvalue of the Hessian that is largest in size. Where that is not an upward curvature,
    all eigenvalues are lifted by its size and the search is made again. Exact, but for rounding, on quadratic
    functions; 0 where nothing curves up, NaN where the gradient is not finite.
    """
    step = _STEP * max(1.0, float(np.linalg.norm(x)))

    def bend(direction: Array) -> Array:
        with np.errstate(over="ignore", invalid="ignore"):
            change: Array = (gradient(x + step * direction) - gradient(x - step * direction)) / (2 * step)
        return change

    value, size = _power_iteration(bend, x.size, n_products)
    if value >= 0.999 * size or not np.isfinite(size):
        return value
    lifted, _ = _power_iteration(lambda direction: bend(direction) + size * direction, x.size, n_products)
    # where nothing curves up, what is left is rounding
    return lifted - size if lifted - size > 1e-6 * size else 0.0


def _power_iteration(product: Callable[[Array], Array], n: int, n_products: int) -> tuple[float, float]:
    """Eigenvalue of the symmetric map `product` that is largest in size, and that size."""
    # a fixed start that favours no axis
    direction = np.cos(np.arange(1.0, n + 1.0))
    direction /= np.linalg.norm(direction)
    value = size = 0.0
    for _ in range(n_products):
        image = product(direction)
        value, size = float(direction @ image), float(np.linalg.norm(image))
        if not np.isfinite(size):
            return float("nan"), float("nan")
        if size == 0:
            break
        direction = image / size
    return value, size
