"""The models that the command line and the Lab offer, and the way from text to their parameters.

A model's module is imported when its parameters are asked for, not before.
"""

import inspect
from collections.abc import Mapping
from functools import cached_property
from importlib import import_module
from typing import Any, NamedTuple

from diorama._validation import did_you_mean
from diorama.workbench.errors import ParameterError
from diorama.workbench.parameters import Parameter, parameter_of


class TwinCall(NamedTuple):
    """How scikit-learn's model of the same kind is made from the same parameters."""

    path: str  # dotted class
    fixed: Mapping[str, Any]  # what the twin needs to be the same model
    renamed: Mapping[str, str]  # our parameter -> its name there


class ModelEntry:
    """One model: where it lives, what it is for, what it is compared with."""

    def __init__(self, path: str, task: str, summary: str, twin: TwinCall, *, scale: bool, takes_missing: bool) -> None:
        self.path = path
        self.name = path.rpartition(".")[2]
        self.task = task  # "classification", "regression" or "clustering"
        self.summary = summary
        self.twin = twin.path
        self.scale = scale  # whether its columns are standardised first
        self.takes_missing = takes_missing  # whether a missing number reaches it as NaN
        self._twin = twin

    def __repr__(self) -> str:
        return f"<{self.path}, {self.task}>"

    def load(self) -> type[Any]:
        """The class."""
        return _imported(self.path)

    @cached_property
    def parameters(self) -> tuple[Parameter, ...]:
        """Every parameter of the constructor, in its order."""
        model = self.load()
        constraints = model._parameter_constraints
        signature = inspect.signature(model).parameters.values()
        return tuple(parameter_of(p.name, p.default, constraints.get(p.name, [])) for p in signature)

    def make(self, parameters: Mapping[str, Any] | None = None, *, seed: int = 0) -> Any:
        """An unfitted model; one that draws at random gets `seed` unless `parameters` has its own."""
        return _make(self.load(), dict(parameters or {}), seed)

    def make_twin(self, parameters: Mapping[str, Any] | None = None, *, seed: int = 0) -> tuple[Any, list[str]]:
        """scikit-learn's model with the same parameters, and the names of those that it does not have."""
        cls = _imported(self.twin)
        known = inspect.signature(cls).parameters
        given = {self._twin.renamed.get(name, name): value for name, value in (parameters or {}).items()}
        left_out = [name for name in given if name not in known]
        shared = {name: value for name, value in given.items() if name in known}
        return _make(cls, {**self._twin.fixed, **shared}, seed), left_out


def _imported(path: str) -> type[Any]:
    module, _, name = path.rpartition(".")
    found: type[Any] = getattr(import_module(module), name)
    return found


def _make(cls: type[Any], parameters: dict[str, Any], seed: int) -> Any:
    if "random_state" in inspect.signature(cls).parameters and parameters.get("random_state") is None:
        parameters["random_state"] = seed
    return cls(**parameters)


def _twin(path: str, fixed: Mapping[str, Any] | None = None, **renamed: str) -> TwinCall:
    return TwinCall(f"sklearn.{path}", fixed or {}, renamed)


_ALL = (
    ModelEntry(
        "diorama.linear.LinearRegression",
        "regression",
        "A weighted sum of the columns, exactly the one with the least squared error.",
        _twin("linear_model.LinearRegression"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.GradientDescentRegressor",
        "regression",
        "The same weighted sum, found step by step down the slope of the error.",
        _twin("linear_model.SGDRegressor", {"penalty": None}),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.GradientDescentClassifier",
        "classification",
        "A straight boundary between classes, found step by step down the slope of the error.",
        _twin("linear_model.SGDClassifier", {"loss": "log_loss", "penalty": None}),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.LogisticRegression",
        "classification",
        "Probabilities of the classes from weighted sums of the columns.",
        _twin("linear_model.LogisticRegression"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.trees.CARTClassifier",
        "classification",
        "A tree of yes-or-no questions about single columns.",
        _twin("tree.DecisionTreeClassifier"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.clustering.KMeans",
        "clustering",
        "Groups of rows around centres, each row with its nearest.",
        _twin("cluster.KMeans"),
        scale=True,
        takes_missing=False,
    ),
)

MODELS: Mapping[str, ModelEntry] = {entry.name: entry for entry in _ALL}


def find_model(name: str) -> ModelEntry:
    """The model of that name, in whatever case; ParameterError suggests the nearest."""
    folded = {known.casefold(): entry for known, entry in MODELS.items()}
    if name.casefold() not in folded:
        raise ParameterError(f"there is no model {name!r}; {did_you_mean(name, MODELS)}")
    return folded[name.casefold()]


def models_for(task: str) -> str:
    """Names of the models for a task, as a sentence lists them."""
    names = [entry.name for entry in MODELS.values() if entry.task == task]
    return " or ".join([", ".join(names[:-1]), names[-1]] if len(names) > 1 else names)


def parse_parameters(entry: ModelEntry, given: Mapping[str, Any]) -> dict[str, Any]:
    """Parameters for `entry.make` from text (or plain values), checked one by one; ParameterError says which and why.

    >>> parse_parameters(find_model("KMeans"), {"n_clusters": "3"})
    {'n_clusters': 3}
    """
    known = {parameter.name: parameter for parameter in entry.parameters}
    for name in given:
        if name not in known:
            raise ParameterError(f"{entry.name} has no parameter {name!r}; {did_you_mean(name, known)}")
    return {name: known[name].parse(value) for name, value in given.items()}
