"""The Lab over HTTP: tables, uploads, plans, runs, downloads."""

import json

import httpx
import pytest

import diorama
from diorama.app.uploads import display_name
from diorama.workbench import read_table

HOSTILE = "<img src=x onerror=alert(1)>"
SMALL = b"size,kind\n" + b"".join(b"%d,%s\n" % (i, b"big" if i > 20 else b"small") for i in range(40))


def upload(served, content=SMALL, name="sizes.csv"):
    return served.client.post("/lab/tables", params={"name": name}, content=content)


def test_the_form_has_every_model_with_its_parameters(served):
    page = served.client.get("/lab").text
    for name in ("KMeans", "LogisticRegression", "CARTClassifier", "GradientDescentRegressor"):
        assert f'data-model="{name}"' in page
    assert 'data-parameter="n_clusters"' in page
    assert 'data-parameter="random_state"' not in page


def test_a_built_in_table_is_described(served):
    table = served.client.get("/lab/tables/iris").json()
    assert (table["rows"], table["target"]) == (150, "species")
    assert table["columns"][-1] == {"name": "species", "kind": "text", "task": "classification"}
    assert table["columns"][0]["task"] == "regression"
    assert len(table["preview"]["rows"]) == 5


def test_a_wide_table_is_previewed_in_part(served):
    table = served.client.get("/lab/tables/digits").json()
    assert len(table["columns"]) == 65
    assert len(table["preview"]["names"]) == 12


def test_an_upload_is_read_and_kept_under_a_name_of_ours(served):
    answer = upload(served, name="../../etc/passwd.csv")
    assert answer.status_code == 201
    assert answer.json()["name"] == "passwd.csv"
    kept = sorted(path.name for path in served.settings.data.rglob("*") if path.is_file())
    assert f"{answer.json()['key']}.table" in kept
    assert not any("passwd" in name for name in kept)
    assert served.client.get(f"/lab/tables/{answer.json()['key']}").json()["rows"] == 40


@pytest.mark.parametrize("kind", ["tsv", "parquet", "jsonl"])
def test_other_kinds_of_tables_are_read(served, tmp_path, kind):
    frame = read_table("iris").frame
    path = tmp_path / f"iris.{kind}"
    write = {"tsv": lambda: frame.write_csv(path, separator="\t"), "jsonl": lambda: frame.write_ndjson(path)}
    write.get(kind, lambda: frame.write_parquet(path))()
    assert upload(served, path.read_bytes(), path.name).json()["rows"] == 150


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"a,b\n", "no rows"),
        (b"a,b\n1,2,3\n", "line 2 has 3 cells"),
        (b"a,a\n1,2\n", "both called 'a'"),
        (b"a,b\n\xff\xfe,1\n", "not UTF-8"),
        (b"\x89PNG\r\n\x1a\n\0\0", "binary"),
    ],
)
def test_a_bad_file_gets_its_sentence_and_is_not_kept(served, content, said):
    answer = upload(served, content)
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert not list((served.settings.data / "uploads").glob("*"))


def test_a_file_above_the_limit_is_refused_while_it_comes(serve):
    served = serve(upload_limit=1000)
    sent = 0

    def chunks():
        nonlocal sent
        for _ in range(100_000):
            sent += 1000
            yield b"x" * 1000

    try:
        answer = served.client.post("/lab/tables", params={"name": "big.csv"}, content=chunks())
    except httpx.TransportError:
        # the server may close the connection before all of it is sent, which is what is wanted
        answer = None
    assert sent < 100_000_000
    if answer is not None:
        assert answer.status_code == 413
        assert "big.csv is larger than" in answer.json()["error"]


def test_a_file_just_at_the_limit_is_taken(serve):
    assert upload(serve(upload_limit=len(SMALL))).status_code == 201


@pytest.mark.parametrize("key", ["nothing", "0" * 32, "..%2f..%2fetc%2fpasswd", "%2Fetc%2Fpasswd"])
def test_a_table_that_is_not_there_is_said_not_to_be(served, key):
    assert served.client.get(f"/lab/tables/{key}").status_code == 404


@pytest.mark.parametrize(
    ("plan", "said"),
    [
        ({"model": "KMeen"}, "did you mean 'KMeans'"),
        ({"parameters": {"n_cluster": "3"}}, "did you mean 'n_clusters'"),
        ({"parameters": {"n_clusters": "many"}}, "n_clusters must be a whole number"),
        ({"parameters": [1]}, "must be a JSON object"),
        ({"table": "/etc/passwd"}, "not here any more"),
        ({"test": "2"}, "test must be a number from 0.01 to 0.99; got '2'"),
        ({"seed": -1}, "seed must be a number"),
        ({"test": None}, "test must be a number"),
    ],
)
def test_a_plan_that_cannot_be_is_refused_before_it_is_a_run(served, plan, said):
    answer = served.client.post("/runs", json={"table": "iris", "model": "KMeans", **plan})
    assert answer.status_code == 400
    assert said in answer.json()["error"]
    assert served.site.runs.all() == []


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b"x" * 200_000])
def test_a_body_that_is_no_plan_is_refused(served, body):
    assert served.client.post("/runs", content=body).status_code in (400, 413)


def test_a_run_leaves_scores_replay_code_and_a_model_that_predicts(served, tmp_path):
    address = served.train(table="iris", model="CARTClassifier", target="species", parameters={"max_depth": "2"})
    page = served.client.get(address).text
    for text in ("CARTClassifier on iris", "trivial baseline", "scikit-learn", "accuracy", "max_depth", "read_table"):
        assert text in page
    assert served.client.get(f"{address}/scene").json()["frames"]
    replay = served.client.get(f"{address}/replay.html")
    assert replay.headers["content-disposition"] == 'attachment; filename="CARTClassifier-iris.html"'
    assert "<!doctype html>" in replay.text
    path = tmp_path / "model.diorama"
    path.write_bytes(served.client.get(f"{address}/model.diorama").content)
    predicted = diorama.load(path).predict(read_table("iris").frame)
    assert (predicted == read_table("iris").frame["species"].to_numpy()).mean() > 0.9


def test_a_run_that_fails_says_why_on_its_page(served):
    address = served.train(table="iris", model="KMeans", parameters={"n_clusters": "1000"})
    page = served.client.get(address, headers={"Accept": "text/html"}).text
    assert "more clusters than the table has rows" in page
    assert served.client.get(f"{address}/scene").status_code == 404
    assert served.client.get(f"{address}/model.diorama").status_code == 404


def test_runs_are_listed_after_a_restart_and_one_cut_off_is_called_so(serve):
    first = serve()
    done = first.train(table="iris", model="CARTClassifier", target="species")
    cut = first.site.runs.begin(first.site.runs.all()[0].plan)
    first.stop()
    second = serve()
    page = second.client.get("/runs").text
    assert done in page
    assert f"/runs/{cut}" in page
    assert 'data-state="interrupted"' in page
    assert "Train it again" in second.client.get(f"/runs/{cut}").text
    assert second.client.get(f"{done}/scene").status_code == 200


def test_an_upload_lasts_as_long_as_a_run_needs_it(serve):
    first = serve()
    used, unused = upload(first).json()["key"], upload(first).json()["key"]
    first.train(table=used, model="CARTClassifier", target="kind")
    first.stop()
    second = serve()
    assert second.client.get(f"/lab/tables/{used}").status_code == 200
    assert second.client.get(f"/lab/tables/{unused}").status_code == 404


def test_a_run_can_be_changed_and_deleted(served):
    address = served.train(table="iris", model="CARTClassifier", target="species", parameters={"max_depth": "2"})
    name = address.rpartition("/")[2]
    assert 'data-name="max_depth" data-value="2"' in served.client.get(f"/lab?again={name}").text
    answer = served.client.post(f"{address}/delete")
    assert (answer.status_code, answer.headers["location"]) == (303, "/runs")
    assert served.client.get(address).status_code == 404


def test_names_from_data_are_text_wherever_they_are_shown(served):
    content = SMALL.replace(b"size,", HOSTILE.encode() + b",").replace(b"kind", b"</script><b>")
    table = upload(served, content, f"{HOSTILE}.csv").json()
    address = served.train(table=table["key"], model="CARTClassifier", target="</script><b>")
    for page in (address, "/runs", f"/lab?again={address.rpartition('/')[2]}", f"{address}/replay.html"):
        shown = served.client.get(page).text
        assert HOSTILE not in shown, page
        assert "</script><b>" not in shown, page
    assert json.loads(served.client.get(f"{address}/scene").text)


@pytest.mark.parametrize(
    ("given", "shown"),
    [
        ("a.csv", "a.csv"),
        ("C:\\x\\a.csv", "a.csv"),
        ("", "upload.csv"),
        ("a\n\0b.csv", "ab.csv"),
        ("x" * 500, "x" * 120),
    ],
)
def test_a_file_is_called_by_the_last_part_of_its_name(given, shown):
    assert display_name(given) == shown
