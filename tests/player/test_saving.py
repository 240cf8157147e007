"""Pages, stills and charts as files and strings, made without a browser."""

import io
import json
import os
import re
import stat
import webbrowser
from pathlib import Path

import altair
import pytest
from PIL import Image

from diorama.player import SaveError, chart, save_scene, show, to_html, vega_bundle
from diorama.player.pictures import to_gif, to_png, to_svg
from diorama.player.theme import role_colors, vega_config
from diorama.scenes.scene import Frame, Scene
from tests.player.small_scenes import HOSTILE, small_scene


@pytest.fixture(scope="module")
def scene():
    return small_scene()


def test_a_page_carries_its_scene_and_may_load_nothing(scene):
    page = to_html(scene)
    carried = re.search(r'<script type="application/json" id="scene">(.*?)</script>', page, re.DOTALL)
    assert Scene.from_dict(json.loads(carried[1])).title == scene.title
    policy = re.search(r'Content-Security-Policy" content="([^"]*)"', page)[1]
    assert policy.startswith("default-src 'none'")
    assert "unsafe" not in policy
    assert not re.search(r"<(script|link|img)[^>]*\b(src|href)=", page.replace(vega_bundle(), ""))


def test_a_page_stays_below_its_size(scene):
    assert len(to_html(scene).encode()) < 1_200_000


def test_text_in_a_page_cannot_end_its_element():
    page = to_html(small_scene(title="</script></title><script>alert(1)</script>"))
    assert "<script>alert(1)" not in page
    assert HOSTILE not in to_html(small_scene(title=HOSTILE))


def test_autoplay_is_written_into_the_page(scene):
    assert '{"autoplay": true}' in to_html(scene, autoplay=True)
    assert '{"autoplay": false}' in to_html(scene)


@pytest.mark.parametrize("ending", [".html", ".png", ".svg", ".PNG"])
def test_save_writes_by_the_ending_and_leaves_nothing_else(scene, tmp_path, ending):
    path = save_scene(scene, tmp_path / f"replay{ending}")
    assert path.is_absolute()
    assert os.listdir(tmp_path) == [f"replay{ending}"]
    beginning = {".html": b"<!doctype html>", ".png": b"\x89PNG", ".svg": b"<svg"}[ending.lower()]
    assert path.read_bytes().startswith(beginning)


def test_png_has_the_size_that_scale_asks_for(scene):
    small, large = (Image.open(io.BytesIO(to_png(scene, scale=scale))).size for scale in (1, 2))
    assert large == pytest.approx((2 * small[0], 2 * small[1]), abs=2)


def test_stills_show_the_frame_that_was_asked_for(scene):
    assert "Step 1: the cost is 50.0." in to_svg(scene, 1).decode()
    assert "Step 3: the cost is 25.0." in to_svg(scene).decode()
    assert to_svg(scene, 0) != to_svg(scene, 1)


def test_stills_are_drawn_on_the_paper_of_their_theme(scene):
    for theme in ("light", "dark"):
        paper = role_colors(theme)["paper"]
        image = Image.open(io.BytesIO(to_png(scene, scale=1, theme=theme))).convert("RGB")
        assert "#{:02x}{:02x}{:02x}".format(*image.getpixel((0, 0))) == paper


def test_no_role_is_left_open_in_the_stills_configuration():
    assert "--" not in json.dumps(vega_config("light"))
    assert vega_config("light")["axis"] != vega_config("dark")["axis"]


def test_gif_moves_and_waits_at_its_end(scene):
    gif = Image.open(io.BytesIO(to_gif(scene, seconds=0.2)))
    assert gif.n_frames == 4
    durations = []
    for frame in range(gif.n_frames):
        gif.seek(frame)
        durations.append(gif.info["duration"])
    assert durations == [200, 200, 200, 1000]
    assert gif.info["loop"] == 0


def test_frames_of_unlike_size_share_one_paper():
    def wide(i):
        return Frame({"bars": {"name": ["x" * (1 + 20 * i)], "v": [1.0]}}, "word " * (1 + 40 * i), "")

    encoding = {"y": {"field": "name", "type": "nominal"}, "x": {"field": "v", "type": "quantitative"}}
    spec = {"data": {"name": "bars"}, "mark": "bar", "encoding": encoding}
    gif = Image.open(io.BytesIO(to_gif(Scene("Growing", spec, (wide(0), wide(1))))))
    assert gif.n_frames == 2


@pytest.mark.parametrize("spec", ["hconcat", "layer"])
def test_chart_is_altairs(scene, spec):
    if spec == "layer":
        centre = {"centre": scene.frames[0].data["centre"]}
        scene = Scene("One panel", scene.spec["hconcat"][0], (Frame(centre, "", ""),), data=scene.data)
    made = chart(scene, 0)
    assert isinstance(made, altair.TopLevelMixin)
    assert spec in made.to_dict()
    assert made.to_dict()["datasets"]["centre"] == [{"x": 1.0, "y": 5.0}]


@pytest.mark.parametrize("frame", [4, -5])
def test_a_frame_that_is_not_there_is_named(scene, frame):
    for draw in (chart, to_png, to_svg):
        with pytest.raises(IndexError, match=f"frame must be from 0 to 3, .* got {frame}"):
            draw(scene, frame)


@pytest.mark.parametrize("name", ["scale", "seconds"])
@pytest.mark.parametrize("value", [0, -1, float("nan"), float("inf")])
def test_sizes_and_times_are_positive(scene, name, value):
    with pytest.raises(ValueError, match=f"{name} must be a positive number"):
        to_gif(scene, **{name: value})


@pytest.mark.parametrize(
    ("name", "sentence"),
    [
        ("replay.pdf", r"ends in \.pdf; a replay can be saved as \.html, \.png, \.svg, \.gif"),
        ("replay.htm", r"did you mean '\.html'"),
        ("replay", r"ends in nothing"),
        ("nowhere/replay.html", r"the folder .*nowhere does not exist; make it"),
        ("folder.html", r"is a folder; name a file in it"),
    ],
)
def test_a_path_that_cannot_be_written_gets_a_sentence(scene, tmp_path, name, sentence):
    (tmp_path / "folder.html").mkdir()
    with pytest.raises(SaveError, match=sentence):
        save_scene(scene, tmp_path / name)


def test_a_folder_that_may_not_be_written_gets_a_sentence(scene, tmp_path, monkeypatch):
    monkeypatch.setattr(os, "access", lambda *_: False)
    with pytest.raises(SaveError, match="you may not write in"):
        save_scene(scene, tmp_path / "replay.html")


def test_a_write_that_fails_leaves_the_old_file_and_no_other(scene, tmp_path, monkeypatch):
    path = tmp_path / "replay.html"
    path.write_text("old")

    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(SaveError, match="No space left on device"):
        save_scene(scene, path)
    assert path.read_text() == "old"
    assert os.listdir(tmp_path) == ["replay.html"]


def test_show_opens_a_file_of_yours_alone_and_says_where(scene, tmp_path, monkeypatch, capsys):
    opened = []
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    monkeypatch.setattr(webbrowser, "open", lambda url: opened.append(url) or False)
    show(scene)
    (path,) = tmp_path.iterdir()
    assert opened == [path.as_uri()]
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert capsys.readouterr().out == f"The replay is {path}; open it in a browser.\n"


def test_the_bundle_is_kept_between_processes(tmp_path, monkeypatch):
    import vl_convert

    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / name))
    made = []
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda snippet: made.append(snippet) or "'</script>'")
    for _ in range(2):
        vega_bundle.cache_clear()
        assert vega_bundle() == "'<\\/script>'"
    assert len(made) == 1
    monkeypatch.undo()
    vega_bundle.cache_clear()


def test_a_cache_that_cannot_be_written_costs_only_time(tmp_path, monkeypatch):
    import vl_convert

    (tmp_path / "diorama").write_text("a file where a folder should be")
    monkeypatch.setattr("platformdirs.user_cache_dir", lambda name: str(tmp_path / name))
    monkeypatch.setattr(vl_convert, "javascript_bundle", lambda snippet: "vega")
    vega_bundle.cache_clear()
    assert vega_bundle() == "vega"
    monkeypatch.undo()
    vega_bundle.cache_clear()
