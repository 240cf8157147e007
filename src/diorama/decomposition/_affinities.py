"""Who is whose neighbour, and how much: the probabilities that a t-SNE map has to imitate.

Row i picks row j with the chance p(j|i) of a bell around i, exp(-b_i d_ij^2) over all its neighbours. The width of each
bell is set so that as many rows count as the perplexity says: the entropy of p(.|i) is log(perplexity). Both
directions together, p_ij = (p(j|i) + p(i|j)) / 2n, add up to 1 over all pairs.
"""

from typing import Any

import numpy as np
from scipy import sparse

from diorama import _parallel
from diorama._typing import Array
from diorama.neighbors import NearestNeighbors

# neighbours for each unit of perplexity: a bell has next to nothing farther out
REACH = 3
TRIES = 100
CLOSE = 1e-7  # of the entropy
BLOCK = 1_024


def joint_probabilities(X: Any, perplexity: float, n_neighbors: int, metric: Any, options: Any) -> Any:
    """p as a symmetric sparse table (n, n) with sum 1, between each row of X and its nearest `n_neighbors`."""
    search = NearestNeighbors(n_neighbors=n_neighbors, metric=metric, metric_params=options)
    distances, rows = search.fit(X).kneighbors()
    n = len(rows)
    chances = np.empty(distances.shape)

    def spread(start: int, stop: int) -> None:
        chances[start:stop] = conditional(distances[start:stop].astype(np.float64) ** 2, perplexity)

    _parallel.run(spread, _parallel.blocks(n, BLOCK), work=10.0 * distances.size)
    starts = np.arange(n + 1) * n_neighbors
    one_way = sparse.csr_array((chances.ravel(), rows.ravel(), starts), shape=(n, n))
    both: Any = sparse.csr_array(one_way + one_way.T)
    both.data /= both.data.sum()
    both.sort_indices()
    return both


def conditional(squares: Array, perplexity: float) -> Array:
    """p(j|i) from squared distances (n, k) to neighbours, each row with entropy log(perplexity) where that can be.

    Newton's method on each bell's sharpness b, inside bounds that close; a row whose neighbours are all equally far
    shares evenly whatever b is.
    """
    # neither the smallest distance nor the unit makes a difference to the chances
    away = squares - squares.min(axis=1, keepdims=True)
    unit = away.mean(axis=1, keepdims=True)
    away /= np.where(unit > 0, unit, 1.0)
    goal = np.log(perplexity)
    sharp = np.ones((len(away), 1))
    low, high = np.zeros_like(sharp), np.full_like(sharp, np.inf)
    for _ in range(TRIES):
        chances: Array = np.exp(-sharp * away)
        chances /= chances.sum(axis=1, keepdims=True)
        middle = np.einsum("ij,ij->i", chances, away)[:, None]
        surplus = _entropy(chances) - goal
        if np.all(np.abs(surplus) <= CLOSE):
            break
        wide = surplus > 0
        low, high = np.where(wide, sharp, low), np.where(wide, high, sharp)
        # dH/db = -b Var(d^2)
        slope = sharp * np.einsum("ij,ij->i", chances, (away - middle) ** 2)[:, None]
        newton = sharp + np.divide(surplus, slope, out=np.full_like(sharp, np.inf), where=slope > 0)
        halved = np.where(np.isinf(high), 2 * sharp, (low + high) / 2)
        sharp = np.where((newton > low) & (newton < np.minimum(high, 4 * sharp)), newton, halved)
        # of neighbours that are all alike no bell is sharp: that would go on for ever
        sharp = np.minimum(sharp, 1e100)
    return chances


def _entropy(chances: Array) -> Array:
    logs = np.log(chances, out=np.zeros_like(chances), where=chances > 0)
    surprise: Array = -np.einsum("ij,ij->i", chances, logs)[:, None]
    return surprise
