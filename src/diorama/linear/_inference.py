"""What a least-squares fit says of itself: how sure each coefficient is, how much is explained, which rows pull.

If targets are a plane plus independent normal noise of deviation sigma (over the root of a row's weight), coefficients
scatter around the true ones with covariance sigma^2 (X^T W X)^-1 [1]_. The table is centred and factorised as Q R: R
gives that inverse, and Q how far each row pulls its own prediction [2]_.

.. [1] Seber, Lee (2003). Linear Regression Analysis, 2nd edition, chapters 3, 4 and 10.
.. [2] Belsley, Kuh, Welsch (1980). Regression Diagnostics, chapter 2.
"""

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

import numpy as np
from scipy.linalg import qr, solve_triangular, svd
from scipy.special import fdtrc, stdtr, stdtrit

from diorama._typing import Array

# a column whose spread is within this many roundings of its mean is constant
_CONSTANT = 16 * np.finfo(float).eps
# a row whose leverage is within this of 1 decides its prediction alone: it has no residual to speak of
_ALONE = 1e-10
# columns with this share in a combination that vanishes are named as those that repeat each other
_NAMED = 0.05
# predictions may differ from those of the rows by this share of the targets' spread, and by single precision
_SAME_ROWS = 1e-3
_ROUNDING = 1e-6
# rows that a picture looks at one by one
LOOKED_AT = 8


class State(NamedTuple):
    """One look at the residuals: at all of them, or at one row among them."""

    stage: str  # "residuals", "quantiles", "leverage" or "row"
    row: int  # the row looked at, -1 for all
    fitted: Array  # (n_samples,) predictions
    residuals: Array  # (n_samples,) targets minus predictions
    leverage: Array  # (n_samples,) how far each row pulls its own prediction, from 0 to 1
    studentized: Array  # (n_samples,) residuals in units of what the other rows let expect
    quantiles: Array  # (n_samples,) what the same number of pure noise residuals would be, in their order
    cooks_distance: Array  # (n_samples,) how far all predictions move when the row is left out


class Factor(NamedTuple):
    """A weighted table about its means, factorised."""

    q: Array  # (n_samples, n_features) orthonormal columns
    r: Array  # (n_features, n_features) upper triangle: q @ r is the table
    mean: Array  # (n_features,) means of the columns, zeros without intercept
    total: float  # sum of the weights; infinite without intercept, which then takes no part


@dataclass(frozen=True)
class Inference:
    """What a fit says of itself; prints as a table. `n` rows, `p` coefficients, first the intercept if there is one."""

    names: tuple[str, ...]  # (p,)
    coef: Array  # (p,)
    covariance: Array = field(repr=False)  # (p, p) of the coefficients
    level: float  # share of all samples whose interval holds the true coefficient
    has_intercept: bool
    squares: float  # weighted sum of the squared residuals
    total_squares: float  # the same of the targets about their mean; about zero without intercept
    weight: Array = field(repr=False)  # (n,)
    fitted: Array = field(repr=False)  # (n,)
    residuals: Array = field(repr=False)  # (n,) targets minus predictions
    leverage: Array = field(repr=False)  # (n,) diagonal of the matrix that makes predictions of targets

    @property
    def n_samples(self) -> int:
        return len(self.fitted)

    @property
    def df_model(self) -> int:
        """Number of slopes."""
        return len(self.coef) - self.has_intercept

    @property
    def df_residual(self) -> int:
        """Rows less coefficients: what is left to measure the noise by."""
        return self.n_samples - len(self.coef)

    @property
    def sigma(self) -> float:
        """Estimated deviation of the noise, the residual standard error."""
        return math.sqrt(self.squares / self.df_residual)

    @cached_property
    def standard_errors(self) -> Array:
        """(p,) deviations of the coefficients from sample to sample."""
        errors: Array = np.sqrt(np.diag(self.covariance))
        return errors

    @cached_property
    def t(self) -> Array:
        """(p,) coefficients over their standard errors; infinite when the fit is perfect."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return self.coef / self.standard_errors

    @cached_property
    def p_values(self) -> Array:
        """(p,) the chance of so large a |t| if the true coefficient were zero."""
        chances: Array = 2 * stdtr(self.df_residual, -np.abs(self.t))
        return chances

    @cached_property
    def intervals(self) -> Array:
        """(p, 2) low and high ends of the confidence intervals."""
        reach = stdtrit(self.df_residual, (1 + self.level) / 2) * self.standard_errors
        return np.column_stack([self.coef - reach, self.coef + reach])

    @property
    def r2(self) -> float:
        """The share of the squares that the plane explains; NaN when the targets do not vary."""
        return 1 - self.squares / self.total_squares if self.total_squares else math.nan

    @property
    def adjusted_r2(self) -> float:
        """The same between variances: it falls when a column explains less than chance would."""
        return 1 - (1 - self.r2) * (self.n_samples - self.has_intercept) / self.df_residual

    @property
    def f(self) -> float:
        """What a slope explains, on average, over the variance of the noise; NaN without slopes."""
        if not self.df_model:
            return math.nan
        explained = max(self.total_squares - self.squares, 0.0) / self.df_model
        return explained / self.sigma**2 if self.squares else math.inf

    @property
    def f_p_value(self) -> float:
        """The chance of so large an F if all true slopes were zero."""
        return float(fdtrc(self.df_model, self.df_residual, self.f)) if self.df_model else math.nan

    @property
    def log_likelihood(self) -> float:
        """Logarithm of the density of the targets under the fit, with the noise at its likeliest."""
        n = self.n_samples
        if not self.squares:
            return math.inf
        return float(np.log(self.weight).sum() - n * (math.log(2 * math.pi * self.squares / n) + 1)) / 2

    @property
    def aic(self) -> float:
        """Akaike's criterion, 2p - 2 log-likelihood: of two models, the smaller is likely to predict better."""
        return 2 * len(self.coef) - 2 * self.log_likelihood

    @property
    def bic(self) -> float:
        """Schwarz's criterion, p log(n) - 2 log-likelihood: the same, harder on coefficients."""
        return math.log(self.n_samples) * len(self.coef) - 2 * self.log_likelihood

    @cached_property
    def standardized(self) -> Array:
        """(n,) residuals over their own deviations; NaN for a row that decides its prediction alone."""
        room = np.where(self.leverage > 1 - _ALONE, np.nan, 1 - self.leverage)
        with np.errstate(divide="ignore", invalid="ignore"):
            scaled: Array = np.sqrt(self.weight) * self.residuals / (self.sigma * np.sqrt(room))
        return scaled

    @cached_property
    def studentized(self) -> Array:
        """(n,) the same with the noise measured on the other rows: one of Student's t each, if the model holds."""
        with np.errstate(divide="ignore", invalid="ignore"):
            return studentize(self.standardized, self.df_residual)

    @cached_property
    def cooks_distance(self) -> Array:
        """(n,) how far all predictions move when a row is left out, in units of what noise alone does."""
        room = np.where(self.leverage > 1 - _ALONE, np.nan, 1 - self.leverage)
        return self.standardized**2 * self.leverage / room / len(self.coef)

    def __str__(self) -> str:
        return _table(self)


def infer(
    X: Array, y: Array, weight: Array | None, *, names: Sequence[str], intercept: bool, level: float, tol: float
) -> Inference:
    """Statistics of the least-squares plane of `X` (n_samples, n_features) and `y` (n_samples,).

    `weight` (n_samples,) are positive, or None for all alike. Raises ValueError for what leaves them unknown: no more
    rows than coefficients, or columns that repeat each other (directions weaker than `tol` times the strongest).
    """
    n, p = X.shape[0], X.shape[1] + intercept
    if n <= p:
        raise ValueError(
            f"inference needs more rows than coefficients, to tell noise from signal; there are {n} rows for {p} "
            f"coefficients{' with the intercept' if intercept else ''}. Leave out columns, or bring more rows."
        )
    w = np.ones(n) if weight is None else weight
    factor = factorise(X, w, intercept)
    refuse_repeats(factor.r, names, tol)
    mean_y = float(w @ y) / factor.total if intercept else 0.0
    slopes = solve_triangular(factor.r, factor.q.T @ (np.sqrt(w) * (y - mean_y)))
    fitted = mean_y + (X - factor.mean) @ slopes
    residuals = y - fitted
    squares = float(w @ residuals**2)
    return Inference(
        names=(("intercept",) if intercept else ()) + tuple(names),
        coef=np.append(mean_y - factor.mean @ slopes, slopes) if intercept else slopes,
        covariance=squares / (n - p) * unit_covariance(factor, intercept),
        level=level,
        has_intercept=intercept,
        squares=squares,
        total_squares=float(w @ (y - mean_y) ** 2),
        weight=w,
        fitted=fitted,
        residuals=residuals,
        leverage=pull(factor, w),
    )


def refuse_other_rows(found: Inference, predictions: Array) -> None:
    """ValueError when a model's `predictions` (n_samples,) are not those of the least-squares plane of the rows."""
    apart = found.weight @ (predictions - found.fitted) ** 2
    if not apart <= _SAME_ROWS**2 * max(found.total_squares, found.weight @ found.fitted**2 * _ROUNDING):
        raise ValueError(
            "the model's coefficients are not the least squares of these rows; pass the X, y and sample_weight that "
            "it was fitted on."
        )


def factorise(X: Array, weight: Array, intercept: bool) -> Factor:
    """sqrt(w) (x - mean) as Q R."""
    total = float(weight.sum()) if intercept else math.inf
    mean = weight @ X / total
    table = np.sqrt(weight)[:, None] * (X - mean)
    flat = np.linalg.norm(table, axis=0) <= _CONSTANT * np.sqrt(weight.sum()) * np.abs(mean)
    table[:, flat] = 0
    q, r = qr(table, mode="economic") if X.shape[1] else (table, np.empty((0, 0)))
    return Factor(q, r, mean, total)


def refuse_repeats(r: Array, names: Sequence[str], tol: float) -> None:
    """ValueError names the columns when some are sums of others, or constant beside an intercept."""
    length = np.linalg.norm(r, axis=0)
    flat = [name for name, size in zip(names, length, strict=True) if size == 0]
    if flat:
        raise ValueError(
            f"column {_listed(flat)} says what the intercept says, or nothing: any coefficient would do. Leave it out."
        )
    if not len(r):
        return
    _, strength, right = svd(r / length)
    absent = right[strength <= max(tol, np.finfo(float).eps * len(r)) * strength[0]]
    if len(absent):
        shares = np.abs(absent).max(axis=0)
        part = [name for name, share in zip(names, shares, strict=True) if share > _NAMED]
        raise ValueError(
            f"columns {_listed(part)} repeat each other (rank {len(r) - len(absent)} of {len(r)}): many "
            "coefficients fit equally well, and none has a standard error. Leave one out, or use Ridge."
        )


def unit_covariance(factor: Factor, intercept: bool) -> Array:
    """(p, p) covariance of the coefficients for noise of deviation 1: the inverse of X^T W X."""
    inverse = solve_triangular(factor.r, np.eye(len(factor.r))) if len(factor.r) else factor.r
    slopes = inverse @ inverse.T
    if not intercept:
        return slopes
    lean = slopes @ factor.mean
    height = 1 / factor.total + factor.mean @ lean
    return np.block([[np.array([[height]]), -lean[None]], [-lean[:, None], slopes]])


def pull(factor: Factor, weight: Array) -> Array:
    """(n_samples,) the leverage of each row: what its prediction gains when its target rises by 1."""
    pulls: Array = np.square(factor.q).sum(axis=1) + weight / factor.total  #: leverage
    return pulls


def studentize(standardized: Array, df: int) -> Array:
    """Residuals over the deviation that the other rows let expect, from those over the deviation of all."""
    others = (df - standardized**2) / (df - 1) if df > 1 else np.full_like(standardized, np.nan)
    studentized: Array = standardized / np.sqrt(np.maximum(others, 0))  #: residuals
    return studentized


def noise_quantiles(studentized: Array, df: int) -> Array:
    """What as many residuals of pure noise would be: quantiles of Student's t, each at its residual's place."""
    quantiles = np.full_like(studentized, np.nan)
    known = np.flatnonzero(np.isfinite(studentized))
    order = known[np.argsort(studentized[known], kind="stable")]
    quantiles[order] = stdtrit(df - 1, (np.arange(len(order)) + 0.5) / max(len(order), 1))  #: quantiles
    return quantiles


def looks(found: Inference) -> Iterator[State]:
    """All residuals in three ways, and then the rows that move the predictions most, one by one."""
    arrays = (
        found.fitted,
        found.residuals,
        found.leverage,
        found.studentized,
        noise_quantiles(found.studentized, found.df_residual),
        found.cooks_distance,
    )
    for stage in ("residuals", "quantiles", "leverage"):
        yield State(stage, -1, *arrays)
    strongest = np.argsort(-np.nan_to_num(found.cooks_distance, nan=np.inf), kind="stable")
    for row in strongest[: n_looks(found) - 3]:
        yield State("row", int(row), *arrays)  #: row


def n_looks(found: Inference) -> int:
    """How many states `looks` gives."""
    return 3 + min(LOOKED_AT, found.n_samples)


def _listed(names: Sequence[str]) -> str:
    quoted = [f"'{name}'" for name in names]
    return quoted[0] if len(quoted) == 1 else f"{', '.join(quoted[:-1])} and {quoted[-1]}"


def _table(found: Inference) -> str:
    """The record as text, at most 80 columns wide for names that fit."""
    width = max(12, *(len(name) for name in found.names))
    low, high = (f"{100 * share:.4g} %" for share in ((1 - found.level) / 2, (1 + found.level) / 2))
    head = f"{'':{width}} {'coefficient':>12} {'std. error':>10} {'t':>8} {'p':>8} {low:>11} {high:>11}"
    rows = [
        f"{name:{width}} {coef:>12.5g} {error:>10.4g} {t:>8.4g} {_chance(p):>8} {ends[0]:>11.5g} {ends[1]:>11.5g}"
        for name, coef, error, t, p, ends in zip(
            found.names, found.coef, found.standard_errors, found.t, found.p_values, found.intervals, strict=True
        )
    ]
    return "\n".join(
        [
            f"Least squares: {found.n_samples} rows, {len(found.coef)} coefficients",
            "",
            head,
            *rows,
            "",
            f"R2 {found.r2:.4f}, adjusted {found.adjusted_r2:.4f}",
            f"residual standard error {found.sigma:.4g} on {found.df_residual} degrees of freedom",
            f"F {found.f:.4g} on {found.df_model} and {found.df_residual}, p {_chance(found.f_p_value)}",
            f"log-likelihood {found.log_likelihood:.5g}, AIC {found.aic:.5g}, BIC {found.bic:.5g}",
        ]
    )


def _chance(p: float) -> str:
    return "< 0.0001" if p < 1e-4 else f"{p:.4f}"
