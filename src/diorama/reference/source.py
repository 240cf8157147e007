"""The code of a concept: the source that runs, found by its dotted names and coloured by classes."""

import inspect
import re
import textwrap
from functools import cache

from pygments import highlight
from pygments.formatters import HtmlFormatter
from pygments.lexers import PythonLexer

from diorama.reference.concept import resolve

# marks tell the player which line a step is; a reader needs no second comment
_MARK = re.compile(r"[ \t]*#: [\w -]+$", re.MULTILINE)
_FORMATTER = HtmlFormatter(nowrap=True)


def source_of(name: str) -> str:
    """Source of the function or class with that dotted name; of a compiled function, the Python that was compiled."""
    found = resolve(name)
    source = inspect.getsource(inspect.unwrap(getattr(found, "py_func", found)))
    return _MARK.sub("", textwrap.dedent(source)).rstrip()


@cache
def highlighted_source(name: str) -> str:
    """The same as HTML, every token in a span with Pygments' class."""
    return highlighted(source_of(name))


def highlighted(code: str) -> str:
    """Python as HTML to be put within `<pre><code>`."""
    shown: str = highlight(code, PythonLexer(), _FORMATTER)
    return shown.rstrip("\n")
