r"""Differentiate a formula as you would by hand: one rule at a time, each with its reason.

A composite f(g(x)) changes as fast as f changes with g, times as fast as g changes with x: f'(g(x)) g'(x). The inner
function may be a composite itself, so the rule is applied again, as deep as the formula goes.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any, NamedTuple

from diorama._iterate import Fit, show
from diorama._validation import described

_FUNCTIONS = (
    "sin",
    "cos",
    "tan",
    "exp",
    "log",
    "sqrt",
    "asin",
    "acos",
    "atan",
    "sinh",
    "cosh",
    "tanh",
    "asinh",
    "acosh",
    "atanh",
)
_TEXT = re.compile(r"[\w\s+\-*/^().]*")
_NAME = re.compile(r"(?<![\w.])[A-Za-z]\w*")
# a point stands in numbers only: no attribute of anything is ever reached
_STRAY_POINT = re.compile(r"(?<!\d)\.(?!\d)|\.\s*[A-Za-z_]|__")
_LONGEST = 500
_DEEPEST = 60


class Step(NamedTuple):
    """One rule, applied to one part of the formula."""

    depth: int  # how far inside the formula the part lies
    part: str  # what is differentiated
    rule: str  # the name of the rule
    reason: str  # why this rule, and what it says here
    derivative: str  # of the part
    part_latex: str
    derivative_latex: str


class State(NamedTuple):
    """How many of the steps are known."""

    n_known: int


class Derivation(NamedTuple):
    """What was asked, and every step of the answer."""

    expression: str
    variable: str
    steps: tuple[Step, ...]  # outermost part first
    answer: str


@dataclass(frozen=True)
class ChainRule:
    """A derivative and the steps that lead to it, outermost part first. Printed, it is the derivation."""

    expression: str
    variable: str
    steps: tuple[Step, ...]
    derivative: Any  # the simplified SymPy expression

    def __str__(self) -> str:
        lines = [f"d/d{self.variable} {self.expression}"]
        for number, step in enumerate(self.steps, 1):
            indent = "  " * step.depth
            lines.append(f"{number:>3}. {indent}({step.part})' = {step.derivative}")
            lines.append(f"     {indent}{step.rule}: {step.reason}")
        return "\n".join([*lines, f"Simplified: {self.derivative}"])

    @cached_property
    def latex(self) -> str:
        """The derivation in LaTeX, one line for each step."""
        import sympy

        prime = rf"\frac{{d}}{{d{self.variable}}}"
        rows = [
            rf"{prime}\left({step.part_latex}\right) &= {step.derivative_latex} && \text{{{step.rule}}}"
            for step in self.steps
        ]
        rows.append(rf"&= {sympy.latex(self.derivative)} && \text{{simplified}}")
        return r"\begin{aligned}" + r" \\ ".join(rows) + r"\end{aligned}"

    def _repr_latex_(self) -> str:
        return f"$$ {self.latex} $$"

    def __call__(self, x: float) -> float:
        """The value of the derivative at `x`."""
        import sympy

        return float(self.derivative.subs(sympy.Symbol(self.variable), x))


def chain_rule(expression: Any, variable: str | None = None) -> ChainRule:
    """Differentiate a formula step by step, each with the rule and its reason.

    Recorded, it is the picture of the formula taken apart, part by part.

    Parameters
    ----------
    expression : str or SymPy expression
        Such as ``"sin((4*x)**2)"``; ``^`` works as ``**``. Text may hold numbers, names, + - * / ** ( ) and the
        functions sin, cos, tan, exp, log, sqrt, and the inverse and hyperbolic ones; all else is refused.
    variable : str, optional
        What to differentiate by; not needed when the formula has one name only.

    Returns
    -------
    ChainRule
        `steps`, the simplified `derivative` (a SymPy expression), `latex`; it prints as the derivation, and called
        with a number it gives the slope there.

    Raises
    ------
    TypeError
        For anything but text or a SymPy expression.
    ValueError
        For text that is no formula, several names without `variable`, a function that no rule here is for.

    References
    ----------
    Apostol (1967), "Calculus", volume I, 2nd edition, sections 4.5 and 4.10.

    Examples
    --------
    >>> print(chain_rule("(x**2)**3"))
    d/dx (x**2)**3
      1. ((x**2)**3)' = 3*(x**2)**2 * 2*x
         chain rule: the outer function is u**3 with u = x**2: its slope 3*u**2 at u, times the slope of u.
      2.   (x**2)' = 2*x
           power rule: bring the exponent 2 to the front and lower it by one.
    Simplified: 6*x**5
    """
    formula = _parsed(expression)
    symbol = _variable(formula, variable)
    steps: list[Step] = []
    raw = _differentiate(formula, symbol, 0, steps)
    derivative = _simplified(raw)
    done = ChainRule(_text(formula), symbol.name, tuple(steps), derivative)
    subject = Derivation(done.expression, done.variable, done.steps, str(derivative))
    states = (State(known) for known in range(len(steps) + 1))
    show(lambda: states, total=len(steps), fit=Fit(subject))
    return done


@lru_cache(maxsize=256)
def _simplified(raw: Any) -> Any:
    """The shortest form that SymPy finds, which takes it longer than all the rest."""
    import sympy

    return sympy.simplify(raw)


def _differentiate(part: Any, x: Any, depth: int, steps: list[Step]) -> Any:
    """The derivative of `part`; its step is written before those of the parts inside."""
    if depth > _DEEPEST:
        raise ValueError(f"expression is nested more than {_DEEPEST} deep; differentiate its parts one by one.")
    place = len(steps)
    rule, reason, inner = _rule(part, x)
    # the place is kept, and filled when the slopes of the inner parts are known
    steps.append(Step(depth, "", "", "", "", "", ""))
    slopes = [_differentiate(piece, x, depth + 1, steps) for piece in inner]  #: inner
    factors = _assembled(part, x, rule, slopes)  #: outer times inner
    derivative = _product(factors)
    steps[place] = Step(
        depth,
        _text(part),
        rule,
        reason,
        " * ".join(_factor(factor, len(factors)) for factor in factors),
        _latex(part),
        r" \cdot ".join(_latex(factor) for factor in factors),
    )
    return derivative


def _rule(part: Any, x: Any) -> tuple[str, str, list[Any]]:
    """Which rule is next for `part`, why, and the inner parts whose slopes it needs."""
    if not part.has(x):
        return "constant rule", f"{_text(part)} does not change with {x}.", []
    if part == x:
        return "identity", f"{x} changes as fast as itself.", []
    if part.is_Add:
        return "sum rule", "the slope of a sum is the sum of the slopes.", list(part.args)
    if part.is_Mul:
        constants = [factor for factor in part.args if not factor.has(x)]
        if constants:
            reason = f"the constant factor {_text(_product(constants))} stays as it is."
            return "constant factor rule", reason, [_product([f for f in part.args if f.has(x)])]
        first, rest = part.args[0], _product(part.args[1:])
        return "product rule", "each factor changes while the other waits: u'v + uv'.", [first, rest]
    if part.is_Pow:
        return _power_rule(part, x)
    if part.is_Function and len(part.args) == 1:
        return _composite_rule(part.func(_u()), part.args[0], x)
    raise ValueError(f"expression has the part {_text(part)}, which no rule here is for; known are {_FUNCTIONS}.")


def _power_rule(part: Any, x: Any) -> tuple[str, str, list[Any]]:
    base, exponent = part.args
    if not exponent.has(x):
        if base == x:
            reason = f"bring the exponent {_text(exponent)} to the front and lower it by one."
            return "power rule", reason, []
        return _composite_rule(_u() ** exponent, base, x)
    if not base.has(x):
        return _composite_rule(base ** _u(), exponent, x)
    reason = (
        f"u**v with u = {_text(base)}, v = {_text(exponent)} is exp(v*log(u)): the power times the slope of v*log(u)."
    )
    return "logarithmic rule", reason, [base, exponent]


def _composite_rule(outer: Any, inner: Any, x: Any) -> tuple[str, str, list[Any]]:
    slope = _text(outer.diff(_u()))
    if inner == x:
        return "known slope", f"the slope of {_text(outer)} is {slope}, here with u = {x}.", []
    reason = (
        f"the outer function is {_text(outer)} with u = {_text(inner)}: its slope {slope} at u, times the slope of u."
    )
    return "chain rule", reason, [inner]


def _assembled(part: Any, x: Any, rule: str, slopes: list[Any]) -> list[Any]:
    """The derivative as factors, from the slopes of the inner parts."""
    import sympy

    if rule == "sum rule":
        return [sympy.Add(*slopes)]
    if rule == "constant factor rule":
        return [_product([factor for factor in part.args if not factor.has(x)]), *slopes]
    if rule == "product rule":
        first, rest = part.args[0], _product(part.args[1:])
        return [slopes[0] * rest + first * slopes[1]]
    if rule == "logarithmic rule":
        base, exponent = part.args
        return [part, slopes[1] * sympy.log(base) + exponent * slopes[0] / base]
    if rule == "chain rule":
        return [_outer_slope(part, x), *slopes]
    return [sympy.Integer(0) if rule == "constant rule" else part.diff(x)]


def _outer_slope(part: Any, x: Any) -> Any:
    """The slope of the outermost function, at the inner one, which stays as it was written."""
    import sympy

    u = _u()
    if part.is_Pow:
        base, exponent = part.args
        outer, inner = (base**u, exponent) if exponent.has(x) else (u**exponent, base)
    else:
        outer, inner = part.func(u), part.args[0]
    slope = outer.diff(u)
    with sympy.evaluate(False):
        return slope.xreplace({u: inner})


def _u() -> Any:
    """The name of the inner function in the reasons."""
    import sympy

    return sympy.Symbol("u")


def _product(factors: Any) -> Any:
    import sympy

    return factors[0] if len(factors) == 1 else sympy.Mul(*factors, evaluate=False)


def _text(part: Any) -> str:
    import sympy

    return str(sympy.sstr(part, order="none"))


def _latex(part: Any) -> str:
    import sympy

    return str(sympy.latex(part, order="none"))


def _factor(factor: Any, n_factors: int) -> str:
    return f"({_text(factor)})" if factor.is_Add and n_factors > 1 else _text(factor)


def _parsed(expression: Any) -> Any:
    """The formula as written, with nothing simplified."""
    import sympy

    if isinstance(expression, sympy.Expr):
        return expression
    if not isinstance(expression, str):
        raise TypeError(f"expression must be text or a SymPy expression; got {described(expression)}.")
    _check_text(expression)
    from sympy.parsing.sympy_parser import convert_xor, parse_expr, standard_transformations

    names = {name: sympy.Symbol(name) for name in _NAME.findall(expression) if name not in (*_FUNCTIONS, "pi", "E")}
    try:
        with sympy.evaluate(False):
            formula = parse_expr(
                expression, local_dict=names, transformations=(*standard_transformations, convert_xor), evaluate=False
            )
    except Exception as error:
        # the parser raises whatever its tokens run into
        raise ValueError(f"expression {expression!r} is no formula: {error}.") from error
    if not isinstance(formula, sympy.Expr):
        raise ValueError(f"expression {expression!r} is no formula with a value.")
    return _without_ones(formula)


def _without_ones(part: Any) -> Any:
    """The same formula without the factors 1 that the parser writes into a division."""
    if not part.args:
        return part
    if not part.free_symbols and part.is_Rational is not False and part.is_Mul:
        return part.doit()
    inner = [_without_ones(piece) for piece in part.args]
    if part.is_Mul:
        return _product([piece for piece in inner if piece != 1] or inner[:1])
    return part.func(*inner, evaluate=False) if inner != list(part.args) else part


def _check_text(expression: str) -> None:
    if not expression.strip() or len(expression) > _LONGEST:
        raise ValueError(f"expression must have 1 to {_LONGEST} characters; it has {len(expression)}.")
    if not _TEXT.fullmatch(expression) or _STRAY_POINT.search(expression):
        raise ValueError(f"expression {expression!r} is no formula: it may hold numbers, names, + - * / ** ^ ( ) only.")
    for name, call in re.findall(r"([A-Za-z]\w*)(\s*\()?", expression):
        if call and name not in _FUNCTIONS:
            raise ValueError(
                f"expression calls {name!r}, which no rule here is for; known are {', '.join(_FUNCTIONS)}."
            )


def _variable(formula: Any, variable: str | None) -> Any:
    import sympy

    names = sorted(symbol.name for symbol in formula.free_symbols)
    if variable is None:
        if len(names) > 1:
            raise ValueError(f"expression has the names {names}; say with `variable` which one to differentiate by.")
        return sympy.Symbol(names[0] if names else "x")
    if not isinstance(variable, str) or not variable.isidentifier():
        raise ValueError(f"variable must be a name; got {described(variable)}.")
    return next((symbol for symbol in formula.free_symbols if symbol.name == variable), sympy.Symbol(variable))


def walk(steps: tuple[Step, ...]) -> Iterator[tuple[int, int]]:
    """(step, the step that it is inside of) for every step but the first: the edges of the derivation's tree."""
    above: list[int] = []
    for index, step in enumerate(steps):
        del above[step.depth :]
        if above:
            yield index, above[-1]
        above.append(index)
