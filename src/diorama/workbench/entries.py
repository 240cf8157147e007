"""One model that the command line and the Lab offer: where it lives, its parameters, and its twin in scikit-learn.

A model's module is imported when its parameters are asked for, not before.
"""

import inspect
from collections.abc import Callable, Mapping
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

from diorama.workbench.parameters import Parameter, parameter_of


def _as_they_are(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return dict(parameters)


class Twin(NamedTuple):
    """How scikit-learn's model of the same kind is made from the same parameters."""

    path: str  # dotted class
    translate: Callable[[Mapping[str, Any]], dict[str, Any]] = _as_they_are  # our parameters in its words


class ModelEntry:
    """One model: where it lives, what it is for, what it is compared with."""

    def __init__(
        self,
        path: str,
        task: str,
        summary: str,
        twin: Twin,
        *,
        scale: bool,
        takes_missing: bool,
        takes_categories: bool = False,
    ) -> None:
        self.path = path
        self.name = path.rpartition(".")[2]
        self.task = task  # "classification", "regression" or "clustering"
        self.summary = summary
        self.twin = twin.path
        self.scale = scale  # whether its columns are standardised first
        self.takes_missing = takes_missing  # whether a missing number reaches it as NaN
        self.takes_categories = takes_categories  # whether words reach it as they are
        self._twin = twin

    def __repr__(self) -> str:
        return f"<{self.path}, {self.task}>"

    def load(self) -> type[Any]:
        """The class."""
        return imported(self.path)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter of the constructor, in its order."""
        model = self.load()
        constraints = model._parameter_constraints
        signature = inspect.signature(model).parameters.values()
        return tuple(parameter_of(p.name, p.default, constraints.get(p.name, [])) for p in signature)

    def preparing(self, parameters: Mapping[str, Any] | None = None) -> dict[str, bool]:
        """How `Preparation` is to make this model's features, when it has these parameters."""
        wanted = (parameters or {}).get("categorical_features", "from_dtype") is not None
        return {
            "scale": self.scale,
            "impute": not self.takes_missing,
            "categories": self.takes_categories and wanted,
        }

    def make(self, parameters: Mapping[str, Any] | None = None, *, seed: int = 0) -> Any:
        """An unfitted model; one that draws at random gets `seed` unless `parameters` has its own."""
        return _make(self.load(), dict(parameters or {}), seed)

    def make_twin(self, parameters: Mapping[str, Any] | None = None, *, seed: int = 0) -> tuple[Any, list[str]]:
        """scikit-learn's model with the same parameters, and the names of those that it does not have."""
        cls = imported(self.twin)
        known = inspect.signature(cls).parameters
        given = self._twin.translate(parameters or {})
        left_out = [name for name in given if name not in known]
        return _make(cls, {name: value for name, value in given.items() if name in known}, seed), left_out


def imported(path: str) -> type[Any]:
    module, _, name = path.rpartition(".")
    found: type[Any] = getattr(import_module(module), name)
    return found


def _make(cls: type[Any], parameters: dict[str, Any], seed: int) -> Any:
    if "random_state" in inspect.signature(cls).parameters and parameters.get("random_state") is None:
        parameters["random_state"] = seed
    return cls(**parameters)
