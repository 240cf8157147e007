"""Decision trees: questions about one feature at a time, chosen so that the answers sort the classes apart."""

from diorama.trees.cart_classifier import CARTClassifier

__all__ = ["CARTClassifier"]
