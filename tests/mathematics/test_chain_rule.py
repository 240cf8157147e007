"""The chain rule, step by step: answers against SymPy, every step against its own part."""

import math

import pytest
import sympy
from hypothesis import given, settings
from hypothesis import strategies as st

import diorama
from diorama.mathematics import chain_rule, derivative

X = sympy.Symbol("x")
shells = st.sampled_from(["sin({})", "exp({}/4)", "({})**2", "cos({})", "3*({}) - 1", "({})*x", "1/(2 + ({})**2)"])


def test_the_two_composites_of_the_text():
    assert sympy.simplify(chain_rule("(x**2)**3").derivative - 6 * X**5) == 0
    assert sympy.simplify(chain_rule("sin((4*x)^2)").derivative - 32 * X * sympy.cos(16 * X**2)) == 0


@given(layers=st.lists(shells, min_size=1, max_size=4))
@settings(max_examples=12, deadline=None)
def test_composites_of_any_depth_agree_with_differences(layers):
    formula = "x"
    for layer in layers:
        formula = layer.format(formula)
    value = sympy.lambdify(X, sympy.sympify(formula), "math")
    assert chain_rule(formula)(0.4) == pytest.approx(derivative(value, 0.4, "richardson"), rel=1e-6, abs=1e-6)


@pytest.mark.parametrize("formula", ["x**x", "x*exp(x)/(1 + x)", "2**x - 3", "log(sqrt(1 + x**2))"])
def test_each_step_is_the_slope_of_its_part(formula):
    for step in chain_rule(formula).steps:
        expected = sympy.diff(sympy.sympify(step.part), X)
        assert float((sympy.sympify(step.derivative) - expected).subs(X, 0.7)) == pytest.approx(0, abs=1e-12)
        assert step.rule
        assert step.reason


def test_it_prints_every_step_and_is_latex_too():
    found = chain_rule("sin((4*x)**2)")
    printed = str(found)
    assert all(step.reason in printed for step in found.steps)
    assert "Simplified: 32*x*cos(16*x**2)" in printed
    assert found.latex.startswith(r"\begin{aligned}")
    assert found.latex.count(r"\text{chain rule}") == 2


def test_other_names_are_constants_when_said():
    assert chain_rule("a*x**2", "x").derivative == 2 * sympy.Symbol("a") * X
    assert chain_rule(sympy.tan(X)).derivative.equals(1 + sympy.tan(X) ** 2)


@pytest.mark.parametrize(
    ("expression", "error", "words"),
    [
        (3, TypeError, "expression must be text"),
        ("", ValueError, "1 to 500 characters"),
        ("x +", ValueError, "is no formula"),
        ("x.real", ValueError, "is no formula"),
        ("().__class__", ValueError, "is no formula"),
        ("open(x)", ValueError, "calls 'open'"),
        ("a*x", ValueError, r"names \['a', 'x'\]"),
        ("sin", ValueError, "no formula"),
        (sympy.Function("f")(X, X), ValueError, "no rule here"),
    ],
)
def test_what_is_no_formula_is_refused(expression, error, words):
    with pytest.raises(error, match=words):
        chain_rule(expression)


def test_its_picture_tells_every_step():
    with diorama.record() as recording:
        found = chain_rule("exp(sin(x)**2)")
    scene = recording.scene()
    assert len(scene.frames) == len(found.steps) + 1
    assert scene.frames[-1].step == "outer times inner"
    assert math.isfinite(found(1.0))
