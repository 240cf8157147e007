"""Groups in data that nobody has labelled."""

from diorama.clustering.k_means import KMeans

__all__ = ["KMeans"]
