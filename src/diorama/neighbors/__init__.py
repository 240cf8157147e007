"""Neighbours: what is near in all you know says what to expect here."""

from diorama.neighbors.k_neighbors_classifier import KNeighborsClassifier
from diorama.neighbors.k_neighbors_regressor import KNeighborsRegressor
from diorama.neighbors.nearest_neighbors import NearestNeighbors

__all__ = ["KNeighborsClassifier", "KNeighborsRegressor", "NearestNeighbors"]
