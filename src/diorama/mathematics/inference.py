"""What a sample's mean says about the true one, shown by drawing many samples.

The means of samples pile up into a bell, whatever the values look like; and most intervals catch the truth, some miss.
"""

import math
from collections.abc import Iterator
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import stdtrit

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama._validation import described
from diorama.mathematics._numbers import count, real, vector
from diorama.mathematics.distributions import Arrivals, Distribution, Normal, arriving


class State(NamedTuple):
    """How many intervals have been drawn."""

    n_drawn: int


class Interval(NamedTuple):
    """A confidence interval for a mean."""

    low: float
    mean: float
    high: float


class Means(NamedTuple):
    """Means of many samples, and what the central limit theorem says of them."""

    means: Array  # (repeats,)
    expected_mean: float
    expected_deviation: float  # that of one value over the square root of the size


class Coverage(NamedTuple):
    """Confidence intervals of many samples."""

    lows: Array  # (repeats,)
    highs: Array  # (repeats,)
    truth: float
    level: float

    @property
    def caught(self) -> Array:
        """(repeats,) whether each interval holds the true mean."""
        inside: Array = (self.lows <= self.truth) & (self.truth <= self.highs)
        return inside

    @property
    def share(self) -> float:
        """Of the intervals that hold the true mean; about the level."""
        return float(self.caught.mean())


def intervals(samples: Array, level: float) -> tuple[Array, Array]:
    """The interval of each row: its mean, give or take Student's t times the standard error."""
    n = samples.shape[1]
    error = samples.std(axis=1, ddof=1) / math.sqrt(n)
    reach = float(stdtrit(n - 1, (1 + level) / 2)) * error
    means = samples.mean(axis=1)
    return means - reach, means + reach  #: interval


def confidence_interval(x: ArrayLike, level: float = 0.95) -> Interval:
    """A confidence interval for the mean behind a sample, by Student's t.

    Parameters
    ----------
    x : array-like of shape (n,)
        At least two values.
    level : float, default=0.95
        Of all intervals made this way, the share that holds the true mean.

    Returns
    -------
    Interval
        `low`, `mean`, `high`.

    Raises
    ------
    TypeError, ValueError
        For what is no vector of at least two finite numbers; a level that does not lie between 0 and 1.

    References
    ----------
    Student (1908), "The probable error of a mean", Biometrika 6.

    Examples
    --------
    >>> [round(end, 3) for end in confidence_interval([4, 5, 6])]
    [2.516, 5.0, 7.484]
    """
    x, level = vector(x, "x"), _level(level)
    if x.size < 2:
        raise ValueError("x must hold at least 2 values: one says nothing of how wide they lie; its shape is (1,).")
    lows, highs = intervals(x[None], level)
    mean = float(x.mean())
    _tell(Coverage(lows, highs, mean, level))
    return Interval(float(lows[0]), mean, float(highs[0]))


def interval_coverage(
    distribution: Distribution, size: int = 10, level: float = 0.95, repeats: int = 100, seed: int = 0
) -> Coverage:
    """Draw many samples, make the confidence interval of each, and see which hold the true mean.

    Parameters
    ----------
    distribution : Distribution
        What is drawn from.
    size : int, default=10
        Values in each sample, at least 2.
    level, repeats, seed
        Of the intervals; how many; and of the random numbers.

    Returns
    -------
    Coverage
        The intervals, which of them hold the mean, and their share.

    Raises
    ------
    TypeError, ValueError
        For arguments of another kind or range; the sentence names the argument.

    Examples
    --------
    >>> interval_coverage(Normal(0, 1), repeats=1000, seed=1).share > 0.93
    True
    """
    samples = _samples(distribution, size, repeats, seed, least=2)
    coverage = Coverage(*intervals(samples, _level(level)), distribution.mean, level)
    _tell(coverage)
    return coverage


def central_limit(distribution: Distribution, size: int = 10, repeats: int = 1000, seed: int = 0) -> Means:
    """Draw many samples and take the mean of each: the means pile up into a bell.

    Parameters
    ----------
    distribution : Distribution
        What is drawn from; it may look like anything but a bell.
    size : int, default=10
        Values in each sample.
    repeats, seed
        How many samples; of the random numbers.

    Returns
    -------
    Means
        The means, and the mean and deviation that theory expects of them.

    Raises
    ------
    TypeError, ValueError
        For arguments of another kind or range; the sentence names the argument.

    References
    ----------
    Billingsley (1995), "Probability and Measure", 3rd edition, section 27.

    Examples
    --------
    >>> from diorama.mathematics import Exponential
    >>> central_limit(Exponential(1.0), size=25).expected_deviation
    0.2
    """
    samples = _samples(distribution, size, repeats, seed, least=1)
    means = samples.mean(axis=1)
    deviation = math.sqrt(distribution.variance / size)
    x, heights = _bell(distribution.mean, deviation, means)
    title = f"Means of {size} values, {distribution}"
    arriving(Arrivals(title, means, x, heights, x.size == 1, distribution.mean, "means"))
    return Means(means, distribution.mean, deviation)


def _bell(mean: float, deviation: float, means: Array) -> tuple[Array, Array]:
    """Where the means should lie, and how densely; a single place with all of them when nothing varies."""
    if deviation**2 < np.finfo(float).tiny:
        return np.array([mean]), np.ones(1)
    bell = Normal(mean, deviation)
    x = bell.support(means)
    return x, bell.density(x)


def _samples(distribution: Distribution, size: int, repeats: int, seed: int, *, least: int) -> Array:
    if not isinstance(distribution, Distribution):
        raise TypeError(f"distribution must be a Distribution such as Normal(0, 1); got {described(distribution)}.")
    if count(size, "size") < least:
        raise ValueError(f"size must be at least {least}; got {size}.")
    return distribution.draw(int(size), repeats, seed)


def _level(level: float) -> float:
    found = real(level, "level")
    if not 0 < found < 1:
        raise ValueError(f"level must lie between 0 and 1; got {found}.")
    return found


def _tell(coverage: Coverage) -> None:
    n = coverage.lows.size

    def states() -> Iterator[State]:
        return (State(k) for k in range(1, n + 1))

    show(states, total=n - 1, fit=Fit(coverage))
