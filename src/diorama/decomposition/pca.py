"""Principal components: the directions in which rows differ most, one after the other, each square to those before.

With C the covariance of the columns, the first axis v maximises v' C v over all of length 1, which makes it the
eigenvector of the largest eigenvalue; the others follow [1]_. They come from C itself where rows are many, from the
singular values of the centred rows where they are few, or from a random sketch of them where both are many [2]_.

.. [1] H. Hotelling, "Analysis of a complex of statistical variables into principal components", 1933.
.. [2] N. Halko, P.-G. Martinsson, J. A. Tropp, "Finding structure with randomness", SIAM Review 53 (2011).
"""

from collections.abc import Iterator
from contextlib import nullcontext
from numbers import Integral
from typing import Any, NamedTuple, Self

import numpy as np
import scipy.sparse as sp
from scipy.linalg import eigh, lu, qr, svd
from sklearn.base import ClassNamePrefixFeaturesOutMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils._param_validation import Interval, RealNotInt, StrOptions
from sklearn.utils.validation import check_array, check_is_fitted

from diorama._iterate import Fit, show
from diorama._parallel import blas_threads, blocks, run
from diorama._quick_checks import QuickChecks, validated
from diorama._typing import Array

ROWS_PER_BLOCK = 4_096
# sizes at which scikit-learn changes its way, too
FEW_COLUMNS, FEW_ENTRIES = 1_000, 500
FEW_NUMBERS = 100_000
# the smaller side up to which the products of all columns, or rows, are done before a sketch is
SHORT_SIDE = 600
SKETCHED = 128  # rows at a time
FLAT = 1e-9  # of the largest variance: less is lost in products
# a variance this much smaller than the square of the mean is computed anew from centred rows
FAR = 1e-4
# for a picture: an axis is turned until it moves by less than this
STILL, TURNS = 1e-6, 24
TURNED_UP_TO = 400  # columns


class State(NamedTuple):
    """An axis on its way to where rows differ most."""

    mean: Array  # (n_features,) of the rows
    axes: Array  # (n, n_features) of length 1; the last is the one that turns, the others stand
    variances: Array  # (n,) of the rows along each
    total: float  # the variance in all directions
    settled: bool  # whether the last axis stands


class Axes(NamedTuple):
    """What a solver finds: all it knows, largest first."""

    components: Array  # (k, n_features)
    variances: Array  # (k,)
    total: float  # sum over all directions, found or not


def mean_and_covariance(X: Any) -> tuple[Array, Array]:
    """(n_features,) and (n_features, n_features), in one pass unless the columns lie far from 0."""
    n = X.shape[0]
    if sp.issparse(X):
        mean = np.asarray(X.mean(axis=0), dtype=np.float64).ravel()
        return mean, ((X.T @ X).toarray().astype(np.float64) - n * np.outer(mean, mean)) / (n - 1)
    mean, covariance = _moments_about(X, np.zeros(X.shape[1]))
    if (covariance.diagonal() < FAR * mean**2).any():  # the difference has lost too many digits
        shift, covariance = _moments_about(X, mean)
        mean = mean + shift
    return mean, covariance


def _moments_about(X: Array, origin: Array) -> tuple[Array, Array]:
    """Mean and covariance of the rows of X - origin."""
    n = len(X)

    def some(i: int, j: int) -> tuple[Array, Array]:
        rows = X[i:j].astype(np.float64, copy=False)
        rows = rows - origin if origin.any() else rows
        return np.ones(len(rows)) @ rows, rows.T @ rows

    parts = run(some, blocks(n, ROWS_PER_BLOCK), work=float(n) * X.shape[1] ** 2)
    mean = sum(part[0] for part in parts) / n
    return mean, (sum(part[1] for part in parts) - n * np.outer(mean, mean)) / (n - 1)


def from_covariance(X: Any, k: int | None = None) -> tuple[Array, Axes]:
    """Eigenvectors of the covariance, the first k or all: one pass over the rows, whatever their number."""
    mean, covariance = mean_and_covariance(X)  #: covariance
    values, vectors = _largest(covariance, min(X.shape) if k is None else k)  #: eigenvectors
    return mean, Axes(vectors.T, values, float(covariance.trace()))


def from_products(X: Array, k: int) -> tuple[Array, Axes]:
    """The first k axes of few long rows, from the products of every centred row with every other: n x n, not d x d.

    With u an eigenvector of the products, X'u points along an axis. Where the rows have hardly any extent along the
    last of the k, that would be rounding, and they are taken from the rows.
    """
    mean = X.mean(axis=0, dtype=np.float64)
    centred = X - mean
    n, d = X.shape
    parts = [(centred[:, i:j],) for i, j in blocks(d, max(ROWS_PER_BLOCK // 4, -(-d // 8)))]
    products = sum(run(lambda piece: piece @ piece.T, parts, work=float(n) * X.size))
    values, vectors = _largest(products, k)
    if values[-1] <= FLAT * values[0]:
        return from_rows(X)
    axes = vectors.T @ centred
    return mean, Axes(axes / np.linalg.norm(axes, axis=1)[:, None], values / (n - 1), float(products.trace()) / (n - 1))


def _largest(symmetric: Array, k: int) -> tuple[Array, Array]:
    """The k largest eigenvalues (k,) of a matrix that has no negative ones, and their vectors, (n, k)."""
    n = len(symmetric)
    few = (n - k, n - 1) if 2 * k < n else None
    with blas_threads(1) if n <= FEW_COLUMNS else nullcontext():  # threads would wait for one another
        values, vectors = eigh(symmetric, subset_by_index=few)
    # rounding can leave a zero negative
    return np.maximum(values[::-1][:k], 0.0), vectors[:, ::-1][:, :k]


def from_rows(X: Array) -> tuple[Array, Axes]:
    """Singular vectors of the centred rows: loses no digits to squaring."""
    mean = X.mean(axis=0, dtype=np.float64)
    with blas_threads(1) if X.size < FEW_NUMBERS else nullcontext():  # threads would wait for one another
        values, vectors = svd(X - mean, full_matrices=False)[1:]
    variances = values**2 / (len(X) - 1)
    return mean, Axes(vectors, variances, float(variances.sum()))


def from_sketch(X: Array, k: int, n_oversamples: int, power: int, random: np.random.RandomState) -> tuple[Array, Axes]:
    """The span of a few random mixtures of the rows, drawn towards the long directions by `power` products."""
    mean = X.mean(axis=0, dtype=np.float64)
    centred = X - mean
    n, d = X.shape
    bounds = blocks(n, max(SKETCHED, -(-n // 16)))

    def onto(mixed: Array) -> Array:
        """centred @ mixed"""
        return np.concatenate(run(lambda i, j: centred[i:j] @ mixed, bounds, work=float(X.size) * mixed.shape[1]))

    def back(places: Array) -> Array:
        """centred.T @ places, written as rows: (k, d)"""
        parts = run(lambda i, j: places[i:j].T @ centred[i:j], bounds, work=float(X.size) * places.shape[1])
        return np.asarray(sum(parts))

    sketch = random.normal(size=(d, min(k + n_oversamples, n, d)))
    with blas_threads(1):  # of matrices so narrow threads would wait for one another
        for _ in range(power):
            # only the span matters here, and the triangular factors keep it for half the work of a QR
            sketch = lu(back(lu(onto(sketch), permute_l=True)[0]).T, permute_l=True)[0]
        basis = qr(onto(sketch), mode="economic")[0]
        values, vectors = svd(back(basis), full_matrices=False)[1:]
    total = float(np.einsum("ij,ij->", centred, centred)) / (n - 1)
    return mean, Axes(vectors[:k], values[:k] ** 2 / (n - 1), total)


def turned(covariance: Array, mean: Array, found: Array) -> Iterator[State]:
    """How each axis in `found` (n, n_features) is reached by turning: power iteration, away from those that stand."""
    total = float(np.trace(covariance))
    standing = np.empty((0, len(mean)))
    for axis in found:
        now = _first_guess(covariance, standing, axis)
        for _ in range(TURNS):
            yield _state(covariance, mean, np.vstack([standing, now]), total, False)  #: turn
            following = covariance @ now
            following -= standing.T @ (standing @ following)
            length = np.linalg.norm(following)
            following = axis if length == 0 else following / length
            moved = np.linalg.norm(following - now)
            now = following
            if moved < STILL:
                break
        standing = np.vstack([standing, axis])
        yield _state(covariance, mean, standing, total, True)  #: stand


def _first_guess(covariance: Array, standing: Array, axis: Array) -> Array:
    """A direction far from the one to be found, but not square to it."""
    other = np.eye(len(axis))[np.abs(axis).argmin()]
    guess: Array = other + 0.15 * axis
    guess -= standing.T @ (standing @ guess)
    return np.asarray(guess / np.linalg.norm(guess))


def _state(covariance: Array, mean: Array, axes: Array, total: float, settled: bool) -> State:
    return State(mean, axes, np.einsum("ij,jk,ik->i", axes, covariance, axes), total, settled)


class PCA(ClassNamePrefixFeaturesOutMixin, TransformerMixin, QuickChecks):
    """The directions in which rows differ most, and the rows' places along them.

    Maximises v' C v for each axis v of length 1 in turn: C is the covariance of the columns of `X`, v a row of
    `components_`, v' C v its entry of `explained_variance_`. Each axis points where its largest entry is positive.

    Parameters
    ----------
    n_components : int, float or None, default=None
        How many axes; a number between 0 and 1 asks for as many as hold that share of the variance; None for all.
    whiten : bool, default=False
        Divide the places along each axis by their standard deviation.
    svd_solver : {"auto", "full", "covariance_eigh", "randomized"}, default="auto"
        "covariance_eigh" for many rows and at most 1,000 columns, "randomized" for few axes of a large table, else
        "full"; "auto" chooses so, and takes few axes of a table with one side of at most 600 from the products of
        its columns or rows.
    n_oversamples : int, default=10
        For "randomized": directions more than asked for.
    iterated_power : int or "auto", default="auto"
        For "randomized": products with the covariance; "auto" is 7 for fewer than a tenth of the axes, else 4.
    random_state : int, RandomState instance or None, default=None
        For "randomized".

    Attributes
    ----------
    components_ : (n_components_, n_features)
    explained_variance_, explained_variance_ratio_ : (n_components_,)
    singular_values_ : (n_components_,) of the centred rows
    mean_ : (n_features,)
    noise_variance_ : mean variance along what was left out
    n_components_, n_samples_, n_features_in_, feature_names_in_ : as everywhere

    Notes
    -----
    Sparse X is taken with "covariance_eigh". `n_components="mle"`, the solver "arpack" and the likelihoods of
    scikit-learn's PCA are not there.

    Raises
    ------
    ValueError
        When more axes are asked for than rows or columns allow, a solver cannot do what is asked, or there is one row.

    Examples
    --------
    >>> from diorama.decomposition import PCA
    >>> model = PCA(1).fit([[0.0, 0.0], [1.0, 1.0], [2.0, 2.0], [3.0, 3.0]])
    >>> model.components_.round(3).tolist(), model.explained_variance_ratio_.round(3).tolist()
    ([[0.707, 0.707]], [1.0])
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "n_components": [
            Interval(Integral, 1, None, closed="left"),
            Interval(RealNotInt, 0, 1, closed="neither"),
            None,
        ],
        "whiten": ["boolean"],
        "svd_solver": [StrOptions({"auto", "full", "covariance_eigh", "randomized"})],
        "n_oversamples": [Interval(Integral, 1, None, closed="left")],
        "iterated_power": [StrOptions({"auto"}), Interval(Integral, 0, None, closed="left")],
        "random_state": ["random_state"],
    }

    components_: Array
    explained_variance_: Array
    mean_: Array

    def __init__(
        self,
        n_components: Any = None,
        *,
        whiten: bool = False,
        svd_solver: str = "auto",
        n_oversamples: int = 10,
        iterated_power: Any = "auto",
        random_state: Any = None,
    ) -> None:
        self.n_components = n_components
        self.whiten = whiten
        self.svd_solver = svd_solver
        self.n_oversamples = n_oversamples
        self.iterated_power = iterated_power
        self.random_state = random_state

    def fit(self, X: Any, y: Any = None) -> Self:
        """Find the axes of the rows X (n_samples, n_features); y is ignored."""
        self._validate_params()
        X = validated(self, X, accept_sparse=["csr", "csc"], dtype=[np.float64, np.float32], ensure_min_samples=2)
        solver = self._solver(X)
        mean, found = self._solve(X, solver)
        k = self._how_many(found, X.shape)
        n, kind = X.shape[0], X.dtype
        signs = np.sign(found.components[np.arange(len(found.components)), np.abs(found.components).argmax(axis=1)])
        components = found.components * signs[:, None]
        self.mean_ = mean.astype(kind)
        self.components_ = components[:k].astype(kind)
        self.explained_variance_ = found.variances[:k].astype(kind)
        share = found.variances[:k] / found.total if found.total > 0 else np.zeros(k)
        self.explained_variance_ratio_ = share.astype(kind)
        self.singular_values_ = np.sqrt(found.variances[:k] * (n - 1)).astype(kind)
        left = min(X.shape) - k
        rest = max(found.total - float(found.variances[:k].sum()), 0.0)
        self.noise_variance_ = rest / left if left > 0 else 0.0
        self.n_components_, self.n_samples_ = k, n
        if X.shape[1] <= TURNED_UP_TO:
            axes = components[: min(k, 2)].astype(np.float64)
            total = len(axes) * (TURNS + 1)
            show(lambda: turned(mean_and_covariance(X)[1], mean, axes), total=total, fit=Fit(self, X))
        return self

    def transform(self, X: Any) -> Array:
        """(n_samples, n_components_) places along the axes."""
        check_is_fitted(self)
        X = validated(self, X, reset=False, accept_sparse=["csr", "csc"], dtype=[np.float64, np.float32])
        axes = self._scaled_axes().astype(X.dtype)
        if sp.issparse(X):
            places: Array = X @ axes.T - self.mean_.astype(X.dtype) @ axes.T
            return places
        return np.asarray((X - self.mean_.astype(X.dtype)) @ axes.T)

    def inverse_transform(self, X: Any) -> Array:
        """(n_samples, n_features) rows from places along the axes: what the axes can say of them."""
        check_is_fitted(self)
        X = check_array(X, dtype=[np.float64, np.float32])
        axes = self.components_.astype(X.dtype)
        if self.whiten:
            axes = axes * np.sqrt(self.explained_variance_.astype(X.dtype))[:, None]
        rows: Array = X @ axes + self.mean_.astype(X.dtype)
        return rows

    def get_covariance(self) -> Array:
        """(n_features, n_features) covariance of the model: the axes, and equal noise in all other directions."""
        check_is_fitted(self)
        beyond = np.maximum(self.explained_variance_ - self.noise_variance_, 0.0)
        covariance: Array = (self.components_.T * beyond) @ self.components_
        covariance[np.diag_indices_from(covariance)] += self.noise_variance_
        return covariance

    def _scaled_axes(self) -> Array:
        if not self.whiten:
            return self.components_
        spread = np.sqrt(self.explained_variance_)
        # along an axis without any variance every row is at the mean
        return self.components_ / np.where(spread > 0, spread, 1.0)[:, None]

    def _solver(self, X: Any) -> str:
        n, d = X.shape
        k = self.n_components
        if sp.issparse(X):
            if self.svd_solver not in ("auto", "covariance_eigh"):
                raise ValueError(f'svd_solver="{self.svd_solver}" takes no sparse X; use "covariance_eigh".')
            return "covariance_eigh"
        if self.svd_solver != "auto":
            if self.svd_solver == "randomized" and not isinstance(k, Integral | None):
                raise ValueError(f'svd_solver="randomized" needs a number of axes, not the share n_components={k}.')
            return self.svd_solver
        if d <= FEW_COLUMNS and n >= 10 * d:
            return "covariance_eigh"
        small = max(n, d) <= FEW_ENTRIES or not isinstance(k, Integral)
        if small or k >= 0.8 * min(n, d):
            return "full"
        if min(n, d) > SHORT_SIDE:
            return "randomized"
        return "covariance_eigh" if d <= n else "products"

    def _solve(self, X: Any, solver: str) -> tuple[Array, Axes]:
        k = int(self.n_components) if isinstance(self.n_components, Integral) else min(X.shape)
        self._allowed(k, X.shape)
        if solver == "covariance_eigh":
            return from_covariance(X, k)
        if solver == "full":
            return from_rows(X.astype(np.float64, copy=False))
        if solver == "products":
            return from_products(X.astype(np.float64, copy=False), k)
        power = self.iterated_power
        if power == "auto":
            power = 7 if k < 0.1 * min(X.shape) else 4
        random = check_random_state(self.random_state)
        return from_sketch(X.astype(np.float64, copy=False), k, self.n_oversamples, int(power), random)

    def _how_many(self, found: Axes, shape: tuple[int, int]) -> int:
        k = self.n_components
        if k is None:
            return len(found.components)
        if isinstance(k, Integral):
            return int(k)
        held = np.cumsum(found.variances) / found.total if found.total > 0 else np.ones(len(found.variances))
        return min(int(np.searchsorted(held, float(k), side="right")) + 1, len(held))

    def _allowed(self, k: int, shape: tuple[int, int]) -> None:
        if k > min(shape):
            raise ValueError(
                f"n_components={k} must be at most {min(shape)}: X has {shape[0]} rows and {shape[1]} columns, and no "
                "more directions than the fewer of them."
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.sparse = self.svd_solver in ("auto", "covariance_eigh")
        tags.transformer_tags.preserves_dtype = ["float64", "float32"]
        return tags

    @property
    def _n_features_out(self) -> int:
        return int(self.n_components_)
