"""Hierarchical clustering from below: every row begins alone, and the nearest two clusters merge until one is left.

How far two clusters A and B are from one another is the linkage: the nearest pair of their rows (single), the farthest
(complete), the mean of all pairs (average), sqrt(2 |A| |B| / (|A| + |B|)) times the distance of their means (ward:
twice the rise of the sum of squares, under a root), the distance of their means (centroid) or of their middles, where a
merge puts the middle half way between (median). The merges and their heights are a tree [Lance & Williams 1967]_,
which is cut where you like.

References
----------
.. [Lance & Williams 1967] G. N. Lance, W. T. Williams, "A general theory of classificatory sorting strategies 1.
   Hierarchical systems", The Computer Journal 9 (4), 1967.
"""

from collections.abc import Iterator
from numbers import Integral, Real
from typing import Any, NamedTuple, Self

import numpy as np
from sklearn.base import ClusterMixin
from sklearn.utils._param_validation import HasMethods, Interval, StrOptions

from diorama._iterate import Fit, show
from diorama._quick_checks import QuickChecks, validated
from diorama._typing import Array
from diorama.clustering._linkage import EUCLID, METHODS, MIDDLES, linkage_matrix
from diorama.clustering._linkage_kernels import cut_tree

MOMENTS = 27  # of the building of a tree that observers are told: a short recording keeps them all
_SYMMETRIC = 1e-8


class State(NamedTuple):
    """The tree while it is built from below."""

    tree: Array  # (n_samples - 1, 4) all merges, as `linkage_matrix_`
    made: int  # how many of them there are by now
    labels: Array  # (n_samples,) the clusters that the cut leaves
    height: float  # where the tree is cut
    linkage: str
    metric: Any


class AgglomerativeClustering(ClusterMixin, QuickChecks):
    """The nearest two clusters merge until `n_clusters` are left, or until they are `distance_threshold` apart.

    Parameters, defaults and attributes are those of scikit-learn's AgglomerativeClustering; the linkages "centroid" and
    "median" and the whole tree come in addition. The tree is always built to its top.

    Parameters
    ----------
    n_clusters : int or None
        How many clusters are left; None when `distance_threshold` says where to stop.
    metric : str or callable
        "euclidean", "manhattan", "cosine", "precomputed" (X is a table of distances) or any other that
        `sklearn.metrics.pairwise_distances` takes. "ward", "centroid" and "median" want "euclidean".
    memory, compute_full_tree, compute_distances
        For compatibility: the tree is always whole, with all its distances, and never kept on a disk.
    connectivity : None
        For compatibility: any row may merge with any other.
    linkage : "ward", "complete", "average", "single", "centroid" or "median"
        How far clusters are from one another.
    distance_threshold : float or None
        Clusters at least this far apart stay apart.

    Attributes
    ----------
    labels_ : (n_samples,) int, clusters in the order of their first rows
    children_ : (n_samples - 1, 2) the two clusters of each merge: rows, then n_samples + number of the merge
    distances_ : (n_samples - 1,) the height of each merge
    linkage_matrix_ : (n_samples - 1, 4) both and the size of the new cluster: what SciPy's dendrogram takes
    n_clusters_, n_leaves_, n_connected_components_ : int

    Raises
    ------
    ValueError
        Neither or both of `n_clusters` and `distance_threshold`, more clusters than rows, a metric that does not suit
        the linkage, a table of distances that is not square and symmetric, a connectivity, data that are not finite.

    Examples
    --------
    >>> from diorama.clustering import AgglomerativeClustering
    >>> model = AgglomerativeClustering(2, linkage="single").fit([[0.0], [1.0], [5.0], [7.0]])
    >>> model.labels_.tolist()
    [0, 0, 1, 1]
    >>> model.distances_.tolist()
    [1.0, 2.0, 4.0]
    """

    _parameter_constraints: dict[str, list[Any]] = {
        "n_clusters": [Interval(Integral, 1, None, closed="left"), None],
        "metric": [str, callable],
        "memory": [str, HasMethods("cache"), None],
        "connectivity": ["array-like", "sparse matrix", callable, None],
        "compute_full_tree": [StrOptions({"auto"}), "boolean"],
        "linkage": [StrOptions(set(METHODS))],
        "distance_threshold": [Interval(Real, 0, None, closed="left"), None],
        "compute_distances": ["boolean"],
    }

    def __init__(
        self,
        n_clusters: int | None = 2,
        *,
        metric: Any = "euclidean",
        memory: Any = None,
        connectivity: Any = None,
        compute_full_tree: Any = "auto",
        linkage: str = "ward",
        distance_threshold: float | None = None,
        compute_distances: bool = False,
    ) -> None:
        self.n_clusters = n_clusters
        self.metric = metric
        self.memory = memory
        self.connectivity = connectivity
        self.compute_full_tree = compute_full_tree
        self.linkage = linkage
        self.distance_threshold = distance_threshold
        self.compute_distances = compute_distances

    def fit(self, X: Any, y: Any = None) -> Self:
        """Build the tree of the rows X (n_samples, n_features), or of a table of distances, and cut it."""
        self._validate_params()
        self._check_parameters()
        X = validated(self, X, dtype=[np.float64], order="C")
        if self.metric == "precomputed":
            _check_table(X)
        n = len(X)
        if self.n_clusters is not None and self.n_clusters > n:
            raise ValueError(
                f"Cannot extract more clusters than samples: n_clusters={self.n_clusters}, n_samples={n}; "
                "give more rows or ask for fewer clusters."
            )
        tree = linkage_matrix(X, self.linkage, self.metric)
        labels = cut(tree, _joined(tree, self.n_clusters, self.distance_threshold))
        height = _height(tree, self.n_clusters, self.distance_threshold)
        show(
            lambda: (State(tree, made, labels, height, self.linkage, self.metric) for made in moments(n - 1)),
            total=min(n - 1, MOMENTS),
            fit=Fit(self, X),
        )
        self.labels_ = labels
        self.linkage_matrix_ = tree
        self.children_ = tree[:, :2].astype(np.intp)
        self.distances_ = tree[:, 2].copy()
        self.n_clusters_ = int(labels.max()) + 1
        self.n_leaves_ = n
        self.n_connected_components_ = 1
        return self

    def _check_parameters(self) -> None:
        if (self.n_clusters is None) == (self.distance_threshold is None):
            raise ValueError(
                "Exactly one of n_clusters and distance_threshold has to be set, and the other needs to be None; got "
                f"n_clusters={self.n_clusters}, distance_threshold={self.distance_threshold}."
            )
        if self.linkage in MIDDLES and self.metric not in EUCLID:
            raise ValueError(
                f"{self.metric!r} was provided as metric. {self.linkage} measures between the middles of clusters and "
                'works with metric="euclidean" alone; or take linkage="average".'
            )
        if self.connectivity is not None:
            raise ValueError(
                "connectivity is not taken: any row may merge with any other. Put the distance of rows that must not "
                'merge into a table of distances, and take metric="precomputed" with linkage="complete".'
            )

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.pairwise = self.metric == "precomputed"
        return tags


def cut(tree: Array, joined: Array) -> Array:
    """Clusters of the rows when only the merges in the mask `joined` are made, numbered by their first rows."""
    n = len(tree) + 1
    labels = np.empty(n, np.intp)
    cut_tree(tree, joined, np.arange(2 * n - 1), np.full(2 * n - 1, -1), labels)
    return labels


def merged_below(tree: Array, threshold: float) -> Array:
    """Which merges are made when clusters at least `threshold` apart stay apart."""
    heights = tree[:, 2]
    if np.any(np.diff(heights) < 0):
        # a merge may be lower than one it is made of, which then keeps it from being made
        heights = heights.copy()
        for i, (a, b) in enumerate(tree[:, :2].astype(int) - len(tree) - 1):
            heights[i] = max(heights[i], *(heights[child] for child in (a, b) if child >= 0), -np.inf)
    return np.asarray(heights < threshold)


def moments(n_merges: int) -> Iterator[int]:
    """After how many merges a picture is taken: the last ones singly, more and more at a time before."""
    late = min(n_merges, MOMENTS * 2 // 3)
    early = n_merges - late
    steps = np.unique(np.linspace(0, early, min(early, MOMENTS - late - 1) + 1).astype(int))
    yield from steps.tolist()
    yield from range(early + 1, n_merges + 1)


def _joined(tree: Array, n_clusters: int | None, threshold: float | None) -> Array:
    """Which merges are made."""
    if threshold is None:
        assert n_clusters is not None  # one of the two is given
        return np.arange(len(tree)) < len(tree) + 1 - n_clusters
    return merged_below(tree, threshold)


def _height(tree: Array, n_clusters: int | None, threshold: float | None) -> float:
    """Where a line through the tree leaves these clusters: half way between the merges made and those not."""
    if threshold is not None or not len(tree):
        return float(threshold or 0.0)
    assert n_clusters is not None  # one of the two is given
    made = len(tree) + 1 - n_clusters
    below = tree[made - 1, 2] if made else 0.0
    above = tree[made, 2] if made < len(tree) else 1.1 * below
    return float(below + above) / 2


def _check_table(X: Array) -> None:
    if X.shape[0] != X.shape[1]:
        raise ValueError(
            f"Distance matrix should be square, got matrix of shape {X.shape}: with metric='precomputed' X holds the "
            "distance of every row to every other."
        )
    uneven = np.abs(X - X.T)
    if uneven.size and uneven.max() > _SYMMETRIC * max(1.0, float(np.abs(X).max())):
        i, j = np.unravel_index(int(uneven.argmax()), X.shape)
        raise ValueError(
            f"the table of distances is not symmetric: from row {i} to row {j} it is {X[i, j]:g}, "
            f"and back {X[j, i]:g}; take their mean, (X + X.T) / 2."
        )
