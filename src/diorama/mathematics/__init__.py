"""Calculus, linear algebra, probability and statistics: functions that return numbers, and show how they found them."""

from diorama.mathematics.chain_rule import ChainRule, chain_rule
from diorama.mathematics.density import Density
from diorama.mathematics.derivative import DerivativeErrors, derivative, derivative_errors
from diorama.mathematics.directional_derivative import directional_derivative
from diorama.mathematics.gradient import gradient, hessian, jacobian
from diorama.mathematics.integrate import Integral, integrate

__all__ = [
    "ChainRule",
    "Density",
    "DerivativeErrors",
    "Integral",
    "chain_rule",
    "derivative",
    "derivative_errors",
    "directional_derivative",
    "gradient",
    "hessian",
    "integrate",
    "jacobian",
]
