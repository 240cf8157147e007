"""Bad input: one sentence on standard error, nothing on standard output, status 1, no traceback, no file left."""

import pytest
from typer.testing import CliRunner

from diorama.cli import app

FIT = ["fit", "t.csv", "--target", "y", "--model", "LinearRegression"]
GOOD = "x,y\n" + "\n".join(f"{i},{i * i}" for i in range(12)) + "\n"


@pytest.fixture
def refused(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)

    def run(*arguments, table: str | bytes = GOOD):
        (tmp_path / "t.csv").write_bytes(table.encode() if isinstance(table, str) else table)
        result = CliRunner().invoke(app, list(arguments))
        assert result.exit_code == 1, result.output
        assert result.stdout == ""
        assert "Traceback" not in result.stderr
        assert result.stderr.startswith("diorama: ")
        assert result.stderr.count("\n") == 1
        assert [path.name for path in tmp_path.iterdir()] == ["t.csv"]
        return result.stderr

    return run


@pytest.mark.parametrize(
    ("table", "parts"),
    [
        ("", ["t.csv is empty"]),
        ("x,y\n", ["column names (x, y)", "no rows"]),
        ("x,y\n1,2\n3\n", ["line 3 has 1 cell where the header has 2"]),
        (b"x,y\n1,\xff\n", ["not UTF-8: line 2, character 3"]),
        (b"x,y\n1,\x00\n", ["binary"]),
        ("x,x\n1,2\n", ["columns 1 and 2 are both called 'x'"]),
        ("x,y\n1,2\n", ["one row", "add rows"]),
        ("x,z,y\n" + "1,,2\n2,,3\n" * 4, ["column 'z' has no value"]),
        ("x,y\n" + "1,2\ninf,3\n" * 4, ["row 2, column 'x'", "infinite"]),
        ("x,y\n" + "1,a\n2,b\n" * 4, ["column 'y' holds text", "CARTClassifier"]),
    ],
    ids=lambda value: None if isinstance(value, list) else "table",
)
def test_a_bad_table_has_its_sentence(refused, table, parts):
    said = refused(*FIT, table=table)
    for part in parts:
        assert part in said


@pytest.mark.parametrize(
    ("arguments", "parts"),
    [
        (["fit", "u.csv", "--target", "y", "--model", "LinearRegression"], ["no file u.csv", "did you mean t.csv?"]),
        (["fit", "t.csv", "--target", "yy", "--model", "LinearRegression"], ["no column 'yy'; did you mean 'y'?"]),
        (["fit", "t.csv", "--model", "LinearRegression"], ["needs a target", "x, y"]),
        (["fit", "t.csv", "--target", "y"], ["name the model", "--model", "KMeans"]),
        (["fit", "t.csv", "--model", "KMean"], ["no model 'KMean'; did you mean 'KMeans'?"]),
        (["fit", "t.csv", "--model", "KMeans", "--set", "n_cluster=2"], ["no parameter 'n_cluster'", "'n_clusters'"]),
        (["fit", "t.csv", "--model", "KMeans", "--set", "n_clusters=two"], ["must be a whole number", "'two'"]),
        (["fit", "t.csv", "--model", "KMeans", "--set", "n_clusters"], ["--set name=value"]),
        (["fit", "t.csv", "--model", "KMeans", "--set", "tol=1", "--set", "tol=2"], ["given twice"]),
        (
            ["fit", "t.csv", "--model", "KMeans", "--set", "n_clusters=13"],
            ["more clusters than the table has rows (12)"],
        ),
        ([*FIT, "--test", "1.5"], ["between 0 and 1"]),
        ([*FIT, "--out", "no/m.diorama"], ["no/m.diorama cannot be written", "does not exist"]),
        ([*FIT, "--replay", "no/r.html"], ["no/r.html cannot be written", "does not exist"]),
        ([*FIT, "--replay", "r.docx"], [".html", "r.docx has another ending"]),
        ([*FIT, "--out", "."], ["is a folder"]),
        (["predict", "none.diorama", "t.csv"], ["no file none.diorama"]),
        (["predict", "t.csv", "t.csv"], ["t.csv is no file that diorama.save wrote"]),
        (["evaluate", "t.csv", "t.csv"], ["t.csv is no file that diorama.save wrote"]),
        (["models", "KMeanz"], ["did you mean 'KMeans'?"]),
        (["concept", "kmeans"], ["k-means"]),
    ],
    ids=lambda value: " ".join(value)[:50],
)
def test_a_bad_request_has_its_sentence(refused, arguments, parts):
    said = refused(*arguments)
    for part in parts:
        assert part in said


def test_one_class_has_its_sentence(refused):
    said = refused("fit", "t.csv", "--target", "y", "--model", "CARTClassifier", table="x,y\n1,a\n2,a\n3,a\n4,a\n")
    assert "one class only ('a')" in said


def test_places_are_checked_before_anything_is_read(refused, monkeypatch):
    def never(*arguments, **options):
        raise AssertionError("the table was read before the place was checked")

    monkeypatch.setattr("diorama.workbench.read_table", never)
    assert "cannot be written" in refused(*FIT, "--out", "no/m.diorama")


def test_debug_shows_the_traceback_wherever_it_stands(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    for arguments in (
        ["--debug", "fit", "none.csv", "--model", "KMeans"],
        ["fit", "none.csv", "--model", "KMeans", "--debug"],
    ):
        result = CliRunner().invoke(app, arguments)
        assert result.exit_code == 1
        assert "Traceback" in result.stderr
        assert result.stderr.splitlines()[-1].startswith("diorama: there is no file none.csv")


def test_an_error_of_ours_is_said_to_be_ours(monkeypatch):
    def broken(request):
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("diorama.cli.fitting.carry_out", broken)
    result = CliRunner().invoke(app, ["fit", "iris", "--model", "KMeans"])
    assert result.exit_code == 1
    assert result.stderr == (
        "diorama: this is an error of Diorama's own: ZeroDivisionError: division by zero `--debug` shows where.\n"
    )


def test_a_command_line_that_makes_no_sense_ends_with_2():
    result = CliRunner().invoke(app, ["fit", "iris", "--modle", "KMeans"])
    assert result.exit_code == 2
    assert "--model" in result.stderr
