"""Groups in data that nobody has labelled."""

from diorama.clustering._mean_shift_rows import estimate_bandwidth
from diorama.clustering.agglomerative_clustering import AgglomerativeClustering
from diorama.clustering.choose_k import KChoice, choose_k
from diorama.clustering.dbscan import DBSCAN
from diorama.clustering.gaussian_mixture import GaussianMixture
from diorama.clustering.hdbscan import HDBSCAN
from diorama.clustering.k_means import KMeans
from diorama.clustering.k_medoids import KMedoids
from diorama.clustering.mean_shift import MeanShift
from diorama.clustering.mini_batch_k_means import MiniBatchKMeans
from diorama.clustering.optics import OPTICS

__all__ = [
    "DBSCAN",
    "HDBSCAN",
    "OPTICS",
    "AgglomerativeClustering",
    "GaussianMixture",
    "KChoice",
    "KMeans",
    "KMedoids",
    "MeanShift",
    "MiniBatchKMeans",
    "choose_k",
    "estimate_bandwidth",
]
