"""Maps with thresholds: slices, cortex, heads and pages; what is drawn, and what is refused."""

import re

import matplotlib as mpl
import nibabel as nib
import numpy as np
import pytest
from matplotlib import pyplot as plt
from nibabel import gifti

import isocortex as ic

AFFINE = np.diag([-3.0, 3, 4, 1])
AFFINE[:3, 3] = [30, -40, -10]
SHAPE = (16, 18, 6)


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def maps(rng):
    mask = np.zeros(SHAPE, np.int16)
    mask[2:14, 2:15, 1:5] = 1
    recording = ic.read_nifti(nib.Nifti1Image(rng.normal(size=(*SHAPE, 2)), AFFINE), mask=mask)
    values = rng.normal(size=recording.n_units)
    columns = {"p": np.exp(-3 * np.abs(values))}
    return ic.Scores(values, {"unit": recording.units}, "t", columns)


@pytest.fixture
def anatomy(rng):
    fine = np.diag([1.0, 1, 2, 1])
    fine[:3, 3] = [-30, -50, -14]
    return nib.Nifti1Image(rng.random((80, 80, 20)).astype(np.float32), fine)


def drawn(ax):
    return np.ma.filled(ax.images[-1].get_array(), np.nan)


def test_maps_know_where_they_lie_and_a_threshold_leaves_the_rest_uncoloured(maps):
    whole = drawn(ic.plots.brain(maps))
    assert np.isfinite(whole).sum() == len(maps.values)
    for options, keep in (
        ({"threshold": 1.0}, np.abs(maps.values) >= 1),
        ({"p": 0.05}, maps.columns["p"] <= 0.05),
        ({"p": {"p": 0.01}, "threshold": 0.5}, maps.columns["p"] <= 0.01),
    ):
        ax = ic.plots.brain(maps, **options)
        assert np.isfinite(drawn(ax)).sum() == keep.sum()
        assert len(ax.images) == 2  # the other units are there, in grey
    assert np.nanmax(drawn(ic.plots.brain(maps, column="p"))) <= 1


def test_anatomy_on_another_grid_lies_where_it_is(maps):
    mark = np.zeros((40, 40, 16), np.float32)
    affine = np.diag([1.5, 1.5, 2, 1])
    affine[:3, 3] = [-30, -50, -14]
    place = np.linalg.inv(affine) @ AFFINE @ [5, 6, 2, 1]
    i, j, k = np.round(place[:3]).astype(int)
    mark[i - 1 : i + 2, j - 1 : j + 2, k - 1 : k + 2] = 1
    values = np.zeros(len(maps.values))
    units = maps.tables["unit"]
    values[units.eval("i == 5 and j == 6 and k == 2").to_numpy()] = 1
    ax = ic.plots.brain(maps.replace(values=values), background=nib.Nifti1Image(mark, affine))
    below, above = ax.images
    centres = []
    for image in (below, above):
        page = np.nan_to_num(np.ma.filled(image.get_array(), 0))
        low, high = image.get_extent()[::2], image.get_extent()[1::2]
        at = np.argwhere(page > 0.5).mean(0) + 0.5
        centres.append(np.array(low) + at[::-1] / page.shape[::-1] * (np.array(high) - low))
    np.testing.assert_allclose(centres[0], centres[1], atol=0.6)
    far = affine + np.array([[0, 0, 0, 900]] + [[0] * 4] * 3)
    with pytest.raises(ic.InputError, match="do not overlap"):
        ic.plots.brain(maps, background=nib.Nifti1Image(mark, far))


@pytest.mark.parametrize("size", [(6.4, 4.6), (3.4, 2.6)])
def test_no_letters_lie_over_one_another(maps, anatomy, size):
    figure, ax = plt.subplots(figsize=size, layout="constrained")
    ic.plots.brain(maps, background=anatomy, threshold=1.0, ax=ax)
    ax.set_title("faces, houses")
    figure.canvas.draw()
    boxes = [text.get_window_extent() for text in [*ax.texts, ax.title] if text.get_text()]
    assert len(boxes) == 4 + 2 + 1
    hidden = [(a, b) for i, a in enumerate(boxes) for b in boxes[:i] if a.overlaps(b)]
    assert hidden == []


def test_nothing_beyond_the_threshold_is_said(maps):
    ax = ic.plots.brain(maps, threshold=50.0)
    assert "no unit is beyond the threshold" in [text.get_text() for text in ax.texts]


def test_glass_takes_a_threshold(maps):
    assert ic.plots.glass(maps, threshold=2.0) is not None


def on_cortex(rng):
    row = gifti.GiftiDataArray(rng.normal(size=10242).astype(np.float32))
    own = ic.read_gifti(gifti.GiftiImage(darrays=[row]))
    return ic.Scores(own.numpy()[0].astype(float), {"unit": own.units}, "t")


def test_both_hemispheres_are_seen_from_two_sides(rng):
    left, right = on_cortex(rng), on_cortex(rng)
    ax = ic.plots.surface({"left": left, "right": right}, hemisphere="both", threshold=2.0)
    assert len(ax.child_axes) == 4
    assert [text.get_text() for text in ax.texts] == ["left", "right"]
    with pytest.raises(ic.InputError, match="no map of the right hemisphere"):
        ic.plots.surface({"left": left}, hemisphere="both")
    with pytest.raises(ic.InputError, match="no hemisphere 'right'"):
        ic.plots.surface({"left": left}, hemisphere="right")


@pytest.fixture
def head():
    mne = pytest.importorskip("mne")
    return mne.create_info(["Fz", "Cz", "Pz", "O1", "O2"], 100.0, "eeg").set_montage("biosemi64")


def of_channels(values, names, **axes):
    return ic.Scores(values, {"unit": {"channel": names}, **axes}, "accuracy")


def test_a_topography_meets_sensors_by_name(head):
    names = ["O2", "Fz", "Pz", "Cz", "O1"]
    values = np.array([3.0, 0, 2, 1, 4])
    ax = ic.plots.topography(of_channels(values, names), head, threshold=2.5)
    part = ax.child_axes[0]
    image = part.images[0].get_array()
    rows = np.indices(image.shape)[0]
    assert (image * (rows < 32)).sum() > 3 * (image * (rows >= 32)).sum()  # the back is below
    dots = [len(line.get_xdata()) for line in part.lines if line.get_marker() == "o"]
    assert 2 in dots
    places = {c["ch_name"]: tuple(c["loc"][:3]) for c in head["chs"]}
    assert ic.plots.topography(of_channels(values, names), places) is not None


def test_a_head_for_each_time(head, rng):
    scores = of_channels(
        rng.normal(size=(5, 30)), head.ch_names, time={"time": np.arange(30) / 100}
    )
    ax = ic.plots.topography(scores, head, times=[0.051, 0.2])
    assert [part.get_title() for part in ax.child_axes] == ["50 ms", "200 ms"]
    assert len(ic.plots.topography(scores, head).child_axes) == 5
    with pytest.raises(ic.InputError, match="times from 0 to 0.29 s; '7.0' lie outside"):
        ic.plots.topography(scores, head, times=7.0)


@pytest.mark.parametrize(
    ("names", "sensors", "message"),
    [
        (["Fz", "Cz", "X9"], None, "no channels 'X9'"),
        (["Fz", "Cz"], None, "there are 2 channels"),
        (["Fz", "Cz", "Pz"], 3, "must be mne.Info"),
    ],
)
def test_sensors_that_are_nowhere_are_named(head, names, sensors, message):
    with pytest.raises(ic.InputError, match=message):
        ic.plots.topography(of_channels(np.ones(len(names)), names), sensors or head)


def test_a_map_without_channels_has_no_head(maps, head):
    with pytest.raises(ic.InputError, match="no axis of units with the column 'channel'"):
        ic.plots.topography(maps, head)


ASKED = re.compile(r"https?://(?!www\.w3\.org)")


def test_a_view_asks_no_network(maps, anatomy, rng, tmp_path):
    for given, options in (
        (maps, {"threshold": 1.0}),
        (maps, {"p": 0.05, "background": anatomy, "title": "a <b> & c"}),
        (on_cortex(rng), {"hemisphere": "right"}),
    ):
        page = ic.view(given, tmp_path / "map.html", **options)
        text = (tmp_path / "map.html").read_text(encoding="utf-8")
        assert text == page.html
        assert not ASKED.search(text)
        assert "<b>" not in text
        assert page._repr_html_().startswith("<iframe srcdoc=")
    assert "%" not in re.sub(r"<style>.*?</style>|<script>.*", "", text, flags=re.DOTALL)


def test_a_view_says_what_it_cannot_show(maps, rng, tmp_path):
    with pytest.raises(ic.InputError, match="no unit is beyond the threshold"):
        ic.view(maps, threshold=99.0)
    with pytest.raises(ic.InputError, match=r"must end in \.html"):
        ic.view(maps, tmp_path / "map.nii")
    with pytest.raises(ic.InputError, match="not known where the units lie"):
        ic.view(of_channels(rng.normal(size=3), list("abc")))
    assert list(tmp_path.iterdir()) == []


def test_colours_of_a_page_are_those_of_the_map():
    from isocortex.plots._turned import turned

    places = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    triangles = np.array([[0, 1, 2], [0, 1, 3]])
    values = np.array([1.0, -1.0, np.nan, 0.0])
    scale = {"cmap": "RdBu_r", "vmin": -1.0, "vmax": 1.0}
    page = turned(places, triangles, (values, np.array([1, 1, 1, -1])), scale, ("x", "left"))
    import base64

    packed = re.search(r'"colours": "([^"]+)"', page).group(1)
    colours = np.frombuffer(base64.b64decode(packed), np.uint8).reshape(-1, 3)
    expected = np.array([mpl.colormaps["RdBu_r"](x)[:3] for x in (1.0, 0.0, 0.5)])
    np.testing.assert_allclose(colours[[0, 1, 3]], 255 * expected, atol=1)
    assert (colours[2] == colours[2][0]).all()


def test_of_several_maps_the_sentence_names_a_label_that_there_is(maps, rng):
    tables = {"subject": {"subject": ["anna", "bob"]}, "unit": maps.tables["unit"]}
    two = ic.Scores(rng.normal(size=(2, len(maps.values))), tables, "spearman")
    with pytest.raises(ic.InputError, match=r"maps\.select\(subject='anna'\).*maps\.mean\('subj"):
        ic.plots.brain(two)
    assert ic.plots.brain(two.select(subject="anna")).images


@pytest.mark.parametrize(
    ("asked", "words"),
    [
        ({"slices": 0}, "slices=0 must be a whole number from 1"),
        ({"slices": 2.5}, "slices"),
        ({"limit": 0}, "limit=0 must be a number above 0"),
        ({"limit": -1.0}, "limit=-1.0 must be a number above 0"),
    ],
)
def test_numbers_of_figures_are_in_range(maps, asked, words):
    with pytest.raises(ic.InputError, match=words):
        ic.plots.brain(maps, **asked)


def test_an_image_beside_the_cortex_is_told():
    betas = np.random.default_rng(0).normal(size=(3, 3, 3, 2))
    affine = np.diag([2.0, 2, 2, 1])
    affine[:3, 3] = 300
    far = ic.read_nifti(nib.Nifti1Image(betas, affine))
    with pytest.raises(ic.InputError, match="cortex of fsaverage5 do not overlap"):
        ic.plots.surface(far.numpy()[0], far)


def test_words_are_no_map_to_view(maps):
    with pytest.raises(ic.InputError, match="a map is numbers|needs"):
        ic.view(np.array(["high"] * len(maps.values)), like=maps)


def texts(ax):
    return [each.get_text() for each in ax.texts]


def test_where_nothing_is_beyond_the_threshold_the_figure_says_so(maps):
    ax = plt.figure().add_subplot(projection="3d")
    for drawn_on in (
        ic.plots.brain(maps, threshold=1e6),
        ic.plots.glass(maps, threshold=1e6),
        ic.plots.surface(maps, threshold=1e6, ax=ax),
    ):
        assert "no unit is beyond the threshold" in texts(drawn_on)
    assert not texts(ic.plots.glass(maps))


def test_a_glass_brain_is_clear_where_there_is_no_score(maps):
    high = maps.replace(values=np.abs(maps.values) + 1, columns={})
    figure = ic.plots.glass(high, threshold=3.0).figure
    figure.canvas.draw()
    panels = [each for each in figure.axes if each.images]
    seen = [np.ma.getmaskarray(panel.images[-1].get_array()) for panel in panels[:3]]
    assert all(mask.mean() > 0.5 for mask in seen)


def test_maps_without_any_zero_are_viewed_without_a_warning():
    betas = np.random.default_rng(0).random(size=(5, 5, 4, 2)) + 1
    voxels = ic.read_nifti(nib.Nifti1Image(betas, 3 * np.eye(4)))
    assert "<html" in ic.view(voxels.numpy()[0], like=voxels).html


def test_a_slab_is_drawn_on_the_part_of_the_cortex_that_it_holds():
    from nilearn.datasets import fetch_surf_fsaverage

    from isocortex.plots.cortex import on_vertices

    def drawn_from(first, n):
        affine = np.diag([4.0, 4, 4, 1])
        affine[:3, 3] = [-100, -140, -100 + 4 * first]
        values = np.broadcast_to(100.0 + np.arange(first, first + n), (50, 60, n))
        both = np.stack([values, values], -1)
        voxels = ic.read_nifti(nib.Nifti1Image(both, affine))
        mesh = fetch_surf_fsaverage("fsaverage5")["pial_left"]
        return on_vertices(voxels.numpy()[0], voxels, mesh, "plots.surface", "left")

    whole, slab = drawn_from(0, 60), drawn_from(22, 8)
    assert np.isfinite(whole).all()
    inside = np.isfinite(slab)
    assert 0.1 < inside.mean() < 0.5
    assert (np.abs(slab[inside] - whole[inside]) <= 1).mean() > 0.99
    deep = (whole >= 124) & (whole <= 127)
    assert inside[deep].all()


@pytest.mark.parametrize("side", ["left", "right"])
def test_each_side_is_drawn_of_a_recording_of_both(side, rng):
    from isocortex.plots.cortex import on_vertices

    sides = ("left", "right")
    betas = {each: rng.normal(size=(10242, 1, 1, 2)).astype(np.float32) for each in sides}
    both = ic.read_surface({each: nib.MGHImage(betas[each], np.eye(4)) for each in sides})
    drawn = on_vertices(both.numpy()[0], both, None, "plots.surface", side)
    np.testing.assert_array_equal(drawn, betas[side][:, 0, 0, 0])
