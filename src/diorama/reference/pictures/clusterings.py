"""The live page of all clusterings beside each other, on the six shapes that everybody tries them on."""

from collections.abc import Callable
from functools import lru_cache
from typing import Any, Literal, get_args

import numpy as np

from diorama._typing import Array
from diorama.clustering import (
    DBSCAN,
    HDBSCAN,
    OPTICS,
    AgglomerativeClustering,
    GaussianMixture,
    KMeans,
    KMedoids,
    MeanShift,
    MiniBatchKMeans,
    estimate_bandwidth,
)
from diorama.scenes import Scene
from diorama.scenes.clusterings import Drawn, clusterings_scene
from diorama.scenes.source import marked_source

Six = Literal["blobs", "moons", "circles", "slanted", "uneven", "noise"]
Model = Callable[..., Any]
Told = tuple[tuple[str, Any], ...]
Linkage = Literal["ward", "average", "complete", "single", "centroid", "median"]
# fits that are kept: of a few places of each slider, so that only what a slider touches is fitted again
KEPT = 2_000


def clusterings(
    n_points: int = 120,
    n_clusters: str = "as drawn",
    eps: float = 0.4,
    min_samples: int = 4,
    xi: float = 0.25,
    quantile: float = 0.25,
    linkage: Linkage = "ward",
    seed: int = 1,
) -> Scene:
    """Every clustering on six shapes of `n_points` points, each brought to unit variance.

    `n_clusters` goes to those who must be told (k-means, mini-batches, k-medoids, the mixture, the merge tree with its
    `linkage`), `eps` to DBSCAN, `min_samples` to it, OPTICS and HDBSCAN, `xi` to OPTICS, and `quantile`, the share of
    points that a neighbourhood holds, to mean shift. The `seed` draws points and starts.
    """
    drawn, found = {}, {}
    for shape in get_args(Six):
        X, groups = points_of(shape, n_points, seed)
        k = int(groups.max()) + 1 if n_clusters == "as drawn" else int(n_clusters)
        # in noise nothing was drawn: three clusters are asked for, as in the shapes of three
        k = 3 if shape == "noise" and n_clusters == "as drawn" else k
        drawn[shape] = Drawn(X, groups)
        models = asked(k, eps, min_samples, xi, quantile, linkage, seed)
        found[shape] = {
            name: labels_of(model, tuple(told.items()), shape, n_points, seed) for name, (model, told) in models.items()
        }
    return clusterings_scene(drawn, found, marked_source(labels_of))


def asked(
    k: int, eps: float, min_samples: int, xi: float, quantile: float, linkage: Linkage, seed: int
) -> dict[str, tuple[Model, dict[str, Any]]]:
    """Each method's name, the model, and what it is told."""
    return {
        "k-means": (KMeans, {"n_clusters": k, "random_state": seed}),
        "mini-batch": (MiniBatchKMeans, {"n_clusters": k, "batch_size": 40, "random_state": seed}),
        "k-medoids": (KMedoids, {"n_clusters": k, "random_state": seed}),
        "mixture": (GaussianMixture, {"n_components": k, "random_state": seed}),
        "agglomerative": (AgglomerativeClustering, {"n_clusters": k, "linkage": linkage}),
        "mean shift": (Shifted, {"quantile": quantile}),
        "DBSCAN": (DBSCAN, {"eps": eps, "min_samples": min_samples}),
        "OPTICS": (OPTICS, {"min_samples": min_samples, "xi": xi, "min_cluster_size": 0.1}),
        "HDBSCAN": (HDBSCAN, {"min_cluster_size": 15, "min_samples": min_samples}),
    }


@lru_cache(maxsize=KEPT)
def labels_of(model: Model, told: Told, shape: Six, n_points: int, seed: int) -> Array:
    """What a model that is told these parameters makes of the points of one shape."""
    X, _ = points_of(shape, n_points, seed)
    return np.asarray(model(**dict(told)).fit_predict(X))  #: fit


class Shifted:
    """Mean shift with the bandwidth that holds a share of the points."""

    def __init__(self, quantile: float) -> None:
        self.quantile = quantile

    def fit_predict(self, X: Array) -> Array:
        """Labels of the rows of X."""
        bandwidth = max(estimate_bandwidth(X, quantile=self.quantile), 1e-3)
        return np.asarray(MeanShift(bandwidth=bandwidth, bin_seeding=True).fit_predict(X))


@lru_cache(maxsize=KEPT)
def points_of(shape: Six, n_points: int, seed: int) -> tuple[Array, Array]:
    """(n_points, 2) points of one shape at unit variance, and which of its groups each was drawn for."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(n_points, 2))
    third, half = np.arange(n_points) % 3, np.arange(n_points) % 2
    centers = np.array([[-4.0, -2.5], [0.0, 3.5], [4.0, -2.0]])
    # evenly along each arc, as scikit-learn draws them
    angle = np.pi * (np.arange(n_points) // 2 + 0.5) / np.ceil(n_points / 2)
    groups = half if shape in ("moons", "circles") else third
    if shape == "moons":
        X = np.column_stack([np.cos(angle + np.pi * half) + half, np.sin(angle + np.pi * half) + half / 2])
        X += 0.06 * noise
    elif shape == "circles":
        ring = np.column_stack([np.cos(2 * angle), np.sin(2 * angle)])
        X = np.where(half, 0.45, 1.0)[:, None] * ring + 0.03 * noise
    elif shape == "noise":
        X, groups = random.uniform(size=(n_points, 2)), np.zeros(n_points, dtype=np.intp)
    elif shape == "slanted":
        # three strips beside each other, each much longer than wide
        strips = np.array([[-2.2, -0.6], [0.0, 0.8], [2.2, -0.4]])[third] + noise * (0.32, 1.6)
        X = strips @ np.array([[0.8, 0.6], [-0.6, 0.8]])
    else:
        X = centers[third] + noise * (np.array([0.4, 1.0, 2.0])[third, None] if shape == "uneven" else 0.8)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    X.setflags(write=False)
    return X, groups
