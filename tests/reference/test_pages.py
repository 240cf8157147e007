"""Every page that is shipped: each name, link, formula, picture and question in it is as it should be."""

import re

import pytest

from diorama.reference import SECTIONS, concepts
from diorama.reference.concept import resolve
from diorama.reference.questions import answer
from diorama.reference.rendering import anchor, links_of, render_questions, render_section
from diorama.reference.source import source_of
from diorama.scenes.scene import Scene

PAGES = concepts()
SLUGS = {page.slug for page in PAGES}
ANCHORS = {anchor(title) for title in SECTIONS}
pages = pytest.mark.parametrize("page", PAGES, ids=[page.slug for page in PAGES])


@pages
def test_what_it_names_is_there(page):
    for name in (*page.implementation, *page.source, page.picture):
        assert callable(resolve(name)), name
    for name in page.source:
        assert len(source_of(name).splitlines()) > 1, name


@pages
def test_its_links_lead_somewhere(page):
    texts = [page.summary, *page.sections.values()]
    texts += [part for question in page.questions for part in (question.text, question.why)]
    for target in [link for text in texts for link in links_of(text)] + list(page.related):
        if target.startswith("#"):
            assert target[1:] in ANCHORS, target
        elif not target.startswith("https://"):
            assert target in SLUGS, target
    assert page.slug not in page.related
    assert all(reading.url.startswith("https://") for reading in page.reading)


@pages
def test_its_formulas_become_mathml(page):
    for title in SECTIONS:
        shown = render_section(page, title)
        assert "$" not in re.sub(r"<pre.*?</pre>|<code>.*?</code>", "", shown, flags=re.DOTALL), title
        # a command that the converter does not know is left in the formula as it was written
        assert not re.search(r"<m[a-z]+[^>]*>\\\w+", shown), title
    assert 'display="block"' in render_section(page, SECTIONS[1])


@pages
def test_its_idea_is_short(page):
    assert len(page.sections["The idea"].split()) <= 120
    assert page.summary.rstrip().endswith(".")
    assert "\n" not in page.summary.strip()


@pages
def test_its_questions_have_answers(page):
    assert page.questions
    for question in page.questions:
        assert answer(question.code)
    assert render_questions(page).count('class="question"') == len(page.questions)


@pages
def test_its_picture_is_drawn_at_the_start_and_at_both_ends_of_every_slider(page):
    assert isinstance(page.scene(), Scene)
    for parameter in page.parameters:
        ends = parameter.options if parameter.kind == "choice" else (parameter.min, parameter.max)
        for value in ends:
            given = ("no", "yes")[value] if isinstance(value, bool) else value
            made = page.scene(**{parameter.name: given})
            assert isinstance(made, Scene), (parameter.name, value)


@pages
def test_its_picture_shows_code_and_says_what_happens(page):
    scene = page.scene()
    assert scene.code.lines
    assert all(frame.narration and frame.alt for frame in scene.frames)
    assert len(scene.frames) <= 41


@pages
def test_its_picture_says_the_same_each_time(page):
    assert page.scene().to_dict() == page.scene().to_dict()
