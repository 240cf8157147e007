"""Where k-means starts: at rows far from one another (k-means++), or at rows drawn at random.

k-means++ draws each new centre from the rows with a chance proportional to the squared distance to the nearest centre
there is; of a few draws it keeps the one that lowers the sum of those distances most [Arthur & Vassilvitskii 2007]_.
Of a large table a sample of the rows tells which one that is, drawn by the same distances, so that it sees what is far.

References
----------
.. [Arthur & Vassilvitskii 2007] D. Arthur, S. Vassilvitskii, "k-means++: the advantages of careful seeding", SODA 2007.
"""

import numpy as np

from diorama._typing import Array
from diorama.clustering.k_means_rows import Rows


def random_start(rows: Rows, n_clusters: int, random: np.random.RandomState) -> Array:
    """Different rows, each as likely as it weighs."""
    chosen = random.choice(rows.n, size=n_clusters, replace=False, p=rows.weights / rows.weights.sum())
    return rows.take(chosen)


def k_means_plus_plus(rows: Rows, n_clusters: int, random: np.random.RandomState) -> Array:
    """Rows far from one another, (n_clusters, n_features)."""
    return rows.take(k_means_plus_plus_index(rows, n_clusters, random))


def k_means_plus_plus_index(rows: Rows, n_clusters: int, random: np.random.RandomState) -> Array:
    """Which rows they are, (n_clusters,)."""
    # twice the draws of the usual greedy rule: bounds make them cheap, and each makes a poor start rarer
    n_trials = 2 * (2 + int(np.log(n_clusters)))
    chances = np.empty((n_clusters, n_trials))
    chances[0], chances[1:] = random.uniform(), random.uniform(size=(n_clusters - 1, n_trials))
    return rows.far_apart(chances)
