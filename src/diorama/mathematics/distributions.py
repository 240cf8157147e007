"""The common distributions: where their probability lies, their mean and variance, and samples from them."""

import math
from abc import ABC, abstractmethod
from collections.abc import Iterator
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike
from scipy.special import gammaln, xlog1py, xlogy

from diorama._iterate import Fit, show
from diorama._typing import Array
from diorama._validation import real_array
from diorama.mathematics._numbers import count, positive, real

# frames in which a sample arrives
_FRAMES = 30


class State(NamedTuple):
    """How much of a sample has arrived."""

    n_seen: int


class Arrivals(NamedTuple):
    """A sample and what it should look like."""

    title: str
    sample: Array  # (n,)
    x: Array  # (m,) where the density was taken
    density: Array  # (m,)
    discrete: bool
    mean: float
    kind: str  # "samples" or "means"


def arriving(arrivals: Arrivals) -> None:
    """Show observers a sample that arrives, slowly at first."""
    n = arrivals.sample.size
    counts = np.unique(np.round(np.geomspace(1, n, min(_FRAMES, n))).astype(int))

    def states() -> Iterator[State]:
        yield from (State(int(k)) for k in (0, *counts))

    show(states, total=counts.size, fit=Fit(arrivals))


class Distribution(ABC):
    """A distribution of one number: `density` (or probability, when discrete), `mean`, `variance`, `sample`."""

    discrete = False
    # below it nothing can fall
    least = -math.inf

    @property
    @abstractmethod
    def mean(self) -> float:
        """The expected value."""

    @property
    @abstractmethod
    def variance(self) -> float:
        """The expected squared distance from the mean."""

    @abstractmethod
    def _density(self, x: Array) -> Array:
        """At numbers inside and outside the support."""

    @abstractmethod
    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        """Independent draws."""

    def density(self, x: ArrayLike) -> Array:
        """The density at x, or the probability of exactly x when discrete; 0 where nothing can fall."""
        points = real_array("x", x)
        if np.isnan(points).any():
            raise ValueError(f"x of shape {points.shape} must hold numbers; {np.isnan(points).sum()} are NaN.")
        with np.errstate(all="ignore"):
            found: Array = self._density(points.astype(float))
        return found

    def draw(self, n: int, repeats: int, seed: int) -> Array:
        """(repeats, n) independent draws."""
        if isinstance(seed, bool) or not isinstance(seed, int):
            raise TypeError(f"seed must be a whole number; got {seed!r}.")
        if seed < 0:
            raise ValueError(f"seed must not be negative; got {seed}.")
        return self._draw(np.random.default_rng(seed), (count(repeats, "repeats"), count(n, "n"))).astype(float)

    def sample(self, n: int, seed: int = 0) -> Array:
        """(n,) independent draws; recorded, they are seen arriving under the density."""
        drawn: Array = self.draw(n, 1, seed)[0]
        x = self.support(drawn)
        arriving(Arrivals(str(self), drawn, x, self.density(x), self.discrete, self.mean, "samples"))
        return drawn

    def support(self, drawn: Array) -> Array:
        """Places at which to draw the density: where the mass is, and as far as a sample went."""
        # room to see it where all values are, or nearly are, the same
        room = 1.0 if self.discrete else 1e-9 * abs(self.mean)
        spread = max(3.5 * math.sqrt(self.variance), room)
        low, high = min(self.mean - spread, drawn.min()), max(self.mean + spread, drawn.max())
        low = max(low, self.least)
        if self.discrete:
            step = max(1, int((high - low) / 200))
            return np.arange(math.floor(low), math.ceil(high) + 1, step, dtype=float)
        return np.linspace(low, high, 201)

    def __str__(self) -> str:
        given = [f"{name} {value:g}" for name, value in vars(self).items()]
        return f"{type(self).__name__} with {', '.join(given)}"


@dataclass(frozen=True)
class Normal(Distribution):
    """The bell: what sums of many small independent things look like.

    >>> Normal(0, 1).density(0.0).round(4)
    np.float64(0.3989)
    """

    center: float = 0.0
    deviation: float = 1.0

    def __post_init__(self) -> None:
        real(self.center, "center")
        positive(self.deviation, "deviation")
        _within_floats(self)

    @property
    def mean(self) -> float:
        return float(self.center)

    @property
    def variance(self) -> float:
        return float(self.deviation) ** 2

    def _density(self, x: Array) -> Array:
        z = (x - self.center) / self.deviation
        density: Array = np.exp(-z * z / 2) / (self.deviation * math.sqrt(2 * math.pi))
        return density

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.normal(self.center, self.deviation, shape)


@dataclass(frozen=True)
class Uniform(Distribution):
    """Every number from low to high alike."""

    low: float = 0.0
    high: float = 1.0

    def __post_init__(self) -> None:
        if real(self.low, "low") >= real(self.high, "high"):
            raise ValueError(f"high must be above low; got low={self.low}, high={self.high}.")
        _within_floats(self)

    @property
    def mean(self) -> float:
        return (self.low + self.high) / 2

    @property
    def variance(self) -> float:
        return float((self.high - self.low) ** 2 / 12)

    def _density(self, x: Array) -> Array:
        return np.where((x >= self.low) & (x <= self.high), 1 / (self.high - self.low), 0.0)

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.uniform(self.low, self.high, shape)


@dataclass(frozen=True)
class Exponential(Distribution):
    """How long until the next event, when `rate` of them come in a unit of time."""

    rate: float = 1.0
    least = 0.0

    def __post_init__(self) -> None:
        positive(self.rate, "rate")
        _within_floats(self)

    @property
    def mean(self) -> float:
        return 1 / self.rate

    @property
    def variance(self) -> float:
        return 1 / self.rate**2

    def _density(self, x: Array) -> Array:
        return np.where(x >= 0, self.rate * np.exp(-self.rate * np.maximum(x, 0)), 0.0)

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.exponential(1 / self.rate, shape)


@dataclass(frozen=True)
class Binomial(Distribution):
    """How many of n independent tries succeed; with n = 1, Bernoulli's distribution."""

    n: int = 1
    p: float = 0.5
    discrete = True
    least = 0.0

    def __post_init__(self) -> None:
        count(self.n, "n")
        _probability(self.p, "p")

    @property
    def mean(self) -> float:
        return float(self.n * self.p)

    @property
    def variance(self) -> float:
        return float(self.n * self.p * (1 - self.p))

    def _density(self, x: Array) -> Array:
        inside = (x >= 0) & (x <= self.n) & (x == np.floor(x))
        k = np.where(inside, x, 0)
        choices = gammaln(self.n + 1) - gammaln(k + 1) - gammaln(self.n - k + 1)
        return np.where(inside, np.exp(choices + xlogy(k, self.p) + xlog1py(self.n - k, -self.p)), 0.0)

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.binomial(self.n, self.p, shape)


@dataclass(frozen=True)
class Geometric(Distribution):
    """How many tries until the first success, that one counted."""

    p: float = 0.5
    discrete = True
    least = 1.0

    def __post_init__(self) -> None:
        if _probability(self.p, "p") == 0:
            raise ValueError("p must be above 0: without a chance of success the tries never end.")
        _within_floats(self)

    @property
    def mean(self) -> float:
        return 1 / self.p

    @property
    def variance(self) -> float:
        return (1 - self.p) / self.p**2

    def _density(self, x: Array) -> Array:
        inside = (x >= 1) & (x == np.floor(x))
        k = np.where(inside, x, 1)
        return np.where(inside, self.p * np.exp(xlog1py(k - 1, -self.p)), 0.0)

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.geometric(self.p, shape)


@dataclass(frozen=True)
class Poisson(Distribution):
    """How many events come in a unit of time, when `rate` are expected and none waits for another."""

    rate: float = 1.0
    discrete = True
    least = 0.0

    def __post_init__(self) -> None:
        positive(self.rate, "rate")

    @property
    def mean(self) -> float:
        return float(self.rate)

    @property
    def variance(self) -> float:
        return float(self.rate)

    def _density(self, x: Array) -> Array:
        inside = (x >= 0) & (x == np.floor(x))
        k = np.where(inside, x, 0)
        return np.where(inside, np.exp(xlogy(k, self.rate) - self.rate - gammaln(k + 1)), 0.0)

    def _draw(self, rng: np.random.Generator, shape: tuple[int, ...]) -> Array:
        return rng.poisson(self.rate, shape)


def _within_floats(distribution: Distribution) -> None:
    """ValueError when the variance is too large for a float, or, where values lie close together, too small."""
    try:
        variance = distribution.variance
    except (OverflowError, ZeroDivisionError):
        variance = math.inf
    least = 0.0 if distribution.discrete else float(np.finfo(float).tiny)
    if not least <= variance < math.inf:
        given = " and ".join(f"{name}={value!r}" for name, value in vars(distribution).items())
        raise ValueError(f"{given}: the variance leaves the range of floats; take another unit.")


def _probability(value: float, name: str) -> float:
    found = real(value, name)
    if not 0 <= found <= 1:
        raise ValueError(f"{name} must lie from 0 to 1; got {found}.")
    return found
