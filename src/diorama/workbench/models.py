"""The models that the command line and the Lab offer, and the way from text to their parameters.

A model's module is imported when its parameters are asked for, not before.
"""

import inspect
import math
from collections.abc import Callable, Mapping
from functools import cached_property, partial
from importlib import import_module
from typing import Any, NamedTuple

from diorama._validation import did_you_mean
from diorama.workbench.errors import ParameterError
from diorama.workbench.parameters import Parameter, parameter_of


def _as_they_are(parameters: Mapping[str, Any]) -> dict[str, Any]:
    return dict(parameters)


class Twin(NamedTuple):
    """How scikit-learn's model of the same kind is made from the same parameters."""

    path: str  # dotted class
    translate: Callable[[Mapping[str, Any]], dict[str, Any]] = _as_they_are  # our parameters in its words


class ModelEntry:
    """One model: where it lives, what it is for, what it is compared with."""

    def __init__(self, path: str, task: str, summary: str, twin: Twin, *, scale: bool, takes_missing: bool) -> None:
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
        given = self._twin.translate(parameters or {})
        left_out = [name for name in given if name not in known]
        return _make(cls, {name: value for name, value in given.items() if name in known}, seed), left_out


def _imported(path: str) -> type[Any]:
    module, _, name = path.rpartition(".")
    found: type[Any] = getattr(import_module(module), name)
    return found


def _make(cls: type[Any], parameters: dict[str, Any], seed: int) -> Any:
    if "random_state" in inspect.signature(cls).parameters and parameters.get("random_state") is None:
        parameters["random_state"] = seed
    return cls(**parameters)


def _stochastic(parameters: Mapping[str, Any], **fixed: Any) -> dict[str, Any]:
    """scikit-learn's stochastic gradient descent calls a step's length eta0, and its rule for it learning_rate."""
    given = {**fixed, "penalty": None, **parameters}
    rate = given.pop("learning_rate", "auto")
    return given if rate == "auto" else {**given, "learning_rate": "constant", "eta0": rate}


def _logistic(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """scikit-learn says the penalty by C and l1_ratio alone, and has one solver for a penalty with an L1 part."""
    given = dict(parameters)
    penalty = given.pop("penalty", "deprecated")
    if penalty is None:
        given["C"] = math.inf
    if penalty in ("l1", "l2"):
        given["l1_ratio"] = 1.0 if penalty == "l1" else 0.0
    if given.get("l1_ratio", 0.0) > 0:
        given = {"solver": "saga", "max_iter": 1000, **given}
    return given


def _classifiers(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """scikit-learn's committees must be given their members: those that ours has by itself."""
    line, bells, tree = "linear_model.LogisticRegression", "naive_bayes.GaussianNB", "tree.DecisionTreeClassifier"
    members = [("line", _theirs(line)), ("bells", _theirs(bells)), ("tree", _theirs(tree, max_depth=6))]
    return {"estimators": members, **parameters}


def _regressors(parameters: Mapping[str, Any]) -> dict[str, Any]:
    curve = _imported("sklearn.pipeline.make_pipeline")(
        _theirs("preprocessing.SplineTransformer"), _theirs("linear_model.LinearRegression")
    )
    line, tree = _theirs("linear_model.Ridge"), _theirs("tree.DecisionTreeRegressor", max_depth=6)
    return {"estimators": [("line", line), ("curve", curve), ("tree", tree)], **parameters}


def _entropy_tree(parameters: Mapping[str, Any]) -> dict[str, Any]:
    """scikit-learn has one kind of tree: by entropy it is the nearest, with the limits that both know."""
    both = ("max_depth", "min_samples_split", "min_samples_leaf")
    return {"criterion": "entropy", **{name: parameters[name] for name in both if name in parameters}}


def _theirs(path: str, **parameters: Any) -> Any:
    return _imported(f"sklearn.{path}")(**parameters)


_ALL = (
    ModelEntry(
        "diorama.linear.LinearRegression",
        "regression",
        "A weighted sum of the columns, exactly the one with the least squared error.",
        Twin("sklearn.linear_model.LinearRegression"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.Ridge",
        "regression",
        "A weighted sum of the columns that pays for large weights: steady where columns say the same.",
        Twin("sklearn.linear_model.Ridge"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.Lasso",
        "regression",
        "A weighted sum of few columns: weights that help too little are exactly zero.",
        Twin("sklearn.linear_model.Lasso"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.ElasticNet",
        "regression",
        "Between ridge and lasso: few columns, and those that say the same share the weight.",
        Twin("sklearn.linear_model.ElasticNet"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.PolynomialRegression",
        "regression",
        "A weighted sum of the columns, their powers and their products: curves and interactions.",
        Twin("sklearn.linear_model.LinearRegression"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.SplineRegression",
        "regression",
        "A bending curve for every column, of pieces that meet at knots, added up.",
        Twin("sklearn.linear_model.LinearRegression"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.StepwiseRegression",
        "regression",
        "A weighted sum of the columns that earn their place, let in or out one at a time.",
        Twin("sklearn.linear_model.LinearRegression"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.GradientDescentRegressor",
        "regression",
        "The same weighted sum, found step by step down the slope of the error.",
        Twin("sklearn.linear_model.SGDRegressor", _stochastic),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.LogisticRegression",
        "classification",
        "Probabilities of the classes from weighted sums of the columns.",
        Twin("sklearn.linear_model.LogisticRegression", _logistic),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.OrdinalRegression",
        "classification",
        "Classes with an order: one weighted sum, and a threshold between each class and the next.",
        Twin("sklearn.linear_model.LogisticRegression"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.linear.GradientDescentClassifier",
        "classification",
        "A straight boundary between classes, found step by step down the slope of the error.",
        Twin("sklearn.linear_model.SGDClassifier", partial(_stochastic, loss="log_loss")),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.bayes.GaussianNB",
        "classification",
        "Every column gives its evidence by bell curves, as if it knew nothing of the others.",
        Twin("sklearn.naive_bayes.GaussianNB"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.bayes.MultinomialNB",
        "classification",
        "Counts, such as of words, judged by how often each came in every class.",
        Twin("sklearn.naive_bayes.MultinomialNB"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.bayes.BernoulliNB",
        "classification",
        "Yes and no in every column, judged by how often each came in every class.",
        Twin("sklearn.naive_bayes.BernoulliNB"),
        scale=False,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.svm.LinearSVC",
        "classification",
        "The flat boundary with the widest margin, and a price for rows inside it.",
        Twin("sklearn.svm.LinearSVC"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.svm.SVC",
        "classification",
        "The widest margin in a space where the kernel is the inner product.",
        Twin("sklearn.svm.SVC"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.svm.SVR",
        "regression",
        "The flattest curve in whose tube most rows lie.",
        Twin("sklearn.svm.SVR"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.neighbors.KNeighborsClassifier",
        "classification",
        "The nearest rows vote.",
        Twin("sklearn.neighbors.KNeighborsClassifier"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.neighbors.KNeighborsRegressor",
        "regression",
        "The mean of the nearest rows.",
        Twin("sklearn.neighbors.KNeighborsRegressor"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.trees.CARTClassifier",
        "classification",
        "A tree of yes-or-no questions about single columns.",
        Twin("sklearn.tree.DecisionTreeClassifier"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.trees.C45Classifier",
        "classification",
        "A tree by gain ratio for words and numbers, whose branches are cut where they promise errors.",
        Twin("sklearn.tree.DecisionTreeClassifier", _entropy_tree),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.trees.ID3Classifier",
        "classification",
        "A tree of questions about categories, each with as many answers as there are.",
        Twin("sklearn.tree.DecisionTreeClassifier", _entropy_tree),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.trees.CARTRegressor",
        "regression",
        "A tree of yes-or-no questions about single columns, with a number in each leaf.",
        Twin("sklearn.tree.DecisionTreeRegressor"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.GradientBoostingClassifier",
        "classification",
        "Trees added one by one, each grown to what is still wrong.",
        Twin("sklearn.ensemble.HistGradientBoostingClassifier"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.GradientBoostingRegressor",
        "regression",
        "Trees added one by one, each grown to what is still wrong.",
        Twin("sklearn.ensemble.HistGradientBoostingRegressor"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.RandomForestClassifier",
        "classification",
        "Many trees on rows and columns drawn at random, and their vote.",
        Twin("sklearn.ensemble.RandomForestClassifier"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.RandomForestRegressor",
        "regression",
        "Many trees on rows drawn at random, and the mean of what they say.",
        Twin("sklearn.ensemble.RandomForestRegressor"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.BaggingClassifier",
        "classification",
        "Trees on rows drawn anew for each, and the mean of what they hold likely.",
        Twin("sklearn.ensemble.BaggingClassifier"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.BaggingRegressor",
        "regression",
        "Trees on rows drawn anew for each, and the mean of what they predict.",
        Twin("sklearn.ensemble.BaggingRegressor"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.clustering.GaussianMixture",
        "clustering",
        "Groups that are bells, round or stretched, with how sure each row is of its own.",
        Twin("sklearn.mixture.GaussianMixture"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.ensembles.VotingClassifier",
        "classification",
        "A straight boundary, bell curves and a tree, and what they choose together.",
        Twin("sklearn.ensemble.VotingClassifier", _classifiers),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.ensembles.VotingRegressor",
        "regression",
        "A straight line, bending curves and a tree, and the mean of what they predict.",
        Twin("sklearn.ensemble.VotingRegressor", _regressors),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.ensembles.StackingClassifier",
        "classification",
        "A straight boundary, bell curves and a tree, and a model that learns whom of them to trust.",
        Twin("sklearn.ensemble.StackingClassifier", _classifiers),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.ensembles.StackingRegressor",
        "regression",
        "A straight line, bending curves and a tree, and a model that learns whom of them to trust.",
        Twin("sklearn.ensemble.StackingRegressor", _regressors),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.clustering.KMedoids",
        "clustering",
        "Groups of rows around some of themselves, each row with its nearest.",
        Twin("sklearn.cluster.KMeans"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.ensembles.AdaBoostClassifier",
        "classification",
        "Simple questions in a row, each about what those before it got wrong.",
        Twin("sklearn.ensemble.AdaBoostClassifier"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.AdaBoostRegressor",
        "regression",
        "Small trees in a row, each on what those before it missed by most.",
        Twin("sklearn.ensemble.AdaBoostRegressor"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.AdaBoostClassifier",
        "classification",
        "Simple questions in a row, each about what those before it got wrong.",
        Twin("sklearn.ensemble.AdaBoostClassifier"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.ensembles.AdaBoostRegressor",
        "regression",
        "Small trees in a row, each on what those before it missed by most.",
        Twin("sklearn.ensemble.AdaBoostRegressor"),
        scale=False,
        takes_missing=True,
    ),
    ModelEntry(
        "diorama.clustering.KMeans",
        "clustering",
        "Groups of rows around centres, each row with its nearest.",
        Twin("sklearn.cluster.KMeans"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.clustering.MeanShift",
        "clustering",
        "As many groups as the rows crowd in places, found by climbing to where they are densest.",
        Twin("sklearn.cluster.MeanShift"),
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
