"""Where a mixture starts: from shares of the components in the rows, guessed in one of four ways, or as told.

kmeans: the clusters that k-means finds; k-means++: rows far from one another, each the only one of its component;
random_from_data: the same with rows drawn at random; random: shares drawn at random.
"""

from typing import Any

import numpy as np
from sklearn.utils.validation import check_array

from diorama import _parallel
from diorama._iterate import unobserved
from diorama._typing import Array
from diorama.clustering._covariances import Covariance, Moments
from diorama.clustering._mixture_rows import TiledRows
from diorama.clustering.k_means import KMeans
from diorama.clustering.k_means_rows import dense_rows
from diorama.clustering.k_means_starts import k_means_plus_plus_index


def first_shares(X: Array, n_components: int, init_params: str, random: np.random.RandomState) -> Array:
    """(n_samples, n_components) shares to begin with; rows that nobody claims yet have none."""
    n = len(X)
    if init_params == "random":
        drawn = random.uniform(size=(n, n_components))
        return np.asarray(drawn / drawn.sum(axis=1, keepdims=True))
    if n_components == 1:
        return np.ones((n, 1))
    if init_params == "kmeans":
        with unobserved():
            labels = KMeans(n_components, n_init=1, random_state=random).fit(X).labels_
        return np.asarray(labels[:, None] == np.arange(n_components), dtype=float)
    if init_params == "k-means++":
        rows = dense_rows(X, np.ones(n, X.dtype), n_components)
        chosen = k_means_plus_plus_index(rows, n_components, random)
    else:
        chosen = random.choice(n, size=n_components, replace=False)
    shares = np.zeros((n, n_components))
    shares[chosen, np.arange(n_components)] = 1.0
    return shares


def first_moments(rows: TiledRows, kind: Covariance, shares: Array) -> tuple[Array, Moments]:
    """Means of the rows by `shares`, and moments about them; a component that has no share gets all rows."""
    shares = np.where(shares.any(axis=0), shares, 1.0 / rows.n)
    counts = shares.sum(axis=0)
    jobs = [(rows, kind, np.ascontiguousarray(share)) for share in shares.T]
    found = _parallel.run(_claimed, jobs, work=rows.n * rows.d**2)
    means, squares = (np.array(parts) for parts in zip(*found, strict=True))
    return means, Moments(counts, np.zeros_like(means), squares)


def _claimed(rows: TiledRows, kind: Covariance, share: Array) -> tuple[Array, Array]:
    """Mean of the rows by one component's shares, and what they add to the moments about it."""
    claimed = np.flatnonzero(share)
    share = share[claimed]
    away = rows.X[claimed] - rows.origin
    mean = share @ away / share.sum()
    return rows.origin + mean, kind.squares(away - mean, share)


def given_weights(weights: Any, n_components: int) -> Array:
    """`weights_init`, checked: (n_components,) shares of one."""
    checked = _given(weights, "weights", (n_components,))
    if checked.min() < 0 or checked.max() > 1:
        raise ValueError(
            "The parameter 'weights' should be in the range [0, 1], but got max value "
            f"{checked.max():.5f}, min value {checked.min():.5f}"
        )
    if not np.isclose(checked.sum(), 1.0):
        raise ValueError(f"The parameter 'weights' should be normalized, but got sum(weights) = {checked.sum():.5f}")
    return checked


def given_means(means: Any, n_components: int, n_features: int) -> Array:
    """`means_init`, checked: (n_components, n_features)."""
    return _given(means, "means", (n_components, n_features))


def given_factor(precisions: Any, kind: Covariance, name: str, n_components: int, n_features: int) -> Array:
    """Cholesky factor of `precisions_init`, which must be positive, and symmetric where it is a matrix."""
    checked = _given(precisions, f"{name} precision", kind.shape(n_components, n_features))
    if name in ("diag", "spherical"):
        if np.any(checked <= 0):
            raise ValueError(f"'{name} precision' should be positive; got {checked.min():g}.")
    elif not np.allclose(checked, checked.swapaxes(-1, -2)) or np.any(np.linalg.eigvalsh(checked) <= 0):
        raise ValueError(f"'{name} precision' should be symmetric, positive-definite.")
    return kind.factor_precisions(checked)


def _given(values: Any, name: str, shape: tuple[int, ...]) -> Array:
    checked: Array = check_array(values, dtype=np.float64, ensure_2d=False, allow_nd=True, copy=True, input_name=name)
    if checked.shape != shape:
        raise ValueError(f"The parameter '{name}' should have the shape of {shape}, but got {checked.shape}")
    return checked
