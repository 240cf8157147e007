"""The ways down by name, for who would rather write a name than an object."""

from diorama._validation import described, did_you_mean
from diorama.optimization.adadelta import Adadelta
from diorama.optimization.adagrad import Adagrad
from diorama.optimization.adam import Adam
from diorama.optimization.adamw import AdamW
from diorama.optimization.bfgs import BFGS
from diorama.optimization.conjugate_gradient import ConjugateGradient
from diorama.optimization.gradient_descent import GradientDescent
from diorama.optimization.lbfgs import LBFGS
from diorama.optimization.momentum import Momentum
from diorama.optimization.nesterov import Nesterov
from diorama.optimization.newton import Newton
from diorama.optimization.optimizer import Method
from diorama.optimization.rmsprop import RMSProp
from diorama.optimization.sgd import SGD

METHODS: dict[str, type[Method]] = {
    "gradient-descent": GradientDescent,
    "sgd": SGD,
    "momentum": Momentum,
    "nesterov": Nesterov,
    "adagrad": Adagrad,
    "adadelta": Adadelta,
    "rmsprop": RMSProp,
    "adam": Adam,
    "adamw": AdamW,
    "conjugate-gradient": ConjugateGradient,
    "bfgs": BFGS,
    "lbfgs": LBFGS,
    "newton": Newton,
}


def find_method(method: str | Method, argument: str = "method") -> Method:
    """The method of that name, in any case, as it comes, or the method itself; ValueError for an unknown name."""
    if isinstance(method, Method):
        return method
    if not isinstance(method, str):
        raise TypeError(f"{argument} must be a name or an object such as Adam(); got {described(method)}.")
    if method.lower() not in METHODS:
        raise ValueError(f"{argument}: there is no method {method!r}; {did_you_mean(method, METHODS)}")
    return METHODS[method.lower()]()
