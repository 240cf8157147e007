"""A scene in a notebook: the widget, the frame without it, and the widget's module in a real browser."""

import html
import json
import re
import sys

import pytest

from diorama.player import mimebundle, notebook, show
from diorama.player.notebook import scene_widget, to_frame
from tests.player.small_scenes import HOSTILE, small_scene


def test_with_anywidget_a_scene_is_a_widget():
    data, _ = mimebundle(small_scene(), include=None, exclude=None)
    assert "application/vnd.jupyter.widget-view+json" in data
    assert data["text/plain"] == "Two groups, 4 frames"


def test_without_anywidget_a_scene_is_a_page_in_a_closed_frame(monkeypatch):
    monkeypatch.setitem(sys.modules, "anywidget", None)
    # the class may have been made before anywidget went
    monkeypatch.setattr(notebook, "_widget_class", notebook._widget_class.__wrapped__)
    frame = mimebundle(small_scene(title=HOSTILE))[0]["text/html"]
    assert 'sandbox="allow-scripts"' in frame
    inside = html.unescape(re.search(r'srcdoc="([^"]*)"', frame)[1])
    assert inside.startswith("<!doctype html>")
    assert HOSTILE not in inside


def test_show_displays_in_a_notebook(monkeypatch):
    import IPython
    import IPython.display

    class Shell:
        config = {"IPKernelApp": {}}

    shown = []
    monkeypatch.setattr(IPython, "get_ipython", Shell)
    monkeypatch.setattr(IPython.display, "display", lambda data, **options: shown.append(data))
    show(small_scene())
    assert "application/vnd.jupyter.widget-view+json" in shown[0]


PAGE = """<!doctype html><body data-jp-theme-light="false"><style>{style}</style><div id="cell"></div>
<script type="application/json" id="module">{module}</script>
<script type="module">
const source = JSON.parse(document.getElementById("module").textContent);
const widget = (await import(URL.createObjectURL(new Blob([source], {{ type: "text/javascript" }})))).default;
window.scenes = {scenes};
const told = [];
window.model = {{ get: () => window.scenes[0], on: (event, tell) => told.push(tell) }};
window.next = () => {{ window.scenes.shift(); told.forEach((tell) => tell()); }};
window.close = widget.render({{ model: window.model, el: document.getElementById("cell") }});
</script>"""


@pytest.mark.browser
@pytest.mark.xdist_group("browser")
def test_the_widget_plays_updates_and_leaves(open_page, tmp_path):
    widget = scene_widget(small_scene())
    scenes = [widget.scene, small_scene(frames=6).to_dict()]
    file = tmp_path / "notebook.html"
    module = json.dumps(widget._esm).replace("<", "\\u003c")
    file.write_text(PAGE.format(style=widget._css, module=module, scenes=json.dumps(scenes)), "utf-8")
    page = open_page(file.as_uri(), offline=True)
    page.wait_for_selector("canvas")
    assert page.inner_text(".diorama-count") == "0 / 3"
    assert page.get_attribute("#cell", "data-theme") == "dark"
    page.evaluate("next()")
    page.wait_for_function("document.querySelector('.diorama-count').textContent === '0 / 5'")
    page.evaluate("close()")
    assert page.inner_html("#cell") == ""


def test_a_frame_has_a_name():
    assert 'title="Two groups"' in to_frame(small_scene())
