"""Questions whose answers are computed: when a page is shown, never written down."""

import ast
import re
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np

from diorama.reference.errors import PageError

_BLOCK = re.compile(r"^```question\n(?P<body>.*?)^```\s*$", re.MULTILINE | re.DOTALL)


class Question(NamedTuple):
    """What is asked, the Python that computes the answer, and why it is so."""

    text: str  # Markdown
    code: str  # the value of its last expression is the answer
    why: str  # Markdown


def questions_of(section: str) -> tuple[Question, ...]:
    """The questions of a section; PageError for one without its three parts."""
    found = []
    for block in _BLOCK.finditer(section):
        parts = [part.strip() for part in re.split(r"^---\s*$", block["body"], flags=re.MULTILINE)]
        if len(parts) != 3:
            raise PageError(
                f"the question {parts[0][:40]!r} needs three parts between lines of ---; it has {len(parts)}."
            )
        found.append(Question(*parts))
    return tuple(found)


@lru_cache(maxsize=256)
def answer(code: str) -> str:
    """The value of the last expression of `code`, as text.

    >>> answer("import math\\nmath.comb(5, 2)")
    '10'
    """
    tree = ast.parse(code)
    final = tree.body[-1] if tree.body else None
    if not isinstance(final, ast.Expr):
        raise PageError(f"the code of a question must end in an expression; it ends in {code.strip()[-40:]!r}.")
    tree.body.pop()
    last = ast.Expression(final.value)
    # pages are part of this package, and their code is trusted as its modules are
    names: dict[str, Any] = {"__name__": "question"}
    exec(compile(tree, "<question>", "exec"), names)
    return _shown(eval(compile(last, "<question>", "eval"), names))


def _shown(value: Any) -> str:
    """Numbers with as many digits as mean something, arrays without their class."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool | np.bool_):
        return "yes" if value else "no"
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    if isinstance(value, np.ndarray):
        return np.array2string(value, precision=4, suppress_small=True, separator=", ")
    if isinstance(value, tuple | list):
        inner = ", ".join(map(_shown, value))
        return f"({inner})" if isinstance(value, tuple) else f"[{inner}]"
    return str(value)
