"""Fewer columns that say nearly the same, and maps of many."""

from diorama.decomposition.pca import PCA

__all__ = ["PCA"]
