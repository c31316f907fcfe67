import nibabel as nib
import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot as plt
from nibabel import gifti

import isocortex as ic
from isocortex.plots._mosaic import chosen_slices
from isocortex.plots.brains import colours

pytestmark = pytest.mark.filterwarnings("ignore:.*:DeprecationWarning")
AFFINE = np.diag([-8.0, 8, 8, 1])
AFFINE[:3, 3] = [72, -104, -48]


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


@pytest.fixture
def recording(rng):
    shape = (19, 24, 18)
    mask = np.zeros(shape, np.int16)
    mask[3:16, 3:20, 3:15] = 1
    return ic.read_nifti(nib.Nifti1Image(rng.normal(size=(*shape, 3)), AFFINE), mask=mask)


def test_slices_show_each_voxel_where_it_is(rng):
    shape = (4, 3, 2)
    values = rng.normal(size=(*shape, 1)).astype(np.float32)
    mask = np.ones(shape, np.int16)
    mask[0, 0, 1] = 0
    affine = np.diag([-2.0, 3, 4, 1])  # i runs to the left
    own = ic.read_nifti(nib.Nifti1Image(values, affine), mask=mask)
    ax = ic.plots.brain(own, own)
    page = np.asarray(ax.images[0].get_array().filled(np.nan))
    right = values[::-1, :, :, 0]
    # Above each slice there is room for its height.
    assert np.isnan(page[3:]).all()
    page = page[:3]
    np.testing.assert_array_equal(page[:, :4], right[:, :, 0].T)
    upper = right[:, :, 1].T.copy()
    upper[0, 3] = np.nan
    np.testing.assert_array_equal(page[:, 4:], upper)
    assert [text.get_text() for text in ax.texts[:2]] == ["z = 0 mm", "z = 4 mm"]
    assert ax.get_aspect() == pytest.approx(1.5)


def test_colours_are_around_zero_or_from_zero(recording):
    values = np.linspace(-1, 3, recording.n_units)
    assert ic.plots.brain(values, recording).images[0].get_clim() == (-3, 3)
    values = np.abs(values)
    assert ic.plots.brain(values, recording).images[0].get_clim() == (0, 3)
    assert ic.plots.brain(values, recording, limit=0.5).images[0].get_clim() == (0, 0.5)


def test_a_background_lies_below(recording, rng):
    image = nib.Nifti1Image(rng.normal(size=(19, 24, 18)), AFFINE)
    ax = ic.plots.brain(recording.take([1]), recording, background=image, slices=4)
    assert len(ax.images) == 2
    flat = nib.Nifti1Image(np.zeros((2, 2)), AFFINE)
    with pytest.raises(ic.InputError, match=r"background has shape \(2, 2\)"):
        ic.plots.brain(recording.take([1]), recording, background=flat)


def test_they_draw_into_the_axes_that_are_given(recording):
    values = np.linspace(-1, 1, recording.n_units)
    _, axes = plt.subplots(1, 2)
    assert ic.plots.brain(values, recording, ax=axes[0]) is axes[0]
    assert ic.plots.glass(values, recording, ax=axes[1]) is axes[1]
    solid = plt.figure().add_subplot(projection="3d")
    assert ic.plots.surface(values, recording, ax=solid) is solid


def test_a_recording_on_fsaverage5_needs_no_projection(rng):
    row = gifti.GiftiDataArray(rng.normal(size=10242).astype(np.float32))
    own = ic.read_gifti(gifti.GiftiImage(darrays=[row]), mask=np.arange(10242) < 5000)
    assert ic.plots.surface(own, own, hemisphere="right", view="ventral") is not None
    row = gifti.GiftiDataArray(rng.normal(size=40).astype(np.float32))
    small = ic.read_gifti(gifti.GiftiImage(darrays=[row]))
    with pytest.raises(ic.InputError, match="the recording has 40"):
        ic.plots.surface(small, small)


def test_one_map_at_a_time(recording, rng):
    tables = {
        "layer": pd.DataFrame({"layer": ["conv1", "conv2"]}),
        "unit": recording.units,
    }
    scores = ic.Scores(rng.normal(size=(2, recording.n_units)), tables, "pearson")
    with pytest.raises(ic.InputError, match=r"there are 2 \('conv1', 'conv2'\).*layer='conv1'"):
        ic.plots.brain(scores, recording)
    assert ic.plots.brain(scores.select(layer="conv2"), recording) is not None
    with pytest.raises(ic.InputError, match="draws one map"):
        ic.plots.glass(recording, recording)
    with pytest.raises(ic.InputError, match="every score is NaN"):
        ic.plots.brain(np.full(recording.n_units, np.nan), recording)
    with pytest.raises(ic.InputError, match="hemisphere='upper' is not known"):
        ic.plots.surface(scores.select(layer="conv2"), recording, hemisphere="upper")


def layered(rng):
    values = rng.normal(0.3, 0.1, size=(2, 5, 4))
    values[0, 0, 0] = np.nan
    tables = {
        "layer": pd.DataFrame({"layer": ["conv1", "conv2"], "network": "alexnet"}),
        "fold": pd.DataFrame({"fold": range(5)}),
        "unit": pd.DataFrame({"i": range(4)}),
    }
    return ic.Scores(values, tables, "pearson", {"ceiling": np.array([0.4, 0.5, 0.6, 0.7])})


def test_bars_are_means_and_points_what_they_are_of(rng):
    scores = layered(rng)
    ax = ic.plots.accuracy(scores, chance=0.1)
    heights = [bar.get_height() for bar in ax.patches]
    np.testing.assert_allclose(heights, np.nanmean(scores.values, (1, 2)))
    points = ax.collections[0].get_offsets()[:, 1]
    np.testing.assert_allclose(points, np.nanmean(scores.values[0], 1))
    said = ["mean of 5 folds and 4 units", "dots: folds", "1 of 40 scores are undefined"]
    assert ax.get_xlabel().split("\n") == said
    assert [tick.get_text() for tick in ax.get_xticklabels()] == ["conv1", "conv2"]
    lines = [each for each in ax.collections if hasattr(each, "get_segments")]
    assert lines[0].get_segments()[0][0, 1] == pytest.approx(0.55)


def test_points_of_units_and_none(rng):
    scores = layered(rng)
    ax = ic.plots.accuracy(scores, points="unit", ceiling=0.9)
    np.testing.assert_allclose(
        ax.collections[1].get_offsets()[:, 1], np.nanmean(scores.values[1], 0)
    )
    assert len(ic.plots.accuracy(scores.mean("fold", "unit"), points="none").patches) == 2
    with pytest.raises(ic.InputError, match="points='voxel' is not known"):
        ic.plots.accuracy(scores, points="voxel")
    twice = ic.Scores(
        np.zeros((2, 3)), {"layer": scores.tables["layer"], "time": pd.DataFrame({"t": range(3)})}
    )
    with pytest.raises(ic.InputError, match="one axis of bars beside folds and units"):
        ic.plots.accuracy(twice)


@pytest.mark.parametrize("n_slices", [3, 6])
def test_slices_go_through_what_is_beyond_the_threshold(recording, n_slices):
    levels = recording.units["k"].to_numpy()
    few = [3, 4, 7, 13, 14]  # slices with one voxel each, of 3 to 14
    values = np.full(recording.n_units, 0.1)
    for k in few:
        values[np.flatnonzero(levels == k)[50]] = 1.0
    ax = ic.plots.brain(values, recording, threshold=0.5, slices=n_slices)
    said = [text.get_text() for text in ax.texts]
    heights = [float(text.split()[2]) for text in said if text.startswith("z =")]
    of_few = {k * 8.0 - 48 for k in few}
    assert len(heights) == n_slices == len(set(heights))
    page = ax.images[-1].get_array()
    assert page.count() == min(n_slices, 5)
    if n_slices == 3:
        assert set(heights) < of_few
        assert said[-1] == "2 units beyond the threshold in 2 slices not shown"
    else:
        assert of_few < set(heights)
        assert not any("not shown" in text for text in said)


def test_slices_that_show_all_stay_evenly_spread():
    filled, counts = np.arange(10), np.zeros(10, dtype=int)
    np.testing.assert_array_equal(chosen_slices(filled, counts, 5), [1, 3, 5, 7, 9])
    counts[[3, 7]] = 4
    np.testing.assert_array_equal(chosen_slices(filled, counts, 5), [1, 3, 5, 7, 9])
    counts[2] = 1
    np.testing.assert_array_equal(chosen_slices(filled, counts, 5), [1, 2, 3, 7, 8])
    np.testing.assert_array_equal(chosen_slices(filled, counts, 20), filled)


def test_of_a_map_of_p_the_least_is_the_brightest():
    scale = colours(np.array([0.04, 0.001, np.nan]), None, "p_fdr")
    assert (scale["cmap"], scale["vmin"], scale["vmax"]) == ("viridis_r", 0.0, 0.04)
    assert colours(np.array([np.nan]), None, "p")["vmax"] == 1.0
    assert colours(np.array([-0.5, 0.2]), None)["vmin"] == -0.5
