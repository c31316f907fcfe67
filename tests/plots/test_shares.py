import matplotlib.pyplot as plt
import nibabel as nib
import numpy as np
import pytest
from matplotlib.colors import to_rgb

import isocortex as ic
from isocortex.plots._mosaic import OUTSIDE


def scores_of(share, names, units=None):
    n = share.shape[0]
    tables = {
        "layer": {"layer": ["a + b"]},
        "fold": {"fold": [0, 1]},
        "unit": units or {"unit": range(n)},
    }
    both = np.stack([share - 0.1, share + 0.1])[None]
    return ic.Scores(both.sum(-1), tables, "r2", {"share": both}, {"spaces": tuple(names)})


@pytest.fixture(autouse=True)
def _close():
    yield
    plt.close("all")


def test_bars_add_up_on_each_side_of_the_line_and_a_mark_is_at_their_sum():
    share = np.array([[0.2, 0.1, 0.05], [0.3, -0.1, -0.05]])
    ax = ic.plots.shares(scores_of(share, ["x", "y", "z"], {"region": ["LATL", "LIFG"]}))
    ends = {
        sign: [
            max(
                sign * (bar.get_x() + bar.get_width())
                for bar in ax.patches
                if round(bar.get_y() + 0.33) == i
            )
            for i in range(2)
        ]
        for sign in (1, -1)
    }
    np.testing.assert_allclose(ends[1], [0.35, 0.3])
    np.testing.assert_allclose(ends[-1], [0, 0.15], atol=1e-12)
    np.testing.assert_allclose(ax.collections[0].get_offsets()[:, 0], [0.35, 0.15])
    assert [each.get_text() for each in ax.get_yticklabels()] == ["LATL", "LIFG"]
    assert [each.get_text() for each in ax.get_legend().get_texts()] == ["x", "y", "z", "all"]


def test_many_units_are_a_cloud_for_each_space(rng):
    share = rng.random((300, 2))
    ax = ic.plots.shares(scores_of(share, ["x", "y"]))
    clouds = [each for each in ax.collections if len(each.get_offsets()) == 300]
    for cloud, values in zip(clouds, [*share.T, share.sum(1)], strict=True):
        np.testing.assert_allclose(cloud.get_offsets()[:, 0], values)
    assert [each.get_text() for each in ax.get_yticklabels()] == ["x", "y", "all"]


@pytest.mark.parametrize("n_spaces", [2, 3])
def test_spaces_are_red_green_and_blue_of_their_voxel(n_spaces):
    mask = np.zeros((4, 3, 2), np.int16)
    mask[1:3, 1, 0] = 1
    image = nib.Nifti1Image(np.ones((4, 3, 2, 1), np.float32), np.diag([2.0, 2, 2, 1]))
    own = ic.read_nifti(image, mask=mask)
    share = np.array([[0.4, 0.1, -0.3], [0.0, 0.2, 0.8]])[:, :n_spaces]
    ax = ic.plots.shares(scores_of(share, "xyz"[:n_spaces]), like=own, limit=0.4)
    page = np.asarray(ax.images[0].get_array())
    wanted = [[1, 0.25, 0], [0, 0.5, 1]] if n_spaces == 3 else [[1, 0, 0.25], [0, 0, 0.5]]
    np.testing.assert_allclose(page[1, 1:3], wanted)
    np.testing.assert_allclose(page[0, 0], to_rgb(OUTSIDE))
    assert "x (0.4)" in [each.get_text() for each in ax.get_legend().get_texts()]


def test_parts_of_scores_are_drawn_as_any(rng):
    share = rng.random((6, 2)) / 4
    parts = ic.partition(scores_of(share, ["x", "y"]))
    ax = ic.plots.partition(parts)
    np.testing.assert_allclose([bar.get_width() for bar in ax.patches], parts.explained)
    many = ic.partition(scores_of(rng.random((300, 2)), ["x", "y"]))
    assert len(ic.plots.partition(many).collections) < len(ax.collections)


def test_circles_hold_unique_and_shared_parts_of_scores(rng):
    x = rng.normal(size=(60, 3))
    spaces = [ic.Responses(v, labels={"layer": n}) for n, v in (("x", x[:, :2]), ("y", x[:, 1:]))]
    y = x @ [[0.5, 0.6], [2, 2], [0.7, 0.4]] + 0.1 * rng.normal(size=(60, 2))
    scores = ic.encode(spaces, ic.Responses(y), ic.BandedRidge([0.01, 0.1, 1.0]), folds=4)
    parts = ic.partition(scores, method="parts")
    assert parts.explained.min() > 0
    shown = {text.get_text() for text in ic.plots.partition(parts, venn=True).texts}
    assert {f"{value:.3f}" for value in parts.explained[:-1]} <= shown


def test_bad_input_is_answered_with_a_sentence(rng):
    four = scores_of(rng.random((3, 4)), "abcd")
    with pytest.raises(ic.InputError, match="shows 2 or 3 feature spaces as colours, not 4"):
        ic.plots.shares(four, like=1)
    plain = ic.Scores(np.ones(3), {"unit": {"unit": range(3)}})
    with pytest.raises(ic.InputError, match="scores of one model of several feature spaces"):
        ic.plots.shares(plain)
    with pytest.raises(ic.InputError, match="limit=0, the share of the brightest colour, must be"):
        ic.plots.shares(scores_of(rng.random((3, 2)), "ab"), like=1, limit=0)
    with pytest.raises(ic.InputError, match="no space explains anything that colours could show"):
        ic.plots.shares(scores_of(-rng.random((3, 2)), "ab"), like=1)
