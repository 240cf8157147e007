"""Fewer columns that say nearly the same, and maps of many."""

from diorama.decomposition.pca import PCA
from diorama.decomposition.t_sne import TSNE

__all__ = ["PCA", "TSNE"]
