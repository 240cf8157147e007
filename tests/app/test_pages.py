"""The contents, a concept's page and its picture."""

import re

import pytest

from diorama.scenes.scene import Scene


def test_contents_list_every_concept(served):
    page = served.client.get("/").text
    assert 'href="/concepts/small"' in page
    assert "Small &lt;things&gt;" in page


@pytest.mark.parametrize(("words", "found"), [("small", True), ("PAGE tests", True), ("large", False), ("<b>", False)])
def test_contents_can_be_searched(served, words, found):
    page = served.client.get("/", params={"q": words}).text
    assert ('class="card"' in page) is found
    assert "<b>" not in page


def test_a_concept_has_its_parts_in_order(served):
    page = served.client.get("/concepts/small").text
    parts = ["<h1>", 'class="lead"', 'id="stage"', 'id="controls"', 'id="the-idea"', 'id="the-mathematics"']
    parts += ['id="the-code-that-ran"', 'id="when-to-use-it-and-when-not"', 'id="what-the-textbook-snippet-gets-wrong"']
    parts += ['id="test-yourself"', 'id="related"', 'id="reading"']
    places = [page.find(part) for part in parts]
    assert -1 not in places
    assert places == sorted(places)


def test_a_concept_shows_the_real_source_without_marks(served):
    page = served.client.get("/concepts/small").text
    assert '<span class="nf">step</span>' in page
    assert "#: assign" not in page


def test_an_unknown_concept_suggests_the_nearest(served):
    answer = served.client.get("/concepts/smal")
    assert answer.status_code == 404
    assert "did you mean 'small'" in answer.json()["error"]
    page = served.client.get("/concepts/smal", headers={"Accept": "text/html"})
    assert page.status_code == 404
    assert "did you mean &#39;small&#39;" in page.text


def test_the_picture_is_made_for_the_values_asked_for(served):
    scene = served.client.get("/concepts/small/scene?n_clusters=5&rate=0.01&start=spread").json()
    assert scene["title"] == "5 clusters, rate 0.01, spread"
    assert Scene.from_dict(scene).frames


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ("n_clusters=9", "n_clusters must be a whole number from 1 to 8; got '9'"),
        ("rate=1e400", "rate must be a number from 0.001 to 10"),
        ("start=%3Cb%3E", "start must be one of random, spread"),
        ("n_cluster=3", "did you mean 'n_clusters'"),
        ("self=3", "this picture has no parameter 'self'"),
    ],
)
def test_a_value_that_is_not_taken_is_refused_with_a_sentence(served, query, said):
    answer = served.client.get(f"/concepts/small/scene?{query}")
    assert answer.status_code == 400
    assert said in answer.json()["error"]


def test_a_fit_that_fails_says_why(served):
    answer = served.client.get("/concepts/small/scene?rate=10")
    assert answer.status_code == 500
    assert "the rate is too high for these points" in answer.json()["error"]


def test_a_long_scale_slider_starts_where_its_value_is(served):
    page = served.client.get("/concepts/small").text
    slider = re.search(r'<input type="range" name="rate"[^>]*>', page)[0]
    assert 'data-value="0.1"' in slider
    # 0.1 lies half way between 0.001 and 10 when steps are factors
    assert 'value="50"' in slider


def test_everything_that_a_page_loads_is_there_and_kept(served):
    for address in ("/", "/concepts/small", "/lab", "/runs"):
        page = served.client.get(address).text
        loaded = re.findall(r'(?:src|href)="(/static/[^"]+)"', page)
        assert loaded
        for file in loaded:
            answer = served.client.get(file)
            assert answer.status_code == 200, file
            assert "immutable" in answer.headers["cache-control"]
        assert not re.findall(r'(?:src|href)="https?://(?!doi\.org|example\.org)', page)


def test_large_answers_are_compressed(served):
    page = served.client.get("/").text
    player = re.search(r'href="(/static/\w+/)', page)[1] + "player.js"
    assert served.client.get(player).headers["content-encoding"] == "gzip"


@pytest.mark.parametrize("address", ["/static/0/app.js", "/static/{}/nothing.js", "/static/{}/..%2fserver.py"])
def test_no_other_file_is_served(served, address):
    from diorama.app.assets import version

    assert served.client.get(address.format(version())).status_code == 404
