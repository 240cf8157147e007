r"""A sample in a few numbers: where its middle is and how wide it lies; and how two samples go together.

The population's variance divides the squared distances by n. A sample's own mean lies closer to it than the
true mean does, so dividing by n gives too little on average; dividing by n - 1 makes up for it.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama._validation import check_flag
from diorama.mathematics._arrays import numbers_of, same_shape
from diorama.mathematics._numbers import vector

# values that a picture lets arrive one by one; of larger samples, the rest at once
_TOLD = 60


class State(NamedTuple):
    """How much of a sample has been looked at."""

    n_seen: int


class Sample(NamedTuple):
    """One sample, or two that belong together."""

    x: Array  # (n,)
    y: Array | None  # (n,)


class Summary(NamedTuple):
    """A sample in a few numbers."""

    n: int
    mean: float
    median: float
    minimum: float
    maximum: float
    population_variance: float  # divided by n
    sample_variance: float  # divided by n - 1; NaN for a single value
    population_deviation: float
    sample_deviation: float

    def __str__(self) -> str:
        return "\n".join(f"{name.replace('_', ' ')}: {value:.6g}" for name, value in self._asdict().items())


def moments(x: Array) -> tuple[float, float]:
    """The mean, and the sum of the squared distances from it."""
    mean = float(x.mean())  #: mean
    squares = float(((x - mean) ** 2).sum())
    return mean, squares


def co_moment(x: Array, y: Array) -> float:
    """The sum of the products of both distances from the means."""
    return float(((x - x.mean()) * (y - y.mean())).sum())  #: products


def summary(x: ArrayLike) -> Summary:
    """Mean, median, extremes, variance and standard deviation of a sample.

    Parameters
    ----------
    x : array-like of shape (n,)
        The values.

    Returns
    -------
    Summary
        Variance and deviation both for a whole population (over n) and for a sample of one (over n - 1).

    Raises
    ------
    TypeError, ValueError
        For what is no vector of finite real numbers, or is empty.

    References
    ----------
    Wasserman (2004), "All of Statistics", chapter 3.

    Examples
    --------
    >>> found = summary([2, 4, 4, 4, 5, 5, 7, 9])
    >>> found.mean, found.median, found.population_deviation
    (5.0, 4.5, 2.0)
    """
    x = vector(x, "x")
    mean, squares = moments(x)
    population = squares / x.size
    sample = squares / (x.size - 1) if x.size > 1 else math.nan
    found = Summary(
        n=x.size,
        mean=mean,
        median=float(np.median(x)),
        minimum=float(x.min()),
        maximum=float(x.max()),
        population_variance=population,
        sample_variance=sample,
        population_deviation=math.sqrt(population),
        sample_deviation=math.sqrt(sample),
    )
    _tell(Sample(x, None))
    return found


def covariance(x: ArrayLike, y: ArrayLike, *, sample: bool = True) -> float:
    r"""How two samples go together: the mean product of their distances from their means.

    Parameters
    ----------
    x, y : array-like of shape (n,)
        Pairs.
    sample : bool, default=True
        Whether to divide by n - 1 (a sample) rather than n (the whole population).

    Returns
    -------
    float
        :math:`\frac{1}{n-1} \sum_i (x_i - \bar x)(y_i - \bar y)`.

    Raises
    ------
    TypeError, ValueError
        For what is no vector of finite real numbers; different lengths; a single pair with `sample`.

    Examples
    --------
    >>> covariance([1, 2, 3], [2, 4, 6])
    2.0
    """
    x, y = _pairs(x, y)
    check_flag("sample", sample)
    if x.size <= sample:
        raise ValueError("x must hold at least 2 values for the covariance of a sample; its shape is (1,).")
    found = co_moment(x, y) / (x.size - sample)
    _tell(Sample(x, y))
    return found


def correlation(x: ArrayLike, y: ArrayLike) -> float:
    """The covariance on the scale from -1 to 1, whatever the units: Pearson's correlation.

    Parameters
    ----------
    x, y : array-like of shape (n,)
        Pairs.

    Returns
    -------
    float
        1 when the points lie on a rising line, -1 on a falling one. 0 says that no *line* helps; a curve still may.

    Raises
    ------
    TypeError, ValueError
        For what is no vector of finite real numbers; different lengths; values that are all the same.

    Examples
    --------
    >>> correlation([1, 2, 3], [6, 4, 2])
    -1.0
    """
    x, y = _pairs(x, y)
    for values, name in ((x, "x"), (y, "y")):
        if np.ptp(values) == 0:
            raise ValueError(f"{name} must not be constant; all of its {values.size} values are {values[0]:g}.")
    # scaled first: squares of very large or small numbers leave the range of floats
    u, v = _scaled(x), _scaled(y)
    found = co_moment(u, v) / math.sqrt(co_moment(u, u) * co_moment(v, v))
    _tell(Sample(x, y))
    return max(-1.0, min(1.0, found))


def _scaled(x: Array) -> Array:
    centred = x / abs(x).max()
    centred = centred - centred.mean()
    scaled: Array = centred / abs(centred).max()
    return scaled


def _pairs(x: ArrayLike, y: ArrayLike) -> tuple[Array, Array]:
    x, y = numbers_of(x, "x", dimensions=(1,)), numbers_of(y, "y", dimensions=(1,))
    same_shape(x, y, ("x", "y"))
    return x, y


def _tell(sample: Sample) -> None:
    n = sample.x.size
    counts = range(1, n + 1) if n <= _TOLD else np.unique(np.geomspace(1, n, _TOLD).astype(int))

    def states() -> Iterator[State]:
        return (State(int(k)) for k in counts)

    show(states, total=len(counts) - 1, fit=Fit(sample))
