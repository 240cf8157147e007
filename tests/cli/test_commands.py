"""Every command, in this process: what it prints, where, and how it ends."""

import json

import numpy as np
import polars as pl
import pytest
from typer.testing import CliRunner

import diorama
from diorama.cli import app
from diorama.datasets import BUILT_IN
from diorama.workbench import MODELS


@pytest.fixture
def call(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("COLUMNS", "80")

    def run(*arguments, stdin=None, status=0):
        result = CliRunner().invoke(app, [str(a) for a in arguments], input=stdin, catch_exceptions=False)
        assert result.exit_code == status, result.output
        return result

    return run


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A tree that `fit --out` kept."""
    path = tmp_path_factory.mktemp("kept") / "iris.diorama"
    result = CliRunner().invoke(app, ["fit", "iris", "--model", "CARTClassifier", "--out", str(path)])
    assert result.exit_code == 0, result.output
    return path


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["iris", "--model", "CARTClassifier"], "predicts species of 38 rows"),
        (["diabetes", "--target", "progression", "--model", "LinearRegression"], "predicts progression of 110 rows"),
        (["wine", "--model", "KMeans", "--set", "n_clusters=3"], "groups 178 rows"),
        (["wine", "--model", "logisticregression", "--set", "C=0.5", "--test", "0.4"], "predicts cultivar of 71 rows"),
    ],
)
def test_fit_gives_the_answer_first_then_scores_then_what_next(call, arguments, answer):
    out = call("fit", *arguments).stdout
    first = " ".join(out.splitlines()[:2])
    assert answer in first
    for part in ("scikit-learn's", "How it was reached", "Try next", "diorama watch"):
        assert part in out
    assert out.index(answer) < out.index("How it was reached") < out.index("Try next")


def test_fit_fits_80_columns(call):
    out = call("fit", "iris", "--model", "CARTClassifier").stdout
    above = out[: out.index("Try next")]
    assert max(len(line) for line in above.splitlines()) <= 80


def test_a_narrow_terminal_gets_a_list_with_every_name_and_number(call, monkeypatch):
    monkeypatch.setenv("COLUMNS", "50")
    out = call("fit", "iris", "--model", "CARTClassifier").stdout
    assert out.count("\n  balanced accuracy: 0.") == 3
    above = out[: out.index("Try next")]
    assert max(len(line) for line in above.splitlines()) <= 50


def test_no_name_or_number_is_cut_short(call):
    out = call("fit", "iris", "--model", "CARTClassifier").stdout
    assert "\N{HORIZONTAL ELLIPSIS}" not in out
    assert "DecisionTreeClassifier" in out[out.index("most frequent class") :]


def test_fit_as_json_is_one_document(call):
    document = json.loads(call("fit", "wine", "--model", "KMeans", "--set", "n_clusters=3", "--json").stdout)
    assert [score["who"] for score in document["scores"]] == ["ours", "baseline", "twin"]
    assert document["scores"][1]["silhouette"] is None
    assert "KMeans(n_clusters=3, random_state=0)" in document["code"]


def test_the_seed_makes_runs_repeatable(call):
    first, again, other = (
        json.loads(call("fit", "iris", "--model", "CARTClassifier", "--seed", seed, "--json").stdout)
        for seed in (1, 1, 2)
    )
    for document in (first, again, other):
        for score in document["scores"]:
            del score["seconds"]
    assert first == again != other


def test_fit_reads_standard_input(call):
    text = "size,price\n" + "\n".join(f"{i},{3 * i + 1}" for i in range(20))
    document = json.loads(
        call("fit", "-", "--target", "price", "--model", "LinearRegression", "--json", stdin=text).stdout
    )
    assert document["scores"][0]["R²"] == pytest.approx(1)


def test_fit_says_how_columns_were_handled(call, tmp_path):
    rows = "\n".join(f"{i % 7},{'Oslo' if i % 3 else 'Bergen'},2020-01-{i % 28 + 1:02d},{i % 2}" for i in range(40))
    (tmp_path / "t.csv").write_text("size,city,day,y\n,Oslo,2020-01-01,1\n" + rows)
    out = call("fit", "t.csv", "--target", "y", "--model", "LogisticRegression").stdout
    for part in ("size: numbers, 1 missing value", "city: 2 categories", "day: dates", "standardised"):
        assert part in " ".join(out.split())


def test_fit_writes_the_replay_and_the_model(call, tmp_path):
    out = call("fit", "iris", "--model", "CARTClassifier", "--replay", "tree.html", "--out", "tree.diorama").stdout
    assert "tree.html" in out
    assert (tmp_path / "tree.html").read_text().startswith("<!doctype html>")
    assert diorama.load(tmp_path / "tree.diorama").target == "species"


def test_watch_opens_the_replay(call, monkeypatch):
    opened = []
    monkeypatch.setattr("webbrowser.open", opened.append)
    out = call("watch", "iris", "--model", "CARTClassifier").stdout
    assert len(opened) == 1
    assert opened[0].startswith("file://")
    assert "replay:" in out


def test_predict_prints_csv(call, kept):
    lines = call("predict", kept, "iris").stdout.splitlines()
    assert lines[0] == "predicted species"
    assert len(lines) == 151
    assert lines[1] == "setosa"


def test_predict_with_probabilities_as_json(call, kept):
    document = json.loads(call("predict", kept, "iris", "--probabilities", "--json").stdout)
    assert document["n_rows"] == 150
    assert document["predictions"][0]["probability of setosa"] == 1


@pytest.mark.parametrize("ending", [".csv", ".tsv", ".parquet", ".jsonl"])
def test_predict_writes_the_table_with_its_predictions(call, kept, tmp_path, ending):
    call("predict", kept, "iris", "--out", f"p{ending}")
    reading = json.loads(call("predict", kept, f"p{ending}", "--json").stdout)
    assert reading["n_rows"] == 150
    assert [path.name for path in tmp_path.iterdir()] == [f"p{ending}"]


def test_predict_says_of_unknown_categories_on_standard_error(call, tmp_path):
    rows = "\n".join(f"{'Oslo' if i % 2 else 'Bergen'},{i % 2}" for i in range(20))
    (tmp_path / "t.csv").write_text("city,y\n" + rows)
    call("fit", "t.csv", "--target", "y", "--model", "CARTClassifier", "--out", "m.diorama")
    result = call("predict", "m.diorama", "-", stdin="city\nParis\nOslo\n")
    assert "'Paris' did not occur" in result.stderr
    assert len(result.stdout.splitlines()) == 3


def test_evaluate_scores_a_kept_model(call, kept):
    document = json.loads(call("evaluate", kept, "iris", "--json").stdout)
    assert document["accuracy"] > 0.9
    assert document["n_rows"] == 150
    out = call("evaluate", kept, "iris").stdout
    assert "CARTClassifier of species on 150 rows" in out
    assert "accuracy: 0.9" in out or "accuracy: 1" in out


def test_models_lists_every_model_with_its_parameters(call):
    out = call("models").stdout
    for entry in MODELS.values():
        assert entry.name in out
    assert "n_clusters=8" in out
    out = call("models", "kmeans").stdout
    assert "a whole number of at least 1" in out
    document = json.loads(call("models", "--json").stdout)
    assert {model["name"] for model in document["models"]} == set(MODELS)


def test_datasets_lists_every_table_with_its_target(call):
    out = call("datasets").stdout
    for data in BUILT_IN.values():
        assert data.name in out
        assert f"target {data.target}" in out
    assert len(json.loads(call("datasets", "--json").stdout)["datasets"]) == len(BUILT_IN)


def test_concept_explains_in_the_terminal(call):
    out = call("concept", "k-means").stdout
    assert "The idea" in out
    document = json.loads(call("concept", "k-means", "--json").stdout)
    assert document["title"]
    assert "The mathematics" in document["sections"]


def test_warmup_compiles_everything(call):
    assert "Compiled" in call("warmup").stdout


def test_version_and_help(call):
    assert call("--version").stdout == f"diorama {diorama.__version__}\n"
    for command in ("fit", "watch", "predict", "evaluate", "models", "datasets", "concept", "serve", "warmup"):
        assert command in call("--help").stdout
        assert "Usage: " in call(command, "--help").stdout
    assert "Usage: " in call(status=2).output


def test_completion_can_be_installed(call):
    assert "--install-completion" in call("--help").stdout


def test_a_predicted_clustering_names_its_column(call, tmp_path):
    pl.DataFrame({"x": np.r_[np.zeros(5), np.ones(5)]}).write_csv(tmp_path / "t.csv")
    call("fit", "t.csv", "--model", "KMeans", "--set", "n_clusters=2", "--out", "m.diorama")
    lines = call("predict", "m.diorama", "t.csv").stdout.splitlines()
    assert lines[0] == "cluster"
    assert len(set(lines[1:6])) == len(set(lines[6:])) == 1
