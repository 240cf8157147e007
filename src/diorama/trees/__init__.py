"""Decision trees: questions about one feature at a time, chosen so that the answers tell the rows apart."""

from diorama.trees.cart_classifier import CARTClassifier
from diorama.trees.cart_regressor import CARTRegressor

__all__ = ["CARTClassifier", "CARTRegressor"]
