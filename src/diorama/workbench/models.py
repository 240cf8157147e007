"""The models that the command line and the Lab offer, and the way from text to their parameters."""

from collections.abc import Mapping
from typing import Any

from diorama._validation import did_you_mean
from diorama.workbench.entries import ModelEntry, Twin
from diorama.workbench.errors import ParameterError
from diorama.workbench.linear_models import LINEAR_MODELS
from diorama.workbench.twins import entropy_tree, three_classifiers, three_regressors

__all__ = ["MODELS", "ModelEntry", "Twin", "find_model", "models_for", "parse_parameters"]

ALL_MODELS = (
    *LINEAR_MODELS,
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
        takes_categories=True,
    ),
    ModelEntry(
        "diorama.trees.C45Classifier",
        "classification",
        "A tree by gain ratio for words and numbers, whose branches are cut where they promise errors.",
        Twin("sklearn.tree.DecisionTreeClassifier", entropy_tree),
        scale=False,
        takes_missing=True,
        takes_categories=True,
    ),
    ModelEntry(
        "diorama.trees.ID3Classifier",
        "classification",
        "A tree of questions about categories, each with as many answers as there are.",
        Twin("sklearn.tree.DecisionTreeClassifier", entropy_tree),
        scale=False,
        takes_missing=True,
        takes_categories=True,
    ),
    ModelEntry(
        "diorama.trees.CARTRegressor",
        "regression",
        "A tree of yes-or-no questions about single columns, with a number in each leaf.",
        Twin("sklearn.tree.DecisionTreeRegressor"),
        scale=False,
        takes_missing=True,
        takes_categories=True,
    ),
    ModelEntry(
        "diorama.ensembles.GradientBoostingClassifier",
        "classification",
        "Trees added one by one, each grown to what is still wrong.",
        Twin("sklearn.ensemble.HistGradientBoostingClassifier"),
        scale=False,
        takes_missing=True,
        takes_categories=True,
    ),
    ModelEntry(
        "diorama.ensembles.GradientBoostingRegressor",
        "regression",
        "Trees added one by one, each grown to what is still wrong.",
        Twin("sklearn.ensemble.HistGradientBoostingRegressor"),
        scale=False,
        takes_missing=True,
        takes_categories=True,
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
        Twin("sklearn.ensemble.VotingClassifier", three_classifiers),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.ensembles.VotingRegressor",
        "regression",
        "A straight line, bending curves and a tree, and the mean of what they predict.",
        Twin("sklearn.ensemble.VotingRegressor", three_regressors),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.ensembles.StackingClassifier",
        "classification",
        "A straight boundary, bell curves and a tree, and a model that learns whom of them to trust.",
        Twin("sklearn.ensemble.StackingClassifier", three_classifiers),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.ensembles.StackingRegressor",
        "regression",
        "A straight line, bending curves and a tree, and a model that learns whom of them to trust.",
        Twin("sklearn.ensemble.StackingRegressor", three_regressors),
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
        "diorama.clustering.DBSCAN",
        "clustering",
        "Groups where rows lie dense, of any shape; where they lie thin, noise.",
        Twin("sklearn.cluster.DBSCAN"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.clustering.HDBSCAN",
        "clustering",
        "Groups of any shape and of different densities, and how firmly each row belongs.",
        Twin("sklearn.cluster.HDBSCAN"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.clustering.OPTICS",
        "clustering",
        "A walk through the rows in which dense groups are valleys.",
        Twin("sklearn.cluster.OPTICS"),
        scale=True,
        takes_missing=False,
    ),
    ModelEntry(
        "diorama.clustering.MiniBatchKMeans",
        "clustering",
        "k-means that looks at a few rows at a time: for very many rows.",
        Twin("sklearn.cluster.MiniBatchKMeans"),
        scale=True,
        takes_missing=False,
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
    ModelEntry(
        "diorama.clustering.AgglomerativeClustering",
        "clustering",
        "Every row begins alone, and the nearest two groups merge until as many are left as you ask for.",
        Twin("sklearn.cluster.AgglomerativeClustering"),
        scale=True,
        takes_missing=False,
    ),
)

MODELS: Mapping[str, ModelEntry] = {entry.name: entry for entry in ALL_MODELS}


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
