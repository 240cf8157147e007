"""Markdown to HTML: formulas, headings, links, code, questions; nothing that a page says becomes markup by itself."""

import pytest

from diorama.reference import PageError, load_folder
from diorama.reference.questions import answer
from diorama.reference.rendering import links_of, render, render_questions, render_section
from diorama.reference.source import highlighted_source, source_of
from tests.reference.small_page import write_page


@pytest.fixture
def page(tmp_path):
    return load_folder(write_page(tmp_path))["small"]


def test_formulas_become_mathml(page):
    assert '<math xmlns="http://www.w3.org/1998/Math/MathML" display="block">' in render_section(
        page, "The mathematics"
    )
    assert 'display="inline"' in render_section(page, "The idea")


def test_headings_can_be_linked_to(page):
    assert '<h3 id="what-it-is-made-of">' in render_section(page, "The mathematics")


def test_links_between_concepts_lead_to_their_pages(page):
    assert '<a href="/concepts/small">a link</a>' in render_section(page, "The idea")
    assert '<a href="#small">x</a>' in render("[x](small)", "#{}".format)
    assert links_of(page.sections["The idea"]) == ["small"]


def test_links_to_elsewhere_do_not_tell_where_they_were_followed(page):
    assert 'rel="noreferrer"' in render_section(page, "What the textbook snippet gets wrong")


def test_html_in_a_page_is_text(page):
    assert "<script>" not in render_section(page, "The idea")
    assert "&lt;script&gt;" in render_section(page, "The idea")


def test_a_link_cannot_run_code():
    assert "href" not in render("[x](javascript:alert(1))")


def test_answers_are_computed_and_hidden_until_asked_for(page):
    shown = render_questions(page)
    assert "<output>2</output>" in shown
    assert shown.index("<details>") < shown.index("<output>")


@pytest.mark.parametrize(
    ("code", "shown"),
    [
        ("2 / 3", "0.666667"),
        ("1 < 2", "yes"),
        ("'the second'", "the second"),
        ("import numpy as np\nnp.array([1.0, 2.5])", "[1. , 2.5]"),
        ("(1, 0.5)", "(1, 0.5)"),
        ("[1.0, None]", "[1, None]"),
        ("import numpy as np\nnp.float64(1) / 3", "0.333333"),
    ],
)
def test_an_answer_is_written_as_a_reader_wants_it(code, shown):
    assert answer(code) == shown


def test_a_question_without_a_value_is_refused():
    with pytest.raises(PageError, match="must end in an expression"):
        answer("x = 1")


def test_source_is_the_functions_own():
    shown = highlighted_source("diorama.reference.rendering.anchor")
    assert '<span class="nf">anchor</span>' in shown
    assert source_of("diorama.reference.rendering.anchor").startswith("def anchor(heading")
