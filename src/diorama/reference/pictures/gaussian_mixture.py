"""The live picture of the Gaussian mixture: the points that k-means has, shared among bells."""

from typing import Literal

from diorama.clustering import GaussianMixture
from diorama.recording import record
from diorama.reference.pictures.k_means import Shape, points
from diorama.scenes import Scene

Start = Literal["k-means", "k-means++", "rows at random", "shares at random"]
_INIT = {
    "k-means": "kmeans",
    "k-means++": "k-means++",
    "rows at random": "random_from_data",
    "shares at random": "random",
}


def gaussian_mixture(
    n_components: int = 3,
    shape: Shape = "stretched",
    covariance: Literal["full", "tied", "diag", "spherical"] = "full",
    start: Start = "k-means++",
    seed: int = 0,
) -> Scene:
    """`n_components` bells on points of a `shape`; the `seed` draws both the points and the start."""
    X = points(shape, seed)
    model = GaussianMixture(
        n_components, covariance_type=covariance, init_params=_INIT[start], max_iter=200, random_state=seed
    )
    with record(max_frames=40) as recording:
        model.fit(X)
    return recording.scene()
