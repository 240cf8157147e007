"""The code of a concept: the source that runs, found by its dotted names and coloured by classes."""

import inspect
import textwrap
from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from diorama.reference.concept import resolve

_FORMATTER = HtmlFormatter(nowrap=True)


def source_of(name: str) -> str:
    """Source of the function or class with that dotted name; of a compiled function, the Python that was compiled."""
    found = resolve(name)
    return textwrap.dedent(inspect.getsource(inspect.unwrap(getattr(found, "py_func", found)))).rstrip()


@cache
def highlighted_source(name: str) -> str:
    """The same as HTML, every token in a span with Pygments' class."""
    return highlighted(source_of(name))


def highlighted(code: str) -> str:
    """Python as HTML to be put within `<pre><code>`."""
    shown: str = highlight(code, PythonLexer(), _FORMATTER)
    return shown.rstrip("\n")
