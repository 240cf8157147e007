"""Linear models: the weighted sum of the features, fitted in several ways."""

from diorama.linear.elastic_net import ElasticNet
from diorama.linear.gradient_descent_classifier import GradientDescentClassifier
from diorama.linear.gradient_descent_regressor import GradientDescentRegressor
from diorama.linear.lasso import Lasso
from diorama.linear.linear_regression import LinearRegression
from diorama.linear.logistic_regression import LogisticRegression
from diorama.linear.mean_normalizer import MeanNormalizer
from diorama.linear.ordinal_regression import OrdinalRegression
from diorama.linear.paths import enet_path, lasso_path
from diorama.linear.polynomial_regression import PolynomialRegression
from diorama.linear.ridge import Ridge
from diorama.linear.spline_regression import SplineRegression
from diorama.linear.stepwise_regression import StepwiseRegression

__all__ = [
    "ElasticNet",
    "GradientDescentClassifier",
    "GradientDescentRegressor",
    "Lasso",
    "LinearRegression",
    "LogisticRegression",
    "MeanNormalizer",
    "OrdinalRegression",
    "PolynomialRegression",
    "Ridge",
    "SplineRegression",
    "StepwiseRegression",
    "enet_path",
    "lasso_path",
]
