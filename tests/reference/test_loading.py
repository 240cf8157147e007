"""Pages that are as they should be are loaded; others are refused with the page's name and what is wrong."""

import pytest

from diorama.reference import ConceptError, PageError, concept, concepts, load_folder
from diorama.reference.parameters import Parameter
from tests.reference.small_page import PAGE, write_page


def test_a_page_is_loaded_with_all_its_parts(tmp_path):
    page = load_folder(write_page(tmp_path))["small"]
    assert (page.title, page.chapter) == ("Small <things>", 20)
    assert [parameter.label for parameter in page.parameters] == ["clusters", "rate", "start"]
    assert page.reading[0].year == 1982
    assert page.questions[0].code == "1 + 1"
    assert page.sections["The idea"].startswith("Some *words*")


def test_a_concept_introduces_itself_as_text_and_as_html(tmp_path):
    page = load_folder(write_page(tmp_path))["small"]
    assert str(page).startswith("Small <things>: A small page for tests.")
    assert "```question" not in str(page)
    shown = page._repr_html_()
    assert "Small &lt;things&gt;" in shown
    assert "<math" in shown


def test_concepts_of_a_folder_are_sorted_by_chapter_then_title(tmp_path):
    write_page(tmp_path)
    write_page(tmp_path, PAGE.replace("chapter = 20", "chapter = 3"), chapter=3, slug="early")
    assert list(load_folder(tmp_path)) == ["early", "small"]


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ("+++\ntitle", "title", "must begin with TOML"),
        ("chapter = 20", "chapter = twenty", "is no TOML"),
        ("chapter = 20", "chapter = 21", "lies in the folder 20"),
        ('summary = "A small page for tests."\n', "", "has no 'summary'"),
        ("chapter = 20", "chapter = 20\ncolour = 1", "has colour, which pages do not have"),
        ("## The mathematics", "## Mathematics", "its sections must be"),
        ("1 + 1\n---\n", "", "needs three parts"),
        ("value = 3", "value = 99", "is not between 1 and 8"),
        ('kind = "choice"', 'kind = "menu"', "known are 'range' and 'choice'"),
        ("min = 0.001", "min = 0.0", "with a min above 0"),
        ('value = "random"', 'value = "none"', "none of its options"),
        ('label = "clusters"', 'colour = "red"', "colour"),
    ],
)
def test_a_page_that_is_not_as_pages_are_is_refused_by_name(tmp_path, old, new, said):
    assert old in PAGE
    with pytest.raises(PageError, match=rf"small\.md.*{said}"):
        load_folder(write_page(tmp_path, PAGE.replace(old, new)))


def test_two_pages_of_one_name_are_refused(tmp_path):
    write_page(tmp_path)
    write_page(tmp_path, PAGE.replace("chapter = 20", "chapter = 3"), chapter=3)
    with pytest.raises(PageError, match="two pages are called small"):
        load_folder(tmp_path)


def test_an_unknown_concept_gets_the_nearest_suggested():
    with pytest.raises(ConceptError, match="did you mean 'k-means'"):
        concept("kmeans")


def test_concepts_are_found_by_their_slug():
    assert concept("k-means") in concepts()


def test_values_are_checked_against_the_page(tmp_path):
    page = load_folder(write_page(tmp_path))["small"]
    assert page.values() == {"n_clusters": 3, "rate": 0.1, "start": "random"}
    assert page.values(n_clusters="5", rate="1e-2") == {"n_clusters": 5, "rate": 0.01, "start": "random"}


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"n_clusters": "9"}, "n_clusters must be a whole number from 1 to 8; got '9'"),
        ({"n_clusters": "2.5"}, "must be a whole number"),
        ({"rate": "nan"}, "rate must be a number from 0.001 to 10; got 'nan'"),
        ({"rate": "inf"}, "must be a number from"),
        ({"rate": "much"}, "got 'much'"),
        ({"start": "<b>"}, "start must be one of random, spread; got '<b>'"),
        ({"n_cluster": "3"}, "no parameter 'n_cluster'; did you mean 'n_clusters'"),
    ],
)
def test_a_value_that_the_picture_does_not_take_is_refused(tmp_path, given, said):
    page = load_folder(write_page(tmp_path))["small"]
    with pytest.raises(ConceptError, match=said):
        page.values(**given)


def test_truth_is_written_yes_and_no():
    parameter = Parameter("scaled", "scaled", "choice", True, options=(True, False))
    assert parameter.parse("no") is False
    assert parameter.parse("yes") is True
