"""Models and their parameters: found by name, read from text, refused with a sentence."""

import math
from numbers import Integral, Real

import pytest
from sklearn.base import is_classifier, is_clusterer, is_regressor
from sklearn.utils._param_validation import Interval, StrOptions

from diorama.workbench import MODELS, ParameterError, find_model, parse_parameters
from diorama.workbench.models import ALL_MODELS
from diorama.workbench.parameters import parameter_of
from tests.estimators import all_estimators


def test_every_model_of_the_package_is_offered_once():
    tasks = {"classification": is_classifier, "regression": is_regressor, "clustering": is_clusterer}
    mixtures = ["GaussianMixture"]  # scikit-learn's is no clusterer by its tag either
    there = [kind.__name__ for kind in all_estimators() if any(is_a(kind()) for is_a in tasks.values())]
    assert sorted(entry.name for entry in ALL_MODELS) == sorted(there + mixtures)
    assert all(tasks[entry.task](entry.make()) for entry in ALL_MODELS if entry.name not in mixtures)


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_model_can_be_made_with_its_twin(name):
    entry = MODELS[name]
    assert entry.load().__name__ == name
    twin, left_out = entry.make_twin()
    assert type(twin).__module__.startswith("sklearn.")
    assert left_out == []


@pytest.mark.parametrize("name", sorted(MODELS))
def test_every_default_is_a_value_that_its_parameter_takes(name):
    for parameter in MODELS[name].parameters:
        assert parameter.parse(parameter.default) == parameter.default


@pytest.mark.parametrize("name", sorted(MODELS))
def test_the_seed_reaches_model_and_twin(name):
    entry = MODELS[name]
    for model in (entry.make(seed=7), entry.make_twin(seed=7)[0]):
        assert model.get_params().get("random_state", 7) == 7


def test_a_model_is_found_in_any_case_and_the_nearest_is_suggested():
    assert find_model("kmeans") is MODELS["KMeans"]
    with pytest.raises(ParameterError, match="no model 'KMenas'; did you mean 'KMeans'"):
        find_model("KMenas")


def test_an_unknown_parameter_suggests_the_nearest():
    with pytest.raises(ParameterError, match="KMeans has no parameter 'n_cluster'; did you mean 'n_clusters'"):
        parse_parameters(find_model("KMeans"), {"n_cluster": "3"})


@pytest.mark.parametrize(
    ("name", "text", "value"),
    [
        ("n_clusters", "3", 3),
        ("n_clusters", 3, 3),
        ("init", "random", "random"),
        ("tol", "0", 0.0),
        ("tol", "1e-3", 1e-3),
    ],
)
def test_text_becomes_the_value_it_means(name, text, value):
    parsed = parse_parameters(find_model("KMeans"), {name: text})[name]
    assert parsed == value
    assert type(parsed) is type(value)


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("n_clusters", "three", "n_clusters must be a whole number of at least 1; got 'three'"),
        ("n_clusters", "0", "n_clusters must be a whole number of at least 1; got '0'"),
        ("n_clusters", "2.5", "n_clusters must be a whole number"),
        ("init", "rnadom", "init must be one of 'k-means++', 'random'"),
        ("tol", "nan", "tol must be a number of at least 0; got 'nan'"),
        ("tol", "-1", "tol must be a number of at least 0"),
    ],
)
def test_a_value_of_the_wrong_type_says_what_is_taken(name, text, said):
    with pytest.raises(ParameterError) as caught:
        parse_parameters(find_model("KMeans"), {name: text})
    assert said in str(caught.value)


def test_controls_follow_the_constraints():
    whole = parameter_of("depth", None, [Interval(Integral, 1, None, closed="left"), None])
    assert (whole.kind, whole.low, whole.high, whole.optional) == ("int", 1.0, None, True)
    assert whole.parse("none") is None
    assert parameter_of("shuffle", True, ["boolean"]).kind == "bool"
    assert parameter_of("shuffle", True, ["boolean"]).parse("no") is False
    choice = parameter_of("criterion", "gini", [StrOptions({"entropy", "gini"})])
    assert (choice.kind, choice.choices) == ("choice", ("gini", "entropy"))
    with pytest.raises(ParameterError, match="set in Python"):
        parameter_of("init", len, [callable]).parse("f")


def test_an_open_bound_takes_infinity_and_a_closed_one_holds():
    share = parameter_of("share", 0.5, [Interval(Real, 0, 1, closed="neither")])
    assert share.parse("0.25") == 0.25
    with pytest.raises(ParameterError, match="above 0 and below 1"):
        share.parse("1")
    assert parameter_of("C", 1.0, [Interval(Real, 0, None, closed="right")]).parse("inf") == math.inf
