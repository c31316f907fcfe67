import hashlib
import re
import shutil
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import isocortex as ic
from isocortex.pages.charts import profile
from isocortex.pages.content import _cell, _networks, picture
from isocortex.pages.report import _notes, asset, filled, html_of

HERE = Path(__file__).parent
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
ARGUMENTS = ["--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def report(done, tmp_path_factory):
    return ic.report(done, tmp_path_factory.mktemp("page") / "report.html")


def test_the_runtime_is_what_was_published():
    for line in asset("SHA256SUMS").splitlines():
        digest, name = line.split()
        assert hashlib.sha256(asset(name).encode()).hexdigest() == digest


def test_the_page_cannot_ask_for_anything(report):
    page = report.read_text()
    assert "default-src 'none'; script-src 'unsafe-inline'" in page
    outside = re.sub(r"<script>.*?</script>", "", page, flags=re.DOTALL)
    assert not re.findall(r"(?:src|href)=\"(?!data:|#|https://doi\.org)[^\"]*\"", outside)


def test_labels_cannot_end_the_page_or_write_into_it(done, tmp_path):
    from dataclasses import replace

    study = ic.Study.from_text(done.study.text.replace("tiny", "<b>%CSS%"), done.study.folder)
    page = html_of(replace(done, plan=replace(done.plan, study=study)))
    assert "<b>" not in page
    assert "<h1>&lt;b&gt;%CSS%</h1>" in page
    assert page.count("</script>") == 5


def test_a_template_is_filled_once():
    assert filled("%A% %B%", {"A": "%B%", "B": "x"}) == "%B% x"


def test_a_picture_has_the_ranks_of_dissimilarities():
    import base64
    import io

    square = np.array([[0, 1, 5.0], [1, 0, 2], [5, 2, 0]])
    pixels = np.asarray(Image.open(io.BytesIO(base64.b64decode(picture(square)))))
    assert pixels.tolist() == [[0, 0, 255], [0, 0, 127], [255, 127, 0]]


def test_of_many_networks_the_best_come_first():
    names = [f"net {i}" for i in range(9)]
    ranked = [{"network": name, "score": float(i)} for i, name in enumerate(names)]
    assert _networks(names[:8], ranked) == names[:8]
    assert _networks(names, ranked) == names[::-1]
    dashes = profile("score", names)["layer"][2]["encoding"]["strokeDash"]["scale"]["range"]
    assert dashes[0] != dashes[8]


def test_warnings_that_differ_in_numbers_are_one():
    found = _notes(["3 of 128 are constant", "5 of 64 are constant", "other"])
    assert found == [
        ("3 of 128 are constant", "warned of in 2 tasks, with other numbers in others"),
        ("other", "warned of in 1 task"),
    ]


@pytest.mark.parametrize("missing", [None, pd.NA, np.nan, float("inf")])
def test_what_is_missing_is_null(missing):
    assert _cell(missing) is None


def test_names_must_end_in_html(done, tmp_path):
    with pytest.raises(ic.InputError, match=r"must end in \.html"):
        ic.report(done, tmp_path / "report.pdf")


@pytest.fixture(scope="session")
def browser():
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    with playwright.sync_playwright() as started:
        opened = started.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield opened
        opened.close()


@pytest.fixture(params=["light", "dark"])
def page(browser, request, report):
    """The page as a person has it, without a network; nothing may be asked for or complained of."""
    context = browser.new_context(
        color_scheme=request.param,
        viewport={"width": 1400, "height": 900},
        offline=True,
        bypass_csp=True,
    )
    opened = context.new_page()
    said, asked = [], []
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on(
        "request",
        lambda each: None if each.url.startswith(("data:", "blob:")) else asked.append(each.url),
    )
    opened.goto(report.as_uri())
    opened.wait_for_selector(f"body[data-drawn={request.param}]", timeout=60_000)
    yield opened
    assert said == []
    assert [url for url in asked if not url.startswith(("data:", "blob:"))] == [report.as_uri()]
    context.close()


def drawn(page):
    page.wait_for_function("document.body.dataset.drawn !== ''")


@pytest.mark.xdist_group("browser")
class TestInABrowser:
    def test_a_line_for_each_network_in_each_region(self, page):
        assert page.locator("#profiles svg").count() == 2
        assert page.locator("#profiles .mark-line path").count() == 4

    def test_a_click_on_a_network_hides_it_and_one_on_a_cell_shows_matrices(self, page):
        page.get_by_role("button", name="resnet with seed 1").click()
        drawn(page)
        assert page.locator("#profiles .mark-line path").count() == 2
        page.locator("#map .mark-rect.role-mark path").first.click()
        assert page.locator("#details img").count() == 2

    def test_two_lists_show_what_a_click_shows(self, page):
        page.locator("#layer").select_option("resnet, linear")
        page.locator("#region").select_option("IT")
        assert page.locator("#details h3").text_content() == "resnet, linear, IT"

    def test_the_other_method_and_recording_are_a_choice_away(self, page):
        page.get_by_label("Recording").select_option("behaviour")
        drawn(page)
        assert page.locator("#profiles svg").count() == 1
        page.get_by_label("Method").select_option("encoding")
        drawn(page)
        assert "Voxels were predicted from layers" in page.locator("#words").text_content()

    def test_the_table_sorts_by_keyboard_and_filters(self, page):
        page.locator("#rows").get_by_role("button", name="score").press("Enter")
        shown = page.locator("#rows tbody tr td:nth-child(8)").all_text_contents()
        numbers = [float(each) for each in shown if each]
        assert numbers == sorted(numbers, reverse=True)
        page.get_by_label("Filter").fill("encoding bob")
        rows = page.locator("#rows tbody tr").all_text_contents()
        assert len(rows) == 10
        assert all("bob" in row for row in rows)

    def test_nothing_is_cut_off(self, page):
        for width in (1400, 800, 390):
            page.set_viewport_size({"width": width, "height": 900})
            page.wait_for_timeout(300)
            drawn(page)
            assert page.evaluate("document.documentElement.scrollWidth <= innerWidth"), width

    def test_all_can_be_read(self, page):
        page.evaluate((HERE / "axe.min.js").read_text(encoding="utf-8"))
        found = page.evaluate("axe.run({runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa']})")
        serious = [
            (each["id"], each["nodes"][0]["html"])
            for each in found["violations"]
            if each["impact"] in ("serious", "critical")
        ]
        assert serious == []
