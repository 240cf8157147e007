"""The app in a real browser. Whatever a page logs as an error, or asks of another place, fails its test."""

import re
import statistics
import zipfile

import pytest

import diorama
from diorama.reference import concepts
from diorama.workbench import read_table

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("browser")]

HOSTILE = "<img src=x onerror=alert(1)>"
SMALL = "size,kind\n" + "".join(f"{i},{'big' if i > 20 else 'small'}\n" for i in range(40))
# its policy forbids what `wait_for_function` does
WHEN_MEASURED = """(seen) => new Promise((done, failed) => {
  const until = performance.now() + 60_000;
  const look = () => {
    if (performance.getEntriesByName("drag to picture").length > seen) done(null);
    else if (performance.now() > until) failed(new Error("the slider's picture did not come"));
    else requestAnimationFrame(look);
  };
  look();
})"""


def measures(page):
    return page.evaluate("performance.getEntriesByName('drag to picture').map((entry) => entry.duration)")


def drag(page, name, value):
    """Move a slider as a hand does: its value changes and it says so."""
    slider = page.locator(f"input[name={name}]")
    slider.evaluate(
        "(slider, value) => { slider.value = value; slider.dispatchEvent(new Event('input', {bubbles: true})); }",
        str(value),
    )


def train(page):
    """Press the button; gives back when the run's results are there."""
    page.click("#train")
    page.wait_for_url("**/runs/*")
    page.wait_for_selector("#stage canvas", timeout=60_000)


def open_lab(open_page, served):
    page = open_page(f"{served.url}/lab")
    page.wait_for_selector("form[data-ready]")
    return page


def test_a_slider_makes_a_new_picture(open_page, served):
    page = open_page(f"{served.url}/concepts/small")
    page.wait_for_selector("#stage canvas")
    drag(page, "n_clusters", 6)
    page.wait_for_selector("[aria-label^='6 clusters, rate 0.1, random']")
    assert page.inner_text("label:has([name=n_clusters]) output") == "6"
    page.select_option("[name=start]", "spread")
    page.wait_for_selector("[aria-label^='6 clusters, rate 0.1, spread']")
    page.click("#reset")
    page.wait_for_selector("[aria-label^='3 clusters, rate 0.1, random']")


def test_a_slider_answers_to_the_keyboard_and_says_its_value(open_page, served):
    page = open_page(f"{served.url}/concepts/small")
    page.wait_for_selector("#stage canvas")
    page.focus("input[name=rate]")
    page.keyboard.press("Home")
    page.wait_for_selector("[aria-label^='3 clusters, rate 0.001']")
    assert page.get_attribute("input[name=rate]", "aria-valuetext") == "0.001"


def test_of_many_values_while_one_is_computed_the_latest_wins(open_page, served):
    page = open_page(f"{served.url}/concepts/small")
    page.wait_for_selector("#stage canvas")
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    page.evaluate(
        """const slider = document.querySelector("[name=n_clusters]");
        for (let i = 0; i < 40; i++) {
          slider.value = String(1 + (i % 8));
          slider.dispatchEvent(new Event("input", { bubbles: true }));
        }"""
    )
    page.wait_for_selector("[aria-label^='8 clusters']")
    assert len(asked) <= 2


def test_the_last_value_is_shown_when_the_fit_fails_and_why(open_page, served):
    page = open_page(f"{served.url}/concepts/small")
    page.wait_for_selector("#stage canvas")
    drag(page, "rate", 99)
    page.wait_for_selector("#trouble:not([hidden])")
    assert "the rate is too high for these points" in page.inner_text("#trouble")
    assert page.locator("#stage canvas").count() == 1
    drag(page, "rate", 10)
    page.wait_for_selector("#trouble", state="hidden")
    # a refused request is in the browser's log, as it should be
    page.problems[:] = [problem for problem in page.problems if "500" not in problem]


@pytest.mark.parametrize("concept", concepts(), ids=lambda concept: concept.slug)
def test_from_drag_to_picture(open_page, serve, capsys, concept):
    page = open_page(f"{serve(pages=None).url}/concepts/{concept.slug}")
    page.wait_for_selector("#stage canvas", timeout=60_000)
    slider = page.locator("#controls input[type=range]").first
    low, high, step = (float(slider.get_attribute(name)) for name in ("min", "max", "step"))
    positions = [low + step * round(share * (high - low) / step) for share in (0.3, 0.5, 0.7, 0.4, 0.6)]
    for seen in range(2 * len(positions)):
        drag(page, slider.get_attribute("name"), positions[seen % len(positions)])
        page.evaluate(WHEN_MEASURED, seen)
    # in the first turn each picture is drawn, and perhaps compiled, for the first time
    taken = measures(page)[len(positions) :]
    # the page must not ask for more when nobody serves it any longer
    page.close()
    with capsys.disabled():
        median, worst = statistics.median(taken), max(taken)
        print(f"\n{concept.slug}, drag to picture: median {median:.0f} ms, worst {worst:.0f} ms of {len(taken)}")


def test_a_whole_run_from_upload_to_download(open_page, served, tmp_path):
    path = tmp_path / "sizes.csv"
    path.write_text(SMALL)
    page = open_lab(open_page, served)
    page.set_input_files("#file", path)
    page.wait_for_selector("#shape:has-text('sizes.csv: 40 rows, 2 columns')")
    page.select_option("#target", "kind")
    page.select_option("#model", "CARTClassifier")
    page.fill("[data-model=CARTClassifier] [data-parameter=max_depth]", "3")
    train(page)
    assert page.inner_text("h1") == "CARTClassifier on sizes.csv, predicting kind"
    assert page.locator(".scores tbody tr").count() == 3
    assert "max_depth=3" in page.inner_text("#python-code")
    page.click("[aria-label='Step forward']")
    with page.expect_download() as model:
        page.click("a[href$='model.diorama']")
    model.value.save_as(tmp_path / model.value.suggested_filename)
    assert model.value.suggested_filename == "CARTClassifier-sizes.diorama"
    loaded = diorama.load(tmp_path / "CARTClassifier-sizes.diorama")
    assert list(loaded.predict(read_table(path).frame)[[0, -1]]) == ["small", "big"]
    with page.expect_download() as replay:
        page.click("text=Replay as one page")
    replay.value.save_as(tmp_path / "replay.html")
    kept = open_page((tmp_path / "replay.html").as_uri(), offline=True)
    kept.wait_for_selector("canvas")


def test_a_bad_file_is_explained_and_a_good_one_goes_on(open_page, served, tmp_path):
    page = open_lab(open_page, served)
    with zipfile.ZipFile(tmp_path / "book.xlsx", "w") as book:
        book.writestr("a", "b")
    page.set_input_files("#file", tmp_path / "book.xlsx")
    page.wait_for_selector("#table-trouble:not([hidden])")
    assert "an Excel workbook; save the sheet as CSV" in page.inner_text("#table-trouble")
    assert page.is_disabled("#train")
    page.problems[:] = [problem for problem in page.problems if "400" not in problem]
    page.select_option("#data-set", "wine")
    page.wait_for_selector("#shape:has-text('wine: 178 rows')")
    assert not page.is_visible("#table-trouble")
    assert page.is_enabled("#train")


def test_a_wrong_parameter_is_explained_before_anything_runs(open_page, served):
    page = open_lab(open_page, served)
    page.select_option("#model", "KMeans")
    page.fill("[data-model=KMeans] [data-parameter=n_clusters]", "many")
    page.click("#train")
    page.wait_for_selector("#trouble:not([hidden])")
    assert "n_clusters must be a whole number" in page.inner_text("#trouble")
    page.problems[:] = [problem for problem in page.problems if "400" not in problem]
    assert served.site.runs.all() == []


def test_training_shows_its_progress_and_can_be_cancelled(open_page, served):
    page = open_lab(open_page, served)
    page.select_option("#data-set", "digits")
    page.wait_for_selector("#shape:has-text('digits')")
    page.select_option("#model", "GradientDescentClassifier")
    for name, value in (("max_iter", "100000000"), ("tol", "none"), ("learning_rate", "0.0000001")):
        page.fill(f"[data-model=GradientDescentClassifier] [data-parameter={name}]", value)
    page.click("#train")
    page.wait_for_url("**/runs/*")
    page.wait_for_selector("#step:has-text('of at most 100000000')", timeout=60_000)
    assert re.match(r"[\d.]+", page.inner_text("#objective"))
    page.click("#cancel")
    page.wait_for_selector("text=Cancelled before it was done.", timeout=60_000)
    assert served.site.runs.all()[0].state == "cancelled"


def test_a_column_named_like_html_is_shown_as_text(open_page, served, tmp_path):
    path = tmp_path / f"{HOSTILE.replace('/', '')}.csv"
    path.write_text(SMALL.replace("size", HOSTILE).replace("kind", "<b>kind</b>"))
    page = open_lab(open_page, served)
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.set_input_files("#file", path)
    page.wait_for_selector("#shape:has-text('40 rows')")
    assert HOSTILE in page.inner_text("#preview")
    assert HOSTILE in page.inner_text("#target")
    page.select_option("#model", "CARTClassifier")
    train(page)
    assert HOSTILE in page.inner_text("h1")
    assert HOSTILE in page.inner_text(".notes")
    page.click("[aria-label='Last frame']")
    page.goto(f"{served.url}/runs")
    assert HOSTILE in page.inner_text(".runs")
    assert page.locator("img, b").count() == 0
    assert dialogs == []


def test_runs_are_listed_after_a_restart_and_can_be_deleted(open_page, serve):
    first = serve()
    first.train(table="iris", model="CARTClassifier", target="species")
    first.stop()
    page = open_page(f"{serve().url}/runs")
    assert "accuracy" in page.inner_text(".run")
    page.click("text=CARTClassifier on iris")
    page.wait_for_selector("#stage canvas")
    page.click("text=Delete this run")
    page.wait_for_selector("text=Nothing has been trained yet.")


def test_search_finds_while_writing_and_the_slash_leads_to_it(open_page, served):
    page = open_page(served.url)
    page.keyboard.press("/")
    page.keyboard.type("nothing like it")
    assert page.is_visible("#none")
    page.fill("#search", "small page")
    assert page.locator(".card:visible").count() == 1


def test_the_chosen_paper_is_remembered(open_page, served):
    page = open_page(served.url, color_scheme="light")
    light = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    page.click("#theme")
    dark = page.evaluate("getComputedStyle(document.documentElement).backgroundColor")
    assert dark != light
    page.goto(f"{served.url}/lab")
    assert page.evaluate("getComputedStyle(document.documentElement).backgroundColor") == dark


@pytest.mark.parametrize("address", ["/", "/concepts/small", "/lab", "/runs", "/nowhere"])
def test_nothing_is_wider_than_a_small_screen(open_page, served, address):
    page = open_page(served.url, viewport={"width": 360, "height": 700})
    page.goto(served.url + address)
    page.wait_for_load_state("networkidle")
    page.problems[:] = [problem for problem in page.problems if "404" not in problem]
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_on_a_small_screen_the_sliders_do_not_cover_the_buttons(open_page, serve):
    page = open_page(f"{serve(pages=None).url}/concepts/k-means", viewport={"width": 360, "height": 740})
    page.wait_for_selector("#stage canvas", timeout=60_000)
    for down in (150, 300, 450):
        page.evaluate(f"scrollTo(0, {down})")
        buttons = page.locator(".diorama-controls").bounding_box()
        assert buttons["y"] + buttons["height"] <= page.locator("#controls").bounding_box()["y"] + 1


def test_on_a_small_screen_the_contents_are_a_drawer(open_page, served):
    page = open_page(served.url, viewport={"width": 360, "height": 700})
    assert not page.is_visible("#contents")
    page.click("#menu")
    page.wait_for_selector("#contents", state="visible")
    page.keyboard.press("Escape")
    page.wait_for_selector("#contents", state="hidden")
    assert page.evaluate("document.activeElement.id") == "menu"
