"""Figures for paper: their width, letters and files."""

import re

import matplotlib as mpl
import numpy as np
import pytest
from matplotlib import pyplot as plt

import isocortex as ic


@pytest.fixture(autouse=True)
def closed():
    yield
    plt.close("all")


@pytest.fixture
def scores(rng):
    axes = {"layer": {"layer": ["conv1", "conv3", "conv5"]}, "subject": {"subject": range(8)}}
    return ic.Scores(rng.random((3, 8)), axes, "spearman")


@pytest.mark.parametrize("width", [85, 114.0, 174])
def test_figures_are_as_wide_as_a_column(scores, width):
    with ic.plots.paper(width):
        figure = ic.plots.layers(scores).figure
        own, _ = plt.subplots()
    for each in (figure, own):
        assert each.get_figwidth() * 25.4 == pytest.approx(width)
        assert each.get_figheight() <= 1.2 * each.get_figwidth()


def test_letters_have_three_sizes_that_can_be_read(scores):
    with ic.plots.paper():
        ax = ic.plots.layers(scores, ceiling=(0.8, 0.9))
        ax.figure.canvas.draw()
    texts = [t for t in ax.findobj(mpl.text.Text) if t.get_text()]
    sizes = {round(t.get_fontsize(), 1) for t in texts}
    assert sizes <= {8.0, 6.7, 5.6}
    assert 8.0 in sizes


def test_settings_are_as_they_were_outside():
    before = dict(mpl.rcParams)
    with ic.plots.paper():
        assert mpl.rcParams["pdf.fonttype"] == 42
    assert dict(mpl.rcParams) == before


@pytest.mark.parametrize("ending", ["svg", "pdf"])
def test_text_stays_text_in_files(scores, tmp_path, ending):
    path = tmp_path / f"layers.{ending}"
    ic.plots.layers(scores).figure.savefig(path)
    data = path.read_bytes()
    if ending == "svg":
        assert re.search(rb"<text[^>]*>conv3</text>", data)
    else:
        assert b"/CIDFontType2" in data  # letters of TrueType, not drawn by curves
        assert b"/Type3" not in data


def test_colours_differ_with_every_kind_of_colour_vision():
    from isocortex.plots._style import COLOURS

    seen = np.array([mpl.colors.to_rgb(each) for each in COLOURS])
    # Viénot, Brettel & Mollon (1999), Color Research and Application 24:243
    to_lms = np.array([[17.8824, 43.5161, 4.11935], [3.45565, 27.1554, 3.86714],
                       [0.0299566, 0.184309, 1.46709]])  # fmt: skip
    lost = {
        "protanopia": [[0, 2.02344, -2.52581], [0, 1, 0], [0, 0, 1]],
        "deuteranopia": [[1, 0, 0], [0.494207, 0, 1.24827], [0, 0, 1]],
    }
    for kind, change in {"none": np.eye(3), **lost}.items():
        rgb = np.clip(np.linalg.inv(to_lms) @ np.array(change) @ to_lms @ (seen**2.2).T, 0, 1)
        rgb = rgb.T ** (1 / 2.2)
        apart = np.linalg.norm(rgb[:, None] - rgb[None], axis=-1)[np.triu_indices(len(rgb), 1)]
        assert apart.min() > 0.12, kind


@pytest.mark.parametrize("width", [0, -85, "wide", np.nan, 5000])
def test_a_width_is_millimetres(width):
    with (
        pytest.raises(ic.InputError, match="must be a number of mm from 20 to 1000"),
        ic.plots.paper(width),
    ):
        pass
