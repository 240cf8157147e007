"""Ways down: optimizers, the function that runs them on any function, and surfaces to try them on."""

from diorama.optimization.adadelta import Adadelta
from diorama.optimization.adagrad import Adagrad
from diorama.optimization.adam import Adam
from diorama.optimization.adamw import AdamW
from diorama.optimization.armijo import Armijo
from diorama.optimization.bfgs import BFGS
from diorama.optimization.conjugate_gradient import ConjugateGradient
from diorama.optimization.gradient_descent import GradientDescent
from diorama.optimization.lbfgs import LBFGS
from diorama.optimization.line_search import ExactLength, FixedLength, LineSearch
from diorama.optimization.methods import METHODS
from diorama.optimization.minimization import MinimizeResult, minimize
from diorama.optimization.momentum import Momentum
from diorama.optimization.nesterov import Nesterov
from diorama.optimization.newton import Newton
from diorama.optimization.optimizer import Method, Objective, Optimizer, Place
from diorama.optimization.progress import DivergenceWarning
from diorama.optimization.race import RaceResult, race
from diorama.optimization.rmsprop import RMSProp
from diorama.optimization.schedules import CosineSchedule, Schedule, StepSchedule, WarmUp
from diorama.optimization.sgd import SGD
from diorama.optimization.strong_wolfe import StrongWolfe
from diorama.optimization.surfaces import SURFACES, Surface

__all__ = [
    "BFGS",
    "LBFGS",
    "METHODS",
    "SGD",
    "SURFACES",
    "Adadelta",
    "Adagrad",
    "Adam",
    "AdamW",
    "Armijo",
    "ConjugateGradient",
    "CosineSchedule",
    "DivergenceWarning",
    "ExactLength",
    "FixedLength",
    "GradientDescent",
    "LineSearch",
    "Method",
    "MinimizeResult",
    "Momentum",
    "Nesterov",
    "Newton",
    "Objective",
    "Optimizer",
    "Place",
    "RMSProp",
    "RaceResult",
    "Schedule",
    "StepSchedule",
    "StrongWolfe",
    "Surface",
    "WarmUp",
    "minimize",
    "race",
]
