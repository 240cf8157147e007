"""Linear models: the weighted sum of the features, fitted in several ways."""

from diorama.linear.linear_regression import LinearRegression

__all__ = ["LinearRegression"]
