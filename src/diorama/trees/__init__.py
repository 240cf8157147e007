"""Decision trees: questions about one feature at a time, chosen so that the answers tell the rows apart."""

from diorama.trees.c45_classifier import C45Classifier
from diorama.trees.cart_classifier import CARTClassifier
from diorama.trees.cart_regressor import CARTRegressor
from diorama.trees.id3_classifier import ID3Classifier

__all__ = ["C45Classifier", "CARTClassifier", "CARTRegressor", "ID3Classifier"]
