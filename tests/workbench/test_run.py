"""A whole run: scores against the trivial model and scikit-learn's, and a sentence for everything that cannot be."""

import numpy as np
import polars as pl
import pytest
from sklearn.metrics import balanced_accuracy_score

from diorama._iterate import Cancelled, Observer
from diorama.datasets import load
from diorama.workbench import ParameterError, Table, TableError, evaluate, predictions, read_table, run, split

TASKS = {"classification": "CARTClassifier", "regression": "LinearRegression", "clustering": "KMeans"}


def table(**columns) -> Table:
    return Table("test", pl.DataFrame(columns))


def refusal(data: Table, target: str | None, model: str, parameters=None, **options) -> str:
    with pytest.raises((TableError, ParameterError)) as caught:
        run(data, target, model, parameters, record=False, **options)
    return str(caught.value)


@pytest.mark.parametrize(
    ("data", "model", "better"),
    [
        ("iris", "CARTClassifier", "accuracy"),
        ("iris", "LogisticRegression", "accuracy"),
        ("breast_cancer", "GradientDescentClassifier", "accuracy"),
        ("diabetes", "LinearRegression", "R²"),
        ("diabetes", "GradientDescentRegressor", "R²"),
        ("wine", "KMeans", "inertia"),
    ],
)
def test_every_model_beats_the_trivial_one_and_is_near_its_twin(data, model, better):
    parameters = {"n_clusters": "3", "n_init": "10"} if model == "KMeans" else {}
    result = run(read_table(data), None, model, parameters, record=False)
    ours, baseline, twin = result.scores
    assert (ours.who, baseline.who, twin.who) == ("ours", "baseline", "twin")
    sign = -1 if better == "inertia" else 1
    assert sign * ours.values[better] > sign * baseline.values[better]
    assert ours.values[better] == pytest.approx(twin.values[better], rel=0.1)
    assert min(score.seconds for score in result.scores) > 0
    assert set(ours.values) == {metric.name for metric in result.metrics}


def test_a_run_is_recorded_when_asked_for_and_the_same_when_not():
    wine = read_table("wine")
    watched = run(wine, None, "KMeans", {"n_clusters": "3"})
    unwatched = run(wine, None, "KMeans", {"n_clusters": "3"}, record=False)
    assert len(watched.recording) > 1
    assert unwatched.recording is None
    np.testing.assert_array_equal(watched.model.estimator.labels_, unwatched.model.estimator.labels_)


def test_the_seed_decides_the_split_and_the_model():
    first, again, other = (run(read_table("iris"), None, "CARTClassifier", seed=s, record=False) for s in (1, 1, 2))
    assert first.scores[0].values == again.scores[0].values
    assert first.scores[0].values != other.scores[0].values


def test_the_code_does_the_same(tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("diorama.Recording.save", lambda self, path: None)
    result = run(read_table("iris"), None, "CARTClassifier", {"max_depth": "2"}, seed=3, test=0.4)
    exec(compile(result.code, "code", "exec"), {})
    assert float(capsys.readouterr().out) == result.scores[0].values["accuracy"]


@pytest.mark.parametrize("model", ["KMeans", "LinearRegression"])
def test_the_code_of_other_tasks_runs(model, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("diorama.Recording.save", lambda self, path: None)
    result = run(read_table("diabetes"), None, model, record=False)
    exec(compile(result.code, "code", "exec"), {})
    value = float(capsys.readouterr().out)
    values = result.scores[0].values
    assert value == pytest.approx(-values["inertia"] if model == "KMeans" else values["R²"])


def test_the_code_reads_the_file_where_it_is(tmp_path, capsys, monkeypatch):
    (tmp_path / "deep").mkdir()
    path = tmp_path / "deep" / "t.csv"
    load("diabetes").write_csv(path)
    monkeypatch.setattr("diorama.Recording.save", lambda self, path: None)
    result = run(read_table(path), "progression", "LinearRegression", record=False)
    exec(compile(result.code, "code", "exec"), {})
    assert float(capsys.readouterr().out) == pytest.approx(result.scores[0].values["R²"])


def test_an_observer_can_cancel():
    class Stop(Observer):
        def see(self, fit, iteration, state):
            raise Cancelled

    with pytest.raises(Cancelled):
        run(read_table("wine"), None, "KMeans", record=False, observers=(Stop(),))


def test_balanced_accuracy_is_scikit_learns():
    iris = read_table("iris")
    result = run(iris, None, "CARTClassifier", {"max_depth": "1"}, record=False)
    rows = split(iris.frame, "species", model="CARTClassifier")
    expected = balanced_accuracy_score(rows.y_test, result.model.predict(rows.test))
    assert result.scores[0].values["balanced accuracy"] == pytest.approx(expected)


def test_classes_are_held_out_in_their_shares():
    frame = pl.DataFrame({"x": range(100), "y": ["rare"] * 8 + ["common"] * 92})
    rows = split(frame, "y", model="CARTClassifier", test=0.25)
    assert (len(rows.train), len(rows.test)) == (75, 25)
    assert (rows.y_test == "rare").sum() == 2
    assert set(rows.train["x"]) | set(rows.test["x"]) == set(range(100))


def test_rows_without_a_target_are_left_out_and_said():
    data = table(x=list(range(20)), y=[None, *[0, 1] * 9, 1])
    result = run(data, "y", "CARTClassifier", record=False)
    assert result.n_train + result.n_test == 19
    assert "1 rows without a y are left out" in result.notes


def test_whole_numbers_stored_as_floats_are_classes():
    result = run(table(x=list(range(20)), y=[0.0, 1.0] * 10), "y", "CARTClassifier", record=False)
    assert result.model.estimator.classes_.tolist() == [0, 1]


def test_missing_values_reach_the_tree_and_not_the_others():
    columns = {"x": [None if i % 5 == 0 else i for i in range(40)], "y": [i % 2 for i in range(40)]}
    tree = run(table(**columns), "y", "CARTClassifier", record=False)
    line = run(table(**columns), "y", "LogisticRegression", record=False)
    assert any("left to the model" in note for note in tree.notes)
    assert any("replaced by the median" in note for note in line.notes)


def test_a_clustering_leaves_the_built_in_target_out():
    result = run(read_table("iris"), None, "KMeans", record=False)
    assert "species" not in result.model.columns
    assert any("species: left out" in note for note in result.notes)


NUMBERS = {"x": list(range(30)), "y": [i % 3 for i in range(30)]}


@pytest.mark.parametrize(
    ("data", "target", "model", "parameters", "parts"),
    [
        (table(**NUMBERS), None, "CARTClassifier", {}, ["needs a target", "x, y"]),
        (table(**NUMBERS), "z", "CARTClassifier", {}, ["no column 'z'", "known are x, y"]),
        (table(price=[1, 2], size=[1, 2]), "prise", "LinearRegression", {}, ["did you mean 'price'"]),
        (table(y=[1, 2, 3, 4]), "y", "LinearRegression", {}, ["only column"]),
        (table(x=[1], y=[1]), "y", "LinearRegression", {}, ["one row", "add rows"]),
        (table(x=[1], y=["a"]), "y", "CARTClassifier", {}, ["one row", "add rows"]),
        (table(x=[1]), None, "KMeans", {}, ["one row", "add rows"]),
        (table(x=range(9), y=["a"] * 9), "y", "CARTClassifier", {}, ["one class only ('a')"]),
        (table(x=range(9), z=[None] * 9, y=[0, 1, 2] * 3), "y", "CARTClassifier", {}, ["'z' has no value"]),
        (table(x=range(9), y=[None] * 9), "y", "LinearRegression", {}, ["the target, has no value"]),
        (table(x=[1.0, float("inf")] * 4, y=range(8)), "y", "LinearRegression", {}, ["row 2, column 'x'", "infinite"]),
        (table(x=range(8), y=[1.0, float("inf")] * 4), "y", "LinearRegression", {}, ["row 2, column 'y'", "infinite"]),
        (
            table(x=range(8), y=["a", "b"] * 4),
            "y",
            "LinearRegression",
            {},
            ["holds text (such as 'a')", "CARTClassifier"],
        ),
        (table(x=range(8), y=[0.5, 1.5] * 4), "y", "CARTClassifier", {}, ["fractions", "LinearRegression"]),
        (table(x=range(60), y=range(60)), "y", "CARTClassifier", {}, ["60 different numbers", "LinearRegression"]),
        (table(x=range(9)), None, "KMeans", {"n_clusters": "10"}, ["n_clusters=10", "rows (9)", "at most 9"]),
        (table(x=[2] * 9, y=range(9)), "y", "LinearRegression", {}, ["the same in every row"]),
        (table(**NUMBERS), "y", "CARTClasifier", {}, ["no model 'CARTClasifier'", "did you mean 'CARTClassifier'"]),
        (table(**NUMBERS), "y", "CARTClassifier", {"max_dept": "1"}, ["did you mean 'max_depth'"]),
        (table(**NUMBERS), "y", "CARTClassifier", {"max_depth": "deep"}, ["max_depth must be", "got 'deep'"]),
    ],
)
def test_what_cannot_be_fitted_has_its_sentence(data, target, model, parameters, parts):
    said = refusal(data, target, model, parameters)
    for part in parts:
        assert part in said
    assert "\n" not in said


@pytest.mark.parametrize("share", [0.0, 1.0, -1, float("nan")])
def test_the_share_held_out_must_be_one(share):
    assert "between 0 and 1" in refusal(table(**NUMBERS), "y", "CARTClassifier", test=share)


@pytest.mark.parametrize("rows", [3, 4, 5, 6])
@pytest.mark.parametrize("task", sorted(TASKS))
def test_the_smallest_tables_are_fitted_or_refused_with_a_sentence(rows, task):
    data = table(x=list(range(rows)), y=[i % 2 for i in range(rows)])
    parameters = {"n_clusters": "2"} if task == "clustering" else {}
    try:
        said, n_train = "", run(data, "y", TASKS[task], parameters, record=False).n_train
    except TableError as error:
        said, n_train = str(error), 0
    assert bool(said) != bool(n_train)


def test_predictions_stand_beside_the_table():
    iris = read_table("iris")
    model = run(iris, None, "CARTClassifier", record=False).model
    made = predictions(model, iris, probabilities=True)
    assert made.frame.columns[0] == "predicted species"
    np.testing.assert_allclose(made.frame.drop("predicted species").sum_horizontal(), 1)
    assert made.joined.columns == [*iris.frame.columns, *made.frame.columns]
    # a second time the columns are replaced, not doubled
    again = predictions(model, Table("again", made.joined), probabilities=True)
    assert again.joined.equals(made.joined)


def test_no_probabilities_where_there_are_none():
    model = run(read_table("diabetes"), None, "LinearRegression", record=False).model
    with pytest.raises(ParameterError, match="LinearRegression has no probabilities"):
        predictions(model, read_table("diabetes"), probabilities=True)


def test_evaluation_agrees_with_the_run_and_knows_strangers():
    iris = read_table("iris")
    rows = split(iris.frame, "species", model="CARTClassifier")
    result = run(iris, None, "CARTClassifier", record=False)
    held_out = rows.test.with_columns(pl.Series("species", rows.y_test))
    assert evaluate(result.model, Table("held out", held_out)).values == result.scores[0].values
    strange = held_out.with_columns(species=pl.lit("sunflower"))
    seen = evaluate(result.model, Table("strange", strange))
    assert seen.values["accuracy"] == 0
    assert seen.values["log loss"] is None
    assert any("sunflower" in note for note in seen.notes)


@pytest.mark.parametrize("model", ["AgglomerativeClustering", "DBSCAN", "HDBSCAN", "OPTICS"])
def test_a_clustering_that_can_place_no_other_rows_is_judged_by_its_labels_and_says_so(model):
    iris = read_table("iris")
    result = run(iris, None, model, record=False)
    ours, _, twin = result.scores
    assert ours.values["silhouette"] == pytest.approx(twin.values["silhouette"], abs=0.05)
    # some rows are noise, so nobody can say what all of them cost
    assert (result.model.estimator.labels_ < 0).any() == (ours.values["inertia"] is None)
    with pytest.raises(TableError, match=f"{model} groups the rows it is fitted to and can place no others"):
        predictions(result.model, iris)
    assert "print(model.labels_)" in result.code
