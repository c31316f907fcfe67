"""Every noun is shown by notebooks: small, well formed, escaped, and without a file opened."""

import builtins
import io
import re
import shutil
import subprocess
import sys
from base64 import b64decode
from html.parser import HTMLParser

import matplotlib as mpl
import numpy as np
import pytest
from PIL import Image
from sklearn.base import BaseEstimator

import isocortex as ic
from isocortex.data.cards import of_estimate
from isocortex.display.card import Card, Picture, table_rows
from isocortex.display.html import html_of, in_words
from isocortex.formats.nifti import map_volume
from isocortex.plots._mosaic import upright
from isocortex.store.lazy import LazyMatrix

CHROMIUM = shutil.which("chromium") or shutil.which("google-chrome")
MOST = 20_000
EMPTY = {"img", "meta", "br"}


class Page(HTMLParser):
    """Fails where a tag is closed that is not the one that is open."""

    def __init__(self, html):
        super().__init__()
        self.open, self.seen, self.text, self.pictures = [], [], "", []
        self.feed(html)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag, attrs):
        self.seen.append(tag)
        if tag == "img":
            self.pictures.append(dict(attrs))
        if tag not in EMPTY:
            self.open.append(tag)

    def handle_endtag(self, tag):
        assert self.open.pop() == tag

    def handle_data(self, data):
        self.text += data


@pytest.fixture(scope="module")
def pages(nouns):
    """What is shown of all but the models, of which scikit-learn makes its own page."""
    mine = {name: noun for name, noun in nouns.items() if not isinstance(noun, BaseEstimator)}
    return {name: noun._repr_html_() for name, noun in mine.items()}


def test_every_public_class_has_a_display():
    classes = [getattr(ic, name) for name in ic.__all__]
    lacking = [
        each.__name__
        for each in classes
        if isinstance(each, type)
        and not issubclass(each, Exception)
        and not hasattr(each, "_repr_html_")
    ]
    assert lacking == []


def test_every_noun_is_small_and_well_formed_and_says_what_it_is(nouns, pages):
    for name, html in pages.items():
        noun = nouns[name]
        page = Page(html)
        assert len(html.encode()) < MOST, name
        assert "script" not in page.seen, name
        assert page.seen.count("style") == 1, name
        assert type(noun).__name__ in page.text, name
        assert repr(noun) in page.text, name


def test_labels_cannot_write_into_the_page(pages):
    for name, html in pages.items():
        assert "<script" not in html, name
    assert "&lt;script&gt;alert(&#x27;ö &amp; &quot;x&quot;&#x27;)" in pages["Responses"]


def test_pictures_are_described_and_small(pages):
    with_picture = {
        *("Responses of voxels", "Gram", "Noise", "Stimuli", "RDMs", "RDMs with gaps", "Scores"),
        *("Scores over time", "Scores of pairs", "Scores of voxels", "Clusters", "Inference"),
        *("FittedRDMs", "Partition", "Recovery", "TrainingReport", "Saliency", "StudyResult"),
        "OptimalStimulus",
    }
    read = {name: Page(html) for name, html in pages.items()}
    assert {name for name, page in read.items() if page.pictures} == with_picture
    for page in read.values():
        for each in page.pictures:
            kind, data = each["src"].split(",")
            assert kind == "data:image/png;base64"
            assert each["alt"].endswith(".")
            assert max(Image.open(io.BytesIO(b64decode(data))).size) < 400


def test_the_first_rows_are_shown_and_the_others_counted(pages):
    page = Page(pages["Responses"])
    assert "image 3" in page.text
    assert "image 4" not in page.text
    assert "15 further rows" in page.text
    assert "1 further row" in Page(pages["Scores"]).text


def test_text_is_hidden_by_the_style_and_the_card_shown_by_it(pages):
    html = pages["Estimate"]
    assert ".iscx-text{display:none}" in html
    assert '<div class="iscx-card" style="display:none">' in html
    assert ".iscx-card{display:block!important" in html


def test_nothing_is_read_or_opened_for_a_display(tmp_path, monkeypatch):
    network = ic.load_network("cifar10_resnet20", weights=None)
    images = ic.textures(4, size=(32, 32))
    store = ic.extract(network, images, ["conv1", "linear"], into=tmp_path / "net.zarr")
    features = tmp_path / "features"
    ic.write_features(store, features)
    pictures = tmp_path / "pictures"
    pictures.mkdir()
    for i in range(3):
        Image.new("RGB", (8, 8)).save(pictures / f"{i}.png")
    nouns = [
        store,
        store["conv1"],
        ic.Store(tmp_path / "net.zarr"),
        ic.read_features(features),
        ic.Stimuli.from_folder(pictures),
    ]
    counted = []
    monkeypatch.setattr(LazyMatrix, "_read", lambda *_: counted.append("read") or np.zeros((1, 9)))
    monkeypatch.setattr(LazyMatrix, "kept_gram", lambda *_: counted.append("gram"))
    opened = builtins.open
    for module in (builtins, io):
        monkeypatch.setattr(module, "open", lambda *given, **named: counted.append(given[0]))
    shown = [noun._repr_html_() for noun in nouns]
    monkeypatch.setattr(builtins, "open", opened)
    assert counted == []
    assert "16 x 32 x 32" in shown[0]
    assert "LazyMatrix" in shown[1]
    store["conv1"].values[0]  # A read is counted, so the guard is one.
    assert counted == ["read"]


def test_matplotlib_is_imported_only_to_draw_and_its_settings_stay():
    code = (
        "import sys, isocortex as ic, numpy as np\n"
        "r = ic.RDMs(np.random.default_rng(0).random((2, 28)), list('abcdefgh'))\n"
        "repr(r); ic.Estimate(1.0, 0, 2, .1, 3, 't')._repr_html_()\n"
        "assert 'matplotlib' not in sys.modules\n"
        "r._repr_html_()\n"
        "assert 'matplotlib.pyplot' not in sys.modules, 'pyplot'\n"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_settings_of_the_notebooks_figures_stay_and_do_not_matter(nouns, pages):
    with mpl.rc_context({"font.size": 30, "figure.facecolor": "black", "image.cmap": "gray"}):
        before = dict(mpl.rcParams)
        assert nouns["RDMs"]._repr_html_() == pages["RDMs"]
        assert dict(mpl.rcParams) == before


def test_the_picture_of_rdms_is_their_mean_with_every_kth_stimulus(monkeypatch):
    from isocortex.data import cards

    rng = np.random.default_rng(1)
    rdms = ic.RDMs(rng.random((5, 101 * 50)), [f"s{i}" for i in range(101)])
    drawn = []
    monkeypatch.setattr(cards, "matrix", lambda values, *_, **named: drawn.append((values, named)))
    cards.of_rdms(rdms)
    some = np.linspace(0, 100, 40).round().astype(int)
    np.testing.assert_allclose(drawn[0][0], rdms.square().mean(0)[np.ix_(some, some)], rtol=1e-12)
    assert drawn[0][1]["caption"] == "mean of 5, 40 of 101 stimuli"


def test_the_profile_is_the_mean_over_what_is_not_drawn(monkeypatch, nouns):
    from isocortex.data import score_card

    drawn = []
    monkeypatch.setattr(score_card, "lines", lambda *given, **named: drawn.append((given, named)))
    scores = nouns["Scores"]
    score_card.picture_of(scores)
    (found, x, *_), named = drawn[0]
    assert list(x) == [f"conv{i}" for i in range(1, 7)]
    np.testing.assert_allclose(list(found.values()), scores.values.mean(2).T)
    assert named["caption"] == "mean over subject"


def test_a_slice_has_each_voxel_in_its_place(monkeypatch):
    from isocortex.data import slices

    drawn = []
    monkeypatch.setattr(slices, "matrix", lambda values, *_, **__: drawn.append(values))
    i, j = np.meshgrid([4, 5, 6], [1, 2], indexing="ij")
    table = {"i": i.ravel(), "j": j.ravel(), "k": np.full(6, 3)}
    units = ic.Responses(np.zeros((1, 6)), ["a"], table).units
    slices.of_units(10.0 * table["i"] + table["j"], units, "", "")
    # The second axis points up, the first to the right.
    np.testing.assert_array_equal(drawn[0], [[42, 52, 62], [41, 51, 61]])


@pytest.mark.parametrize("axes", ["RAS", "LAS", "LPI", "ASR", "SPL"])
def test_left_is_left_in_a_slice_however_an_image_is_stored(axes, monkeypatch):
    """One brain stored in several ways is shown alike, as plots.brain shows it."""
    import nibabel
    from nibabel.orientations import axcodes2ornt, io_orientation, ornt_transform

    from isocortex.data import slices

    values = 1 + np.arange(5 * 6 * 4.0).reshape(5, 6, 4)
    plain = nibabel.Nifti1Image(values, np.diag([3.0, 3, 3, 1]))
    turn = ornt_transform(io_orientation(plain.affine), axcodes2ornt(axes))
    read = ic.read_nifti(plain.as_reoriented(turn))
    drawn = []
    monkeypatch.setattr(slices, "matrix", lambda grid, *_, **how: drawn.append((grid, how)))
    slices.of_units(read.numpy()[0], read.units, "", "")
    grid, how = drawn[0]
    # Rows from the front backwards, columns from left to right, of the lowest slice.
    np.testing.assert_array_equal(grid, values[:, ::-1, 0].T)
    figure_of = map_volume(read.numpy()[0], read, np.nan, "test")
    np.testing.assert_array_equal(grid, upright(*figure_of)[0][:, ::-1, 0].T)
    assert how["sides"] == "LR"
    assert how["caption"] == "slice z = 0 mm"


WORDS = {
    "1 stimulus x 1 unit": lambda: ic.Responses([[1.0]], ["a"]),
    "1 trial of 1 stimulus x 1 unit x 1 time": lambda: ic.Trials([[[1.0]]], ["a"], [0.0]),
    "1 layer x 2 regions": lambda: ic.Scores(
        np.zeros((1, 2)), {"layer": {"layer": ["a"]}, "region": {"region": ["V1", "IT"]}}
    ),
    "Estimate(0.3123, interval 0.1 to 0.5, p = 0.003, n = 18, t)": lambda: ic.Estimate(
        0.31234567890123456, 0.1, 0.5, 0.003, 18, "t"
    ),
    "1 epoch of 1 step": lambda: ic.TrainingReport(np.ones((1, 1)), 0.5),
}


@pytest.mark.parametrize("words", WORDS)
def test_one_is_singular_and_numbers_have_few_digits(words):
    assert words in repr(WORDS[words]())


def test_many_names_of_any_letters_make_a_small_picture_without_a_warning(rng):
    names = [f"encoder.layer.{i}.attention.output 層 $" for i in range(150)]
    regions = {"region": ["V1", "V2", "V3", "V4", "%s"]}
    tables = {"layer": {"layer": names}, "region": regions}
    html = ic.Scores(rng.random((150, 5)), tables, "r")._repr_html_()
    assert len(html.encode()) < MOST
    assert Page(html).pictures


def test_values_are_written_as_people_do():
    assert in_words(float("nan")) == "missing"
    assert in_words((0.123456, None, "a")) == "0.1235, none, a"
    assert in_words(range(20)) == "0, 1, 2, 3, 4, 5, 6, 7, …"


def test_a_table_without_columns_is_left_out_and_a_long_entry_cut(nouns):
    table = nouns["Responses"].table
    card = Card("A", "what", {"label": "x" * 500}, (table_rows("row", table),))
    html = html_of(card, "A")
    assert "<table>" not in html
    assert "x" * 200 not in html
    assert of_estimate(nouns["Estimate"]).facts["n"] == 10


def test_a_picture_is_drawn_only_when_html_is_asked_for():
    drawn = []
    card = Card("A", "", {}, picture=Picture(lambda: drawn.append(1) or b"", "None."))
    assert drawn == []
    html_of(card, "A")
    assert drawn == [1]


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [1000, 390])
def test_a_browser_shows_all_in_the_colours_of_the_page(pages, tmp_path, scheme, width):
    playwright = pytest.importorskip("playwright.sync_api")
    if CHROMIUM is None:
        pytest.skip("there is no Chromium on this machine")
    cards = "".join(pages.values())
    style = "<style>:root{color-scheme:light dark}body{background:Canvas}</style>"
    head = f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>nouns</title>{style}'
    page = tmp_path / "page.html"
    page.write_text(f"{head}<body>{cards}</body></html>", encoding="utf-8")
    with playwright.sync_playwright() as started:
        browser = started.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        size = {"width": width, "height": 900}
        opened = browser.new_page(color_scheme=scheme, viewport=size)
        said, asked = [], []
        opened.on("console", lambda each: said.append(each.text))
        opened.on("request", lambda each: asked.append(each.url))
        opened.goto(page.as_uri())
        told = opened.evaluate(
            """() => {
                const card = document.querySelector('.iscx-card'), of = getComputedStyle(card);
                return {ink: of.color, ground: of.backgroundColor, shown: of.display,
                    text: getComputedStyle(document.querySelector('.iscx-text')).display,
                    wide: document.documentElement.scrollWidth,
                    broken: [...document.images].filter(i => !i.naturalWidth).length}
            }"""
        )
        browser.close()
    assert told["ink"] == ("rgb(255, 255, 255)" if scheme == "dark" else "rgb(0, 0, 0)")
    assert (told["shown"], told["text"]) == ("block", "none")
    assert told["ground"] == "rgba(0, 0, 0, 0)"
    assert told["wide"] <= width
    assert told["broken"] == 0
    assert said == []
    assert [url for url in asked if not re.match("file:|data:", url)] == []
