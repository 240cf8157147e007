"""Expressions without eval give what Vega's own functions, made with eval, give."""

import json

import pytest

from diorama.player.assets import player_module
from diorama.player.bundle import vega_bundle

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

EXPRESSIONS = [
    "datum.a + datum.b * 2 - datum.a / 3 % 2",
    "-datum.a + +datum.text - ~datum.n",
    "datum.n & 3 | 8 ^ 2",
    "datum.n << 2 >> 1 >>> 1",
    "datum.a < datum.b && datum.a <= 2 || !(datum.b > 1) || datum.n >= 5",
    "[datum.a == '1.5', datum.a != 2, datum.text === '7', datum.text !== 7]",
    "datum.a > 1 ? 'large' : 'small'",
    "if(datum.flag, 'yes', 'no')",
    "{first: datum.a, 'second': [datum.b, datum.n]}",
    "datum['text'] + datum.list[1] + datum.list.length",
    "[PI, E, LN2, LN10, LOG2E, LOG10E, SQRT1_2, SQRT2, MIN_VALUE, MAX_VALUE, isNaN(NaN)]",
    "[abs(-2), acos(0.5), asin(0.5), atan(1), atan2(1, 2), ceil(1.2), cos(1), exp(1), floor(1.8), log(2)]",
    "[max(1, 3), min(1, 3), pow(2, 5), round(2.5), sin(1), sqrt(2), tan(1), clamp(9, 0, 5), isFinite(1)]",
    "[year(datetime(2020, 1, 3)), month(datetime(2020, 1, 3)), date(datetime(2020, 1, 3)), day(datetime(2020, 1, 3))]",
    "[hours(86400000), minutes(61000), seconds(61000), milliseconds(5), time(5), utchours(utc(2020, 1, 1, 5))]",
    "[utcyear(0), utcmonth(0), utcdate(0), utcday(0), utcminutes(61000), utcseconds(61000), utcmilliseconds(5)]",
    "[length(datum.list), join(datum.list, '-'), indexof(datum.list, 2), lastindexof(datum.list, 2)]",
    "[slice(datum.list, 1), reverse(datum.list), sort([3, 1, 2]), parseFloat('2.5'), parseInt('7')]",
    "[upper('aB'), lower('aB'), substring('abcd', 1, 3), split('a,b', ','), replace('abc', 'b', 'x'), trim(' a ')]",
    "[test(regexp('^a', 'i'), 'Ab'), btoa('hello'), atob('aGVsbG8='), toNumber('3'), toString(4), inrange(2, [1, 3])]",
    "[format(1234.5, ',.1f'), timeFormat(0, '%Y') != '', isValid(datum.nothing), isArray(datum.list), span([1, 4])]",
    "[extent([3, 1]), peek([1, 2]), rgb('red').r, hypot(3, 4)]",
]

PAGE = """<!doctype html><div id="ours"></div><div id="theirs"></div><script>{vega}</script>
<script type="module">{player}
const rows = async (place, options) => {{
  const { view } = await vegaEmbed(place, {spec}, options);
  return JSON.stringify(view.data("data_0").map((row) => {{ const {{ ...plain }} = row; return plain; }}));
}};
const ours = {{ ast: true, expr: interpreter(() => undefined) }};
window.results = Promise.all([rows("#ours", ours), rows("#theirs", {{ ast: false }})]);
</script>"""


def test_every_operator_and_function_agrees_with_vega(open_page, tmp_path):
    row = {"a": 1.5, "b": 2.5, "n": 6, "text": "7", "list": [1, 2, 2], "flag": True, "nothing": None}
    spec = {
        "data": {"values": [row]},
        "transform": [{"calculate": each, "as": f"r{i}"} for i, each in enumerate(EXPRESSIONS)],
        "mark": "point",
        "encoding": {"x": {"field": "a", "type": "quantitative"}},
    }
    file = tmp_path / "expressions.html"
    script = PAGE.replace("{{", "{").replace("}}", "}").replace("{spec}", json.dumps(spec))
    file.write_text(script.replace("{vega}", vega_bundle()).replace("{player}", player_module()), "utf-8")
    ours, theirs = open_page(file.as_uri(), offline=True).evaluate("results")
    for i, expression in enumerate(EXPRESSIONS):
        name = f"r{i}"
        assert (expression, json.loads(ours)[0][name]) == (expression, json.loads(theirs)[0][name])


@pytest.mark.parametrize("expression", ["datum.list.join", "datum.constructor", "toString.constructor"])
def test_no_expression_gets_hold_of_a_function(open_page, tmp_path, expression):
    tree = json.dumps(_member(*expression.rsplit(".", 1)))
    file = tmp_path / "expression.html"
    module = f"{player_module()}\nwindow.compiled = compile({tree}, {{}});"
    file.write_text(f'<!doctype html><script type="module">{module}</script>', "utf-8")
    page = open_page(file.as_uri(), offline=True)
    told = page.evaluate(
        "(() => { try { return compiled({ datum: { list: [] }, params: { $toString: {} } }); }"
        " catch (error) { return error.message; } })()"
    )
    assert "which is a function" in told


def _member(owner, name):
    """Vega's syntax tree of owner.name."""
    parts = owner.split(".")
    tree = {"type": "Identifier", "name": parts[0]}
    for part in [*parts[1:], name]:
        tree = {"type": "MemberExpression", "object": tree, "property": {"name": part}, "computed": False}
    return tree
