import gzip
import hashlib
import re
import shutil
from contextlib import contextmanager
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from PIL import Image

import isocortex as ic
from isocortex.pages.charts import profile
from isocortex.pages.content import _networks, content_of
from isocortex.pages.matrices import picture
from isocortex.pages.packed import cell
from isocortex.pages.report import _notes, asset_bytes, filled, html_of
from isocortex.pages.verdicts import verdict, zero_is_chance

HERE = Path(__file__).parent
PEOPLE = ("ann", "bob", "cy")
CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
OF_DRIVER = "GPU stall due to ReadPixels"
"""What drivers without a GPU say of pictures that are taken of a canvas."""
ARGUMENTS = ["--no-sandbox", "--no-first-run", "--disable-background-networking"]


@pytest.fixture(scope="session")
def report(done, tmp_path_factory):
    return ic.report(done, tmp_path_factory.mktemp("page") / "report.html")


def test_the_runtime_is_what_was_published():
    for line in asset_bytes("SHA256SUMS").decode().splitlines():
        digest, name = line.split()
        packed = name.startswith("niivue")
        held = gzip.decompress(asset_bytes(f"{name}.gz")) if packed else asset_bytes(name)
        assert hashlib.sha256(held).hexdigest() == digest


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
    assert "<h1><bdi>&lt;b&gt;%CSS%</bdi></h1>" in page
    assert page.count("</script>") == 8


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
    assert cell(missing) is None


def test_names_must_end_in_html(done, tmp_path):
    with pytest.raises(ic.InputError, match=r"must end in \.html"):
        ic.report(done, tmp_path / "report.pdf")


class TestOfInference:
    def test_networks_are_tested_by_infer_on_the_layer_that_was_chosen(self, done):
        found = content_of(done).methods[0]
        place = {"recording": "fMRI", "region": "IT"}
        rows = [row for row in found["ranked"] if row.items() >= place.items()]
        models = {row["network"]: rdm_of(done, row["network"], row["layer"]) for row in rows}
        people = [ic.rdms(ic.read(done.study.folder / "fmri" / f"{who}_IT.npz")) for who in PEOPLE]
        brain = ic.RDMs.concat(
            [
                ic.RDMs(one.values, one.stimuli, {"subject": [who]})
                for who, one in zip(PEOPLE, people, strict=True)
            ]
        )
        expected = ic.infer(models, brain, "spearman", over="stimulus", n=1000, seed=0)
        table = expected.table().set_index("model")
        for row in rows:
            assert row["wide_low"] == pytest.approx(table["low"][row["network"]], abs=1e-5)
            assert row["above"] == pytest.approx(table["p"][row["network"]], rel=1e-4)
        pair = next(row for row in found["pairs"] if row.items() >= place.items())
        whole = expected.pairs("max").iloc[0]
        assert abs(pair["difference"]) == pytest.approx(abs(whole["difference"]), abs=1e-5)
        assert pair["p"] == pytest.approx(whole["p_corrected"], rel=1e-4)
        said = next(each for each in found["verdicts"] if each.items() >= place.items())
        assert "bootstraps over 14 stimuli" in said["tested"]
        assert "these people" in said["tested"]

    def test_a_method_without_matrices_has_t_tests_over_people(self, done):
        found = next(each for each in content_of(done).methods if each["name"] == "CKA")
        assert not any("wide_low" in row for row in found["ranked"])
        assert "t of each difference, corrected by Holm" in found["verdicts"][0]["tested"]

    def test_it_is_made_once(self, done, monkeypatch):
        content_of(done)
        monkeypatch.setattr("isocortex.study.inferred.infer", None)
        assert any("wide_low" in row for row in content_of(done).methods[0]["ranked"])


def rdm_of(result, network, layer):
    store = next(e.store for e in result.plan.extractions if e.source.name == network)
    return ic.rdms(ic.Store(result.study.results / store)[layer])


def row(network, score, above=0.001, low=None):
    return {"network": network, "score": score, "low": low, "high": 1.0, "n": 9, "above": above}


def pair(first, second, p):
    return {"first": first, "second": second, "difference": 0.1, "p": p}


@pytest.mark.parametrize(
    ("ranked", "pairs", "said"),
    [
        (
            [row("a", 0.5, low=0.4), row("b", 0.4), row("c", 0.1)],
            [pair("a", "b", 0.3), pair("c", "a", 0.0001), pair("b", "c", 0.5)],
            "a scores highest: 0.500 (95 % interval 0.400 to 1.000 over 9 people), above 0 "
            "(p = .001). It does not differ significantly from b (difference 0.100, p = .300). "
            "It is better than c (difference 0.100, p < .001).",
        ),
        (
            [row("a", -0.5, 0.9)],
            [],
            "a scores highest: −0.500, not significantly above 0 (p = .900).",
        ),
        (
            [row("a", 0.5, None), row("b", 0.4, None)],
            [pair("a", "b", None)],
            "a scores highest: 0.500. Nothing can be said of differences: there are too few "
            "people for a test.",
        ),
    ],
)
def test_which_network_wins_is_a_sentence(ranked, pairs, said):
    assert verdict(ranked, pairs, 0.95) == said


def test_where_unrelated_things_do_not_score_0_no_test_against_0_is_shown(done):
    methods = done.study.settings.method
    assert [zero_is_chance(each) for each in methods] == [True, False, True, True]


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
    with shown(browser, report, request.param, bypass_csp=True) as opened:
        yield opened


@contextmanager
def shown(browser, report, scheme="light", bypass_csp=False):
    context = browser.new_context(
        color_scheme=scheme,
        viewport={"width": 1400, "height": 900},
        offline=True,
        bypass_csp=bypass_csp,
    )
    opened = context.new_page()
    said, asked = [], []
    opened.on("console", lambda each: None if OF_DRIVER in each.text else said.append(each.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on(
        "request",
        lambda each: None if each.url.startswith(("data:", "blob:")) else asked.append(each.url),
    )
    opened.goto(report.as_uri())
    opened.wait_for_selector(f"body[data-drawn={scheme}]", timeout=60_000)
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
        page.get_by_role("button", name="resnet with seed 1", exact=True).click()
        drawn(page)
        assert page.locator("#profiles .mark-line path").count() == 2
        page.locator("#map .mark-rect.role-mark path").first.click()
        assert page.locator("#details img").count() == 2

    def test_cells_are_reached_by_arrows_and_opened_by_enter(self, page):
        page.locator("#map path[tabindex='0']").first.focus()
        page.keyboard.press("ArrowDown")
        page.keyboard.press("ArrowRight")
        here = page.evaluate("document.activeElement.getAttribute('aria-label')")
        assert here.startswith("resnet, layer2.0, V1: ")
        page.keyboard.press("Enter")
        assert page.locator("#details h3").text_content() == "resnet, layer2.0, V1"
        assert page.locator("#details img").count() == 2

    def test_the_first_screen_says_which_network_wins(self, page):
        said = page.locator("#verdicts dd").all_text_contents()
        assert len(said) == 2
        assert all("scores highest" in each for each in said)
        assert page.locator("#ranking").bounding_box()["y"] < 900

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
        page.wait_for_selector("body[data-table=drawn]")
        page.locator("#rows").get_by_role("button", name="score").press("Enter")
        shown = page.locator("#rows tbody tr td:nth-child(8)").all_text_contents()
        numbers = [float(each) for each in shown if each]
        assert numbers == sorted(numbers, reverse=True)
        page.get_by_label("Filter").fill("encoding bob")
        page.wait_for_function("document.getElementById('count').textContent.includes('of 10 ')")
        rows = page.locator("#rows tbody tr").all_text_contents()
        assert len(rows) == 10
        assert all("bob" in row for row in rows)

    def test_every_layer_and_region_has_its_matrix(self, page):
        layers = page.locator("#layer option").all_text_contents()[1:]
        regions = page.locator("#region option").all_text_contents()
        assert (len(layers), len(regions)) == (5, 2)
        for region in regions:
            page.locator("#region").select_option(region)
            for layer in layers:
                page.locator("#layer").select_option(layer)
                assert page.locator("#details h3").text_content() == f"{layer}, {region}"
                assert page.locator("#details img").count() == 2

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

    def test_maps_of_the_brain_are_drawn_under_the_policy_that_asks_for_nothing(
        self, browser, brains, tmp_path
    ):
        with shown(browser, ic.report(brains, tmp_path / "brains.html")) as page:
            page.locator("#map .mark-rect.role-mark path").first.click()
            page.wait_for_selector("canvas[data-drawn]", timeout=60_000)
            assert page.locator("canvas").get_attribute("data-drawn") == "ann resnet conv1"
            page.locator("#person").select_option("bob")
            page.wait_for_selector("canvas[data-drawn='bob resnet conv1']", timeout=60_000)
            said = page.locator(".brain [role=status]").text_content()
            place, score = said.split(" mm: Pearson's correlation ")
            held = brains.map(method="encoding", layer="conv1", subject="bob", region="V1")
            assert float(score) == pytest.approx(np.nanmax(held.values), abs=0.01)
            at = held.tables["unit"].iloc[int(np.nanargmax(held.values))]
            assert place == ", ".join(str(3 * at[name]) for name in ("i", "j", "k"))
            page.locator("#threshold").fill("0.2")
            assert page.evaluate("viewer.volumes[1].cal_min") == pytest.approx(0.2, abs=0.02)
            assert page.locator("#score tbody tr").count() == 1
