"""Ways down: optimizers, the function that runs them on any function, and surfaces to try them on."""

from diorama.optimization.gradient_descent import GradientDescent
from diorama.optimization.minimization import MinimizeResult, minimize
from diorama.optimization.optimizer import Optimizer
from diorama.optimization.progress import DivergenceWarning
from diorama.optimization.surfaces import SURFACES, Surface

__all__ = ["SURFACES", "DivergenceWarning", "GradientDescent", "MinimizeResult", "Optimizer", "Surface", "minimize"]
