"""The store of runs: what is kept, what a crash leaves, what is forgotten."""

import sqlite3
import subprocess
import sys

import pytest

from diorama.app.runs import Plan, Runs

PLAN = Plan(table="iris", name="iris", target="species", model="CARTClassifier", parameters={"max_depth": "2"})


@pytest.fixture
def runs(tmp_path):
    return Runs(tmp_path / "runs.sqlite")


def test_a_finished_run_is_kept_whole(runs):
    name = runs.begin(PLAN)
    runs.finish(name, {"scores": [1]}, '{"frames": "é"}', b"\0model")
    found = Runs(runs.path).get(name)
    assert (found.state, found.plan, found.result) == ("done", PLAN, {"scores": [1]})
    assert runs.scene(name) == '{"frames": "é"}'
    assert runs.model(name) == b"\0model"


def test_the_latest_comes_first(runs):
    names = [runs.begin(PLAN) for _ in range(3)]
    assert [run.id for run in runs.all()] == names[::-1]


def test_a_run_that_came_to_nothing_says_why(runs):
    name = runs.begin(PLAN)
    runs.end(name, "failed", "There is no column 'spices'.")
    assert (runs.get(name).state, runs.get(name).message) == ("failed", "There is no column 'spices'.")
    assert runs.scene(name) is None


def test_a_deleted_run_is_gone_and_stays_gone(runs):
    name = runs.begin(PLAN)
    runs.delete(name)
    runs.finish(name, {}, None, b"")
    assert runs.get(name) is None
    assert runs.model(name) is None


def test_only_what_was_running_is_called_interrupted(runs):
    done, cut = runs.begin(PLAN), runs.begin(PLAN)
    runs.finish(done, {}, None, b"")
    runs.interrupt_unfinished()
    assert runs.get(done).state == "done"
    assert runs.get(cut).state == "interrupted"
    assert "Train it again" in runs.get(cut).message


def test_a_process_that_dies_while_training_loses_no_earlier_run(runs):
    kept = runs.begin(PLAN)
    runs.finish(kept, {"scores": []}, "{}", b"model")
    code = """
import os, sys
from pathlib import Path
from diorama.app.runs import Plan, Runs
runs = Runs(Path(sys.argv[1]))
print(runs.begin(Plan("iris", "iris", None, "KMeans")), flush=True)
os.abort()
"""
    died = subprocess.run([sys.executable, "-c", code, str(runs.path)], capture_output=True, text=True, check=False)
    assert died.returncode != 0
    after = Runs(runs.path)
    after.interrupt_unfinished()
    assert after.get(died.stdout.strip()).state == "interrupted"
    assert after.get(kept).state == "done"
    assert after.model(kept) == b"model"


def test_the_log_is_written_ahead(runs):
    database = sqlite3.connect(runs.path)
    assert database.execute("PRAGMA journal_mode").fetchone() == ("wal",)
    database.close()


@pytest.mark.parametrize(
    ("table", "name"),
    [
        ("iris", "CARTClassifier-iris"),
        ("my data (2).csv", "CARTClassifier-my-data-2"),
        ('../"x"\r\nSet-Cookie: a.csv', "CARTClassifier-x-Set-Cookie-a"),
        ("<img src=x onerror=alert(1)>.csv", "CARTClassifier-img-src-x-onerror-alert-1"),
    ],
)
def test_downloads_are_named_in_letters_that_no_system_minds(runs, table, name):
    run = runs.get(runs.begin(Plan("k", table, None, "CARTClassifier")))
    assert run.file_name == name


def test_a_title_says_what_is_predicted_and_a_clustering_predicts_nothing(runs):
    assert runs.get(runs.begin(PLAN)).title == "CARTClassifier on iris, predicting species"
    assert runs.get(runs.begin(Plan("iris", "iris", "species", "KMeans"))).title == "KMeans on iris"
