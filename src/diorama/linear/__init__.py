"""Linear models: the weighted sum of the features, fitted in several ways."""

from diorama.linear.gradient_descent_classifier import GradientDescentClassifier
from diorama.linear.gradient_descent_regressor import GradientDescentRegressor
from diorama.linear.linear_regression import LinearRegression
from diorama.linear.logistic_regression import LogisticRegression

__all__ = ["GradientDescentClassifier", "GradientDescentRegressor", "LinearRegression", "LogisticRegression"]
