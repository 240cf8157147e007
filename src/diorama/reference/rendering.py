"""A concept's Markdown as HTML: formulas as MathML, headings that can be linked to, links between concepts."""

import html
import re
from collections.abc import Callable, Sequence
from functools import cache
from typing import Any

from latex2mathml.converter import convert
from markdown_it import MarkdownIt
from markdown_it.renderer import RendererHTML
from markdown_it.token import Token
from mdit_py_plugins.anchors import anchors_plugin
from mdit_py_plugins.dollarmath import dollarmath_plugin

from diorama.reference.concept import Concept
from diorama.reference.questions import answer
from diorama.reference.source import highlighted

_SLUG = re.compile(r"[a-z0-9][a-z0-9-]*")


def anchor(heading: str) -> str:
    """The fragment by which a heading is linked to.

    >>> anchor("When to use it, and when not")
    'when-to-use-it-and-when-not'
    """
    return "-".join(re.findall(r"[a-z0-9]+", heading.casefold()))


def render(markdown: str, address: Callable[[str], str] = "/concepts/{}".format) -> str:
    """HTML of some Markdown; `address` gives the address of another concept's page."""
    rendered: str = _parser().render(markdown, {"address": address})
    return rendered


def render_line(markdown: str, address: Callable[[str], str] = "/concepts/{}".format) -> str:
    """The same without a paragraph around it."""
    rendered: str = _parser().renderInline(markdown, {"address": address})
    return rendered


def render_section(concept: Concept, title: str) -> str:
    """One section of a page; the questions of the last have their answers behind a click."""
    if title == "Test yourself":
        return render_questions(concept)
    return render(concept.sections[title])


def render_questions(concept: Concept) -> str:
    """The questions with their answers, computed now."""
    return "".join(
        f'<div class="question">{render(question.text)}<details><summary>Answer</summary>'
        f'<p class="answer"><output>{html.escape(answer(question.code))}</output></p>{render(question.why)}'
        f'<details class="computed"><summary>How it is computed</summary><pre class="code"><code>'
        f"{highlighted(question.code)}</code></pre></details></details></div>"
        for question in concept.questions
    )


def formula(latex: str, display: bool) -> str:
    """LaTeX as MathML."""
    mathml: str = convert(latex.strip(), display="block" if display else "inline")
    return mathml


def links_of(markdown: str) -> list[str]:
    """Where the links of some Markdown lead, as they are written."""
    return [
        str(token.attrGet("href"))
        for block in _parser().parse(markdown)
        for token in block.children or ()
        if token.type == "link_open"
    ]


@cache
def _parser() -> MarkdownIt:
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.use(dollarmath_plugin, allow_labels=False, double_inline=True, renderer=_math)
    parser.use(anchors_plugin, min_level=3, max_level=4, slug_func=anchor, permalink=True, permalinkSymbol="#")
    parser.add_render_rule("link_open", _link)
    parser.add_render_rule("fence", _fence)
    return parser


def _math(content: str, options: dict[str, Any]) -> str:
    return formula(content, bool(options["display_mode"]))


def _link(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    token = tokens[index]
    target = str(token.attrGet("href"))
    if _SLUG.fullmatch(target):
        token.attrSet("href", env["address"](target))
    elif target.startswith(("http:", "https:")):
        token.attrSet("rel", "noreferrer")
    return renderer.renderToken(tokens, index, options, env)


def _fence(renderer: RendererHTML, tokens: Sequence[Token], index: int, options: Any, env: Any) -> str:
    code = tokens[index].content.rstrip("\n")
    shown = highlighted(code) if tokens[index].info.strip() == "python" else html.escape(code)
    return f'<pre class="code" tabindex="0"><code>{shown}</code></pre>\n'
