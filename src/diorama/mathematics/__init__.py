"""Calculus, linear algebra, probability and statistics: functions that return numbers, and show how they found them."""

from diorama.mathematics.bayes_rule import Belief, bayes_rule
from diorama.mathematics.broadcasting import AxisRule, broadcast_rules, broadcast_shape
from diorama.mathematics.chain_rule import ChainRule, chain_rule
from diorama.mathematics.conditional_table import Independence, conditional_table, independence
from diorama.mathematics.density import Density
from diorama.mathematics.derivative import DerivativeErrors, derivative, derivative_errors
from diorama.mathematics.directional_derivative import directional_derivative
from diorama.mathematics.distributions import Binomial, Distribution, Exponential, Geometric, Normal, Poisson, Uniform
from diorama.mathematics.dot import dot
from diorama.mathematics.gradient import gradient, hessian, jacobian
from diorama.mathematics.hadamard import hadamard
from diorama.mathematics.inference import (
    Coverage,
    Interval,
    Means,
    central_limit,
    confidence_interval,
    interval_coverage,
)
from diorama.mathematics.integrate import Integral, integrate
from diorama.mathematics.matmul_steps import Entry, MatmulSteps, matmul_steps
from diorama.mathematics.summary import Summary, correlation, covariance, summary
from diorama.mathematics.transpose import transpose
from diorama.mathematics.vector_field import VectorField, vector_field

__all__ = [
    "AxisRule",
    "Belief",
    "Binomial",
    "ChainRule",
    "Coverage",
    "Density",
    "DerivativeErrors",
    "Distribution",
    "Entry",
    "Exponential",
    "Geometric",
    "Independence",
    "Integral",
    "Interval",
    "MatmulSteps",
    "Means",
    "Normal",
    "Poisson",
    "Summary",
    "Uniform",
    "VectorField",
    "bayes_rule",
    "broadcast_rules",
    "broadcast_shape",
    "central_limit",
    "chain_rule",
    "conditional_table",
    "confidence_interval",
    "correlation",
    "covariance",
    "derivative",
    "derivative_errors",
    "directional_derivative",
    "dot",
    "gradient",
    "hadamard",
    "hessian",
    "independence",
    "integrate",
    "interval_coverage",
    "jacobian",
    "matmul_steps",
    "summary",
    "transpose",
    "vector_field",
]
