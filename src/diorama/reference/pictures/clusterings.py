"""The live page of all clusterings beside each other, on six shapes that everybody tries them on."""

from typing import Any, Literal

import numpy as np

from diorama._typing import Array
from diorama.clustering import (
    DBSCAN,
    HDBSCAN,
    AgglomerativeClustering,
    GaussianMixture,
    KMeans,
    KMedoids,
    MeanShift,
    estimate_bandwidth,
)
from diorama.scenes import Scene
from diorama.scenes.clusterings import clusterings_scene
from diorama.scenes.source import marked_source

Six = Literal["blobs", "moons", "circles", "slanted", "uneven", "noise"]
POINTS = 180


def fitted_labels(X: Array, n_clusters: int, eps: float, seed: int) -> dict[str, Array]:
    """What each method makes of the rows of X."""
    bandwidth = max(estimate_bandwidth(X, quantile=0.25), 1e-3)
    models: dict[str, Any] = {
        "k-means": KMeans(n_clusters, random_state=seed),
        "k-medoids": KMedoids(n_clusters, random_state=seed),
        "Gaussian mixture": GaussianMixture(n_clusters, random_state=seed),
        "mean shift": MeanShift(bandwidth=bandwidth, bin_seeding=True),
        "linkage, ward": AgglomerativeClustering(n_clusters),
        "linkage, single": AgglomerativeClustering(n_clusters, linkage="single"),
        "DBSCAN": DBSCAN(eps=eps, min_samples=4),
        "HDBSCAN": HDBSCAN(min_cluster_size=10),
    }
    return {name: np.asarray(model.fit_predict(X)) for name, model in models.items()}  #: fit


def clusterings(shape: Six = "moons", n_clusters: int = 2, eps: float = 0.4, seed: int = 0) -> Scene:
    """Eight clusterings of points of one `shape`, brought to unit variance; the `seed` draws points and starts."""
    X = points_of(shape, seed)
    X = (X - X.mean(axis=0)) / X.std(axis=0)
    return clusterings_scene(X, fitted_labels(X, n_clusters, eps, seed), shape, marked_source(fitted_labels))


def points_of(shape: Six, seed: int) -> Array:
    """(180, 2) points of one shape."""
    random = np.random.default_rng(seed)
    noise = random.normal(size=(POINTS, 2))
    third, half = np.arange(POINTS) % 3, np.arange(POINTS) % 2
    centers = np.array([[-4.0, -2.5], [0.0, 3.5], [4.0, -2.0]])
    if shape == "moons":
        angle = np.pi * (random.random(POINTS) + half)
        return np.column_stack([np.cos(angle) + half, np.sin(angle) + half / 2]) + 0.07 * noise
    if shape == "circles":
        angle = 2 * np.pi * random.random(POINTS)
        ring = np.column_stack([np.cos(angle), np.sin(angle)])
        return np.asarray(np.where(half, 0.45, 1.0)[:, None] * ring + 0.05 * noise)
    if shape == "noise":
        return random.uniform(size=(POINTS, 2))
    if shape == "slanted":
        return np.asarray((centers[third] + noise) @ np.array([[0.6, -0.6], [-0.4, 0.8]]))
    if shape == "uneven":
        return np.asarray(centers[third] + noise * np.array([0.4, 1.0, 2.0])[third, None])
    return np.asarray(centers[third] + 0.8 * noise)
