r"""Fit a line by a loss, and see how much each point has to say.

Where the slope of the loss at an error e is psi(e), the best line solves a least-squares problem whose weights are
psi(e) / e: 1 for all with the squared error, less the wilder the point with Huber's or the absolute error. The weights
depend on the line and the line on the weights, so they take turns.
"""

from functools import partial
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, iterate
from diorama._typing import Array
from diorama._validation import check_real, check_whole, described
from diorama.losses._checks import as_floats
from diorama.losses.huber import Huber
from diorama.losses.mae import MAE
from diorama.losses.mse import MSE

# errors below this share of the target's spread count as this large: the weight of no error has no bound
SMALLEST = 1e-6


class State(NamedTuple):
    """One line."""

    slope: float
    intercept: float
    weights: Array  # (n,) of the points, the largest 1
    value: float  # the loss


class LineByLoss(NamedTuple):
    """What is fitted: told to observers."""

    loss: MSE | MAE | Huber
    outlier: int  # the row farthest from the line at the start


class Line(NamedTuple):
    """The line that a loss likes best."""

    slope: float
    intercept: float
    weights: Array  # (n,) how much each point had to say, the largest 1
    n_iter: int


def say(loss: MSE | MAE | Huber, x: Array, y: Array, slope: float, intercept: float) -> State:
    """How much each point has to say of the next line: the slope of the loss at its error, over the error."""
    predicted = slope * x + intercept
    floor = SMALLEST * (np.ptp(y) or 1.0)
    sizes = np.maximum(abs(predicted - y), floor)
    pull = abs(loss.gradient(np.zeros_like(sizes), sizes)) / sizes
    value = float(np.mean(loss(y, predicted)))
    return State(slope, intercept, pull / pull.max(), value)  #: weights


def step(loss: MSE | MAE | Huber, x: Array, y: Array, state: State) -> State:
    """The line of least squares under the weights, and the weights that it leads to."""
    share = state.weights / state.weights.sum()
    middle_x, middle_y = float(share @ x), float(share @ y)
    slope = float(share @ ((x - middle_x) * (y - middle_y)) / (share @ (x - middle_x) ** 2))  #: line
    return say(loss, x, y, slope, middle_y - slope * middle_x)


def fit_line(loss: MSE | MAE | Huber, x: ArrayLike, y: ArrayLike, *, max_iter: int = 200, tol: float = 1e-9) -> Line:
    """The line whose errors cost least, by least squares whose weights follow the loss.

    Parameters
    ----------
    loss : MSE, MAE or Huber
        What an error costs.
    x, y : array-like of shape (n,)
        Points, with at least two different values of x.
    max_iter : int, default=200
        Lines at most after the first, which is that of least squares.
    tol : float, default=1e-9
        It ends when a new line lowers the loss by less than this share of it.

    Returns
    -------
    Line
        `slope`, `intercept`, and the last `weights` of the points.

    Raises
    ------
    TypeError, ValueError
        For another loss, vectors of different lengths or without numbers, an x that is the same everywhere.

    References
    ----------
    Holland and Welsch (1977), "Robust regression using iteratively reweighted least-squares".

    Examples
    --------
    >>> from diorama.losses import MAE, fit_line
    >>> line = fit_line(MAE(), [0, 1, 2, 3, 4], [0, 1, 2, 3, 20])
    >>> print(round(line.slope, 3))
    1.0
    """
    if not isinstance(loss, MSE | MAE | Huber):
        raise TypeError(f"loss must be MSE, MAE or Huber, whose slope decides a weight; got {described(loss)}.")
    check_whole("max_iter", max_iter)
    check_real("tol", tol, "0 or more", lambda share: share >= 0)
    x, y = (np.asarray(as_floats(name, values), dtype=float) for name, values in (("x", x), ("y", y)))
    if x.ndim != 1 or x.shape != y.shape:
        raise ValueError(f"x and y must be vectors of one length; got the shapes {x.shape} and {y.shape}.")
    if np.ptp(x) == 0:
        raise ValueError(f"x must hold at least two different values; all {x.size} are {x[0]:g}.")
    even = State(0.0, float(y.mean()), np.ones(x.size), np.inf)
    first = step(loss, x, y, even)
    outlier = int(abs(first.slope * x + first.intercept - y).argmax())
    start = say(loss, x, y, first.slope, first.intercept)
    fit = Fit(LineByLoss(loss, outlier), x[:, None], y)
    found = iterate(start, partial(step, loss, x, y), partial(_done, tol), max_iter=max_iter, fit=fit)
    state = found.state
    return Line(state.slope, state.intercept, state.weights, found.n_iter)


def _done(tol: float, previous: State, state: State) -> bool:
    return previous.value - state.value <= tol * previous.value
