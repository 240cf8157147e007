"""The code that a picture shows: the functions that really ran, and which of their lines each step is."""

import inspect
import re
import textwrap
from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

_MARK = re.compile(r"\s*#: (?P<step>[\w -]+?)\s*$")
_DOCSTRING = re.compile(r'^\s+"""(?:[^"]|"(?!""))*"""\n', re.MULTILINE)


class Code(NamedTuple):
    """Source lines, and for each named step the index of the line to light up."""

    lines: tuple[str, ...]
    steps: Mapping[str, int]


def marked_source(*functions: Callable[..., Any]) -> Code:
    """Source of `functions` with each line that ends in `#: name` remembered as the line of step `name`.

    Docstrings and the marks themselves are left out: the page around the picture has the words.
    """
    lines: list[str] = []
    steps: dict[str, int] = {}
    for function in functions:
        if lines:
            lines.append("")
        source = textwrap.dedent(inspect.getsource(inspect.unwrap(getattr(function, "py_func", function))))
        for line in _DOCSTRING.sub("", source).rstrip().splitlines():
            mark = _MARK.search(line)
            if mark:
                steps[mark["step"]] = len(lines)
                line = line[: mark.start()]
            lines.append(line)
    return Code(tuple(lines), steps)
