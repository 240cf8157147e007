"""The four shapes that the bells of a mixture may have, each with what expectation-maximisation asks of it.

full: every component its own ellipsoid; tied: one ellipsoid for all; diag: axes along the columns; spherical: balls.
A precision (inverse covariance) is kept as its Cholesky factor P, precision = P P', so that the squared distance of a
row from a mean is |(x - mean)' P|^2 and log det P is a sum.
"""

from collections.abc import Callable
from typing import Any, NamedTuple, Protocol

import numpy as np

from diorama import _parallel
from diorama._typing import Array
from diorama.clustering._mixture_kernels import TILE, diagonal_heights, diagonal_moments, full_heights, full_moments
from diorama.clustering._mixture_rows import TiledRows

_NOTHING = -600.0
_EPSILON = float(np.finfo(np.float64).eps)


class Moments(NamedTuple):
    """What the shares of the components in the rows add up to, about the means they were found with."""

    counts: Array  # (n_components,) sums of shares
    sums: Array  # (n_components, n_features) of share x (row - mean)
    squares: Array  # of share x (row - mean)(row - mean)': (k, d, d), its diagonals (k, d), or nothing (tied)


class Mixture(NamedTuple):
    """Weighted bells."""

    weights: Array  # (n_components,) they add up to one
    means: Array  # (n_components, n_features)
    covariances: Array  # (k, d, d) full, (d, d) tied, (k, d) diag, (k,) spherical
    precisions_cholesky: Array  # the same shape: P with precision = P P'


class Covariance(Protocol):
    """One shape of covariance."""

    shared: bool  # whether all components have one

    def expect(self, rows: TiledRows, mixture: Mixture) -> tuple[float, Moments]:
        """Sum of the rows' log-likelihoods, and the moments of their shares."""

    def squares(self, away: Array, shares: Array) -> Array:
        """What one component's `shares` (n,) in rows that are `away` (n, d) from its mean add to the moments."""

    def estimate(self, rows: TiledRows, moments: Moments, means: Array, reg_covar: float) -> Array:
        """The likeliest covariances for these shares and the `means` that follow from them."""

    def factor(self, covariances: Array) -> Array:
        """P of each; LinAlgError when one has no inverse."""

    def factor_precisions(self, precisions: Array) -> Array:
        """P of each precision given."""

    def precisions(self, factors: Array) -> Array:
        """P P' of each."""

    def covariances(self, factors: Array) -> Array:
        """What the factors P belong to."""

    def whiten(self, away: Array, factors: Array, component: int) -> Array:
        """(row - mean)' P of differences `away` (n, d) from a component's mean."""

    def pivots(self, factors: Array, n_features: int) -> Array:
        """Diagonals of P, (n_components, n_features), or (n_features,) for all."""

    def lift(self, covariances: Array, reg_covar: float) -> Array:
        """The same, raised to what has an inverse, where rounding took it below `reg_covar`."""

    def matrices(self, covariances: Array, n_components: int, n_features: int) -> Array:
        """The covariances written out, (n_components, n_features, n_features)."""

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        """Shape of covariances and precisions."""

    def n_parameters(self, n_components: int, n_features: int) -> int:
        """Numbers that may be chosen freely."""


def heights(kind: Covariance, mixture: Mixture) -> Array:
    """(n_components,) log of weight and of the density on top of each bell."""
    d = mixture.means.shape[1]
    # a component without weight must not turn 0 x inf into NaN
    log_weights = np.log(np.maximum(mixture.weights, 1e-300))
    found: Array = (
        log_weights + np.log(kind.pivots(mixture.precisions_cholesky, d)).sum(axis=-1) - 0.5 * d * np.log(2 * np.pi)
    )
    return found


def _passed(passing: Callable[..., tuple[float, Array]], rows: TiledRows, mixture: Mixture, *rest: Array) -> Any:
    """(sum of log-likelihoods, moments) of `passing` over all pieces of the rows."""
    means = mixture.means - rows.origin
    jobs = [(tiles, n, means, mixture.precisions_cholesky, *rest) for tiles, n in rows.pieces()]
    found = _parallel.run(passing, jobs, work=rows.n * mixture.means.size * rows.d)
    logs, moments = zip(*found, strict=True)
    return float(sum(logs)), np.sum(moments, axis=0)


def _full_pass(tiles: Array, n: int, means: Array, factors: Array, top: Array) -> tuple[float, Array]:
    k, d = means.shape
    shares, away, y = _standing(tiles, top), np.empty((d, TILE)), np.empty(TILE)
    full_heights(tiles, means, factors, away, y, shares)
    log_likelihood = share_out(shares, n)
    moments = np.zeros((k, 1 + d, 1 + d))
    full_moments(tiles, means, shares, away, y, moments)
    return log_likelihood, moments


def _diagonal_pass(tiles: Array, n: int, means: Array, factors: Array, top: Array) -> tuple[float, Array]:
    shares = _standing(tiles, top)
    diagonal_heights(tiles, means, factors, shares)
    log_likelihood = share_out(shares, n)
    moments = np.zeros((len(means), 1 + means.shape[1], 2))
    diagonal_moments(tiles, means, shares, moments)
    return log_likelihood, moments


def _tied_pass(tiles: Array, n: int, means: Array, factor: Array, top: Array) -> tuple[float, Array]:
    return _diagonal_pass(np.matmul(factor.T, tiles), n, means @ factor, np.ones_like(means), top)


def _standing(tiles: Array, top: Array) -> Array:
    """(t, k, tile): every row right below every bell's top."""
    return np.repeat(np.repeat(top[None, :, None], len(tiles), axis=0), TILE, axis=2)


def share_out(logs: Array, n: int) -> float:
    """Turn log weight + log density (t, k, tile) of the first `n` rows into shares; their log-likelihoods summed."""
    top = logs.max(axis=1, keepdims=True)
    logs -= top
    # products with less would leave the normal numbers
    lost = logs < _NOTHING
    np.exp(logs, out=logs)
    logs[lost] = 0.0
    mass = logs.sum(axis=1, keepdims=True)
    logs /= mass
    last = n - TILE * (len(logs) - 1)
    logs[-1, :, last:] = 0.0
    return float((top + np.log(mass)).ravel()[:n].sum())


class Full:
    """Every component has its own covariance (k, d, d)."""

    shared = False

    def expect(self, rows: TiledRows, mixture: Mixture) -> tuple[float, Moments]:
        log_likelihood, found = _passed(_full_pass, rows, mixture, heights(self, mixture))
        lower = found[:, 1:, 1:]
        squares = lower + np.tril(lower, -1).transpose(0, 2, 1)
        return log_likelihood, Moments(found[:, 0, 0], found[:, 1:, 0], squares)

    def squares(self, away: Array, shares: Array) -> Array:
        found: Array = (shares * away.T) @ away
        return found

    def estimate(self, rows: TiledRows, moments: Moments, means: Array, reg_covar: float) -> Array:
        counts = moments.counts[:, None, None]
        shift = moments.sums / moments.counts[:, None]
        covariances: Array = moments.squares / counts - shift[:, :, None] * shift[:, None, :]
        covariances[:, np.arange(rows.d), np.arange(rows.d)] += reg_covar
        return covariances

    def factor(self, covariances: Array) -> Array:
        upper: Array = np.linalg.inv(np.linalg.cholesky(covariances)).swapaxes(-1, -2)
        # what stands below the diagonal is rounding
        return np.triu(upper)

    def factor_precisions(self, precisions: Array) -> Array:
        # the factor wanted is upper triangular: that of the matrix turned about is lower
        turned = np.linalg.cholesky(precisions[..., ::-1, ::-1])
        return np.ascontiguousarray(turned[..., ::-1, ::-1])

    def precisions(self, factors: Array) -> Array:
        found: Array = factors @ factors.swapaxes(-1, -2)
        return found

    def covariances(self, factors: Array) -> Array:
        return np.linalg.inv(self.precisions(factors))

    def whiten(self, away: Array, factors: Array, component: int) -> Array:
        found: Array = away @ factors[component]
        return found

    def pivots(self, factors: Array, n_features: int) -> Array:
        return np.diagonal(factors, axis1=-2, axis2=-1)

    def lift(self, covariances: Array, reg_covar: float) -> Array:
        values, vectors = np.linalg.eigh(covariances)
        least = reg_covar + values.shape[-1] * _EPSILON * np.abs(values).max(axis=-1, keepdims=True)
        lifted: Array = (vectors * np.maximum(values, least)[..., None, :]) @ vectors.swapaxes(-1, -2)
        return lifted

    def matrices(self, covariances: Array, n_components: int, n_features: int) -> Array:
        return covariances

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return n_components, n_features, n_features

    def n_parameters(self, n_components: int, n_features: int) -> int:
        return n_components * n_features * (n_features + 1) // 2


class Tied(Full):
    """One covariance (d, d) for all: rows made round by it are told apart by plain distances."""

    shared = True

    def expect(self, rows: TiledRows, mixture: Mixture) -> tuple[float, Moments]:
        factor = mixture.precisions_cholesky
        log_likelihood, found = _passed(_tied_pass, rows, mixture, heights(self, mixture))
        sums = np.linalg.solve(factor.T, found[:, 1:, 0].T).T
        return log_likelihood, Moments(found[:, 0, 0], sums, np.empty(0))

    def estimate(self, rows: TiledRows, moments: Moments, means: Array, reg_covar: float) -> Array:
        n_shares = moments.counts.sum()
        if moments.squares.size:
            covariance: Array = moments.squares.sum(axis=0) / n_shares
        else:
            # every row is shared out: what the means do not explain of the spread of all rows
            away = means - rows.origin
            covariance = rows.covariance - (moments.counts * away.T) @ away / n_shares
        covariance[np.arange(rows.d), np.arange(rows.d)] += reg_covar
        return covariance

    def whiten(self, away: Array, factors: Array, component: int) -> Array:
        found: Array = away @ factors
        return found

    def matrices(self, covariances: Array, n_components: int, n_features: int) -> Array:
        return np.broadcast_to(covariances, (n_components, n_features, n_features))

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return n_features, n_features

    def n_parameters(self, n_components: int, n_features: int) -> int:
        return n_features * (n_features + 1) // 2


class Diagonal:
    """Every component has a variance for each column (k, d)."""

    shared = False

    def expect(self, rows: TiledRows, mixture: Mixture) -> tuple[float, Moments]:
        log_likelihood, found = _passed(_diagonal_pass, rows, mixture, heights(self, mixture))
        return log_likelihood, Moments(found[:, 0, 0], found[:, 1:, 0], found[:, 1:, 1])

    def squares(self, away: Array, shares: Array) -> Array:
        found: Array = shares @ away**2
        return found

    def estimate(self, rows: TiledRows, moments: Moments, means: Array, reg_covar: float) -> Array:
        counts = moments.counts[:, None]
        variances: Array = np.maximum(moments.squares / counts - (moments.sums / counts) ** 2, 0.0) + reg_covar
        return variances

    def factor(self, covariances: Array) -> Array:
        if not np.all(covariances > 0):
            raise np.linalg.LinAlgError("a variance is not positive")
        factors: Array = 1.0 / np.sqrt(covariances)
        return factors

    def factor_precisions(self, precisions: Array) -> Array:
        factors: Array = np.sqrt(precisions)
        return factors

    def precisions(self, factors: Array) -> Array:
        found: Array = factors**2
        return found

    def covariances(self, factors: Array) -> Array:
        found: Array = factors**-2.0
        return found

    def whiten(self, away: Array, factors: Array, component: int) -> Array:
        found: Array = away * factors[component]
        return found

    def pivots(self, factors: Array, n_features: int) -> Array:
        return factors

    def lift(self, covariances: Array, reg_covar: float) -> Array:
        return np.maximum(covariances, reg_covar)

    def matrices(self, covariances: Array, n_components: int, n_features: int) -> Array:
        found: Array = covariances[:, :, None] * np.eye(n_features)
        return found

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return n_components, n_features

    def n_parameters(self, n_components: int, n_features: int) -> int:
        return n_components * n_features


class Spherical(Diagonal):
    """Every component has one variance (k,), the same in all directions."""

    def expect(self, rows: TiledRows, mixture: Mixture) -> tuple[float, Moments]:
        wide = self.pivots(mixture.precisions_cholesky, rows.d)
        return Diagonal().expect(rows, mixture._replace(precisions_cholesky=wide))

    def estimate(self, rows: TiledRows, moments: Moments, means: Array, reg_covar: float) -> Array:
        variances: Array = super().estimate(rows, moments, means, reg_covar).mean(axis=1)
        return variances

    def pivots(self, factors: Array, n_features: int) -> Array:
        return np.repeat(factors[:, None], n_features, axis=1)

    def matrices(self, covariances: Array, n_components: int, n_features: int) -> Array:
        found: Array = covariances[:, None, None] * np.eye(n_features)
        return found

    def shape(self, n_components: int, n_features: int) -> tuple[int, ...]:
        return (n_components,)

    def n_parameters(self, n_components: int, n_features: int) -> int:
        return n_components


KINDS: dict[str, Covariance] = {"full": Full(), "tied": Tied(), "diag": Diagonal(), "spherical": Spherical()}


def log_densities(kind: Covariance, mixture: Mixture, X: Array) -> Array:
    """log of weight x density of each component at each row of X, (n_samples, n_components)."""
    top = heights(kind, mixture)
    found = np.empty((len(X), len(top)))
    for c, mean in enumerate(mixture.means):
        y = kind.whiten(X - mean, mixture.precisions_cholesky, c)
        found[:, c] = top[c] - 0.5 * np.einsum("ij,ij->i", y, y)
    return found
