"""A function to be minimised, with slopes and curvature wherever they come from, and a count of what was asked."""

from collections.abc import Callable
from functools import partial

import numpy as np

from diorama._differences import central_differences, differenced_hessian
from diorama._typing import Array
from diorama._validation import described

Value = Callable[[Array], float]
Slope = Callable[[Array], Array]


class CountedFunction:
    """An `Objective` made of callables.

    The gradient is `grad`, or else the function's own `gradient`, or else central differences; the Hessian is `hess`,
    or else the function's own `hessian`, or else differences of the gradient.
    """

    def __init__(self, fun: Value, grad: Slope | None = None, hess: Slope | None = None) -> None:
        for name, function in (("fun", fun), ("grad", grad), ("hess", hess)):
            if not (callable(function) or (function is None and name != "fun")):
                raise TypeError(f"{name} must be a function of a vector; got {function!r}.")
        self.fun = fun
        self.gradient_from, self.slope = _found(fun, "grad", grad, "gradient")
        self.hessian_from, self._curvature = _found(fun, "hess", hess, "hessian")
        self.n_evaluations = self.n_gradients = self.n_hessians = 0

    def value(self, x: Array) -> float:
        """The function at `x`."""
        self.n_evaluations += 1
        value = self.fun(x)
        try:
            return float(value)
        except (TypeError, ValueError) as error:
            raise TypeError(f"fun must return one number; at x = {x} it returned {described(value)}.") from error

    def gradient(self, x: Array) -> Array:
        """Its slope at `x`."""
        self.n_gradients += 1
        if self.slope is None:
            return central_differences(self.value, x)
        slope = self.slope(x)
        try:
            return np.asarray(slope, dtype=float)
        except (TypeError, ValueError) as error:
            raise TypeError(f"grad must return a vector; at x = {x} it returned {described(slope)}.") from error

    def value_and_gradient(self, x: Array) -> tuple[float, Array]:
        """Both."""
        return self.value(x), self.gradient(x)

    def hessian(self, x: Array) -> Array:
        """(n, n) its curvature at `x`; ValueError when it has another shape."""
        self.n_hessians += 1
        if self._curvature is None:
            return differenced_hessian(self.gradient, x)
        hessian = np.asarray(self._curvature(x), dtype=float)
        if hessian.shape != (x.size, x.size):
            raise ValueError(f"the Hessian must have the shape {(x.size, x.size)}; it has {hessian.shape}.")
        return hessian

    @property
    def uncounted_gradient(self) -> Slope:
        """The slope, for who looks on and is not to be counted."""
        return partial(central_differences, self.fun) if self.slope is None else self.slope


def _found(fun: Value, name: str, given: Slope | None, attribute: str) -> tuple[str, Slope | None]:
    """Where a derivative comes from, in words, and the function that gives it, if any does."""
    if given is not None:
        return name, given
    own: Slope | None = getattr(fun, attribute, None)
    if own is not None:
        return f"fun.{attribute}", own
    return "central differences", None
