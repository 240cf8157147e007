"""Groups in data that nobody has labelled."""

from diorama.clustering.agglomerative_clustering import AgglomerativeClustering
from diorama.clustering.dbscan import DBSCAN
from diorama.clustering.gaussian_mixture import GaussianMixture
from diorama.clustering.hdbscan import HDBSCAN
from diorama.clustering.k_means import KMeans

__all__ = ["DBSCAN", "HDBSCAN", "AgglomerativeClustering", "GaussianMixture", "KMeans"]
